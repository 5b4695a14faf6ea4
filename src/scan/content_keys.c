// SPDX-License-Identifier: Apache-2.0
// Keys and key stores: PEM, DER, PKCS#12, OpenPGP.
#include "scan/content.h"

enum sv_confirm sv_content_pem(struct sv_content *c)
{
    size_t at = sv_slice_find(c->text, "-----BEGIN ");
    size_t key = sv_slice_find(c->text, "PRIVATE KEY");
    if (at == c->text.n || key == c->text.n || key < at)
        return SV_CONFIRM_NO;
    struct sv_slice body = sv_slice_sub(c->text, key + 11, c->text.n);
    if (sv_slice_find(body, "-----END") < 64)
        return SV_CONFIRM_TEMPLATE;
    c->f->what = sv_content_has(c->text, "ENCRYPTED") ? "encrypted private key" : "private key";
    uint32_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += c->text.p[i] == '\n';
    sv_content_secret(c, "private-key", SV_LIT(""),
                      sv_slice_trim(sv_slice_sub(c->text, at, c->text.n)), line, 1);
    return SV_CONFIRM_YES;
}

static bool holds(struct sv_slice s, const char *bytes, size_t n)
{
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.p + i, bytes, n) == 0)
            return true;
    return false;
}

/* PFX ::= SEQUENCE { INTEGER 3, ContentInfo { OID 1.2.840.113549.1.7.1 ... (RFC 7292) */
enum sv_confirm sv_content_pkcs12(struct sv_content *c)
{
    static const char version[] = "\x02\x01\x03", data[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    struct sv_slice head = sv_slice_sub(c->text, 0, 48);
    c->f->what = "PKCS#12 key store";
    return head.n > 4 && head.p[0] == 0x30 && holds(sv_slice_sub(head, 0, 10), version, 3) &&
                   holds(head, data, 8)
               ? SV_CONFIRM_YES
               : SV_CONFIRM_NO;
}

/* SEQUENCE { INTEGER 0 or 1, ... : PKCS#1, PKCS#8 and SEC 1 keys begin so, certificates do not. */
enum sv_confirm sv_content_derkey(struct sv_content *c)
{
    const unsigned char *p = (const unsigned char *)c->text.p;
    c->f->what = "private key";
    if (sv_content_has(c->text, "PRIVATE KEY"))
        return sv_content_pem(c);
    if (c->text.n < 64 || p[0] != 0x30)
        return SV_CONFIRM_NO;
    size_t at = p[1] < 0x80 ? 2 : 2 + (size_t)(p[1] & 0x7f);
    return at + 3 < c->text.n && p[at] == 0x02 && p[at + 1] == 0x01 && p[at + 2] <= 1
               ? SV_CONFIRM_YES
               : SV_CONFIRM_NO;
}

/* RFC 9580, 4.2: the first packet's tag; 5 is a secret key. */
enum sv_confirm sv_content_pgp(struct sv_content *c)
{
    unsigned char b = (unsigned char)c->text.p[0];
    c->f->what = "OpenPGP secret key";
    if (sv_content_has(c->text, "PGP PRIVATE KEY BLOCK"))
        return SV_CONFIRM_YES;
    unsigned tag = b & 0x40 ? b & 0x3f : (b >> 2) & 15;
    if (!(b & 0x80) || tag == 0)
        return SV_CONFIRM_NO;
    if (tag != 5) {
        c->f->what = "OpenPGP file";
        c->f->severity = c->f->severity > SV_LOW ? SV_LOW : c->f->severity;
    }
    return SV_CONFIRM_YES;
}
