// SPDX-License-Identifier: Apache-2.0
// Judging names and values of assignments.
#include "secrets/value.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include "secrets/gate.h"

enum { MIN_SECRET = 8, LOOK_AT = 256 };

enum { MANY_WORDS = 32, LETTERS = 32 };

static unsigned char lower(char c)
{
    return sv_gate_lower((unsigned char)c);
}

static bool begins(struct sv_slice s, size_t at, const char *word)
{
    for (; *word; word++, at++)
        if (at >= s.n || lower(s.p[at]) != lower(*word))
            return false;
    return true;
}

/* Search without regard to case for any of the words in the first bytes. Words that begin with the
 * same letter are in one chain. */
static bool holds(struct sv_slice s, const char *const *words, size_t n)
{
    unsigned char first[LETTERS] = {0}, next[MANY_WORDS + 1];
    for (size_t w = 0; w < n; w++) {
        unsigned letter = (unsigned char)words[w][0] % LETTERS; /* of both cases alike */
        next[w + 1] = first[letter];
        first[letter] = (unsigned char)(w + 1);
    }
    s.n = s.n > LOOK_AT ? LOOK_AT : s.n;
    for (size_t i = 0; i < s.n; i++)
        for (size_t w = first[(unsigned char)s.p[i] % LETTERS]; w; w = next[w])
            if (begins(s, i, words[w - 1]))
                return true;
    return false;
}
#define HOLDS(s, words)                                                                            \
    ({                                                                                             \
        _Static_assert(sizeof(words) / sizeof *(words) <= MANY_WORDS, "too many words");           \
        holds(s, words, sizeof(words) / sizeof *(words));                                          \
    })

static bool one_character(struct sv_slice s)
{
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] != s.p[0])
            return false;
    return true;
}

/* "sk_test_xxx", "sk-...": the end stands for what somebody else puts there. */
static bool left_open(struct sv_slice v)
{
    size_t end = v.n;
    if (sv_slice_ends(v, "...") || sv_slice_ends(v, "\xe2\x80\xa6"))
        return true;
    while (end && (v.p[end - 1] == 'x' || v.p[end - 1] == 'X'))
        end--;
    return v.n - end >= 3 && (end == 0 || v.p[end - 1] == '-' || v.p[end - 1] == '_');
}

/* "base64:AAAAAAA=": the filler and the character before it, which has fewer bits, do not count. */
static bool is_filler(struct sv_slice v)
{
    enum { LEAST = 16 };
    size_t colon = sv_slice_chr(v, ':');
    struct sv_slice body = sv_slice_sub(v, colon < v.n ? colon + 1 : 0, v.n);
    while (body.n && body.p[body.n - 1] == '=')
        body.n--;
    return body.n >= LEAST && one_character(sv_slice_sub(body, 0, body.n - 1));
}

/* What specifications and makers' pages print as their example, and everybody copies. The end of
 * such a value is enough to know it. In two parts, for those who search sources for tokens. */
bool sv_value_is_example(struct sv_slice v)
{
    static const char *const ends[] = {
        "SflKxwRJSMeKKF2QT4fw" "pMeJf36POk6yJV_adQssw5c", /* jwt.io */
        "TJVA95OrM7E2cBab30RM" "HrHDcEfxjoYZgeFONFh7HgQ", /* jwt.io, before */
        "-pdFZKVeTuE8s" "k7oOcHrzqqgy",                   /* api.slack.com, xoxb- */
        "2YotnFZFEj" "r1zCsicMWpAA", "tGzv3JOkF0" "XG5Qx2TlKWIA", /* RFC 6749 */
        "SplxlOBeZQ" "QYbYS6WxSbIA", "mF_9.B5f" "-4.1JqM",        /* RFC 6749, RFC 6750 */
        "4eC39HqLyj" "WDarjtT1zdp7dc", "BQokikJOvB" "iI2HlWgH4olfQ2", /* docs.stripe.com */
        "tR3PYbcVNZ" "Z796tH88S4VQ2u", "26PHem9AhJ" "ZvU623DfE1x4sd",
    };
    static const char *const run[] = {"abcdefghijklmnopqrst"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(v, ends[i]))
            return true;
    return is_filler(v) || HOLDS(v, run);
}

/* "/run/secrets/db": lower-case words between slashes name a file, they are not its content. */
static bool is_path(struct sv_slice v)
{
    size_t slashes = 0;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if (!islower(c) && !isdigit(c) && !strchr("/._-@", c))
            return false;
        slashes += c == '/';
    }
    return v.n && v.p[0] == '/' && slashes > 1;
}

bool sv_value_is_placeholder(struct sv_slice value)
{
    static const char *const words[] = {"changeme", "change-me", "change_me", "example", "your-",
                                        "your_", "yourpass", "placeholder", "xxxx", "redacted",
                                        "dummy", "insert", "replace", "todo", "not-a-real",
                                        "password123", "secretsecret", "somerandom", "default",
                                        "changeit", "notsecret"};
    static const char *const whole[] = {"null", "none", "true", "false", "password", "secret",
                                        "root", "admin", "test", "localhost", "forge", "homestead"};
    struct sv_slice v = sv_slice_trim(value);
    if (v.n == 0 || one_character(v) || left_open(v) || sv_value_is_example(v))
        return true;
    if (v.p[0] == '<' || v.p[0] == '$' || sv_slice_starts(v, "{{") || v.p[0] == '%')
        return true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (sv_slice_is_nocase(v, whole[i]))
            return true;
    return HOLDS(v, words);
}

bool sv_name_is_secret(struct sv_slice name)
{
    /* "DB_PASS", "PASS_SHOP"; not PASSENV, PASSIVE, PASSAGE. */
    static const char *const words[] = {"PASSW", "PASSPHRASE", "PASSKEY", "PASS_", "PWD", "SECRET",
                                        "TOKEN", "API_KEY", "APIKEY",
                                        "API-KEY", "PRIVATE_KEY", "ACCESS_KEY", "APP_KEY",
                                        "ENCRYPTION_KEY", "CREDENTIAL", "_DSN", "DATABASE_URL",
                                        "AUTH_KEY", "SIGNING_KEY", "MASTER_KEY", "LOGGED_IN_KEY",
                                        "NONCE_KEY", "AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT"};
    static const char *const harmless[] = {"PUBLIC", "PUBLISHABLE", "_PATH", "_FILE", "_DIR",
                                           "PASSENGER",
                                           "_PROVIDER", "_BACKEND", "TOKEN_URL", "EXPIR", "TTL", "COMPASS", "BYPASS"};
    bool pass = name.n >= 4 && sv_slice_is_nocase(sv_slice_sub(name, name.n - 4, name.n), "PASS");
    return (pass || HOLDS(name, words)) && !HOLDS(name, harmless);
}

bool sv_name_is_about_secret(struct sv_slice name)
{
    static const char *const ends[] = {"_FILE", "_PATH", "_VERSION", "_SHA256", "_SHA512", "_SHA1",
                                       "_MD5", "_CHECKSUM", "_DIGEST", "_FINGERPRINT", "_KEYID",
                                       "_KEY_ID", "_GPG_KEY", "_GPG_KEYS"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return sv_slice_is(name, "GPG_KEY") || sv_slice_is(name, "GPG_KEYS");
}

/* Its keywords are beginnings of tokens, not names. */
static bool begins_tokens(const struct sv_secret_rule *r)
{
    return r->prefix && !(r->flags & (SV_RULE_NOCASE | SV_RULE_GENERIC | SV_RULE_LINE));
}

#ifdef SV_GATE_TABLES
/* The gate finds which keywords stand there: a few look-ups in place of a comparison with every
 * keyword. */
const struct sv_secret_rule *sv_value_rule(struct sv_slice value)
{
    const struct sv_gate_tables *t = &sv_gate_built;
    const struct sv_secret_rule *best = NULL;
    struct sv_gate_hits hits = {0};
    size_t longest = 0;
    if (value.n)
        sv_gate_run(t, value, 0, 1, &hits);
    for (size_t h = 0; h < hits.n; h++) {
        const struct sv_gate_key *k = &t->keys[hits.v[h].key];
        if (k->nocase || k->n <= longest)
            continue;
        for (size_t i = 0; i < k->n_refs; i++) {
            const struct sv_secret_rule *r = &sv_secret_rules[t->refs[k->refs + i]];
            if (k->n > r->prefix || !begins_tokens(r))
                continue;
            best = r;
            longest = k->n;
            break;
        }
    }
    free(hits.v);
    return best;
}
#else
const struct sv_secret_rule *sv_value_rule(struct sv_slice value)
{
    const struct sv_secret_rule *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        const struct sv_secret_rule *r = &sv_secret_rules[i];
        if (!begins_tokens(r))
            continue;
        for (const char *const *k = r->keywords; *k; k++) {
            size_t n = value.n && (*k)[0] == value.p[0] ? strlen(*k) : 0;
            if (n > longest && n <= r->prefix && sv_slice_starts(value, *k)) {
                best = r;
                longest = n;
            }
        }
    }
    return best;
}
#endif

const struct sv_secret_rule *sv_secret_rule_of(const char *id)
{
    for (size_t i = 0; i < sv_n_secret_rules; i++)
        if (strcmp(sv_secret_rules[i].id, id) == 0)
            return &sv_secret_rules[i];
    abort(); /* a reader's own rule stands in no file of rules */
}

static bool well_known(struct sv_slice v)
{
    const struct sv_secret_rule *rule = v.n < 20 ? NULL : sv_value_rule(v);
    return rule && !(rule->flags & SV_RULE_PUBLIC);
}

bool sv_value_is_secret(struct sv_slice name, struct sv_slice value)
{
    bool known = well_known(value);
    if (!known && (value.n < MIN_SECRET || is_path(value) || !sv_name_is_secret(name)))
        return false;
    if (sv_value_is_placeholder(value))
        return false;
    if (known)
        return true;
    /* A URL is a secret only with a password in it. */
    size_t scheme = sv_slice_find(value, "://");
    if (scheme < value.n) {
        struct sv_slice rest = sv_slice_sub(value, scheme + 3, value.n);
        size_t at = sv_slice_chr(rest, '@'), colon = sv_slice_chr(rest, ':');
        return at < rest.n && colon < at && at - colon > 1;
    }
    return true;
}

/* Of scheme://user:PASSWORD@host whether that is one: no reference, no "guest:guest". */
static bool is_url_with_password(struct sv_slice value, size_t least)
{
    size_t scheme = sv_slice_find(value, "://");
    struct sv_slice rest = sv_slice_sub(value, scheme + 3, value.n);
    struct sv_slice authority = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    size_t at = authority.n, colon = sv_slice_chr(authority, ':');
    while (at > 0 && authority.p[at - 1] != '@')
        at--;
    if (scheme == value.n || at == 0 || colon + 1 >= at)
        return false;
    struct sv_slice password = sv_slice_sub(authority, colon + 1, at - 1);
    return password.n >= least && !sv_value_is_placeholder(password) &&
           sv_slice_chr(password, '$') == password.n &&
           !sv_slice_eq(password, sv_slice_sub(authority, 0, colon));
}

/* "SMTP_PASSWORD=smtp-password": filled in so that it is not empty. */
static bool is_own_name(struct sv_slice name, struct sv_slice value)
{
    bool same = name.n == value.n;
    for (size_t i = 0; same && i < name.n; i++) {
        char n = name.p[i] == '_' ? '-' : (char)tolower((unsigned char)name.p[i]);
        same = n == (value.p[i] == '_' ? '-' : (char)tolower((unsigned char)value.p[i]));
    }
    return same;
}

bool sv_setting_is_secret(struct sv_slice name, struct sv_slice value)
{
    enum { SHORT = 4 };
    if (sv_name_is_about_secret(name) || is_own_name(name, value))
        return false;
    if (sv_slice_find(value, "://") < value.n)
        return is_url_with_password(value, sv_name_is_secret(name) ? SHORT : MIN_SECRET);
    return sv_value_is_secret(name, value);
}

struct sv_slice sv_value_credentials(struct sv_slice value)
{
    static const char *const schemes[] = {"Bearer ", "Basic ", "Token ", "bearer ", "basic "};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (!sv_slice_starts(value, schemes[i]))
            continue;
        struct sv_slice v = sv_slice_trim(sv_slice_sub(value, strlen(schemes[i]), value.n));
        if (v.n >= 8 && !sv_value_is_placeholder(v))
            return v;
    }
    return (struct sv_slice){"", 0};
}
