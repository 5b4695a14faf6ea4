// SPDX-License-Identifier: Apache-2.0
// Keys and key stores by their own structure: which files hold one, and is it encrypted?
#include "scan/content.h"
#include "scan/samples.h"
#include "secrets/keys.h"

/* The finding's secret, with the line in which the key begins. */
static void note_key(struct sv_content *c, const struct sv_key *key)
{
    uint32_t line = 1;
    for (const char *p = c->text.p; p < key->value.p; p++)
        line += *p == '\n';
    bool text = key->value.n && sv_content_has(key->value, "-----END");
    struct sv_slice value = text ? sv_key_body(c->a, key->value) : sv_slice_trim(key->value);
    sv_content_secret(c, "private-key", SV_LIT(""), value, line, 1);
    if (c->f->secrets.n)
        c->f->secrets.v[c->f->secrets.n - 1].encrypted = key->state == SV_KEY_ENCRYPTED;
}

static enum sv_confirm by_key(struct sv_content *c, const struct sv_key *key)
{
    c->f->what = key->what;
    if (key->malformed || sv_is_package_sample(c->f->path))
        return SV_CONFIRM_TEMPLATE;
    if (key->state == SV_KEY_ENCRYPTED)
        c->f->severity = SV_HIGH;
    note_key(c, key);
    return SV_CONFIRM_YES;
}

/* A header without a body, as documentation has it. */
static bool only_header(struct sv_slice text)
{
    size_t at = sv_slice_find(text, "-----BEGIN ");
    return sv_slice_find(sv_slice_sub(text, at, text.n), "PRIVATE KEY") < text.n - at;
}

enum sv_confirm sv_content_pem(struct sv_content *c)
{
    struct sv_key key = sv_key_in_text(c->text);
    c->f->what = "private key";
    if (key.state != SV_KEY_NONE)
        return by_key(c, &key);
    return only_header(c->text) ? SV_CONFIRM_TEMPLATE : SV_CONFIRM_NO;
}

/* Text or binary, whatever the name promises. */
enum sv_confirm sv_content_key(struct sv_content *c)
{
    struct sv_key key = sv_key_of_bytes(c->text, c->truncated);
    if (key.state == SV_KEY_NONE)
        return sv_content_pem(c);
    return by_key(c, &key);
}

/* A store with certificates alone is no secret, though its name may be told to nobody. */
static enum sv_confirm store(struct sv_content *c, const char *rule, const char *what)
{
    struct sv_key key = sv_key_of_bytes(c->text, c->truncated);
    if (key.state != SV_KEY_NONE)
        return by_key(c, &key);
    c->f->what = what;
    c->f->severity = c->f->severity > SV_LOW ? SV_LOW : c->f->severity;
    return key.rule && strcmp(key.rule, rule) == 0 ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

enum sv_confirm sv_content_pkcs12(struct sv_content *c)
{
    return store(c, "pkcs12-store", "PKCS#12 store without a private key");
}

enum sv_confirm sv_content_java_store(struct sv_content *c)
{
    return store(c, "java-keystore", "Java trust store");
}

/* RFC 9580, 4.2: the first packet's tag tells public keys, messages and signatures. */
enum sv_confirm sv_content_pgp(struct sv_content *c)
{
    enum { SIGNATURE = 2, PUBLIC_KEY = 6 };
    unsigned char b = (unsigned char)c->text.p[0];
    unsigned tag = b & 0x40 ? b & 0x3f : (b >> 2) & 15;
    struct sv_key key = sv_key_of_bytes(c->text, c->truncated);
    if (key.state == SV_KEY_NONE)
        key = sv_key_in_text(c->text);
    if (key.state != SV_KEY_NONE)
        return by_key(c, &key);
    c->f->what = "OpenPGP file";
    c->f->severity = c->f->severity > SV_LOW ? SV_LOW : c->f->severity;
    return b & 0x80 && tag != 0 && tag != SIGNATURE && tag != PUBLIC_KEY ? SV_CONFIRM_YES
                                                                        : SV_CONFIRM_NO;
}
