// SPDX-License-Identifier: Apache-2.0
// Names the objects of git's packs as git does.
#ifndef SV_SCAN_GIT_IDS_H
#define SV_SCAN_GIT_IDS_H

#include "base/fs.h"
#include "scan/secrets.h"

/* `member` of the places in a pack with an index beside it: the object's name, for git log
 * --find-object, in place of where it begins. What is read of all indexes is bounded. */
void sv_name_git_objects(struct sv_fs *fs, struct sv_arena *a, struct sv_secret_found *found);

#endif
