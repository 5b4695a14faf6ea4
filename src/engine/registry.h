// SPDX-License-Identifier: Apache-2.0
// All checks of a run: the modules of checks/, the rules that are compiled in, and the user's.
#ifndef SV_ENGINE_REGISTRY_H
#define SV_ENGINE_REGISTRY_H

#include "engine/rules.h"

struct sv_registry {
    SV_VEC(const struct sv_check *) list; /* sorted by id; ids are unique */
};

/* `rules` (may be NULL) is --rules. What is allocated lives in the arena and the pool. 0, or a
 * negative errno with err: a rule file that is unreadable or wrong, or a name that exists. Rules
 * that `only` and `skip` (as below) do not leave may be missing. */
int sv_registry_open(struct sv_registry *ret_r, struct sv_arena *a, struct sv_regex_pool *regexes,
                     const char *rules, const char *only, const char *skip, struct sv_err *err);
const struct sv_check *sv_registry_find(const struct sv_registry *r, const char *id); /* or NULL */
/* Those that match `only` (NULL: all) and not `skip` (NULL: none); NULL-terminated. */
const struct sv_check *const *sv_registry_select(const struct sv_registry *r, struct sv_arena *a,
                                                 const char *only, const char *skip);

#endif
