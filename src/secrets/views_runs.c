// SPDX-License-Identifier: Apache-2.0
// Long runs of letters and digits that say something in base64 or hex, on one line or several.
#include "secrets/views_part.h"

enum {
    LEAST_BYTES = 15,   /* text in a row: a name and a value, or a token */
    LONGEST_NAME = 64,  /* of what has no digit */
};

/* ---- finding runs ---- */

enum { B64 = 1, HEX = 2, TEXT = 4 };
/* Digits of base64 and base64url, of hex; characters of a text that hides a secret: printable
 * ASCII, blanks, line ends, and the NULs of UTF-16. */
#define X 7 /* letters that are digits of hex too */
#define L 5
static const unsigned char kinds[256] = {
    4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 5, 4, 5, X, X, X, X, X, X, X, X, X, X, 4, 4, 4, 4, 4, 4,
    4, X, X, X, X, X, X, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, 4, 4, 4, 4, 5,
    4, X, X, X, X, X, X, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, 4, 4, 4, 4, 0,
};
#undef X
#undef L

static unsigned kind_of(char c)
{
    return kinds[(unsigned char)c];
}

/* Behind the end of a line, real or as "\r\n" in a string, and the next one's indentation; `at` if
 * there is none. */
static size_t line_break(struct sv_slice s, size_t at)
{
    size_t i = at, back = 0;
    while (i < s.n && s.p[i] == '\\') {
        for (back = i; i < s.n && s.p[i] == '\\';)
            i++;
        if (i == s.n || (s.p[i] != 'n' && s.p[i] != 'r'))
            return back > at ? back : at;
        if (s.p[i++] == 'n')
            return i;
    }
    if (i > at)
        return i;
    if (i < s.n && s.p[i] == '\r')
        i++;
    if (i == s.n || s.p[i] != '\n')
        return at;
    i++;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
        i++;
    return i;
}

/* ---- decoding them ---- */

/* Both alphabets; what is in none is not asked for. */
static const unsigned char b64_digits[128] = {
    ['+'] = 62, ['-'] = 62, ['/'] = 63, ['_'] = 63, ['0'] = 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    ['A'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 25, ['a'] = 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
    45, 46, 47, 48, 49, 50, 51,
};

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

struct base {
    const char *via;
    size_t in, out; /* digits of a group, bytes of one */
    size_t (*group)(const char *p, size_t n, char *out); /* 0: this is no text */
    bool (*whole)(const char *p); /* all of the group is text */
};

static uint32_t b64_digit(char c)
{
    return b64_digits[c & 127];
}

/* Up to four digits. */
static size_t base64_group(const char *p, size_t n, char *out)
{
    uint32_t bits = b64_digit(p[0]) << 18;
    for (size_t i = 1; i < n; i++)
        bits |= b64_digit(p[i]) << (18 - 6 * i);
    if (n == 4 && bits == 0)
        return 0; /* padding, and pictures are full of it */
    out[0] = (char)(bits >> 16);
    out[1] = (char)(bits >> 8);
    out[2] = (char)bits;
    for (size_t i = 0; i + 1 < n; i++)
        if (!(kind_of(out[i]) & TEXT))
            return i;
    return n - 1;
}

/* Most of what is looked at is whole, and no text. */
static bool base64_whole(const char *p)
{
    uint32_t bits = b64_digit(p[0]) << 18 | b64_digit(p[1]) << 12 | b64_digit(p[2]) << 6 |
                    b64_digit(p[3]);
    unsigned kinds_of_all =
        kind_of((char)(bits >> 16)) & kind_of((char)(bits >> 8)) & kind_of((char)bits);
    return bits && (kinds_of_all & TEXT);
}

static size_t hex_group(const char *p, size_t n, char *out)
{
    if (n < 2 || !(kind_of(p[0]) & kind_of(p[1]) & HEX))
        return 0;
    out[0] = (char)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
    return out[0] && (kind_of(out[0]) & TEXT);
}

static bool hex_whole(const char *p)
{
    char out;
    return hex_group(p, 2, &out) == 1;
}

static const struct base bases[] = {{"base64", 4, 3, base64_group, base64_whole},
                                    {"hex", 2, 1, hex_group, hex_whole}};

/* Most groups of no text are known by their first digits. */
static bool may_be_text(const struct base *b, const char *p)
{
    if (b->in == 2)
        return p[0] <= '7' && p[0] != '1';
    unsigned first = b64_digits[p[0] & 127], second = b64_digits[p[1] & 127];
    return kind_of((char)(first << 2 | second >> 4)) & TEXT;
}

static bool whole_group(const struct base *b, struct sv_slice run, size_t at)
{
    return at + b->in <= run.n && b->whole(run.p + at);
}

/* Groups [from, to) of digits, and the rest of one, as a view. */
static void add(struct sv_view_find *f, const struct base *b, struct sv_slice run,
                const struct sv_view *of, size_t base, size_t from, size_t to)
{
    size_t room = (to - from) / b->in * b->out + b->out;
    struct sv_view *v = sv_view_new(f, b->via, room);
    if (!v)
        return;
    char *out = (char *)(uintptr_t)v->text.p;
    size_t n = 0;
    for (size_t i = from; i < to; i += b->in)
        n += b->group(run.p + i, b->in, out + n);
    size_t rest = run.n - to < b->in ? run.n - to : b->in;
    if (rest > 1)
        n += b->group(run.p + to, rest, out + n);
    v->of = of;
    v->blob = true;
    v->text.n = n;
    sv_view_step(f, v, (struct sv_view_step){.out = 0,
                                             .per_out = (unsigned)b->out & 15,
                                             .in = (uint32_t)(base + from) & SV_VIEW_PLACE,
                                             .per_in = (unsigned)b->in & 15});
    sv_view_done(f, v, room);
}

/* Stretches of text in the run, its groups beginning at `phase`. Whatever is long enough holds a
 * group at each multiple of the least length, so that only these are looked at. */
static void try_phase(struct sv_view_find *f, const struct base *b, struct sv_slice run,
                      const struct sv_view *of, size_t base, size_t phase)
{
    size_t least = LEAST_BYTES / b->out * b->in, low = phase;
    for (size_t at = phase + least - b->in; at + b->in <= run.n; at += least) {
        if (!may_be_text(b, run.p + at) || !whole_group(b, run, at))
            continue;
        size_t from = at, to = at + b->in;
        while (from >= low + b->in && whole_group(b, run, from - b->in))
            from -= b->in;
        while (whole_group(b, run, to))
            to += b->in;
        if (to - from >= least)
            add(f, b, run, of, base, from, to);
        low = to;
        if (to > at + least)
            at = to - (to - at) % least - least; /* the loop's step follows */
    }
}

/* In base64 of a text every seventh character is a digit; in the long names of programs none is. */
static bool is_name(struct sv_slice run)
{
    const char *end = run.p + run.n;
    return run.n < LONGEST_NAME && sv_view_digit(run.p, end) == end;
}

static void try_run(struct sv_view_find *f, struct sv_slice run, const struct sv_view *of,
                    size_t base)
{
    if (is_name(run))
        return;
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        for (size_t phase = 0; phase < bases[i].in; phase++)
            try_phase(f, &bases[i], run, of, base, phase);
}

/* Lines [from, to) put together. */
static void try_lines(struct sv_view_find *f, size_t from, size_t to)
{
    struct sv_slice s = f->text;
    struct sv_view *v = sv_view_new(f, "lines", to - from);
    if (!v)
        return;
    char *out = (char *)(uintptr_t)v->text.p;
    size_t n = 0;
    for (size_t at = from; at < to;) {
        size_t end = sv_view_run_end(f, at);
        sv_view_step(f, v, (struct sv_view_step){(uint32_t)n & SV_VIEW_PLACE, 1,
                                                 (uint32_t)at & SV_VIEW_PLACE, 1});
        memcpy(out + n, s.p + at, end - at);
        n += end - at;
        at = line_break(s, end);
        if (at == end)
            break;
    }
    v->joined = true;
    v->text.n = n;
    sv_view_done(f, v, to - from);
    try_run(f, v->text, v, 0);
}

/* "eyJ... . ... . ...": what a JWT says of itself is no secret. */
static bool is_jwt(struct sv_slice s, size_t from, size_t to)
{
    return to < s.n && s.p[to] == '.' && s.n - from > 3 && memcmp(s.p + from, SV_VIEW_JWT, 3) == 0;
}

static size_t jwt_end(const struct sv_view_find *f, size_t at)
{
    for (unsigned i = 0; i < 3 && at < f->text.n && f->text.p[at] == '.'; i++)
        at = sv_view_run_end(f, at + 1);
    return at;
}

void sv_views_runs(struct sv_view_find *f)
{
    struct sv_slice s = f->text;
    for (size_t i = 0; i < f->bits->n_runs; i++) {
        size_t from = f->block + f->bits->runs[i];
        if (from < f->run)
            continue;
        size_t end = sv_view_run_end(f, from), first = end;
        while (from > f->run && (kind_of(s.p[from - 1]) & B64))
            from--;
        if (is_jwt(s, from, end)) {
            f->run = jwt_end(f, end);
            continue;
        }
        for (size_t line = from; end - line >= SV_VIEW_FULL_LINE;) {
            size_t next = line_break(s, end);
            if (next == end || next == s.n || !(kind_of(s.p[next]) & B64))
                break;
            line = next;
            end = sv_view_run_end(f, next);
        }
        if (end == first)
            try_run(f, sv_slice_sub(s, from, end), f->of, from);
        else
            try_lines(f, from, end);
        f->run = end;
    }
}
