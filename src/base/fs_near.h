// SPDX-License-Identifier: Apache-2.0
// Folders that stay open between questions; private to the rooted reader.
#ifndef SV_BASE_FS_NEAR_H
#define SV_BASE_FS_NEAR_H

#include <stdint.h>

#include "base/fs.h"

/* Few, for each of SV_MAX_JOBS readers has so many descriptors, and 1,024 is a usual limit. */
enum { SV_NEAR_FOLDERS = 8 };

struct sv_near_folder {
    int fd;
    bool readable; /* not O_PATH: its entries can be listed ... */
    bool listed;   /* ... and were, so that the descriptor stands at their end */
    uint32_t hash;
    unsigned used; /* when, by the clock */
    size_t n;
    char *path; /* NULL: free */
};
/* Paths are as seen inside the root and resolved: no part of one was a link when it was opened. A
 * folder that is renamed meanwhile stays the one it was. */
struct sv_near {
    int root; /* O_PATH; the owner closes it; -1: only folders that a walk brought are near */
    bool no_openat2;
    bool only_one; /* of hundreds of readers, as containers have: one folder stays open */
    unsigned clock;
    struct sv_near_folder list[SV_NEAR_FOLDERS];
};

/* The folder path[0, n), "" being the root: its descriptor, which may go away with the next call;
 * -ENOENT if there is none; -EAGAIN if only a walk can tell: a link is on the way, the path is not
 * plain, the kernel (before Linux 5.6) or a container's filter has no openat2. */
int sv_near_folder(struct sv_near *near, const char *path, size_t n, bool readable);
/* The same if it is open already; else -EAGAIN. */
int sv_near_find(struct sv_near *near, const char *path, size_t n);
/* Its descriptor is the caller's from now on. */
int sv_near_take(struct sv_near *near, const char *path, size_t n);
/* The folder that an entry stands in, and the entry's name. */
int sv_near_parent(struct sv_near *near, const char *path, const char **ret_name);
/* Takes over an O_PATH descriptor of a folder that was reached without links. */
void sv_near_keep(struct sv_near *near, const char *path, size_t n, int fd);
/* All entries of a folder, in no order; -ENOENT and -EAGAIN as above, any other
 * error ended the list early. */
int sv_near_list(struct sv_near *near, const char *path, size_t n, struct sv_arena *a,
                 struct sv_dirents *ret);
/* Those of a folder that was just opened. A negative errno of getdents64(2) if that ends the list
 * early. */
int sv_near_entries(int fd, struct sv_arena *a, struct sv_dirents *ret);
void sv_near_close(struct sv_near *near);

#endif
