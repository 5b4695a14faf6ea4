// SPDX-License-Identifier: Apache-2.0
// RewriteCond: file tests, comparisons, regular expressions and expressions.
#include <ctype.h>

#include "serve/apache_rewrite.h"

static int number(struct sv_slice s)
{
    size_t i = 0;
    long v = 0;
    while (i < s.n && isspace((unsigned char)s.p[i]))
        i++;
    bool minus = i < s.n && s.p[i] == '-';
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    for (; i < s.n && isdigit((unsigned char)s.p[i]) && v < 2147483647L; i++)
        v = v * 10 + (s.p[i] - '0');
    return (int)(minus ? -v : v);
}

static int compare_nocase(struct sv_slice a, struct sv_slice b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int d = tolower((unsigned char)a.p[i]) - tolower((unsigned char)b.p[i]);
        if (d)
            return d;
    }
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

/* The longer text is the greater one. */
static int compare(struct sv_slice a, struct sv_slice b, bool nocase)
{
    if (nocase)
        return compare_nocase(a, b);
    if (a.n != b.n)
        return a.n > b.n ? 1 : -1;
    return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

static enum sv_truth file_test(struct ap_rewriter *w, char test, struct sv_slice path,
                               const char **ret_why)
{
    if (test == 'U')
        return ap_uri_test(w->r, path, ret_why);
    if (test == 'F')
        return ap_file_test(w->r, path, ret_why);
    return sv_truth_of(ap_path_test(w->r, test, path));
}

/* "-lt5" and its like; false if the pattern is none of them. */
static bool integer_test(struct sv_slice p, struct sv_slice input, bool *ret)
{
    static const char ops[][4] = {"-lt", "-le", "-gt", "-ge", "-eq", "-ne"};
    for (size_t i = 0; p.n > 3 && i < sizeof ops / sizeof *ops; i++) {
        if (!sv_slice_starts(p, ops[i]))
            continue;
        int a = number(input), b = number(sv_slice_sub(p, 3, p.n));
        const bool results[] = {a < b, a <= b, a > b, a >= b, a == b, a != b};
        *ret = results[i];
        return true;
    }
    return false;
}

static bool string_test(const struct ap_cond *c, struct sv_slice p, struct sv_slice input,
                        bool *ret)
{
    if (p.n < 2)
        return false;
    bool or_equal = p.p[1] == '=';
    struct sv_slice rest = sv_slice_sub(p, or_equal ? 2 : 1, p.n);
    switch (p.p[0]) {
    case '=':
        rest = sv_slice_sub(p, 1, p.n);
        if (sv_slice_is(rest, "\"\""))
            rest = SV_LIT("");
        *ret = compare(input, rest, c->nocase) == 0;
        return true;
    case '<':
        *ret = compare(input, rest, c->nocase) <= (or_equal ? 0 : -1);
        return true;
    case '>':
        *ret = compare(input, rest, c->nocase) >= (or_equal ? 0 : 1);
        return true;
    default:
        return false;
    }
}

static enum sv_truth regex_test(struct ap_rewriter *w, const struct ap_cond *c,
                                struct sv_slice pattern, struct sv_slice input, bool negate,
                                const char **ret_why)
{
    struct sv_match m;
    unsigned flags = SV_REGEX_HTTPD | (c->nocase ? SV_REGEX_NOCASE : 0u);
    struct sv_regex *re = sv_regex_get(w->r->site->regexes, pattern, flags, NULL);
    enum sv_match_result x = re ? sv_regex_match(re, input, 0, &m) : SV_MATCH_LIMIT;
    if (x == SV_MATCH_LIMIT) {
        *ret_why = "a RewriteCond whose regular expression cannot be evaluated";
        return SV_MAYBE;
    }
    if (x == SV_MATCH_YES && !negate)
        w->cond = m;
    return sv_truth_of(x == SV_MATCH_YES);
}

static enum sv_truth evaluate(struct ap_rewriter *w, const struct ap_cond *c, struct sv_slice p,
                              bool negate, const char **ret_why)
{
    bool b;
    if (sv_slice_is_nocase(c->input, "expr")) {
        struct sv_match m = {0};
        enum sv_truth t = ap_expr_match(w->r, p, &m, ret_why);
        if (t == SV_TRUE && !negate)
            w->cond = m;
        return t;
    }
    struct sv_value in = ap_rewrite_expand(w, c->input, NULL, NULL);
    if (in.why) {
        *ret_why = in.why;
        return SV_MAYBE;
    }
    if (p.n == 2 && p.p[0] == '-' && sv_slice_chr(SV_LIT("fsdxhLlUF"), p.p[1]) < 9)
        return file_test(w, p.p[1], in.s, ret_why);
    if (integer_test(p, in.s, &b) || string_test(c, p, in.s, &b))
        return sv_truth_of(b);
    return regex_test(w, c, p, in.s, negate, ret_why);
}

enum sv_truth ap_cond_true(struct ap_rewriter *w, const struct ap_cond *c, const char **ret_why)
{
    bool negate = c->pattern.n && c->pattern.p[0] == '!';
    struct sv_slice p = sv_slice_sub(c->pattern, negate ? 1 : 0, c->pattern.n);
    enum sv_truth t = evaluate(w, c, p, negate, ret_why);
    if (t == SV_MAYBE || !negate)
        return t;
    return sv_truth_of(t == SV_FALSE);
}
