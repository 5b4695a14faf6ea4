// SPDX-License-Identifier: Apache-2.0
// Open addressing with the hash kept beside the key, so that most misses compare no text.
#include "base/map.h"

#include <sys/auxv.h>

enum { FIRST_SIZE = 16 };

uint32_t sv_hash(struct sv_slice s)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h;
}

/* Of the 16 bytes that the kernel gives every process. */
static uint64_t secret(const struct sv_map *m)
{
    uint64_t r[2] = {(uintptr_t)m, 0};
    const void *random = (const void *)getauxval(AT_RANDOM);
    if (random)
        memcpy(r, random, sizeof r);
    return (r[0] + (r[1] << 32 | r[1] >> 32)) | 1;
}

static uint64_t hash_of(const struct sv_map *m, struct sv_slice key)
{
    uint64_t h = sv_map_hash_start(m);
    for (size_t i = 0; i < key.n; i++)
        h = sv_map_hash_add(m, h, key.p[i]);
    return h;
}

static struct sv_map_entry *entry(const struct sv_map *m, struct sv_slice key, uint32_t hash)
{
    /* The high bits of a product depend on all bits of its factors. */
    for (uint32_t i = (uint32_t)((uint64_t)hash * m->size >> 32);; i++) {
        struct sv_map_entry *e = &m->entries[i & (m->size - 1)];
        if (!e->key.p || (e->hash == hash && sv_slice_eq(e->key, key)))
            return e;
    }
}

uint32_t sv_map_find_hashed(const struct sv_map *m, struct sv_slice key, uint64_t hash)
{
    return m->n ? entry(m, key, (uint32_t)(hash >> 32))->value : 0;
}

uint32_t sv_map_find(const struct sv_map *m, struct sv_slice key)
{
    return m->n ? sv_map_find_hashed(m, key, hash_of(m, key)) : 0;
}

static void grow(struct sv_arena *a, struct sv_map *m)
{
    struct sv_map old = *m;
    m->size = old.size ? old.size * 2 : FIRST_SIZE;
    m->entries = sv_new_n(a, struct sv_map_entry, m->size);
    if (!m->secret)
        m->secret = secret(m);
    for (uint32_t i = 0; i < old.size; i++)
        if (old.entries[i].key.p)
            *entry(m, old.entries[i].key, old.entries[i].hash) = old.entries[i];
}

uint32_t *sv_map_at(struct sv_arena *a, struct sv_map *m, struct sv_slice key)
{
    if (2 * (m->n + 1) > m->size)
        grow(a, m);
    uint32_t hash = (uint32_t)(hash_of(m, key) >> 32);
    struct sv_map_entry *e = entry(m, key, hash);
    if (!e->key.p) {
        *e = (struct sv_map_entry){.key = {key.p ? key.p : "", key.n}, .hash = hash};
        m->n++;
    }
    return &e->value;
}
