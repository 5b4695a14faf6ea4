// SPDX-License-Identifier: Apache-2.0
// A gzip or xz file that is damaged or cut off, read by zlib or liblzma alone; private to scan.
#ifndef SV_SCAN_SECRETS_DAMAGED_H
#define SV_SCAN_SECRETS_DAMAGED_H

#include "scan/secrets_unpack.h"

/* Searches what the opened file's stream gives up to its first fault, whatever that is. False if
 * nothing came out: the kind is another one, or this build cannot read it. */
bool sv_damaged_search(struct sv_unpack *u, enum sv_kind kind, unsigned depth);

#endif
