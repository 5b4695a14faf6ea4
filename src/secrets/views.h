// SPDX-License-Identifier: Apache-2.0
// What a piece of text says in other words: each stretch that is encoded, decoded.
#ifndef SV_SECRETS_VIEWS_H
#define SV_SECRETS_VIEWS_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/vec.h"

struct sv_view {
    struct sv_slice text;
    size_t at, n;    /* the encoded stretch in the piece */
    const char *via; /* "UTF-16": how the text was hidden */
};
struct sv_views {
    SV_VEC(struct sv_view) list;
};

/* Where in the piece a byte of the view comes from, as near as the stretch's length tells. */
static inline size_t sv_view_origin(const struct sv_view *v, size_t offset)
{
    return v->at + (size_t)((double)offset / (double)v->text.n * (double)v->n);
}

/* Adds the decoded stretches of the piece that are long enough for a secret. Their memory comes
 * from `a`, and is no more than the piece takes. */
void sv_views_find(struct sv_arena *a, struct sv_slice piece, struct sv_views *ret);

#endif
