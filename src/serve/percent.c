// SPDX-License-Identifier: Apache-2.0
// Percent-encoding: one byte of it read, and a whole text written.
#include "serve/percent.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int sv_percent_byte(struct sv_slice s, size_t i)
{
    if (i + 2 >= s.n || s.p[i] != '%')
        return -1;
    int hi = hex(s.p[i + 1]), lo = hex(s.p[i + 2]);
    return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

static bool kept(unsigned char c, const char *keep)
{
    bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return letter || (c >= '0' && c <= '9') || (c && strchr(keep, c));
}

struct sv_slice sv_percent_encode(struct sv_arena *a, struct sv_slice s, const char *keep,
                                  bool lower)
{
    const char *digits = lower ? "0123456789abcdef" : "0123456789ABCDEF";
    char *out = sv_arena_alloc(a, s.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (kept(c, keep)) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[c >> 4];
        out[n++] = digits[c & 15];
    }
    return (struct sv_slice){out, n};
}
