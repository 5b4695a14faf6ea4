// SPDX-License-Identifier: Apache-2.0
// Open addressing with the hash kept beside the key, so that most misses compare no text.
#include "base/map.h"

enum { FIRST_SIZE = 16 };

uint32_t sv_hash(struct sv_slice s)
{
    uint32_t h = SV_HASH_START;
    for (size_t i = 0; i < s.n; i++)
        h = sv_hash_add(h, s.p[i]);
    return h;
}

static struct sv_map_entry *entry(const struct sv_map *m, struct sv_slice key, uint32_t hash)
{
    /* The low bits of FNV-1a are its weakest. */
    for (uint32_t i = hash ^ hash >> 15;; i++) {
        struct sv_map_entry *e = &m->entries[i & (m->size - 1)];
        if (!e->key.p || (e->hash == hash && sv_slice_eq(e->key, key)))
            return e;
    }
}

uint32_t sv_map_find_hashed(const struct sv_map *m, struct sv_slice key, uint32_t hash)
{
    return m->n ? entry(m, key, hash)->value : 0;
}

uint32_t sv_map_find(const struct sv_map *m, struct sv_slice key)
{
    return m->n ? entry(m, key, sv_hash(key))->value : 0;
}

static void grow(struct sv_arena *a, struct sv_map *m)
{
    struct sv_map old = *m;
    m->size = old.size ? old.size * 2 : FIRST_SIZE;
    m->entries = sv_new_n(a, struct sv_map_entry, m->size);
    for (uint32_t i = 0; i < old.size; i++)
        if (old.entries[i].key.p)
            *entry(m, old.entries[i].key, old.entries[i].hash) = old.entries[i];
}

uint32_t *sv_map_at(struct sv_arena *a, struct sv_map *m, struct sv_slice key)
{
    if (2 * (m->n + 1) > m->size)
        grow(a, m);
    uint32_t hash = sv_hash(key);
    struct sv_map_entry *e = entry(m, key, hash);
    if (!e->key.p) {
        *e = (struct sv_map_entry){.key = {key.p ? key.p : "", key.n}, .hash = hash};
        m->n++;
    }
    return &e->value;
}
