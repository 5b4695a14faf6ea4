// SPDX-License-Identifier: Apache-2.0
// Follows the frames of xz and zstd without unpacking them: how much memory each one asks for;
// private to scan.
#ifndef SV_SCAN_SECRETS_WINDOW_H
#define SV_SCAN_SECRETS_WINDOW_H

#include "scan/secrets_kind.h"

/* Zero-initialised at the beginning of a stream. */
struct sv_window {
    uint64_t need; /* bytes of the widest window so far */
    unsigned state;
    uint64_t skip;           /* bytes to pass over */
    uint64_t packed;         /* of xz: bytes of the block or the list so far */
    uint64_t fields;         /* numbers left in the list */
    unsigned check;          /* bytes of a checksum */
    size_t want, n;          /* bytes that the next step looks at, and those that are there */
    unsigned char head[1024]; /* the longest header of a block of xz */
};

/* The next bytes of the stream, as they are packed. Other kinds need little and are not followed;
 * neither is what is no such stream, which cannot be unpacked. */
void sv_window_feed(struct sv_window *w, enum sv_kind kind, const char *p, size_t n);

#endif
