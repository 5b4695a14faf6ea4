// SPDX-License-Identifier: Apache-2.0
// The literal locations of a level by name: what nginx keeps a tree for.
#include "model/scope.h"

enum { FEW = 32 }; /* a short list is read through as fast as a table is asked */

void sv_nginx_index_locations(struct sv_arena *a, struct sv_scope *level)
{
    if (level->locations.n <= FEW)
        return;
    struct sv_location_index *x = sv_new(a, struct sv_location_index);
    for (uint32_t i = 0; i < level->locations.n; i++) {
        struct sv_scope *s = level->locations.v[i];
        bool literal = s->match == SV_MATCH_PREFIX || s->match == SV_MATCH_PREFIX_STOP;
        if (s->regex)
            sv_vec_push(a, &x->regexes, s);
        if (!literal && s->match != SV_MATCH_EXACT)
            continue;
        uint32_t *at = sv_map_at(a, literal ? &x->prefix : &x->exact, s->name);
        if (!*at)
            *at = i + 1; /* nginx refuses a second one of that name */
    }
    level->index = x;
}
