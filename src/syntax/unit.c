// SPDX-License-Identifier: Apache-2.0
// Unit files: sections, settings, lines that go on in the next one.
#include "syntax/unit.h"

#include "base/buf.h"
#include "base/limits.h"

struct parser {
    struct sv_syntax *sx;
    uint32_t file;
    struct sv_node *root, *section;
    bool stray_told;
    struct sv_buf joined; /* a setting that is spread over lines */
    bool joining;
    size_t began;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct sv_slice strip(struct sv_slice s)
{
    while (s.n && is_blank(s.p[0]))
        s = sv_slice_sub(s, 1, s.n);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static struct sv_node *add(struct parser *ps, struct sv_node *parent, enum sv_node_kind kind,
                           struct sv_slice name, struct sv_span span)
{
    struct sv_node *n = sv_new(ps->sx->arena, struct sv_node);
    *n = (struct sv_node){.kind = kind, .name = name, .span = span, .head = span};
    sv_node_append(parent, n);
    ps->sx->n_nodes++;
    return n;
}

static void tell(struct parser *ps, enum sv_diag_level level, struct sv_span at, const char *text)
{
    if (ps->sx->diags)
        sv_diag_at(ps->sx->diags, level, at, "%s", text);
}

static void setting(struct parser *ps, struct sv_slice line, struct sv_span at)
{
    size_t eq = sv_slice_chr(line, '=');
    if (!ps->section) {
        if (!ps->stray_told)
            tell(ps, SV_DIAG_ERROR, at,
                 eq < line.n ? "a setting outside of all sections, which systemd ignores"
                             : "a line outside of all sections, which systemd ignores");
        ps->stray_told = true;
        return;
    }
    if (eq == line.n || eq == 0) {
        tell(ps, SV_DIAG_WARNING, at,
             eq ? "a line without \"=\", which systemd ignores"
                : "a line without a name before its \"=\", which systemd ignores");
        return;
    }
    struct sv_slice name = strip(sv_slice_sub(line, 0, eq));
    struct sv_node *n = add(ps, ps->section, SV_NODE_DIRECTIVE, name, at);
    n->args = sv_new_n(ps->sx->arena, struct sv_arg, 1);
    n->args[0] = (struct sv_arg){.value = strip(sv_slice_sub(line, eq + 1, line.n)), .span = at};
    n->n_args = 1;
}

/* A whole line, or several that were joined. */
static void logical_line(struct parser *ps, struct sv_slice line, size_t from, size_t to)
{
    struct sv_span at = {ps->file, (uint32_t)from, (uint32_t)to};
    line = strip(line);
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
        return;
    if (ps->sx->n_nodes >= SV_MAX_NODES)
        return;
    if (line.p[0] != '[') {
        setting(ps, line, at);
    } else if (line.p[line.n - 1] != ']') {
        tell(ps, SV_DIAG_ERROR, at, "a section's name without \"]\"; systemd refuses this file");
        ps->section = NULL;
        ps->stray_told = true; /* what follows is of that section */
    } else {
        ps->section =
            add(ps, ps->root, SV_NODE_BLOCK, sv_slice_sub(line, 1, line.n - 1), at);
    }
}

/* The line ends with a backslash that no other one escapes. */
static bool goes_on(struct sv_slice line)
{
    size_t n = 0;
    while (n < line.n && line.p[line.n - 1 - n] == '\\')
        n++;
    return n % 2;
}

static bool is_comment(struct sv_slice line)
{
    size_t i = 0;
    while (i < line.n && is_blank(line.p[i]))
        i++;
    return i < line.n && (line.p[i] == '#' || line.p[i] == ';');
}

/* One line of the file: a setting, or a part of one. False: systemd gives this file up. */
static bool physical_line(struct parser *ps, struct sv_slice line, size_t from)
{
    size_t end = from + line.n;
    bool joining = ps->joining;
    if (is_comment(line))
        return true; /* also in the middle of a setting */
    if ((joining ? ps->joined.n : 0) + line.n > SV_MAX_UNIT_LINE) {
        if (ps->sx->diags)
            sv_diag_at(ps->sx->diags, SV_DIAG_ERROR,
                       (struct sv_span){ps->file, (uint32_t)from, (uint32_t)end},
                       "a line of more than 1 MiB; systemd refuses this file");
        return false;
    }
    if (!joining) {
        ps->began = from;
        sv_buf_reset(&ps->joined);
    }
    ps->joining = goes_on(line);
    if (!joining && !ps->joining) {
        logical_line(ps, line, from, end);
        return true;
    }
    sv_buf_add(&ps->joined, ps->joining ? sv_slice_sub(line, 0, line.n - 1) : line);
    if (ps->joining)
        sv_buf_addc(&ps->joined, ' ');
    else
        logical_line(ps, sv_arena_copy(ps->sx->arena, sv_buf_slice(&ps->joined)), ps->began, end);
    return true;
}

struct sv_node *sv_unit_parse(struct sv_syntax *sx, uint32_t file)
{
    struct sv_slice text = sv_source_get(sx->sources, file)->text;
    _cleanup_buf_ struct sv_buf joined = {0};
    struct parser ps = {.sx = sx, .file = file, .root = sv_new(sx->arena, struct sv_node)};
    bool good = true;
    ps.root->kind = SV_NODE_ROOT;
    for (size_t at = sv_slice_starts(text, "\xef\xbb\xbf") ? 3 : 0; good && at < text.n;) {
        struct sv_slice rest = sv_slice_sub(text, at, text.n);
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        good = physical_line(&ps, line, at);
        at += line.n + 1;
    }
    if (ps.joining && good)
        logical_line(&ps, sv_arena_copy(sx->arena, sv_buf_slice(&ps.joined)), ps.began, text.n);
    joined = ps.joined;
    return ps.root;
}
