// SPDX-License-Identifier: Apache-2.0
// Unit tests of the secrets' validators: each with what it must take and what it must refuse.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "base/arena.h"
#include "secrets/bytes.h"
#include "secrets/confirm.h"
#include "secrets/pattern.h"
#include "secrets/redact.h"
#include "secrets/value.h"

static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum verdict { REFUSED, BAD_SUM, GOOD };

static enum verdict judge(enum sv_validator v, struct sv_slice value)
{
    struct sv_secret_rule rule = {.validator = (uint8_t)v};
    struct sv_secret_verdict verdict;
    if (!sv_secret_valid(&rule, value, &verdict))
        return REFUSED;
    return verdict.checksum_bad ? BAD_SUM : GOOD;
}

static enum verdict text(enum sv_validator v, const char *value)
{
    return judge(v, sv_slice_of(value));
}

/* Letters and digits that nobody issued. */
static char *lot(struct sv_arena *a, uint32_t seed, size_t n)
{
    char *s = sv_arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        s[i] = alnum[(seed >> 16) % 62];
    }
    return s;
}

static char *base64(struct sv_arena *a, const char *s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(s), k = 0;
    char *out = sv_arena_alloc(a, 2 * n + 4);
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | (unsigned char)s[i];
        for (have += 8; have >= 6; have -= 6)
            out[k++] = digits[bits >> (have - 6) & 63];
    }
    if (have)
        out[k++] = digits[bits << (6 - have) & 63];
    return out;
}

static void test_crc(void **state)
{
    struct sv_arena a = {0};
    (void)state;
    assert_int_equal(sv_crc32(SV_LIT("123456789")), 0xcbf43926);
    assert_int_equal(sv_crc32(SV_LIT("")), 0);
    for (uint32_t seed = 1; seed < 50; seed++) {
        char *body = lot(&a, seed, 30), sum[7] = {0};
        uint32_t crc = sv_crc32(sv_slice_of(body));
        for (int i = 5; i >= 0; i--, crc /= 62)
            sum[i] = alnum[crc % 62];
        char *token = sv_arena_printf(&a, "%s_%s%s", seed & 1 ? "ghp" : "npm", body, sum);
        assert_int_equal(text(SV_VALID_CRC_GITHUB, token), GOOD);
        token[8] ^= 1;
        assert_int_equal(text(SV_VALID_CRC_GITHUB, token), BAD_SUM);

        body = sv_arena_printf(&a, "ATATT3%s=", lot(&a, seed, 177));
        token = sv_arena_printf(&a, "%s%08X", body, sv_crc32(sv_slice_of(body)));
        assert_int_equal(text(SV_VALID_CRC_ATLASSIAN, token), GOOD);
        token[20] ^= 1;
        assert_int_equal(text(SV_VALID_CRC_ATLASSIAN, token), BAD_SUM);

        body = sv_arena_printf(&a, "glsa_%s", lot(&a, seed, 32));
        crc = __builtin_bswap32(sv_crc32(sv_slice_of(body)));
        token = sv_arena_printf(&a, "%s_%08x", body, crc);
        assert_int_equal(text(SV_VALID_CRC_GRAFANA, token), GOOD);
        token[9] ^= 1;
        assert_int_equal(text(SV_VALID_CRC_GRAFANA, token), BAD_SUM);

        body = lot(&a, seed, 40);
        token = sv_arena_printf(&a, "cfk_%s%08x", body, sv_crc32(sv_slice_of(body)));
        assert_int_equal(text(SV_VALID_CRC_CLOUDFLARE, token), GOOD);
        token[30] ^= 1;
        assert_int_equal(text(SV_VALID_CRC_CLOUDFLARE, token), BAD_SUM);
    }
    assert_int_equal(text(SV_VALID_CRC_GITHUB, ""), BAD_SUM);
    assert_int_equal(text(SV_VALID_CRC_GRAFANA, "glsa_"), BAD_SUM);
    sv_arena_clear(&a);
}

static void test_bech32_base58(void **state)
{
    (void)state;
    /* The vectors of BIP 173, and the first address there ever was. */
    assert_int_equal(text(SV_VALID_AGE, "A12UEL5L"), GOOD);
    assert_int_equal(text(SV_VALID_AGE, "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"), GOOD);
    assert_int_equal(text(SV_VALID_AGE, "split1checkupstagehandshakeupstreamerranterredcaperred"
                                        "2y9e3w"), GOOD);
    assert_int_equal(text(SV_VALID_AGE, "split1checkupstagehandshakeupstreamerranterredcaperred"
                                        "2y9e3x"), BAD_SUM);
    assert_int_equal(text(SV_VALID_AGE, "A12UELbL"), BAD_SUM);
    assert_int_equal(text(SV_VALID_AGE, "1"), BAD_SUM);
    assert_int_equal(text(SV_VALID_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), GOOD);
    assert_int_equal(text(SV_VALID_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), BAD_SUM);
    assert_int_equal(text(SV_VALID_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0"), BAD_SUM);
    assert_int_equal(text(SV_VALID_BASE58CHECK, "11111"), BAD_SUM);
}

static void test_aws(void **state)
{
    (void)state;
    assert_int_equal(text(SV_VALID_AWS_ID, "AKIA" "QYLPMN5HAAAAAAAA"), GOOD);
    assert_int_equal(text(SV_VALID_AWS_ID, "AKIA" "7777777777777777"), BAD_SUM);
    assert_int_equal(text(SV_VALID_AWS_ID, "AKIA" "I0000000000000000"), BAD_SUM);
    assert_int_equal(text(SV_VALID_AWS_ID, "AKIA" "I000000000000000"), GOOD);
    assert_int_equal(text(SV_VALID_AWS_ID, "AKIA" "A000000000000000"), BAD_SUM);
}

static enum verdict jwt(struct sv_arena *a, enum sv_validator v, const char *head, const char *body)
{
    return text(v, sv_arena_printf(a, "%s.%s.%s", base64(a, head), base64(a, body), lot(a, 3, 43)));
}

static void test_jwt(void **state)
{
    struct sv_arena a = {0};
    static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    (void)state;
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, "{\"sub\":\"1\"}"), GOOD);
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, "{\"exp\": 9999999999}"), GOOD);
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, "{\"sub\":\"x\",\"exp\":1500000000}"), REFUSED);
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, "{\"a\":{\"exp\":1500000000}}"), GOOD);
    assert_int_equal(jwt(&a, SV_VALID_JWT, "{\"typ\":\"alg\"}", "{}"), REFUSED);
    assert_int_equal(jwt(&a, SV_VALID_JWT, "{\"x\":{\"alg\":1}}", "{}"), REFUSED);
    assert_int_equal(text(SV_VALID_JWT, "eyJ"), REFUSED);
    static const char anon[] = "{\"iss\":\"supabase\",\"role\":\"anon\"}";
    static const char service[] = "{\"iss\":\"supabase\",\"role\":\"service_role\"}";
    assert_int_equal(jwt(&a, SV_VALID_SUPABASE, head, service), GOOD);
    assert_int_equal(jwt(&a, SV_VALID_SUPABASE, head, anon), REFUSED);
    assert_int_equal(jwt(&a, SV_VALID_SUPABASE, head, "{\"role\":\"admin\"}"), REFUSED);
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, anon), REFUSED);
    assert_int_equal(jwt(&a, SV_VALID_JWT, head, service), GOOD);
    sv_arena_clear(&a);
}

static void test_structures(void **state)
{
    struct sv_arena a = {0};
    (void)state;
    char *id = sv_arena_printf(&a, "%s.%s.%s", base64(&a, "123456789012345678"), lot(&a, 1, 6),
                               lot(&a, 2, 27));
    assert_int_equal(text(SV_VALID_DISCORD, id), GOOD);
    assert_int_equal(text(SV_VALID_DISCORD, base64(&a, "1234567890")), REFUSED);
    assert_int_equal(text(SV_VALID_DISCORD, base64(&a, "12345678901234567x")), REFUSED);

    char *macaroon = base64(&a, "\2\1\10pypi.org\2abcdefghijklmnopqrstuvwxyz");
    assert_int_equal(text(SV_VALID_PYPI, sv_arena_printf(&a, "pypi-%s", macaroon)), GOOD);
    assert_int_equal(text(SV_VALID_PYPI, macaroon), GOOD);
    assert_int_equal(text(SV_VALID_PYPI, base64(&a, "\2\1\15test.pypi.org\2abcdefghij")), GOOD);
    assert_int_equal(text(SV_VALID_PYPI, base64(&a, "\2\1\10pipy.org\2abcdefghij")), REFUSED);

    assert_int_equal(text(SV_VALID_BASIC, base64(&a, "anna:s3cr")), GOOD);
    char *padded = sv_arena_printf(&a, "%s=", base64(&a, "anna:s3c"));
    assert_int_equal(text(SV_VALID_BASIC, padded), GOOD);
    assert_int_equal(text(SV_VALID_BASIC, base64(&a, "anna:")), REFUSED);
    assert_int_equal(text(SV_VALID_BASIC, base64(&a, ":secret")), REFUSED);
    assert_int_equal(text(SV_VALID_BASIC, base64(&a, "an\1a:s3cr")), REFUSED);
    assert_int_equal(text(SV_VALID_BASIC, "not base64:"), REFUSED);

    assert_int_equal(text(SV_VALID_HASH, sv_arena_printf(&a, "$2y$10$%s", lot(&a, 1, 53))), GOOD);
    assert_int_equal(text(SV_VALID_HASH, sv_arena_printf(&a, "$6$salt$%s", lot(&a, 1, 86))), GOOD);
    assert_int_equal(text(SV_VALID_HASH, "$2y$10$short"), REFUSED);
    assert_int_equal(text(SV_VALID_HASH, "plain"), REFUSED);
    sv_arena_clear(&a);
}

static void test_url_password(void **state)
{
    (void)state;
    struct sv_secret_rule rule = {.validator = SV_VALID_URL_PASSWORD};
    static const struct {
        const char *url;
        bool secret;
    } cases[] = {
        {"postgres://app:Tr0ub4dor@db/x", true}, {"postgres://app:app@db/x", false},
        {"redis://:h7fWkq2@cache", true},        {"mysql://root:changeme@db", false},
        {"mysql://root:${PW}@db", false},        {"mysql://root:%3Cpassword%3E@db", false},
        {"mysql://a:b%40c9q@db", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_slice url = sv_slice_of(cases[i].url);
        size_t scheme = sv_slice_find(url, "://") + 3;
        struct sv_slice rest = sv_slice_sub(url, scheme, url.n);
        size_t colon = scheme + sv_slice_chr(rest, ':') + 1, at = sv_slice_chr(url, '@');
        struct sv_secret_verdict bad;
        assert_int_equal(judge(SV_VALID_URL_PASSWORD, url) == GOOD, cases[i].secret);
        assert_int_equal(sv_secret_valid_in(&rule, url, sv_slice_sub(url, colon, at), &bad),
                         cases[i].secret);
    }
    assert_int_equal(text(SV_VALID_URL_PASSWORD, "https://host/a:b"), REFUSED);
}

static char *wrap(struct sv_arena *a, const char *kind, const char *body, const char *newline)
{
    char *text = sv_arena_printf(a, "-----BEGIN %s-----%s", kind, newline);
    for (size_t i = 0; body[i]; i += strlen(body + i) > 64 ? 64 : strlen(body + i))
        text = sv_arena_printf(a, "%s%.64s%s", text, body + i, newline);
    return sv_arena_printf(a, "%s-----END %s-----", text, kind);
}

/* Whether it is a key at all; test_secret_keys.c has the structures. */
static void test_key(void **state)
{
    struct sv_arena a = {0};
    (void)state;
    const char *kind = "RSA " "PRIVATE KEY", *headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-"
                                                        "256-CBC,0123456789ABCDEF\n\n";
    char *der = sv_arena_printf(&a, "MIIEow%s", lot(&a, 1, 400)), *any = lot(&a, 2, 400);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, kind, der, "\n")), BAD_SUM);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, kind, der, "\\n")), BAD_SUM);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, kind, der, "\r\n")), BAD_SUM);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, "CERTIFICATE", der, "\n")), REFUSED);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, kind, any, "\n")), REFUSED);
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, kind, "MIIEow...", "\n")), REFUSED);
    assert_int_equal(text(SV_VALID_KEY, sv_arena_printf(&a, "-----BEGIN %s-----\n%s%s\n", kind,
                                                        headers, any)), GOOD);
    char *ssh = sv_arena_printf(&a, "b3BlbnNzaC1rZXktdjE%s", lot(&a, 1, 400));
    assert_int_equal(text(SV_VALID_KEY, wrap(&a, "OPENSSH " "PRIVATE KEY", ssh, "\n")), BAD_SUM);
    sv_arena_clear(&a);
}

static void test_random(void **state)
{
    struct sv_arena a = {0};
    size_t random = 0;
    (void)state;
    static const char *const written[] = {
        "getElementByIdFromRegistry", "/usr/share/doc/nginx/README.Debian", "aaaaaaaaaaaaaaaaaaaa",
        "123e4567-e89b-12d3-a456-426614174000", "2024-01-01T00:00:00", "1234567890123456",
        "correct-horse-battery-staple", "X-Requested-With", "org.springframework.boot.Application",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "your_password_here", "short",
        "SOME_ENVIRONMENT_VARIABLE", "Geben-Sie-Ihr-Passwort-ein", "mot_de_passe_oublie",
        "https://example.org/path", "two words", "text/html;charset=UTF-8",
    };
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        if (sv_looks_random(sv_slice_of(written[i])))
            fail_msg("\"%s\" looks random", written[i]);
    for (uint32_t seed = 1; seed <= 1000; seed++)
        random += sv_looks_random(sv_slice_of(lot(&a, seed, 16 + seed % 32)));
    assert_true(random > 980);
    assert_true(sv_entropy(SV_LIT("aaaa")) == 0);
    assert_true(sv_entropy(SV_LIT("abcd")) == 2);
    assert_true(sv_entropy(SV_LIT("")) == 0);
    sv_arena_clear(&a);
}

/* A key in PEM is shown without its frame, whatever ends its lines. */
static void test_redact_pem(void **state)
{
    static const char *const ends[] = {"\n", "\\n", "\r\n", ""};
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = ends[i], *body = lot(&a, 7, 60);
        const char *key = sv_arena_printf(&a, "-----BEGIN %s KEY-----%s%sQw==%s", "PRIVATE", end,
                                          body, end);
        const char *whole = sv_arena_printf(&a, "%s-----END %s KEY-----%s", key, "PRIVATE", end);
        assert_string_equal(sv_redact(&a, "x", sv_slice_of(key)), "\xe2\x80\xa6Qw==");
        assert_string_equal(sv_redact(&a, "x", sv_slice_of(whole)), "\xe2\x80\xa6Qw==");
    }
    assert_string_equal(sv_redact(&a, "x", SV_LIT("-----BEGIN -----")), "\xe2\x80\xa6----");
    sv_arena_clear(&a);
}

/* Every rule's own beginning is shown, and never so much that the rest could be guessed. */
static void test_redact(void **state)
{
    struct sv_arena a = {0};
    size_t known = 0;
    (void)state;
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        const struct sv_secret_rule *r = &sv_secret_rules[i];
        for (size_t n = 1; n < 60 && r->prefix; n += 13) {
            char *value = sv_arena_printf(&a, "%s%s", r->keywords[0], lot(&a, (uint32_t)i, n));
            const char *shown = sv_redact(&a, r->id, sv_slice_of(value));
            size_t hidden = strlen(value) + strlen("\xe2\x80\xa6") - strlen(shown);
            if (strlen(value) >= 16)
                assert_true(hidden >= 8);
            else
                assert_string_equal(shown, sv_arena_printf(&a, "(%s)", r->id));
            known += sv_value_rule(sv_slice_of(value)) != NULL;
        }
    }
    assert_true(known > 300);
    assert_null(sv_value_rule(SV_LIT("")));
    assert_string_equal(sv_redact(&a, "x", sv_slice_of(lot(&a, 1, 15))), "(x)");
    sv_arena_clear(&a);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* URLs without a password are let go before their pattern is asked; it would say the same. */
static void test_urls(void **state)
{
    static const char *const pieces[] = {
        "user", ":", ":", "@", "@", "/", "q7Xd2LpW9zRb", ".", "\"", "'", "<", ">", " ", "\n", "\\",
        "`", "%40", "${P}", "?a=b", "host.test", "\x80", "",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct sv_confirm *c = sv_confirm_new(sv_secret_rules, sv_n_secret_rules);
    struct sv_secret_verdict verdict;
    uint32_t seed = 5;
    size_t urls = 0, found = 0;
    (void)state;
    for (uint16_t r = 0; r < sv_n_secret_rules; r++) {
        const struct sv_secret_rule *rule = &sv_secret_rules[r];
        if (rule->validator != SV_VALID_URL_PASSWORD)
            continue;
        pcre2_code *code = sv_pattern_compile(rule);
        pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
        const PCRE2_SIZE *o = pcre2_get_ovector_pointer(data);
        for (unsigned round = 0; round < 2000; round++) {
            char s[2000];
            size_t keyword = strlen(rule->keywords[0]);
            size_t n = (size_t)snprintf(s, 90, "%s%s", rule->keywords[0],
                                        round % 2 ? "user:q7Xd2LpW9zRb" : "");
            for (unsigned i = next(&seed) % 12; i; i--)
                n += (size_t)snprintf(s + n, 100, "%s",
                                      pieces[next(&seed) % (sizeof pieces / sizeof *pieces)]);
            bool want = pcre2_match(code, (PCRE2_SPTR)s, n, 0, 0, data, NULL) >= 0 &&
                        sv_secret_valid_in(rule, (struct sv_slice){s, o[1]},
                                           (struct sv_slice){s + o[2], o[3] - o[2]}, &verdict);
            sv_confirm_begin(c, (struct sv_slice){s, n}, 0, 0, n);
            sv_confirm_try(c, r, 0, keyword);
            assert_int_equal(c->found.n, want);
            found += want;
        }
        urls++;
        pcre2_match_data_free(data);
        pcre2_code_free(code);
    }
    assert_true(urls > 10 && found > 200);
    sv_confirm_free(c);
}

static void test_examples(void **state)
{
    (void)state;
    assert_true(sv_value_is_example(SV_LIT("2YotnFZFEj" "r1zCsicMWpAA")));
    assert_false(sv_value_is_example(SV_LIT("2YotnFZFEj" "r1zCsicMWpAB")));
    assert_true(sv_value_is_example(SV_LIT("sk_test_4eC39HqLyj" "WDarjtT1zdp7dc")));
    assert_false(sv_value_is_example(SV_LIT("sk_test_4eC39HqLyj" "WDarjtT1zdp7dd")));
    assert_true(sv_value_is_example(SV_LIT("base64:AAAAAAAAAAAAAAAAAAAAAAAAAAE=")));
    assert_false(sv_value_is_example(SV_LIT("base64:AAAAAAAAAAAAAAAAAAAAAAAAABE=")));
    assert_false(sv_value_is_example(SV_LIT("AAAAAAAAAAAAA=")));
    assert_true(sv_value_is_example(SV_LIT("x-abcdefghijklmnopqrstuv")));
    assert_false(sv_value_is_example(SV_LIT("x-abcdefghijklmnopqrs9tuv")));
    assert_false(sv_value_is_example((struct sv_slice){"", 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc),        cmocka_unit_test(test_bech32_base58),
        cmocka_unit_test(test_aws),        cmocka_unit_test(test_jwt),
        cmocka_unit_test(test_structures), cmocka_unit_test(test_url_password),
        cmocka_unit_test(test_key),        cmocka_unit_test(test_random),
        cmocka_unit_test(test_redact),
        cmocka_unit_test(test_redact_pem),     cmocka_unit_test(test_urls),
        cmocka_unit_test(test_examples),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
