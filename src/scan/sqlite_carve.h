// SPDX-License-Identifier: Apache-2.0
// The pages of a database, of its log or its journal as text, and behind each page once more the
// values of the records in it, deleted ones too: next to each other they run together; private to
// scan.
#ifndef SV_SCAN_SQLITE_CARVE_H
#define SV_SCAN_SQLITE_CARVE_H

#include "scan/secrets_unpack.h"

/* Behind a page whose last value goes on in another one: that end is none. */
#define SV_CARVE_CUT '\x1d'

struct sv_carve {
    struct sv_bytes_from from;
    size_t head, step, page; /* bytes before the first page; from page to page; of a page */
    char *text;              /* what is given next: a page and the values */
    size_t n, at;
    size_t room;
};

/* Which file it is tells where in it the pages are. */
enum sv_carve_file { SV_CARVE_DATABASE, SV_CARVE_LOG, SV_CARVE_JOURNAL };

/* `header` is the beginning of the database, which says how long its pages are; memory comes from
 * `a`. */
struct sv_carve sv_carve_begin(struct sv_arena *a, struct sv_bytes_from from,
                               struct sv_slice header, enum sv_carve_file file);
ssize_t sv_read_carved(void *carve, char *p, size_t n);

#endif
