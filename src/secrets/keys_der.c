// SPDX-License-Identifier: Apache-2.0
// Keys in ASN.1: PKCS#1, PKCS#8, SEC 1, DSA, and PKCS#12 stores (RFC 8017, 5958, 5915, 7292).
#include "base/limits.h"
#include "secrets/keys_read.h"

enum { INTEGER = 0x02, BITS = 0x03, OCTETS = 0x04, OID = 0x06, SEQUENCE = 0x30, CONTEXT_0 = 0xa0,
       OCTETS_OF_PARTS = 0x24 };
enum { LEAST_MODULUS = 48, LEAST_SCALAR = 16, MOST_SCALAR = 72, MOST_EXPONENT = 8 };

struct der {
    unsigned tag;
    struct sv_slice body;
    bool cut; /* the bytes end before the body does */
};

/* The next element. An indefinite length (BER, old PKCS#12) gives all that is left. */
static bool next(struct sv_slice *rest, struct der *ret)
{
    struct sv_key_cursor c = {*rest, false};
    ret->tag = sv_key_number(&c, 1);
    size_t n = sv_key_number(&c, 1);
    if (n == 0x80)
        n = c.rest.n;
    else if (n > 0x84)
        return false;
    else if (n > 0x80)
        n = sv_key_number(&c, n & 0x7f);
    if (c.short_of)
        return false;
    ret->body = sv_key_take(&c, n);
    ret->cut = c.short_of;
    *rest = c.rest;
    return true;
}

static bool next_is(struct sv_slice *rest, unsigned tag, struct der *ret)
{
    return next(rest, ret) && ret->tag == tag;
}

static bool is_oid(struct sv_slice body, const char *prefix, size_t n)
{
    return sv_key_begins(body, prefix, n);
}

/* PKCS#5 and PKCS#12 schemes of encryption by password: 1.2.840.113549.1.5, .12.1. */
static bool is_password_scheme(struct sv_slice oid)
{
    return is_oid(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x05", 8) ||
           is_oid(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01", 9);
}

/* What follows the version 0 or 1 of a private key; NULL if it is none. */
static const char *kind_of(unsigned version, struct sv_slice rest)
{
    struct der a, b, oid;
    if (!next(&rest, &a))
        return NULL;
    struct sv_slice inner = a.body;
    if (a.tag == SEQUENCE)
        return next_is(&inner, OID, &oid) && next_is(&rest, OCTETS, &b) && b.body.n >= LEAST_SCALAR
                   ? "pem-private-key"
                   : NULL;
    if (a.tag == OCTETS) /* a curve or a public key in brackets follows, or nothing */
        return version == 1 && a.body.n >= LEAST_SCALAR && a.body.n <= MOST_SCALAR &&
                       (rest.n == 0 || ((unsigned char)rest.p[0] & 0xfe) == CONTEXT_0)
                   ? "pem-ec-key"
                   : NULL;
    if (a.tag != INTEGER || a.body.n < LEAST_MODULUS || !next_is(&rest, INTEGER, &b))
        return NULL;
    if (b.body.n <= MOST_EXPONENT)
        return next_is(&rest, INTEGER, &a) && a.body.n >= LEAST_SCALAR ? "pem-rsa-key" : NULL;
    return version == 0 && next_is(&rest, INTEGER, &b) && next_is(&rest, INTEGER, &b) &&
                   next_is(&rest, INTEGER, &b)
               ? "pem-dsa-key"
               : NULL;
}

struct sv_key sv_key_der(struct sv_slice bytes, bool whole)
{
    struct sv_key key = {.what = "private key", .value = bytes};
    struct der outer, first, oid, second;
    struct sv_slice rest = bytes;
    if (!next_is(&rest, SEQUENCE, &outer))
        return key;
    struct sv_slice in = outer.body;
    if (!next(&in, &first))
        return key;
    struct sv_slice algorithm = first.body;
    if (first.tag == SEQUENCE && next_is(&algorithm, OID, &oid) && is_password_scheme(oid.body) &&
        next_is(&in, OCTETS, &second)) {
        key.state = SV_KEY_ENCRYPTED;
        key.rule = "pem-encrypted-key";
    } else if (first.tag == INTEGER && first.body.n == 1 && (unsigned char)first.body.p[0] <= 1) {
        key.rule = kind_of((unsigned char)first.body.p[0], in);
        key.state = key.rule ? SV_KEY_PLAIN : SV_KEY_NONE;
    }
    key.malformed = whole && outer.cut;
    return key;
}

// ---- PKCS#12 ----

/* What a chain of ContentInfo and SafeBag elements was seen to hold. */
struct seen {
    bool plain, shrouded, sealed, unread;
};

/* The octets of [0] { OCTET STRING }; of one in parts, the first part. */
static bool octets_of(struct sv_slice *rest, struct sv_slice *ret)
{
    struct der tagged, string, part;
    if (!next_is(rest, CONTEXT_0, &tagged) || !next(&tagged.body, &string))
        return false;
    *ret = string.body;
    if (string.tag == OCTETS_OF_PARTS && next_is(&string.body, OCTETS, &part)) {
        *ret = part.body;
        return true;
    }
    return string.tag == OCTETS;
}

/* SafeContents ::= SEQUENCE OF SafeBag { OID, [0] value }; bags of bags are not followed. */
static void look_at_bags(struct sv_slice contents, struct seen *seen)
{
    static const char bag[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
    struct der list, item, oid;
    unsigned n = 0;
    if (!next_is(&contents, SEQUENCE, &list)) {
        seen->unread = true;
        return;
    }
    while (list.body.n && n++ < SV_MAX_KEY_PARTS && next_is(&list.body, SEQUENCE, &item)) {
        if (!next_is(&item.body, OID, &oid) || !is_oid(oid.body, bag, 10) || oid.body.n != 11)
            continue;
        char kind = oid.body.p[10];
        seen->plain |= kind == 1;
        seen->shrouded |= kind == 2;
        seen->unread |= kind == 5 || kind == 6; /* secrets, bags of bags */
    }
    seen->unread |= list.cut && !seen->plain && !seen->shrouded;
}

/* AuthenticatedSafe ::= SEQUENCE OF ContentInfo; what is encrypted as a whole holds certificates
 * with every program that writes these files, keys are wrapped one by one. */
static void look_at_safes(struct sv_slice safe, struct seen *seen)
{
    static const char pkcs7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    struct der list, info, oid;
    struct sv_slice contents;
    unsigned n = 0;
    if (!next_is(&safe, SEQUENCE, &list)) {
        seen->unread = true;
        return;
    }
    while (list.body.n && n++ < SV_MAX_KEY_PARTS && next_is(&list.body, SEQUENCE, &info)) {
        if (!next_is(&info.body, OID, &oid) || !is_oid(oid.body, pkcs7, 8) || oid.body.n != 9)
            continue;
        if (oid.body.p[8] != 1)
            seen->sealed = true;
        else if (octets_of(&info.body, &contents))
            look_at_bags(contents, seen);
        else
            seen->unread = true;
    }
    seen->unread |= list.cut;
}

/* PFX ::= SEQUENCE { INTEGER 3, ContentInfo { pkcs7-data or pkcs7-signedData, [0] ... }, mac }. */
struct sv_key sv_key_pkcs12(struct sv_slice bytes, bool truncated)
{
    static const char pkcs7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    struct sv_key key = {.what = "PKCS#12 key store", .rule = "pkcs12-store", .value = bytes};
    struct der outer, version, info, oid;
    struct sv_slice rest = bytes, safe;
    struct seen seen = {0};
    if (!next_is(&rest, SEQUENCE, &outer) || !next_is(&outer.body, INTEGER, &version) ||
        version.body.n != 1 || version.body.p[0] != 3 ||
        !next_is(&outer.body, SEQUENCE, &info) || !next_is(&info.body, OID, &oid) ||
        !is_oid(oid.body, pkcs7, 8) || oid.body.n != 9) {
        key.rule = NULL;
        return key;
    }
    if (oid.body.p[8] == 1 && octets_of(&info.body, &safe))
        look_at_safes(safe, &seen);
    else
        seen.unread = true;
    bool may_follow = truncated && outer.cut;
    if (seen.plain)
        key.state = SV_KEY_PLAIN;
    else if (seen.shrouded || seen.unread || may_follow)
        key.state = SV_KEY_ENCRYPTED;
    return key;
}
