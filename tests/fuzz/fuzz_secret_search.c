// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes through each gate and the compiled-in rules, whole and as a stream.
#include <stdint.h>
#include <stdlib.h>

#include "secrets/gate.h"

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

/* The gate against a comparison with every keyword at every place. */
static void gate(struct sv_slice text)
{
    enum { MOST = 600 };
    static struct sv_gate_tables t; /* made once */
    struct sv_gate_hits hits = {0};
    size_t n = text.n < MOST ? text.n : MOST, expected = 0;
    if (!t.keys)
        sv_gate_build(&t, sv_secret_rules, sv_n_secret_rules, false);
    if (n)
        sv_gate_run(&t, sv_slice_sub(text, 0, n), 0, n, &hits);
    for (size_t k = 0; k < t.n_keys; k++) {
        struct sv_slice key = {t.keys[k].text, t.keys[k].n};
        for (size_t at = 0; at + key.n <= n; at++) {
            struct sv_slice here = sv_slice_sub(text, at, at + key.n);
            expected += t.keys[k].nocase ? sv_slice_eq_nocase(here, key) : sv_slice_eq(here, key);
        }
    }
    if (hits.n != expected)
        abort();
    free(hits.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_slice text = {(const char *)data, size};
    struct sv_arena a = {0};
    struct sv_secret_hits hits;
    static struct sv_search *engine; /* patterns compile once */
    if (!engine)
        engine = sv_search_new();
    sv_search_text(engine, &a, text, &hits);
    check(&hits, text);
    gate(text);
    stream(engine, &a, text);
    sv_arena_clear(&a);
    return 0;
}
