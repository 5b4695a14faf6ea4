// SPDX-License-Identifier: Apache-2.0
// Sections and settings of INI files, in the dialects of PHP and Python.
#include "syntax/ini.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/limits.h"

struct parser {
    struct sv_syntax *sx;
    uint32_t file;
    enum sv_ini_style style;
    struct sv_node *root, *section;
    struct sv_node *last; /* the setting that an indented line goes on with */
    size_t indent;        /* of its own line */
    struct sv_buf more;   /* its value, if lines were joined to it */
};

static struct sv_node *add(struct parser *ps, struct sv_node *parent, enum sv_node_kind kind,
                           struct sv_slice name, struct sv_span at)
{
    struct sv_node *n = sv_new(ps->sx->arena, struct sv_node);
    *n = (struct sv_node){.kind = kind, .name = name, .span = at, .head = at};
    sv_node_append(parent, n);
    ps->sx->n_nodes++;
    return n;
}

/* ---- values ---- */

/* In double quotes a backslash stands before a quote and before itself. */
static struct sv_slice unescape(struct sv_arena *a, struct sv_slice v)
{
    char *out = sv_arena_alloc(a, v.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        bool escapes = v.p[i] == '\\' && i + 1 < v.n && strchr("\"\\", v.p[i + 1]);
        i += escapes;
        out[n++] = v.p[i];
    }
    out[n] = 0;
    return (struct sv_slice){out, n};
}

/* A value of PHP's: quoted, or up to ";". */
static struct sv_slice php_value(struct sv_arena *a, struct sv_slice v)
{
    char quote = v.n && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;
    size_t end = 1;
    if (!quote)
        return sv_slice_trim(sv_slice_sub(v, 0, sv_slice_chr(v, ';')));
    while (end < v.n && v.p[end] != quote)
        end += quote == '"' && v.p[end] == '\\' ? 2 : 1;
    v = sv_slice_sub(v, 1, end);
    return quote == '"' && sv_slice_chr(v, '\\') < v.n ? unescape(a, v) : v;
}

/* Python cuts a line at "#" or ";" where a blank stands before it. */
static struct sv_slice python_line(struct sv_slice line)
{
    for (size_t i = 1; i < line.n; i++)
        if ((line.p[i] == '#' || line.p[i] == ';') && isspace((unsigned char)line.p[i - 1]))
            return sv_slice_sub(line, 0, i);
    return line;
}

static struct sv_slice lower(struct sv_arena *a, struct sv_slice s)
{
    char *out = sv_arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)tolower((unsigned char)s.p[i]);
    out[s.n] = 0;
    return (struct sv_slice){out, s.n};
}

/* ---- lines ---- */

/* No more lines of the last setting follow. */
static void finish(struct parser *ps)
{
    if (ps->more.n)
        ps->last->args[0].value = sv_arena_copy(ps->sx->arena, sv_buf_slice(&ps->more));
    sv_buf_reset(&ps->more);
    ps->last = NULL;
}

static void setting(struct parser *ps, struct sv_slice line, struct sv_span at)
{
    bool python = ps->style == SV_INI_PYTHON;
    size_t eq = sv_slice_chr(line, '='), colon = python ? sv_slice_chr(line, ':') : line.n;
    size_t cut = eq < colon ? eq : colon;
    struct sv_slice name = sv_slice_trim(sv_slice_sub(line, 0, cut));
    struct sv_slice value = sv_slice_trim(sv_slice_sub(line, cut + 1, line.n));
    finish(ps);
    if (cut == line.n || name.n == 0)
        return;
    if (!ps->section)
        ps->section = add(ps, ps->root, SV_NODE_BLOCK, (struct sv_slice){"", 0}, at);
    struct sv_node *n = add(ps, ps->section, SV_NODE_DIRECTIVE,
                            python ? lower(ps->sx->arena, name) : name, at);
    n->args = sv_new_n(ps->sx->arena, struct sv_arg, 1);
    n->args[0].value = python ? value : php_value(ps->sx->arena, value);
    n->args[0].span = at;
    n->n_args = 1;
    ps->last = python ? n : NULL;
}

/* Joins a line to the setting before it, as far as one value may be long. */
static void go_on(struct parser *ps, struct sv_slice line, size_t end)
{
    struct sv_arg *arg = &ps->last->args[0];
    if (ps->more.n == 0)
        sv_buf_add(&ps->more, arg->value);
    if (ps->more.n + line.n > SV_MAX_UNIT_LINE) {
        if (ps->sx->diags)
            sv_diag_at(ps->sx->diags, SV_DIAG_ERROR, arg->span,
                       "a value of more than 1 MiB; the rest was not read");
        finish(ps);
        return;
    }
    sv_buf_addc(&ps->more, '\n');
    sv_buf_add(&ps->more, line);
    arg->span.end = ps->last->span.end = (uint32_t)end;
}

static void one_line(struct parser *ps, struct sv_slice line, size_t from)
{
    struct sv_span at = {ps->file, (uint32_t)from, (uint32_t)(from + line.n)};
    struct sv_slice text = sv_slice_trim(line);
    bool python = ps->style == SV_INI_PYTHON;
    size_t indent = 0;
    if (text.n == 0 || text.p[0] == ';' || text.p[0] == '#')
        return;
    if (python)
        text = sv_slice_trim(python_line(text));
    while (indent < line.n && isspace((unsigned char)line.p[indent]))
        indent++;
    if (python && ps->last && indent > ps->indent) {
        go_on(ps, text, from + line.n);
        return;
    }
    size_t close = sv_slice_chr(text, ']');
    ps->indent = indent;
    if (text.p[0] == '[' && close < text.n) {
        ps->section = add(ps, ps->root, SV_NODE_BLOCK, sv_slice_sub(text, 1, close), at);
        finish(ps);
    } else {
        setting(ps, text, at);
    }
}

struct sv_node *sv_ini_parse(struct sv_syntax *sx, uint32_t file, enum sv_ini_style style)
{
    struct sv_slice text = sv_source_get(sx->sources, file)->text;
    struct parser ps = {.sx = sx, .file = file, .style = style,
                        .root = sv_new(sx->arena, struct sv_node)};
    ps.root->kind = SV_NODE_ROOT;
    for (size_t at = sv_slice_starts(text, "\xef\xbb\xbf") ? 3 : 0; at < text.n;) {
        struct sv_slice rest = sv_slice_sub(text, at, text.n);
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        if (sx->n_nodes >= SV_MAX_NODES) {
            if (sx->diags)
                sv_diag_at(sx->diags, SV_DIAG_ERROR,
                           (struct sv_span){file, (uint32_t)at, (uint32_t)(at + line.n)},
                           "too many settings; the rest was not read");
            break;
        }
        one_line(&ps, line, at);
        at += line.n + 1;
    }
    finish(&ps);
    sv_buf_clear(&ps.more);
    return ps.root;
}

/* ---- lists of variables ---- */

bool sv_ini_pair(struct sv_slice *text, struct sv_slice *ret_name, struct sv_slice *ret_value)
{
    struct sv_slice s = *text;
    while (s.n && (isspace((unsigned char)s.p[0]) || s.p[0] == ','))
        s = sv_slice_sub(s, 1, s.n);
    size_t eq = sv_slice_chr(s, '=');
    if (eq == 0 || eq >= s.n)
        return false;
    *ret_name = sv_slice_trim(sv_slice_sub(s, 0, eq));
    s = sv_slice_sub(s, eq + 1, s.n);
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = sv_slice_sub(s, 1, s.n);
    char quote = s.n && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : 0;
    size_t from = quote ? 1 : 0, to = from;
    while (to < s.n && (quote ? s.p[to] != quote : s.p[to] != ',' && s.p[to] != '\n'))
        to++;
    *ret_value = sv_slice_sub(s, from, to);
    if (!quote)
        *ret_value = sv_slice_trim(*ret_value);
    *text = sv_slice_sub(s, to + (quote ? 1 : 0), s.n);
    return true;
}
