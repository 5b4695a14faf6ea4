// SPDX-License-Identifier: Apache-2.0
// What the readers of binary keys share: bounded reading of numbers and strings.
#ifndef SV_SECRETS_KEYS_READ_H
#define SV_SECRETS_KEYS_READ_H

#include <stdint.h>

#include "secrets/keys.h"

/* Big-endian reading; behind the end everything is zero and `short_of` says so. */
struct sv_key_cursor {
    struct sv_slice rest;
    bool short_of;
};

static inline struct sv_slice sv_key_take(struct sv_key_cursor *c, size_t n)
{
    struct sv_slice s = sv_slice_sub(c->rest, 0, n);
    c->short_of |= n > c->rest.n;
    c->rest = sv_slice_sub(c->rest, s.n, c->rest.n);
    return s;
}

static inline uint32_t sv_key_number(struct sv_key_cursor *c, size_t bytes)
{
    struct sv_slice s = sv_key_take(c, bytes);
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return s.n == bytes ? v : 0;
}

/* A string behind its length. */
static inline struct sv_slice sv_key_string(struct sv_key_cursor *c, size_t bytes)
{
    return sv_key_take(c, sv_key_number(c, bytes));
}

static inline bool sv_key_begins(struct sv_slice s, const char *bytes, size_t n)
{
    return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

/* keys_der.c, keys_pgp.c, keys_store.c: each knows its own kinds and gives SV_KEY_NONE otherwise.
 * `whole`: the bytes are all there is, and what is cut off is malformed. */
struct sv_key sv_key_der(struct sv_slice bytes, bool whole);
struct sv_key sv_key_pkcs12(struct sv_slice bytes, bool truncated);
struct sv_key sv_key_pgp(struct sv_slice bytes, bool truncated);
struct sv_key sv_key_openssh(struct sv_slice bytes);
struct sv_key sv_key_store(struct sv_slice bytes, bool truncated);

#endif
