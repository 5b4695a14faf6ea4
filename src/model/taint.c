// SPDX-License-Identifier: Apache-2.0
// Follows variables to the parts of a request they are made of.
#include "model/taint.h"

#include <ctype.h>

#include "base/limits.h"

static unsigned of_text(const struct sv_scope *scope, struct sv_slice pattern, struct sv_slice text,
                        unsigned depth);

/* ---- groups of a regular expression ---- */

/* The text inside group `n` of a pattern (1 is the first), or inside the group with that name. */
static struct sv_slice group_text(struct sv_slice re, unsigned n, struct sv_slice name)
{
    size_t open[32], start = 0, depth = 0;
    unsigned number[32], count = 0;
    bool in_class = false;
    for (size_t i = 0; i < re.n; i++) {
        char c = re.p[i];
        if (c == '\\') {
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += i + 1 < re.n && re.p[i + 1] == '^';
            i += i + 1 < re.n && re.p[i + 1] == ']';
        } else if (c == '(' && depth < 32) {
            struct sv_slice rest = sv_slice_sub(re, i + 1, re.n);
            bool named = sv_slice_starts(rest, "?<") || sv_slice_starts(rest, "?P<");
            named &= !sv_slice_starts(rest, "?<=") && !sv_slice_starts(rest, "?<!");
            start = i + 1;
            number[depth] = 0;
            if (named || !sv_slice_starts(rest, "?"))
                number[depth] = ++count;
            if (named) {
                size_t lt = sv_slice_chr(rest, '<'), gt = sv_slice_chr(rest, '>');
                start = i + 2 + gt;
                if (name.n && sv_slice_eq(sv_slice_sub(rest, lt + 1, gt), name))
                    n = count;
            }
            open[depth++] = start;
        } else if (c == ')' && depth > 0) {
            depth--;
            if (number[depth] && number[depth] == n)
                return sv_slice_sub(re, open[depth], i);
        }
    }
    return (struct sv_slice){"", 0};
}

/* Only letters, digits, '_' and '-' can match: classes of these, \w, \d and repetitions. */
static bool only_words(struct sv_slice group)
{
    bool in_class = false;
    for (size_t i = 0; i < group.n; i++) {
        char c = group.p[i];
        if (c == '\\') {
            char e = i + 1 < group.n ? group.p[i + 1] : 0;
            if (e != 'w' && e != 'd' && e != '-')
                return false;
            i++;
        } else if (c == '[' && !in_class) {
            in_class = true;
            if (i + 1 < group.n && group.p[i + 1] == '^')
                return false;
        } else if (c == ']') {
            in_class = false;
        } else if (!isalnum((unsigned char)c) && !strchr(in_class ? "_-" : "_-|+*?{},:()", c)) {
            return false;
        }
    }
    return group.n > 0;
}

/* A negated class, \W, \D, \s, or a dot under (?s) matches a newline; a plain dot does not. */
static bool takes_newline(struct sv_slice re, struct sv_slice group)
{
    bool dotall = sv_slice_find(re, "(?s") < re.n;
    for (size_t i = 0; i < group.n; i++) {
        char c = group.p[i];
        if (c == '\\' && i + 1 < group.n) {
            if (strchr("WDsNR", group.p[i + 1]) && group.p[i + 1] != 'N')
                return true;
            i++;
        } else if (c == '.' && dotall) {
            return true;
        } else if (c == '[' && i + 1 < group.n && group.p[i + 1] == '^') {
            struct sv_slice rest = sv_slice_sub(group, i + 2, group.n);
            rest = sv_slice_sub(rest, 0, sv_slice_chr(rest, ']'));
            if (sv_slice_find(rest, "\\n") == rest.n && sv_slice_find(rest, "\\s") == rest.n &&
                sv_slice_chr(rest, '\n') == rest.n)
                return true;
            i += 1 + rest.n;
        }
    }
    return false;
}

static unsigned of_group(struct sv_slice re, unsigned n, struct sv_slice name)
{
    struct sv_slice group = group_text(re, n, name);
    if (group.n == 0)
        return 0;
    return only_words(group)            ? SV_TAINT_WORD
           : takes_newline(re, group) ? SV_TAINT_NEWLINE
                                        : SV_TAINT_CAPTURE;
}

/* ---- variables ---- */

static unsigned of_request(struct sv_slice name)
{
    static const struct {
        const char *name;
        unsigned taint;
    } fixed[] = {
        {"host", SV_TAINT_HOST},
        {"http_host", SV_TAINT_HTTP_HOST},
        {"request_uri", SV_TAINT_REQUEST_URI},
        {"uri", SV_TAINT_URI},
        {"document_uri", SV_TAINT_URI},
        {"fastcgi_script_name", SV_TAINT_URI},
        {"fastcgi_path_info", SV_TAINT_URI},
        {"args", SV_TAINT_FREE},
        {"query_string", SV_TAINT_FREE},
        {"request_body", SV_TAINT_FREE},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (sv_slice_is_nocase(name, fixed[i].name))
            return fixed[i].taint;
    if (sv_slice_starts(name, "arg_") || sv_slice_starts(name, "http_") ||
        sv_slice_starts(name, "cookie_"))
        return SV_TAINT_FREE;
    return 0;
}

/* `if ($var ~ re)`: its groups hold parts of $var. */
static unsigned of_condition(const struct sv_scope *s, unsigned n, struct sv_slice name,
                             unsigned depth)
{
    struct sv_slice w[3]; /* variable, operator, pattern */
    if (sv_condition_words(s->node, w) != 3 || w[1].n == 0 || w[1].p[0] != '~')
        return 0;
    unsigned group = of_group(w[2], n, name);
    if (!group)
        return 0;
    unsigned source = of_text(s->parent, (struct sv_slice){"", 0}, w[0], depth + 1);
    if (group == SV_TAINT_WORD)
        return source ? SV_TAINT_WORD : 0;
    if (source & (SV_TAINT_URI | SV_TAINT_NEWLINE))
        return group;
    return source & (SV_TAINT_FREE | SV_TAINT_REQUEST_URI | SV_TAINT_CAPTURE) ? SV_TAINT_FREE
           : source                                                         ? SV_TAINT_HOST
                                                                              : 0;
}

static unsigned of_capture(const struct sv_scope *scope, struct sv_slice pattern, unsigned n,
                           struct sv_slice name, unsigned depth)
{
    if (pattern.n)
        return of_group(pattern, n, name);
    for (const struct sv_scope *s = scope; s; s = s->parent) {
        unsigned t = 0;
        if (s->kind == SV_SCOPE_IF)
            t = of_condition(s, n, name, depth);
        else if (s->kind == SV_SCOPE_LOCATION &&
                 (s->match == SV_MATCH_REGEX || s->match == SV_MATCH_REGEX_NOCASE))
            t = of_group(s->name, n, name);
        if (t)
            return t;
    }
    if (!scope || !scope->vhost)
        return 0;
    sv_vec_each(it, &scope->vhost->names)
    {
        if (it->regex && name.n && sv_regex_name(it->regex, name))
            return SV_TAINT_HOST;
    }
    return 0;
}

/* Every `set $name` of the levels around, and of the ifs in them. */
static unsigned of_set(const struct sv_scope *scope, struct sv_slice name, unsigned depth)
{
    unsigned t = 0;
    for (const struct sv_scope *s = scope; s; s = s->parent) {
        sv_node_each(n, s->node)
        {
            struct sv_slice var = sv_node_arg(n, 0);
            if (sv_node_is(n, "set") && var.n &&
                sv_slice_eq_nocase(sv_slice_sub(var, 1, var.n), name))
                t |= of_text(s, (struct sv_slice){"", 0}, sv_node_arg(n, 1), depth + 1);
        }
        sv_vec_each(it, &s->ifs)
        {
            const struct sv_node *n = sv_scope_own(*it, "set");
            struct sv_slice var = n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
            if (var.n && sv_slice_eq_nocase(sv_slice_sub(var, 1, var.n), name))
                t |= of_text(*it, (struct sv_slice){"", 0}, sv_node_arg(n, 1), depth + 1);
        }
    }
    return t;
}

/* The values of a map; $1 in them is a part of its source. */
static unsigned of_table(const struct sv_scope *scope, const struct sv_node *table, unsigned depth)
{
    unsigned t = 0;
    if (!sv_node_is(table, "map"))
        return 0;
    sv_node_each(n, table)
    {
        struct sv_slice value = sv_node_arg(n, 0);
        if (n->n_args == 0 || sv_slice_chr(value, '$') == value.n)
            continue;
        unsigned v = of_text(scope, (struct sv_slice){"", 0}, value, depth + 1);
        t |= v ? v
               : of_text(scope, (struct sv_slice){"", 0}, sv_node_arg(table, 0), depth + 1);
    }
    return t;
}

static unsigned of_variable(const struct sv_scope *scope, struct sv_slice pattern,
                            struct sv_slice name, unsigned depth)
{
    unsigned long long n;
    if (depth > SV_MAX_TAINT_DEPTH)
        return 0;
    if (sv_slice_u64(name, &n))
        return n == 0 || n > 9 ? 0 : of_capture(scope, pattern, (unsigned)n, SV_LIT(""), depth);
    unsigned t = of_request(name);
    if (!t)
        t = of_capture(scope, pattern, 0, name, depth);
    if (!t)
        t = of_set(scope, name, depth);
    const struct sv_node *table = t ? NULL : sv_site_table(scope->site, name);
    return table ? of_table(scope, table, depth) : t;
}

bool sv_next_variable(struct sv_slice text, size_t *io, struct sv_slice *ret_name)
{
    for (size_t i = *io; i + 1 < text.n; i++) {
        if (text.p[i] != '$')
            continue;
        size_t from = i + 1 + (text.p[i + 1] == '{'), to = from;
        while (to < text.n && (isalnum((unsigned char)text.p[to]) || text.p[to] == '_'))
            to++;
        if (to == from)
            continue;
        *ret_name = sv_slice_sub(text, from, to);
        *io = to;
        return true;
    }
    return false;
}

static unsigned of_text(const struct sv_scope *scope, struct sv_slice pattern, struct sv_slice text,
                        unsigned depth)
{
    unsigned t = 0;
    struct sv_slice name;
    for (size_t i = 0; sv_next_variable(text, &i, &name);)
        t |= of_variable(scope, pattern, name, depth);
    return t;
}

unsigned sv_taint_of(const struct sv_scope *scope, struct sv_slice text)
{
    return of_text(scope, (struct sv_slice){"", 0}, text, 0);
}

unsigned sv_taint_of_rewrite(const struct sv_scope *scope, struct sv_slice pattern,
                             struct sv_slice text)
{
    return of_text(scope, pattern, text, 0);
}

struct sv_slice sv_taint_culprit(const struct sv_scope *scope, struct sv_slice text, unsigned bits)
{
    struct sv_slice name;
    for (size_t i = 0; sv_next_variable(text, &i, &name);) {
        if (!(of_variable(scope, (struct sv_slice){"", 0}, name, 0) & bits))
            continue;
        size_t start = (size_t)(name.p - text.p);
        return sv_slice_sub(text, start - 1 - (text.p[start - 1] == '{'), start + name.n);
    }
    return (struct sv_slice){"", 0};
}
