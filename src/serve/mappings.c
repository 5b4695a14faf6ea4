// SPDX-License-Identifier: Apache-2.0
// The folders that a site maps URLs to, as far as the configuration fixes them.
#include "serve/answer.h"
#include "serve/apache_answer.h"

/* True if `text` holds a variable at i. */
static bool variable_at(struct sv_slice text, size_t i)
{
    return text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] != '/';
}

static struct sv_mapping mapping_of(const struct sv_site *site, struct sv_arena *a,
                                    const struct sv_scope *scope, struct sv_node *n)
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
        while (fixed > 0 && text.p[fixed - 1] != '/')
            fixed--;
        text = sv_slice_sub(text, 0, fixed);
    }
    if (n && sv_node_is(n, "alias")) {
        m.is_alias = true;
        if (loc->kind == SV_SCOPE_LOCATION && loc->match < SV_MATCH_REGEX)
            m.uri_prefix = loc->name;
    }
    if (text.n == 0 && !m.exact)
        text = SV_LIT("/");
    m.dir = sv_path_join(a, "/", sv_site_path(site, a, text));
    /* Set at http level: every server that does not set its own. */
    sv_vec_each(v, &site->vhosts)
    {
        if (scope->vhost ? scope->vhost == *v : sv_scope_get((*v)->scope, "root", NULL) == n)
            sv_vec_push(a, &m.vhosts, *v);
    }
    return m;
}

static void nginx_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret)
{
    bool default_root = false;
    if (!site->http)
        return;
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_scope *s = *it;
        struct sv_node *alias = sv_scope_own(s, "alias"), *root = sv_scope_own(s, "root");
        if (alias || root)
            sv_vec_push(a, &ret->list, mapping_of(site, a, s, alias ? alias : root));
        else if (s->kind == SV_SCOPE_SERVER && !sv_scope_get(s, "root", NULL))
            default_root = true;
    }
    if (default_root)
        sv_vec_push(a, &ret->list, mapping_of(site, a, site->http, NULL));
}

void sv_serve_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret)
{
    switch (site->kind) {
    case SV_SITE_NGINX:
        nginx_mappings(site, a, ret);
        break;
    case SV_SITE_APACHE:
        sv_apache_mappings(site, a, ret);
        break;
    }
}
