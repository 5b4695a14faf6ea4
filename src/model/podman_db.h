// SPDX-License-Identifier: Apache-2.0
// Podman's database of containers, as far as it is SQLite.
#ifndef SV_MODEL_PODMAN_DB_H
#define SV_MODEL_PODMAN_DB_H

#include "base/map.h"
#include "model/container.h"

struct sv_podman_db {
    const char *path;   /* NULL: there is none that can be read */
    struct sv_map rows; /* ids of containers: the place in `configs` plus one */
    SV_VEC(struct sv_slice) configs; /* JSON: libpod's ContainerConfig */
    bool whole;         /* all of its rows were read */
    bool other;         /* there is one of another kind, BoltDB */
};

/* That of the storage `top`. Podman 4.8 and later write db.sql; what they replaced, bolt_state.db,
 * is used on where it is there already. At most SV_MAX_CONTAINERS, SV_MAX_CONTAINER_BYTES of one
 * and SV_MAX_CONTAINER_TOTAL of all; SV_MAX_PODMAN_DB, SV_MAX_PODMAN_STEPS, and of
 * all databases together SV_MAX_PODMAN_TOTAL, which *io_steps counts. */
void sv_podman_db_read(const struct sv_model_env *env, struct sv_syntax *sx, const char *top,
                       uint64_t *io_steps, struct sv_podman_db *ret);

#endif
