// SPDX-License-Identifier: Apache-2.0
// Passwords in the attributes and elements of servers' XML files, well-formed or not.
#include <ctype.h>

#include "base/arena.h"
#include "secrets/readers.h"

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == ':';
}

static struct sv_slice unescaped(struct sv_arena *a, struct sv_slice v)
{
    static const struct {
        const char *as;
        char c;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'},  {"&gt;", '>'},   {"&quot;", '"'}, {"&apos;", '\''},
                 {"&#34;", '"'}, {"&#38;", '&'}, {"&#39;", '\''}, {"&#60;", '<'},  {"&#62;", '>'}};
    if (sv_slice_chr(v, '&') == v.n)
        return v;
    char *out = sv_arena_alloc(a, v.n);
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        char c = v.p[i];
        for (size_t k = 0; c == '&' && v.p[i] == '&' && k < sizeof names / sizeof *names; k++)
            if (sv_slice_starts(sv_slice_sub(v, i, v.n), names[k].as)) {
                c = names[k].c;
                i += strlen(names[k].as) - 1;
                break;
            }
        out[n++] = c;
    }
    return (struct sv_slice){out, n};
}

static void note(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice name,
                 struct sv_slice raw)
{
    struct sv_slice v = unescaped(r->a, raw);
    size_t offset = (size_t)(raw.p - r->text.p);
    if (sv_slice_is_nocase(name, "connectionString")) {
        struct sv_reading inner = *r;
        inner.by_place = true;
        inner.place = offset;
        sv_reading_connection(&inner, v);
    } else if (sv_reading_names_secret(name, v)) {
        sv_reading_note(r, g->rule, v, offset);
    }
}

/* The attributes of a tag, from behind its name; returns where its '>' stands. */
static size_t read_tag(struct sv_reading *r, const struct sv_line_grammar *g, size_t at,
                       bool *ret_sealed)
{
    struct sv_slice t = r->text, key = {"", 0}, value = {"", 0};
    while (at < t.n && t.p[at] != '>' && t.p[at] != '<') {
        size_t from = at;
        while (at < t.n && name_char(t.p[at]))
            at++;
        struct sv_slice name = sv_slice_sub(t, from, at);
        while (at < t.n && name.n && isspace((unsigned char)t.p[at]))
            at++;
        if (name.n == 0 || at >= t.n || t.p[at] != '=') {
            at += name.n == 0;
            continue;
        }
        for (at++; at < t.n && isspace((unsigned char)t.p[at]);)
            at++;
        if (at >= t.n || (t.p[at] != '"' && t.p[at] != '\''))
            continue;
        struct sv_slice rest = sv_slice_sub(t, at + 1, t.n);
        struct sv_slice v = sv_slice_sub(rest, 0, sv_slice_chr(rest, t.p[at]));
        at += v.n + 2;
        *ret_sealed |= sv_slice_is(name, "encoding") && sv_slice_is(v, "crypt");
        if (sv_slice_is(name, "key") || sv_slice_is(name, "name"))
            key = v;
        else if (sv_slice_is(name, "value"))
            value = v;
        else
            note(r, g, name, v);
    }
    if (key.n && value.n)
        note(r, g, key, value);
    return at < t.n ? at : t.n;
}

void sv_read_xml(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice t = r->text, param = {"", 0};
    for (size_t at = 0; at < t.n;) {
        struct sv_slice rest = sv_slice_sub(t, at, t.n);
        size_t open = sv_slice_chr(rest, '<');
        rest = sv_slice_sub(rest, open, rest.n);
        at += open;
        if (sv_slice_starts(rest, "<!--")) {
            at += sv_slice_find(rest, "-->") + 1;
            continue;
        }
        size_t from = ++at;
        while (at < t.n && name_char(t.p[at]))
            at++;
        struct sv_slice name = sv_slice_sub(t, from, at);
        bool sealed = false;
        if (name.n == 0)
            continue;
        at = read_tag(r, g, at, &sealed);
        bool element = at < t.n && t.p[at] == '>' && t.p[at - 1] != '/' && !sealed;
        rest = sv_slice_sub(t, at + 1, t.n);
        size_t end = sv_slice_chr(rest, '<');
        if (!element || end >= rest.n || !sv_slice_starts(sv_slice_sub(rest, end, rest.n), "</"))
            continue;
        struct sv_slice text = sv_slice_sub(rest, 0, end);
        note(r, g, sv_slice_is(name, "param-value") ? param : name, text);
        if (sv_slice_is(name, "param-name")) /* of web.xml: its value follows */
            param = sv_slice_trim(text);
    }
}
