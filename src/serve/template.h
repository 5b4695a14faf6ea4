// SPDX-License-Identifier: Apache-2.0
// Backwards through variables: which values a path gives them, which text a pattern took them from.
#ifndef SV_SERVE_TEMPLATE_H
#define SV_SERVE_TEMPLATE_H

#include "base/regex.h"

enum { SV_TEMPLATE_VARIABLES = 8 };

/* Values of variables ("1", "sub", "host"), as a path fixes them. */
struct sv_bindings {
    struct sv_slice name[SV_TEMPLATE_VARIABLES], value[SV_TEMPLATE_VARIABLES];
    size_t n;
    struct sv_slice tail; /* what follows the template in the path: the URI below a root */
};

/* True if `path` is the template with some values for its variables. `tail`: something may follow.
 * `greedy`: the other of the two ways to share a path between neighbours. */
bool sv_template_match(struct sv_regex_pool *pool, struct sv_arena *a, struct sv_slice template,
                       bool tail, bool greedy, struct sv_slice path, struct sv_bindings *ret);
/* The value of a variable, p == NULL if it has none. */
struct sv_slice sv_binding(const struct sv_bindings *b, struct sv_slice name);
/* A text that the pattern ought to match with its groups at those values; p == NULL if the pattern
 * is not simple enough. It is a guess, for the caller to prove. */
struct sv_slice sv_pattern_text(struct sv_arena *a, struct sv_slice pattern,
                                const struct sv_bindings *b);

#endif
