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

#endif
