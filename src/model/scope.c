// SPDX-License-Identifier: Apache-2.0
// Questions to a scope: what is set here, and what is inherited from where.
#include "model/container.h"
#include "model/scope.h"

enum { FEW = 4 }; /* directives that are compared one by one: most locations hold no more */

static struct sv_name_slot own(const struct sv_scope *s, struct sv_slice name)
{
    struct sv_name_slot found = {0};
    if (s->names) {
        uint32_t at = sv_map_find(&s->names->at, name);
        return at ? s->names->list.v[at - 1] : found;
    }
    sv_node_each(n, s->node)
    {
        if (!sv_slice_eq(n->name, name))
            continue;
        if (!found.first)
            found.first = n;
        found.last = n;
    }
    return found;
}

/* The rewrite module's directives; thousands of locations beside them need not be looked at. */
static bool is_rewrite(const struct sv_node *n)
{
    static const char *const names[] = {"if", "set", "rewrite", "return", "break"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_is(n, names[i]))
            return true;
    return sv_slice_find(n->name, "_by_lua") < n->name.n;
}

static bool is_proxying(const struct sv_node *n)
{
    static const char *const names[] = {"proxy_pass", "proxypass", "proxypassmatch", "rewriterule"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_is(n, names[i]))
            return true;
    return false;
}

static bool is_of_rewrite(const struct sv_node *n)
{
    return n->kind == SV_NODE_DIRECTIVE && sv_slice_starts(n->name, "rewrite");
}

/* Require, its containers, how they are merged, and the sections that may hold them. */
static bool is_of_authz(const struct sv_node *n)
{
    return sv_slice_starts(n->name, "require") || sv_node_is(n, "authmerging") ||
           sv_node_is(n, "limit") || sv_node_is(n, "limitexcept");
}

static const struct sv_node **only(struct sv_arena *a, const struct sv_node *parent,
                                   bool (*wanted)(const struct sv_node *))
{
    SV_VEC(const struct sv_node *) list = {0};
    sv_node_each(n, parent)
    {
        if (wanted(n))
            sv_vec_push(a, &list, n);
    }
    if (list.n)
        sv_vec_push(a, &list, NULL);
    return list.v;
}

void sv_scope_index(struct sv_arena *a, struct sv_scope *s)
{
    uint32_t n = 0;
    sv_node_each(it, s->node)
    {
        n++;
        s->rewrites |= is_rewrite(it);
        s->proxies |= is_proxying(it);
    }
    if (n && s->site->kind == SV_SITE_APACHE) {
        s->of_rewrite = only(a, s->node, is_of_rewrite);
        s->of_authz = only(a, s->node, is_of_authz);
    }
    if (n <= FEW)
        return;
    s->names = sv_new(a, struct sv_name_index);
    sv_node_each(it, s->node)
    {
        uint32_t *at = sv_map_at(a, &s->names->at, it->name);
        if (!*at) {
            sv_vec_push(a, &s->names->list, (struct sv_name_slot){.first = it});
            *at = (uint32_t)s->names->list.n;
        }
        s->names->list.v[*at - 1].last = it;
    }
}

struct sv_scope *sv_scope_new(struct sv_site *site, enum sv_scope_kind kind, struct sv_node *node,
                              struct sv_scope *parent, struct sv_vhost *vhost)
{
    struct sv_scope *s = sv_new(site->arena, struct sv_scope);
    *s = (struct sv_scope){.kind = kind, .node = node, .parent = parent,
                           .site = site, .vhost = vhost, .id = (uint32_t)site->scopes.n};
    sv_scope_index(site->arena, s);
    return s;
}

struct sv_node *sv_scope_own(const struct sv_scope *scope, const char *name)
{
    return own(scope, sv_slice_of(name)).first;
}

struct sv_node *sv_scope_own_last(const struct sv_scope *scope, const char *name)
{
    return own(scope, sv_slice_of(name)).last;
}

struct sv_node *sv_scope_get(const struct sv_scope *scope, const char *name,
                             const struct sv_scope **ret_scope)
{
    struct sv_slice key = sv_slice_of(name);
    for (const struct sv_scope *s = scope; s; s = s->parent) {
        struct sv_node *last = own(s, key).last;
        if (!last)
            continue;
        if (ret_scope)
            *ret_scope = s;
        return last;
    }
    return NULL;
}

const struct sv_scope *sv_scope_list(const struct sv_scope *scope, const char *const *names)
{
    for (const struct sv_scope *s = scope; s; s = s->parent)
        for (const char *const *n = names; *n; n++)
            if (sv_scope_own(s, *n))
                return s;
    return NULL;
}

bool sv_scope_flag(const struct sv_scope *scope, const char *name, bool dflt)
{
    const struct sv_node *n = sv_scope_get(scope, name, NULL);
    if (!n)
        return dflt;
    return sv_slice_is_nocase(sv_node_arg(n, 0), "on");
}

const struct sv_scope *sv_site_top(const struct sv_site *site)
{
    return site->kind == SV_SITE_APACHE && site->vhosts.n ? site->vhosts.v[0]->scope : site->http;
}

struct sv_scopes sv_vhost_scopes(const struct sv_vhost *v)
{
    const struct sv_site *site = v->site;
    struct sv_scopes run = {site->scopes.v + v->scope->id, 0};
    while (v->scope->id + run.n < site->scopes.n && run.v[run.n]->vhost == v)
        run.n++;
    return run;
}

bool sv_vhost_on_network(const struct sv_vhost *v)
{
    sv_vec_each(l, &v->listens)
    {
        if (!sv_listen_is_local(l))
            return true;
    }
    return false;
}

const struct sv_scope *sv_scope_location(const struct sv_scope *scope)
{
    while (scope->parent && (scope->kind == SV_SCOPE_IF || scope->kind == SV_SCOPE_LIMIT_EXCEPT))
        scope = scope->parent;
    return scope;
}

/* "<Directory /srv>" as it is written, "the .htaccess file". */
static const char *section_text(struct sv_arena *a, const struct sv_scope *scope)
{
    if (scope->kind == SV_SCOPE_HTACCESS)
        return "the .htaccess file";
    return sv_arena_copy(a, sv_node_head_text(scope->site->sources, a, scope->node)).p;
}

const char *sv_site_kind_name(enum sv_site_kind kind)
{
    switch (kind) {
    case SV_SITE_NGINX:
        return "nginx";
    case SV_SITE_APACHE:
        return "apache";
    }
    return "";
}

const char *sv_scope_text(struct sv_arena *a, const struct sv_scope *scope)
{
    static const char *const modifier[] = {
        [SV_MATCH_PREFIX] = "", [SV_MATCH_PREFIX_STOP] = "^~ ",  [SV_MATCH_EXACT] = "= ",
        [SV_MATCH_REGEX] = "~ ", [SV_MATCH_REGEX_NOCASE] = "~* ", [SV_MATCH_NAMED] = "",
        [SV_MATCH_GLOB] = ""};
    if (scope->site->kind == SV_SITE_APACHE && scope->parent && scope->kind != SV_SCOPE_SERVER)
        return section_text(a, scope);
    switch (scope->kind) {
    case SV_SCOPE_HTTP:
        return "http";
    case SV_SCOPE_SERVER:
        return sv_arena_printf(a, "server %s", scope->vhost->label);
    case SV_SCOPE_LOCATION:
        return sv_arena_printf(a, "location %s%.*s", modifier[scope->match], (int)scope->name.n,
                               scope->name.p);
    case SV_SCOPE_IF:
        return "if";
    case SV_SCOPE_LIMIT_EXCEPT:
        return "limit_except";
    case SV_SCOPE_LIMIT:
    case SV_SCOPE_DIRECTORY:
    case SV_SCOPE_FILES:
    case SV_SCOPE_PROXY:
    case SV_SCOPE_HTACCESS:
        return section_text(a, scope);
    }
    return "";
}

const char *sv_site_path(const struct sv_site *site, struct sv_arena *a, struct sv_slice path)
{
    if (path.n && path.p[0] == '/')
        return sv_arena_copy(a, path).p;
    return sv_arena_printf(a, "%s/%.*s", site->prefix, (int)path.n, path.p);
}

unsigned sv_condition_words(const struct sv_node *n, struct sv_slice w[3])
{
    unsigned count = 0;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice s = n->args[i].value;
        if (i == 0 && s.n && s.p[0] == '(' && !n->args[i].quote)
            s = sv_slice_sub(s, 1, s.n);
        if (i + 1 == n->n_args && s.n && s.p[s.n - 1] == ')' && !n->args[i].quote)
            s.n--;
        if (s.n == 0 && !n->args[i].quote)
            continue;
        if (count == 3)
            return 4;
        w[count++] = s;
    }
    return count;
}

struct sv_node *sv_site_table(const struct sv_site *site, struct sv_slice name)
{
    if (!site->http)
        return NULL;
    sv_node_each(n, site->http->node)
    {
        struct sv_slice var = n->n_args ? sv_node_arg(n, n->n_args - 1) : SV_LIT("");
        if (n->kind == SV_NODE_BLOCK && var.n > 1 && var.p[0] == '$' &&
            sv_slice_eq_nocase(sv_slice_sub(var, 1, var.n), name) &&
            (sv_node_is(n, "map") || sv_node_is(n, "geo") || sv_node_is(n, "split_clients")))
            return n;
    }
    return NULL;
}

bool sv_listen_is_local(const struct sv_listen *l)
{
    struct sv_slice addr = l->addr;
    if (l->inside && !l->published)
        return true;
    if (l->inside && !l->is_unix)
        addr = l->published->host;
    return l->is_unix || sv_slice_starts(addr, "127.") || sv_slice_is(addr, "::1");
}
