// SPDX-License-Identifier: Apache-2.0
// What nginx's `set` gives the variables of a text.
#ifndef SV_ENGINE_SET_VALUES_H
#define SV_ENGINE_SET_VALUES_H

#include "model/server.h"

/* The text of a line in that level with the literals that `set` gives its variables, in the arena;
 * what the request decides stays a variable. */
struct sv_slice sv_set_filled_in(struct sv_arena *a, const struct sv_scope *at,
                                 struct sv_slice text);

#endif
