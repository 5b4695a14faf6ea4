// SPDX-License-Identifier: Apache-2.0
// What a file is made of, by its first bytes: text, something packed, a database; private to scan.
#ifndef SV_SCAN_SECRETS_KIND_H
#define SV_SCAN_SECRETS_KIND_H

#include "base/slice.h"

enum sv_kind {
    SV_KIND_PLAIN, /* searched as it is */
    SV_KIND_GZIP,
    SV_KIND_BZIP2,
    SV_KIND_XZ,
    SV_KIND_ZSTD,
    SV_KIND_LZ4,
    SV_KIND_ZIP,
    SV_KIND_TAR,
    SV_KIND_CPIO,
    SV_KIND_AR,
    SV_KIND_SQLITE,
    SV_KIND_RAR, /* known, never looked into */
    SV_KIND_7ZIP,
    SV_KIND_LZIP,
    SV_KIND_COMPRESS,
};
enum { SV_KIND_HEAD = 512 }; /* bytes that decide: tar's first block is as long */

enum sv_kind sv_kind_of(struct sv_slice head);
const char *sv_kind_name(enum sv_kind kind); /* "gzip", for people */
/* How many bytes of memory the first frame says it needs to be unpacked; 0 if it does not say. */
unsigned long long sv_kind_window(enum sv_kind kind, struct sv_slice head);

#endif
