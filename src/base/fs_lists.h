// SPDX-License-Identifier: Apache-2.0
// What stood in folders that were listed before; private to the rooted reader.
#ifndef SV_BASE_FS_LISTS_H
#define SV_BASE_FS_LISTS_H

#include "base/fs.h"
#include "base/map.h"

/* Zero-initialised is valid. An audit looks at one moment, and several of its parts list the same
 * folders. At most SV_MAX_FS_LISTS bytes are kept: what comes later is listed each time. */
struct sv_fs_listed {
    const char *packed;
    const uint32_t *at; /* where each entry stands in it */
    size_t bytes, n;
};
struct sv_fs_lists {
    struct sv_arena arena;
    struct sv_map map; /* by path, as it was asked for: 1 + place in `list` */
    SV_VEC(struct sv_fs_listed) list;
};

/* False if the folder's entries are not kept; else as sv_fs_list() gives them, of the arena. */
bool sv_fs_lists_find(const struct sv_fs_lists *l, struct sv_arena *a, const char *path,
                      struct sv_dirents *ret);
/* What the list of its folder says of an entry: DT_*, DT_UNKNOWN also if there is no such list, or
 * -ENOENT. */
int sv_fs_lists_entry(const struct sv_fs_lists *l, const char *path);
/* Keeps a copy of the sorted entries if there is room. */
void sv_fs_lists_keep(struct sv_fs_lists *l, const char *path, const struct sv_dirents *entries);

#endif
