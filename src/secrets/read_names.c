// SPDX-License-Identifier: Apache-2.0
// Which settings hold passwords, and which of their values are none: stricter on both than the
// search is, for here a grammar says what is a name and what is a value.
#include <ctype.h>

#include "secrets/readers.h"
#include "secrets/value.h"

/* Ends in the word, whatever stands between its parts: "secret-key", "secretKey", "secret_key2". */
static bool ends_in(struct sv_slice name, const char *word)
{
    size_t n = strlen(word), i = name.n;
    while (i > 0 && isdigit((unsigned char)name.p[i - 1]))
        i--;
    while (n > 0 && i > 0) {
        unsigned char c = (unsigned char)name.p[--i];
        if (!isalnum(c))
            continue;
        if (tolower(c) != word[--n])
            return false;
    }
    return n == 0;
}

static bool ends_in_any(struct sv_slice name, const char *const *words)
{
    for (; *words; words++)
        if (ends_in(name, *words))
            return true;
    return false;
}

static bool is_passphrase_name(struct sv_slice name)
{
    static const char *const words[] = {"password", "passwd",  "pass",   "pwd", "passphrase",
                                        "psk",      "authtok", "bindpw", NULL};
    static const char *const other[] = {"bypass", "compass", "sqluserpassword", NULL};
    return ends_in_any(name, words) && !ends_in_any(name, other);
}

static bool is_token_name(struct sv_slice name)
{
    static const char *const words[] = {
        "secret",  "token",  "apikey",        "secretkey",  "accesskey", "privatekey",
        "authkey", "appkey", "encryptionkey", "signingkey", "masterkey", "jwtkey",
        "deskey",  "salt",   "secretkeybase", "cryptkey",   NULL};
    return ends_in_any(name, words);
}

static bool is_name_of_thing(struct sv_slice v)
{
    size_t dots = 0;
    for (size_t i = 0; i < v.n; i++) {
        dots += v.p[i] == '.';
        if (!isalnum((unsigned char)v.p[i]) && !strchr("._", v.p[i]))
            return false;
    }
    return dots > 1; /* a class, a module, a property */
}

/* Tokens are drawn, and have digits; passwords may be words, but no sentences. */
static bool may_be(struct sv_slice v, bool token)
{
    size_t digits = 0, blanks = 0, slashes = 0, upper = 0;
    for (size_t i = 0; i < v.n; i++) {
        digits += isdigit((unsigned char)v.p[i]) != 0;
        upper += isupper((unsigned char)v.p[i]) != 0;
        blanks += v.p[i] == ' ' || v.p[i] == '\n';
        slashes += v.p[i] == '/';
    }
    bool path = v.p[0] == '/' && digits == 0 && upper == 0;
    if (path || is_name_of_thing(v) || sv_slice_find(v, "://") < v.n ||
        sv_slice_find(v, "-----BEGIN ") < v.n)
        return false;
    return token ? digits > 0 && blanks == 0 && (slashes < 2 || sv_looks_random(v)) : blanks < 3;
}

bool sv_reading_names_secret(struct sv_slice name, struct sv_slice value)
{
    bool password = is_passphrase_name(name);
    return value.n && (password || is_token_name(name)) && may_be(value, !password);
}

/* "Server=x;User Id=u;Password=y", "host=x user=u password=y". */
void sv_reading_connection(struct sv_reading *r, struct sv_slice text)
{
    static const char *const keys[] = {"password=", "pwd="};
    char stop = sv_slice_chr(text, ';') < text.n ? ';' : ' ';
    for (size_t i = 0; i < text.n; i++) {
        if (i && text.p[i - 1] != ' ' && text.p[i - 1] != ';' && text.p[i - 1] != '"')
            continue;
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            size_t n = strlen(keys[k]);
            if (!sv_slice_is_nocase(sv_slice_sub(text, i, i + n), keys[k]))
                continue;
            struct sv_slice v = sv_slice_sub(text, i + n, text.n);
            char quote = v.n && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : stop;
            v = sv_slice_sub(v, quote != stop, v.n);
            v = sv_slice_sub(v, 0, sv_slice_chr(v, quote));
            if (r->by_place)
                sv_reading_note(r, "connection-string-password", v, r->place);
            else
                sv_reading_note(r, "connection-string-password", v, (size_t)(v.p - r->text.p));
        }
    }
}

static bool whole_form(struct sv_slice v, const char *open, const char *close)
{
    return v.n >= strlen(open) + strlen(close) && sv_slice_starts(v, open) &&
           sv_slice_ends(v, close);
}

/* "$NAME" of letters alone; with a digit it is as likely what somebody thought up. */
static bool is_variable(struct sv_slice v)
{
    for (size_t i = 1; i < v.n; i++)
        if (!isalpha((unsigned char)v.p[i]) && v.p[i] != '_')
            return false;
    return v.n > 1 && v.p[0] == '$';
}

static bool is_hash(struct sv_slice v)
{
    size_t second = v.n > 3 && v.p[0] == '$' ? sv_slice_chr(sv_slice_sub(v, 1, v.n), '$') : v.n;
    size_t brace = v.n && v.p[0] == '{' ? sv_slice_chr(v, '}') : v.n;
    return (second > 0 && second < 12 && v.n > 24) || (brace > 1 && brace < 16 && v.n > 24);
}

bool sv_reading_is_option_type(struct sv_slice value)
{
    static const char *const types[] = {"str", "int", "bool", "list", "None"};
    static const char *const must[] = {"true", "false"};
    for (unsigned part = 0; part < 3; part++) {
        size_t comma = sv_slice_chr(value, ','), n = part < 2 ? sizeof types / sizeof *types : 2;
        struct sv_slice word = sv_slice_trim(sv_slice_sub(value, 0, comma));
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known |= sv_slice_is(word, part < 2 ? types[i] : must[i]);
        if (!known)
            return false;
        value = sv_slice_sub(value, comma + 1, value.n);
    }
    return true;
}

bool sv_reading_is_filler(struct sv_slice value)
{
    static const char *const forms[][2] = {
        {"${", "}"},       {"<", ">"},        {"{{", "}}"},      {"{%", "%}"},     {"#{", ""},
        {"@", "@"},        {"__", "__"},      {"$(", ")"},       {"%(", ")s"},     {"%env(", ")%"},
        {"ENC(", ")"},     {"$__", "}"},      {"{", "}"},        {"$ENV{", "}"},   {"%{", "}"},
        {"[", "]"},        {"ENC[", "]"},     {"!vault", ""},    {"!secret ", ""}, {"!Ref ", ""},
        {"!Sub ", ""},     {"!env ", ""},     {"vault:", ""},    {"env:", ""},     {"file:", ""},
        {"op://", ""},     {"arn:aws", ""},   {"ref+", ""},      {"{cipher}", ""}, {"changeme", ""},
        {"change-me", ""}, {"change_me", ""}, {"your-", ""},     {"your_", ""},    {"your ", ""},
        {"CHANGEME", ""},  {"CHANGE_ME", ""}, {"CHANGE-ME", ""}, {"YOUR_", ""},    {"YOUR-", ""}};
    static const char *const words[] = {"null",
                                        "nil",
                                        "none",
                                        "true",
                                        "false",
                                        "yes",
                                        "no",
                                        "password",
                                        "passwd",
                                        "secret",
                                        "token",
                                        "example",
                                        "default",
                                        "insert",
                                        "placeholder",
                                        "redacted",
                                        "dummy",
                                        "todo",
                                        "password_here",
                                        "insert-password-here",
                                        "changeit",
                                        "root",
                                        "admin",
                                        "test",
                                        "string",
                                        "required",
                                        "undefined",
                                        "password123",
                                        "yourpassword",
                                        "mypassword",
                                        "random",
                                        "users",
                                        "put your unique phrase here",
                                        "always",
                                        "on_create",
                                        "%p",
                                        "%w",
                                        "must-be-changed",
                                        "user",
                                        "username"};
    struct sv_slice v = sv_slice_trim(value);
    size_t same = 1;
    while (same < v.n && v.p[same] == v.p[0])
        same++;
    if (same >= v.n || is_variable(v) || is_hash(v) || sv_reading_is_option_type(v) ||
        sv_slice_find(v, "${") < v.n || sv_slice_find(v, "{{") < v.n)
        return true;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (whole_form(v, forms[i][0], forms[i][1]))
            return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_is_nocase(v, words[i]))
            return true;
    if (v.n < 4 || v.p[0] != '%' || v.p[v.n - 1] != '%')
        return false;
    for (size_t i = 1; i + 1 < v.n; i++) /* %DB_PASSWORD%, %secret.key% */
        if (!isalnum((unsigned char)v.p[i]) && !strchr("_.-", v.p[i]))
            return false;
    return true;
}
