// SPDX-License-Identifier: Apache-2.0
// git's packs and loose objects; private to scan.
#ifndef SV_SCAN_SECRETS_GIT_H
#define SV_SCAN_SECRETS_GIT_H

#include "scan/secrets_unpack.h"

/* Searches each object, of trees nothing, of a delta what it adds. `member` as in
 * sv_unpack_member(). */
void sv_unpack_git(struct sv_unpack *u, struct sv_bytes_from from, enum sv_kind kind,
                   const char *member, unsigned depth);

#endif
