// SPDX-License-Identifier: Apache-2.0
// What a kind of secret looks like: the rows that the build makes of checks/rules/secrets/*.yaml.
#ifndef SV_SECRETS_RULE_H
#define SV_SECRETS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offline tests beyond the shape. A failed checksum lowers confidence and drops nothing (made-up
 * examples fail it, and so do typing errors); a failed structure drops the match. */
enum sv_validator {
    SV_VALID_NONE,
    SV_VALID_CRC_GITHUB,     /* last 6: base62 of the CRC32 of the 30 before them; npm too */
    SV_VALID_CRC_ATLASSIAN,  /* last 8: CRC32 in upper-case hex over all before them */
    SV_VALID_CRC_GRAFANA,    /* last 8: CRC32 of the first 37, little-endian hex */
    SV_VALID_CRC_CLOUDFLARE, /* last 8: CRC32 in lower-case hex of the 40 characters */
    SV_VALID_AGE,            /* Bech32 */
    SV_VALID_BASE58CHECK,
    SV_VALID_AWS_ID,         /* base32 that decodes to an account number */
    SV_VALID_JWT,            /* header is JSON with "alg"; unexpired */
    SV_VALID_SUPABASE,       /* JWT whose role is not "anon" */
    SV_VALID_DISCORD,        /* first part is base64 of a number */
    SV_VALID_PYPI,           /* macaroon that names pypi.org */
    SV_VALID_KEY,            /* a private key by its own structure (keys.h) */
    SV_VALID_BASIC,          /* base64 of printable "user:password" */
    SV_VALID_URL_PASSWORD,   /* password of a URL: no placeholder, not the user's name */
    SV_VALID_RANDOM,         /* looks random: character pairs, no words */
    SV_VALID_HASH,           /* a password hash of a known scheme */
};

enum sv_rule_flags {
    SV_RULE_NOCASE = 1,   /* keywords and pattern match without regard to case */
    SV_RULE_LINE = 2,     /* the pattern is tried on the keyword's line, not at the keyword */
    SV_RULE_PUBLIC = 4,   /* public by design: known, so that nothing else claims it; no finding */
    SV_RULE_GENERIC = 8,  /* name + assignment + value; loses against every specific rule */
    SV_RULE_TEST_KEY = 16, /* of a sandbox: worth knowing, not critical */
    SV_RULE_BROWSER = 32, /* pages show it by design, for one site; servers have some, too */
    SV_RULE_ASSIGNS = 64, /* <<set>> of build-aux/gen-secrets.sh follows the keyword or the name
                             that it is in */
};

struct sv_secret_rule {
    const char *id;    /* "openai-api-key": findings of `srvaudit secrets` are secrets.<id> */
    const char *title; /* "OpenAI API key" */
    const char *const *keywords; /* NULL-terminated literals of 3 or more bytes */
    const char *pattern; /* PCRE2; begins where the keyword does (anchored), left context by
                            look-behind; with SV_RULE_LINE it may begin anywhere in the line */
    uint8_t group;       /* of the pattern: the secret itself; 0: all of it */
    uint8_t flags;       /* enum sv_rule_flags */
    uint8_t validator;   /* enum sv_validator */
    uint8_t prefix;      /* bytes of the token that are public and may be shown */
    float min_entropy;   /* bits per character (Shannon); 0: not asked */
    const char *revoke;  /* the provider's page where it is revoked, or NULL */
    const char *const *placeholders; /* NULL-terminated values that are known examples, or NULL */
};

/* All rules, in the order of their files; specific ones before generic ones. */
extern const struct sv_secret_rule sv_secret_rules[];
extern const size_t sv_n_secret_rules;

#endif
