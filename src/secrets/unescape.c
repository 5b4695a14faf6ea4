// SPDX-License-Identifier: Apache-2.0
// Single escapes of URLs, C and JSON strings, HTML and mail; none reads past its end.
#include "base/slice.h"
#include "secrets/views_part.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `least` to `most` digits from p on; how many there were, 0 if too few. */
static size_t digits(const char *p, const char *end, unsigned base, size_t least, size_t most,
                     uint32_t *ret_v)
{
    size_t n = 0;
    for (*ret_v = 0; n < most && p + n < end; n++) {
        int d = hex_digit(p[n]);
        if (d < 0 || (unsigned)d >= base)
            break;
        *ret_v = *ret_v * base + (unsigned)d;
    }
    return n >= least ? n : 0;
}

size_t sv_unescape_percent(const char *p, const char *end, char *out, size_t *ret_n)
{
    uint32_t v;
    if (!digits(p + 1, end, 16, 2, 2, &v))
        return 0;
    out[0] = (char)v;
    *ret_n = 1;
    return 3;
}

/* \x73 \163 \u0073 \u{73} \U00000073: how long, 0 if it is none of them. */
static size_t numbered(const char *p, const char *end, uint32_t *ret_v)
{
    size_t n;
    switch (p[1]) {
    case 'x':
        n = digits(p + 2, end, 16, 2, 2, ret_v);
        return n ? 2 + n : 0;
    case 'u':
        if (end - p > 3 && p[2] == '{') {
            n = digits(p + 3, end, 16, 1, 6, ret_v);
            return n && p + 3 + n < end && p[3 + n] == '}' ? 4 + n : 0;
        }
        n = digits(p + 2, end, 16, 4, 4, ret_v);
        return n ? 2 + n : 0;
    case 'U':
        n = digits(p + 2, end, 16, 8, 8, ret_v);
        return n ? 2 + n : 0;
    default:
        n = digits(p + 1, end, 8, 3, 3, ret_v);
        return n && *ret_v < 0x100 ? 1 + n : 0;
    }
}

size_t sv_unescape_backslash(const char *p, const char *end, char *out, size_t *ret_n)
{
    static const char meant[256] = {
        ['"'] = '"', ['\''] = '\'', ['\\'] = '\\', ['/'] = '/', ['`'] = '`',
        ['n'] = '\n', ['t'] = '\t', ['r'] = '\r', ['b'] = '\b', ['f'] = '\f'};
    uint32_t v;
    if (end - p < 2)
        return 0;
    out[0] = meant[(unsigned char)p[1]];
    if (out[0]) {
        *ret_n = 1;
        return 2;
    }
    size_t n = numbered(p, end, &v);
    if (n)
        *ret_n = sv_put_utf8(out, v);
    return n;
}

static size_t named_entity(const char *p, const char *end, char *out)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {
        {"&quot;", '"'},   {"&amp;", '&'},    {"&lt;", '<'},     {"&gt;", '>'},  {"&apos;", '\''},
        {"&equals;", '='}, {"&colon;", ':'},  {"&sol;", '/'},    {"&plus;", '+'}, {"&lowbar;", '_'},
        {"&commat;", '@'}, {"&period;", '.'}, {"&dollar;", '$'}, {"&nbsp;", ' '},
        {"&bsol;", '\\'},  {"&NewLine;", '\n'},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].name[1] != p[1])
            continue;
        size_t n = strlen(names[i].name);
        if (n <= (size_t)(end - p) && memcmp(p, names[i].name, n) == 0) {
            out[0] = names[i].c;
            return n;
        }
    }
    return 0;
}

size_t sv_unescape_entity(const char *p, const char *end, char *out, size_t *ret_n)
{
    uint32_t v = 0;
    *ret_n = 1;
    if (end - p < 4)
        return 0;
    if (p[1] != '#')
        return named_entity(p, end, out);
    bool hex = (p[2] | 0x20) == 'x';
    const char *from = p + 2 + hex;
    size_t n = digits(from, end, hex ? 16 : 10, 1, 7, &v);
    if (!n || from + n >= end || from[n] != ';' || v > 0x10ffff)
        return 0;
    *ret_n = sv_put_utf8(out, v);
    return (size_t)(from - p) + n + 1;
}

/* Quoted-printable: a byte, or the end of a line that goes on in the next. */
size_t sv_unescape_mail(const char *p, const char *end, char *out, size_t *ret_n)
{
    uint32_t v;
    *ret_n = 0;
    if (p + 1 < end && p[1] == '\n')
        return 2;
    if (p + 2 < end && p[1] == '\r' && p[2] == '\n')
        return 3;
    if (!digits(p + 1, end, 16, 2, 2, &v))
        return 0;
    out[0] = (char)v;
    *ret_n = 1;
    return 3;
}
