// SPDX-License-Identifier: Apache-2.0
// Variables, quotes and escapes in a word of a Dockerfile, as BuildKit replaces them.
#include <ctype.h>

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/dockerfile.h"

struct expander {
    struct sv_slice in;
    size_t at;
    char escape;
    const struct sv_docker_vars *vars;
    bool partly, large;
    bool bad; /* or large: stop */
    unsigned depth;
};

const struct sv_docker_var *sv_docker_get(const struct sv_docker_vars *vars, struct sv_slice name)
{
    for (size_t i = vars ? vars->list.n : 0; i > 0; i--)
        if (sv_slice_eq(vars->list.v[i - 1].name, name))
            return &vars->list.v[i - 1];
    return NULL;
}

void sv_docker_set(struct sv_arena *a, struct sv_docker_vars *vars, struct sv_docker_var v)
{
    sv_vec_each(old, &vars->list)
    {
        if (sv_slice_eq(old->name, v.name)) {
            *old = v;
            return;
        }
    }
    sv_vec_push(a, &vars->list, v);
}

static int peek(const struct expander *x)
{
    return x->at < x->in.n ? (unsigned char)x->in.p[x->at] : -1;
}

static bool full(struct expander *x, const struct sv_buf *out)
{
    if (out->n > SV_MAX_SUBST_BYTES)
        x->bad = x->large = true;
    return x->bad;
}

/* ---- patterns of ${x#p}, ${x%p}, ${x/p/r} ---- */

/* "*" and "?" against the whole text; a backslash escapes. Linear in both but for the last star. */
static bool fits(struct sv_slice p, struct sv_slice t)
{
    size_t i = 0, k = 0, star = (size_t)-1, back = 0;
    while (k < t.n) {
        bool escaped = i + 1 < p.n && p.p[i] == '\\';
        if (i < p.n && p.p[i] == '*') {
            star = i++;
            back = k;
        } else if (i < p.n && (p.p[i] == '?' || p.p[i + escaped] == t.p[k])) {
            i += escaped ? 2 : 1;
            k++;
        } else if (star != (size_t)-1) {
            i = star + 1;
            k = ++back;
        } else {
            return false;
        }
    }
    while (i < p.n && p.p[i] == '*')
        i++;
    return i == p.n;
}

static struct sv_slice trimmed(struct expander *x, struct sv_slice value, struct sv_slice pattern,
                               char op)
{
    bool longest = pattern.n && pattern.p[0] == op;
    pattern = sv_slice_sub(pattern, longest, pattern.n);
    if (value.n > SV_MAX_DOCKER_PATTERN || pattern.n > SV_MAX_DOCKER_PATTERN) {
        x->partly = true;
        return value;
    }
    for (size_t i = 0; i <= value.n; i++) {
        size_t n = longest ? value.n - i : i; /* bytes that go */
        struct sv_slice part = op == '#' ? sv_slice_sub(value, 0, n)
                                         : sv_slice_sub(value, value.n - n, value.n);
        if (fits(pattern, part))
            return op == '#' ? sv_slice_sub(value, n, value.n)
                             : sv_slice_sub(value, 0, value.n - n);
    }
    return value;
}

/* The longest fit at the first place; with `all` again behind it. */
static void replaced(struct expander *x, struct sv_buf *out, struct sv_slice value,
                     struct sv_slice pattern, struct sv_slice by, bool all)
{
    size_t i = 0;
    if (value.n > SV_MAX_DOCKER_PATTERN / 4 || pattern.n > SV_MAX_DOCKER_PATTERN / 4) {
        x->partly = true;
        return;
    }
    while (i < value.n) {
        size_t n = value.n - i;
        while (n > 0 && !fits(pattern, sv_slice_sub(value, i, i + n)))
            n--;
        if (n == 0) {
            sv_buf_addc(out, value.p[i++]);
            continue;
        }
        sv_buf_add(out, by);
        i += n;
        if (!all)
            break;
    }
    sv_buf_add(out, sv_slice_sub(value, i, value.n));
}

/* ---- words ---- */

static void until(struct expander *x, struct sv_buf *out, int stop, bool raw);

static struct sv_slice name_of(struct expander *x)
{
    size_t from = x->at;
    int c = peek(x);
    if (c >= 0 && isdigit(c)) {
        while (isdigit(peek(x)))
            x->at++;
    } else if (c > 0 && strchr("@*#?-$!", c)) {
        x->at++;
    } else {
        while ((c = peek(x)) >= 0 && (isalnum(c) || c == '_'))
            x->at++;
    }
    return sv_slice_sub(x->in, from, x->at);
}

/* The value, empty if not set; *ret_set also where it is only known when the image is built. */
static struct sv_slice value_of(struct expander *x, struct sv_slice name, bool *ret_set)
{
    const struct sv_docker_var *v = sv_docker_get(x->vars, name);
    *ret_set = v != NULL;
    if (v && !v->known)
        x->partly = true;
    return v ? v->value : (struct sv_slice){"", 0};
}

/* Behind "${x" with ":-", "-", "+", "?", "#", "%"; `op` was read. */
static void modified(struct expander *x, struct sv_buf *out, struct sv_slice name, char op,
                     bool colon)
{
    _cleanup_buf_ struct sv_buf word = {0};
    const struct sv_docker_var *v = sv_docker_get(x->vars, name);
    bool set = v && (!colon || v->value.n);
    bool partly = x->partly;
    until(x, &word, '}', op == '#' || op == '%');
    if (x->bad)
        return;
    if (v && !v->known) { /* a default may or may not count */
        x->partly = true;
        return;
    }
    if (op == '-' ? set : op == '+' ? !set : true)
        x->partly = partly; /* the word does not count, and what is unknown in it neither */
    if (op == '-' || op == '?') {
        if (op == '?' && !set)
            x->partly = true; /* who builds must give it */
        if (set || op == '-')
            sv_buf_add(out, set ? v->value : sv_buf_slice(&word));
    } else if (op == '+') {
        if (set)
            sv_buf_add(out, sv_buf_slice(&word));
    } else if (v) {
        sv_buf_add(out, trimmed(x, v->value, sv_buf_slice(&word), op));
    }
}

static void substitution(struct expander *x, struct sv_buf *out, struct sv_slice name)
{
    _cleanup_buf_ struct sv_buf pattern = {0}, by = {0};
    bool all = peek(x) == '/', set;
    x->at += all;
    until(x, &pattern, '/', true);
    if (!x->bad)
        until(x, &by, '}', true);
    struct sv_slice value = value_of(x, name, &set);
    if (!x->bad && set)
        replaced(x, out, value, sv_buf_slice(&pattern), sv_buf_slice(&by), all);
}

static void dollar(struct expander *x, struct sv_buf *out)
{
    bool set;
    x->at++;
    if (peek(x) != '{') {
        struct sv_slice name = name_of(x);
        sv_buf_add(out, name.n ? value_of(x, name, &set) : SV_LIT("$"));
        return;
    }
    x->at++;
    struct sv_slice name = name_of(x);
    int op = peek(x);
    bool colon = op == ':';
    x->at += op >= 0;
    if (colon) {
        op = peek(x);
        x->at += op >= 0;
    }
    if (name.n == 0 || op <= 0 || ++x->depth > SV_MAX_DOCKER_NESTED)
        x->bad = true;
    else if (op == '}' && !colon)
        sv_buf_add(out, value_of(x, name, &set));
    else if (strchr("-+?", op) || (!colon && strchr("#%", op)))
        modified(x, out, name, (char)op, colon);
    else if (op == '/' && !colon)
        substitution(x, out, name);
    else
        x->bad = true;
    x->depth--;
}

static void double_quoted(struct expander *x, struct sv_buf *out)
{
    for (x->at++; !full(x, out);) {
        int c = peek(x);
        if (c < 0) {
            x->bad = true;
        } else if (c == '"') {
            x->at++;
            return;
        } else if (c == '$') {
            dollar(x, out);
        } else {
            x->at++;
            int next = peek(x);
            if (c == x->escape && next < 0)
                continue;
            if (c == x->escape && (next == '"' || next == '$' || next == x->escape)) {
                c = next;
                x->at++;
            }
            sv_buf_addc(out, (char)c);
        }
    }
}

static void single_quoted(struct expander *x, struct sv_buf *out)
{
    struct sv_slice rest = sv_slice_sub(x->in, x->at + 1, x->in.n);
    size_t n = sv_slice_chr(rest, '\'');
    if (n == rest.n)
        x->bad = true;
    sv_buf_add(out, sv_slice_sub(rest, 0, n));
    x->at += n + 2;
}

/* Up to the end (stop -1) or behind the character `stop`. */
static void until(struct expander *x, struct sv_buf *out, int stop, bool raw)
{
    while (!full(x, out)) {
        int c = peek(x);
        if (c < 0) {
            x->bad |= stop >= 0;
            return;
        }
        if (c == stop) {
            x->at++;
            return;
        }
        if (c == '$') {
            dollar(x, out);
        } else if (c == '"') {
            double_quoted(x, out);
        } else if (c == '\'') {
            single_quoted(x, out);
        } else {
            x->at++;
            if (c == x->escape) {
                if (raw)
                    sv_buf_addc(out, (char)c);
                if ((c = peek(x)) < 0)
                    continue;
                x->at++;
            }
            sv_buf_addc(out, (char)c);
        }
    }
}

enum sv_docker_expansion sv_docker_expand(struct sv_arena *a, struct sv_slice text, char escape,
                                          const struct sv_docker_vars *vars, struct sv_slice *ret)
{
    struct expander x = {.in = text, .escape = escape, .vars = vars};
    _cleanup_buf_ struct sv_buf out = {0};
    until(&x, &out, -1, false);
    *ret = x.bad ? (struct sv_slice){"", 0} : sv_arena_copy(a, sv_buf_slice(&out));
    if (x.large)
        return SV_DOCKER_LARGE;
    return x.bad ? SV_DOCKER_REFUSED : x.partly ? SV_DOCKER_PARTLY : SV_DOCKER_WHOLE;
}
