// SPDX-License-Identifier: Apache-2.0
// Paths that may lead to a line of a configuration: guesses, for the server to prove.
#ifndef SV_ENGINE_ASK_PATHS_H
#define SV_ENGINE_ASK_PATHS_H

#include "model/server.h"

struct sv_ask_paths {
    SV_VEC(const char *) list; /* escaped */
};

/* The path itself; nothing if it does not begin with a slash. */
void sv_ask_path(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice path);
/* A name in the folder of that path. */
void sv_ask_below(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice folder,
                  struct sv_slice name);
/* ... that no server is expected to have. */
void sv_ask_missing(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice folder);
/* A text that the pattern fits, from the top of the site and below the path `base`. */
void sv_ask_pattern(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice base,
                    struct sv_slice pattern);
/* nginx: what leads to a server or a location; to a named one, what the levels that name it do not
 * have. */
void sv_ask_level(struct sv_arena *a, struct sv_ask_paths *ret, const struct sv_scope *at);

#endif
