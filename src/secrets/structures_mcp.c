// SPDX-License-Identifier: Apache-2.0
// What AI tools keep: servers of the Model Context Protocol with literal keys in their environment,
// headers, arguments and addresses; keys and logins of the providers.
#include <ctype.h>

#include "secrets/doc.h"
#include "secrets/structures.h"
#include "secrets/value.h"

#define RULE "mcp-server-secret"
enum { LEAST = 8, LEAST_UNNAMED = 16 };

/* "${env:KEY}", "${input:key}", "$KEY", "{env:KEY}", "{{ key }}", "os.environ/KEY", "op://x/y". */
static bool is_reference(struct sv_slice v)
{
    static const char *const begins[] = {"$", "{{", "{env:", "{file:", "os.environ", "env:", "op://",
                                         "vault:", "file:", "secret:", "keychain:", "/", "~/", "./",
                                         "../", "<"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (sv_slice_starts(v, begins[i]))
            return true;
    return sv_slice_find(v, "${") < v.n || sv_slice_find(v, "{{") < v.n ||
           sv_slice_find(v, "{env:") < v.n;
}

static bool all_of(struct sv_slice v, bool (*is)(unsigned char))
{
    for (size_t i = 0; i < v.n; i++)
        if (!is((unsigned char)v.p[i]))
            return false;
    return true;
}

static bool is_digit(unsigned char c)
{
    return isdigit(c) || c == '.' || c == ',' || c == '-';
}

static bool is_lower_word(unsigned char c)
{
    return islower(c) || strchr("-_. @", c);
}

static bool is_upper_word(unsigned char c)
{
    return isupper(c) || strchr("-_. @", c);
}

/* A number, "API_KEY_HERE", "secret-key", C:\x.json: no program takes these for a key. */
static bool is_word_or_path(struct sv_slice v)
{
    static const char *const ends[] = {".json", ".pem", ".key", ".p12", ".crt", ".yaml", ".yml",
                                       ".env", ".txt", ".toml", ".db", ".sqlite"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(v, ends[i]))
            return true;
    return (v.n > 2 && v.p[1] == ':' && strchr("\\/", v.p[2])) || sv_slice_find(v, "***") < v.n ||
           sv_slice_find(v, "...") < v.n || all_of(v, is_digit) || all_of(v, is_lower_word) ||
           all_of(v, is_upper_word);
}

static bool ends_nocase(struct sv_slice s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && sv_slice_is_nocase(sv_slice_sub(s, s.n - n, s.n), end);
}

/* A name for what is no secret though it looks like one. */
static bool names_public(struct sv_slice name)
{
    static const char *const ends[] = {"id", "url", "uri", "host", "region", "path", "file", "dir",
                                       "name", "user", "username", "email", "model", "version",
                                       "agent", "accept", "type", "project", "zone", "base",
                                       "org", "account", "workspace", "level", "hash", "digest"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_nocase(name, ends[i]))
            return true;
    return false;
}

bool sv_structure_names_secret(struct sv_slice name)
{
    static const char *const ends[] = {"key", "pat", "auth", "psk", "authorization"};
    if (names_public(name))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_nocase(name, ends[i]))
            return true;
    return sv_name_is_secret(name);
}

/* People think up passwords of words; nobody is given a key of them. */
static bool names_password(struct sv_slice name)
{
    for (size_t i = 0; i < name.n; i++)
        if (sv_slice_is_nocase(sv_slice_sub(name, i, i + 4), "pass") ||
            sv_slice_is_nocase(sv_slice_sub(name, i, i + 3), "pwd"))
            return true;
    return false;
}

static void note_literal(struct sv_structure *s, struct sv_slice name, struct sv_slice value,
                         size_t offset)
{
    struct sv_slice rest = sv_value_credentials(value);
    if (rest.n) {
        offset += (size_t)(rest.p - value.p);
        value = rest;
    }
    bool url = sv_slice_find(value, "://") < value.n;
    bool words = is_word_or_path(value) && !names_password(name);
    if (is_reference(value) || sv_value_is_placeholder(value) || url || words)
        return;
    bool secret = rest.n || (sv_structure_names_secret(name) && value.n >= LEAST) ||
                  (value.n >= LEAST_UNNAMED && !names_public(name) && sv_looks_random(value));
    if (secret && sv_slice_chr(value, ' ') == value.n)
        sv_structure_note(s, RULE, value, offset);
}

/* The parameters of an address, and its password. */
static void note_url(struct sv_structure *s, struct sv_slice url, size_t offset)
{
    size_t scheme = sv_slice_find(url, "://");
    if (scheme == url.n)
        return;
    struct sv_slice host = sv_slice_sub(url, scheme + 3, url.n);
    size_t at = sv_slice_chr(sv_slice_sub(host, 0, sv_slice_chr(host, '/')), '@');
    size_t colon = sv_slice_chr(sv_slice_sub(host, 0, at), ':');
    if (at < sv_slice_chr(host, '/') && colon < at)
        note_literal(s, SV_LIT("password"), sv_slice_sub(host, colon + 1, at),
                     offset + scheme + 3 + colon + 1);
    size_t from = sv_slice_chr(url, '?') + 1;
    while (from < url.n) {
        struct sv_slice pair = sv_slice_sub(url, from, url.n);
        pair = sv_slice_sub(pair, 0, sv_slice_chr(pair, '&'));
        size_t equal = sv_slice_chr(pair, '=');
        note_literal(s, sv_slice_sub(pair, 0, equal), sv_slice_sub(pair, equal + 1, pair.n),
                     offset + from + equal + 1);
        from += pair.n + 1;
    }
}

/* Environment variables, headers. */
static void note_entries(struct sv_structure *s, const struct sv_doc *map)
{
    sv_doc_each(e, map)
    {
        if (e->kind != SV_DOC_TEXT)
            continue;
        note_literal(s, e->name, e->text, e->offset);
        note_url(s, e->text, e->offset);
    }
}

/* "--api-key", "X"; "--token=X"; "-e", "KEY=X"; "--header", "Name: X"; an address. */
static void note_args(struct sv_structure *s, const struct sv_doc *list)
{
    struct sv_slice before = {"", 0};
    sv_doc_each(e, list)
    {
        struct sv_slice v = e->text;
        size_t equal = sv_slice_chr(v, '='), colon = sv_slice_find(v, ": ");
        bool flag = v.n && v.p[0] == '-';
        if (e->kind != SV_DOC_TEXT)
            continue;
        note_url(s, v, e->offset);
        if (equal < v.n && sv_slice_find(v, "://") == v.n && equal < colon)
            note_literal(s, sv_slice_sub(v, 0, equal), sv_slice_sub(v, equal + 1, v.n),
                         e->offset + equal + 1);
        else if (colon < v.n)
            note_literal(s, sv_slice_sub(v, 0, colon), sv_slice_sub(v, colon + 2, v.n),
                         e->offset + colon + 2);
        else if (!flag && before.n && sv_structure_names_secret(before))
            note_literal(s, before, v, e->offset);
        before = flag ? v : (struct sv_slice){"", 0};
    }
}

static void note_server(struct sv_structure *s, const struct sv_doc *server)
{
    static const char *const maps[] = {"env", "envs", "environment", "headers", "http_headers"};
    static const char *const texts[] = {"url", "serverUrl", "httpUrl", "uri", "bearer_token"};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        note_entries(s, sv_doc_get(server, maps[i]));
    note_entries(s, sv_doc_get(sv_doc_get(server, "requestInit"), "headers"));
    note_args(s, sv_doc_get(server, "args"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct sv_doc *e = sv_doc_get(server, texts[i]);
        if (!e || e->kind != SV_DOC_TEXT)
            continue;
        note_url(s, e->text, e->offset);
        note_literal(s, e->name, e->text, e->offset);
    }
}

void sv_structure_mcp(struct sv_structure *s, const struct sv_doc *servers)
{
    sv_doc_each(server, servers)
    {
        const struct sv_doc *command = sv_doc_get(server, "command");
        note_server(s, server);
        if (command && command->kind == SV_DOC_LIST)
            note_args(s, command);
        else if (command && command->kind == SV_DOC_MAP)
            note_server(s, command); /* {"path": ..., "args": ..., "env": ...} */
    }
}

static void note_key(struct sv_structure *s, struct sv_slice value, size_t offset)
{
    bool token = sv_value_rule(value) || sv_looks_random(value);
    bool other = is_reference(value) || sv_value_is_placeholder(value);
    if (value.n >= LEAST_UNNAMED && token && !other)
        sv_structure_note(s, "ai-tool-credential", value, offset);
}

void sv_structure_provider(struct sv_structure *s, const struct sv_doc *entry)
{
    static const char *const names[] = {"key", "refresh", "access", "token"};
    struct sv_slice type = sv_doc_text(entry, "type");
    bool known = sv_slice_is(type, "api") || sv_slice_is(type, "oauth") ||
                 sv_slice_is(type, "wellknown");
    for (size_t i = 0; known && i < sizeof names / sizeof *names; i++) {
        const struct sv_doc *e = sv_doc_get(entry, names[i]);
        if (e && e->kind == SV_DOC_TEXT)
            note_key(s, e->text, e->offset);
    }
}

void sv_structure_provider_keys(struct sv_structure *s, const struct sv_doc *list)
{
    sv_doc_each(e, list)
    {
        size_t equal = sv_slice_chr(e->text, '=');
        if (e->kind == SV_DOC_TEXT && equal < e->text.n)
            note_key(s, sv_slice_sub(e->text, equal + 1, e->text.n), e->offset + equal + 1);
    }
}
