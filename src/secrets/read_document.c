// SPDX-License-Identifier: Apache-2.0
// Settings in JSON and YAML whose names say password.
#include "base/arena.h"
#include "secrets/doc.h"
#include "secrets/readers.h"

/* A tag, an alias, an anchor: what follows is kept elsewhere. */
static bool is_yaml_sign(const struct sv_reading *r, const struct sv_doc *n)
{
    bool quoted = n->offset && strchr("\"'", r->text.p[n->offset - 1]);
    return !quoted && strchr("!*&[|>", n->text.p[0]);
}

static void note(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice name,
                 struct sv_slice v, size_t offset)
{
    if (sv_reading_names_secret(name, v))
        sv_reading_note(r, g->rule, v, offset);
}

static size_t item_end(struct sv_slice s)
{
    char quote = '\0';
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quote ? c == quote : c == '"' || (c == '\'' && i && s.p[i - 1] == ' '))
            quote = quote ? '\0' : c;
        else if (!quote && c == ',')
            return i;
    }
    return s.n;
}

/* { password: x, type: text } on one line, which the reader of YAML leaves as a text. */
static void note_flow(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice s)
{
    for (s = sv_slice_sub(s, 1, s.n); s.n;) {
        size_t n = item_end(s);
        struct sv_slice item = sv_slice_sub(s, 0, n);
        size_t colon = sv_slice_chr(item, ':');
        struct sv_slice v = sv_slice_trim(sv_slice_sub(item, colon + 1, item.n));
        v = sv_slice_sub(v, 0, v.n - (v.n && n >= s.n && v.p[v.n - 1] == '}'));
        struct sv_slice bare = sv_reading_value(r, v);
        note(r, g, sv_slice_trim(sv_slice_sub(item, 0, colon)), bare,
             (size_t)(v.p - r->text.p) + (bare.p != v.p));
        s = sv_slice_sub(s, n + 1, s.n);
    }
}

/* cloud-init: "list: |" of user:password. */
static void note_logins(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice list)
{
    struct sv_reading inner = *r;
    inner.text = list;
    inner.base = (size_t)(list.p - r->text.p);
    sv_read_fields(&inner,
                   &(struct sv_line_grammar){.rule = g->rule, .colons = 1, .flags = SV_READ_RAW});
}

static void note_entry(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_doc *n)
{
    struct sv_slice in = n->parent ? n->parent->name : SV_LIT("");
    bool inside = n->text.p >= r->text.p && n->text.p < r->text.p + r->text.n;
    if (n->text.n < 2 || n->offset >= r->text.n)
        return;
    if (sv_slice_is(in, "chpasswd") && sv_slice_is(n->name, "list") && inside)
        note_logins(r, g, n->text);
    else if (sv_slice_starts(n->name, "{") && inside && n->name.p > r->text.p &&
             n->name.p < n->text.p)
        note_flow(r, g, (struct sv_slice){n->name.p, (size_t)(n->text.p - n->name.p) + n->text.n});
    else if (n->text.p[0] == '{' && n->text.p[n->text.n - 1] == '}' && inside)
        note_flow(r, g, n->text);
    else if (sv_slice_is(n->name, "content") && inside && sv_slice_chr(n->text, '=') < n->text.n) {
        struct sv_reading inner = {
            .a = r->a, .text = n->text, .out = r->out, .base = (size_t)(n->text.p - r->text.p)};
        sv_read_dotenv(&inner, &(struct sv_line_grammar){.rule = g->rule});
    } else if (!is_yaml_sign(r, n)) {
        struct sv_reading inner = *r;
        bool jwt = sv_slice_is_nocase(in, "jwt") && sv_slice_is_nocase(n->name, "key");
        inner.by_place = true;
        inner.place = n->offset;
        sv_reading_connection(&inner, n->text);
        note(r, g, jwt ? SV_LIT("jwtkey") : n->name, n->text, n->offset);
    }
}

static void walk(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_doc *root)
{
    for (struct sv_doc *n = root->first; n; n = sv_doc_after(root, n))
        if (n->kind == SV_DOC_TEXT)
            note_entry(r, g, n);
}

void sv_read_json(struct sv_reading *r, const struct sv_line_grammar *g)
{
    walk(r, g, sv_doc_json(r->a, r->text));
}

void sv_read_yaml(struct sv_reading *r, const struct sv_line_grammar *g)
{
    walk(r, g, sv_doc_yaml(r->a, r->text));
}
