// SPDX-License-Identifier: Apache-2.0
// Backwards through variables: which values a path gives them, which text a pattern took them from.
#include "serve/template.h"

#include <ctype.h>

#include "base/buf.h"

/* ---- from a path to values ---- */

/* "$name" or "${name}" at i: the name, and where the text goes on. */
static bool variable(struct sv_slice t, size_t i, struct sv_slice *ret_name, size_t *ret_next)
{
    bool braces = i + 1 < t.n && t.p[i + 1] == '{';
    size_t from = i + 1 + braces, to = from;
    if (t.p[i] != '$')
        return false;
    while (to < t.n && (isalnum((unsigned char)t.p[to]) || t.p[to] == '_'))
        to++;
    if (to == from || (braces && (to == t.n || t.p[to] != '}')))
        return false;
    *ret_name = sv_slice_sub(t, from, to);
    *ret_next = to + braces;
    return true;
}

static void literal(struct sv_buf *out, char c)
{
    if (!isalnum((unsigned char)c) && (unsigned char)c < 0x80)
        sv_buf_addc(out, '\\');
    sv_buf_addc(out, c);
}

/* The template as a pattern with a group for each variable; false if it has too many. */
static bool as_pattern(struct sv_slice t, bool tail, bool greedy, struct sv_buf *out,
                       struct sv_bindings *b)
{
    sv_buf_addc(out, '^');
    for (size_t i = 0, next; i < t.n; i = next) {
        struct sv_slice name;
        next = i + 1;
        if (!variable(t, i, &name, &next)) {
            literal(out, t.p[i]);
            continue;
        }
        size_t seen = 0;
        while (seen < b->n && !sv_slice_eq(b->name[seen], name))
            seen++;
        if (seen < b->n) {
            sv_buf_printf(out, "\\g{%zu}", seen + 1);
            continue;
        }
        if (b->n == SV_TEMPLATE_VARIABLES)
            return false;
        b->name[b->n++] = name;
        sv_buf_adds(out, greedy ? "(.*)" : "(.*?)");
    }
    sv_buf_adds(out, tail ? "(/.*)$" : "$");
    return true;
}

bool sv_template_match(struct sv_regex_pool *pool, struct sv_arena *a, struct sv_slice template,
                       bool tail, bool greedy, struct sv_slice path, struct sv_bindings *ret)
{
    struct sv_bindings b = {.n = 0};
    _cleanup_buf_ struct sv_buf out = {0};
    struct sv_err err;
    struct sv_match m;
    if (!as_pattern(template, tail, greedy, &out, &b))
        return false;
    struct sv_slice pattern = sv_arena_copy(a, sv_buf_slice(&out));
    struct sv_regex *re = sv_regex_get(pool, pattern, SV_REGEX_DOTALL, &err);
    if (!re || sv_regex_match(re, path, 0, &m) != SV_MATCH_YES)
        return false;
    for (size_t i = 0; i < b.n; i++)
        b.value[i] = m.group[i + 1];
    if (tail)
        b.tail = m.group[b.n + 1];
    *ret = b;
    return true;
}

struct sv_slice sv_binding(const struct sv_bindings *b, struct sv_slice name)
{
    for (size_t i = 0; i < b->n; i++)
        if (sv_slice_eq(b->name[i], name))
            return b->value[i];
    return (struct sv_slice){NULL, 0};
}

/* ---- from values to a text that the pattern matches ---- */

enum { MAX_NESTING = 8 };

struct writer {
    const struct sv_bindings *b;
    struct sv_buf *out;
    unsigned group; /* number of the last group that was opened */
};

/* The index behind the group, class or character at i, without its quantifier. */
static size_t item_end(struct sv_slice p, size_t i)
{
    unsigned depth = 0;
    bool class = false;
    do {
        char c = p.p[i];
        if (c == '\\')
            i++;
        else if (class)
            class = c != ']';
        else if (c == '[')
            class = true;
        else if (c == '(')
            depth++;
        else if (c == ')')
            depth--;
        i++;
    } while (i < p.n && (depth || class));
    return i > p.n ? p.n : i;
}

static unsigned groups_in(struct sv_slice p)
{
    unsigned n = 0;
    for (size_t i = 0; i < p.n; i++) {
        bool named = i + 2 < p.n && p.p[i + 1] == '?' &&
                     (p.p[i + 2] == 'P' || p.p[i + 2] == '\'' ||
                      (p.p[i + 2] == '<' && i + 3 < p.n && !strchr("=!", p.p[i + 3])));
        if (p.p[i] == '\\')
            i++;
        else if (p.p[i] == '[')
            i = item_end(p, i) - 1;
        else if (p.p[i] == '(')
            n += i + 1 == p.n || p.p[i + 1] != '?' || named;
    }
    return n;
}

/* "(?<name>...", "(?P<name>..." or "(?'name'...": the name, and where the group's text begins. */
static struct sv_slice group_name(struct sv_slice g, size_t *ret_from)
{
    size_t at = sv_slice_starts(g, "(?P<") ? 4
                : sv_slice_starts(g, "(?<") || sv_slice_starts(g, "(?'") ? 3
                                                                         : 0;
    *ret_from = 1;
    if (!at || sv_slice_starts(g, "(?<=") || sv_slice_starts(g, "(?<!"))
        return (struct sv_slice){"", 0};
    size_t end = at;
    while (end < g.n && (isalnum((unsigned char)g.p[end]) || g.p[end] == '_'))
        end++;
    *ret_from = end + 1;
    return sv_slice_sub(g, at, end);
}

static bool write_text(struct writer *w, struct sv_slice p, unsigned depth);

static bool write_group(struct writer *w, struct sv_slice g, bool optional, unsigned depth)
{
    size_t from;
    struct sv_slice name = group_name(g, &from);
    bool special = name.n == 0 && sv_slice_starts(g, "(?"), plain = sv_slice_starts(g, "(?:");
    struct sv_slice inner = sv_slice_sub(g, plain ? 3 : from, g.n - 1), value = {NULL, 0};
    if (special && !plain)
        return true; /* options, and assertions that take up no text */
    if (!plain) {
        char number[16];
        snprintf(number, sizeof number, "%u", ++w->group);
        value = sv_binding(w->b, sv_slice_of(number));
        if (!value.p && name.n)
            value = sv_binding(w->b, name);
    }
    if (!value.p && !optional)
        return write_text(w, inner, depth + 1);
    w->group += groups_in(inner);
    if (value.p)
        sv_buf_add(w->out, value);
    return true;
}

static bool write_item(struct writer *w, struct sv_slice item, bool optional, unsigned depth)
{
    char c = item.p[0];
    if (c == '(')
        return item.n > 1 && write_group(w, item, optional, depth);
    if (c == '^' || c == '$' || optional)
        return true;
    if (c == '\\') {
        if (item.n < 2 || isalnum((unsigned char)item.p[1]))
            return item.n == 2 && strchr("bAzZ", item.p[1]);
        c = item.p[1];
    } else if (c == '[') {
        if (item.n < 3 || !isalnum((unsigned char)item.p[1]))
            return false;
        c = item.p[1];
    } else if (c == '.') {
        c = 'x';
    }
    sv_buf_addc(w->out, c);
    return true;
}

/* The first alternative, each repetition as seldom as it may be. */
static bool write_text(struct writer *w, struct sv_slice p, unsigned depth)
{
    if (depth > MAX_NESTING)
        return false;
    for (size_t i = 0; i < p.n;) {
        if (p.p[i] == '|') {
            w->group += groups_in(sv_slice_sub(p, i, p.n));
            return true;
        }
        size_t end = item_end(p, i);
        char q = end < p.n ? p.p[end] : '\0';
        if (q == '{' || !write_item(w, sv_slice_sub(p, i, end), q == '?' || q == '*', depth))
            return false;
        i = end;
        while (i < p.n && (p.p[i] == '?' || p.p[i] == '*' || p.p[i] == '+'))
            i++;
    }
    return true;
}

struct sv_slice sv_pattern_text(struct sv_arena *a, struct sv_slice pattern,
                                const struct sv_bindings *b)
{
    _cleanup_buf_ struct sv_buf out = {0};
    struct writer w = {.b = b, .out = &out};
    if (!write_text(&w, pattern, 0))
        return (struct sv_slice){NULL, 0};
    return sv_arena_copy(a, sv_buf_slice(&out));
}
