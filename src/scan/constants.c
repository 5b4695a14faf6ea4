// SPDX-License-Identifier: Apache-2.0
// Compiled Python and Java: texts in them without the bytes that say how long each is.
#include "scan/constants.h"

#include <ctype.h>

bool sv_constants_of(struct sv_slice name, struct sv_bytes_from from, struct sv_constants *ret)
{
    bool java = sv_slice_ends(name, ".class");
    if (!java && !sv_slice_ends(name, ".pyc") && !sv_slice_ends(name, ".pyo"))
        return false;
    *ret = (struct sv_constants){from, java};
    return true;
}

bool sv_constants_of_package(struct sv_slice path)
{
    static const char *const of[] = {"/site-packages/", "/dist-packages/", "/usr/lib/",
                                     "/usr/share/", "/usr/local/lib/python"};
    if (sv_slice_find(path, "/__pycache__/") == path.n)
        return false;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        size_t at = sv_slice_find(path, of[i]);
        if (i < 2 ? at < path.n : at == 0)
            return true;
    }
    return false;
}

static bool is_text(struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (iscntrl((unsigned char)s.p[i]) && !isspace((unsigned char)s.p[i]))
            return false;
    return true;
}

/* How many bytes at `p` say that *ret_text bytes of text follow; 0: none do. Python's marshal.c:
 * a letter, which may have its highest bit set, and the length in one byte or four, the lowest
 * first; Java's CONSTANT_Utf8: 1 and the length in two, the highest first. */
static size_t length_at(const struct sv_constants *c, struct sv_slice rest, size_t *ret_text)
{
    const unsigned char *p = (const unsigned char *)rest.p;
    char type = rest.n ? (char)(p[0] & 0x7f) : 0;
    size_t head = 0;
    if (c->java && rest.n > 3 && p[0] == 1) {
        head = 3;
        *ret_text = (size_t)p[1] << 8 | p[2];
    } else if (!c->java && rest.n > 2 && type && strchr("zZ", type)) {
        head = 2;
        *ret_text = p[1];
    } else if (!c->java && rest.n > 5 && type && strchr("suaAt", type)) {
        head = 5;
        *ret_text = p[1] | (size_t)p[2] << 8 | (size_t)p[3] << 16 | (size_t)p[4] << 24;
    }
    enum { LEAST = 3 }; /* of shorter ones nothing is known by their bytes */
    if (!head || *ret_text < LEAST || *ret_text > rest.n - head ||
        !is_text(sv_slice_sub(rest, head, head + *ret_text)))
        return 0;
    return head;
}

ssize_t sv_read_constants(void *constants, char *p, size_t n)
{
    const struct sv_constants *c = constants;
    ssize_t got = c->from.read(c->from.ctx, p, n);
    struct sv_slice all = {p, got > 0 ? (size_t)got : 0};
    for (size_t i = 0, text; i < all.n;) {
        size_t head = length_at(c, sv_slice_sub(all, i, all.n), &text);
        if (!head) {
            i++;
            continue;
        }
        memset(p + i, 0, head);
        i += head + text;
        if (i < all.n && !length_at(c, sv_slice_sub(all, i, all.n), &text))
            p[i++] = 0;
    }
    return got;
}
