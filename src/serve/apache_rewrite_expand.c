// SPDX-License-Identifier: Apache-2.0
// mod_rewrite's texts: variables, maps and back references are put in, in one pass.
#include <ctype.h>

#include "base/buf.h"
#include "serve/apache_rewrite.h"

/* The index of `c` outside of inner braces, text.n if the braces close before or never do. */
static size_t find_in_braces(struct sv_slice text, size_t from, char c)
{
    unsigned depth = 1;
    for (size_t i = from; i < text.n; i++) {
        if (text.p[i] == c && depth == 1)
            return i;
        if (text.p[i] == '{')
            depth++;
        else if (text.p[i] == '}' && --depth == 0)
            return text.n;
    }
    return text.n;
}

static bool must_escape(const struct ap_rule *rule, unsigned char c)
{
    if (sv_slice_chr(rule->no_escapes, (char)c) < rule->no_escapes.n)
        return false;
    if (rule->escapes.n)
        return sv_slice_chr(rule->escapes, (char)c) < rule->escapes.n;
    if (rule->flags & AP_R_ESCAPE_CONTROLS)
        return iscntrl(c) || c == ' ';
    return !isalnum(c) && c != '_';
}

static void add_escaped(struct sv_buf *out, const struct ap_rule *rule, struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!must_escape(rule, c))
            sv_buf_addc(out, (char)c);
        else if (c == ' ' && !(rule->flags & AP_R_NO_PLUS))
            sv_buf_addc(out, '+');
        else
            sv_buf_printf(out, "%%%02x", c);
    }
}

struct expansion {
    struct ap_rewriter *w;
    const struct ap_rule *rule;
    struct sv_buf *out;
    const char *why;
    bool literal_mark; /* the text itself had a question mark already */
    bool mark;         /* one came in before that */
};

static void add_value(struct expansion *e, struct sv_value v)
{
    if (v.why && !e->why)
        e->why = v.why;
    if (!e->literal_mark && sv_slice_chr(v.s, '?') < v.s.n)
        e->mark = true;
    sv_buf_add(e->out, v.s);
}

static void add_reference(struct expansion *e, char kind, unsigned n)
{
    const struct sv_match *m = kind == '$' ? &e->w->rule : &e->w->cond;
    if (n >= m->n || !m->group[n].p)
        return;
    if (e->rule && e->rule->flags & AP_R_ESCAPE)
        add_escaped(e->out, e->rule, m->group[n]);
    else
        add_value(e, (struct sv_value){.s = m->group[n]});
}

/* `depth` bounds keys inside keys: the braces of the text nest. */
static void expand(struct expansion *e, struct sv_slice text, unsigned depth);

static struct sv_value expand_part(struct expansion *e, struct sv_slice text, unsigned depth)
{
    _cleanup_buf_ struct sv_buf out = {0};
    struct expansion part = {.w = e->w, .rule = e->rule, .out = &out};
    expand(&part, text, depth + 1);
    return (struct sv_value){.s = sv_arena_copy(e->w->r->a, sv_buf_slice(&out)), .why = part.why};
}

/* ${map:key|default}; false if there is no colon. */
static bool add_map(struct expansion *e, struct sv_slice inner, unsigned depth)
{
    size_t colon = find_in_braces(inner, 0, ':');
    if (colon == inner.n)
        return false;
    size_t bar = find_in_braces(inner, colon + 1, '|');
    struct sv_value key = expand_part(e, sv_slice_sub(inner, colon + 1, bar), depth);
    struct sv_value v = key;
    if (!key.why) {
        v = ap_rewrite_map(e->w, sv_slice_sub(inner, 0, colon), key.s);
        if (!v.why && !v.s.p)
            v = expand_part(e, sv_slice_sub(inner, bar + 1, inner.n), depth);
    }
    add_value(e, v);
    return true;
}

/* The braces at text.p[i + 1]; false: they are plain text. *ret_end is past them. */
static bool add_braces(struct expansion *e, struct sv_slice text, size_t i, unsigned depth,
                       size_t *ret_end)
{
    size_t end = find_in_braces(text, i + 2, '}');
    if (end == text.n)
        return false;
    struct sv_slice inner = sv_slice_sub(text, i + 2, end);
    *ret_end = end + 1;
    if (text.p[i] == '$')
        return add_map(e, inner, depth);
    add_value(e, ap_var(e->w->r, inner));
    return true;
}

static void expand(struct expansion *e, struct sv_slice text, unsigned depth)
{
    if (depth > SV_MAX_EXPR_DEPTH) {
        e->why = "a substitution that nests too deeply";
        return;
    }
    for (size_t i = 0; i < text.n && !(e->out->n > SV_MAX_SUBST_BYTES);) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
        size_t end;
        if (c == '\\' && i + 1 < text.n) {
            sv_buf_addc(e->out, next);
            i += 2;
        } else if ((c == '$' || c == '%') && next == '{') {
            if (add_braces(e, text, i, depth, &end)) {
                i = end;
            } else {
                sv_buf_add(e->out, sv_slice_sub(text, i, i + 2));
                i += 2;
            }
        } else if ((c == '$' || c == '%') && isdigit((unsigned char)next)) {
            add_reference(e, c, (unsigned)(next - '0'));
            i += 2;
        } else {
            e->literal_mark |= c == '?' && !e->mark;
            sv_buf_addc(e->out, c);
            i++;
        }
    }
    if (e->out->n > SV_MAX_SUBST_BYTES)
        e->why = "a text longer than 64 KiB";
}

struct sv_value ap_rewrite_expand(struct ap_rewriter *w, struct sv_slice text,
                                  const struct ap_rule *rule, bool *ret_mark)
{
    _cleanup_buf_ struct sv_buf out = {0};
    struct expansion e = {.w = w, .rule = rule, .out = &out};
    expand(&e, text, 0);
    if (ret_mark)
        *ret_mark = e.mark;
    return (struct sv_value){.s = sv_arena_copy(w->r->a, sv_buf_slice(&out)), .why = e.why};
}
