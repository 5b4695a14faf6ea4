// SPDX-License-Identifier: Apache-2.0
// Tables of server names: exact ones, wildcards by the labels they end or begin with, expressions.
#include "model/nginx_names.h"

enum { MAX_WILD = 4096 }; /* nginx refuses longer words, so no server_name has more */

struct builder {
    struct sv_arena *a;
    struct sv_name_table *t;
    struct sv_map taken; /* what stands for an exact name when conflicts are looked for */
};

/* False if the key was there before. */
static bool put(struct builder *b, struct sv_map *m, struct sv_slice key)
{
    uint32_t *at = sv_map_at(b->a, m, key);
    if (*at)
        return false;
    *at = (uint32_t)b->t->list.n + 1;
    return true;
}

/* ngx_hash_add_key. ".x" takes x and *.x: if either is taken the other is not served by it, and a
 * later "x" finds x taken all the same. */
static void add(struct builder *b, const struct sv_vhost *v, const struct sv_server_name *name)
{
    struct sv_slice s = name->text;
    struct sv_name_table *t = b->t;
    bool added;
    if (s.n > 1 && s.p[0] == '.') {
        struct sv_slice x = sv_slice_sub(s, 1, s.n);
        added = put(b, &b->taken, x) && put(b, &t->head, x);
        if (added)
            put(b, &t->exact, x);
    } else if (s.n > 2 && s.p[0] == '*' && s.p[1] == '.') {
        added = put(b, &t->head, sv_slice_sub(s, 2, s.n));
    } else if (s.n > 2 && s.p[s.n - 1] == '*' && s.p[s.n - 2] == '.') {
        added = put(b, &t->tail, sv_slice_sub(s, 0, s.n - 2));
    } else {
        added = put(b, &b->taken, s) && put(b, &t->exact, s);
    }
    if (added)
        sv_vec_push(b->a, &t->list, (struct sv_named){v, name});
}

struct sv_name_table *sv_nginx_names(struct sv_arena *a, const struct sv_listen_group *g)
{
    struct builder b = {.a = a, .t = sv_new(a, struct sv_name_table)};
    sv_vec_each(v, &g->vhosts)
    {
        sv_vec_each(name, &(*v)->names)
        {
            if (name->regex)
                sv_vec_push(a, &b.t->regexes, (struct sv_named){*v, name});
            else
                add(&b, *v, name);
        }
    }
    return b.t;
}

/* The longest "*.x" that fits; longer ones than MAX_WILD are in no table. */
static uint32_t longest_head(const struct sv_map *m, struct sv_slice host)
{
    size_t from = host.n > MAX_WILD ? host.n - MAX_WILD : 0;
    for (size_t i = from; m->n && i < host.n; i++) {
        if (host.p[i] != '.')
            continue;
        uint32_t hit = sv_map_find(m, sv_slice_sub(host, i + 1, host.n));
        if (hit)
            return hit;
    }
    return 0;
}

static uint32_t longest_tail(const struct sv_map *m, struct sv_slice host)
{
    uint32_t best = 0;
    uint64_t hash = sv_map_hash_start(m);
    for (size_t i = 0; m->n && i < host.n; i++) {
        uint32_t hit = 0;
        if (host.p[i] == '.')
            hit = sv_map_find_hashed(m, sv_slice_sub(host, 0, i), hash);
        best = hit ? hit : best;
        hash = sv_map_hash_add(m, hash, host.p[i]);
    }
    return best;
}

const struct sv_named *sv_nginx_named(const struct sv_name_table *t, struct sv_slice host)
{
    uint32_t at = sv_map_find(&t->exact, host);
    if (!at)
        at = longest_head(&t->head, host);
    if (!at)
        at = longest_tail(&t->tail, host);
    if (at)
        return &t->list.v[at - 1];
    sv_vec_each(r, &t->regexes)
    {
        if (host.n && sv_regex_match(r->name->regex, host, 0, NULL) == SV_MATCH_YES)
            return r;
    }
    return NULL;
}
