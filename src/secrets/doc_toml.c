// SPDX-License-Identifier: Apache-2.0
// The forgiving reader of TOML: tables by their headers, a setting a line, arrays and inline tables
// of one line as JSON.
#include "secrets/doc.h"

/* The entry of that name below `in`, made if it is not there. */
static struct sv_doc *enter(struct sv_doc_maker *m, struct sv_doc *in, struct sv_slice name)
{
    sv_doc_each(e, in)
    {
        if (e->kind == SV_DOC_MAP && sv_slice_eq(e->name, name))
            return e;
    }
    return sv_doc_add(m, in, SV_DOC_MAP, name);
}

static struct sv_slice unquoted(struct sv_slice s)
{
    s = sv_slice_trim(s);
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return quoted ? sv_slice_sub(s, 1, s.n - 1) : s;
}

/* "[a.b.c]", "[[a]]": each part is a step down from the root. */
static struct sv_doc *table(struct sv_doc_maker *m, struct sv_doc *root, struct sv_slice line)
{
    enum { MAX_STEPS = 16 };
    struct sv_doc *at = root;
    size_t from = 0;
    while (from < line.n && line.p[from] == '[')
        from++;
    struct sv_slice path = sv_slice_sub(line, from, sv_slice_chr(line, ']'));
    for (unsigned n = 0; path.n && at && n < MAX_STEPS; n++) {
        struct sv_slice step = sv_slice_sub(path, 0, sv_slice_chr(path, '.'));
        path = sv_slice_sub(path, step.n + 1, path.n);
        at = enter(m, at, unquoted(step));
    }
    return at;
}

/* A string up to its closing quote, or a bare word up to a comment. */
static struct sv_slice scalar(struct sv_slice s)
{
    char quote = s.p[0] == '"' || s.p[0] == '\'' ? s.p[0] : '\0';
    struct sv_slice rest = sv_slice_sub(s, quote != 0, s.n);
    return quote ? sv_slice_sub(rest, 0, sv_slice_chr(rest, quote))
                 : sv_slice_trim(sv_slice_sub(rest, 0, sv_slice_chr(rest, '#')));
}

/* What JSON's reader makes of an array or an inline table becomes the entry's own. */
static void adopt(struct sv_doc_maker *m, struct sv_doc *entry, struct sv_slice value,
                  struct sv_slice text)
{
    struct sv_doc *parsed = sv_doc_json(m->arena, value)->first;
    if (!parsed || parsed->kind == SV_DOC_TEXT)
        return;
    entry->kind = parsed->kind;
    entry->first = parsed->first;
    entry->last = parsed->last;
    for (struct sv_doc *d = sv_doc_after(parsed, parsed); d; d = sv_doc_after(parsed, d)) {
        d->offset += (size_t)(value.p - text.p);
        m->nodes++;
    }
    sv_doc_each(e, entry)
    {
        e->parent = entry;
    }
}

struct sv_doc *sv_doc_toml(struct sv_arena *a, struct sv_slice text)
{
    struct sv_doc_maker m = {.arena = a};
    struct sv_doc *list = sv_new(a, struct sv_doc), *root, *in;
    list->kind = SV_DOC_LIST;
    in = root = sv_doc_add(&m, list, SV_DOC_MAP, SV_LIT(""));
    for (struct sv_slice rest = text; rest.n && in;) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        line = sv_slice_trim(line);
        size_t equal = sv_slice_chr(line, '=');
        if (line.n && line.p[0] == '[')
            in = table(&m, root, line);
        if (!in || line.n == 0 || line.p[0] == '[' || line.p[0] == '#' || equal == line.n)
            continue;
        struct sv_slice value = sv_slice_trim(sv_slice_sub(line, equal + 1, line.n));
        struct sv_doc *e =
            sv_doc_add(&m, in, SV_DOC_TEXT, unquoted(sv_slice_sub(line, 0, equal)));
        if (!e)
            break;
        if (value.n && (value.p[0] == '[' || value.p[0] == '{')) {
            adopt(&m, e, value, text);
        } else if (value.n) {
            e->text = scalar(value);
            e->offset = (size_t)(e->text.p - text.p);
        }
    }
    return list;
}
