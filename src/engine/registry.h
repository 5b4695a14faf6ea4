// SPDX-License-Identifier: Apache-2.0
// The built-in checks, derived from the files of checks/, and their selection.
#ifndef SV_ENGINE_REGISTRY_H
#define SV_ENGINE_REGISTRY_H

#include "engine/check.h"

extern const struct sv_check *const sv_checks[]; /* NULL-terminated, sorted by symbol */

const struct sv_check *sv_check_find(const char *id); /* NULL if there is none */
/* Those that match `only` (NULL: all) and not `skip` (NULL: none); NULL-terminated. */
const struct sv_check *const *sv_checks_select(struct sv_arena *a, const char *only,
                                               const char *skip);

#endif
