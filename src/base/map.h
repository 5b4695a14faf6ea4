// SPDX-License-Identifier: Apache-2.0
// A hash table from byte strings to small numbers, for what is looked up once a request or a file.
#ifndef SV_BASE_MAP_H
#define SV_BASE_MAP_H

#include <stdint.h>

#include "base/arena.h"

struct sv_map_entry {
    struct sv_slice key; /* p == NULL: free */
    uint32_t hash, value;
};

/* Zero-initialised is a valid empty table; the memory is the arena's. Keys are borrowed. What they
 * are comes from the audited host, so the hash is keyed with what differs from one run to the next:
 * nothing may be told in the order of the entries. */
struct sv_map {
    struct sv_map_entry *entries;
    uint32_t n, size; /* size: 0 or a power of two */
    uint64_t secret;  /* odd; 0 as long as the table is empty */
};

/* A key's hash in this table, byte by byte: callers that ask for every beginning of a text keep
 * it. */
static inline uint64_t sv_map_hash_start(const struct sv_map *m)
{
    return m->secret;
}
static inline uint64_t sv_map_hash_add(const struct sv_map *m, uint64_t h, char c)
{
    return (h ^ (unsigned char)c) * m->secret;
}

/* FNV-1a, the same in every run: for what holds a bounded number of texts. */
uint32_t sv_hash(struct sv_slice s);

/* The value of a key, 0 if it is not in the table. */
uint32_t sv_map_find(const struct sv_map *m, struct sv_slice key);
/* The same with the key's hash at hand. */
uint32_t sv_map_find_hashed(const struct sv_map *m, struct sv_slice key, uint64_t hash);
/* Where the value of a key stands, 0 if the key is new. Valid until the next call. */
uint32_t *sv_map_at(struct sv_arena *a, struct sv_map *m, struct sv_slice key);

#endif
