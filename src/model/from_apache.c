// SPDX-License-Identifier: Apache-2.0
// httpd's syntax tree to the server model: main server, virtual hosts, names.
#include "model/scope.h"

static struct sv_slice lower(struct sv_arena *a, struct sv_slice s)
{
    struct sv_slice out = sv_arena_copy(a, s);
    for (size_t i = 0; i < out.n; i++)
        if (out.p[i] >= 'A' && out.p[i] <= 'Z')
            ((char *)out.p)[i] = (char)(out.p[i] | 0x20);
    return out;
}

/* ServerName is "[scheme://]host[:port]". */
static struct sv_slice host_of(struct sv_slice s)
{
    size_t scheme = sv_slice_find(s, "://");
    if (scheme < s.n)
        s = sv_slice_sub(s, scheme + 3, s.n);
    size_t from = s.n && s.p[0] == '[' ? sv_slice_chr(s, ']') : 0;
    return sv_slice_sub(s, 0, from + sv_slice_chr(sv_slice_sub(s, from, s.n), ':'));
}

/* The last ServerName counts, all ServerAlias do; the name stands first. */
static void add_names(struct sv_site *site, struct sv_vhost *v)
{
    const struct sv_node *name = sv_scope_own_last(v->scope, "servername");
    if (name && name->n_args)
        sv_vec_push(site->arena, &v->names,
                    (struct sv_server_name){
                        .text = lower(site->arena, host_of(sv_node_arg(name, 0))),
                        .span = name->args[0].span});
    if (!sv_scope_own(v->scope, "serveralias"))
        return;
    sv_node_each(n, v->scope->node)
    {
        if (!sv_node_is(n, "serveralias"))
            continue;
        for (uint32_t i = 0; i < n->n_args; i++)
            sv_vec_push(site->arena, &v->names,
                        (struct sv_server_name){.text = lower(site->arena, n->args[i].value),
                                                .span = n->args[i].span});
    }
}

static bool has_wildcard_address(const struct sv_vhost *v)
{
    sv_vec_each(l, &v->listens)
    {
        if (l->wildcard)
            return true;
    }
    return false;
}

/* A virtual host without a ServerName goes by the main server's, if its address is a wildcard, else
 * by what its first address resolves to: that of the loopback needs no resolver (hosts(5)). */
static void borrow_name(struct sv_site *site, struct sv_vhost *v)
{
    const struct sv_vhost *main_host = site->vhosts.v[0];
    if (v == main_host || sv_scope_own(v->scope, "servername") || v->listens.n == 0)
        return;
    if (has_wildcard_address(v)) {
        if (sv_scope_own(main_host->scope, "servername"))
            sv_vec_push(site->arena, &v->names, main_host->names.v[0]);
        return;
    }
    struct sv_slice addr = v->listens.v[0].addr;
    if (sv_slice_is(addr, "127.0.0.1") || sv_slice_is(addr, "::1"))
        sv_vec_push(site->arena, &v->names,
                    (struct sv_server_name){.text = SV_LIT("localhost")});
}

static const char *label_of(const struct sv_vhost *v, struct sv_arena *a)
{
    if (v->names.n)
        return sv_arena_copy(a, v->names.v[0].text).p;
    if (v->apache->is_main)
        return "main server";
    return sv_arena_printf(a, "(no name, %.*s)", (int)sv_node_arg(v->scope->node, 0).n,
                           sv_node_arg(v->scope->node, 0).p);
}

static struct sv_apache_server *add_server(struct sv_site *site, struct sv_node *node)
{
    struct sv_vhost *v = sv_new(site->arena, struct sv_vhost);
    struct sv_apache_server *s = sv_new(site->arena, struct sv_apache_server);
    struct sv_scope *parent = site->apache->main ? site->apache->main->vhost->scope : NULL;
    v->site = site;
    v->apache = s;
    v->scope = sv_scope_new(site, SV_SCOPE_SERVER, node, parent, v);
    sv_vec_push(site->arena, &site->scopes, v->scope);
    sv_vec_push(site->arena, &site->vhosts, v);
    s->vhost = v;
    s->is_main = parent == NULL;
    if (s->is_main)
        site->apache->main = s;
    s->main_scope = site->apache->main->vhost->scope;
    add_names(site, v);
    v->label = label_of(v, site->arena);
    sv_apache_sections(site, v->scope, true);
    sv_apache_order(site, s);
    s->document_root = sv_scope_own_last(v->scope, "documentroot");
    if (!s->document_root)
        s->document_root = site->apache->main->document_root;
    return s;
}

struct sv_site *sv_model_from_apache(const struct sv_model_env *env,
                                     const struct sv_apache_tree *tree, const char *config)
{
    struct sv_site *site = sv_new(env->arena, struct sv_site);
    struct sv_apache *ap = sv_new(env->arena, struct sv_apache);
    *ap = (struct sv_apache){.tree = *tree, .version = "2.4"};
    *site = (struct sv_site){
        .kind = SV_SITE_APACHE,
        .config = config,
        .root = tree->root,
        .apache = ap,
        .prefix = tree->server_root ? tree->server_root : "/etc/apache2",
        .conf_dir = sv_path_dir(env->arena, config),
        .arena = env->arena,
        .fs = env->fs,
        .sources = env->sources,
        .diags = env->diags,
        .regexes = env->regexes,
        .ids = env->ids,
    };
    sv_apache_worker(site);
    (void)add_server(site, tree->root);
    sv_node_each(n, tree->root)
    {
        if (sv_node_is(n, "listen") && n->n_args)
            sv_vec_push(env->arena, &ap->listens, n);
        else if (sv_node_is(n, "virtualhost") && n->kind == SV_NODE_BLOCK)
            (void)add_server(site, n);
    }
    sv_apache_listens(site);
    sv_vec_each(v, &site->vhosts)
    {
        borrow_name(site, *v);
    }
    return site;
}
