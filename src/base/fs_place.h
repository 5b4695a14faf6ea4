// SPDX-License-Identifier: Apache-2.0
// Where a path leads, told without a walk; private to the rooted reader.
#ifndef SV_BASE_FS_PLACE_H
#define SV_BASE_FS_PLACE_H

#include "base/fs_walk.h"

/* An entry of a folder that was reached: no part of its path is a link, but the last one may be. */
struct sv_fs_place {
    int dir;             /* the folder's descriptor, which may go away with the next question */
    const char *name;    /* the entry's, the end of `path` */
    unsigned char type;  /* DT_*, if only by what its folder was listed with */
    bool moved;          /* links are on the way, and `path` is not the one that was asked for */
    char path[SV_MAX_PATH];
};

/* Not for a view. `ret_st` may be NULL: then a list of the folder, if there was one, tells what the
 * entry is, and it may be gone or another one by now. A negative errno as of fstatat(2); -EAGAIN:
 * only a walk can tell. */
int sv_fs_place(struct sv_fs *fs, const char *path, bool follow_last, struct sv_fs_place *ret,
                struct stat *ret_st);
/* The folder path[0, *io_n) as sv_near_folder(); links in that part are replaced, and what stands
 * behind it moves along. */
int sv_fs_place_folder(struct sv_fs *fs, char path[SV_MAX_PATH], size_t *io_n, bool readable);

#endif
