// SPDX-License-Identifier: Apache-2.0
// Finding configurations below a path, and reading them into sites.
#ifndef SV_DISCOVER_H
#define SV_DISCOVER_H

#include "run.h"

/* A file is read as what it looks like; in a folder the main files of each server are looked for
 * where distributions put them, else every fragment stands alone. What was found is in run->host,
 * what could not be read in run->result. A negative errno if there is no such path. */
int sv_discover(struct sv_run *run, const char *path);
/* discover_containers.c: the web servers whose configuration a container is given by a mount. */
void sv_discover_containers(struct sv_run *run);
/* Afterwards: what the units of web servers say of the rights that these run with. */
void sv_discover_workers(struct sv_run *run);

#endif
