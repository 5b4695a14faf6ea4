// SPDX-License-Identifier: Apache-2.0
// The gate's use: which keywords stand where the pairs point.
#include "secrets/gate.h"

#include <stdlib.h>

enum { EDGE = 64 };

static unsigned bit(const uint8_t *bits, uint32_t hash)
{
    return bits[hash >> 3] >> (hash & 7) & 1;
}

/* Most places are mixtures of two windows: those go here, without a branch. In the high bits of the
 * others is what may be known of them. */
static size_t glance(const struct sv_gate_tables *t, const unsigned char *p, uint16_t *places,
                     size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t fp = sv_gate_fold(sv_gate_load(p + places[i]));
        unsigned known =
            bit(t->four, sv_gate_hash(fp, SV_GATE_FOUR_BITS)) << SV_GATE_FOUR |
            bit(t->head, sv_gate_hash(fp & 0xffffff, SV_GATE_BESIDE_BITS)) << SV_GATE_HEAD |
            bit(t->tail, sv_gate_hash(fp >> 8, SV_GATE_BESIDE_BITS)) << SV_GATE_TAIL;
        places[kept] = (uint16_t)(places[i] | known * SV_GATE_STRETCH);
        kept += known != 0;
    }
    return kept;
}
_Static_assert((SV_GATE_STRETCH << SV_GATE_KNOWN) - 1 <= UINT16_MAX,
               "a place and what is known of it");

/* In order; windows come in order, their keywords nearly so. */
static void put(struct sv_gate_hits *h, struct sv_gate_hit hit)
{
    if (h->n == h->cap) {
        h->cap = h->cap ? 2 * h->cap : 64;
        h->v = realloc(h->v, h->cap * sizeof *h->v);
        if (!h->v)
            abort();
    }
    size_t i = h->n++;
    for (; i > 0 && h->v[i - 1].at > hit.at; i--)
        h->v[i] = h->v[i - 1];
    h->v[i] = hit;
}

/* The keyword that has the window stands at the text's beginning: its first bytes tell in most
 * cases that it does not. */
static bool stands(const struct sv_gate_tables *t, const struct sv_gate_window *w,
                   struct sv_slice text)
{
    const struct sv_gate_key *k = &t->keys[w->key];
    uint64_t first;
    size_t i = 0;
    if (text.n >= sizeof first) {
        memcpy(&first, text.p, sizeof first);
        if ((first ^ w->first) & w->care)
            return false;
        i = sizeof first;
    }
    if (k->n > text.n)
        return false;
    for (; i < k->n; i++) {
        unsigned char want = (unsigned char)k->text[i], is = (unsigned char)text.p[i];
        if (is != want && !(k->nocase && sv_gate_lower(is) == sv_gate_lower(want)))
            return false;
    }
    return true;
}

/* What of the text a run is about, and where what it finds goes. */
struct run {
    const struct sv_gate_tables *t;
    struct sv_slice text;
    size_t from, n;
    struct sv_gate_hits *hits;
};

/* The keywords that have a window at `at` of which so much is `known`. */
static void resolve(const struct run *r, size_t at, uint32_t fp, unsigned known)
{
    uint16_t i = r->t->heads[sv_gate_window_hash(fp, known)];
    for (; i; i = r->t->windows[i - 1].next) {
        const struct sv_gate_window *w = &r->t->windows[i - 1];
        size_t start = at - (size_t)w->at, begins = start - r->from; /* they wrap */
        if (w->fp == fp && w->known == known && begins < r->n &&
            stands(r->t, w, sv_slice_sub(r->text, start, r->text.n)))
            put(r->hits, (struct sv_gate_hit){(uint16_t)begins, w->key});
    }
}

/* The windows in the n bytes at p, which are those at `at` in the text. */
static void look(const struct run *r, size_t at, const unsigned char *p, size_t n)
{
    uint16_t places[SV_GATE_STRETCH / 2 + SV_GATE_EIGHT];
    size_t found = glance(r->t, p, places, sv_gate_pairs(r->t->pairs, p, n, places));
    for (size_t i = 0; i < found; i++) {
        size_t place = places[i] % SV_GATE_STRETCH;
        uint32_t fp = sv_gate_fold(sv_gate_load(p + place));
        if (places[i] & SV_GATE_STRETCH << SV_GATE_FOUR)
            resolve(r, at + place, fp, SV_GATE_FOUR);
        if (places[i] & SV_GATE_STRETCH << SV_GATE_HEAD)
            resolve(r, at + place, fp & 0xffffff, SV_GATE_HEAD);
        if (places[i] & SV_GATE_STRETCH << SV_GATE_TAIL)
            resolve(r, at + place, fp >> 8, SV_GATE_TAIL);
    }
}

void sv_gate_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                 struct sv_gate_hits *hits)
{
    const struct run r = {t, text, from, n, hits};
    const unsigned char *p = (const unsigned char *)text.p;
    size_t last = from + n - 1 + t->reach + SV_GATE_WINDOW, size;
    size_t end = last < text.n + 1 ? last : text.n + 1; /* one may reach a byte behind the text */
    hits->n = 0;
    for (size_t at = from > 1 ? from - 2 : 0; at + 2 < end; at += size - 2) {
        unsigned char edge[EDGE] = {0};
        size_t there = (text.n - at) / SV_GATE_EIGHT * SV_GATE_EIGHT;
        size = (end - at + SV_GATE_EIGHT - 1) / SV_GATE_EIGHT * SV_GATE_EIGHT;
        if (size <= there || there >= EDGE) {
            size = size < there ? size : there;
            size = size < SV_GATE_STRETCH ? size : SV_GATE_STRETCH;
            look(&r, at, p + at, size);
        } else {
            memcpy(edge, p + at, text.n - at < EDGE ? text.n - at : EDGE);
            size = size < EDGE ? size : EDGE;
            look(&r, at, edge, size);
        }
    }
}
