// SPDX-License-Identifier: Apache-2.0
// One pass over a text that marks where an escape may matter and where a long run may begin, for
// most text holds neither and must cost next to nothing.
#include <ctype.h>

#include "base/lanes.h"
#include "secrets/views_part.h"

#if defined(__x86_64__)
#define HAVE_AVX2 1
#include <immintrin.h>
#endif

/* Bits of 64 bytes: letters and digits; what may begin an escape; what may hide a keyword by it. */
struct words {
    uint64_t alnum, lead, strong;
    bool nul; /* among them */
};

static bool is_alnum(unsigned char c)
{
    unsigned char l = c | 0x20;
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

static bool is_lead(char c)
{
    return c == '%' || c == '\\' || c == '&' || c == '=';
}

/* By its first bytes: the code of a character, the end of a line of mail, part of "://". */
static bool is_strong(char c, char next)
{
    switch (c) {
    case '&':
        return next == '#' || next == 'a'; /* "&amp;#115;" */
    case '\\':
        return next == 'x' || next == 'u' || next == 'U' || next == '/' ||
               (next >= '0' && next <= '3');
    case '=':
        return next == '\n' || next == '\r';
    case '%':
        return next >= '2' && next <= '7';
    default:
        return false;
    }
}

static struct words scan_bytes(struct sv_slice s, size_t at)
{
    struct words w = {0};
    for (size_t i = 0; i < 64 && at + i < s.n; i++) {
        char c = s.p[at + i], next = at + i + 1 < s.n ? s.p[at + i + 1] : 0;
        w.alnum |= (uint64_t)is_alnum((unsigned char)c) << i;
        w.lead |= (uint64_t)is_lead(c) << i;
        w.strong |= (uint64_t)is_strong(c, next) << i;
        w.nul |= c == 0;
    }
    return w;
}

/* Bits where SV_VIEW_RUN letters and digits in a row begin. */
static uint64_t run_starts(uint64_t low, uint64_t high)
{
    static const unsigned steps[] = {1, 2, 4, 8, 8};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        low &= low >> steps[i] | high << (64 - steps[i]);
        high &= high >> steps[i];
    }
    return low;
}
_Static_assert(SV_VIEW_RUN == 24, "the steps' sum and one");

#if HAVE_AVX2
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline uint32_t mask_of(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

/* The bytes of v as an index into 16 by their low and by their high half, both answers' common
 * bits. */
AVX2 static inline __m256i by_halves(__m256i v, __m256i low, __m256i high)
{
    const __m256i half = _mm256_set1_epi8(15);
    return _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(v, half)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
}

/* How many of the words it made; it reads a byte more than it marks. As is_strong, but for some
 * more: '\\' before '(' or '_' and such. */
AVX2 static size_t scan_avx2(struct sv_slice s, uint64_t *alnum, uint64_t *lead, uint64_t *strong,
                             bool *ret_nul)
{
    /* A bit for each lead, two for '\\', and for letters and digits by rows of ASCII; then, for
     * each lead, what follows it: digits '2'..'7'; '/' and letters, digits; '#', 'a'; line ends. */
    enum { P = 1, B = 2, A = 4, E = 8, C = 16, F = B | C, G = 32, H = 64, I = 128, J = G | H | I };
    const __m256i is_low = _mm256_broadcastsi128_si256(
                      _mm_setr_epi8((char)(G | I), (char)J, (char)J, (char)J, (char)J,
                                    (char)(J | P), (char)(J | A), (char)J, (char)J, (char)J,
                                    (char)(H | I), H, H | F, H | E, H, H)),
                  is_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      0, 0, P | A, G | E, H, (char)(I | F), H, (char)I, 0, 0, 0, 0, 0, 0, 0, 0)),
                  next_low = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      C, C | A, C | P, C | P | A, P, P | B, P, P, B, 0, E, 0, 0, E, 0, B)),
                  next_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      E, 0, A | B, P | C, 0, B, A, B, 0, 0, 0, 0, 0, 0, 0, 0)),
                  word = _mm256_set1_epi8((char)J), zero = _mm256_setzero_si256();
    __m256i least = word; /* of the bytes at each place of a vector */
    size_t w = 0;
    for (; (w + 1) * 64 < s.n; w++) {
        uint64_t not_alnum = 0, nothing = 0, not_strong = 0;
#pragma GCC unroll 2
        for (unsigned i = 0; i < 64; i += 32) {
            const char *p = s.p + w * 64 + i;
            __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)p);
            __m256i n = _mm256_loadu_si256((const __m256i *)(const void *)(p + 1));
            __m256i is = by_halves(c, is_low, is_high);
            __m256i both = _mm256_and_si256(is, by_halves(n, next_low, next_high));
            __m256i in_word = _mm256_and_si256(is, word);
            least = _mm256_min_epu8(least, c);
            not_alnum |= (uint64_t)mask_of(_mm256_cmpeq_epi8(in_word, zero)) << i;
            nothing |= (uint64_t)mask_of(_mm256_cmpeq_epi8(is, zero)) << i;
            not_strong |= (uint64_t)mask_of(_mm256_cmpeq_epi8(both, zero)) << i;
        }
        alnum[w] = ~not_alnum;
        lead[w] = not_alnum & ~nothing;
        strong[w] = ~not_strong;
    }
    *ret_nul |= mask_of(_mm256_cmpeq_epi8(least, zero)) != 0;
    return w;
}

AVX2 static inline __m256i and_shifted(__m256i low, __m256i high, int n)
{
    return _mm256_and_si256(
        low, _mm256_or_si256(_mm256_srli_epi64(low, n), _mm256_slli_epi64(high, 64 - n)));
}

/* A run of SV_VIEW_RUN holds two whole bytes of a word, one behind the other: where there are none,
 * as in most text, no run begins in the four words `low` or ends in the last one of `high`. */
AVX2 static inline bool has_run(__m256i low, __m256i high)
{
    const __m256i all = _mm256_set1_epi8(-1);
    uint64_t whole = mask_of(_mm256_cmpeq_epi8(low, all));
    whole |= (uint64_t)mask_of(_mm256_cmpeq_epi8(high, all)) << 8;
    return (whole & whole >> 1) != 0;
}
_Static_assert(SV_VIEW_RUN >= 7 + 2 * 8, "bits before the first whole byte, and two bytes");

/* run_starts of four words at once, in place; how many words are done. */
AVX2 static size_t starts_avx2(uint64_t *alnum, size_t n)
{
    static const int steps[] = {1, 2, 4, 8, 8};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(alnum + i));
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(alnum + i + 1));
        if (!has_run(low, high)) {
            _mm256_storeu_si256((__m256i *)(void *)(alnum + i), _mm256_setzero_si256());
            continue;
        }
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            low = and_shifted(low, high, steps[k]);
            high = _mm256_and_si256(high, _mm256_srli_epi64(high, steps[k]));
        }
        _mm256_storeu_si256((__m256i *)(void *)(alnum + i), low);
    }
    return i;
}
#endif

void sv_views_scan(struct sv_view_find *f)
{
    /* A word more than the block's, for runs that go on behind it. */
    size_t left = f->text.n - f->block, n = left / 64 + 1, w = 0, i = 0;
    n = n < SV_VIEW_WORDS + 1 ? n : SV_VIEW_WORDS + 1;
    struct sv_slice s = sv_slice_sub(f->text, f->block, f->text.n);
    struct sv_view_block *b = f->bits;
    f->block_end = left < SV_VIEW_BLOCK ? f->text.n : f->block + SV_VIEW_BLOCK;
#if HAVE_AVX2
    bool fast = __builtin_cpu_supports("avx2") != 0;
    if (fast)
        w = scan_avx2(sv_slice_sub(s, 0, n * 64 + 1), b->runs, b->leads, b->strong, &f->nul);
    if (fast && w < n) { /* the rest, with blanks behind it */
        char rest[3 * 64];
        size_t have = (left < n * 64 ? left : n * 64) - w * 64;
        memcpy(rest, s.p + w * 64, have);
        memset(rest + have, ' ', sizeof rest - have);
        scan_avx2((struct sv_slice){rest, (n - w) * 64 + 1}, b->runs + w, b->leads + w,
                  b->strong + w, &f->nul);
        w = n;
    }
#endif
    for (; w < n; w++) {
        struct words one = scan_bytes(s, w * 64);
        b->runs[w] = one.alnum;
        b->leads[w] = one.lead;
        b->strong[w] = one.strong;
        f->nul |= one.nul;
    }
    b->runs[n] = 0;
#if HAVE_AVX2
    if (fast)
        i = starts_avx2(b->runs, n);
#endif
    for (; i < n; i++)
        b->runs[i] = run_starts(b->runs[i], b->runs[i + 1]);
}

size_t sv_view_next(const struct sv_view_find *f, const uint64_t *words, size_t at)
{
    if (at >= f->block_end)
        return f->block_end;
    size_t n = f->block_end - f->block, w = (at - f->block) / 64, last = (n - 1) / 64;
    uint64_t m = words[w] >> (at - f->block) % 64 << (at - f->block) % 64;
    while (!m && w < last)
        m = words[++w];
    size_t found = w * 64 + (m ? (size_t)__builtin_ctzll(m) : 0);
    return m && found < n ? f->block + found : f->block_end;
}

const char *sv_view_digit(const char *p, const char *end)
{
    for (; end - p >= (ptrdiff_t)sizeof(sv_lanes); p += sizeof(sv_lanes)) {
        size_t before = sv_lanes_first((sv_lanes)(sv_lanes_load(p) - '0' < 10));
        if (before < sizeof(sv_lanes))
            return p + before;
    }
    while (p < end && !isdigit((unsigned char)*p))
        p++;
    return p;
}
