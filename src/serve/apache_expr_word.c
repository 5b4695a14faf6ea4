// SPDX-License-Identifier: Apache-2.0
// Words of httpd's expressions: strings, variables, references, functions, regular expressions.
#include <ctype.h>

#include "base/buf.h"
#include "serve/apache_expr.h"

static struct sv_value unknown(const char *why)
{
    return (struct sv_value){.s = {"", 0}, .why = why};
}

/* ---- references and variables ---- */

static bool at_reference(const struct ap_expr *e)
{
    return e->i + 1 < e->t.n && e->t.p[e->i] == '$' && isdigit((unsigned char)e->t.p[e->i + 1]);
}

static struct sv_value reference(struct ap_expr *e)
{
    unsigned n = (unsigned)(e->t.p[e->i + 1] - '0');
    e->i += 2;
    bool set = n < e->caps.n && e->caps.group[n].p;
    return SV_KNOWN(set ? e->caps.group[n] : SV_LIT(""));
}

static struct sv_value variable(struct ap_expr *e, struct sv_slice name)
{
    struct sv_value v;
    if (e->dead)
        return SV_KNOWN(SV_LIT(""));
    if (sv_slice_is_nocase(sv_slice_sub(name, 0, 4), "SSL_"))
        return ap_ssl_var(e->r, name);
    if (ap_var_plain(e->r, name, &v))
        return v;
    return unknown(sv_arena_printf(e->r->a, "the value of %%{%.*s}", (int)name.n, name.p));
}

/* Behind "%{": a variable, or a function and its text. */
static struct sv_value braces(struct ap_expr *e)
{
    struct sv_slice name = ap_expr_peek_name(e);
    struct sv_value v = SV_KNOWN(SV_LIT(""));
    e->i += name.n;
    if (name.n && ap_expr_take(e, "}"))
        return variable(e, name);
    if (name.n == 0 || !ap_expr_take(e, ":")) {
        ap_expr_fail(e, "a variable in an expression that is not understood");
        return v;
    }
    if (ap_expr_enter(e))
        v = ap_expr_function(e, name, ap_expr_text(e, '}'));
    e->depth--;
    return v;
}

/* ---- strings ---- */

static unsigned hex_digits(const struct ap_expr *e, size_t i, unsigned *ret)
{
    unsigned n = 0, v = 0;
    for (; n < 2 && i + n < e->t.n && isxdigit((unsigned char)e->t.p[i + n]); n++) {
        char c = e->t.p[i + n];
        v = v * 16 + (unsigned)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    *ret = v;
    return n;
}

static unsigned octal_digits(const struct ap_expr *e, size_t i, unsigned *ret)
{
    unsigned n = 0, v = 0;
    for (; n < 3 && i + n < e->t.n && e->t.p[i + n] >= '0' && e->t.p[i + n] <= '7'; n++)
        v = v * 8 + (unsigned)(e->t.p[i + n] - '0');
    *ret = v;
    return n;
}

/* A backslash and what belongs to it. */
static void escape(struct ap_expr *e, struct sv_buf *out)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = e->t.p[e->i + 1];
    unsigned v, n = octal_digits(e, e->i + 1, &v);
    if (n == 0 && c == 'x' && (n = hex_digits(e, e->i + 2, &v)) > 0)
        n++;
    if (n) {
        sv_buf_addc(out, (char)v);
        e->i += 1 + n;
        return;
    }
    const char *p = strchr(from, c);
    sv_buf_addc(out, c && p ? to[p - from] : c);
    e->i += 2;
}

struct sv_value ap_expr_text(struct ap_expr *e, char stop)
{
    _cleanup_buf_ struct sv_buf out = {0};
    const char *why = NULL;
    bool ended = stop == '\0';
    while (e->i < e->t.n && out.n <= SV_MAX_SUBST_BYTES) {
        char c = e->t.p[e->i];
        struct sv_value v = SV_KNOWN(SV_LIT(""));
        if (stop && c == stop) {
            e->i++;
            ended = true;
            break;
        }
        if (at_reference(e)) {
            v = reference(e);
        } else if (ap_expr_take(e, "%{")) {
            v = braces(e);
        } else if (c == '\\' && e->i + 1 < e->t.n) {
            escape(e, &out);
        } else {
            sv_buf_addc(&out, c);
            e->i++;
        }
        sv_buf_add(&out, v.s);
        why = why ? why : v.why;
    }
    if (out.n > SV_MAX_SUBST_BYTES)
        ap_expr_fail(e, "a text longer than 64 KiB");
    else if (!ended)
        ap_expr_fail(e, "a text in an expression that does not end");
    return (struct sv_value){.s = sv_arena_copy(e->r->a, sv_buf_slice(&out)), .why = why};
}

/* ---- words ---- */

static struct sv_value digits(struct ap_expr *e)
{
    size_t from = e->i;
    e->i += e->t.p[e->i] == '-';
    while (e->i < e->t.n && isdigit((unsigned char)e->t.p[e->i]))
        e->i++;
    return SV_KNOWN(sv_slice_sub(e->t, from, e->i));
}

/* name(word): httpd 2.4 has no function of several words. */
static struct sv_value call(struct ap_expr *e, struct sv_slice name)
{
    struct sv_value v = SV_KNOWN(SV_LIT(""));
    e->i += name.n;
    ap_expr_blanks(e);
    if (!ap_expr_take(e, "(")) {
        ap_expr_fail(e, "a word in an expression that is not understood");
        return v;
    }
    if (ap_expr_enter(e))
        v = ap_expr_function(e, name, ap_expr_word(e));
    e->depth--;
    ap_expr_blanks(e);
    if (!ap_expr_take(e, ")"))
        ap_expr_fail(e, "a function in an expression that is not understood");
    return v;
}

static struct sv_value one_word(struct ap_expr *e)
{
    ap_expr_blanks(e);
    char c = e->i < e->t.n ? e->t.p[e->i] : 0;
    char next = e->i + 1 < e->t.n ? e->t.p[e->i + 1] : 0;
    if (c == '"' || c == '\'') {
        e->i++;
        return ap_expr_text(e, c);
    }
    if (ap_expr_take(e, "%{"))
        return braces(e);
    if (at_reference(e))
        return reference(e);
    if (isdigit((unsigned char)c) || (c == '-' && isdigit((unsigned char)next)))
        return digits(e);
    struct sv_slice name = ap_expr_peek_name(e);
    if (name.n)
        return call(e, name);
    ap_expr_fail(e, "an expression that is not understood");
    return SV_KNOWN(SV_LIT(""));
}

struct sv_value ap_expr_word(struct ap_expr *e)
{
    struct sv_value v = one_word(e);
    for (;;) {
        ap_expr_blanks(e);
        if (!ap_expr_take(e, "."))
            return v;
        struct sv_value next = one_word(e);
        if (v.s.n + next.s.n > SV_MAX_SUBST_BYTES) {
            ap_expr_fail(e, "a text longer than 64 KiB");
            return v;
        }
        v.s = ap_concat(e->r->a, v.s, next.s);
        v.why = v.why ? v.why : next.why;
    }
}

/* ---- regular expressions ---- */

struct sv_regex *ap_expr_regex(struct ap_expr *e)
{
    unsigned flags = SV_REGEX_HTTPD;
    (void)ap_expr_take(e, "m");
    if (e->i >= e->t.n || !memchr("/#$%^|?!'\",;:._-", e->t.p[e->i], 16)) {
        ap_expr_fail(e, "a regular expression in an expression that is not understood");
        return NULL;
    }
    char stop = e->t.p[e->i++];
    struct sv_slice rest = sv_slice_sub(e->t, e->i, e->t.n);
    struct sv_slice pattern = sv_slice_sub(rest, 0, sv_slice_chr(rest, stop));
    if (pattern.n == rest.n) {
        ap_expr_fail(e, "a regular expression in an expression that does not end");
        return NULL;
    }
    for (e->i += pattern.n + 1; e->i < e->t.n && isalnum((unsigned char)e->t.p[e->i]); e->i++) {
        if (e->t.p[e->i] == 'i')
            flags |= SV_REGEX_NOCASE;
        else if (e->t.p[e->i] == 'm')
            flags |= SV_REGEX_MULTILINE;
        else if (e->t.p[e->i] != 's' && e->t.p[e->i] != 'g')
            ap_expr_fail(e, "a regular expression with unknown flags");
    }
    return e->error ? NULL : sv_regex_get(e->r->site->regexes, pattern, flags, NULL);
}
