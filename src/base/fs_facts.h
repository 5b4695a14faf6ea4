// SPDX-License-Identifier: Apache-2.0
// What was found out about paths before: thousands of locations ask about the same few folders.
#ifndef SV_BASE_FS_FACTS_H
#define SV_BASE_FS_FACTS_H

#include <sys/stat.h>

#include "base/map.h"
#include "base/vec.h"

enum sv_fs_question { SV_FS_STAT = 's', SV_FS_LSTAT = 'l', SV_FS_ACL = 'a', SV_FS_REAL = 'r',
                      SV_FS_FOLDER = 'f' /* where links lead to that stand before a last part */ };

struct sv_fs_fact {
    int rc;
    bool plain;           /* lstat: no link is on the way and it is none, the path is resolved */
    struct stat st;       /* stat and lstat */
    struct sv_slice text; /* the ACL, the resolved path; of the facts' own arena */
};

/* Zero-initialised is valid. An audit looks at one moment: what changes meanwhile may be missed,
 * but no file is ever opened because of what stands here. Where a folder is of which one is opened
 * may: it is reached without links, and below the root, each time. */
struct sv_fs_facts {
    struct sv_arena arena;
    struct sv_map map;
    SV_VEC(struct sv_fs_fact *) list;
};

/* NULL if it was not asked before. */
const struct sv_fs_fact *sv_fs_known(const struct sv_fs_facts *f, enum sv_fs_question q,
                                     struct sv_slice path);
/* Keeps an answer, unless it is an error that may pass; the text is copied. */
void sv_fs_keep(struct sv_fs_facts *f, enum sv_fs_question q, struct sv_slice path,
                const struct sv_fs_fact *fact);
void sv_fs_forget(struct sv_fs_facts *f);

#endif
