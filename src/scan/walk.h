// SPDX-License-Identifier: Apache-2.0
// Walks the folders a site serves from and finds the files worth a check.
#ifndef SV_SCAN_WALK_H
#define SV_SCAN_WALK_H

#include "base/watch.h"
#include "scan/file.h"

struct sv_walk_skip {
    const char *path, *reason;
};

/* Zero-initialised is empty; one for all sites of a run. */
struct sv_files {
    SV_VEC(struct sv_file *) list;
    SV_VEC(const char *) folders; /* searched with all below: served ones, and what links lead to */
    SV_VEC(struct sv_walk_skip) skipped; /* never "clean" about what was not looked at */
    unsigned long long seen, bytes;      /* entries looked at, bytes read */
    struct sv_watch *watch;              /* told of each folder */
};

/* Each folder once, links followed as nginx follows them, SV_MAX_WALK_DEPTH and SV_MAX_WALK_FILES
 * deep and wide. Folders like / or /etc are not walked: that they are served is a finding. */
void sv_scan_served(const struct sv_site *site, struct sv_arena *a, struct sv_files *ret);

#endif
