// SPDX-License-Identifier: Apache-2.0
// The forgiving reader of YAML: a line's indentation says what it belongs to; templates and errors
// spoil their own lines only.
#include "base/limits.h"
#include "secrets/doc.h"

struct level {
    size_t indent;
    struct sv_doc *node;
};

struct yaml {
    struct sv_doc_maker make;
    struct sv_slice text;
    size_t at;
    struct level open[SV_MAX_DOC_DEPTH];
    unsigned depth;
};

static size_t indent_of(struct sv_slice line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

/* The line at `at` without its end; moves on. */
static struct sv_slice next_line(struct yaml *y)
{
    struct sv_slice rest = sv_slice_sub(y->text, y->at, y->text.n);
    struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
    y->at += line.n + (line.n < rest.n);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* The index of the colon that ends a key; s.n if there is none. */
static size_t key_end(struct sv_slice s)
{
    char quote = s.n && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : '\0';
    for (size_t i = quote != 0; i < s.n; i++) {
        if (quote)
            quote = s.p[i] == quote ? '\0' : quote;
        else if (s.p[i] == ':' && (i + 1 == s.n || s.p[i + 1] == ' '))
            return i;
        else if (s.p[i] == '#' && i && s.p[i - 1] == ' ')
            break;
    }
    return s.n;
}

static struct sv_slice unquoted(struct sv_slice s)
{
    s = sv_slice_trim(s);
    return s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0]
               ? sv_slice_sub(s, 1, s.n - 1)
               : s;
}

/* Two quotes are one, and in double quotes a backslash escapes. */
static struct sv_slice quoted_text(struct sv_arena *a, struct sv_slice s, char quote,
                                   size_t *ret_end)
{
    char *out = sv_arena_alloc(a, s.n + 1);
    size_t n = 0, i = 1;
    for (; i < s.n; i++) {
        bool doubled = quote == '\'' && s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote;
        bool escaped = quote == '"' && s.p[i] == '\\' && i + 1 < s.n &&
                       (s.p[i + 1] == '"' || s.p[i + 1] == '\\');
        if (s.p[i] == quote && !doubled)
            break;
        i += doubled || escaped;
        out[n++] = s.p[i];
    }
    *ret_end = i;
    return n + 1 == i ? sv_slice_sub(s, 1, i) : (struct sv_slice){out, n};
}

/* A plain or quoted scalar without the comment behind it; its place in the file too. */
static struct sv_slice scalar(struct sv_arena *a, struct sv_slice s, const char **ret_at)
{
    size_t end;
    s = sv_slice_trim(s);
    char quote = s.n && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : '\0';
    *ret_at = s.p + 1;
    struct sv_slice text = quote ? quoted_text(a, s, quote, &end) : s;
    if (quote && end < s.n)
        return text;
    *ret_at = s.p;
    for (size_t i = 1; i < s.n; i++)
        if (quote ? s.p[i] == quote : s.p[i] == '#' && s.p[i - 1] == ' ')
            return unquoted(sv_slice_sub(s, 0, i + (quote != 0)));
    return unquoted(s);
}

/* The lines of a block scalar, which are indented deeper than its key; their common indentation is
 * left in, for a secret is on one line or is PEM. */
static struct sv_slice block(struct yaml *y, size_t indent)
{
    size_t from = y->at, end = from;
    while (y->at < y->text.n) {
        size_t back = y->at;
        struct sv_slice line = next_line(y);
        if (sv_slice_trim(line).n && indent_of(line) <= indent) {
            y->at = back;
            break;
        }
        end = y->at;
    }
    return sv_slice_trim(sv_slice_sub(y->text, from, end));
}

/* Closes what is indented as deep or deeper. */
static struct sv_doc *parent_for(struct yaml *y, size_t indent, bool item)
{
    while (y->depth > 1) {
        const struct level *top = &y->open[y->depth - 1];
        /* "- a" may stand as deep as the key whose list it is. */
        bool own_list = item && top->indent == indent && top->node->kind != SV_DOC_TEXT &&
                        !(top->node->parent && top->node->parent->kind == SV_DOC_LIST);
        if (top->indent < indent || own_list)
            break;
        y->depth--;
    }
    return y->open[y->depth - 1].node;
}

static bool push(struct yaml *y, size_t indent, struct sv_doc *node)
{
    if (!node || y->depth == SV_MAX_DOC_DEPTH)
        return false;
    y->open[y->depth++] = (struct level){indent, node};
    return true;
}

/* "key: value", "key:" or a scalar, at `indent`. */
static bool entry(struct yaml *y, struct sv_doc *in, struct sv_slice s, size_t indent)
{
    size_t colon = key_end(s);
    struct sv_slice name = {"", 0}, rest = s;
    if (colon < s.n) {
        in->kind = SV_DOC_MAP;
        name = unquoted(sv_slice_sub(s, 0, colon));
        rest = sv_slice_trim(sv_slice_sub(s, colon + 1, s.n));
    }
    if (rest.n && rest.p[0] == '#')
        rest.n = 0;
    struct sv_doc *n = sv_doc_add(&y->make, in, SV_DOC_TEXT, name);
    if (!n)
        return false;
    const char *at = rest.p;
    if (rest.n && (rest.p[0] == '|' || rest.p[0] == '>')) {
        n->text = block(y, indent);
        at = n->text.p;
    } else {
        n->text = scalar(y->make.arena, rest, &at);
    }
    n->offset = n->text.n ? (size_t)(at - y->text.p) : 0;
    if (rest.n == 0) {
        n->kind = SV_DOC_MAP; /* until an item says otherwise */
        return push(y, indent, n);
    }
    return true;
}

static bool is_item(struct sv_slice s)
{
    return s.n && s.p[0] == '-' && (s.n == 1 || s.p[1] == ' ');
}

static bool open_item(struct yaml *y, struct sv_doc *list, size_t indent)
{
    return push(y, indent, sv_doc_add(&y->make, list, SV_DOC_MAP, SV_LIT("")));
}

/* A line's dashes open items, what follows stands in the last of them. */
static bool line_of(struct yaml *y, struct sv_slice line)
{
    size_t indent = indent_of(line);
    struct sv_slice s = sv_slice_sub(line, indent, line.n);
    bool item = false;
    while (is_item(s)) {
        struct sv_doc *list = parent_for(y, indent, true);
        list->kind = SV_DOC_LIST;
        size_t skip = 1 + indent_of(sv_slice_sub(s, 1, s.n));
        s = sv_slice_sub(s, skip, s.n);
        if (key_end(s) == s.n && !is_item(s))
            return s.n == 0 ? open_item(y, list, indent) : entry(y, list, s, indent);
        if (!open_item(y, list, indent))
            return false;
        indent += skip;
        item = true;
    }
    struct sv_doc *in = item ? y->open[y->depth - 1].node : parent_for(y, indent, false);
    return key_end(s) == s.n || entry(y, in, s, indent);
}

struct sv_doc *sv_doc_yaml(struct sv_arena *a, struct sv_slice text)
{
    struct yaml *y = sv_new(a, struct yaml);
    struct sv_doc *root = sv_new(a, struct sv_doc);
    *y = (struct yaml){.make = {.arena = a}, .text = text};
    root->kind = SV_DOC_LIST;
    bool begin = true;
    while (y->at < text.n) {
        struct sv_slice line = next_line(y), s = sv_slice_trim(line);
        if (sv_slice_starts(line, "---") || begin) {
            struct sv_doc *doc = sv_doc_add(&y->make, root, SV_DOC_MAP, SV_LIT(""));
            y->depth = 0;
            if (!push(y, 0, doc))
                break;
        }
        begin = false;
        if (s.n == 0 || s.p[0] == '#' || sv_slice_starts(line, "---"))
            continue;
        if (!line_of(y, line))
            break;
    }
    return root;
}
