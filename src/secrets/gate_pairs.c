// SPDX-License-Identifier: Apache-2.0
// The gate of pairs (SSSE3, AVX2): a table is asked about every second byte and its neighbour, and
// two answers in a row tell whether a keyword may stand there.
//
// Vector instructions make the table's indices and join its answers; the table itself is asked by
// plain loads: half a load a byte, where a look-up of four bytes by their halves is a shuffle a
// byte and more. And pairs are far more telling than halves, of which hundreds of keywords leave no
// one out: of those, every tenth place would go through.
#include "secrets/gate.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

enum { UNIT = 64, STRETCH = 64 * UNIT, STROKE = 4 };

#define INLINE __attribute__((always_inline, target("ssse3,popcnt"))) static inline

/* Six bits of each byte, two bytes an index. */
INLINE __m128i index_pairs(const unsigned char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    v = _mm_and_si128(v, _mm_set1_epi8(0x5f));
    v = _mm_min_epu8(v, _mm_sub_epi8(v, _mm_set1_epi8(0x20))); /* 64..95 to 32..63 */
    return _mm_maddubs_epi16(v, _mm_set1_epi16(SV_GATE_SIX << 8 | 1));
}

/* Two indices are loaded at a time. */
INLINE __m128i ask(const uint16_t *of, const uint32_t *two)
{
    __m128i v = _mm_cvtsi32_si128(of[two[0] & UINT16_MAX]);
    v = _mm_insert_epi16(v, of[two[0] >> 16], 1);
    v = _mm_insert_epi16(v, of[two[1] & UINT16_MAX], 2);
    v = _mm_insert_epi16(v, of[two[1] >> 16], 3);
    v = _mm_insert_epi16(v, of[two[2] & UINT16_MAX], 4);
    v = _mm_insert_epi16(v, of[two[2] >> 16], 5);
    v = _mm_insert_epi16(v, of[two[3] & UINT16_MAX], 6);
    return _mm_insert_epi16(v, of[two[3] >> 16], 7);
}

/* Buckets that allow each pair as a window's last one, and the pair before it as its first. */
INLINE __m128i both(__m128i v, __m128i before)
{
    return _mm_and_si128(_mm_alignr_epi8(v, before, 14), _mm_srli_epi16(v, 8));
}

INLINE uint32_t none(__m128i a, __m128i b)
{
    __m128i v = _mm_cmpeq_epi8(_mm_packus_epi16(a, b), _mm_setzero_si128());
    return (uint32_t)_mm_movemask_epi8(v);
}

/* Where the windows begin that lie in p[0, n) and may be a keyword's; n is a multiple of UNIT. */
INLINE size_t windows(const uint16_t *of, const unsigned char *p, size_t n, uint16_t *places)
{
    __m128i before = _mm_setzero_si128();
    size_t found = 0;
    for (size_t i = 0; i < n; i += UNIT) {
        _Alignas(16) uint32_t two[UNIT / 4];
        __m128i v[UNIT / 16];
#pragma GCC unroll 4
        for (size_t k = 0; k < UNIT / 16; k++)
            _mm_store_si128((__m128i *)(void *)(two + 4 * k), index_pairs(p + i + 16 * k));
        __asm__ volatile("" : "+m"(two)); /* or else they are picked out of the vectors: slowly */
#pragma GCC unroll 4
        for (size_t k = 0; k < UNIT / 16; k++) {
            __m128i answers = ask(of, two + 4 * k);
            v[k] = both(answers, before);
            before = answers;
        }
        unsigned first = (unsigned)i - 2; /* by its last pair: no window begins before p */
        uint32_t mask = ~(none(v[0], v[1]) | none(v[2], v[3]) << 16);
        /* Four at a stroke whether there are so many or not: a loop's end would be guessed wrong
         * each time. */
        size_t end = found + (size_t)__builtin_popcount(mask);
#pragma GCC unroll 4
        for (size_t k = 0; k < STROKE; k++) {
            places[found + k] = (uint16_t)(first + 2 * (unsigned)__builtin_ctz(mask | 1u << 31));
            mask &= mask - 1;
        }
        for (found += STROKE; found < end; mask &= mask - 1)
            places[found++] = (uint16_t)(first + 2 * (unsigned)__builtin_ctz(mask));
        found = end;
    }
    return found;
}

/* Compiled twice: with AVX2 come instructions of three operands. */
__attribute__((target("ssse3,popcnt"))) static size_t
windows_ssse3(const uint16_t *of, const unsigned char *p, size_t n, uint16_t *places)
{
    return windows(of, p, n, places);
}
__attribute__((target("avx2,bmi,popcnt"))) static size_t
windows_avx2(const uint16_t *of, const unsigned char *p, size_t n, uint16_t *places)
{
    return windows(of, p, n, places);
}

static unsigned bit(const uint8_t *bits, uint32_t hash)
{
    return bits[hash >> 3] >> (hash & 7) & 1;
}

/* Most places are mixtures of two windows: those go here, without a branch. In the high bits of the
 * others is what may be known of them. */
static size_t glance(const struct sv_gate_pairs *g, const unsigned char *p, uint16_t *places,
                     size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t fp = sv_gate_fold(sv_gate_load(p + places[i]));
        unsigned known =
            bit(g->four, sv_gate_hash(fp, SV_GATE_SEEN_BITS)) << SV_GATE_FOUR |
            bit(g->beside[0], sv_gate_hash(fp & 0xffffff, SV_GATE_BESIDE_BITS)) << SV_GATE_HEAD |
            bit(g->beside[1], sv_gate_hash(fp >> 8, SV_GATE_BESIDE_BITS)) << SV_GATE_TAIL;
        places[kept] = (uint16_t)(places[i] | known * STRETCH);
        kept += known != 0;
    }
    return kept;
}
_Static_assert((STRETCH << SV_GATE_KNOWN) - 1 <= UINT16_MAX, "a place and what is known of it");

struct found {
    uint16_t *v;
    size_t n;
};

/* In order and once; windows come in order, the fingerprints of their keywords nearly so. */
static void put(struct found *f, uint16_t place)
{
    size_t i = f->n;
    while (i > 0 && f->v[i - 1] > place)
        i--;
    if (i > 0 && f->v[i - 1] == place)
        return;
    memmove(f->v + i + 1, f->v + i, (f->n - i) * sizeof *f->v);
    f->v[i] = place;
    f->n++;
}

/* The keywords that may have the window at `at`, so much of which is `known`: what else is in the
 * chain does no harm, for the whole keyword is compared. */
static void resolve(const struct sv_gate_tables *t, struct sv_slice text, size_t at, uint32_t fp,
                    unsigned known, size_t from, size_t n, struct found *f)
{
    uint16_t i = t->pairs->heads[sv_gate_window_hash(fp, known)];
    for (; i; i = t->pairs->windows[i - 1].next) {
        const struct sv_gate_window *w = &t->pairs->windows[i - 1];
        const struct sv_gate_key *key = &t->keys[w->key];
        size_t start = at - (size_t)w->at; /* wraps if the text begins behind it */
        size_t place = start + key->at;
        if (start < text.n && sv_gate_differs(key, sv_slice_sub(text, start, text.n)))
            continue;
        if (place >= from && place - from < n && sv_gate_stands(key, text, place))
            put(f, (uint16_t)(place - from));
    }
}

size_t sv_gate_pairs_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from,
                         size_t n, uint16_t *out)
{
    const struct sv_gate_pairs *g = t->pairs;
    size_t low = from > g->reach ? from - g->reach : 0, size;
    size_t high = text.n - from > n + g->reach ? from + n + g->reach : text.n;
    uint16_t places[STRETCH / 2 + STROKE];
    unsigned char tail[2 * UNIT];
    struct found f = {out, 0};
    for (size_t at = low; at < high; at += size - 2) { /* a pair's window may begin before it */
        const unsigned char *p = (const unsigned char *)text.p + at;
        size = (high - at + 2 + UNIT - 1) / UNIT * UNIT;
        size = size < STRETCH ? size : STRETCH;
        if (text.n - at < UNIT) {
            memcpy(tail, p, text.n - at);
            memset(tail + (text.n - at), 0, sizeof tail - (text.n - at));
            p = tail;
        } else if (text.n - at < size) {
            size = (text.n - at) / UNIT * UNIT;
        }
        size_t found = t->gate == SV_GATE_AVX2 ? windows_avx2(g->of, p, size, places)
                                               : windows_ssse3(g->of, p, size, places);
        found = glance(g, p, places, found);
        for (size_t i = 0; i < found; i++) {
            size_t place = places[i] % STRETCH;
            uint32_t fp = sv_gate_fold(sv_gate_load(p + place));
            if (places[i] & STRETCH << SV_GATE_FOUR)
                resolve(t, text, at + place, fp, SV_GATE_FOUR, from, n, &f);
            if (places[i] & STRETCH << SV_GATE_HEAD)
                resolve(t, text, at + place, fp & 0xffffff, SV_GATE_HEAD, from, n, &f);
            if (places[i] & STRETCH << SV_GATE_TAIL)
                resolve(t, text, at + place, fp >> 8, SV_GATE_TAIL, from, n, &f);
        }
    }
    return f.n;
}
#else
size_t sv_gate_pairs_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from,
                         size_t n, uint16_t *out)
{
    (void)t, (void)text, (void)from, (void)n, (void)out;
    return 0; /* no such machine has the gate */
}
#endif
