// SPDX-License-Identifier: Apache-2.0
// Text with escapes in it: URLs, JSON and C strings, HTML, mail. Only the surroundings of escapes
// that may change a secret are decoded: ordinary text is full of others.
#include <ctype.h>

#include "base/limits.h"
#include "secrets/views_part.h"

enum {
    NEAR_KEYWORD = 96, /* an escape so far behind a keyword may be in its secret */
    BEFORE_KEYWORD = 84, /* or in front of it: a token of which the keyword is the last part */
    LOOK = 64,        /* decoded in front of the escape that matters */
    AHEAD = 384,       /* and behind it: the rest of a value */
    SHORTEST_VALUE = 8,
    LONGEST_LINE = 78, /* of mail that a quoted-printable encoder wrote: 76 and the line's end */
    SHORTEST_LINE = 50,
};

struct family {
    const char *via;
    sv_unescape *decode;
    char lead;
};
static const struct family families[] = {
    {"percent-encoded", sv_unescape_percent, '%'},
    {"escaped", sv_unescape_backslash, '\\'},
    {"HTML entities", sv_unescape_entity, '&'},
    {"quoted-printable", sv_unescape_mail, '='},
};

/* A URL with a password has an @ within this stretch, as it is or as %40, \u0040, &#64;. */
static bool at_sign_near(const char *p, const char *end)
{
    end = end - p > AHEAD ? p + AHEAD : end;
    for (; p < end; p++)
        if (*p == '@' || (*p == '4' && p + 1 < end && p[1] == '0') ||
            (*p == '6' && p + 1 < end && p[1] == '4'))
            return true;
    return false;
}

/* What follows a decoded \, & or % makes it an escape again. */
static bool leads(char c, const char *p, const char *end)
{
    if (end - p < 3)
        return false;
    if (c == '&')
        return *p == '#' || memcmp(p, "%23", 3) == 0;
    return c == '%' ? isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1])
                    : *p == 'x' || *p == 'u' || *p == 'U' || isdigit((unsigned char)*p);
}

/* The decoded character can be part of a keyword, which nobody sees then. */
static bool hides_keyword(const struct family *y, const char *p, const char *end, char c, size_t n)
{
    if (c == '/' || c == ':') /* "://" */
        return (p[n] == y->lead || p[n] == '/') && at_sign_near(p, end);
    if (n == 2) /* \n, \" */
        return false;
    if (c == '\\' || c == '&' || c == '%')
        return leads(c, p + n, end);
    if (c == ' ') /* "IDENTIFIED\040BY": what libedit's histories write */
        return y->lead == '\\';
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* A line of quoted-printable that goes on: this long, and its end was escaped. */
static bool soft_break(struct sv_slice s, const char *p)
{
    const char *from = p - s.p > LONGEST_LINE ? p - LONGEST_LINE : s.p, *line = p;
    while (line > from && line[-1] != '\n')
        line--;
    return (line > from || line == s.p) && p - line >= SHORTEST_LINE;
}

/* Whether a keyword stands shortly before `at` or just behind; *mark moves on with `at`. */
static bool near_keyword(struct sv_secret_marks marks, size_t at, size_t *mark)
{
    while (*mark < marks.n && marks.v[*mark] + NEAR_KEYWORD < at)
        ++*mark;
    return *mark < marks.n && marks.v[*mark] <= at + BEFORE_KEYWORD;
}

/* How many bytes behind the escape at `at` are decoded with it. */
static size_t reach(struct sv_slice s, size_t at)
{
    static const char *const names[] = {"PRIVATE KEY", "Private-", "PuTTY-User-Key", "Static key"};
    size_t from = at > NEAR_KEYWORD ? at - NEAR_KEYWORD : 0;
    struct sv_slice around = sv_slice_sub(s, from, at + NEAR_KEYWORD);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_find(around, names[i]) < around.n)
            return SV_SECRET_REACH; /* the one long kind of secret */
    return AHEAD;
}

static size_t window_start(const struct family *y, struct sv_slice s, size_t low, size_t at)
{
    size_t from = at > low + LOOK ? at - LOOK : low;
    if (y->lead != '\\')
        return from;
    while (from > low && s.p[from - 1] == '\\')
        from--; /* not into the middle of an escape */
    return from;
}

/* The bytes of one escape all come from its start. */
static void add_step(struct sv_view_find *f, struct sv_view *v, size_t out, const char *p,
                     size_t ratio)
{
    sv_view_step(f, v, (struct sv_view_step){(uint32_t)out & SV_VIEW_PLACE, 1,
                                             (uint32_t)(p - f->text.p) & SV_VIEW_PLACE,
                                             (unsigned)ratio & 15});
}

static void decode(struct sv_view_find *f, const struct family *y, size_t from, size_t to)
{
    const char *p = f->text.p + from, *end = f->text.p + to;
    struct sv_view *v = sv_view_new(f, y->via, to - from);
    if (!v)
        return;
    char *out = (char *)(uintptr_t)v->text.p;
    size_t n = 0, last = 0; /* bytes in for one out in the last step */
    while (p < end) {
        size_t made = 0, took = *p == y->lead ? y->decode(p, end, out + n, &made) : 0;
        if (!took) {
            const char *next = memchr(p + 1, y->lead, (size_t)(end - p - 1));
            took = made = (size_t)((next ? next : end) - p);
            memcpy(out + n, p, took);
            if (last != 1)
                add_step(f, v, n, p, last = 1);
        } else if (made) {
            size_t ratio = made == 1 ? took : 0;
            if (ratio != last || !ratio)
                add_step(f, v, n, p, last = ratio);
        } else {
            last = 0;
        }
        n += made;
        p += took;
    }
    v->text.n = n;
    v->open = to < f->text.n;
    sv_view_done(f, v, to - from);
}

/* Characters of a value: digits, letters, others. */
enum { D = 1, L = 2, O = 4 };
static const unsigned char value_kinds[256] = {
    ['!'] = O, ['#' ... '%'] = O, ['*' ... '+'] = O, ['-' ... '/'] = O, ['0' ... '9'] = D,
    ['?' ... '@'] = O, ['A' ... 'Z'] = L, ['['] = O, [']' ... '_'] = O, ['a' ... 'z'] = L,
    ['{'] = O, ['}' ... '~'] = O, [128 ... 255] = O,
};

/* Code and prose is full of keywords and of "\n": what stands there has to look like a value, a
 * word with a digit and a letter. */
static bool has_value(struct sv_slice s, size_t at, size_t mark)
{
    size_t to = mark + 2 * NEAR_KEYWORD < s.n ? mark + 2 * NEAR_KEYWORD : s.n;
    const char *low = s.p + at, *end = s.p + to;
    for (const char *p = low; at < to && (p = sv_view_digit(p, end)) < end;) {
        const char *from = p;
        unsigned all = 0;
        for (; from > low && value_kinds[(unsigned char)from[-1]]; from--)
            all |= value_kinds[(unsigned char)from[-1]];
        for (; p < end && value_kinds[(unsigned char)*p]; p++)
            all |= value_kinds[(unsigned char)*p];
        if (p - from >= SHORTEST_VALUE && (all & L))
            return true;
        low = p;
    }
    return false;
}

/* The escape at p matters: it may hide part of a keyword, or stands behind one. */
static bool matters(const struct sv_view_find *f, struct sv_view_passing *y,
                    const struct family *family, const char *p, size_t took,
                    const char *text, size_t made)
{
    struct sv_slice s = f->text;
    const char *end = s.p + s.n;
    bool mail = family->lead == '=';
    if (mail ? !made && soft_break(s, p)
             : made == 1 && p + took < end && hides_keyword(family, p, end, text[0], took))
        return true;
    if ((mail && (!made || text[0] != '=')) ||
        !near_keyword(f->marks, (size_t)(p - s.p), &y->mark))
        return false;
    bool plain = took == 2 && family->lead == '\\' && text[0] != '\\' && text[0] != '/';
    if (plain && y->judged != y->mark + 1) {
        y->judged = y->mark + 1;
        size_t mark = f->marks.v[y->mark], at = (size_t)(p - s.p) + took;
        y->valued = has_value(s, at < mark ? at : mark, mark);
    }
    return !plain || y->valued;
}

static void flush(struct sv_view_find *f, struct sv_view_passing *y, const struct family *family)
{
    size_t to = y->to < f->text.n ? y->to : f->text.n;
    if (y->from < to)
        decode(f, family, y->from, to);
    y->low = to;
    y->from = y->to = 0;
}

static void pass(struct sv_view_find *f, struct sv_view_passing *y, const struct family *family,
                 size_t at)
{
    char text[SV_UNESCAPE_ROOM];
    size_t made = 0, took = 0;
    const char *p = f->text.p + at;
    if (at < y->behind || at < y->sure)
        return;
    took = family->decode(p, f->text.p + f->text.n, text, &made);
    y->behind = at + (took ? took : 1);
    if (!took || !matters(f, y, family, p, took, text, made))
        return;
    if (y->to && at > y->to + LOOK)
        flush(f, y, family);
    if (!y->to)
        y->from = window_start(family, f->text, y->low, at);
    size_t until = at + reach(f->text, at);
    y->to = until > y->to ? until : y->to;
    y->sure = at + AHEAD / 2; /* what is decoded anyway */
}

static unsigned family_of(char lead)
{
    return lead == '%' ? 0 : lead == '\\' ? 1 : lead == '&' ? 2 : 3;
}

/* Code is full of '=' and '&', which begin an escape only before few. */
static bool may_begin(const char *p, const char *end)
{
    char next = p + 1 < end ? p[1] : 0;
    if (*p == '=')
        return next == '3' || next == '\n' || next == '\r'; /* as `matters` says */
    return *p != '&' || next == '#' || isalpha((unsigned char)next);
}

static void pass_word(struct sv_view_find *f, size_t w)
{
    const char *end = f->text.p + f->text.n;
    for (uint64_t m = f->bits->strong[w]; m; m &= m - 1) {
        size_t at = f->block + w * 64 + (size_t)__builtin_ctzll(m);
        unsigned i = family_of(f->text.p[at]);
        if (may_begin(f->text.p + at, end))
            pass(f, &f->passing[i], &families[i], at);
    }
}

/* Marks what stands near keywords; where these are many, the stretches are one. */
static void mark_leads(struct sv_view_find *f)
{
    size_t from = f->block, to = f->block;
    for (size_t i = f->mark; i < f->marks.n && f->marks.v[i] < f->block_end + BEFORE_KEYWORD; i++) {
        size_t at = f->marks.v[i], end = at + NEAR_KEYWORD;
        if (end < f->block_end)
            f->mark = i;
        if (at > to + BEFORE_KEYWORD) {
            sv_views_scan_leads(f, from, to);
            from = at - BEFORE_KEYWORD;
        }
        to = end > to ? end : to;
    }
    sv_views_scan_leads(f, from, to);
}

void sv_views_escapes(struct sv_view_find *f)
{
    mark_leads(f);
    for (size_t i = 0; i < SV_VIEW_WORDS / 64; i++)
        for (uint64_t some = f->bits->some[i]; some; some &= some - 1)
            pass_word(f, 64 * i + (size_t)__builtin_ctzll(some));
}

void sv_views_escapes_end(struct sv_view_find *f)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        flush(f, &f->passing[i], &families[i]);
}
