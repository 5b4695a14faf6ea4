// SPDX-License-Identifier: Apache-2.0
// Unit tests of the readers of keys: structures built byte by byte, each beside what it is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "base/arena.h"
#include "secrets/keys.h"

enum { SEQ = 0x30, INT = 2, BITS = 3, OCT = 4, OID = 6, CTX = 0xa0, PARTS = 0x24 };
#define BYTES(s) ((struct sv_slice){(s), sizeof(s) - 1})
#define PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define BAG "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01"

static struct sv_arena arena;

static struct sv_slice join(struct sv_slice a, struct sv_slice b)
{
    char *p = sv_arena_alloc(&arena, a.n + b.n + 1);
    memcpy(p, a.p, a.n);
    memcpy(p + a.n, b.p, b.n);
    return (struct sv_slice){p, a.n + b.n};
}

static struct sv_slice filled(size_t n, char c)
{
    char *p = sv_arena_alloc(&arena, n + 1);
    memset(p, c, n);
    return (struct sv_slice){p, n};
}

static struct sv_slice big(size_t n, uint32_t value)
{
    char *p = sv_arena_alloc(&arena, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(value >> 8 * (n - 1 - i));
    return (struct sv_slice){p, n};
}

static struct sv_slice der(int tag, struct sv_slice body)
{
    char head[4] = {(char)tag, (char)0x82, (char)(body.n >> 8), (char)body.n};
    return join(join(BYTES(""), (struct sv_slice){head, 4}), body);
}

static struct sv_slice small(int value)
{
    char c = (char)value;
    return der(INT, join(BYTES(""), (struct sv_slice){&c, 1}));
}

/* A number of SSH or a Java string: its length in `width` bytes, then it. */
static struct sv_slice counted(size_t width, struct sv_slice s)
{
    return join(big(width, (uint32_t)s.n), s);
}

static void is(struct sv_slice bytes, enum sv_key_state state, const char *rule)
{
    struct sv_key key = sv_key_of_bytes(bytes, false);
    assert_int_equal(key.state, state);
    if (rule)
        assert_string_equal(key.rule, rule);
    /* Cut anywhere, nothing is read behind the end and a plain key is not invented. */
    for (size_t n = 0; n < bytes.n; n += 1 + bytes.n / 200) {
        char *copy = malloc(n + 1);
        memcpy(copy, bytes.p, n);
        key = sv_key_of_bytes((struct sv_slice){copy, n}, n % 2);
        assert_true(key.state != SV_KEY_PLAIN || state == SV_KEY_PLAIN);
        free(copy);
    }
}

static void test_der(void **state)
{
    (void)state;
    struct sv_slice n = der(INT, filled(128, 'n')), e = der(INT, BYTES("\1\0\1"));
    struct sv_slice alg = der(SEQ, der(OID, BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")));
    struct sv_slice pbes = der(SEQ, der(OID, BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")));
    struct sv_slice sha3des = der(SEQ, der(OID, BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03")));
    struct sv_slice octets = der(OCT, filled(64, 'k')), q = der(INT, filled(20, 'q'));
    is(der(SEQ, join(small(0), join(n, join(e, n)))), SV_KEY_PLAIN, "pem-rsa-key");
    is(der(SEQ, join(small(0), join(n, join(q, join(n, join(n, q)))))), SV_KEY_PLAIN,
       "pem-dsa-key");
    is(der(SEQ, join(small(0), join(alg, octets))), SV_KEY_PLAIN, "pem-private-key");
    is(der(SEQ, join(small(1), join(alg, octets))), SV_KEY_PLAIN, "pem-private-key");
    is(der(SEQ, join(small(1), der(OCT, filled(32, 'k')))), SV_KEY_PLAIN, "pem-ec-key");
    is(der(SEQ, join(pbes, octets)), SV_KEY_ENCRYPTED, "pem-encrypted-key");
    is(der(SEQ, join(sha3des, octets)), SV_KEY_ENCRYPTED, "pem-encrypted-key");
    /* RSA and other public keys, a request, a certificate, a message of LDAP, a CMS. */
    is(der(SEQ, join(n, e)), SV_KEY_NONE, NULL);
    is(der(SEQ, join(alg, der(BITS, filled(140, 'p')))), SV_KEY_NONE, NULL);
    is(der(SEQ, der(SEQ, join(small(0), join(alg, octets)))), SV_KEY_NONE, NULL);
    is(der(SEQ, der(SEQ, join(der(CTX, small(2)), join(n, alg)))), SV_KEY_NONE, NULL);
    is(der(SEQ, join(small(1), der(0x60, filled(40, 'l')))), SV_KEY_NONE, NULL);
    is(der(SEQ, join(der(OID, BYTES(PKCS7 "\x02")), der(CTX, filled(90, 'x')))), SV_KEY_NONE, NULL);
    is(der(SEQ, join(small(0), join(alg, der(BITS, filled(64, 'k'))))), SV_KEY_NONE, NULL);
}

static struct sv_slice bag(struct sv_slice oid)
{
    return der(SEQ, join(der(OID, oid), der(CTX, filled(40, 'b'))));
}

static struct sv_slice data(int tag, struct sv_slice oid, struct sv_slice contents)
{
    struct sv_slice octets = der(OCT, contents);
    if (tag == PARTS)
        octets = der(PARTS, octets);
    return der(SEQ, join(der(OID, oid), der(CTX, octets)));
}

static struct sv_slice pfx(struct sv_slice safes)
{
    return der(SEQ, join(small(3), data(OCT, BYTES(PKCS7 "\x01"), der(SEQ, safes))));
}

static void test_pkcs12(void **state)
{
    (void)state;
    struct sv_slice one = BYTES(PKCS7 "\x01"), key = bag(BYTES(BAG "\x01"));
    struct sv_slice shrouded = bag(BYTES(BAG "\x02")), cert = bag(BYTES(BAG "\x03"));
    struct sv_slice sealed =
        der(SEQ, join(der(OID, BYTES(PKCS7 "\x06")), der(CTX, filled(90, 'e'))));
    is(pfx(data(OCT, one, der(SEQ, join(cert, key)))), SV_KEY_PLAIN, "pkcs12-store");
    is(pfx(data(PARTS, one, der(SEQ, join(cert, key)))), SV_KEY_PLAIN, "pkcs12-store");
    is(pfx(join(sealed, data(OCT, one, der(SEQ, shrouded)))), SV_KEY_ENCRYPTED, "pkcs12-store");
    is(pfx(data(OCT, one, der(SEQ, cert))), SV_KEY_NONE, "pkcs12-store");
    is(pfx(sealed), SV_KEY_NONE, "pkcs12-store");
    is(pfx(data(OCT, one, BYTES("not a list of bags"))), SV_KEY_ENCRYPTED, "pkcs12-store");
    /* What was not read may hold the key. */
    struct sv_slice head = sv_slice_sub(pfx(join(data(OCT, one, der(SEQ, cert)), key)), 0, 120);
    assert_int_equal(sv_key_of_bytes(head, true).state, SV_KEY_ENCRYPTED);
}

static struct sv_slice openssh(const char *cipher, const char *kdf)
{
    struct sv_slice s = join(BYTES("openssh-key-v1\0"), counted(4, sv_slice_of(cipher)));
    s = join(s, join(counted(4, sv_slice_of(kdf)), counted(4, BYTES(""))));
    s = join(s, join(big(4, 1), counted(4, filled(51, 'p'))));
    return join(s, counted(4, filled(144, 's')));
}

static void test_openssh(void **state)
{
    (void)state;
    is(openssh("none", "none"), SV_KEY_PLAIN, "openssh-key");
    is(openssh("aes256-ctr", "bcrypt"), SV_KEY_ENCRYPTED, "openssh-key");
    assert_true(sv_key_of_bytes(sv_slice_sub(openssh("none", "none"), 0, 60), false).malformed);
    is(join(BYTES("openssh-key-v2\0"), filled(100, 'x')), SV_KEY_NONE, NULL);
}

static struct sv_slice packet(int tag, struct sv_slice body)
{
    char head[3] = {(char)(0x80 | tag << 2 | 1), (char)(body.n >> 8), (char)body.n};
    return join(join(BYTES(""), (struct sv_slice){head, 3}), body);
}

/* A version 4 key of RSA: its public part and what says how the rest is kept. */
static struct sv_slice pgp_key(struct sv_slice usage)
{
    struct sv_slice head = join(BYTES("\x04" "time" "\x01"), join(BYTES("\0\x10nn"), BYTES("\0\x11" "eee")));
    return join(head, join(usage, filled(60, 's')));
}

static void test_pgp(void **state)
{
    (void)state;
    struct sv_slice plain = pgp_key(BYTES("\0")), locked = pgp_key(BYTES("\xfe\x09\x03\x08"));
    struct sv_slice stub = pgp_key(BYTES("\xff\0\x65\0GNU\1"));
    is(packet(5, plain), SV_KEY_PLAIN, "pgp-key");
    is(packet(5, locked), SV_KEY_ENCRYPTED, "pgp-key");
    is(join(packet(5, stub), packet(7, locked)), SV_KEY_ENCRYPTED, "pgp-key");
    is(join(packet(5, locked), join(packet(13, BYTES("name")), packet(7, plain))), SV_KEY_PLAIN,
       "pgp-key");
    is(packet(5, stub), SV_KEY_NONE, NULL);
    is(join(packet(6, plain), filled(40, 0)), SV_KEY_NONE, NULL);
    is(join(packet(1, plain), packet(5, plain)), SV_KEY_NONE, NULL); /* a message */
    is(join(BYTES("\xc5\x4b"), pgp_key(BYTES("\0"))), SV_KEY_PLAIN, "pgp-key"); /* new format */
}

static struct sv_slice java_entry(uint32_t tag, struct sv_slice rest)
{
    return join(big(4, tag), join(counted(2, BYTES("mine")), join(filled(8, 't'), rest)));
}

static void test_java(void **state)
{
    (void)state;
    struct sv_slice cert =
        java_entry(2, join(counted(2, BYTES("X.509")), counted(4, filled(300, 'c'))));
    struct sv_slice key = java_entry(1, counted(4, filled(300, 'k')));
    struct sv_slice two = join(BYTES("\xfe\xed\xfe\xed"), join(big(4, 2), big(4, 2)));
    struct sv_slice jceks = join(BYTES("\xce\xce\xce\xce"), join(big(4, 2), big(4, 1)));
    is(join(two, join(cert, key)), SV_KEY_ENCRYPTED, "java-keystore");
    is(join(two, join(cert, cert)), SV_KEY_NONE, "java-keystore");
    is(join(jceks, java_entry(3, filled(300, 'o'))), SV_KEY_ENCRYPTED, "java-keystore");
    assert_int_equal(sv_key_of_bytes(join(two, cert), true).state, SV_KEY_ENCRYPTED);
    is(join(BYTES("\xca\xfe\xba\xbe"), join(two, key)), SV_KEY_NONE, NULL); /* a class file */
}

static struct sv_slice bouncy(int type, struct sv_slice rest)
{
    char c = (char)type;
    struct sv_slice head = join(big(4, 2), join(counted(4, filled(20, 's')), big(4, 1024)));
    struct sv_slice entry = join(join(BYTES(""), (struct sv_slice){&c, 1}), counted(2, BYTES("a")));
    return join(head, join(join(entry, join(filled(8, 't'), big(4, 0))), rest));
}

static struct sv_slice keytab(uint32_t parts, struct sv_slice key)
{
    struct sv_slice names = counted(2, BYTES("EXAMPLE.COM"));
    for (uint32_t i = 0; i < parts; i++)
        names = join(names, counted(2, BYTES("host")));
    struct sv_slice entry = join(big(2, parts), join(names, join(filled(11, 1), counted(2, key))));
    return join(BYTES("\5\2"), counted(4, entry));
}

static void test_keytab(void **state)
{
    (void)state;
    struct sv_slice one = keytab(2, filled(32, 'k'));
    struct sv_slice hole = join(BYTES("\5\2\xff\xff\xff\xf8"), filled(8, 0));
    is(one, SV_KEY_PLAIN, "kerberos-keytab");
    is(join(hole, sv_slice_sub(one, 2, one.n)), SV_KEY_PLAIN, "kerberos-keytab");
    is(join(hole, filled(40, 0)), SV_KEY_NONE, NULL);
    is(keytab(40, filled(32, 'k')), SV_KEY_NONE, NULL);
    is(keytab(2, filled(4, 'k')), SV_KEY_NONE, NULL);
    is(sv_slice_sub(one, 0, one.n - 1), SV_KEY_NONE, NULL);
    is(join(BYTES("\5\4"), filled(60, 'k')), SV_KEY_NONE, NULL); /* a cache of tickets */
}

static void test_others(void **state)
{
    (void)state;
    struct sv_slice cert = join(counted(2, BYTES("X.509")), counted(4, filled(90, 'c')));
    is(bouncy(4, join(counted(4, filled(90, 'x')), BYTES("\0"))), SV_KEY_ENCRYPTED, "java-keystore");
    is(bouncy(2, filled(90, 'k')), SV_KEY_PLAIN, "java-keystore");
    is(bouncy(1, join(cert, BYTES("\0"))), SV_KEY_NONE, NULL);
    is(join(BYTES("\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"), filled(60, 'k')), SV_KEY_ENCRYPTED,
       "keepass-database");
    is(join(BYTES("\x03\xd9\xa2\x9a\x67\xfb\x4b\xb6"), filled(60, 'k')), SV_KEY_NONE, NULL);
    is(filled(200, 0), SV_KEY_NONE, NULL);
    is(filled(200, '0'), SV_KEY_NONE, NULL);
}

/* ---- text ---- */

static char *base64(struct sv_slice s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t k = 0;
    char *out = sv_arena_alloc(&arena, 2 * s.n + 4);
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < s.n; i++) {
        bits = bits << 8 | (unsigned char)s.p[i];
        for (have += 8; have >= 6; have -= 6)
            out[k++] = digits[bits >> (have - 6) & 63];
    }
    if (have)
        out[k++] = digits[bits << (6 - have) & 63];
    return out;
}

static char *pem(const char *label, struct sv_slice body, const char *newline)
{
    char *b = base64(body);
    char *text = sv_arena_printf(&arena, "-----BEGIN %s-----%s", label, newline);
    for (size_t i = 0; b[i]; i += strlen(b + i) > 64 ? 64 : strlen(b + i))
        text = sv_arena_printf(&arena, "%s%.64s%s", text, b + i, newline);
    return sv_arena_printf(&arena, "%s-----END %s-----%s", text, label, newline);
}

static void says(const char *text, enum sv_key_state state, const char *rule)
{
    struct sv_key key = sv_key_in_text(sv_slice_of(text));
    assert_int_equal(key.state, state);
    assert_false(key.malformed);
    if (rule)
        assert_string_equal(key.rule, rule);
}

static void test_text(void **state)
{
    (void)state;
    struct sv_slice ec = der(SEQ, join(small(1), der(OCT, filled(48, 'k'))));
    struct sv_slice pbes = der(SEQ, der(OID, BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")));
    struct sv_slice locked = der(SEQ, join(pbes, der(OCT, filled(90, 'k'))));
    static const char *const newlines[] = {"\n", "\r\n", "\\n", "\\\\n", "%0A", "\\r\\n"};
    for (size_t i = 0; i < sizeof newlines / sizeof *newlines; i++) {
        says(pem("EC PRIVATE " "KEY", ec, newlines[i]), SV_KEY_PLAIN, "pem-ec-key");
        says(pem("ENCRYPTED PRIVATE " "KEY", locked, newlines[i]), SV_KEY_ENCRYPTED,
             "pem-encrypted-key");
    }
    says(pem("CERTIFICATE", ec, "\n"), SV_KEY_NONE, NULL);
    says(pem("PUBLIC " "KEY", ec, "\n"), SV_KEY_NONE, NULL);
    says("-----BEGIN EC PRIVATE " "KEY-----\n...\n-----END EC PRIVATE " "KEY-----", SV_KEY_NONE,
         NULL);
    says(sv_arena_printf(&arena, "%s%s", pem("ENCRYPTED PRIVATE " "KEY", locked, "\n"),
                         pem("EC PRIVATE " "KEY", ec, "\n")), SV_KEY_PLAIN, "pem-ec-key");
    says(base64(sv_slice_of(pem("EC PRIVATE " "KEY", ec, "\n"))), SV_KEY_PLAIN, "pem-base64");
    says(base64(sv_slice_of(pem("CERTIFICATE", ec, "\n"))), SV_KEY_NONE, NULL);
    const char *headed = sv_arena_printf(
        &arena, "-----BEGIN RSA PRIVATE " "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,"
        "00AA\n\n%s\n-----END RSA PRIVATE " "KEY-----\n", base64(filled(90, 'x')));
    says(headed, SV_KEY_ENCRYPTED, "pem-rsa-encrypted-key");
    const char *fake = pem("RSA PRIVATE " "KEY", filled(90, 0x30), "\n");
    assert_true(sv_key_in_text(sv_slice_of(fake)).malformed);
    says(pem("OPENSSH PRIVATE " "KEY", openssh("none", "none"), "\n"), SV_KEY_PLAIN, "openssh-key");
    says(pem("PGP PRIVATE " "KEY BLOCK", packet(5, pgp_key(BYTES("\0"))), "\n"), SV_KEY_PLAIN,
         "pgp-key");
}

static void test_other_text(void **state)
{
    (void)state;
    static const char putty[] = "PuTTY-User-" "Key-File-3: ssh-rsa\nEncryption: %s\nComment: c\n"
                                "Public-Lines: 1\nAAAA\nPrivate-Lines: %d\nAAAA\nPrivate-MAC: 00\n";
    says(sv_arena_printf(&arena, putty, "none", 1), SV_KEY_PLAIN, "putty-key");
    says(sv_arena_printf(&arena, putty, "aes256-cbc", 1), SV_KEY_ENCRYPTED, "putty-key");
    says(sv_arena_printf(&arena, putty, "none", 0), SV_KEY_NONE, NULL);
    static const struct {
        struct sv_slice head;
        enum sv_key_state state;
    } signers[] = {
        {BYTES("EdScB2"), SV_KEY_ENCRYPTED}, {BYTES("Ed\0\0B2"), SV_KEY_PLAIN},
        {BYTES("EdBK\0\0\0\0"), SV_KEY_PLAIN}, {BYTES("EdBK\0\0\0\x2a"), SV_KEY_ENCRYPTED},
        {BYTES("EcScB2"), SV_KEY_NONE},
    };
    for (size_t i = 0; i < sizeof signers / sizeof *signers; i++)
        says(sv_arena_printf(&arena, "untrusted comment: the secret key\n%s\n",
                             base64(join(signers[i].head, filled(104, 's')))),
             signers[i].state, NULL);
}

static int clear(void **state)
{
    (void)state;
    sv_arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_der),   cmocka_unit_test(test_pkcs12), cmocka_unit_test(test_openssh),
        cmocka_unit_test(test_pgp),   cmocka_unit_test(test_java),   cmocka_unit_test(test_keytab),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_text),  cmocka_unit_test(test_other_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, clear);
}
