// SPDX-License-Identifier: Apache-2.0
// Tables of server names: exact ones, wildcards by the labels they end or begin with, expressions.
#include "model/nginx_names.h"

enum {
    MAX_WILD = 4096,   /* nginx refuses longer words, so no server_name has more */
    MAX_ASKED = 65536, /* names that are remembered, none longer than a name of DNS */
    MAX_ASKED_NAME = 255,
};

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
    b.t->asked = sv_new(a, struct sv_names_asked);
    b.t->asked->arena = a;
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

/* Each file is asked for by the same names, and one expression after the other is slow. */
static const struct sv_named *first_regex(const struct sv_name_table *t, struct sv_slice host)
{
    struct sv_names_asked *asked = t->asked;
    uint32_t at = sv_map_find(&asked->hosts, host), n = (uint32_t)t->regexes.n;
    if (n == 0 || host.n == 0)
        return NULL;
    if (!at) {
        while (at < n &&
               sv_regex_match(t->regexes.v[at].name->regex, host, 0, NULL) != SV_MATCH_YES)
            at++;
        at++;
        if (asked->hosts.n < MAX_ASKED && host.n <= MAX_ASKED_NAME)
            *sv_map_at(asked->arena, &asked->hosts, sv_arena_copy(asked->arena, host)) = at;
    }
    return at <= n ? &t->regexes.v[at - 1] : NULL;
}

const struct sv_named *sv_nginx_named(const struct sv_name_table *t, struct sv_slice host)
{
    uint32_t at = sv_map_find(&t->exact, host);
    if (!at)
        at = longest_head(&t->head, host);
    if (!at)
        at = longest_tail(&t->tail, host);
    return at ? &t->list.v[at - 1] : first_regex(t, host);
}
