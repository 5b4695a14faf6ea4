// SPDX-License-Identifier: Apache-2.0
// The folders that a site maps URLs to, as far as the configuration fixes them.
#include "serve/answer.h"
#include "serve/apache_answer.h"
#include "serve/memo.h"

/* True if `text` holds a variable at i. */
static bool variable_at(struct sv_slice text, size_t i)
{
    return text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] != '/';
}

/* Many locations repeat their server's root: one text and one list of servers does for all. */
static void share(struct sv_mapping *m, const struct sv_mapping *last, struct sv_slice dir)
{
    if (!last || last->scope->vhost != m->scope->vhost)
        return;
    if (last->exact && m->exact && sv_slice_eq(last->value, dir))
        m->dir = last->dir;
    if (m->scope->vhost) {
        m->vhosts.v = last->vhosts.v;
        m->vhosts.n = m->vhosts.cap = 1;
    }
}

static struct sv_mapping mapping_of(const struct sv_site *site, struct sv_arena *a,
                                    const struct sv_scope *scope, struct sv_node *n,
                                    const struct sv_mapping *last)
{
    struct sv_mapping m = {.scope = scope, .node = n, .uri_prefix = SV_LIT(""), .exact = true};
    struct sv_slice text = n ? sv_node_arg(n, 0) : SV_LIT("html");
    const struct sv_scope *loc = sv_scope_location(scope);
    bool regex = loc->match == SV_MATCH_REGEX || loc->match == SV_MATCH_REGEX_NOCASE;
    m.value = n ? text : (struct sv_slice){"", 0};
    if (loc->kind == SV_SCOPE_LOCATION && regex)
        m.pattern = loc->name;
    size_t fixed = 0;
    while (fixed < text.n && !variable_at(text, fixed))
        fixed++;
    if (fixed < text.n) {
        m.exact = false;
        text = sv_slice_dir(sv_slice_sub(text, 0, fixed));
    }
    if (n && sv_node_is(n, "alias")) {
        m.is_alias = true;
        if (loc->kind == SV_SCOPE_LOCATION && loc->match < SV_MATCH_REGEX)
            m.uri_prefix = loc->name;
    }
    if (text.n == 0 && !m.exact)
        text = SV_LIT("/");
    share(&m, last, text);
    if (!m.dir)
        m.dir = sv_path_join(a, "/", sv_site_path(site, a, text));
    if (scope->vhost && m.vhosts.n == 0) {
        m.vhosts.v = sv_new(a, const struct sv_vhost *);
        m.vhosts.v[0] = scope->vhost;
        m.vhosts.n = m.vhosts.cap = 1;
    }
    if (scope->vhost)
        return m;
    /* Set at http level: every server that does not set its own. */
    sv_vec_each(v, &site->vhosts)
    {
        if (sv_scope_get((*v)->scope, "root", NULL) == n)
            sv_vec_push(a, &m.vhosts, *v);
    }
    return m;
}

static void nginx_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret)
{
    bool default_root = false;
    if (!site->http)
        return;
    size_t n = 1;
    sv_vec_each(it, &site->scopes)
    {
        n += sv_scope_own(*it, "alias") || sv_scope_own(*it, "root");
    }
    ret->list.v = sv_new_n(a, struct sv_mapping, n);
    ret->list.cap = n;
    const struct sv_mapping *last = NULL;
    struct sv_arena own = {0};
    struct sv_map seen = {0}; /* folders of one server's roots */
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_scope *s = *it;
        struct sv_node *alias = sv_scope_own(s, "alias"), *root = sv_scope_own(s, "root");
        if (alias || root) {
            struct sv_mapping m = mapping_of(site, a, s, alias ? alias : root, last);
            if (!last || last->scope->vhost != s->vhost) {
                sv_arena_clear(&own);
                seen = (struct sv_map){0};
            }
            if (!m.is_alias && m.exact)
                m.repeats = (*sv_map_at(&own, &seen, sv_slice_of(m.dir)))++ > 0;
            sv_vec_push(a, &ret->list, m);
            last = &ret->list.v[ret->list.n - 1];
        } else if (s->kind == SV_SCOPE_SERVER && !sv_scope_get(s, "root", NULL)) {
            default_root = true;
        }
    }
    sv_arena_clear(&own);
    if (default_root)
        sv_vec_push(a, &ret->list, mapping_of(site, a, site->http, NULL, NULL));
}

static void make(const struct sv_site *site, struct sv_mappings *ret)
{
    switch (site->kind) {
    case SV_SITE_NGINX:
        nginx_mappings(site, site->arena, ret);
        break;
    case SV_SITE_APACHE:
        sv_apache_mappings(site, site->arena, ret);
        break;
    }
}

const struct sv_mappings *sv_site_mappings(const struct sv_site *site)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    if (!memo->has_mappings)
        make(site, &memo->mappings);
    memo->has_mappings = true;
    return &memo->mappings;
}

void sv_serve_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret)
{
    (void)a;
    *ret = *sv_site_mappings(site);
    ret->list.cap = ret->list.n; /* who appends gets a list of its own */
    ret->rules.cap = ret->rules.n;
}
