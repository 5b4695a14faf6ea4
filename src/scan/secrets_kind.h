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
    SV_KIND_GIT_PACK,
    SV_KIND_GIT_OBJECT, /* a loose one, no tree */
    SV_KIND_RAR, /* known, never looked into */
    SV_KIND_7ZIP,
    SV_KIND_LZIP,
    SV_KIND_COMPRESS,
};
enum {
    SV_KIND_HEAD = 512,       /* bytes that decide: tar's first block is as long */
    SV_KIND_ZIP_END = 22,     /* a zip's last record, */
    SV_KIND_TAIL = 22 + 65535, /* ... which a comment follows */
};

enum sv_kind sv_kind_of(struct sv_slice head);
/* secrets_git.c: a zlib stream that begins with the type of a git object that holds text. */
bool sv_git_is_object(struct sv_slice head);
/* The text ends with the last record of a zip and its comment. */
bool sv_kind_ends_zip(struct sv_slice text);
/* Where in the text that record begins; text.n if there is none. */
size_t sv_kind_zip_end(struct sv_slice text);
const char *sv_kind_name(enum sv_kind kind); /* "gzip", for people */

#endif
