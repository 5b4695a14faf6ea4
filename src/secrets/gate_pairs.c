// SPDX-License-Identifier: Apache-2.0
// The gate's kernel: a table is asked about every second byte and its neighbour, and two answers in
// a row tell whether a keyword may stand there.
//
// Half a look-up a byte, none of which waits for the one before it as an automaton's steps do. The
// table is large, but of the pairs of bytes that text consists of, a core's nearest cache holds
// all. Vector instructions that look bytes up (AVX2, AVX-512) were no faster.
#include <string.h>

#include "secrets/gate.h"

static inline uint32_t ask(const uint32_t *pairs, const unsigned char *p)
{
    return pairs[p[0] | (unsigned)p[1] << 8];
}

/* Buckets that allow the two as a window. */
static inline uint32_t both(uint32_t first, uint32_t last)
{
    return first & last >> SV_GATE_BUCKETS;
}

/* Where the eights begin in which a window ends. No branch: one in ten does, and which could not be
 * guessed. */
static size_t eights(const uint32_t *pairs, const unsigned char *p, size_t n, uint16_t *out)
{
    uint32_t before = 0;
    size_t found = 0;
    for (size_t i = 0; i < n; i += SV_GATE_EIGHT) {
        uint32_t a = ask(pairs, p + i), b = ask(pairs, p + i + 2);
        uint32_t c = ask(pairs, p + i + 4), d = ask(pairs, p + i + 6);
        uint32_t any = both(before, a) | both(a, b) | both(b, c) | both(c, d);
        out[found] = (uint16_t)i;
        found += any != 0;
        before = d;
    }
    return found;
}

size_t sv_gate_pairs(const uint32_t *pairs, const unsigned char *p, size_t n, uint16_t *places)
{
    uint16_t ends[SV_GATE_STRETCH / SV_GATE_EIGHT + 1];
    size_t n_ends = eights(pairs, p, n, ends), found = 0;
    for (size_t e = 0; e < n_ends; e++) {
        size_t i = ends[e];
        uint32_t before = i ? ask(pairs, p + i - 2) : 0;
        for (size_t k = i; k < i + SV_GATE_EIGHT; k += 2) {
            uint32_t here = ask(pairs, p + k);
            places[found] = (uint16_t)(k - 2); /* it ends here, so it begins a pair before */
            found += both(before, here) != 0;
            before = here;
        }
    }
    return found;
}
