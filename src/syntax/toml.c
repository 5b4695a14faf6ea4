// SPDX-License-Identifier: Apache-2.0
// A TOML reader for tables of strings, switches and lists of them: line by line, no recursion.
#include "syntax/toml.h"

#include "base/limits.h"

struct reader {
    struct sv_syntax *sx;
    struct sv_slice text;
    uint32_t file;
    size_t at, n_nodes;
    struct sv_node *table;
};

static int peek(const struct reader *r)
{
    return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void blanks(struct reader *r, bool lines)
{
    const char *which = lines ? " \t\r\n#" : " \t\r";
    for (int c; (c = peek(r)) > 0 && strchr(which, c);)
        if (c == '#')
            r->at += sv_slice_chr(sv_slice_sub(r->text, r->at, r->text.n), '\n');
        else
            r->at++;
}

static void skip_line(struct reader *r)
{
    r->at += sv_slice_chr(sv_slice_sub(r->text, r->at, r->text.n), '\n');
}

static void complain(struct reader *r, size_t from, const char *what)
{
    if (r->sx->diags)
        sv_diag_at(r->sx->diags, SV_DIAG_ERROR,
                   (struct sv_span){r->file, (uint32_t)from, (uint32_t)r->at}, "%s", what);
}

static struct sv_node *add(struct reader *r, struct sv_node *in, enum sv_node_kind kind,
                           struct sv_slice name, size_t from)
{
    struct sv_node *n = sv_new(r->sx->arena, struct sv_node);
    n->kind = kind;
    n->name = name;
    n->head = n->span = (struct sv_span){r->file, (uint32_t)from, (uint32_t)r->at};
    r->n_nodes++;
    sv_node_append(in, n);
    return n;
}

/* Where the text that begins at `from` ends: at its quotes, at the line's end, or the file's. */
static size_t end_of(struct sv_slice rest, size_t from, char q, bool three)
{
    size_t i = from;
    for (; i < rest.n; i++) {
        if (rest.p[i] == '\\' && q == '"' && i + 1 < rest.n) {
            i++;
            continue;
        }
        if (!three && rest.p[i] == '\n')
            break;
        if (rest.p[i] == q &&
            (!three || (i + 2 < rest.n && rest.p[i + 1] == q && rest.p[i + 2] == q)))
            break;
    }
    return i;
}

/* "..." with escapes, '...' without; three quotes run over lines. False: never closed. */
static bool quoted(struct reader *r, struct sv_slice *ret)
{
    static const char from[] = "btnfr", to[] = "\b\t\n\f\r";
    char q = r->text.p[r->at];
    struct sv_slice rest = sv_slice_sub(r->text, r->at, r->text.n);
    bool three = rest.n >= 3 && rest.p[1] == q && rest.p[2] == q;
    size_t i = three ? 3 : 1, n = 0, end = end_of(rest, i, q, three);
    char *out = sv_arena_alloc(r->sx->arena, end - i + 1);
    for (; i < end; i++) {
        const char *known = NULL;
        if (rest.p[i] == '\\' && q == '"' && i + 1 < end)
            known = strchr(from, rest.p[++i]);
        out[n++] = known && *known ? to[known - from] : rest.p[i];
    }
    bool closed = end < rest.n && rest.p[end] == q;
    r->at += closed ? end + (three ? 3 : 1) : end;
    out[n] = '\0';
    *ret = (struct sv_slice){out, n};
    return closed;
}

static bool scalar(struct reader *r, struct sv_node *in, struct sv_slice name, size_t from)
{
    size_t start = r->at;
    char quote = peek(r) == '"' || peek(r) == '\'' ? (char)peek(r) : 0;
    struct sv_slice s;
    if (quote) {
        if (!quoted(r, &s)) {
            complain(r, from, "this string is never closed");
            return false;
        }
    } else {
        while (peek(r) > 0 && !strchr(" \t\r\n,]#}", peek(r)))
            r->at++;
        s = sv_slice_sub(r->text, start, r->at);
    }
    struct sv_node *n = add(r, in, SV_NODE_VALUE, name, from);
    n->args = sv_new(r->sx->arena, struct sv_arg);
    n->args[0] = (struct sv_arg){.value = s, .quote = quote,
                                 .span = {r->file, (uint32_t)start, (uint32_t)r->at}};
    n->n_args = 1;
    return true;
}

/* Lists in lists and inline tables hold nothing that is asked for: their brackets are counted. */
static void pass_over(struct reader *r)
{
    unsigned depth = 0;
    struct sv_slice ignored;
    do {
        int c = peek(r);
        if (c == '"' || c == '\'') {
            (void)quoted(r, &ignored);
            continue;
        }
        depth += c == '[' || c == '{';
        depth -= (c == ']' || c == '}') && depth;
        r->at++;
    } while (depth && r->at < r->text.n);
}

static bool list(struct reader *r, struct sv_slice name, size_t from)
{
    struct sv_node *n = add(r, r->table, SV_NODE_LIST, name, from);
    for (r->at++;;) {
        blanks(r, true);
        int c = peek(r);
        if (c < 0 || r->n_nodes > SV_MAX_YAML_NODES) {
            complain(r, from, "this list is never closed");
            return false;
        }
        if (c == ']')
            break;
        if (c == '[' || c == '{')
            pass_over(r);
        else if (c == ',')
            r->at++;
        else if (!scalar(r, n, SV_LIT(""), r->at) || r->at == n->last->span.start)
            return false;
    }
    n->span.end = (uint32_t)++r->at;
    return true;
}

static void table(struct reader *r, struct sv_node *root)
{
    size_t from = r->at;
    skip_line(r);
    struct sv_slice line = sv_slice_sub(r->text, from, r->at);
    size_t open = sv_slice_starts(line, "[[") ? 2 : 1, close = sv_slice_chr(line, ']');
    if (close == line.n) {
        complain(r, from, "\"]\" was expected");
        return;
    }
    r->table = add(r, root, SV_NODE_MAP, sv_slice_trim(sv_slice_sub(line, open, close)), from);
}

static void entry(struct reader *r)
{
    size_t from = r->at;
    struct sv_slice name;
    if (peek(r) == '"' || peek(r) == '\'') {
        if (!quoted(r, &name))
            return complain(r, from, "this key is never closed");
    } else {
        while (peek(r) > 0 && !strchr("= \t\r\n#", peek(r)))
            r->at++;
        name = sv_slice_sub(r->text, from, r->at);
    }
    blanks(r, false);
    if (peek(r) != '=' || name.n == 0) {
        skip_line(r);
        return complain(r, from, "NAME = VALUE was expected");
    }
    r->at++;
    blanks(r, false);
    if (peek(r) == '[')
        (void)list(r, name, from);
    else if (peek(r) == '{')
        pass_over(r);
    else
        (void)scalar(r, r->table, name, from);
    skip_line(r);
}

struct sv_node *sv_toml_parse(struct sv_syntax *sx, uint32_t file)
{
    struct reader r = {.sx = sx, .text = sv_source_get(sx->sources, file)->text, .file = file};
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    root->kind = SV_NODE_ROOT;
    r.table = add(&r, root, SV_NODE_MAP, SV_LIT(""), 0);
    for (blanks(&r, true); r.at < r.text.n; blanks(&r, true)) {
        if (r.n_nodes > SV_MAX_YAML_NODES) {
            complain(&r, r.at, "fewer values were expected; the rest is not read");
            break;
        }
        if (peek(&r) == '[')
            table(&r, root);
        else
            entry(&r);
    }
    return root;
}
