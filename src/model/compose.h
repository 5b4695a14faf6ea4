// SPDX-License-Identifier: Apache-2.0
// A compose project's networks; private to the files that read projects.
#ifndef SV_MODEL_COMPOSE_H
#define SV_MODEL_COMPOSE_H

#include "base/map.h"
#include "model/container.h"

/* What the names of networks depend on, as far as the project is read. */
struct sv_compose_names {
    const struct sv_model_env *env;
    const struct sv_dotenv *vars;
    const char *project;    /* its name */
    struct sv_map networks; /* those with names of their own: the place in `given` plus one */
    SV_VEC(struct sv_slice) given;
};

/* Takes the name of the project whose first file is in `dir`, and those of networks, from the top
 * map of one more file. */
void sv_compose_names_add(struct sv_compose_names *io, const char *dir, const struct sv_node *root);
/* The networks of a service, a list of names or a map with the names as keys, and what it is called
 * there beside its own names; at most SV_MAX_CONTAINER_NAMES of each. */
void sv_compose_networks(const struct sv_compose_names *p, struct sv_container *c,
                         const struct sv_node *list);
/* A service that names none is in the project's network "default". */
void sv_compose_default_network(const struct sv_compose_names *p, struct sv_container *c);

/* compose_merge.c: where the names of one list stand in it, that which was written to last;
 * zero-initialised is empty. */
struct sv_compose_index {
    const void *list;
    size_t n;
    struct sv_map at; /* + 1 */
};
/* The last one of a name counts. */
void sv_compose_set_var(struct sv_arena *a, struct sv_compose_index *x,
                        struct sv_container_vars *io, struct sv_container_var v);
/* Compose merges mounts by their targets; those without one are all kept. */
void sv_compose_add_mount(struct sv_arena *a, struct sv_compose_index *x, struct sv_container *c,
                          struct sv_container_mount m);

#endif
