// SPDX-License-Identifier: Apache-2.0
// What a secret's own bytes say offline: checksums, and structures that it must have.
#include <ctype.h>
#include <time.h>

#include "base/sha256.h"
#include "secrets/bytes.h"
#include "secrets/confirm.h"
#include "secrets/keys.h"
#include "secrets/value.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hex32(struct sv_slice s, uint32_t *ret)
{
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (hex_digit(s.p[i]) < 0)
            return false;
        v = v << 4 | (uint32_t)hex_digit(s.p[i]);
    }
    *ret = v;
    return s.n == 8;
}

static struct sv_slice tail(struct sv_slice s, size_t n)
{
    return sv_slice_sub(s, s.n > n ? s.n - n : 0, s.n);
}

// ---- checksums ----

static bool crc_github(struct sv_slice v)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { BODY = 30, SUM = 6 };
    if (v.n < BODY + SUM)
        return false;
    uint32_t crc = sv_crc32(sv_slice_sub(tail(v, BODY + SUM), 0, BODY));
    for (size_t i = 0; i < SUM; i++, crc /= 62)
        if (v.p[v.n - 1 - i] != digits[crc % 62])
            return false;
    return true;
}

static bool crc_atlassian(struct sv_slice v)
{
    uint32_t sum;
    for (size_t i = 0; i < 8 && i < v.n; i++)
        if (islower((unsigned char)v.p[v.n - 1 - i]))
            return false;
    return v.n > 8 && hex32(tail(v, 8), &sum) && sum == sv_crc32(sv_slice_sub(v, 0, v.n - 8));
}

static bool crc_grafana(struct sv_slice v)
{
    enum { COVERED = 37 };
    uint32_t sum;
    return v.n >= COVERED + 8 && hex32(tail(v, 8), &sum) &&
           __builtin_bswap32(sum) == sv_crc32(sv_slice_sub(v, 0, COVERED));
}

static bool crc_cloudflare(struct sv_slice v)
{
    enum { BODY = 40 };
    uint32_t sum;
    return v.n >= BODY + 8 && hex32(tail(v, 8), &sum) &&
           sum == sv_crc32(sv_slice_sub(tail(v, BODY + 8), 0, BODY));
}

/* BIP 173, with the constant of Bech32 (age does not use Bech32m). */
static bool bech32(struct sv_slice v)
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    size_t one = v.n;
    while (one > 0 && v.p[one - 1] != '1')
        one--;
    if (one < 2 || v.n - one < 6 || v.n > 256)
        return false;
    one--;
    uint32_t sum = 1;
    for (size_t i = 0; i < 2 * one + 1 + (v.n - one - 1); i++) {
        uint32_t digit = 0, top = sum >> 25;
        if (i < one) {
            digit = (uint32_t)tolower((unsigned char)v.p[i]) >> 5;
        } else if (i > one && i <= 2 * one) {
            digit = (uint32_t)tolower((unsigned char)v.p[i - one - 1]) & 31;
        } else if (i > 2 * one) {
            int c = tolower((unsigned char)v.p[i - one]);
            const char *at = c ? strchr(digits, c) : NULL;
            if (!at)
                return false;
            digit = (uint32_t)(at - digits);
        }
        sum = (sum & 0x1ffffff) << 5 ^ digit;
        for (size_t k = 0; k < 5; k++)
            sum ^= top >> k & 1 ? generator[k] : 0;
    }
    return sum == 1;
}

static void sha256(struct sv_slice text, unsigned char out[32])
{
    char hex[65];
    sv_sha256_hex(text, hex, 32);
    for (size_t i = 0; i < 32; i++)
        out[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
}

static bool base58check(struct sv_slice v)
{
    unsigned char bytes[128], once[32], twice[32];
    size_t n = v.n <= 160 ? sv_base58(v, bytes, sizeof bytes) : 0;
    if (n < 5)
        return false;
    sha256((struct sv_slice){(const char *)bytes, n - 4}, once);
    sha256((struct sv_slice){(const char *)once, sizeof once}, twice);
    return memcmp(twice, bytes + n - 4, 4) == 0;
}

/* Keys since 2019 hold the account's number; those before begin with AKIAI or AKIAJ. */
static bool aws_id(struct sv_slice v)
{
    unsigned char b[10];
    if (v.n != 20)
        return false;
    if (v.p[4] == 'I' || v.p[4] == 'J')
        return true;
    if (sv_base32(sv_slice_sub(v, 4, 20), b, sizeof b) < 6)
        return false;
    uint64_t account = 0;
    for (size_t i = 0; i < 6; i++)
        account = account << 8 | b[i];
    return (account >> 7 & 0xffffffffff) <= 999999999999;
}

bool sv_validator_is_checksum(enum sv_validator v)
{
    return v == SV_VALID_CRC_GITHUB || v == SV_VALID_CRC_ATLASSIAN || v == SV_VALID_CRC_GRAFANA ||
           v == SV_VALID_CRC_CLOUDFLARE || v == SV_VALID_AGE || v == SV_VALID_BASE58CHECK;
}

// ---- structures ----

enum { MAX_JSON = 4096 };

/* Part number `i` of a JWT, decoded. */
static struct sv_slice jwt_part(struct sv_slice v, unsigned i, unsigned char *out, size_t room)
{
    for (; i; i--)
        v = sv_slice_sub(v, sv_slice_chr(v, '.') + 1, v.n);
    return (struct sv_slice){(const char *)out,
                             sv_base64(sv_slice_sub(v, 0, sv_slice_chr(v, '.')), out, room, NULL)};
}

static bool jwt(struct sv_slice v, bool supabase)
{
    unsigned char head[MAX_JSON], body[MAX_JSON];
    struct sv_slice h = jwt_part(v, 0, head, sizeof head), b = jwt_part(v, 1, body, sizeof body);
    unsigned long long expiry;
    if (!sv_json_member(h, "alg").p)
        return false;
    if (sv_slice_u64(sv_json_member(b, "exp"), &expiry) && expiry < (unsigned long long)time(NULL))
        return false;
    struct sv_slice issuer = sv_json_member(b, "iss"), role = sv_json_member(b, "role");
    bool ours = sv_slice_find(issuer, "supabase") < issuer.n;
    if (supabase)
        return ours && role.n && !sv_slice_is(role, "anon") && !sv_slice_is(role, "authenticated");
    return !(ours && sv_slice_is(role, "anon")); /* that one is public by design */
}

static bool discord(struct sv_slice v)
{
    unsigned char out[32];
    size_t n = sv_base64(sv_slice_sub(v, 0, sv_slice_chr(v, '.')), out, sizeof out, NULL);
    for (size_t i = 0; i < n; i++)
        if (!isdigit(out[i]))
            return false;
    return n >= 17 && n <= 20;
}

static bool pypi(struct sv_slice v)
{
    unsigned char out[64];
    size_t dash = sv_slice_chr(v, '-');
    struct sv_slice body = dash < 8 ? sv_slice_sub(v, dash + 1, v.n) : v;
    struct sv_slice b = {(const char *)out, sv_base64(body, out, sizeof out, NULL)};
    /* A macaroon of version 2: field 1, its length, the site it is for. */
    return b.n > 12 && out[0] == 2 && out[1] == 1 &&
           sv_slice_starts(sv_slice_sub(b, 3, 3 + out[2]),
                           out[2] == 13 ? "test.pypi.org" : "pypi.org");
}

/* What begins as a key and is not made as one is an example, or a key that was cut off. */
static bool private_key(struct sv_slice match, struct sv_secret_verdict *ret)
{
    struct sv_key key = sv_key_in_text(match);
    ret->encrypted = key.state == SV_KEY_ENCRYPTED;
    ret->checksum_bad = key.malformed;
    return key.state != SV_KEY_NONE;
}

static bool basic(struct sv_slice v)
{
    unsigned char out[512];
    size_t used, n = sv_base64(v, out, sizeof out, &used);
    struct sv_slice pair = {(const char *)out, n};
    size_t colon = sv_slice_chr(pair, ':');
    while (used < v.n && v.p[used] == '=')
        used++;
    for (size_t i = 0; i < n; i++)
        if (out[i] < 0x20 || out[i] == 0x7f)
            return false;
    return used == v.n && colon > 0 && colon + 1 < n;
}

static struct sv_slice percent_decode(struct sv_slice s, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < room; i++) {
        bool code = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
                    hex_digit(s.p[i + 2]) >= 0;
        out[n++] = code ? (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2])) : s.p[i];
        i += code ? 2 : 0;
    }
    return (struct sv_slice){out, n};
}

/* The user's name is what stands before the password's colon in the match. */
static bool url_password(struct sv_slice match, struct sv_slice value)
{
    char decoded[256];
    size_t scheme = sv_slice_find(value, "://");
    if (scheme < value.n) {
        struct sv_slice rest = sv_slice_sub(value, scheme + 3, value.n);
        size_t at = sv_slice_chr(rest, '@'), colon = sv_slice_chr(rest, ':');
        if (colon >= at || at == rest.n)
            return false;
        match = value;
        value = sv_slice_sub(rest, colon + 1, at);
    }
    size_t start = (size_t)(value.p - match.p);
    if (start > 0 && match.p[start - 1] == ':') {
        size_t from = start - 1;
        while (from > 0 && match.p[from - 1] != '/')
            from--;
        if (sv_slice_eq(sv_slice_sub(match, from, start - 1), value))
            return false;
    }
    return value.n && !sv_value_is_placeholder(value) &&
           !sv_value_is_placeholder(percent_decode(value, decoded, sizeof decoded));
}

static bool password_hash(struct sv_slice v)
{
    static const struct {
        const char *prefix;
        size_t least; /* bytes in all */
    } schemes[] = {
        {"$2a$", 59},        {"$2b$", 59},     {"$2x$", 59},      {"$2y$", 59},
        {"$1$", 26},         {"$apr1$", 29},   {"$5$", 46},       {"$6$", 89},
        {"$y$", 50},         {"$gy$", 50},     {"$7$", 50},       {"$sha1$", 40},
        {"$argon2", 40},     {"$pbkdf2", 40},  {"$scrypt$", 40},  {"pbkdf2_sha", 40},
        {"argon2$", 40},     {"{SSHA}", 38},   {"{SHA}", 33},     {"{SMD5}", 30},
        {"{MD5}", 29},       {"{CRYPT}", 20},  {"{SSHA256}", 50}, {"{SSHA512}", 90},
        {"{SHA256}", 50},    {"{SHA512}", 90}, {"{PBKDF2", 40},   {"{ARGON2}", 40},
        {"{BLF-CRYPT}", 40}, {"$P$", 34},      {"$H$", 34},       {"*", 41},
        {"SCRAM-SHA-", 60},  {"md5", 35},
    };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (sv_slice_starts(v, schemes[i].prefix))
            return v.n >= schemes[i].least;
    return false;
}

bool sv_secret_valid_in(const struct sv_secret_rule *rule, struct sv_slice match,
                        struct sv_slice value, struct sv_secret_verdict *ret)
{
    *ret = (struct sv_secret_verdict){0};
    switch ((enum sv_validator)rule->validator) {
    case SV_VALID_NONE:
        return true;
    case SV_VALID_CRC_GITHUB:
        ret->checksum_bad = !crc_github(value);
        return true;
    case SV_VALID_CRC_ATLASSIAN:
        ret->checksum_bad = !crc_atlassian(value);
        return true;
    case SV_VALID_CRC_GRAFANA:
        ret->checksum_bad = !crc_grafana(value);
        return true;
    case SV_VALID_CRC_CLOUDFLARE:
        ret->checksum_bad = !crc_cloudflare(value);
        return true;
    case SV_VALID_AGE:
        ret->checksum_bad = !bech32(value);
        return true;
    case SV_VALID_BASE58CHECK:
        ret->checksum_bad = !base58check(value);
        return true;
    case SV_VALID_AWS_ID:
        ret->checksum_bad = !aws_id(value);
        return true;
    case SV_VALID_JWT:
        return jwt(value, false);
    case SV_VALID_SUPABASE:
        return jwt(value, true);
    case SV_VALID_DISCORD:
        return discord(value);
    case SV_VALID_PYPI:
        return pypi(value);
    case SV_VALID_KEY:
        return private_key(match, ret);
    case SV_VALID_BASIC:
        return basic(value);
    case SV_VALID_URL_PASSWORD:
        return url_password(match, value);
    case SV_VALID_RANDOM:
        return sv_looks_random(value);
    case SV_VALID_HASH:
        return password_hash(value);
    }
    return true;
}

bool sv_secret_valid(const struct sv_secret_rule *rule, struct sv_slice value,
                     struct sv_secret_verdict *ret)
{
    return sv_secret_valid_in(rule, value, value, ret);
}
