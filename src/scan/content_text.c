// SPDX-License-Identifier: Apache-2.0
// Text that is looked at line by line: assignments and the secrets in them.
#include <ctype.h>

#include "scan/content.h"
#include "secrets/search.h"
#include "secrets/value.h"

enum { MAX_SECRETS = 200 };

bool sv_content_has(struct sv_slice text, const char *needle)
{
    return sv_slice_find(text, needle) < text.n;
}

bool sv_content_is_html(struct sv_slice text)
{
    struct sv_slice t = sv_slice_trim(text);
    return t.n && t.p[0] == '<' && (sv_slice_is_nocase(sv_slice_sub(t, 0, 5), "<html") ||
                                    sv_slice_is_nocase(sv_slice_sub(t, 0, 9), "<!doctype") ||
                                    sv_slice_is_nocase(sv_slice_sub(t, 0, 7), "<script"));
}

static struct sv_slice unquote(struct sv_slice v)
{
    v = sv_slice_trim(v);
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'')) {
        size_t end = sv_slice_chr(sv_slice_sub(v, 1, v.n), v.p[0]);
        if (end < v.n - 1)
            return sv_slice_sub(v, 1, 1 + end);
    }
    size_t comment = sv_slice_find(v, " #");
    v = sv_slice_trim(sv_slice_sub(v, 0, comment));
    while (v.n && (v.p[v.n - 1] == ',' || v.p[v.n - 1] == ';'))
        v.n--;
    return v;
}

/* The key: letters, digits and a few signs, quotes and "export" dropped. */
static struct sv_slice key_of(struct sv_slice k)
{
    k = sv_slice_trim(k);
    if (sv_slice_starts(k, "export "))
        k = sv_slice_trim(sv_slice_sub(k, 7, k.n));
    size_t from = k.n;
    while (from > 0 && (isalnum((unsigned char)k.p[from - 1]) || strchr("_-.", k.p[from - 1])))
        from--;
    if (from == k.n && from > 0 && (k.p[from - 1] == '"' || k.p[from - 1] == '\'' ||
                                    k.p[from - 1] == ']')) {
        size_t end = from - 1 - (k.p[from - 1] == ']' && from > 1);
        for (from = end; from > 0 && (isalnum((unsigned char)k.p[from - 1]) ||
                                      strchr("_-.", k.p[from - 1]));)
            from--;
        return sv_slice_sub(k, from, end);
    }
    return sv_slice_sub(k, from, k.n);
}

void sv_content_secret(struct sv_content *c, const char *rule, struct sv_slice name,
                       struct sv_slice value, uint32_t line, uint32_t column)
{
    if (c->f->secrets.n < MAX_SECRETS)
        sv_vec_push(c->a, &c->f->secrets,
                    (struct sv_file_secret){.rule = rule, .value = value, .name = name,
                                            .line = line, .column = column});
}

/* What a quoted string at `at` holds; *io_at moves behind it. False: there is none, or no end. */
static bool quoted(struct sv_slice text, size_t *io_at, struct sv_slice *ret)
{
    size_t from = *io_at + 1, end = from;
    if (*io_at >= text.n || (text.p[*io_at] != '"' && text.p[*io_at] != '\''))
        return false;
    while (end < text.n && text.p[end] != text.p[*io_at])
        end += text.p[end] == '\\' ? 2 : 1;
    if (end >= text.n)
        return false;
    *ret = sv_slice_sub(text, from, end);
    *io_at = end + 1;
    return true;
}

static size_t behind(struct sv_slice text, size_t at, const char *signs)
{
    while (at < text.n && text.p[at] && strchr(signs, text.p[at]))
        at++;
    return at;
}

/* More pairs in a line of code: DATABASES = {'default': {'USER': 'a', 'PASSWORD': 'x'}}. Behind a
 * quote that nothing closes none of its kind is closed. */
static void more_pairs(struct sv_content *c, struct sv_slice text, size_t at, uint32_t line)
{
    struct sv_slice name, value;
    bool open_single = false, open_double = false;
    while (at < text.n) {
        char sign = text.p[at];
        if (sign == '#')
            return;
        bool known = (sign == '\'' && open_single) || (sign == '"' && open_double);
        if (known || !quoted(text, &at, &name)) {
            open_single |= sign == '\'';
            open_double |= sign == '"';
            at++;
            continue;
        }
        size_t assigns = behind(text, at, " \t"), from = behind(text, assigns, "=>: \t");
        if (assigns == text.n || (text.p[assigns] != ':' && text.p[assigns] != '='))
            continue;
        at = from;
        if (quoted(text, &at, &value) && sv_value_is_secret(name, value))
            sv_content_secret(c, "secret-assignment", name, value, line,
                              (uint32_t)(value.p - text.p) + 1);
    }
}

/* Programs, and languages that quote each of their strings: what is not quoted is a reference. */
static bool is_code(struct sv_slice path)
{
    static const char *const ends[] = {".py",  ".rb", ".js", ".mjs",
                                       ".cjs", ".ts", ".tf", ".tfvars"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(path, ends[i]))
            return true;
    return false;
}

/* What a string at `at` is for, by what stands before it: a call's further argument (its first one
 * names a variable or a file), or what is taken where a variable is not set: a || b, a or b. */
static bool is_fallback(struct sv_slice text, size_t at)
{
    while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
        at--;
    return at && (strchr(",=|?:", text.p[at - 1]) ||
                  sv_slice_is(sv_slice_sub(text, at > 3 ? at - 3 : 0, at), " or"));
}

/* The string that an expression is (b'x', ('x')) or falls back to (env('NAME', 'x')), if it is a
 * secret under that name. A file's name may be an argument, too: a fallback looks drawn. */
static void expression(struct sv_content *c, struct sv_slice name, struct sv_slice text, size_t at,
                       uint32_t line)
{
    size_t first = behind(text, at, "(bBuUrR");
    struct sv_slice value = {"", 0};
    bool found = quoted(text, &first, &value);
    while (!found && at < text.n && text.p[at] != '#') {
        bool quote = text.p[at] == '"' || text.p[at] == '\'';
        bool fallback = quote && is_fallback(text, at);
        if (quote && !quoted(text, &at, &value))
            return; /* it goes on behind the line's end */
        found = fallback && sv_looks_random(value);
        at += !quote;
    }
    if (found && sv_value_is_secret(name, value))
        sv_content_secret(c, "secret-assignment", name, value, line,
                          (uint32_t)(value.p - text.p) + 1);
}

/* YAML 1.2, 6.9: a node's properties stand before its value, "&anchor" and a tag; *io_at moves
 * behind them. False if there is no text behind: an alias, or a tag of the program's own, which
 * says what is to be made of the text (!vault, !Ref, !env). */
static bool yaml_value(struct sv_slice text, size_t *io_at)
{
    while (*io_at < text.n && strchr("!&*", text.p[*io_at])) {
        struct sv_slice rest = sv_slice_sub(text, *io_at, text.n);
        struct sv_slice word = sv_slice_sub(rest, 0, sv_slice_chr(rest, ' '));
        bool text_tag = sv_slice_is(word, "!") || sv_slice_is(word, "!!str");
        if (word.p[0] != '&' && !text_tag)
            return false;
        *io_at = behind(text, *io_at + word.n, " \t");
    }
    return true;
}

unsigned sv_content_assignments(struct sv_content *c, const char *separators)
{
    struct sv_slice rest = c->text, path = sv_slice_of(c->f->path);
    unsigned count = 0;
    bool code = strchr(separators, ',') != NULL || is_code(path);
    bool yaml = sv_slice_ends(path, ".yml") || sv_slice_ends(path, ".yaml");
    for (uint32_t line = 1; rest.n; line++) {
        struct sv_slice text = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, text.n + 1, rest.n);
        struct sv_slice t = sv_slice_trim(text);
        if (t.n == 0 || t.p[0] == '#' || t.p[0] == ';')
            continue;
        size_t eq = 0;
        while (eq < text.n && !strchr(separators, text.p[eq]))
            eq++;
        if (eq == text.n)
            continue;
        struct sv_slice name = key_of(sv_slice_sub(text, 0, eq));
        size_t from = behind(text, eq + 1, "=>: \t");
        if (name.n == 0)
            continue;
        count++;
        if (yaml && !yaml_value(text, &from))
            continue;
        struct sv_slice value = unquote(sv_slice_sub(text, from, text.n));
        bool string = from < text.n && (text.p[from] == '"' || text.p[from] == '\'');
        if (code && !string)
            expression(c, name, text, from, line);
        else if (sv_value_is_secret(name, value))
            sv_content_secret(c, "secret-assignment", name, value, line,
                              (uint32_t)(value.p - text.p) + 1);
        if (code || string || (from < text.n && strchr("{[", text.p[from])))
            more_pairs(c, text, string ? (size_t)(value.p - text.p) + value.n + 1 : from, line);
    }
    return count;
}

enum sv_confirm sv_content_by_secrets(const struct sv_content *c)
{
    return c->f->secrets.n ? SV_CONFIRM_YES : SV_CONFIRM_TEMPLATE;
}
