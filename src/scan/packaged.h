// SPDX-License-Identifier: Apache-2.0
// Which files are still as a Debian package ships them: what stands in those is no secret.
#ifndef SV_SCAN_PACKAGED_H
#define SV_SCAN_PACKAGED_H

#include "base/fs.h"
#include "scan/secrets.h"

/* Sets `weak` and `package` of the places in such files. The sums that dpkg keeps are believed, for
 * only root writes them (dpkg(1), --verify; deb-md5sums(5)); those of ucf are not: it also keeps
 * what a package made up on this machine, passwords included. Nothing happens without dpkg. */
void sv_mark_packaged(struct sv_fs *fs, struct sv_arena *a, struct sv_secret_found *found);

#endif
