// SPDX-License-Identifier: Apache-2.0
// mod_rewrite's engine: a list of rules is applied to the file name of a request.
#include "serve/apache_rewrite.h"

/* What one rule did. */
enum applied { NO_MATCH, MATCH_ONLY, SUBSTITUTED, REFUSED, UNDECIDED };

static enum applied undecided(struct ap_rewriter *w, const char *why)
{
    w->why = why;
    return UNDECIDED;
}

/* ---- conditions ---- */

static enum sv_truth either(enum sv_truth a, enum sv_truth b)
{
    return a == SV_TRUE || b == SV_TRUE ? SV_TRUE : a == SV_MAYBE ? a : b;
}

/* The conditions that stand before the rule at index `to`; [OR] binds tighter than and. */
static enum sv_truth conditions(struct ap_rewriter *w, size_t from, size_t to)
{
    bool maybe = false;
    enum sv_truth group = SV_FALSE;
    for (size_t i = from; i < to; i++) {
        struct ap_cond c = {0};
        const char *why = "a RewriteCond that cannot be read";
        enum sv_truth t = SV_MAYBE;
        if (ap_cond_parse(w->conf.lines.v[i], &c)) /* a true alternative skips the others */
            t = group == SV_TRUE ? SV_TRUE : ap_cond_true(w, &c, &why);
        if (t == SV_MAYBE)
            w->why = why;
        group = either(group, t);
        if (c.or_next) /* behind the last one it makes the rule match in any case */
            continue;
        if (group == SV_FALSE)
            return SV_FALSE;
        maybe |= group == SV_MAYBE;
        group = SV_FALSE;
    }
    return maybe ? SV_MAYBE : SV_TRUE;
}

/* ---- substitution ---- */

static struct sv_slice subject(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    if (w->dir.n == 0)
        return r->filename;
    struct sv_slice s = r->path_info.n ? ap_concat(r->a, r->filename, r->path_info) : r->filename;
    bool below = s.n >= w->dir.n && sv_slice_eq(sv_slice_sub(s, 0, w->dir.n), w->dir);
    return below && !w->proxy_request ? sv_slice_sub(s, w->dir.n, s.n) : s;
}

/* splitout_queryargs() */
static void split_query(struct ap_rewriter *w, const struct ap_rule *rule)
{
    struct ap_run *r = w->r;
    struct sv_slice s = r->filename;
    bool query;
    bool none = (ap_uri_scheme(s, &query) && !query) || rule->flags & AP_R_NO_QUERY;
    if (none || rule->flags & AP_R_DISCARD) {
        r->args = SV_LIT("");
        r->empty_query = false;
    }
    if (none)
        return;
    size_t q = sv_slice_chr(s, '?');
    for (size_t i = s.n; rule->flags & AP_R_LAST_MARK && i > q; i--) {
        if (s.p[i - 1] == '?') {
            q = i - 1;
            break;
        }
    }
    if (q == s.n)
        return;
    struct sv_slice args = sv_slice_sub(s, q + 1, s.n);
    r->filename = sv_slice_sub(s, 0, q);
    if (rule->flags & AP_R_APPEND) {
        if (args.n == 0)
            args = r->args;
        else
            args = ap_concat(r->a, ap_concat(r->a, args, SV_LIT("&")), r->args);
    }
    bool amp = args.n && args.p[args.n - 1] == '&';
    args.n -= amp;
    r->args = args;
    r->empty_query = amp && args.n == 0;
}

static void fully_qualify(struct ap_run *r)
{
    bool query;
    if (ap_uri_scheme(r->filename, &query))
        return;
    bool slash = r->filename.n && r->filename.p[0] == '/';
    if (!slash)
        r->filename = ap_concat(r->a, SV_LIT("/"), r->filename);
    r->filename = sv_slice_of(ap_construct_url(r, r->filename));
}

/* A URL of this very server and port becomes a path again (reduce_uri). */
static void reduce(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    struct sv_slice s = r->filename;
    const char *scheme = r->tls ? "https://" : "http://";
    size_t at = strlen(scheme);
    if (!sv_slice_is_nocase(sv_slice_sub(s, 0, at), scheme))
        return;
    size_t end = at + sv_slice_chr(sv_slice_sub(s, at, s.n), '/');
    struct sv_slice host = sv_slice_sub(s, at, end);
    size_t colon = sv_slice_chr(host, ':');
    unsigned long long port = r->tls ? 443 : 80;
    if (colon < host.n && !sv_slice_u64(sv_slice_sub(host, colon + 1, host.n), &port))
        return;
    if (!ap_host_is_server(r, sv_slice_sub(host, 0, colon), (unsigned)port))
        return;
    r->filename = end < s.n ? sv_slice_sub(s, end, s.n) : SV_LIT("/");
    w->reduced = true;
}

static enum applied force_type(struct ap_rewriter *w, const struct ap_rule *rule)
{
    struct sv_value type = ap_rewrite_expand(w, rule->type, rule, NULL);
    struct sv_value handler = ap_rewrite_expand(w, rule->handler, rule, NULL);
    if (type.why || handler.why)
        return undecided(w, type.why ? type.why : handler.why);
    if (type.s.n)
        w->r->forced_type = type.s;
    if (handler.s.n)
        w->r->forced_handler = handler.s;
    if (type.s.n || handler.s.n)
        w->r->forced_node = rule->node;
    return MATCH_ONLY;
}

static void set_environment(struct ap_rewriter *w, const struct ap_rule *rule)
{
    sv_vec_each(it, &rule->env)
    {
        /* What a variable holds matters to those that use it: WordPress keeps a header so. */
        const char *before = w->r->ans.condition;
        w->r->ans.condition = NULL;
        struct sv_value v = ap_rewrite_expand(w, *it, NULL, NULL);
        const char *condition = w->r->ans.condition;
        w->r->ans.condition = before;
        size_t colon = sv_slice_chr(v.s, ':');
        if (v.s.n && v.s.p[0] == '!') {
            ap_env_unset(w->r, sv_slice_sub(v.s, 1, v.s.n));
            continue;
        }
        struct sv_value text = {.s = sv_slice_sub(v.s, colon + 1, v.s.n), .why = v.why};
        ap_env_set(w->r, sv_slice_sub(v.s, 0, colon), text, condition);
    }
}

/* The new file name is set: where it leads by flags and form. */
static enum applied direct(struct ap_rewriter *w, const struct ap_rule *rule)
{
    struct ap_run *r = w->r;
    bool query;
    if (rule->flags & AP_R_PROXY) {
        if (w->dir.n && !(rule->flags & AP_R_NO_ESCAPE))
            r->filename = ap_escape_path(r->a, r->filename);
        fully_qualify(r);
        w->proxy = true;
        return SUBSTITUTED;
    }
    if (rule->flags & AP_R_REDIRECT) {
        fully_qualify(r);
        w->status = rule->status;
        return SUBSTITUTED;
    }
    reduce(w);
    r->filename = ap_one_slash(r->filename);
    if (ap_uri_scheme(r->filename, &query)) {
        w->status = rule->status;
        return SUBSTITUTED;
    }
    return force_type(w, rule) == UNDECIDED ? UNDECIDED : SUBSTITUTED;
}

/* A query that is not known does not choose the file; what is known of it stays. */
static bool only_query_unknown(struct ap_rewriter *w, const struct ap_rule *rule)
{
    struct sv_slice path = sv_slice_sub(rule->output, 0, sv_slice_chr(rule->output, '?'));
    return path.n < rule->output.n && !(rule->flags & (AP_R_PROXY | AP_R_REDIRECT)) &&
           path.p[0] == '/' && !ap_rewrite_expand(w, path, rule, NULL).why;
}

static enum applied substitute(struct ap_rewriter *w, const struct ap_rule *rule)
{
    struct ap_run *r = w->r;
    bool mark, query;
    struct sv_value v = ap_rewrite_expand(w, rule->output, rule, &mark);
    set_environment(w, rule);
    if (v.why && !only_query_unknown(w, rule))
        return undecided(w, v.why);
    /* Since 2.4.60 what was captured may not bring in a query. */
    if (mark && !(rule->flags & AP_R_ANY_MARK)) {
        w->status = 403;
        return REFUSED;
    }
    r->filename = v.s;
    if (w->dir.n && rule->flags & AP_R_DROP_PATH_INFO)
        r->path_info = SV_LIT("");
    split_query(w, rule);
    bool relative = (r->filename.n == 0 || r->filename.p[0] != '/') &&
                    !ap_uri_scheme(r->filename, &query);
    if (relative && !w->proxy_request)
        r->filename = ap_concat(r->a, w->dir.n ? w->dir : SV_LIT("/"), r->filename);
    return direct(w, rule);
}

/* ---- one rule, and all ---- */

/* "RewriteRule .* - [E=NAME:VALUE]" decides nothing by itself. */
static bool only_sets(const struct ap_rule *rule, enum sv_truth t)
{
    enum { DECIDES = AP_R_CHAIN | AP_R_END | AP_R_STATUS | AP_R_LAST | AP_R_NEXT };
    return t == SV_TRUE && rule->env.n && (rule->flags & AP_R_NO_SUBST) && !rule->type.n &&
           !rule->handler.n && !rule->skip && !(rule->flags & DECIDES);
}

static enum applied apply(struct ap_rewriter *w, const struct ap_rule *rule, size_t first_cond,
                          size_t at)
{
    struct sv_match m = {0};
    enum sv_match_result x =
        rule->re ? sv_regex_match(rule->re, subject(w), 0, &m) : SV_MATCH_LIMIT;
    if (x == SV_MATCH_LIMIT)
        return undecided(w, "a RewriteRule whose regular expression cannot be evaluated");
    if ((x == SV_MATCH_YES) == ((rule->flags & AP_R_NEGATE) != 0))
        return NO_MATCH;
    w->cond = (struct sv_match){0};
    w->rule = rule->flags & AP_R_NEGATE ? (struct sv_match){0} : m;
    w->why = NULL;
    enum sv_truth t = conditions(w, first_cond, at);
    if (t == SV_FALSE)
        return NO_MATCH;
    for (size_t i = first_cond; i < at && !only_sets(rule, t); i++)
        ap_why(w->r, w->conf.lines.v[i]);
    if (!only_sets(rule, t))
        ap_why(w->r, rule->node);
    if (t == SV_MAYBE)
        return UNDECIDED;
    if (!(rule->flags & AP_R_NO_SUBST))
        return substitute(w, rule);
    set_environment(w, rule);
    if (force_type(w, rule) == UNDECIDED)
        return UNDECIDED;
    if (rule->flags & AP_R_STATUS)
        w->status = rule->status;
    return MATCH_ONLY;
}

struct rounds {
    struct sv_slice name, args; /* as the current round of [N] found them */
    unsigned round, steps;
};

/* [N]: false if the rounds are used up, or as good as that because nothing changes any more. */
static bool next_round(struct ap_rewriter *w, const struct ap_rule *rule, struct rounds *list)
{
    struct ap_run *r = w->r;
    bool stuck = list->round > 1 && sv_slice_eq(list->name, r->filename) &&
                 sv_slice_eq(list->args, r->args) && rule->env.n == 0;
    list->name = r->filename;
    list->args = r->args;
    return ++list->round < rule->rounds && !stuck;
}

/* What follows a match; *i is the rule. True: the list is done. */
static bool after_match(struct ap_rewriter *w, const struct ap_rule *rule, size_t *i,
                        struct rounds *list, enum ap_rewritten *ret)
{
    if (rule->flags & AP_R_PASS) {
        w->pass = true;
        *ret = AP_RW_CHANGED;
        return true;
    }
    if (rule->flags & AP_R_END) {
        w->r->rewrite_end = true;
        return true;
    }
    if (rule->flags & (AP_R_PROXY | AP_R_LAST))
        return true;
    if (rule->flags & AP_R_NEXT) {
        if (!next_round(w, rule, list)) {
            w->status = 500;
            *ret = AP_RW_STATUS;
            return true;
        }
        *i = (size_t)-1;
        return false;
    }
    *i += rule->skip;
    return false;
}

enum ap_rewritten ap_rewrite_list(struct ap_rewriter *w)
{
    const struct ap_rule_list *list = ap_rewrite_rules(w->r, &w->conf);
    enum ap_rewritten changed = AP_RW_NONE;
    struct rounds rounds = {.round = 1};
    if (list->bad) {
        ap_why(w->r, list->bad);
        w->why = "a RewriteRule that cannot be read";
        return AP_RW_UNKNOWN;
    }
    for (size_t i = 0; i < list->rules.n; i++) {
        const struct ap_rule *rule = &list->rules.v[i];
        if (w->r->in_subrequest && rule->flags & (AP_R_NO_SUBREQ | AP_R_REDIRECT))
            continue;
        enum applied x = apply(w, rule, list->conds.v[i], list->lines.v[i]);
        if (x == UNDECIDED)
            return AP_RW_UNKNOWN;
        if (++rounds.steps > SV_MAX_REWRITE_STEPS) {
            w->why = "rules that start over too often";
            return AP_RW_UNKNOWN;
        }
        if (x == NO_MATCH) {
            while (i < list->rules.n && list->rules.v[i].flags & AP_R_CHAIN)
                i++;
            continue;
        }
        if (w->r->filename.n > SV_MAX_APACHE_NAME) {
            w->status = 500;
            return AP_RW_STATUS;
        }
        if (x == REFUSED || rule->flags & AP_R_STATUS)
            return AP_RW_STATUS;
        if (x == SUBSTITUTED) {
            changed = rule->flags & AP_R_NO_ESCAPE ? AP_RW_NOESCAPE : AP_RW_CHANGED;
            w->last = rule;
        }
        if (after_match(w, rule, &i, &rounds, &changed))
            break;
    }
    return changed;
}
