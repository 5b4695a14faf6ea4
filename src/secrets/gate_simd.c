// SPDX-License-Identifier: Apache-2.0
// The SIMD gates of shuffles (AVX-512, NEON): fingerprints in buckets, looked up by bytes.
#include "secrets/gate_glance.h"

#if defined(__x86_64__) || defined(__i386__)
#define HAVE_X86 1
#define GATE SV_GATE_AVX512
#include <immintrin.h>
#elif defined(__aarch64__)
#define HAVE_NEON 1
#define GATE SV_GATE_NEON
#include <arm_neon.h>
#else
#define GATE SV_GATE_PORTABLE /* no such machine has one of shuffles */
#endif

enum { WIDEST = 64, SPARE = WIDEST + SV_GATE_FP };

// ---- kernels ----

/* The tables are to live in registers, so that no loop over groups or places may remain. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#if HAVE_X86
#define PUT_TARGET __attribute__((target("bmi,popcnt")))
#else
#define PUT_TARGET
#endif
/* Eight at a stroke whether there are so many or not: a loop's end would be guessed wrong each
 * time. The highest bit is nobody's, or the last byte's, and keeps the mask from being empty. */
PUT_TARGET static inline size_t put(uint16_t *out, size_t found, size_t from, uint64_t mask,
                                    unsigned per_byte)
{
    size_t end = found + (size_t)__builtin_popcountll(mask);
    UNROLL
    for (size_t k = 0; k < SV_GATE_STROKE; k++) {
        out[found + k] = (uint16_t)(from + (size_t)__builtin_ctzll(mask | 1ull << 63) / per_byte);
        mask &= mask - 1;
    }
    for (found += SV_GATE_STROKE; found < end; mask &= mask - 1)
        out[found++] = (uint16_t)(from + (size_t)__builtin_ctzll(mask) / per_byte);
    return end;
}

#if HAVE_X86
/* Bytes are looked up whole, but for the highest bit: what that lets through, the glance stops. */
__attribute__((target("avx512f,avx512bw,avx512vbmi,bmi,popcnt"))) static size_t
run_avx512(const struct sv_gate_nibbles *t, const unsigned char *p, size_t n, uint16_t *out)
{
    __m512i half[SV_GATE_GROUPS][SV_GATE_FP][2];
    size_t found = 0;
    UNROLL
    for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            half[g][k][0] = _mm512_loadu_si512(t->whole[g][k]);
            half[g][k][1] = _mm512_loadu_si512(t->whole[g][k] + 64);
        }
    }
    for (size_t i = 0; i < n; i += 64) {
        __m512i bits[SV_GATE_GROUPS], any = _mm512_setzero_si512();
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            __m512i v = _mm512_loadu_si512(p + i + k);
            UNROLL
            for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
                __m512i b = _mm512_permutex2var_epi8(half[g][k][0], v, half[g][k][1]);
                bits[g] = k ? _mm512_and_si512(bits[g], b) : b;
            }
        }
        UNROLL
        for (size_t g = 0; g < SV_GATE_GROUPS; g++)
            any = _mm512_or_si512(any, bits[g]);
        uint64_t mask = _mm512_test_epi8_mask(any, any);
        if (mask)
            found = put(out, found, i, mask, 1);
    }
    return found;
}
#endif

#if HAVE_NEON
/* Four bits of the mask a byte, of which one is kept. */
static inline uint64_t neon_mask(uint8x16_t v)
{
    uint16x8_t set = vreinterpretq_u16_u8(vtstq_u8(v, v));
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(set, 4)), 0) & 0x1111111111111111u;
}
/* Each of the eight buckets of a group is a bit. A fingerprint's four bytes are looked up by their
 * halves in tables of sixteen bytes; a bit that survives all eight look-ups names a bucket one of
 * whose fingerprints may stand there. */
static size_t run_neon(const struct sv_gate_nibbles *t, const unsigned char *p, size_t n,
                       uint16_t *out)
{
    uint8x16_t lo[SV_GATE_GROUPS][SV_GATE_FP], hi[SV_GATE_GROUPS][SV_GATE_FP];
    size_t found = 0;
    UNROLL
    for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            lo[g][k] = vld1q_u8(t->lo[g][k]);
            hi[g][k] = vld1q_u8(t->hi[g][k]);
        }
    }
    for (size_t i = 0; i < n; i += 16) {
        uint8x16_t bits[SV_GATE_GROUPS], any;
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            uint8x16_t v = vld1q_u8(p + i + k), high = vshrq_n_u8(v, 4);
            uint8x16_t low = vandq_u8(v, vdupq_n_u8(15));
            UNROLL
            for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
                uint8x16_t both = vandq_u8(vqtbl1q_u8(lo[g][k], low), vqtbl1q_u8(hi[g][k], high));
                bits[g] = k ? vandq_u8(bits[g], both) : both;
            }
        }
        any = bits[0];
        UNROLL
        for (size_t g = 1; g < SV_GATE_GROUPS; g++)
            any = vorrq_u8(any, bits[g]);
        uint64_t mask = neon_mask(any);
        if (mask)
            found = put(out, found, i, mask, 4);
    }
    return found;
}
#endif

static size_t kernel(const struct sv_gate_tables *t, const unsigned char *p, size_t n,
                     uint16_t *out)
{
#if HAVE_X86
    return run_avx512(t->nibbles, p, n, out);
#elif HAVE_NEON
    return run_neon(t->nibbles, p, n, out);
#else
    (void)t, (void)p, (void)n, (void)out;
    return 0;
#endif
}

/* Buckets hold many fingerprints, so that most places are mixtures of two: those go here, without a
 * branch. Four bytes of text follow each place. */
static size_t glance(const struct sv_gate_tables *t, const unsigned char *p, uint16_t *places,
                     size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = sv_gate_glance(t, p + places[i]);
        places[kept] = places[i];
        kept += seen;
    }
    return kept;
}

size_t sv_gate_simd_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                        uint16_t *out)
{
    const unsigned char *p = (const unsigned char *)text.p + from;
    size_t end = text.n - from, done = 0, total = 0;
    if (t->gate != GATE)
        abort();
    /* As far as whole vectors with three bytes behind them reach; the rest from a padded copy. */
    if (end >= SPARE) {
        done = n < end - SPARE ? n : end - SPARE;
        done = done / WIDEST * WIDEST;
        total = glance(t, p, out, kernel(t, p, done, out));
    }
    while (done < n) {
        unsigned char tail[2 * WIDEST + SV_GATE_FP] = {0};
        uint16_t places[WIDEST + SV_GATE_STROKE];
        size_t step = n - done < WIDEST ? n - done : WIDEST;
        size_t have = end - done < sizeof tail ? end - done : sizeof tail;
        memcpy(tail, p + done, have);
        size_t found = kernel(t, tail, WIDEST, places);
        for (size_t i = 0; i < found && places[i] < step; i++)
            if (end - done - places[i] >= 3)
                out[total++] = (uint16_t)(done + places[i]);
        done += step;
    }
    return total;
}
