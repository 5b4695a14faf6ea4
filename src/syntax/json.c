// SPDX-License-Identifier: Apache-2.0
// A JSON reader with an explicit stack: no recursion, no copies but of what is unescaped.
#include "syntax/json.h"

#include <stdlib.h>

#include "base/limits.h"

struct reader {
    struct sv_syntax *sx;
    struct sv_slice text;
    uint32_t file;
    size_t at, n_nodes;
    struct sv_node *open[SV_MAX_JSON_DEPTH];
    unsigned depth;
    const char *wrong; /* what was expected */
};

static bool fail(struct reader *r, const char *what)
{
    r->wrong = r->wrong ? r->wrong : what;
    return false;
}

static int peek(const struct reader *r)
{
    return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void blanks(struct reader *r)
{
    while (r->at < r->text.n && strchr(" \t\r\n", r->text.p[r->at]) && r->text.p[r->at])
        r->at++;
}

static bool hex4(struct reader *r, unsigned *ret)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        int c = peek(r), d = c >= '0' && c <= '9'   ? c - '0'
                             : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                                  : -1;
        if (c < 0 || d < 0)
            return fail(r, "four hexadecimal digits were expected");
        v = v * 16 + (unsigned)d;
        r->at++;
    }
    *ret = v;
    return true;
}

/* Behind "\u": one code point; the second half of a surrogate pair is taken too. */
static bool code_point(struct reader *r, unsigned *ret)
{
    unsigned c, low;
    if (!hex4(r, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00 && sv_slice_starts(sv_slice_sub(r->text, r->at, r->text.n), "\\u")) {
        size_t back = r->at;
        r->at += 2;
        if (!hex4(r, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000) {
            *ret = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            return true;
        }
        r->at = back;
    }
    *ret = c >= 0xd800 && c < 0xe000 ? 0xfffd : c;
    return true;
}

static bool string(struct reader *r, struct sv_slice *ret)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    size_t from = ++r->at, end = from, n = 0;
    while (end < r->text.n && r->text.p[end] != '"')
        end += r->text.p[end] == '\\' ? 2 : 1;
    if (end >= r->text.n)
        return fail(r, "this string is never closed");
    /* An escape is never shorter than what it stands for. */
    char *out = sv_arena_alloc(r->sx->arena, end - from + 1);
    while (r->at < end) {
        char c = r->text.p[r->at++];
        if ((unsigned char)c < 0x20)
            return fail(r, "a control character in a string must be escaped");
        if (c != '\\') {
            out[n++] = c;
            continue;
        }
        char e = r->text.p[r->at++];
        const char *known = e ? strchr(names, e) : NULL;
        unsigned point;
        if (known)
            out[n++] = values[known - names];
        else if (e != 'u' || !code_point(r, &point))
            return fail(r, "this escape is not known");
        else
            n += sv_put_utf8(out + n, point);
    }
    r->at = end + 1;
    out[n] = '\0';
    *ret = (struct sv_slice){out, n};
    return true;
}

/* true, false, null, and numbers as far as their characters go. */
static bool bare(struct reader *r, struct sv_slice *ret)
{
    static const char *const words[] = {"true", "false", "null"};
    struct sv_slice rest = sv_slice_sub(r->text, r->at, r->text.n);
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (sv_slice_starts(rest, words[i]))
            n = strlen(words[i]);
    if (!n && rest.n && (rest.p[0] == '-' || (rest.p[0] >= '0' && rest.p[0] <= '9')))
        while (n < rest.n && rest.p[n] && strchr("+-.eE0123456789", rest.p[n]))
            n++;
    if (!n)
        return fail(r, "a value was expected");
    *ret = sv_slice_sub(rest, 0, n);
    r->at += n;
    return true;
}

static struct sv_node *add(struct reader *r, enum sv_node_kind kind, struct sv_slice name,
                           size_t from)
{
    struct sv_node *n = sv_new(r->sx->arena, struct sv_node);
    n->kind = kind;
    n->name = name;
    n->head = n->span = (struct sv_span){r->file, (uint32_t)from, (uint32_t)r->at};
    sv_node_append(r->open[r->depth - 1], n);
    return n;
}

static bool value(struct reader *r, struct sv_slice name, size_t from)
{
    int c = peek(r);
    if (++r->n_nodes > SV_MAX_JSON_NODES)
        return fail(r, "fewer values were expected");
    if (c == '{' || c == '[') {
        r->at++;
        if (r->depth == SV_MAX_JSON_DEPTH)
            return fail(r, "less nesting was expected");
        struct sv_node *n = add(r, c == '{' ? SV_NODE_MAP : SV_NODE_LIST, name, from);
        r->open[r->depth++] = n;
        return true;
    }
    size_t start = r->at;
    struct sv_slice text;
    if (c == '"' ? !string(r, &text) : !bare(r, &text))
        return false;
    struct sv_node *n = add(r, SV_NODE_VALUE, name, from);
    n->args = sv_new(r->sx->arena, struct sv_arg);
    n->args[0] = (struct sv_arg){.value = text, .quote = c == '"' ? '"' : 0,
                                 .span = {r->file, (uint32_t)start, (uint32_t)r->at}};
    n->n_args = 1;
    return true;
}

/* One member of the innermost map or list, or its end. */
static bool member(struct reader *r)
{
    struct sv_node *in = r->open[r->depth - 1];
    bool map = in->kind == SV_NODE_MAP;
    struct sv_slice name = {"", 0};
    blanks(r);
    if (peek(r) == (map ? '}' : ']')) {
        in->span.end = (uint32_t)++r->at;
        r->depth--;
        return true;
    }
    if (in->first && peek(r) != ',')
        return fail(r, map ? "\",\" or \"}\" was expected" : "\",\" or \"]\" was expected");
    r->at += in->first != NULL;
    blanks(r);
    size_t from = r->at;
    if (map) {
        if (peek(r) != '"')
            return fail(r, "a key in quotes was expected");
        if (!string(r, &name))
            return false;
        blanks(r);
        if (peek(r) != ':')
            return fail(r, "\":\" was expected");
        r->at++;
        blanks(r);
    }
    return value(r, name, from);
}

struct sv_node *sv_json_parse(struct sv_syntax *sx, uint32_t file)
{
    struct reader r = {.sx = sx, .text = sv_source_get(sx->sources, file)->text, .file = file};
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    root->kind = SV_NODE_ROOT;
    r.open[r.depth++] = root;
    if (sv_slice_starts(r.text, "\xef\xbb\xbf"))
        r.at = 3;
    blanks(&r);
    bool good = value(&r, SV_LIT(""), r.at);
    while (good && r.depth > 1)
        good = member(&r);
    blanks(&r);
    if (good && r.at < r.text.n)
        good = fail(&r, "the end of the file was expected");
    if (!good && sx->diags)
        sv_diag_at(sx->diags, SV_DIAG_ERROR,
                   (struct sv_span){file, (uint32_t)r.at, (uint32_t)r.at}, "not JSON: %s", r.wrong);
    return good ? root : NULL;
}

const struct sv_node *sv_json_entry(const struct sv_node *map, const char *name)
{
    return map && map->kind == SV_NODE_MAP ? sv_node_find_last(map, name) : NULL;
}

struct sv_slice sv_json_string(const struct sv_node *n)
{
    bool is = n && n->kind == SV_NODE_VALUE && n->n_args && n->args[0].quote;
    return is ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
}

bool sv_json_true(const struct sv_node *n)
{
    return n && sv_slice_is(sv_node_arg(n, 0), "true") && !n->args[0].quote;
}
