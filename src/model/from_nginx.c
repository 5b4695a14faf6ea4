// SPDX-License-Identifier: Apache-2.0
// nginx's syntax tree to the server model: http, servers, locations, names, worker.
#include <ctype.h>

#include "base/limits.h"
#include "model/scope.h"

static struct sv_scope *new_scope(struct sv_site *site, enum sv_scope_kind kind,
                                  struct sv_node *node, struct sv_scope *parent,
                                  struct sv_vhost *vhost)
{
    struct sv_scope *s = sv_scope_new(site, kind, node, parent, vhost);
    sv_vec_push(site->arena, &site->scopes, s);
    return s;
}

/* ---- locations ---- */

static const struct {
    const char *text;
    enum sv_location_match match;
} modifiers[] = {
    {"^~", SV_MATCH_PREFIX_STOP},
    {"~*", SV_MATCH_REGEX_NOCASE},
    {"~", SV_MATCH_REGEX},
    {"=", SV_MATCH_EXACT},
};

/* The modifier may stand alone or be glued to the name. */
static void location_name(struct sv_site *site, struct sv_scope *s)
{
    struct sv_slice first = sv_node_arg(s->node, 0);
    s->name = first;
    s->match = SV_MATCH_PREFIX;
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
        size_t n = strlen(modifiers[i].text);
        if (!sv_slice_starts(first, modifiers[i].text))
            continue;
        s->match = modifiers[i].match;
        s->name = first.n == n ? sv_node_arg(s->node, 1) : sv_slice_sub(first, n, first.n);
        break;
    }
    if (s->match == SV_MATCH_PREFIX && first.n && first.p[0] == '@')
        s->match = SV_MATCH_NAMED;
    if (s->match != SV_MATCH_REGEX && s->match != SV_MATCH_REGEX_NOCASE)
        return;
    struct sv_err err;
    unsigned flags = s->match == SV_MATCH_REGEX_NOCASE ? SV_REGEX_NOCASE : 0;
    s->regex = sv_regex_get(site->regexes, s->name, flags, &err);
    if (!s->regex)
        sv_diag_at(site->diags, SV_DIAG_ERROR, s->node->head,
                   "this regular expression is not valid: %s", err.text);
}

/* Depth is bounded by the parser's limit on open blocks. */
static void add_children(struct sv_site *site, struct sv_scope *parent)
{
    sv_node_each(n, parent->node)
    {
        if (n->kind != SV_NODE_BLOCK)
            continue;
        if (sv_node_is(n, "location") && n->n_args) {
            struct sv_scope *s =
                new_scope(site, SV_SCOPE_LOCATION, n, parent, parent->vhost);
            location_name(site, s);
            sv_vec_push(site->arena, &parent->locations, s);
            add_children(site, s);
        } else if (sv_node_is(n, "if") || sv_node_is(n, "limit_except")) {
            enum sv_scope_kind kind = sv_node_is(n, "if") ? SV_SCOPE_IF : SV_SCOPE_LIMIT_EXCEPT;
            struct sv_scope *s = new_scope(site, kind, n, parent, parent->vhost);
            sv_vec_push(site->arena, &parent->ifs, s);
            add_children(site, s);
        }
    }
    sv_nginx_index_locations(site->arena, parent);
}

/* ---- servers ---- */

/* `server_name $hostname`: what gethostname(2) says where this configuration is run. */
static struct sv_slice host_name(const struct sv_site *site)
{
    struct sv_slice text;
    if (sv_fs_read(site->fs, site->arena, "/etc/hostname", SV_MAX_PATH, &text, NULL) < 0)
        return SV_LIT("localhost");
    return sv_slice_trim(sv_slice_sub(text, 0, sv_slice_chr(text, '\n')));
}

static void add_name(struct sv_site *site, struct sv_vhost *v, const struct sv_arg *arg)
{
    struct sv_server_name name = {.span = arg->span};
    if (arg->value.n > 1 && arg->value.p[0] == '~') {
        struct sv_err err;
        name.text = arg->value;
        name.regex = sv_regex_get(site->regexes, sv_slice_sub(arg->value, 1, arg->value.n),
                                  SV_REGEX_NOCASE, &err);
        if (!name.regex) {
            sv_diag_at(site->diags, SV_DIAG_ERROR, arg->span,
                       "this regular expression is not valid: %s", err.text);
            return;
        }
    } else {
        bool own = sv_slice_is(arg->value, "$hostname");
        name.text = sv_arena_mapped(site->arena, own ? host_name(site) : arg->value, tolower);
    }
    sv_vec_push(site->arena, &v->names, name);
}

static const char *label_of(const struct sv_vhost *v, struct sv_arena *a)
{
    sv_vec_each(n, &v->names)
    {
        if (!n->regex && n->text.n && !sv_slice_is(n->text, "_"))
            return sv_arena_copy(a, n->text).p;
    }
    return v->listens.n ? sv_arena_printf(a, "(no name, port %u)", v->listens.v[0].port)
                        : "(no name)";
}

static void add_server(struct sv_site *site, struct sv_node *node)
{
    struct sv_vhost *v = sv_new(site->arena, struct sv_vhost);
    v->site = site;
    v->scope = new_scope(site, SV_SCOPE_SERVER, node, site->http, v);
    sv_node_each(n, node)
    {
        if (!sv_node_is(n, "server_name"))
            continue;
        for (uint32_t i = 0; i < n->n_args; i++)
            add_name(site, v, &n->args[i]);
    }
    if (v->names.n == 0)
        sv_vec_push(site->arena, &v->names, (struct sv_server_name){.text = {"", 0}});
    sv_nginx_listens(site, v);
    v->label = label_of(v, site->arena);
    sv_vec_push(site->arena, &site->vhosts, v);
    add_children(site, v->scope);
}

/* ---- the whole ---- */

static void set_worker(struct sv_site *site)
{
    const struct sv_node *user = sv_node_find_last(site->root, "user");
    const char *name = "www-data", *group = NULL;
    struct sv_cred probe;
    if (user && user->n_args) {
        name = sv_arena_copy(site->arena, sv_node_arg(user, 0)).p;
        if (user->n_args > 1)
            group = sv_arena_copy(site->arena, sv_node_arg(user, 1)).p;
    } else if (!sv_identity_cred(site->ids, site->arena, name, NULL, &probe)) {
        name = "nobody";
    }
    site->worker_known = sv_identity_cred(site->ids, site->arena, name, group, &site->worker);
    if (!site->worker_known)
        sv_diag_path(site->diags, SV_DIAG_NOTE, site->config,
                     "worker user %s is not in /etc/passwd; file modes are not taken into account",
                     name);
}

static const char *prefix_of(const char *config)
{
    static const char *const own[] = {"/usr/local/nginx", "/usr/local/openresty/nginx",
                                      "/opt/nginx"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (sv_path_below(config, own[i]))
            return own[i];
    return "/usr/share/nginx";
}

/* A fragment's servers and locations, wrapped as if a main file had included them. */
static struct sv_node *wrap(struct sv_site *site, struct sv_node *root)
{
    bool bare = sv_node_find(root, "location") || sv_node_find(root, "root") ||
                sv_node_find(root, "listen") || sv_node_find(root, "alias");
    if (sv_node_find(root, "server") || !bare)
        return root;
    struct sv_node *http = sv_new(site->arena, struct sv_node);
    struct sv_node *server = sv_new(site->arena, struct sv_node);
    *http = (struct sv_node){.kind = SV_NODE_BLOCK, .name = SV_LIT("http"), .span = root->span};
    *server = *root;
    server->kind = SV_NODE_BLOCK;
    server->name = SV_LIT("server");
    server->head = (struct sv_span){root->span.file, root->span.start, root->span.start};
    sv_node_append(http, server);
    return http;
}

static bool is_fragment(const struct sv_node *root)
{
    static const char *const names[] = {"server", "location", "root", "alias", "listen",
                                        "map", "upstream", "geo", "log_format", "proxy_pass"};
    if (sv_node_find(root, "events"))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_find(root, names[i]))
            return true;
    return false;
}

struct sv_site *sv_model_from_nginx(const struct sv_model_env *env, struct sv_node *root,
                                    const char *config)
{
    struct sv_site *site = sv_new(env->arena, struct sv_site);
    *site = (struct sv_site){
        .kind = SV_SITE_NGINX,
        .config = config,
        .root = root,
        .prefix = prefix_of(config),
        .conf_dir = sv_path_dir(env->arena, config),
        .arena = env->arena,
        .fs = env->fs,
        .sources = env->sources,
        .diags = env->diags,
        .regexes = env->regexes,
        .ids = env->ids,
    };
    set_worker(site);
    struct sv_node *http = sv_node_find_last(root, "http");
    if (!http && is_fragment(root))
        http = wrap(site, root);
    if (!http)
        return site;
    site->http = new_scope(site, SV_SCOPE_HTTP, http, NULL, NULL);
    sv_node_each(n, http)
    {
        if (sv_node_is(n, "server") && n->kind == SV_NODE_BLOCK)
            add_server(site, n);
    }
    sv_nginx_groups(site);
    return site;
}
