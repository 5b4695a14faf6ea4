// SPDX-License-Identifier: Apache-2.0
// OpenSSH's own format, Java's key stores (JKS, JCEKS, BKS), KeePass databases, Kerberos keytabs.
#include "base/limits.h"
#include "secrets/keys_read.h"

enum { MAX_CHAIN = 64 }; /* certificates above one key */

/* PROTOCOL.key: magic, cipher, kdf, its options, number of keys, public keys, private part. */
struct sv_key sv_key_openssh(struct sv_slice bytes)
{
    static const char magic[] = "openssh-key-v1";
    struct sv_key key = {.what = "OpenSSH private key", .value = bytes};
    struct sv_key_cursor c = {bytes, false};
    if (!sv_key_begins(bytes, magic, sizeof magic))
        return key;
    (void)sv_key_take(&c, sizeof magic);
    struct sv_slice cipher = sv_key_string(&c, 4), kdf = sv_key_string(&c, 4);
    (void)sv_key_string(&c, 4);
    uint32_t keys = sv_key_number(&c, 4);
    (void)sv_key_string(&c, 4); /* the first public key; what follows is private */
    key.rule = "openssh-key";
    key.state = sv_slice_is(cipher, "none") && sv_slice_is(kdf, "none") ? SV_KEY_PLAIN
                                                                       : SV_KEY_ENCRYPTED;
    key.malformed = c.short_of || keys == 0 || c.rest.n < 16;
    return key;
}

/* sun.security.provider.JavaKeyStore: every private key is encrypted, trusted certificates are not.
 * What JCEKS adds is a secret key in a sealed object. */
static enum sv_key_state java_store(struct sv_key_cursor c)
{
    enum { PRIVATE = 1, TRUSTED = 2, SECRET = 3 };
    uint32_t version = sv_key_number(&c, 4), n = sv_key_number(&c, 4);
    if (version < 1 || version > 2)
        return SV_KEY_NONE;
    for (uint32_t i = 0; i < n && i < SV_MAX_KEY_PARTS && !c.short_of; i++) {
        uint32_t tag = sv_key_number(&c, 4);
        if (tag == PRIVATE || tag == SECRET)
            return SV_KEY_ENCRYPTED;
        (void)sv_key_string(&c, 2); /* alias */
        (void)sv_key_take(&c, 8);   /* date */
        if (version == 2)
            (void)sv_key_string(&c, 2); /* type of the certificate */
        (void)sv_key_string(&c, 4);
        if (tag != TRUSTED)
            break;
    }
    return SV_KEY_NONE;
}

/* Bouncy Castle's BKS has no magic: version, length of the salt, salt, rounds, then entries. Its
 * keys are sealed one by one or stand there as they are; the store's password only guards against
 * change. */
static bool bouncy_head(struct sv_key_cursor *c)
{
    enum { LEAST_SALT = 8, MOST_SALT = 64, LEAST_ROUNDS = 512, MOST_ROUNDS = 1 << 20 };
    uint32_t version = sv_key_number(c, 4), salt = sv_key_number(c, 4);
    if (version < 1 || version > 2 || salt < LEAST_SALT || salt > MOST_SALT)
        return false;
    (void)sv_key_take(c, salt);
    uint32_t rounds = sv_key_number(c, 4);
    return rounds >= LEAST_ROUNDS && rounds <= MOST_ROUNDS && !c->short_of;
}

static enum sv_key_state bouncy_store(struct sv_key_cursor c)
{
    enum { END, CERTIFICATE, KEY, SECRET, SEALED };
    enum sv_key_state state = SV_KEY_NONE;
    for (unsigned i = 0; i < SV_MAX_KEY_PARTS && !c.short_of; i++) {
        uint32_t type = sv_key_number(&c, 1);
        struct sv_slice alias = sv_key_string(&c, 2);
        (void)sv_key_take(&c, 8);
        uint32_t chain = sv_key_number(&c, 4);
        if (type == END || type > SEALED || alias.n == 0 || chain > MAX_CHAIN || c.short_of)
            break;
        if (type == KEY || type == SECRET)
            return SV_KEY_PLAIN;
        if (type == SEALED)
            state = SV_KEY_ENCRYPTED;
        for (uint32_t k = 0; k < chain + (type == CERTIFICATE); k++) {
            (void)sv_key_string(&c, 2);
            (void)sv_key_string(&c, 4);
        }
        if (type == SEALED)
            (void)sv_key_string(&c, 4);
    }
    return state;
}

/* keytab(5): of each entry a principal's parts, when, and the key; a negative size is a hole. */
static bool keytab_entry(struct sv_key_cursor c)
{
    enum { MOST_PARTS = 16, LEAST_KEY = 8, MOST_KEY = 64 };
    uint32_t parts = sv_key_number(&c, 2);
    struct sv_slice realm = sv_key_string(&c, 2);
    if (parts < 1 || parts > MOST_PARTS || realm.n == 0)
        return false;
    for (uint32_t i = 0; i < parts; i++)
        (void)sv_key_string(&c, 2);
    (void)sv_key_take(&c, 4 + 4 + 1 + 2); /* kinds of name and key, time, version */
    struct sv_slice key = sv_key_string(&c, 2);
    return !c.short_of && key.n >= LEAST_KEY && key.n <= MOST_KEY;
}

static bool is_keytab(struct sv_key_cursor c)
{
    (void)sv_key_take(&c, 2);
    for (unsigned i = 0; i < SV_MAX_KEY_PARTS && !c.short_of; i++) {
        uint32_t size = sv_key_number(&c, 4);
        if (size == 0)
            return false;
        if (size <= INT32_MAX)
            return keytab_entry((struct sv_key_cursor){sv_key_take(&c, size), false});
        (void)sv_key_take(&c, 0u - size);
    }
    return false;
}

struct sv_key sv_key_store(struct sv_slice bytes, bool truncated)
{
    struct sv_key key = {.what = "Java key store", .rule = "java-keystore", .value = bytes};
    struct sv_key_cursor c = {bytes, false};
    if (sv_key_begins(bytes, "\x03\xd9\xa2\x9a", 4) && bytes.n > 8 &&
        (bytes.p[4] == '\x65' || bytes.p[4] == '\x66' || bytes.p[4] == '\x67') &&
        bytes.p[5] == '\xfb' && bytes.p[6] == '\x4b' && bytes.p[7] == '\xb5') {
        key.what = "KeePass database";
        key.rule = "keepass-database";
        key.state = SV_KEY_ENCRYPTED;
    } else if (sv_key_begins(bytes, "\xfe\xed\xfe\xed", 4) ||
               sv_key_begins(bytes, "\xce\xce\xce\xce", 4)) {
        (void)sv_key_take(&c, 4);
        key.state = java_store(c);
        if (key.state == SV_KEY_NONE && truncated)
            key.state = SV_KEY_ENCRYPTED; /* a key may stand behind what was read */
    } else if (sv_key_begins(bytes, "\x05\x02", 2) && is_keytab(c)) {
        key.what = "Kerberos keytab";
        key.rule = "kerberos-keytab";
        key.state = SV_KEY_PLAIN;
    } else if (bouncy_head(&c)) {
        key.state = bouncy_store(c);
    } else {
        key.rule = NULL;
    }
    return key;
}
