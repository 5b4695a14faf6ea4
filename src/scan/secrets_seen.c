// SPDX-License-Identifier: Apache-2.0
// Of hits in the same place, as it stands and in other words, keeps the one that says most.
#include "scan/secrets_seen.h"

#include <stdlib.h>

#include "base/limits.h"

static bool example(const struct sv_seen *s)
{
    return s->weak || s->hit.placeholder || s->hit.checksum_bad;
}

static bool generic(const struct sv_seen *s)
{
    return s->hit.rule->flags & SV_RULE_GENERIC;
}

static bool from_blob(const struct sv_seen *s)
{
    for (const struct sv_view *v = s->view; v; v = v->of)
        if (v->blob)
            return true;
    return false;
}

static unsigned depth(const struct sv_seen *s)
{
    unsigned n = 0;
    for (const struct sv_view *v = s->view; v; v = v->of)
        n += !v->joined;
    return n;
}

static int by_offset(const void *x, const void *y)
{
    const struct sv_seen *a = x, *b = y;
    if (a->hit.offset != b->hit.offset)
        return a->hit.offset < b->hit.offset ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return (int)depth(a) - (int)depth(b);
}

/* A name with a blob says less than what stands in the blob. Between two of the same class the
 * wider one has all of the secret; then the one as it stands. */
static int by_rank(const void *x, const void *y)
{
    const struct sv_seen *a = x, *b = y;
    if (example(a) != example(b))
        return example(a) ? 1 : -1;
    if (generic(a) != generic(b))
        return generic(a) ? 1 : -1;
    if (generic(a) && from_blob(a) != from_blob(b))
        return from_blob(a) ? -1 : 1;
    size_t n = a->end - a->hit.offset, m = b->end - b->hit.offset;
    if (n != m)
        return n > m ? -1 : 1;
    if (depth(a) != depth(b))
        return depth(a) < depth(b) ? -1 : 1;
    if (!a->hit.rule->prefix != !b->hit.rule->prefix)
        return a->hit.rule->prefix ? -1 : 1;
    int order = by_offset(a, b);
    return order ? order : strcmp(a->hit.rule->id, b->hit.rule->id);
}

static bool overlap(const struct sv_seen *a, const struct sv_seen *b)
{
    return a->hit.offset < b->end && b->hit.offset < a->end;
}

/* The winners of one cluster move to its front, by offset again; how many they are. */
static size_t reduce_cluster(struct sv_seen *s, size_t n)
{
    size_t kept = 0;
    if (n > 1)
        qsort(s, n, sizeof *s, by_rank);
    for (size_t i = 0; i < n; i++) {
        bool free = true;
        for (size_t j = 0; j < kept && free; j++)
            free = !overlap(&s[i], &s[j]);
        if (free)
            s[kept++] = s[i];
    }
    if (kept > 1)
        qsort(s, kept, sizeof *s, by_offset);
    return kept;
}

void sv_seen_reduce(sv_seen_vec *seen)
{
    struct sv_seen *s = seen->v;
    size_t n = 0;
    if (seen->n > 1)
        qsort(s, seen->n, sizeof *s, by_offset);
    for (size_t i = 0, next; i < seen->n; i = next) {
        size_t end = s[i].end;
        for (next = i + 1; next < seen->n && s[next].hit.offset < end; next++) {
            if (next - i == SV_SECRET_CLUSTER)
                break;
            if (s[next].end > end)
                end = s[next].end;
        }
        size_t kept = reduce_cluster(s + i, next - i);
        memmove(s + n, s + i, kept * sizeof *s);
        n += kept;
    }
    seen->n = n;
}
