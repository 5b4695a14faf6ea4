// SPDX-License-Identifier: Apache-2.0
// What a piece of text says in other words: each stretch that is encoded, decoded.
#ifndef SV_SECRETS_VIEWS_H
#define SV_SECRETS_VIEWS_H

#include "base/arena.h"
#include "base/vec.h"
#include "secrets/search.h"

/* Bytes of the view from `out` on come from `in` on in the text it was found in: each `per_out` of
 * them from `per_in` there. */
struct sv_view_step {
    uint32_t out : 28, per_out : 4;
    uint32_t in : 28, per_in : 4;
};
struct sv_view {
    struct sv_slice text;
    const struct sv_view *of; /* the view it was found in; NULL: the piece */
    const char *via;          /* "UTF-16": how the text was hidden */
    bool open;                /* cut where the text goes on: what touches its end is not whole */
    bool blob;                /* nothing of it can be read as it stands: base64, hex */
    bool joined;              /* lines put together for the decoder, nothing to search in */
    SV_VEC(struct sv_view_step) steps; /* by offset, the first for offset 0 */
};
struct sv_views {
    SV_VEC(struct sv_view *) list;
    size_t bytes;    /* decoded so far, of all texts that were looked at with these views */
    size_t count;    /* views made so far */
    bool incomplete; /* SV_SECRET_VIEW_BYTES or SV_SECRET_VIEWS were reached */
};

/* Where in the piece a byte of the view comes from. */
size_t sv_view_origin(const struct sv_view *v, size_t offset);
/* "base64", or "base64 in JSON" for a view of a view: from `a` unless it is constant. */
const char *sv_view_via(struct sv_arena *a, const struct sv_view *v);

/* Adds the decoded stretches of a text that may hold a secret: of the piece itself (`of` is NULL)
 * or of a view of it. `marks` are where keywords stand in it. Their memory comes from `a`. */
void sv_views_find(struct sv_arena *a, struct sv_slice text, const struct sv_view *of,
                   struct sv_secret_marks marks, struct sv_views *ret);

#endif
