// SPDX-License-Identifier: Apache-2.0
// Words of a setting: quotes anywhere in them, C escapes (systemd.syntax(7)).
#include "syntax/unit.h"

#include <ctype.h>
#include <errno.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : 99;
}

/* Reads exactly `n` digits of the base. */
static bool number(struct sv_slice s, size_t n, int base, unsigned long *ret)
{
    unsigned long v = 0;
    if (s.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (digit(s.p[i]) >= base)
            return false;
        v = v * (unsigned long)base + (unsigned long)digit(s.p[i]);
    }
    *ret = v;
    return v != 0; /* no escape makes a NUL */
}

/* What stands behind a backslash: how many bytes it takes, 0 if it is no escape. */
static size_t escape(struct sv_slice s, char *out, size_t *n)
{
    static const char letters[] = "abfnrtv\\\"'s", bytes[] = "\a\b\f\n\r\t\v\\\"' ";
    unsigned long v;
    const char *hit = s.n && s.p[0] ? strchr(letters, s.p[0]) : NULL;
    if (hit) {
        out[(*n)++] = bytes[hit - letters];
        return 1;
    }
    struct sv_slice digits = sv_slice_sub(s, 1, s.n);
    size_t taken = 0;
    if (s.n && s.p[0] == 'x' && number(digits, 2, 16, &v))
        taken = 3;
    else if (s.n && s.p[0] == 'u' && number(digits, 4, 16, &v))
        taken = 5;
    else if (s.n && s.p[0] == 'U' && number(digits, 8, 16, &v) && v < 0x110000)
        taken = 9;
    else if (number(s, 3, 8, &v) && v < 256)
        taken = 3;
    if (taken == 3)
        out[(*n)++] = (char)v; /* a byte, not a character */
    else if (taken)
        *n += sv_put_utf8(out + *n, (uint32_t)v);
    return taken;
}

int sv_unit_word(struct sv_arena *a, struct sv_slice *text, struct sv_slice *ret_word)
{
    struct sv_slice s = *text;
    size_t i = 0, n = 0;
    char quote = 0;
    while (i < s.n && is_blank(s.p[i]))
        i++;
    if (i == s.n) {
        *text = sv_slice_sub(s, s.n, s.n);
        return 0;
    }
    size_t room = s.n - i + 1; /* given back below: a line may be 1 MiB of short words */
    char *out = sv_arena_alloc(a, room);
    for (; i < s.n && (quote || !is_blank(s.p[i])); i++) {
        char c = s.p[i];
        if (c == '\\') {
            size_t taken = escape(sv_slice_sub(s, i + 1, s.n), out, &n);
            if (taken == 0)
                return -EINVAL;
            i += taken;
        } else if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
        } else {
            out[n++] = c;
        }
    }
    if (quote)
        return -EINVAL;
    out[n] = 0;
    sv_arena_shrink(a, out, room, n + 1);
    *text = sv_slice_sub(s, i, s.n);
    *ret_word = (struct sv_slice){out, n};
    return 1;
}
