// SPDX-License-Identifier: Apache-2.0
// The tree of a document, and the forgiving reader of JSON: comments, trailing commas, JSON lines.
#include "secrets/doc.h"

#include "base/limits.h"

struct sv_doc *sv_doc_add(struct sv_doc_maker *m, struct sv_doc *parent, enum sv_doc_kind kind,
                          struct sv_slice name)
{
    if (m->nodes++ >= SV_MAX_DOC_NODES)
        return NULL;
    struct sv_doc *n = sv_new(m->arena, struct sv_doc);
    *n = (struct sv_doc){.kind = kind, .name = name, .parent = parent};
    if (parent->last)
        parent->last->next = n;
    else
        parent->first = n;
    parent->last = n;
    return n;
}

struct sv_doc *sv_doc_get(const struct sv_doc *map, const char *name)
{
    sv_doc_each(e, map)
    {
        if (map->kind == SV_DOC_MAP && sv_slice_is(e->name, name))
            return e;
    }
    return NULL;
}

struct sv_slice sv_doc_text(const struct sv_doc *map, const char *name)
{
    const struct sv_doc *e = sv_doc_get(map, name);
    return e && e->kind == SV_DOC_TEXT ? e->text : (struct sv_slice){"", 0};
}

struct sv_doc *sv_doc_after(const struct sv_doc *root, struct sv_doc *n)
{
    if (n->first)
        return n->first;
    while (n != root && !n->next)
        n = n->parent;
    return n == root ? NULL : n->next;
}

/* ---- JSON ---- */

struct json {
    struct sv_doc_maker make;
    struct sv_slice text;
    size_t at;
};

/* Moves over blanks, commas and comments. */
static void skip(struct json *j)
{
    while (j->at < j->text.n) {
        struct sv_slice rest = sv_slice_sub(j->text, j->at, j->text.n);
        if (rest.p[0] && strchr(" \t\r\n,", rest.p[0])) {
            j->at++;
        } else if (sv_slice_starts(rest, "//")) {
            j->at += sv_slice_chr(rest, '\n');
        } else if (sv_slice_starts(rest, "/*")) {
            size_t end = sv_slice_find(rest, "*/");
            j->at += end < rest.n ? end + 2 : rest.n;
        } else {
            return;
        }
    }
}

static char unescaped(char c)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    const char *at = c ? strchr(names, c) : NULL;
    return at ? values[at - names] : c;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'              ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                              : -1;
}

/* The four digits of \u: ASCII comes out, all else as '?': no secret has it. */
static char code_point(struct sv_slice digits)
{
    int v = 0;
    bool all = digits.n == 4;
    for (size_t i = 0; i < digits.n; i++) {
        all &= hex(digits.p[i]) >= 0;
        v = v * 16 + (all ? hex(digits.p[i]) : 0);
    }
    return all && v > 0 && v < 0x80 ? (char)v : '?';
}

/* A string from its quote on; one without escapes stays where it is. */
static struct sv_slice string(struct json *j)
{
    size_t from = ++j->at, n = 0;
    bool escapes = false;
    while (j->at < j->text.n && j->text.p[j->at] != '"' && j->text.p[j->at] != '\n') {
        escapes |= j->text.p[j->at] == '\\';
        j->at += j->text.p[j->at] == '\\' ? 2 : 1;
    }
    struct sv_slice raw = sv_slice_sub(j->text, from, j->at);
    j->at = j->at < j->text.n ? j->at + 1 : j->text.n;
    if (!escapes)
        return raw;
    char *out = sv_arena_alloc(j->make.arena, raw.n + 1);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] != '\\' || i + 1 == raw.n) {
            out[n++] = raw.p[i];
        } else if (raw.p[++i] == 'u') {
            out[n++] = code_point(sv_slice_sub(raw, i + 1, i + 5));
            i += raw.n - i > 4 ? 4 : raw.n - i - 1;
        } else {
            out[n++] = unescaped(raw.p[i]);
        }
    }
    return (struct sv_slice){out, n};
}

/* A number or a word, up to what ends it. */
static struct sv_slice bare(struct json *j)
{
    size_t from = j->at;
    while (j->at < j->text.n && !(j->text.p[j->at] && strchr(" \t\r\n,{}[]:\"", j->text.p[j->at])))
        j->at++;
    j->at += j->at == from; /* of no use here */
    return sv_slice_sub(j->text, from, j->at);
}

struct sv_doc *sv_doc_json(struct sv_arena *a, struct sv_slice text)
{
    struct json j = {.make = {.arena = a}, .text = text};
    struct sv_doc *root = sv_new(a, struct sv_doc), *in = root, *made;
    unsigned depth = 0;
    root->kind = SV_DOC_LIST;
    for (skip(&j); j.at < text.n; skip(&j)) {
        struct sv_slice name = {"", 0};
        char c = text.p[j.at];
        if (c == '}' || c == ']') {
            j.at++;
            in = in->parent ? in->parent : in;
            depth -= depth > 0;
            continue;
        }
        if (in->kind == SV_DOC_MAP) {
            name = c == '"' ? string(&j) : bare(&j);
            skip(&j);
            if (j.at < text.n && (text.p[j.at] == ':' || text.p[j.at] == '=')) /* TOML's */
                j.at++;
            skip(&j);
            c = j.at < text.n ? text.p[j.at] : '\0';
            if (c == '}' || c == ']')
                continue;
        }
        bool opens = c == '{' || c == '[';
        size_t at = j.at + (c == '"');
        if (opens && ++depth > SV_MAX_DOC_DEPTH)
            break;
        made = sv_doc_add(&j.make, in,
                          c == '{' ? SV_DOC_MAP : c == '[' ? SV_DOC_LIST : SV_DOC_TEXT, name);
        if (!made)
            break;
        if (opens) {
            j.at++;
            in = made;
            continue;
        }
        made->offset = at < text.n ? at : text.n;
        made->text = c == '"' ? string(&j) : bare(&j);
    }
    return root;
}
