// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes at a time on any machine, for loops that a branch a byte would slow down.
#ifndef SV_BASE_LANES_H
#define SV_BASE_LANES_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Comparisons give UINT8_MAX where they hold; the compiler knows the operators. */
typedef uint8_t sv_lanes __attribute__((vector_size(16)));

static inline sv_lanes sv_lanes_load(const char *p)
{
    sv_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}
/* Of a comparison: a bit for each lane where it holds, the first the lowest. */
static inline unsigned sv_lanes_bits(sv_lanes v)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8((__m128i)v);
#else
    const uint64_t ones = 0x0101010101010101, gather = 0x0102040810204080;
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    return (unsigned)((le64toh(half[0]) & ones) * gather >> 56 |
                      (le64toh(half[1]) & ones) * gather >> 56 << 8);
#endif
}
/* How many bytes there are up to the last that is not zero. */
static inline size_t sv_lanes_end(sv_lanes v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    if (half[1])
        return 16 - (size_t)__builtin_clzll(le64toh(half[1])) / 8;
    return half[0] ? 8 - (size_t)__builtin_clzll(le64toh(half[0])) / 8 : 0;
}
/* How many there are before the first, 16 if all are zero. */
static inline size_t sv_lanes_first(sv_lanes v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    if (half[0])
        return (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
    return 8 + (half[1] ? (size_t)__builtin_ctzll(le64toh(half[1])) / 8 : 8);
}

#endif
