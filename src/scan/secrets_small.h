// SPDX-License-Identifier: Apache-2.0
// Small packed files without a fault, unpacked in memory by zlib or liblzma; private to scan.
#ifndef SV_SCAN_SECRETS_SMALL_H
#define SV_SCAN_SECRETS_SMALL_H

#include "scan/secrets_unpack.h"

/* A member as a zip's list has it. */
struct sv_zip_extent {
    uint64_t from, to; /* its header and data in the file */
    const char *entry; /* of the list: APPNOTE.TXT, 4.3.12 */
};

/* The file, if it is a gzip stream of at most SV_SECRET_CHUNK bytes, packed or not, and nothing
 * else. False: nothing was done, and libarchive is to read it. */
bool sv_small_gzip(struct sv_unpack *u, unsigned depth);
/* The same for xz, if liblzma can be loaded by itself. */
bool sv_small_xz(struct sv_unpack *u, unsigned depth);
/* The same for a zip all of whose members, by their place, are told alike by its list and by their
 * own headers, stored or deflated and as long as they are said to be. */
bool sv_small_zip(struct sv_unpack *u, const struct sv_zip_extent *members, size_t n,
                  unsigned depth);

#endif
