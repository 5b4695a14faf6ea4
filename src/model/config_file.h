// SPDX-License-Identifier: Apache-2.0
// One file of a configuration that a model reads.
#ifndef SV_MODEL_CONFIG_FILE_H
#define SV_MODEL_CONFIG_FILE_H

#include "model/server.h"

/* True if it is a regular file, of which links on the way are followed: `ret_real` (may be NULL)
 * gets its own path. What is there and is none, but for folders and /dev/null, is a diagnostic. */
bool sv_config_there(const struct sv_model_env *env, const char *path, const char **ret_real);
/* Its text, at most SV_MAX_HOST_FILE_BYTES of it, in `a`. What cannot be read, or is longer, is a
 * diagnostic; false if there is no text. */
bool sv_config_read(const struct sv_model_env *env, struct sv_arena *a, const char *path,
                    struct sv_slice *ret);
/* The files that a pattern leads to (glob(3)); a pattern that leads through too many folders, and
 * so to none, is a diagnostic. */
void sv_config_glob(const struct sv_model_env *env, const char *pattern, struct sv_paths *ret);

#endif
