// SPDX-License-Identifier: Apache-2.0
// Hits in a piece of text and in its views, before it is known which are the same; private to scan.
#ifndef SV_SCAN_SECRETS_SEEN_H
#define SV_SCAN_SECRETS_SEEN_H

#include "secrets/views.h"

struct sv_seen {
    struct sv_secret_hit hit;   /* the offset is the piece's */
    size_t end;                 /* in the piece */
    const struct sv_view *view; /* NULL: as it stands */
    bool weak;
};
typedef SV_VEC(struct sv_seen) sv_seen_vec;

/* Of hits in the same place, as it stands and in other words, the one that says most; by offset. */
void sv_seen_reduce(sv_seen_vec *seen);

#endif
