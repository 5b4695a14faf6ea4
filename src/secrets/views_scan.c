// SPDX-License-Identifier: Apache-2.0
// One pass over a text that marks where an escape may hide a keyword and where a long run may be,
// for most text holds neither and must cost next to nothing.
#include <ctype.h>
#include <endian.h>

#include "base/lanes.h"
#include "secrets/views_part.h"

#if defined(__x86_64__)
#define HAVE_X86 1
#include <immintrin.h>
#endif

/* A bit says of so many bytes that a run may go through all of them; a run goes through so many
 * such groups, whatever the place where it begins. */
enum { GROUP = 4, ROW = 5 };
_Static_assert(SV_VIEW_RUN >= GROUP - 1 + ROW * GROUP, "bytes before the first group, and a row");

/* What makes the lead of an escape strong: the code of a character follows, the end of a line of
 * mail, part of "://" or '@'. The leads' low halves differ. */
#define BIT(lead) (1 << ((lead) & 15))
enum { PERCENT = BIT('%'), AND = BIT('&'), BACK = BIT('\\'), EQUALS = BIT('=') };
static const uint16_t follows[256] = {
    ['\n'] = EQUALS, ['\r'] = EQUALS, ['#'] = AND, ['a'] = AND, ['c'] = AND, /* "&amp;", "&colon;" */
    ['0' ... '1'] = BACK, ['2' ... '3'] = PERCENT | BACK, ['4' ... '7'] = PERCENT, ['/'] = BACK,
    ['U'] = BACK, ['u'] = BACK, ['x'] = BACK,
};

/* Of the places of leads in a word, those at which a strong one stands. */
static uint64_t strong_of(const char *p, uint64_t places)
{
    uint64_t strong = 0;
    for (; places; places &= places - 1) {
        const char *lead = p + __builtin_ctzll(places);
        if (follows[(unsigned char)lead[1]] & BIT(*lead))
            strong |= places & -places;
    }
    return strong;
}

/* A bit for each of 64 bytes: letters and digits; digits of base64, of both alphabets; digits. */
struct seen {
    uint64_t alnum, base64, digit;
};

#define INLINE static inline __attribute__((always_inline))

static void set_whole(struct sv_view_block *b, size_t w, unsigned bits)
{
    uint16_t whole = htole16((uint16_t)bits);
    memcpy(b->whole + 2 * w, &whole, sizeof whole);
}

static void set_strong(struct sv_view_block *b, size_t w, uint64_t bits)
{
    uint64_t *some = &b->some[w / 64], bit = (uint64_t)1 << w % 64;
    b->strong[w] = *some & bit ? b->strong[w] | bits : bits;
    *some |= bit;
}

/* ---- any machine ---- */

static inline sv_lanes is_letter(sv_lanes v)
{
    return (sv_lanes)((v | 0x20) - 'a' < 26);
}

static inline sv_lanes is_digit(sv_lanes v)
{
    return (sv_lanes)(v - '0' < 10);
}

static inline sv_lanes is_lead(sv_lanes v)
{
    return (sv_lanes)(v == '%') | (sv_lanes)(v == '&') | (sv_lanes)(v == '\\') |
           (sv_lanes)(v == '=');
}

static uint64_t leads_of(const char *p)
{
    uint64_t leads = 0;
    for (unsigned i = 0; i < 64; i += sizeof(sv_lanes))
        leads |= (uint64_t)sv_lanes_bits(is_lead(sv_lanes_load(p + i))) << i;
    return leads;
}

/* A bit for each four of 64 that are set. */
static unsigned fours_of(uint64_t m)
{
    m &= m >> 1;
    m = m & m >> 2 & 0x1111111111111111;
    m = (m | m >> 3) & 0x0303030303030303;
    m = (m | m >> 6) & 0x000f000f000f000f;
    m = (m | m >> 12) & 0x000000ff000000ff;
    return (unsigned)(m | m >> 24) & 0xffff;
}

/* Words from `w` to before `n`, all of their bytes and one more in the text. */
static void scan_words(struct sv_view_find *f, const char *p, size_t w, size_t n)
{
    sv_lanes nul = {0};
    for (; w < n; w++, p += 64) {
        uint64_t alnum = 0;
        for (unsigned i = 0; i < 64; i += sizeof(sv_lanes)) {
            sv_lanes v = sv_lanes_load(p + i);
            alnum |= (uint64_t)sv_lanes_bits(is_letter(v) | is_digit(v)) << i;
            nul |= (sv_lanes)(v == 0);
        }
        uint64_t strong = strong_of(p, leads_of(p));
        set_whole(f->bits, w, fours_of(alnum));
        if (strong)
            set_strong(f->bits, w, strong);
    }
    f->nul |= sv_lanes_bits(nul) != 0;
}

static struct seen see(const char *p)
{
    struct seen s = {0};
    for (unsigned i = 0; i < 64; i += sizeof(sv_lanes)) {
        sv_lanes v = sv_lanes_load(p + i), digit = is_digit(v), alnum = is_letter(v) | digit;
        sv_lanes other = (sv_lanes)(v == '+') | (sv_lanes)(v == '-') | (sv_lanes)(v == '/') |
                         (sv_lanes)(v == '_');
        s.alnum |= (uint64_t)sv_lanes_bits(alnum) << i;
        s.base64 |= (uint64_t)sv_lanes_bits(alnum | other) << i;
        s.digit |= (uint64_t)sv_lanes_bits(digit) << i;
    }
    return s;
}

/* ---- x86 ---- */

#if HAVE_X86
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint32_t mask_of(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

AVX2 static inline __m256i load(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
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

/* Few words hold a strong lead, but programs are full of others: what follows is looked at before a
 * branch is. */
AVX2 static void scan_avx2(struct sv_view_find *f, const char *p, size_t w, size_t n)
{
    /* A bit for each lead, two for '\\', and for letters and digits by rows of ASCII; then, for
     * each lead, what follows it and some more: '\\' before '(' or '_' and such. */
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
    struct sv_view_block *b = f->bits;
    __m256i least = _mm256_set1_epi8(1); /* of the bytes at each place of a vector */
    for (; w < n; w++, p += 64) {
        __m256i strong[2];
        unsigned whole = 0;
#pragma GCC unroll 2
        for (unsigned i = 0; i < 2; i++) {
            __m256i c = load(p + 32 * i), is = by_halves(c, is_low, is_high);
            __m256i other = _mm256_cmpeq_epi8(_mm256_and_si256(is, word), zero);
            __m256i four = _mm256_cmpeq_epi32(other, zero);
            whole |= (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(four)) << 8 * i;
            strong[i] =
                _mm256_and_si256(is, by_halves(load(p + 32 * i + 1), next_low, next_high));
            least = _mm256_min_epu8(least, c);
        }
        set_whole(b, w, whole);
        __m256i any = _mm256_or_si256(strong[0], strong[1]);
        if (_mm256_testz_si256(any, any))
            continue;
        uint64_t none = mask_of(_mm256_cmpeq_epi8(strong[0], zero)) |
                        (uint64_t)mask_of(_mm256_cmpeq_epi8(strong[1], zero)) << 32;
        uint64_t places = strong_of(p, ~none);
        if (places)
            set_strong(b, w, places);
    }
    f->nul |= mask_of(_mm256_cmpeq_epi8(least, zero)) != 0;
}

/* The leads' low halves differ: each byte is compared with the one lead that it may be. No byte
 * whose low half is 0 is a 1. */
AVX2 static inline __m256i leads_avx2(__m256i c)
{
    const __m256i leads = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 0, 0, 0, 0, '%', '&', 0, 0, 0, 0, 0, '\\', '=', 0, 0));
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(leads, c), c);
}

AVX2 static inline uint64_t leads_of_avx2(const char *p)
{
    return mask_of(leads_avx2(load(p))) |
           (uint64_t)mask_of(leads_avx2(load(p + 32))) << 32;
}

/* Of 32 bytes. */
struct seen32 {
    uint32_t not_alnum, not_base64, digit;
};

AVX2 static inline struct seen32 see32(__m256i c)
{
    /* Digits, letters by two rows of ASCII, '_', and "+-/". */
    enum { D = 128, A = 1, P = 2, U = 4, S = 8, L = A | P, W = D | A | P };
    const __m256i low = _mm256_broadcastsi128_si256(
                      _mm_setr_epi8((char)(D | P), (char)W, (char)W, (char)W, (char)W, (char)W,
                                    (char)W, (char)W, (char)W, (char)W, L, A | S, A, A | S, A,
                                    A | S | U)),
                  high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                      0, 0, S, (char)D, A, P | U, A, P, 0, 0, 0, 0, 0, 0, 0, 0)),
                  word = _mm256_set1_epi8((char)W), zero = _mm256_setzero_si256();
    __m256i is = by_halves(c, low, high), alnum = _mm256_and_si256(is, word);
    return (struct seen32){mask_of(_mm256_cmpeq_epi8(alnum, zero)),
                            mask_of(_mm256_cmpeq_epi8(is, zero)), mask_of(is)};
}

AVX2 static inline struct seen see_avx2(const char *p)
{
    struct seen32 a = see32(load(p)), b = see32(load(p + 32));
    return (struct seen){~(a.not_alnum | (uint64_t)b.not_alnum << 32),
                         ~(a.not_base64 | (uint64_t)b.not_base64 << 32),
                         a.digit | (uint64_t)b.digit << 32};
}
#endif

/* ---- all of them ---- */

/* The word's bytes and one more; behind the text's end there are blanks. */
static const char *word_at(const struct sv_view_find *f, size_t w, char room[65])
{
    size_t at = f->block + w * 64, left = f->text.n - at;
    if (left > 64)
        return f->text.p + at;
    memset(room, ' ', 65);
    memcpy(room, f->text.p + at, left);
    return room;
}

typedef struct seen see_fn(const char *p);

INLINE struct seen see_at(struct sv_slice s, ptrdiff_t at, see_fn *see_them)
{
    char room[64];
    if (at >= 0 && s.n >= 64 && (size_t)at <= s.n - 64)
        return see_them(s.p + at);
    size_t from = at < 0 ? 0 : (size_t)at, to = (size_t)(at + 64) < s.n ? (size_t)(at + 64) : s.n;
    memset(room, ' ', sizeof room);
    if (to > from)
        memcpy(room + ((ptrdiff_t)from - at), s.p + from, to - from);
    return see_them(room);
}

/* ---- runs ---- */

enum { WINDOW = 2 * GROUP }; /* bytes looked at before a row */

/* How many of the bits just before WINDOW are set, and how many from there on. */
static inline size_t ones_before(uint64_t m)
{
    return (size_t)__builtin_clzll(~(m << (64 - WINDOW)));
}

static inline size_t ones_from(uint64_t m)
{
    return (size_t)__builtin_ctzll(~(m >> WINDOW));
}

/* The groups of word `i` at which a row begins. */
static inline uint64_t rows_of(const struct sv_view_block *b, size_t i)
{
    uint64_t low, high;
    memcpy(&low, b->whole + 8 * i, sizeof low);
    memcpy(&high, b->whole + 8 * i + 8, sizeof high);
    low = le64toh(low);
    high = le64toh(high);
    uint64_t two = low & (low >> 1 | high << 63);
    uint64_t four = two & (two >> 2 | (high & high >> 1) << 62);
    return four & (low >> 4 | high << 60);
}
_Static_assert(ROW == 5, "two, four, and one");

/* A place in each run and in some that are too short: the first group of each row. Two are put
 * down whether there are so many or not: a loop's end would be guessed wrong each time. */
INLINE size_t find_rows(const struct sv_view_block *b, size_t last, uint16_t *ret)
{
    size_t n = 0;
    uint64_t before = 0;
    for (size_t i = 0; i <= last / 64; i++) {
        uint64_t rows = rows_of(b, i), first = rows & ~(rows << 1 | before);
        size_t end = n + (size_t)__builtin_popcountll(first);
        before = rows >> 63;
        for (size_t k = 0; k < 2 || n + k < end; k++) {
            size_t group = 64 * i + (size_t)__builtin_ctzll(first | (uint64_t)1 << 63);
            ret[n + k] = (uint16_t)(group * GROUP);
            first &= first - 1;
        }
        n = end;
    }
    return n;
}

/* Between two rows a group is missing, so that they begin six groups apart or more. */
_Static_assert((SV_VIEW_BLOCK / GROUP + 2) / (ROW + 1) + 1 + 2 <=
                   sizeof((struct sv_view_block *)0)->runs / sizeof(uint16_t),
               "the rows of a block, and two put down in vain");

/* The whole run is to be seen, has no digit, is too short to go on in the next line, and does not
 * begin a JWT. */
static inline bool is_short_name(const char *place, struct seen s)
{
    size_t before = ones_before(s.base64), n = before + ones_from(s.base64);
    uint64_t digits = s.digit >> (WINDOW - before) & (((uint64_t)1 << n % 64) - 1);
    return (before < WINDOW) & (n < SV_VIEW_FULL_LINE) & (digits == 0) &
           (memcmp(place - before, SV_VIEW_JWT, strlen(SV_VIEW_JWT)) != 0);
}

/* Of the rows the ones that count, in place. No branch depends on what a run is: half of those
 * that are looked at are too short, and most of the others are names. */
INLINE void scan_runs(struct sv_view_find *f, see_fn *see_them)
{
    uint16_t *rows = f->bits->runs;
    size_t n = find_rows(f->bits, (f->block_end - f->block) / GROUP + 1, rows), kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t place = f->block + rows[i];
        struct seen s = see_at(f->text, (ptrdiff_t)place - WINDOW, see_them);
        size_t before = ones_before(s.alnum);
        bool is_run = before + ones_from(s.alnum) >= SV_VIEW_RUN;
        rows[kept] = rows[i];
        kept += is_run & (place - before < f->block_end) & !is_short_name(f->text.p + place, s);
    }
    f->bits->n_runs = kept;
}

static void scan_runs_any(struct sv_view_find *f)
{
    scan_runs(f, see);
}

#if HAVE_X86
AVX2 static void scan_runs_avx2(struct sv_view_find *f)
{
    scan_runs(f, see_avx2);
}
#endif

/* ---- near keywords ---- */

typedef uint64_t leads_fn(const char *p);

INLINE void scan_leads(struct sv_view_find *f, size_t at, size_t end, leads_fn *leads)
{
    for (size_t w = at / 64; w <= (end - 1) / 64; w++) {
        char room[65];
        uint64_t m = leads(word_at(f, w, room));
        if (w == at / 64)
            m = m >> at % 64 << at % 64;
        if (w == end / 64)
            m &= ((uint64_t)1 << end % 64) - 1;
        if (m)
            set_strong(f->bits, w, m);
    }
}

#if HAVE_X86
AVX2 static void scan_leads_avx2(struct sv_view_find *f, size_t at, size_t end)
{
    scan_leads(f, at, end, leads_of_avx2);
}
#endif

static void scan_leads_any(struct sv_view_find *f, size_t at, size_t end)
{
    scan_leads(f, at, end, leads_of);
}

/* ---- the scan ---- */

/* What a machine does best. */
static const struct machine {
    void (*words)(struct sv_view_find *f, const char *p, size_t w, size_t n);
    void (*runs)(struct sv_view_find *f);
    void (*leads)(struct sv_view_find *f, size_t at, size_t end);
    see_fn *see;
} any = {scan_words, scan_runs_any, scan_leads_any, see};
#if HAVE_X86
static const struct machine avx2 = {scan_avx2, scan_runs_avx2, scan_leads_avx2, see_avx2};
#endif

static const struct machine *machine(bool portable)
{
#if HAVE_X86
    if (!portable && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("popcnt"))
        return &avx2;
#else
    (void)portable;
#endif
    return &any;
}

void sv_views_scan(struct sv_view_find *f)
{
    /* A word more than the block's, for runs that go on behind it. */
    size_t left = f->text.n - f->block, n = left / 64 + 1, w;
    n = n < SV_VIEW_WORDS + 1 ? n : SV_VIEW_WORDS + 1;
    struct sv_view_block *b = f->bits;
    const struct machine *m = machine(f->portable);
    char room[65];
    f->block_end = left < SV_VIEW_BLOCK ? f->text.n : f->block + SV_VIEW_BLOCK;
    memset(b->some, 0, sizeof b->some);
    memset(b->whole + 2 * (n - 1), 0, sizeof b->whole - 2 * (n - 1));
    w = (left - 1) / 64 < n ? (left - 1) / 64 : n;
    m->words(f, f->text.p + f->block, 0, w);
    for (; w < n; w++)
        m->words(f, word_at(f, w, room), w, w + 1);
    m->runs(f);
}

void sv_views_scan_leads(struct sv_view_find *f, size_t at, size_t end)
{
    at = at > f->block ? at - f->block : 0;
    end = end < f->block_end ? end : f->block_end;
    if (end > f->block + at)
        machine(f->portable)->leads(f, at, end - f->block);
}

size_t sv_view_run_end(const struct sv_view_find *f, size_t at)
{
    see_fn *see_them = machine(f->portable)->see;
    for (;; at += 64) {
        uint64_t no = ~see_at(f->text, (ptrdiff_t)at, see_them).base64;
        if (no)
            return at + (size_t)__builtin_ctzll(no);
    }
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
