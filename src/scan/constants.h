// SPDX-License-Identifier: Apache-2.0
// Compiled Python and Java: texts in them without the bytes that say how long each is.
#ifndef SV_SCAN_CONSTANTS_H
#define SV_SCAN_CONSTANTS_H

#include "base/slice.h"
#include "scan/secrets_unpack.h"

/* A source with the length before each of its texts and the type of what follows as NUL: both may
 * be letters, "Z(" or "N", that would seem to be part of the text. Offsets stay as they are. */
struct sv_constants {
    struct sv_bytes_from from;
    bool java;
};

/* By the name's end: *ret reads `from` in this way; false for all other files. */
bool sv_constants_of(struct sv_slice name, struct sv_bytes_from from, struct sv_constants *ret);
/* Compiled Python of an installed package, whose source lies beside it. */
bool sv_constants_of_package(struct sv_slice path);
/* For sv_bytes_from: a struct sv_constants. A text over the edge of two reads stays as it is. */
ssize_t sv_read_constants(void *constants, char *p, size_t n);

#endif
