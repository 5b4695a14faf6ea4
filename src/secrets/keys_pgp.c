// SPDX-License-Identifier: Apache-2.0
// OpenPGP secret keys (RFC 9580): the packets, and how the secret part of each is protected.
#include "base/limits.h"
#include "secrets/keys_read.h"

enum { SECRET_KEY = 5, PUBLIC_KEY = 6, SECRET_SUBKEY = 7 };

struct packet {
    unsigned tag;
    struct sv_slice body;
};

static size_t new_length(struct sv_key_cursor *c, bool *ret_partial)
{
    size_t n = sv_key_number(c, 1);
    if (n < 192)
        return n;
    if (n < 224)
        return ((n - 192) << 8) + sv_key_number(c, 1) + 192;
    *ret_partial = n < 255;
    return n == 255 ? sv_key_number(c, 4) : (size_t)1 << (n & 31);
}

/* RFC 9580, 4.2. Parts of unknown length are for data, not for keys. */
static bool next(struct sv_key_cursor *c, struct packet *ret)
{
    static const size_t sizes[] = {1, 2, 4, 0};
    unsigned head = sv_key_number(c, 1);
    bool partial = false;
    size_t n;
    if (!(head & 0x80))
        return false;
    ret->tag = head & 0x40 ? head & 0x3f : head >> 2 & 15;
    if (head & 0x40)
        n = new_length(c, &partial);
    else
        n = (head & 3) == 3 ? c->rest.n : sv_key_number(c, sizes[head & 3]);
    if (c->short_of || partial || ret->tag == 0)
        return false;
    ret->body = sv_slice_sub(c->rest, 0, n);
    (void)sv_key_take(c, n);
    return true;
}

static void skip_numbers(struct sv_key_cursor *c, unsigned count)
{
    for (; count; count--)
        (void)sv_key_take(c, (sv_key_number(c, 2) + 7) / 8);
}

/* Moves behind the public part of a key; false for an algorithm that is not known. */
static bool skip_public(struct sv_key_cursor *c, unsigned algorithm)
{
    switch (algorithm) {
    case 1: /* RSA */
    case 2:
    case 3:
        skip_numbers(c, 2);
        return true;
    case 16: /* Elgamal */
    case 20:
        skip_numbers(c, 3);
        return true;
    case 17: /* DSA */
        skip_numbers(c, 4);
        return true;
    case 18: /* ECDH */
        (void)sv_key_string(c, 1);
        skip_numbers(c, 1);
        (void)sv_key_string(c, 1);
        return true;
    case 19: /* ECDSA, EdDSA */
    case 22:
        (void)sv_key_string(c, 1);
        skip_numbers(c, 1);
        return true;
    case 25: /* X25519, Ed25519, X448, Ed448 */
    case 27:
        (void)sv_key_take(c, 32);
        return true;
    case 26:
        (void)sv_key_take(c, 56);
        return true;
    case 28:
        (void)sv_key_take(c, 57);
        return true;
    default:
        return false;
    }
}

/* GnuPG's own kinds of S2K: the secret part is elsewhere, offline or on a card. */
static bool is_stub(struct sv_key_cursor c, unsigned usage)
{
    if (usage == 254 || usage == 255) {
        (void)sv_key_number(&c, 1); /* cipher */
        return sv_key_number(&c, 1) == 101;
    }
    return false;
}

/* 5.5.3: which part of the key is secret, and how it is kept. */
static enum sv_key_state state_of(struct sv_slice body)
{
    struct sv_key_cursor c = {body, false};
    unsigned version = sv_key_number(&c, 1);
    (void)sv_key_number(&c, 4); /* when it was made */
    if (version == 2 || version == 3)
        (void)sv_key_number(&c, 2);
    unsigned algorithm = sv_key_number(&c, 1);
    if (version < 2 || version > 6)
        return SV_KEY_NONE;
    if (version >= 5)
        (void)sv_key_string(&c, 4);
    else if (!skip_public(&c, algorithm))
        return SV_KEY_ENCRYPTED; /* of a kind that only a newer program knows */
    unsigned usage = sv_key_number(&c, 1);
    if (c.short_of || c.rest.n == 0 || is_stub(c, usage))
        return SV_KEY_NONE;
    return usage ? SV_KEY_ENCRYPTED : SV_KEY_PLAIN;
}

struct sv_key sv_key_pgp(struct sv_slice bytes, bool truncated)
{
    struct sv_key key = {.what = "OpenPGP secret key", .rule = "pgp-key", .value = bytes};
    struct sv_key_cursor c = {sv_slice_sub(bytes, 0, SV_MAX_PGP_BYTES), false};
    struct packet p;
    unsigned n = 0;
    for (; c.rest.n && n < SV_MAX_KEY_PARTS && next(&c, &p); n++) {
        bool secret = p.tag == SECRET_KEY || p.tag == SECRET_SUBKEY;
        if (n == 0 && p.tag != SECRET_KEY && p.tag != PUBLIC_KEY)
            break;
        enum sv_key_state state = secret ? state_of(p.body) : SV_KEY_NONE;
        if (state == SV_KEY_PLAIN || key.state == SV_KEY_NONE)
            key.state = state;
        if (state == SV_KEY_PLAIN)
            break;
    }
    key.malformed = c.short_of && !truncated;
    if (key.state == SV_KEY_NONE)
        key.rule = NULL;
    return key;
}
