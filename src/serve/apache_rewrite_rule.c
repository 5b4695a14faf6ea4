// SPDX-License-Identifier: Apache-2.0
// RewriteRule and RewriteCond lines: mod_rewrite cuts its arguments and flags by rules of its own.
#include <ctype.h>

#include "serve/apache_rewrite.h"

/* Up to a blank, or to the quote that opened the word; a backslash guards a blank. */
static bool next_word(struct sv_slice *rest, struct sv_slice *ret)
{
    struct sv_slice s = *rest;
    size_t i = 0;
    while (i < s.n && isspace((unsigned char)s.p[i]))
        i++;
    if (i == s.n)
        return false;
    char quote = s.p[i] == '"' || s.p[i] == '\'' ? s.p[i++] : 0;
    size_t from = i;
    for (; i < s.n; i++) {
        if (quote ? s.p[i] == quote : isspace((unsigned char)s.p[i]))
            break;
        if (s.p[i] == '\\' && i + 1 < s.n && isspace((unsigned char)s.p[i + 1]))
            i++;
    }
    *ret = sv_slice_sub(s, from, i);
    *rest = sv_slice_sub(s, i + 1, s.n);
    return true;
}

/* Two words and, if there is a third one, the text between its brackets. */
static bool split_line(const struct sv_node *n, struct sv_slice w[2], struct sv_slice *ret_flags)
{
    struct sv_slice rest = n->body, flags;
    *ret_flags = SV_LIT("");
    if (!next_word(&rest, &w[0]) || !next_word(&rest, &w[1]))
        return false;
    if (!next_word(&rest, &flags))
        return true;
    if (flags.n < 2 || flags.p[0] != '[' || flags.p[flags.n - 1] != ']')
        return false;
    *ret_flags = sv_slice_sub(flags, 1, flags.n - 1);
    return true;
}

static bool next_flag(struct sv_slice *rest, struct sv_slice *ret_key, struct sv_slice *ret_val)
{
    if (rest->n == 0)
        return false;
    size_t end = sv_slice_chr(*rest, ',');
    struct sv_slice item = sv_slice_trim(sv_slice_sub(*rest, 0, end));
    *rest = sv_slice_sub(*rest, end + 1, rest->n);
    size_t eq = sv_slice_chr(item, '=');
    *ret_key = sv_slice_sub(item, 0, eq);
    *ret_val = sv_slice_sub(item, eq + 1, item.n);
    return true;
}

/* Flags without a value, by their short and long name. */
static const struct {
    const char *brief, *full;
    unsigned flag;
} plain_flags[] = {
    {"BNP", "backrefernoplus", AP_R_NO_PLUS},
    {"BCTLS", NULL, AP_R_ESCAPE | AP_R_ESCAPE_CONTROLS},
    {"C", "chain", AP_R_CHAIN},
    {"DPI", "discardpath", AP_R_DROP_PATH_INFO},
    {"END", NULL, AP_R_END},
    {"L", "last", AP_R_LAST},
    {"NE", "noescape", AP_R_NO_ESCAPE},
    {"NS", "nosubreq", AP_R_NO_SUBREQ},
    {"NC", "nocase", AP_R_NOCASE},
    {"P", "proxy", AP_R_PROXY},
    {"PT", "passthrough", AP_R_PASS},
    {"QSA", "qsappend", AP_R_APPEND},
    {"QSD", "qsdiscard", AP_R_DISCARD},
    {"QSL", "qslast", AP_R_LAST_MARK},
    {"UnsafeAllow3F", NULL, AP_R_ANY_MARK},
    {"UnsafePrefixStat", NULL, AP_R_ANY_PREFIX},
    {"CO", "cookie", 0},
};

static bool is_flag(struct sv_slice key, const char *brief, const char *full)
{
    return sv_slice_is_nocase(key, brief) || (full && sv_slice_is_nocase(key, full));
}

static int number(struct sv_slice s)
{
    int v = 0;
    for (size_t i = 0; i < s.n && isdigit((unsigned char)s.p[i]) && v < 100000000; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

static void redirect_status(struct ap_rule *rule, struct sv_slice val)
{
    rule->flags |= AP_R_REDIRECT;
    if (sv_slice_is_nocase(val, "permanent"))
        rule->status = 301;
    else if (sv_slice_is_nocase(val, "seeother"))
        rule->status = 303;
    else if (val.n && isdigit((unsigned char)val.p[0]))
        rule->status = number(val);
    if (rule->status < 300 || rule->status > 399)
        rule->flags |= AP_R_STATUS | AP_R_NO_SUBST;
}

static bool value_flag(struct sv_arena *a, struct ap_rule *rule, struct sv_slice key,
                       struct sv_slice val)
{
    if (is_flag(key, "B", "backrefescaping")) {
        rule->flags |= AP_R_ESCAPE;
        rule->escapes = val;
    } else if (is_flag(key, "BNE", NULL)) {
        rule->flags |= AP_R_ESCAPE;
        rule->no_escapes = val;
    } else if (is_flag(key, "E", "env")) {
        sv_vec_push(a, &rule->env, val);
    } else if (is_flag(key, "F", "forbidden")) {
        rule->flags |= AP_R_STATUS | AP_R_NO_SUBST;
        rule->status = 403;
    } else if (is_flag(key, "G", "gone")) {
        rule->flags |= AP_R_STATUS | AP_R_NO_SUBST;
        rule->status = 410;
    } else if (is_flag(key, "H", "handler")) {
        rule->handler = val;
    } else if (is_flag(key, "T", "type")) {
        rule->type = val;
    } else if (is_flag(key, "N", "next")) {
        rule->flags |= AP_R_NEXT;
        rule->rounds = val.n ? (unsigned)number(val) : rule->rounds;
    } else if (is_flag(key, "S", "skip")) {
        rule->skip = (unsigned)number(val);
    } else if (is_flag(key, "R", "redirect")) {
        redirect_status(rule, val);
    } else {
        return false;
    }
    return true;
}

static bool set_flag(struct sv_arena *a, struct ap_rule *rule, struct sv_slice key,
                     struct sv_slice val)
{
    for (size_t i = 0; i < sizeof plain_flags / sizeof *plain_flags; i++) {
        if (is_flag(key, plain_flags[i].brief, plain_flags[i].full)) {
            rule->flags |= plain_flags[i].flag;
            return true;
        }
    }
    return value_flag(a, rule, key, val);
}

/* A question mark at the very end drops the query; it is no part of the substitution. */
static void trailing_mark(struct ap_rule *rule)
{
    if (rule->output.n && rule->output.p[rule->output.n - 1] == '?') {
        rule->output.n--;
        if (!(rule->flags & AP_R_APPEND))
            rule->flags |= AP_R_NO_QUERY;
    } else if (rule->flags & AP_R_DISCARD && sv_slice_chr(rule->output, '?') == rule->output.n) {
        rule->flags |= AP_R_NO_QUERY;
    }
}

bool ap_rule_parse(struct sv_arena *a, const struct sv_node *n, struct ap_rule *ret)
{
    struct ap_rule rule = {.node = n, .status = 302, .rounds = 32000};
    struct sv_slice w[2], flags, key, val;
    if (!split_line(n, w, &flags))
        return false;
    while (next_flag(&flags, &key, &val))
        if (key.n && !set_flag(a, &rule, key, val))
            return false;
    rule.pattern = w[0];
    rule.output = w[1];
    if (w[0].n && w[0].p[0] == '!') {
        rule.pattern = sv_slice_sub(w[0], 1, w[0].n);
        rule.flags |= AP_R_NEGATE;
    }
    if (sv_slice_is(rule.output, "-"))
        rule.flags |= AP_R_NO_SUBST;
    else
        trailing_mark(&rule);
    *ret = rule;
    return true;
}

bool ap_cond_parse(const struct sv_node *n, struct ap_cond *ret)
{
    struct ap_cond c = {.node = n};
    struct sv_slice w[2], flags, key, val;
    if (!split_line(n, w, &flags))
        return false;
    while (next_flag(&flags, &key, &val)) {
        if (is_flag(key, "NC", "nocase"))
            c.nocase = true;
        else if (is_flag(key, "OR", "ornext"))
            c.or_next = true;
        else if (key.n && !is_flag(key, "NV", "novary"))
            return false;
    }
    c.input = w[0];
    c.pattern = w[1];
    *ret = c;
    return true;
}
