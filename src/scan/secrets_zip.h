// SPDX-License-Identifier: Apache-2.0
// What of a zip no member holds: before its beginning, behind its end, between what its list names;
// private to scan.
#ifndef SV_SCAN_SECRETS_ZIP_H
#define SV_SCAN_SECRETS_ZIP_H

#include "scan/secrets_unpack.h"

/* Searches those bytes of the file, and members that its list does not name. False if it has no
 * list that can be followed. *ret_done: its members were searched as well. */
bool sv_zip_unlisted(struct sv_unpack *u, unsigned depth, bool *ret_done);
/* The same for one that is packed in something, and in memory: where its first member begins. */
size_t sv_zip_unlisted_packed(struct sv_unpack *u, struct sv_slice bytes, const char *member,
                              unsigned depth);

#endif
