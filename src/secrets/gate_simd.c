// SPDX-License-Identifier: Apache-2.0
// The SIMD gates (SSSE3, AVX2, AVX-512, NEON): fingerprints in buckets, looked up by bytes.
#include "secrets/gate.h"

#if defined(__x86_64__) || defined(__i386__)
#define HAVE_X86 1
#include <immintrin.h>
#elif defined(__aarch64__)
#define HAVE_NEON 1
#include <arm_neon.h>
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
/* A byte above 127 gives zero where its low half is looked up: no keyword holds one. But what
 * follows a keyword of three bytes may be any byte, so that at the last place the half is cut. */
#define KERNEL run_ssse3
#define TARGET __attribute__((target("ssse3,popcnt")))
#define VEC __m128i
#define WIDTH 16
#define LOAD(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define TABLE(p) _mm_load_si128((const __m128i *)(const void *)(p))
#define SHUFFLE(table, at) _mm_shuffle_epi8(table, at)
#define HIGH(v) _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15))
#define LOW(v, last) ((last) ? _mm_and_si128(v, _mm_set1_epi8(15)) : (v))
#define AND(a, b) _mm_and_si128(a, b)
#define OR(a, b) _mm_or_si128(a, b)
#define MASK(v) (0xffffu & ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())))
#define COUNT(mask) (size_t)__builtin_popcountll(mask)
#define PER_BYTE 1
#include "secrets/gate_kernel.h"

/* As the other kernels do: eight at a stroke. */
__attribute__((target("bmi,popcnt"))) static inline size_t put(uint16_t *out, size_t found,
                                                               size_t from, uint64_t mask)
{
    size_t end = found + (size_t)__builtin_popcountll(mask);
    UNROLL
    for (size_t k = 0; k < SV_GATE_STROKE; k++) {
        out[found + k] = (uint16_t)(from + (size_t)__builtin_ctzll(mask | 1ull << 63));
        mask &= mask - 1;
    }
    for (found += SV_GATE_STROKE; found < end; mask &= mask - 1)
        out[found++] = (uint16_t)(from + (size_t)__builtin_ctzll(mask));
    return end;
}

/* Two vectors at a time: there are more tables than registers, so that each is loaded for both.
 * What stays in registers is written out one by one, for compilers spill arrays. */
__attribute__((target("avx2,bmi,popcnt"))) static size_t
run_avx2(const struct sv_gate_nibbles *t, const unsigned char *p, size_t n, uint16_t *out)
{
    const __m256i half = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
    size_t found = 0;
    for (size_t i = 0; i < n; i += 64) {
        __m256i a0, a1, a2, a3, b0, b1, b2, b3;
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = _mm256_set1_epi8(-1);
#define ROW(row) _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)(row)))
#define GROUP(g, k, a, b)                                                                          \
    do {                                                                                           \
        __m256i low_ = ROW(t->lo[g][k]), high_ = ROW(t->hi[g][k]);                                 \
        a = _mm256_and_si256(a, _mm256_and_si256(_mm256_shuffle_epi8(low_, v),                     \
                                                 _mm256_shuffle_epi8(high_, vh)));                 \
        b = _mm256_and_si256(b, _mm256_and_si256(_mm256_shuffle_epi8(low_, w),                     \
                                                 _mm256_shuffle_epi8(high_, wh)));                 \
    } while (0)
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + k));
            __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + 32 + k));
            __m256i vh = _mm256_and_si256(_mm256_srli_epi16(v, 4), half);
            __m256i wh = _mm256_and_si256(_mm256_srli_epi16(w, 4), half);
            if (k == SV_GATE_FP - 1) {
                v = _mm256_and_si256(v, half);
                w = _mm256_and_si256(w, half);
            }
            GROUP(0, k, a0, b0);
            GROUP(1, k, a1, b1);
            GROUP(2, k, a2, b2);
            GROUP(3, k, a3, b3);
        }
#undef GROUP
#undef ROW
        a0 = _mm256_or_si256(_mm256_or_si256(a0, a1), _mm256_or_si256(a2, a3));
        b0 = _mm256_or_si256(_mm256_or_si256(b0, b1), _mm256_or_si256(b2, b3));
        uint32_t none_a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a0, zero));
        uint32_t none_b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b0, zero));
        uint64_t mask = ~((uint64_t)none_b << 32 | none_a);
        if (mask)
            found = put(out, found, i, mask);
    }
    return found;
}
_Static_assert(SV_GATE_GROUPS == 4, "one register a group and vector");

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
            found = put(out, found, i, mask);
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
#define KERNEL run_neon
#define TARGET
#define VEC uint8x16_t
#define WIDTH 16
#define LOAD(p) vld1q_u8(p)
#define TABLE(p) vld1q_u8(p)
#define SHUFFLE(table, at) vqtbl1q_u8(table, at)
#define HIGH(v) vshrq_n_u8(v, 4)
#define LOW(v, last) vandq_u8(v, vdupq_n_u8(15))
#define AND(a, b) vandq_u8(a, b)
#define OR(a, b) vorrq_u8(a, b)
#define MASK(v) neon_mask(v)
#define COUNT(mask) (size_t)__builtin_popcountll(mask)
#define PER_BYTE 4
#include "secrets/gate_kernel.h"
#endif

bool sv_gate_simd_has(enum sv_gate gate)
{
    switch (gate) {
    case SV_GATE_AVX2:
#if HAVE_X86
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
#else
        return false;
#endif
    case SV_GATE_SSSE3:
#if HAVE_X86
        return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
#else
        return false;
#endif
    case SV_GATE_AVX512:
#if HAVE_X86
        return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
#else
        return false;
#endif
    case SV_GATE_NEON: /* part of every aarch64 that runs Linux */
#if HAVE_NEON
        return true;
#else
        return false;
#endif
    case SV_GATE_BEST:
    case SV_GATE_PORTABLE:
        break;
    }
    return false;
}

static size_t kernel(const struct sv_gate_tables *t, const unsigned char *p, size_t n,
                     uint16_t *out)
{
#if HAVE_X86
    if (t->gate == SV_GATE_AVX512)
        return run_avx512(t->nibbles, p, n, out);
    return t->gate == SV_GATE_AVX2 ? run_avx2(t->nibbles, p, n, out)
                                   : run_ssse3(t->nibbles, p, n, out);
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
        uint32_t fp = sv_gate_fold(sv_gate_load(p + places[i]));
        uint32_t four = sv_gate_hash(fp, SV_GATE_SEEN_BITS);
        uint32_t three = sv_gate_hash(fp & 0xffffff, SV_GATE_SEEN_BITS);
        places[kept] = places[i];
        unsigned of_four = t->seen[1][four >> 3] >> (four & 7);
        unsigned of_three = t->seen[0][three >> 3] >> (three & 7);
        kept += (of_four | of_three) & 1;
    }
    return kept;
}

size_t sv_gate_simd_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                        uint16_t *out)
{
    const unsigned char *p = (const unsigned char *)text.p + from;
    size_t end = text.n - from, done = 0, total = 0;
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
