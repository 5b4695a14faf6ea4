// SPDX-License-Identifier: Apache-2.0
// What the file calls a value that only a name makes a secret: the key or variable before it.
#include "scan/context.h"
#include "secrets/value.h"

enum { LOOK_BACK = 120, MAX_NAME = 48, MAX_DIGITS = 4 };

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '.';
}

/* Between a name and its value: quotes, escapes, operators, blanks, XML's brackets. */
static bool is_between(char c)
{
    return c && strchr(" \t\"'`\\=:>,[](", c);
}

const char *sv_place_name(struct sv_arena *a, struct sv_slice text, size_t at)
{
    size_t digits = 0, least = at > LOOK_BACK ? at - LOOK_BACK : 0, end = at, from;
    while (end > least && is_between(text.p[end - 1]))
        end--;
    for (from = end; from > least && is_name_byte(text.p[from - 1]); from--)
        ;
    struct sv_slice name = sv_slice_sub(text, from, end);
    while (name.n && strchr("-.", name.p[0]))
        name = sv_slice_sub(name, 1, name.n);
    for (size_t i = 0; i < name.n; i++)
        digits += name.p[i] >= '0' && name.p[i] <= '9';
    /* A value that stands right behind another one would be named by a part of that. */
    if (name.n == 0 || name.n > MAX_NAME || digits > MAX_DIGITS || end == at ||
        !sv_name_is_secret(name))
        return NULL;
    return sv_arena_copy(a, name).p;
}
