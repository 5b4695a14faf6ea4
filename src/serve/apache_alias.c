// SPDX-License-Identifier: Apache-2.0
// Which Alias lines of a server can take a URI: plain ones by their text, expressions one by one.
#include "serve/apache_names.h"
#include "serve/apache_sections.h"
#include "serve/memo.h"

static bool is_alias_directive(const struct sv_node *n)
{
    return sv_node_is(n, "alias") || sv_node_is(n, "aliasmatch") || sv_node_is(n, "scriptalias") ||
           sv_node_is(n, "scriptaliasmatch");
}

static struct sv_alias_lines *lines_of(const struct sv_site *site, const struct sv_scope *s)
{
    struct sv_arena *a = site->arena;
    struct sv_alias_lines *x = sv_new(a, struct sv_alias_lines);
    sv_node_each(n, s->node)
    {
        if (n->n_args != 2 || !is_alias_directive(n))
            continue;
        sv_vec_push(a, &x->list, n);
        uint32_t place = (uint32_t)x->list.n;
        if (sv_slice_ends(n->name, "match")) {
            sv_vec_push(a, &x->regexes, place);
            continue;
        }
        uint32_t *at = sv_map_at(a, &x->plain, ap_merge_slashes(a, sv_node_arg(n, 0)));
        *at = *at ? *at : place;
    }
    return x;
}

const struct sv_alias_lines *ap_alias_lines(const struct sv_site *site, const struct sv_scope *s)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    if (!memo->aliases)
        memo->aliases = sv_new_n(site->arena, struct sv_alias_lines *, site->scopes.n);
    if (!memo->aliases[s->id])
        memo->aliases[s->id] = lines_of(site, s);
    return memo->aliases[s->id];
}

uint32_t ap_alias_plain(struct sv_arena *a, const struct sv_alias_lines *x, struct sv_slice uri)
{
    uint64_t hash = sv_map_hash_start(&x->plain);
    uint32_t best = 0;
    if (x->plain.n == 0)
        return 0;
    uri = ap_merge_slashes(a, uri);
    for (size_t n = 1; n <= uri.n; n++) {
        hash = sv_map_hash_add(&x->plain, hash, uri.p[n - 1]);
        if (n < uri.n && uri.p[n - 1] != '/' && uri.p[n] != '/')
            continue;
        uint32_t at = sv_map_find_hashed(&x->plain, sv_slice_sub(uri, 0, n), hash);
        best = at && (!best || at < best) ? at : best;
    }
    return best;
}
