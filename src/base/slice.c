// SPDX-License-Identifier: Apache-2.0
// Comparisons and searches on slices.
#include "base/slice.h"

#include <limits.h>
#include <stdint.h>
#include <strings.h>

bool sv_slice_eq_nocase(struct sv_slice a, struct sv_slice b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool sv_slice_is_nocase(struct sv_slice a, const char *s)
{
    return sv_slice_eq_nocase(a, sv_slice_of(s));
}

bool sv_slice_ends(struct sv_slice s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

size_t sv_slice_find(struct sv_slice s, const char *needle)
{
    enum { SHORT = 512 };
    size_t n = strlen(needle);
    const char *hit = NULL;
    if (s.n > SHORT || n == 0) {
        hit = s.n ? memmem(s.p, s.n, needle, n) : NULL;
        return hit ? (size_t)(hit - s.p) : s.n;
    }
    /* In a short text memmem() takes longest for its preparations. */
    for (size_t at = 0; s.n - at >= n && (hit = memchr(s.p + at, needle[0], s.n - at - n + 1));) {
        at = (size_t)(hit - s.p);
        if (hit[n - 1] == needle[n - 1] && memcmp(hit, needle, n) == 0)
            return at;
        at++;
    }
    return s.n;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct sv_slice sv_slice_trim(struct sv_slice s)
{
    while (s.n && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct sv_slice sv_slice_base(struct sv_slice path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return sv_slice_sub(path, at, path.n);
}

struct sv_slice sv_slice_dir(struct sv_slice path)
{
    return sv_slice_sub(path, 0, path.n - sv_slice_base(path).n);
}

bool sv_slice_u64(struct sv_slice s, unsigned long long *ret_v)
{
    unsigned long long v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        unsigned digit = (unsigned)(s.p[i] - '0');
        if (v > (ULLONG_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *ret_v = v;
    return true;
}

/* Length of the bracket expression at p[i], 0 if it never ends; *ret_hit says if c is in it. */
static size_t bracket(struct sv_slice p, size_t i, unsigned char c, bool *ret_hit)
{
    size_t j = i + 1;
    bool negate = j < p.n && (p.p[j] == '!' || p.p[j] == '^'), hit = false;
    j += negate;
    for (bool first = true; j < p.n && (first || p.p[j] != ']'); first = false) {
        unsigned char lo = (unsigned char)p.p[j], hi = lo;
        if (j + 2 < p.n && p.p[j + 1] == '-' && p.p[j + 2] != ']') {
            hi = (unsigned char)p.p[j + 2];
            j += 2;
        }
        hit |= lo <= c && c <= hi;
        j++;
    }
    *ret_hit = hit != negate;
    return j < p.n ? j + 1 - i : 0;
}

/* Length of the one-character element of the pattern that matches c, or 0. */
static size_t element(struct sv_slice p, size_t i, char c)
{
    if (i >= p.n)
        return 0;
    if (p.p[i] == '?')
        return 1;
    if (p.p[i] == '[') {
        bool hit;
        size_t n = bracket(p, i, (unsigned char)c, &hit);
        if (n)
            return hit ? n : 0;
    }
    if (p.p[i] == '\\' && i + 1 < p.n)
        return p.p[i + 1] == c ? 2 : 0;
    return p.p[i] == c ? 1 : 0;
}

bool sv_glob_match(struct sv_slice p, struct sv_slice t)
{
    size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;
    while (j < t.n) {
        size_t n = i < p.n && p.p[i] == '*' ? 0 : element(p, i, t.p[j]);
        if (i < p.n && p.p[i] == '*') {
            star = i++;
            mark = j;
        } else if (n) {
            i += n;
            j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++mark;
        } else {
            return false;
        }
    }
    while (i < p.n && p.p[i] == '*')
        i++;
    return i == p.n;
}

bool sv_glob_match_path(struct sv_slice pattern, struct sv_slice text)
{
    for (;;) {
        size_t p = sv_slice_chr(pattern, '/'), t = sv_slice_chr(text, '/');
        if (!sv_glob_match(sv_slice_sub(pattern, 0, p), sv_slice_sub(text, 0, t)) ||
            (p == pattern.n) != (t == text.n))
            return false;
        if (p == pattern.n)
            return true;
        pattern = sv_slice_sub(pattern, p + 1, pattern.n);
        text = sv_slice_sub(text, t + 1, text.n);
    }
}

size_t sv_put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 63));
    out[0] = n == 2 ? (char)(0xc0 | c) : n == 3 ? (char)(0xe0 | c) : (char)(0xf0 | (c & 7));
    return n;
}
