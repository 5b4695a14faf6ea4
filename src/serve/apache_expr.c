// SPDX-License-Identifier: Apache-2.0
// httpd's expressions: conditions in three values, read and evaluated without unbounded recursion.
#include <ctype.h>
#include <stdlib.h>

#include "serve/apache_expr.h"

/* A condition's outcome; `why` names what is unknown. */
struct outcome {
    enum sv_truth t;
    const char *why;
};

static const struct outcome YES = {SV_TRUE, NULL}, NO = {SV_FALSE, NULL};

void ap_expr_fail(struct ap_expr *e, const char *why)
{
    if (!e->error)
        e->error = why;
    e->i = e->t.n;
}

bool ap_expr_enter(struct ap_expr *e)
{
    if (++e->depth <= SV_MAX_EXPR_DEPTH)
        return true;
    ap_expr_fail(e, "an expression that nests too deeply");
    return false;
}

void ap_expr_blanks(struct ap_expr *e)
{
    while (e->i < e->t.n && (e->t.p[e->i] == ' ' || e->t.p[e->i] == '\t' || e->t.p[e->i] == '\n'))
        e->i++;
}

bool ap_expr_take(struct ap_expr *e, const char *text)
{
    size_t n = strlen(text);
    if (!sv_slice_is(sv_slice_sub(e->t, e->i, e->i + n), text))
        return false;
    e->i += n;
    return true;
}

struct sv_slice ap_expr_peek_name(const struct ap_expr *e)
{
    size_t end = e->i;
    if (end < e->t.n && isalpha((unsigned char)e->t.p[end]))
        while (end < e->t.n && (isalnum((unsigned char)e->t.p[end]) || e->t.p[end] == '_'))
            end++;
    return sv_slice_sub(e->t, e->i, end);
}

/* A whole name, not the beginning of a longer one. */
static bool take_name(struct ap_expr *e, const char *name)
{
    struct sv_slice s = ap_expr_peek_name(e);
    if (!sv_slice_is(s, name))
        return false;
    e->i += s.n;
    return true;
}

static struct outcome of(bool b)
{
    return b ? YES : NO;
}

static struct outcome maybe(const char *why)
{
    return (struct outcome){SV_MAYBE, why};
}

static struct outcome negate(struct outcome o)
{
    if (o.t != SV_MAYBE)
        o.t = o.t == SV_TRUE ? SV_FALSE : SV_TRUE;
    return o;
}

/* ---- comparisons ---- */

enum compare { C_EQ, C_NE, C_LT, C_LE, C_GT, C_GE };

static bool holds(enum compare op, long long d)
{
    switch (op) {
    case C_EQ: return d == 0;
    case C_NE: return d != 0;
    case C_LT: return d < 0;
    case C_LE: return d <= 0;
    case C_GT: return d > 0;
    case C_GE: return d >= 0;
    }
    return false;
}

static int compare_text(struct sv_slice a, struct sv_slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n ? memcmp(a.p, b.p, n) : 0;
    return d ? d : a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

static int compare_number(struct ap_expr *e, struct sv_slice a, struct sv_slice b)
{
    long long x = strtoll(sv_arena_copy(e->r->a, a).p, NULL, 10);
    long long y = strtoll(sv_arena_copy(e->r->a, b).p, NULL, 10);
    return x < y ? -1 : x > y;
}

static bool take_integer_op(struct ap_expr *e, enum compare *ret)
{
    static const struct {
        const char *name;
        enum compare op;
    } ops[] = {{"eq", C_EQ}, {"ne", C_NE}, {"lt", C_LT}, {"le", C_LE}, {"gt", C_GT}, {"ge", C_GE}};
    size_t start = e->i;
    (void)ap_expr_take(e, "-");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (take_name(e, ops[i].name)) {
            *ret = ops[i].op;
            return true;
        }
    }
    e->i = start;
    return false;
}

static bool take_string_op(struct ap_expr *e, enum compare *ret)
{
    static const struct {
        const char *text;
        enum compare op;
    } ops[] = {{"==", C_EQ}, {"!=", C_NE}, {"<=", C_LE}, {">=", C_GE}, {"=", C_EQ},
               {"<", C_LT},  {">", C_GT}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (ap_expr_take(e, ops[i].text)) {
            *ret = ops[i].op;
            return true;
        }
    }
    return false;
}

static struct outcome match(struct ap_expr *e, struct sv_value left, bool negated)
{
    struct sv_match m;
    ap_expr_blanks(e);
    struct sv_regex *re = ap_expr_regex(e);
    if (!re || e->dead)
        return maybe("an expression whose regular expression cannot be evaluated");
    if (left.why)
        return maybe(left.why);
    enum sv_match_result x = sv_regex_match(re, left.s, 0, &m);
    if (x == SV_MATCH_LIMIT)
        return maybe("an expression whose regular expression cannot be evaluated");
    if (sv_regex_n_groups(re) > 0) /* one without groups leaves $1 and the others alone */
        e->caps = x == SV_MATCH_YES ? m : (struct sv_match){0};
    return of((x == SV_MATCH_YES) != negated);
}

/* word in { a, b }, or in what a function lists. */
static struct outcome in_list(struct ap_expr *e, struct sv_value needle)
{
    struct outcome found = NO;
    ap_expr_blanks(e);
    if (!ap_expr_take(e, "{")) {
        (void)ap_expr_word(e);
        return maybe("a list that a function gives");
    }
    do {
        struct sv_value v = ap_expr_word(e);
        const char *why = needle.why ? needle.why : v.why;
        if (why && found.t == SV_FALSE)
            found = maybe(why);
        else if (!why && sv_slice_eq(needle.s, v.s))
            found = YES;
        ap_expr_blanks(e);
    } while (ap_expr_take(e, ","));
    if (!ap_expr_take(e, "}"))
        ap_expr_fail(e, "a list in an expression that does not end");
    return found;
}

static struct outcome compare(struct ap_expr *e, enum compare op, struct sv_value a, bool integer)
{
    struct sv_value b = ap_expr_word(e);
    if (a.why || b.why)
        return maybe(a.why ? a.why : b.why);
    return of(holds(op, integer ? compare_number(e, a.s, b.s) : compare_text(a.s, b.s)));
}

static struct outcome comparison(struct ap_expr *e)
{
    struct sv_value left = ap_expr_word(e);
    enum compare op;
    ap_expr_blanks(e);
    if (ap_expr_take(e, "=~"))
        return match(e, left, false);
    if (ap_expr_take(e, "!~"))
        return match(e, left, true);
    if (take_string_op(e, &op))
        return compare(e, op, left, false);
    if (take_integer_op(e, &op))
        return compare(e, op, left, true);
    size_t start = e->i;
    bool dash = ap_expr_take(e, "-");
    struct sv_slice name = ap_expr_peek_name(e);
    if (take_name(e, "in"))
        return in_list(e, left);
    if (!dash || name.n < 2) {
        e->i = start;
        ap_expr_fail(e, "an expression that is not understood");
        return maybe(e->error);
    }
    e->i += name.n;
    struct sv_value right = ap_expr_word(e);
    struct outcome o = NO;
    if (!e->dead && !e->error)
        o.t = ap_expr_binary(e, name, left, right, &o.why);
    return o;
}

/* ---- conditions ---- */

static struct outcome any_of(struct ap_expr *e);

/* "-f word" and its like: one letter, and no longer name. */
static bool take_unary(struct ap_expr *e, char *ret)
{
    struct sv_slice s = sv_slice_sub(e->t, e->i, e->i + 3);
    if (s.n < 2 || s.p[0] != '-' || !isalpha((unsigned char)s.p[1]) ||
        (s.n == 3 && (isalnum((unsigned char)s.p[2]) || s.p[2] == '_')))
        return false;
    *ret = s.p[1];
    e->i += 2;
    return true;
}

static struct outcome condition(struct ap_expr *e)
{
    bool negated = false;
    char op;
    struct outcome o = NO;
    for (ap_expr_blanks(e); ap_expr_take(e, "!") || take_name(e, "not"); ap_expr_blanks(e))
        negated = !negated;
    if (ap_expr_take(e, "(")) {
        if (ap_expr_enter(e))
            o = any_of(e);
        e->depth--;
        ap_expr_blanks(e);
        if (!ap_expr_take(e, ")"))
            ap_expr_fail(e, "an expression whose bracket does not close");
    } else if (take_name(e, "true")) {
        o = YES;
    } else if (take_name(e, "false")) {
        o = NO;
    } else if (take_unary(e, &op)) {
        struct sv_value arg = ap_expr_word(e);
        if (!e->dead && !e->error)
            o.t = ap_expr_unary(e, op, arg, &o.why);
    } else {
        o = comparison(e);
    }
    if (e->error)
        return maybe(e->error);
    return negated ? negate(o) : o;
}

static struct outcome all_of(struct ap_expr *e)
{
    struct outcome all = condition(e);
    for (;;) {
        ap_expr_blanks(e);
        if (!ap_expr_take(e, "&&") && !take_name(e, "and"))
            return all;
        bool decided = all.t == SV_FALSE;
        e->dead += decided;
        struct outcome o = condition(e);
        e->dead -= decided;
        if (!decided && (o.t == SV_FALSE || all.t == SV_TRUE))
            all = o;
    }
}

static struct outcome any_of(struct ap_expr *e)
{
    struct outcome any = all_of(e);
    for (;;) {
        ap_expr_blanks(e);
        if (!ap_expr_take(e, "||") && !take_name(e, "or"))
            return any;
        bool decided = any.t == SV_TRUE;
        e->dead += decided;
        struct outcome o = all_of(e);
        e->dead -= decided;
        if (!decided && (o.t == SV_TRUE || any.t == SV_FALSE))
            any = o;
    }
}

enum sv_truth ap_expr_match(struct ap_run *r, struct sv_slice text, struct sv_match *ret_caps,
                            const char **ret_why)
{
    struct ap_expr e = {.r = r, .t = text};
    if (text.n > SV_MAX_SUBST_BYTES) {
        *ret_why = "an expression longer than 64 KiB";
        return SV_MAYBE;
    }
    struct outcome o = any_of(&e);
    ap_expr_blanks(&e);
    if (!e.error && e.i < text.n)
        ap_expr_fail(&e, "an expression that is not understood");
    if (e.error)
        o = maybe(e.error);
    else if (e.failed)
        o = NO;
    r->expr_failed |= e.failed;
    if (ret_caps)
        *ret_caps = e.caps;
    if (o.t == SV_MAYBE)
        *ret_why = o.why ? o.why : "an expression";
    return o.t;
}

bool ap_expr_valid(struct ap_run *r, struct sv_slice text)
{
    struct ap_expr e = {.r = r, .t = text, .dead = 1};
    if (text.n > SV_MAX_SUBST_BYTES)
        return true;
    (void)any_of(&e);
    ap_expr_blanks(&e);
    return !e.error && e.i == text.n;
}

enum sv_truth ap_expr_true(struct ap_run *r, struct sv_slice text, const char **ret_why)
{
    return ap_expr_match(r, text, NULL, ret_why);
}

struct sv_value ap_expr_string(struct ap_run *r, struct sv_slice text)
{
    struct ap_expr e = {.r = r, .t = text};
    struct sv_value v = ap_expr_text(&e, '\0');
    if (e.error)
        return (struct sv_value){.s = {"", 0}, .why = e.error};
    return v;
}
