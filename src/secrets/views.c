// SPDX-License-Identifier: Apache-2.0
// Finds the encoded stretches of a text and decodes them.
#include "secrets/views.h"

#include <string.h>

enum { SHORTEST = 12 }; /* characters: shorter texts hold no secret with its name */

static bool printable(char c)
{
    return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r';
}

/* How many pairs of an ASCII character and a NUL begin at `at`. */
static size_t pairs_at(struct sv_slice s, size_t at)
{
    size_t n = 0;
    while (at + 2 * n + 1 < s.n && s.p[at + 2 * n + 1] == 0 && printable(s.p[at + 2 * n]))
        n++;
    return n;
}

/* In big-endian text the NUL comes first: a run of it is one of little-endian text a byte later,
 * but for its last character, which stands alone. */
static void utf16(struct sv_arena *a, struct sv_slice piece, struct sv_views *ret)
{
    const char *end = piece.p + piece.n;
    for (const char *p = piece.p; p < end && (p = memchr(p, 0, (size_t)(end - p)));) {
        size_t nul = (size_t)(p - piece.p), from = nul ? nul - 1 : 1;
        size_t n = pairs_at(piece, from), last = from + 2 * n;
        if (n < SHORTEST) {
            p = piece.p + (last > nul ? last : nul + 1);
            continue;
        }
        bool alone = nul == 0 || (last < piece.n && printable(piece.p[last]));
        char *text = sv_arena_alloc(a, n + alone);
        for (size_t i = 0; i < n + alone; i++)
            text[i] = from + 2 * i < piece.n ? piece.p[from + 2 * i] : '\n';
        sv_vec_push(a, &ret->list,
                    (struct sv_view){{text, n + alone}, from, 2 * (n + alone), "UTF-16"});
        p = piece.p + last;
    }
}

void sv_views_find(struct sv_arena *a, struct sv_slice piece, struct sv_views *ret)
{
    utf16(a, piece, ret);
}
