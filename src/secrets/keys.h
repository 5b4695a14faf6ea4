// SPDX-License-Identifier: Apache-2.0
// Private keys and key stores, read from their own structure: is there a secret key, and is it
// encrypted?
#ifndef SV_SECRETS_KEYS_H
#define SV_SECRETS_KEYS_H

#include "base/arena.h"

enum sv_key_state {
    SV_KEY_NONE,      /* no private key: certificates, public keys, a header without a body */
    SV_KEY_PLAIN,     /* who has the file has the key */
    SV_KEY_ENCRYPTED, /* a passphrase is still needed */
};

struct sv_key {
    enum sv_key_state state;
    bool malformed;        /* it says that it is a key and is not made like one: an example */
    const char *what;      /* "OpenSSH private key", for people */
    const char *rule;      /* id of the rule for keys of this kind */
    struct sv_slice value; /* of the text or bytes: what is secret in it */
};

/* The first private key of a text: PEM in one line or many, its line ends written as \n too, once
 * more in base64; OpenPGP, PuTTY, SSH.com, minisign and signify. Of several keys the first plain
 * one counts. */
struct sv_key sv_key_in_text(struct sv_slice text);
/* The key that a binary file is: DER (PKCS#1, PKCS#8, SEC 1, DSA), PKCS#12, OpenSSH, OpenPGP, JKS,
 * JCEKS, BKS, KeePass. `truncated`: the file goes on behind the bytes, so that a store in which no
 * key was seen may still hold one. */
struct sv_key sv_key_of_bytes(struct sv_slice bytes, bool truncated);

/* The base64 of a key's text without line ends, headers and what a program puts around its lines:
 * the same for one key however it is written. The text itself if there is none. */
struct sv_slice sv_key_body(struct sv_arena *a, struct sv_slice text);

#endif
