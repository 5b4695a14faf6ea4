// SPDX-License-Identifier: Apache-2.0
// Of matches that overlap, keeps the one whose rule says most.
#include "base/limits.h"
#include "secrets/confirm.h"

static size_t end_of(const struct sv_secret_match *m)
{
    return m->hit.offset + m->hit.value.n;
}

static int by_offset(const void *x, const void *y)
{
    const struct sv_secret_match *a = x, *b = y;
    if (a->hit.offset != b->hit.offset)
        return a->hit.offset < b->hit.offset ? -1 : 1;
    if (a->hit.value.n != b->hit.value.n)
        return a->hit.value.n < b->hit.value.n ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return (a->keyword_n < b->keyword_n) - (a->keyword_n > b->keyword_n);
}

static bool proved(const struct sv_secret_match *m)
{
    return sv_validator_is_checksum(m->hit.rule->validator) && !m->hit.checksum_bad;
}

/* Specific before generic; proved by a checksum before not; then the longer value, the longer
 * keyword, the rule that stands first. */
static int by_rank(const void *x, const void *y)
{
    const struct sv_secret_match *a = x, *b = y;
    int generic =
        !!(a->hit.rule->flags & SV_RULE_GENERIC) - !!(b->hit.rule->flags & SV_RULE_GENERIC);
    if (generic)
        return generic;
    if (proved(a) != proved(b))
        return proved(a) ? -1 : 1;
    if (a->hit.value.n != b->hit.value.n)
        return a->hit.value.n > b->hit.value.n ? -1 : 1;
    if (a->keyword_n != b->keyword_n)
        return a->keyword_n > b->keyword_n ? -1 : 1;
    return by_offset(a, b);
}

static bool overlap(const struct sv_secret_match *a, const struct sv_secret_match *b)
{
    return a->hit.offset < end_of(b) && b->hit.offset < end_of(a);
}

/* The winners of one cluster move to its front, by offset again; how many they are. */
static size_t reduce_cluster(struct sv_secret_match *m, size_t n)
{
    size_t kept = 0;
    if (n > 1)
        qsort(m, n, sizeof *m, by_rank);
    for (size_t i = 0; i < n; i++) {
        bool free = true;
        for (size_t j = 0; j < kept && free; j++)
            free = !overlap(&m[i], &m[j]);
        if (free)
            m[kept++] = m[i];
    }
    if (kept > 1)
        qsort(m, kept, sizeof *m, by_offset);
    return kept;
}

void sv_confirm_reduce(struct sv_confirm *c, struct sv_arena *a, size_t to,
                       struct sv_secret_hits *out)
{
    struct sv_secret_match *m = c->found.v;
    size_t n = 0, last_end = 0;
    for (size_t i = 0; i < c->found.n; i++)
        if (m[i].at < to)
            m[n++] = m[i];
    if (n > 1)
        qsort(m, n, sizeof *m, by_offset);
    for (size_t i = 0, next; i < n; i = next) {
        size_t end = end_of(&m[i]);
        for (next = i + 1; next < n && m[next].hit.offset < end; next++) {
            if (next - i == SV_SECRET_CLUSTER)
                break;
            if (end_of(&m[next]) > end)
                end = end_of(&m[next]);
        }
        size_t kept = reduce_cluster(m + i, next - i);
        for (size_t k = i; k < i + kept; k++) {
            if (m[k].hit.offset < last_end)
                continue; /* the cluster was too long and was cut */
            last_end = end_of(&m[k]);
            struct sv_secret_hit hit = m[k].hit;
            hit.offset += c->base;
            sv_vec_push(a, &out->list, hit);
        }
    }
    out->limits += c->limits;
}

size_t sv_confirm_cut(struct sv_confirm *c, size_t from, size_t to)
{
    struct sv_found *f = &c->found;
    for (bool moved = true; moved && to > from;) {
        moved = false;
        for (size_t i = 0; i < f->n; i++) {
            if (f->v[i].at < to && end_of(&f->v[i]) > to) {
                to = f->v[i].at;
                moved = true;
            }
        }
    }
    return to > from ? to : from;
}
