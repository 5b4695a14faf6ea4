// SPDX-License-Identifier: Apache-2.0
// A compressed file that is cut off, made the member of a zip; private to scan.
#ifndef SV_SCAN_SECRETS_CUT_H
#define SV_SCAN_SECRETS_CUT_H

#include "scan/secrets_kind.h"

struct sv_cut {
    char head[40]; /* a zip's beginning, */
    size_t n;
    uint64_t from; /* ... behind which the file's bytes from here on are to stand */
};

/* False if that cannot be done with the kind, or the opened file has not even a header. */
bool sv_cut_wrap(struct sv_cut *ret, enum sv_kind kind, int fd);

#endif
