// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes through each gate and the compiled-in rules, whole and as a stream.
#include <stdint.h>
#include <stdlib.h>

#include "secrets/search.h"

static void check(const struct sv_secret_hits *hits, struct sv_slice text)
{
    size_t end = 0;
    sv_vec_each(h, &hits->list)
    {
        if (h->offset < end || h->value.n == 0 || h->offset + h->value.n > text.n ||
            memcmp(h->value.p, text.p + h->offset, h->value.n) != 0)
            abort(); /* out of order, overlapping, or not of the text */
        end = h->offset + h->value.n;
    }
}

static void same(const struct sv_secret_hits *x, const struct sv_secret_hits *y)
{
    if (x->list.n != y->list.n)
        abort();
    for (size_t i = 0; i < x->list.n; i++)
        if (x->list.v[i].rule != y->list.v[i].rule || x->list.v[i].offset != y->list.v[i].offset)
            abort();
}

/* The text after so many blanks that it lies across the edge of two buffers. */
static void stream(struct sv_search *s, struct sv_arena *a, struct sv_slice text)
{
    enum { BEFORE = 40000, FIRST = 60000 };
    struct sv_search_at at = {0};
    struct sv_secret_hits whole, part, all = {0};
    char *p = sv_arena_alloc(a, BEFORE + text.n);
    memset(p, ' ', BEFORE);
    memcpy(p + BEFORE, text.p, text.n);
    struct sv_slice both = {p, BEFORE + text.n};
    size_t first = both.n < FIRST ? BEFORE + text.n / 2 : FIRST;
    sv_search_text(s, a, both, &whole);
    size_t keep = sv_search_chunk(s, a, sv_slice_sub(both, 0, first), &at, false, &part);
    sv_vec_each(h, &part.list)
        sv_vec_push(a, &all.list, *h);
    sv_search_chunk(s, a, sv_slice_sub(both, first - keep, both.n), &at, true, &part);
    sv_vec_each(h, &part.list)
        sv_vec_push(a, &all.list, *h);
    if (whole.limits == 0 && part.limits == 0)
        same(&whole, &all);
    check(&all, both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum sv_gate gates[] = {SV_GATE_PORTABLE, SV_GATE_SSSE3, SV_GATE_AVX2,
                                         SV_GATE_NEON, SV_GATE_AVX512};
    struct sv_slice text = {(const char *)data, size};
    struct sv_arena a = {0};
    struct sv_secret_hits first, hits;
    static struct sv_search *engines[sizeof gates / sizeof *gates]; /* patterns compile once */
    for (size_t g = 0; g < sizeof gates / sizeof *gates; g++) {
        if (!engines[g] && !(engines[g] = sv_search_new(gates[g])))
            continue;
        sv_search_text(engines[g], &a, text, &hits);
        check(&hits, text);
        if (g)
            same(&first, &hits);
        else
            first = hits;
    }
    stream(engines[0], &a, text);
    sv_arena_clear(&a);
    return 0;
}
