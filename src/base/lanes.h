// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes at a time on any machine, for loops that a branch a byte would slow down.
#ifndef SV_BASE_LANES_H
#define SV_BASE_LANES_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Comparisons give UINT8_MAX where they hold; the compiler knows the operators. */
typedef uint8_t sv_lanes __attribute__((vector_size(16)));

static inline sv_lanes sv_lanes_load(const char *p)
{
    sv_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}
/* Eight bytes each, the first in the lowest bits. */
static inline void sv_lanes_halves(sv_lanes v, uint64_t ret[2])
{
    memcpy(ret, &v, sizeof v);
    ret[0] = le64toh(ret[0]);
    ret[1] = le64toh(ret[1]);
}
/* How many bytes there are up to the last that is not zero. */
static inline size_t sv_lanes_end(sv_lanes v)
{
    uint64_t half[2];
    sv_lanes_halves(v, half);
    if (half[1])
        return 16 - (size_t)__builtin_clzll(half[1]) / 8;
    return half[0] ? 8 - (size_t)__builtin_clzll(half[0]) / 8 : 0;
}
/* How many there are before the first, 16 if all are zero. */
static inline size_t sv_lanes_first(sv_lanes v)
{
    uint64_t half[2];
    sv_lanes_halves(v, half);
    if (half[0])
        return (size_t)__builtin_ctzll(half[0]) / 8;
    return 8 + (half[1] ? (size_t)__builtin_ctzll(half[1]) / 8 : 8);
}

#endif
