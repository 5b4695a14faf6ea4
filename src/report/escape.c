// SPDX-License-Identifier: Apache-2.0
// Escaping for terminals and JSON; invalid UTF-8 never passes (RFC 3629).
#include "report/escape.h"

/* Length of the well-formed sequence at the start of s, 0 if it is not well-formed. */
static size_t sequence(struct sv_slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

bool sv_is_utf8(struct sv_slice s)
{
    while (s.n) {
        size_t n = sequence(s);
        if (n == 0)
            return false;
        s = sv_slice_sub(s, n, s.n);
    }
    return true;
}

/* C1 controls and the bidirectional overrides can also reorder or hide what a terminal shows. */
static bool unsafe_sequence(struct sv_slice s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
        return true;
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x80 &&
        ((p[2] >= 0xaa && p[2] <= 0xae) || p[2] == 0xa8 || p[2] == 0xa9))
        return true;
    return n == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

void sv_escape_text(struct sv_buf *out, struct sv_slice s)
{
    while (s.n) {
        size_t n = sequence(s);
        unsigned char c = (unsigned char)s.p[0];
        if (n == 0)
            sv_buf_adds(out, "\xef\xbf\xbd");
        else if (n == 1 && (c < 0x20 || c == 0x7f))
            sv_buf_printf(out, "\\x%02x", c);
        else if (unsafe_sequence(s, n))
            sv_buf_adds(out, "\xef\xbf\xbd");
        else
            sv_buf_add(out, sv_slice_sub(s, 0, n));
        s = sv_slice_sub(s, n ? n : 1, s.n);
    }
}

/* The blocks of wide characters and pictures; what is not wide in them is rare. Combining marks
 * count as one column: terminals differ. */
static bool wide(unsigned c)
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2300 && c <= 0x23ff) ||
           (c >= 0x2600 && c <= 0x27bf) || (c >= 0x2b00 && c <= 0x2bff) ||
           (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xa960 && c <= 0xa97f) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe10 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xffe6) || c >= 0x16fe0;
}

size_t sv_columns(struct sv_slice s)
{
    size_t columns = 0;
    for (size_t n; s.n; s = sv_slice_sub(s, n, s.n)) {
        const unsigned char *p = (const unsigned char *)s.p;
        n = sequence(s);
        unsigned c = n == 4   ? (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6
                     : n == 3 ? (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u)
                              : 0;
        columns += wide(c) ? 2 : 1;
        n = n ? n : 1;
    }
    return columns;
}

void sv_escape_json(struct sv_buf *out, struct sv_slice s)
{
    sv_buf_addc(out, '"');
    while (s.n) {
        size_t n = sequence(s);
        unsigned char c = (unsigned char)s.p[0];
        if (n == 0)
            sv_buf_adds(out, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            sv_buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            sv_buf_printf(out, "\\u%04x", c);
        else
            sv_buf_add(out, sv_slice_sub(s, 0, n));
        s = sv_slice_sub(s, n ? n : 1, s.n);
    }
    sv_buf_addc(out, '"');
}
