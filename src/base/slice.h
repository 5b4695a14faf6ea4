// SPDX-License-Identifier: Apache-2.0
// A borrowed run of bytes: pointer and length, with the few comparisons everyone needs.
#ifndef SV_BASE_SLICE_H
#define SV_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/poison.h"

/* Slices never own their bytes. Slices made by an arena are followed by a NUL byte (those of the
 * syntax folder are cut from the source and are not), so `p` also works as a C string when the text
 * itself holds no NUL. */
struct sv_slice {
    const char *p;
    size_t n;
};

#define SV_LIT(s) ((struct sv_slice){(s), sizeof(s) - 1})

static inline struct sv_slice sv_slice_of(const char *s)
{
    return (struct sv_slice){s ? s : "", s ? strlen(s) : 0};
}

static inline struct sv_slice sv_slice_sub(struct sv_slice s, size_t from, size_t to)
{
    to = to > s.n ? s.n : to;
    from = from > to ? to : from;
    /* No arithmetic on the null pointer of an unset slice. */
    return (struct sv_slice){from ? s.p + from : s.p, to - from};
}

static inline bool sv_slice_eq(struct sv_slice a, struct sv_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool sv_slice_is(struct sv_slice a, const char *s)
{
    return sv_slice_eq(a, sv_slice_of(s));
}

bool sv_slice_eq_nocase(struct sv_slice a, struct sv_slice b);
bool sv_slice_is_nocase(struct sv_slice a, const char *s);
/* Most texts begin otherwise, and tables of prefixes are long: the first byte goes first. */
static inline bool sv_slice_starts(struct sv_slice s, const char *prefix)
{
    if (prefix[0] && (s.n == 0 || s.p[0] != prefix[0]))
        return false;
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool sv_slice_ends(struct sv_slice s, const char *suffix);
/* The index of the first `c`, or s.n. */
static inline size_t sv_slice_chr(struct sv_slice s, char c)
{
    const char *hit = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;
    return hit ? (size_t)(hit - s.p) : s.n;
}

/* The index of the first occurrence of `needle`, or s.n. */
size_t sv_slice_find(struct sv_slice s, const char *needle);
struct sv_slice sv_slice_trim(struct sv_slice s);
/* What is behind the last '/'; all of it if there is none, empty if it ends with one. */
struct sv_slice sv_slice_base(struct sv_slice path);
/* ... and what stands before it: up to and with that slash. */
struct sv_slice sv_slice_dir(struct sv_slice path);
/* Writes the character as UTF-8: how many bytes, at most 4. Bits that UTF-8 cannot hold are cut. */
size_t sv_put_utf8(char *out, uint32_t c);
/* Decimal digits only, no sign, no overflow; false leaves *ret_v alone. */
bool sv_slice_u64(struct sv_slice s, unsigned long long *ret_v);
/* Shell pattern (`*`, `?`, `[...]`) against the whole slice; `*` also matches '/'. Linear time. */
bool sv_glob_match(struct sv_slice pattern, struct sv_slice text);
/* The same part by part of a path: no wildcard matches '/' (FNM_PATHNAME). */
bool sv_glob_match_path(struct sv_slice pattern, struct sv_slice text);

#endif
