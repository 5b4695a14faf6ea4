// SPDX-License-Identifier: Apache-2.0
// Configurations that a program makes of templates when it starts, as gettext's envsubst does.
#ifndef SV_SYNTAX_ENVSUBST_H
#define SV_SYNTAX_ENVSUBST_H

#include "base/map.h"
#include "syntax/node.h"

struct sv_envsubst_piece {
    uint32_t made, raw; /* where it begins in what was made, and in the template */
    bool filled;        /* with a value: all of it stands at one place of the template */
};
struct sv_envsubst {
    uint32_t made, raw; /* sources of one path */
    SV_VEC(struct sv_envsubst_piece) pieces;
};
struct sv_envsubst_vars {
    struct sv_map names; /* the place in `values` plus one */
    SV_VEC(struct sv_slice) values;
};

/* "$NAME" and "${NAME}" of names that are there become their values; everything else stays. Adds
 * the template and what it makes to the sources. False beyond SV_MAX_CONFIG_BYTES and
 * SV_MAX_TEMPLATE_NAMES. */
bool sv_envsubst(struct sv_syntax *sx, const char *path, struct sv_slice text,
                 const struct sv_envsubst_vars *vars, struct sv_envsubst *ret);
/* Nodes of what was made get the spans of the templates: their lines are what people can change,
 * and a value of the environment is not shown with them. `all` is in the order of the making. */
void sv_envsubst_settle(struct sv_node *root, const struct sv_envsubst *all, size_t n_all);
/* Every node of the tree stands at one place. */
void sv_node_stand_at(struct sv_node *root, struct sv_span place);

#endif
