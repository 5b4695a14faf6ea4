// SPDX-License-Identifier: Apache-2.0
// Credentials whose lines have a form of their own: .netrc, .pgpass, password files and their like.
#include <ctype.h>

#include "scan/content.h"
#include "secrets/value.h"

enum { MAX_FIELDS = 10, MIN_TOKEN = 8, MAX_TOKEN = 4096, CRYPT_DES = 13 };

struct line {
    struct sv_slice text;
    uint32_t number;
};

/* The next line that is neither empty nor a comment; false at the end. */
static bool next_line(struct sv_slice *rest, struct line *l)
{
    while (rest->n) {
        l->text = sv_slice_sub(*rest, 0, sv_slice_chr(*rest, '\n'));
        *rest = sv_slice_sub(*rest, l->text.n + 1, rest->n);
        l->number++;
        struct sv_slice t = sv_slice_trim(l->text);
        if (t.n && t.p[0] != '#')
            return true;
    }
    return false;
}

static void note(struct sv_content *c, const char *rule, const struct line *l,
                 struct sv_slice value)
{
    value = sv_slice_trim(value);
    if (!sv_value_is_placeholder(value))
        sv_content_secret(c, rule, SV_LIT(""), value, l->number,
                          (uint32_t)(value.p - l->text.p) + 1);
}

/* The fields between colons; a backslash takes a colon's meaning (.pgpass). The last one that has
 * room takes what is left. */
static size_t fields(struct sv_slice text, struct sv_slice *ret, size_t max)
{
    size_t n = 0, from = 0;
    for (size_t i = 0; i < text.n && n + 1 < max; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == ':') {
            ret[n++] = sv_slice_sub(text, from, i);
            from = i + 1;
        }
    }
    ret[n++] = sv_slice_sub(text, from, text.n);
    return n;
}

static bool all_hex(struct sv_slice s, size_t n)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isxdigit((unsigned char)s.p[i]))
            return false;
    return s.n == n;
}

bool sv_content_url_password(struct sv_content *c, struct sv_slice text, uint32_t number)
{
    struct sv_slice auth = sv_slice_sub(text, sv_slice_find(text, "://") + 3, text.n);
    auth = sv_slice_sub(auth, 0, sv_slice_chr(auth, '/'));
    size_t end = sv_slice_chr(auth, '@'), colon = sv_slice_chr(auth, ':');
    if (end == auth.n || colon >= end || end - colon < 2)
        return false;
    note(c, "url-password", &(struct line){text, number}, sv_slice_sub(auth, colon + 1, end));
    return true;
}

/* git-credential-store(1): scheme://user:password@host. */
enum sv_confirm sv_content_urls(struct sv_content *c)
{
    struct sv_slice rest = c->text;
    bool hit = false;
    c->f->what = "saved passwords";
    for (struct line l = {0}; next_line(&rest, &l);)
        hit |= sv_content_url_password(c, l.text, l.number);
    return hit ? sv_content_by_secrets(c) : SV_CONFIRM_NO;
}

/* netrc(5): words, in lines as one likes; after "password" stands one. */
enum sv_confirm sv_content_netrc(struct sv_content *c)
{
    struct sv_slice rest = c->text;
    bool machine = false, value = false;
    c->f->what = "saved passwords";
    for (struct line l = {0}; next_line(&rest, &l);) {
        for (size_t at = 0, end; at < l.text.n; at = end + 1) {
            for (end = at; end < l.text.n && !isspace((unsigned char)l.text.p[end]);)
                end++;
            struct sv_slice word = sv_slice_sub(l.text, at, end);
            if (word.n == 0)
                continue;
            if (value)
                note(c, "netrc-password", &l, word);
            machine |= sv_slice_is(word, "machine") || sv_slice_is(word, "default");
            value = !value && sv_slice_is(word, "password");
        }
    }
    return machine ? sv_content_by_secrets(c) : SV_CONFIRM_NO;
}

/* npmrc: a registry's _authToken, _auth or _password; the rest is harmless. */
enum sv_confirm sv_content_npmrc(struct sv_content *c)
{
    struct sv_slice rest = c->text;
    bool settings = false;
    c->f->what = "npm configuration";
    for (struct line l = {0}; next_line(&rest, &l);) {
        size_t eq = sv_slice_chr(l.text, '=');
        struct sv_slice key = sv_slice_trim(sv_slice_sub(l.text, 0, eq));
        settings |= eq < l.text.n;
        if (sv_slice_ends(key, "_authToken") || sv_slice_ends(key, "_auth") ||
            sv_slice_ends(key, "_password"))
            note(c, "npm-token", &l, sv_slice_sub(l.text, eq + 1, l.text.n));
    }
    return settings && !sv_content_is_html(c->text) ? sv_content_by_secrets(c) : SV_CONFIRM_NO;
}

/* host:port:database:user:password, and for s3fs id:secret: `n` fields, the last one secret. */
static enum sv_confirm columns(struct sv_content *c, const char *rule, size_t n)
{
    struct sv_slice rest = c->text, f[MAX_FIELDS];
    c->f->what = "saved passwords";
    for (struct line l = {0}; next_line(&rest, &l);) {
        if (fields(l.text, f, n) != n || sv_slice_trim(f[0]).n == 0)
            return SV_CONFIRM_NO;
        note(c, rule, &l, f[n - 1]);
    }
    return sv_content_by_secrets(c);
}

enum sv_confirm sv_content_pgpass(struct sv_content *c)
{
    return columns(c, "pgpass-password", 5);
}

enum sv_confirm sv_content_s3fs(struct sv_content *c)
{
    return sv_content_is_html(c->text) ? SV_CONFIRM_NO : columns(c, "s3-secret-key", 2);
}

/* One line of printing characters without a blank: a password or token and nothing else. */
enum sv_confirm sv_content_token(struct sv_content *c)
{
    struct sv_slice t = sv_slice_trim(c->text);
    c->f->what = "password file";
    for (size_t i = 0; i < t.n; i++)
        if (!isgraph((unsigned char)t.p[i]))
            return SV_CONFIRM_NO;
    if (t.n < MIN_TOKEN || t.n > MAX_TOKEN || t.p[0] == '<')
        return SV_CONFIRM_NO;
    note(c, "key-file", &(struct line){c->text, 1}, t);
    return sv_content_by_secrets(c);
}

enum sv_confirm sv_content_hex32(struct sv_content *c)
{
    return all_hex(sv_slice_trim(c->text), 32) ? sv_content_token(c) : SV_CONFIRM_NO;
}

static bool is_crypt(struct sv_slice hash)
{
    static const char *const marks[] = {"$apr1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$",
                                        "{SHA}", "{SSHA}", "$y$", "$1$"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (sv_slice_starts(hash, marks[i]))
            return true;
    for (size_t i = 0; i < hash.n; i++)
        if (!isalnum((unsigned char)hash.p[i]) && hash.p[i] != '.' && hash.p[i] != '/')
            return false;
    return hash.n == CRYPT_DES;
}

/* user:hash, also as the first of shadow(5)'s nine fields. */
enum sv_confirm sv_content_htpasswd(struct sv_content *c)
{
    struct sv_slice rest = c->text, f[MAX_FIELDS];
    c->f->what = "password hashes";
    for (struct line l = {0}; next_line(&rest, &l);)
        if (fields(sv_slice_trim(l.text), f, MAX_FIELDS) >= 2 && f[0].n && is_crypt(f[1]))
            return SV_CONFIRM_YES;
    return SV_CONFIRM_NO;
}

/* user:realm:MD5. */
enum sv_confirm sv_content_htdigest(struct sv_content *c)
{
    struct sv_slice rest = c->text, f[MAX_FIELDS];
    c->f->what = "password hashes";
    for (struct line l = {0}; next_line(&rest, &l);)
        if (fields(sv_slice_trim(l.text), f, MAX_FIELDS) == 3 && f[0].n && all_hex(f[2], 32))
            return SV_CONFIRM_YES;
    return SV_CONFIRM_NO;
}

/* passwd(5) has seven fields, shadow(5) nine; root is in both. */
enum sv_confirm sv_content_shadow(struct sv_content *c)
{
    struct sv_slice rest = c->text, f[MAX_FIELDS];
    if (sv_content_htpasswd(c) == SV_CONFIRM_YES)
        return SV_CONFIRM_YES;
    for (struct line l = {0}; next_line(&rest, &l);) {
        size_t n = fields(sv_slice_trim(l.text), f, MAX_FIELDS);
        if ((n == 7 || n == 9) && sv_slice_is(f[0], "root")) {
            c->f->what = "list of users";
            return SV_CONFIRM_YES;
        }
    }
    return SV_CONFIRM_NO;
}

/* Subversion before 1.7 begins with its format's number, 1.4 and older with XML. */
enum sv_confirm sv_content_svn_entries(struct sv_content *c)
{
    struct sv_slice line = sv_slice_sub(c->text, 0, sv_slice_chr(c->text, '\n'));
    unsigned long long format;
    c->f->what = "Subversion working copy";
    bool yes = (sv_slice_u64(sv_slice_trim(line), &format) && format >= 7 && format <= 12) ||
               sv_content_has(c->text, "<wc-entries");
    return yes ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}

/* PHP's session.serialize_handler "php": name|type:value. */
enum sv_confirm sv_content_session(struct sv_content *c)
{
    struct sv_slice t = c->text;
    size_t bar = sv_slice_chr(t, '|');
    c->f->what = "PHP session";
    bool type = bar > 0 && bar + 2 < t.n && strchr("sidbaONC", t.p[bar + 1]) &&
                (t.p[bar + 2] == ':' || t.p[bar + 2] == ';');
    for (size_t i = 0; type && i < bar; i++)
        type = isgraph((unsigned char)t.p[i]);
    return type ? SV_CONFIRM_YES : SV_CONFIRM_NO;
}
