// SPDX-License-Identifier: Apache-2.0
// How a path is resolved; private to the reader's files.
#ifndef SV_BASE_FS_WALK_H
#define SV_BASE_FS_WALK_H

#include "base/fs.h"
#include "base/fs_facts.h"
#include "base/fs_lists.h"
#include "base/fs_near.h"
#include "base/limits.h"

struct overlay {
    const char *path;
    unsigned uid, gid, mode;
};

struct sv_fs {
    struct sv_arena arena;
    int root_fd;
    struct sv_fs *base;                /* NULL: no view */
    const struct sv_fs_mount *mounts;  /* of a view */
    size_t n_mounts;
    struct sv_fs *views;               /* of the base: those made of it, each the next one's head */
    char unseen[SV_MAX_PATH];
    struct sv_near near;
    SV_VEC(struct overlay) overlays;
    struct sv_fs_facts facts;
    struct sv_unlisted_list unlisted;
    struct sv_map unlisted_seen; /* paths */
    struct sv_fs_lists lists; /* of no view: a mount may stand in any folder */
};

/* A walk keeps the folder's descriptor and its resolved path; `todo` is what is still to go. */
struct walk {
    int fd; /* O_PATH of the folder reached; owned */
    char path[SV_MAX_PATH];
    size_t n;
    char todo[SV_MAX_PATH];
    unsigned links;
    char asked[SV_MAX_PATH]; /* a folder with links on the way, to remember where it is */
    size_t asked_n;          /* 0: none */
    bool bare; /* in a view: no mount was passed; the descriptor stands for a folder of the image */
};

/* On success the caller closes w->fd. Negative errno. */
int sv_fs_resolve(struct sv_fs *fs, const char *path, bool follow_last, struct walk *w);

#endif
