// SPDX-License-Identifier: Apache-2.0
// The SIMD gates (SSSE3, AVX2, AVX-512, NEON): fingerprints in buckets, looked up by bytes.
#include "secrets/gate.h"

#include <float.h>

#include "secrets/pairs.h"

#if defined(__x86_64__) || defined(__i386__)
#define HAVE_X86 1
#include <immintrin.h>
#elif defined(__aarch64__)
#define HAVE_NEON 1
#include <arm_neon.h>
#endif

enum { BUCKETS = SV_GATE_BUCKETS * SV_GATE_GROUPS, WIDEST = 64, SPARE = WIDEST + SV_GATE_FP };

// ---- buckets ----

enum { FIRST_HIGH = 2, LAST_HIGH = 7 }; /* high halves of printable ASCII */

/* How common the bytes are whose high half is h and whose low half is in a set, by halves of that
 * set: so that the chance of a bucket's mask is a dozen additions. */
struct shares {
    float low[LAST_HIGH + 1][2][256];
};
struct bucket {
    uint16_t lo[SV_GATE_FP], hi[SV_GATE_FP];
    float at[SV_GATE_FP]; /* the chance that a byte passes this place */
    float chance;         /* that four do */
    bool used;
};
struct candidate {
    const struct sv_gate_key *key;
    struct bucket alone; /* as the only one of its bucket */
};

static void count_shares(struct shares *s)
{
    for (unsigned h = FIRST_HIGH; h <= LAST_HIGH; h++)
        for (unsigned half = 0; half < 2; half++)
            for (unsigned set = 1; set < 256; set++) {
                unsigned first = (unsigned)__builtin_ctz(set);
                s->low[h][half][set] = s->low[h][half][set & (set - 1)] +
                                       (float)sv_byte_share[h << 4 | half << 3 | first] / 1e6f;
            }
}

static float passes(const struct shares *s, uint16_t lo, uint16_t hi)
{
    float p = 0;
    for (unsigned h = FIRST_HIGH; h <= LAST_HIGH; h++)
        if (hi >> h & 1)
            p += s->low[h][0][lo & 255] + s->low[h][1][lo >> 8];
    return p;
}

static void add(struct bucket *b, const struct shares *s, const struct sv_gate_key *key)
{
    b->chance = 1;
    for (size_t k = 0; k < SV_GATE_FP; k++) {
        uint16_t lo = UINT16_MAX, hi = UINT16_MAX;
        if (k < key->fp_n) {
            unsigned c = (unsigned char)key->text[key->at + k];
            lo = (uint16_t)(b->lo[k] | 1u << (c & 15));
            hi = (uint16_t)(b->hi[k] | 1u << (c >> 4));
            /* The cases of a letter differ in the high half alone. */
            if (key->nocase && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
                hi = (uint16_t)(hi | 1u << ((c ^ 0x20) >> 4));
        }
        if (lo != b->lo[k] || hi != b->hi[k])
            b->at[k] = lo == UINT16_MAX && hi == UINT16_MAX ? 1 : passes(s, lo, hi);
        b->lo[k] = lo;
        b->hi[k] = hi;
        b->chance *= b->at[k];
    }
    b->used = true;
}

/* The bucket lets the candidate's fingerprint through already. */
static bool holds(const struct bucket *b, const struct bucket *alone)
{
    unsigned missing = 0;
    for (size_t k = 0; k < SV_GATE_FP; k++)
        missing |= (alone->lo[k] & ~(unsigned)b->lo[k]) | (alone->hi[k] & ~(unsigned)b->hi[k]);
    return missing == 0;
}

/* Where it raises the number of false alarms least. */
static size_t place(struct bucket *buckets, const struct shares *s, const struct candidate *c)
{
    const struct sv_gate_key *key = c->key;
    for (size_t i = 0; i < BUCKETS && buckets[i].used; i++)
        if (holds(&buckets[i], &c->alone))
            return i;
    struct bucket best_after = buckets[0];
    size_t best = 0;
    float least = FLT_MAX;
    for (size_t i = 0; i < BUCKETS; i++) {
        struct bucket after = buckets[i];
        add(&after, s, key);
        float more = after.chance - buckets[i].chance;
        if (more < least) {
            least = more;
            best = i;
            best_after = after;
        }
        if (!buckets[i].used)
            break; /* the empty ones are alike */
    }
    buckets[best] = best_after;
    return best;
}

static void mark(struct sv_gate_nibbles *t, size_t bucket, const struct sv_gate_key *key)
{
    uint8_t bit = (uint8_t)(1u << bucket % SV_GATE_BUCKETS);
    for (size_t k = 0; k < SV_GATE_FP; k++) {
        uint8_t *row = t->whole[bucket / SV_GATE_BUCKETS][k];
        if (k >= key->fp_n) {
            for (size_t c = 0; c < sizeof t->whole[0][0]; c++)
                row[c] |= bit;
            continue;
        }
        unsigned c = (unsigned char)key->text[key->at + k] & 127u;
        row[c] |= bit;
        if (key->nocase && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            row[c ^ 0x20] |= bit;
    }
}

static int by_chance(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    float p = a->alone.chance, q = b->alone.chance;
    return p != q ? (p < q) - (p > q) : (a->key > b->key) - (a->key < b->key);
}

const struct sv_gate_nibbles *sv_gate_nibbles_build(struct sv_arena *a,
                                                    const struct sv_gate_key *keys, size_t n)
{
    struct sv_gate_nibbles *t = sv_new(a, struct sv_gate_nibbles);
    struct sv_arena work = {0};
    struct shares *shares = sv_new(&work, struct shares);
    struct bucket *buckets = sv_new_n(&work, struct bucket, BUCKETS);
    struct candidate *c = sv_new_n(&work, struct candidate, n + 1);
    count_shares(shares);
    for (size_t i = 0; i < n; i++) {
        c[i].key = &keys[i];
        add(&c[i].alone, shares, &keys[i]);
    }
    /* Common ones first: they get buckets of their own, and rare ones join them. */
    qsort(c, n, sizeof *c, by_chance);
    for (size_t i = 0; i < n; i++)
        mark(t, place(buckets, shares, &c[i]), c[i].key);
    for (size_t b = 0; b < BUCKETS; b++) {
        size_t g = b / SV_GATE_BUCKETS;
        unsigned bit = 1u << b % SV_GATE_BUCKETS;
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            for (unsigned h = 0; h < 16; h++) {
                t->lo[g][k][h] |= (uint8_t)(buckets[b].lo[k] >> h & 1 ? bit : 0);
                t->hi[g][k][h] |= (uint8_t)(buckets[b].hi[k] >> h & 1 ? bit : 0);
            }
        }
    }
    sv_arena_clear(&work);
    return t;
}

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

#define KERNEL run_avx2
#define TARGET __attribute__((target("avx2,bmi,popcnt")))
#define VEC __m256i
#define WIDTH 32
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define TABLE(p) _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)(p)))
#define SHUFFLE(table, at) _mm256_shuffle_epi8(table, at)
#define HIGH(v) _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15))
#define LOW(v, last) ((last) ? _mm256_and_si256(v, _mm256_set1_epi8(15)) : (v))
#define AND(a, b) _mm256_and_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define MASK(v) (~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256())))
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
