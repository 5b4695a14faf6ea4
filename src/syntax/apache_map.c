// SPDX-License-Identifier: Apache-2.0
// A map for names of defines, macros and files.
#include <ctype.h>

#include "syntax/apache_internal.h"

void *ap_map_get(const struct ap_map *m, struct sv_slice key)
{
    uint32_t at = sv_map_find(&m->places, key);
    return at ? m->values.v[at - 1] : NULL;
}

void ap_map_put(struct sv_arena *a, struct ap_map *m, struct sv_slice key, void *value)
{
    uint32_t *at = sv_map_at(a, &m->places, key);
    if (!*at) {
        sv_vec_push(a, &m->values, NULL);
        *at = (uint32_t)m->values.n;
    }
    m->values.v[*at - 1] = value;
}

struct sv_slice ap_lower(struct sv_arena *a, struct sv_slice s)
{
    return sv_arena_mapped(a, s, tolower);
}
