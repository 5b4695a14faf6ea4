// SPDX-License-Identifier: Apache-2.0
// One pass over a text that marks where an escape may matter and where a long run may begin, for
// most text holds neither and must cost next to nothing.
#include "secrets/views_part.h"

#if defined(__x86_64__)
#define HAVE_AVX2 1
#include <immintrin.h>
#endif

/* Bits of 64 bytes: letters and digits; what may begin an escape; what may hide a keyword by it. */
struct words {
    uint64_t alnum, lead, strong;
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
    struct words w = {0, 0, 0};
    for (size_t i = 0; i < 64 && at + i < s.n; i++) {
        char c = s.p[at + i], next = at + i + 1 < s.n ? s.p[at + i + 1] : 0;
        w.alnum |= (uint64_t)is_alnum((unsigned char)c) << i;
        w.lead |= (uint64_t)is_lead(c) << i;
        w.strong |= (uint64_t)is_strong(c, next) << i;
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

/* The bytes of v as an index into 16 by their low and by their high half, both answers' common
 * bits. */
AVX2 static inline __m256i by_halves(__m256i v, __m256i low, __m256i high)
{
    const __m256i half = _mm256_set1_epi8(15);
    return _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(v, half)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
}

enum { PERCENT = 1, BACKSLASH = 2, AMPERSAND = 4, EQUALS = 8 };

/* How many of the words it made; it reads a byte more than it marks. As is_strong, but for some
 * more: '\\' before a vertical tab or 'p' and such. */
AVX2 static size_t scan_avx2(struct sv_slice s, uint64_t *alnum, uint64_t *lead, uint64_t *strong)
{
    enum { P = PERCENT, B = BACKSLASH, A = AMPERSAND, E = EQUALS, D = 16, N = 32, L = 64 };
    /* Halves of the four leads; then of what follows each: digits '2'..'7' of '%', digits, letters
     * and '/' of '\\', '#', line ends. */
    const __m256i lead_low = _mm256_broadcastsi128_si256(
                      _mm_setr_epi8(0, 0, 0, 0, 0, P, A, 0, 0, 0, 0, 0, B, E, 0, 0)),
                  lead_high = _mm256_broadcastsi128_si256(
                      _mm_setr_epi8(0, 0, P | A, E, 0, B, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
                  next_low = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      D, A | D, D | P, A | D | P, P, L | P, P, P, L, 0, E, 0, 0, E, 0, N)),
                  next_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      E, 0, A | N, P | D, 0, L, A, L, 0, 0, 0, 0, 0, 0, 0, 0)),
                  any = _mm256_set1_epi8(D | N | L), zero = _mm256_setzero_si256();
    const __m256i letters = _mm256_set1_epi8((char)(0x80 - 'a')),
                  digits = _mm256_set1_epi8((char)(0x80 - '0')),
                  n_letters = _mm256_set1_epi8(-128 + 26), n_digits = _mm256_set1_epi8(-128 + 10),
                  lower = _mm256_set1_epi8(0x20), backslash = _mm256_set1_epi8(BACKSLASH);
    size_t w = 0;
    for (; (w + 1) * 64 < s.n; w++) {
        uint64_t not_lead = 0, not_strong = 0;
        alnum[w] = 0;
#pragma GCC unroll 2
        for (unsigned i = 0; i < 64; i += 32) {
            const char *p = s.p + w * 64 + i;
            __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)p);
            __m256i n = _mm256_loadu_si256((const __m256i *)(const void *)(p + 1));
            __m256i l = _mm256_cmpgt_epi8(
                n_letters, _mm256_add_epi8(_mm256_or_si256(c, lower), letters));
            __m256i d = _mm256_cmpgt_epi8(n_digits, _mm256_add_epi8(c, digits));
            __m256i is = by_halves(c, lead_low, lead_high);
            __m256i next = by_halves(n, next_low, next_high);
            __m256i escape = _mm256_cmpeq_epi8(_mm256_and_si256(next, any), zero);
            next = _mm256_or_si256(next, _mm256_andnot_si256(escape, backslash));
            alnum[w] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(l, d)) << i;
            not_lead |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(is, zero)) << i;
            not_strong |= (uint64_t)(uint32_t)_mm256_movemask_epi8(
                              _mm256_cmpeq_epi8(_mm256_and_si256(is, next), zero)) << i;
        }
        lead[w] = ~not_lead;
        strong[w] = ~not_strong;
    }
    return w;
}

AVX2 static inline __m256i and_shifted(__m256i low, __m256i high, int n)
{
    return _mm256_and_si256(
        low, _mm256_or_si256(_mm256_srli_epi64(low, n), _mm256_slli_epi64(high, 64 - n)));
}

/* run_starts of four words at once, in place; how many words are done. */
AVX2 static size_t starts_avx2(uint64_t *alnum, size_t n)
{
    static const int steps[] = {1, 2, 4, 8, 8};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(alnum + i));
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(alnum + i + 1));
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
    f->block_end = left < SV_VIEW_BLOCK ? f->text.n : f->block + SV_VIEW_BLOCK;
#if HAVE_AVX2
    bool fast = __builtin_cpu_supports("avx2") != 0;
    if (fast)
        w = scan_avx2(sv_slice_sub(s, 0, n * 64 + 1), f->runs, f->leads, f->strong);
    if (fast && w < n) { /* the rest, with NULs behind it */
        char rest[3 * 64] = {0};
        memcpy(rest, s.p + w * 64, (left < n * 64 ? left : n * 64) - w * 64);
        scan_avx2((struct sv_slice){rest, (n - w) * 64 + 1}, f->runs + w, f->leads + w,
                  f->strong + w);
        w = n;
    }
#endif
    for (; w < n; w++) {
        struct words one = scan_bytes(s, w * 64);
        f->runs[w] = one.alnum;
        f->leads[w] = one.lead;
        f->strong[w] = one.strong;
    }
    f->runs[n] = 0;
#if HAVE_AVX2
    if (fast)
        i = starts_avx2(f->runs, n);
#endif
    for (; i < n; i++)
        f->runs[i] = run_starts(f->runs[i], f->runs[i + 1]);
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

void sv_view_copy(const struct sv_view_find *f, uint64_t *to, const uint64_t *from, size_t at,
                  size_t end)
{
    if (end <= f->block)
        return;
    at = at > f->block ? at - f->block : 0;
    end = (end < f->block_end ? end : f->block_end) - f->block;
    for (size_t w = at / 64; at < end && w <= (end - 1) / 64; w++) {
        uint64_t m = ~(uint64_t)0;
        if (w == at / 64)
            m = m >> at % 64 << at % 64;
        if (w == end / 64)
            m &= ((uint64_t)1 << end % 64) - 1;
        to[w] |= from[w] & m;
    }
}
