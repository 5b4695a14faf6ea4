// SPDX-License-Identifier: Apache-2.0
// .env files: three kinds of quotes, values of several lines, export, comments.
#include <ctype.h>

#include "secrets/readers.h"
#include "secrets/value.h"

static size_t skip_space(struct sv_slice t, size_t at)
{
    while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\t'))
        at++;
    return at;
}

/* In double quotes a backslash takes the next byte's meaning away. */
static size_t closing(struct sv_slice t, size_t at, char quote)
{
    for (; at < t.n && t.p[at] != quote; at++)
        if (t.p[at] == '\\' && quote == '"')
            at++;
    return at;
}

static struct sv_slice without_escapes(struct sv_reading *r, struct sv_slice raw)
{
    size_t n = 0;
    if (sv_slice_chr(raw, '\\') == raw.n)
        return raw;
    char *out = sv_arena_alloc(r->a, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        bool escaped = raw.p[i] == '\\' && i + 1 < raw.n;
        i += escaped;
        out[n++] = escaped && raw.p[i] == 'n' ? '\n' : raw.p[i];
    }
    return (struct sv_slice){out, n};
}

static bool is_number(struct sv_slice v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!isdigit((unsigned char)v.p[i]))
            return false;
    return true;
}

/* "/run/secrets/x": a file. */
static bool is_path(struct sv_slice v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!islower((unsigned char)v.p[i]) && !strchr("/._-", v.p[i]))
            return false;
    return v.n && v.p[0] == '/';
}

/* Addresses, keys and values made of others are left to the rules that know them. */
static void note(struct sv_reading *r, const char *rule, struct sv_slice name, struct sv_slice v,
                 size_t at, bool literal)
{
    bool variable = v.n > 1 && v.p[0] == '$' && (isalpha((unsigned char)v.p[1]) || v.p[1] == '_');
    bool reference = !literal && (variable || sv_slice_find(v, "${") < v.n);
    bool small = v.n < 6 && is_number(v); /* a length, a lifetime */
    if (sv_name_is_secret(name) && !reference && !is_path(v) && v.n >= 4 && !small &&
        sv_slice_find(v, "://") == v.n && sv_slice_find(v, "-----BEGIN ") == v.n)
        sv_reading_note(r, rule, v, at);
}

void sv_read_dotenv(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice t = r->text;
    for (size_t at = 0; at < t.n;) {
        size_t next = at;
        struct sv_slice line = sv_reading_line(r, &next);
        struct sv_slice name = sv_slice_trim(sv_slice_sub(line, 0, sv_slice_chr(line, '=')));
        size_t from = skip_space(t, at + sv_slice_chr(line, '=') + 1), end = at + line.n;
        if (sv_slice_starts(name, "export "))
            name = sv_slice_trim(sv_slice_sub(name, 7, name.n));
        at = next;
        if (from >= end || name.n == 0 || name.p[0] == '#')
            continue;
        char quote = t.p[from];
        size_t close = t.n;
        if (strchr("\"'`", quote) && quote)
            close = closing(t, from + 1, quote);
        if (close < t.n) {
            struct sv_slice v = sv_slice_sub(t, from + 1, close);
            bool twice = quote == '"';
            note(r, g->rule, name, twice ? without_escapes(r, v) : v, from + 1, quote == '\'');
            size_t after = close + 1;
            if (after > at) {
                at = after;
                sv_reading_line(r, &at);
            }
            continue;
        }
        struct sv_slice v = sv_slice_sub(t, from, end);
        for (size_t i = 1; i < v.n; i++)
            if (v.p[i] == '#' && isspace((unsigned char)v.p[i - 1]))
                v = sv_slice_sub(v, 0, i);
        note(r, g->rule, name, sv_slice_trim(v), from, false);
    }
}
