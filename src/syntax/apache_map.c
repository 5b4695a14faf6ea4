// SPDX-License-Identifier: Apache-2.0
// A small map for names of defines, macros and files; nothing is ever taken out of its slots.
#include <ctype.h>
#include <stdint.h>

#include "syntax/apache_internal.h"

static size_t slot_of(const struct ap_map *m, struct sv_slice key)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 1099511628211u;
    size_t i = (size_t)(h ^ h >> 32) & (m->cap - 1);
    while (m->v[i].key.p && !sv_slice_eq(m->v[i].key, key))
        i = (i + 1) & (m->cap - 1);
    return i;
}

void *ap_map_get(const struct ap_map *m, struct sv_slice key)
{
    return m->cap ? m->v[slot_of(m, key)].value : NULL;
}

void ap_map_put(struct sv_arena *a, struct ap_map *m, struct sv_slice key, void *value)
{
    if (2 * m->n >= m->cap) {
        struct ap_map bigger = {.cap = m->cap ? 2 * m->cap : 64};
        bigger.v = sv_new_n(a, struct ap_entry, bigger.cap);
        for (size_t i = 0; i < m->cap; i++)
            if (m->v[i].key.p)
                bigger.v[slot_of(&bigger, m->v[i].key)] = m->v[i];
        bigger.n = m->n;
        *m = bigger;
    }
    struct ap_entry *e = m->v + slot_of(m, key);
    m->n += e->key.p == NULL;
    *e = (struct ap_entry){key, value};
}

struct sv_slice ap_lower(struct sv_arena *a, struct sv_slice s)
{
    return sv_arena_mapped(a, s, tolower);
}
