// SPDX-License-Identifier: Apache-2.0
// Reads /proc: before the rights to do so are given up.
#ifndef SV_SCAN_LIVE_H
#define SV_SCAN_LIVE_H

#include "model/process.h"

/* All processes but this one, at most SV_MAX_PROCESSES. One that ends while it is read is left out
 * or has what was read; that is normal and no error. 0, or a negative errno if there is no /proc.
 * Memory comes from `a`, which the caller wipes: it holds secrets. */
int sv_live_read(struct sv_arena *a, struct sv_live *ret);
/* The text of /proc/PID/cgroup: which unit and container. */
void sv_live_group(struct sv_arena *a, struct sv_slice text, struct sv_process *p);

#endif
