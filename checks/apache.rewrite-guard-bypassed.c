// SPDX-License-Identifier: Apache-2.0
// apache.rewrite-guard-bypassed: a RewriteRule that should refuse and does not.
#include "base/limits.h"
#include "engine/check.h"
#include "model/apache.h"

/* One of the flags in the last argument, "[F,L]": its short or long name. */
static bool has_flag(const struct sv_node *n, const char *brief, const char *name)
{
    struct sv_slice s = sv_node_arg(n, 2);
    if (n->n_args < 3 || s.n < 2 || s.p[0] != '[')
        return false;
    s = sv_slice_sub(s, 1, s.n - 1);
    while (s.n) {
        size_t end = sv_slice_chr(s, ',');
        struct sv_slice flag = sv_slice_trim(sv_slice_sub(s, 0, end));
        if (sv_slice_is_nocase(flag, brief) || sv_slice_is_nocase(flag, name))
            return true;
        s = sv_slice_sub(s, end + 1, s.n);
    }
    return false;
}

static bool refuses(const struct sv_node *n)
{
    return has_flag(n, "F", "forbidden") || has_flag(n, "G", "gone") || has_flag(n, "R=404", "R=403");
}

/* RewriteCond lines belong to the rule that follows them. */
static bool conditional(const struct sv_node *rule)
{
    bool cond = false;
    sv_node_each(n, rule->parent)
    {
        if (n == rule)
            return cond;
        if (sv_node_is(n, "rewritecond"))
            cond = true;
        else if (sv_node_is(n, "rewriterule"))
            cond = false;
    }
    return false;
}

static bool engine_on(const struct sv_scope *s)
{
    const struct sv_node *n = sv_scope_own(s, "rewriteengine");
    return n && sv_slice_is_nocase(sv_node_arg(n, 0), "on");
}

static bool per_directory(const struct sv_scope *s)
{
    return s->kind == SV_SCOPE_DIRECTORY || s->kind == SV_SCOPE_FILES ||
           s->kind == SV_SCOPE_HTACCESS;
}

static void leading_slash(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice pattern = sv_node_arg(s->node, 0);
    struct sv_finding *f = sv_report_at(
        cx, SV_MEDIUM, s->node, "this rule never fires: in a folder's context the path that it looks at has no "
        "leading slash");
    struct sv_slice rest = sv_slice_sub(pattern, 2, pattern.n), flags = sv_node_arg(s->node, 2);
    sv_finding_fix(cx, f, "RewriteRule \"^%.*s\" - %.*s", (int)rest.n, rest.p, (int)flags.n,
                   flags.p);
}

/* Rules of the main server do not hold in virtual hosts, unless these inherit them. */
static void not_inherited(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(v, &s->site->vhosts)
    {
        const struct sv_node *o = sv_scope_own((*v)->scope, "rewriteoptions");
        bool inherits = false;
        for (uint32_t i = 0; o && i < o->n_args; i++)
            inherits |= sv_slice_is_nocase(sv_node_arg(o, i), "inherit") ||
                        sv_slice_is_nocase(sv_node_arg(o, i), "inheritbefore");
        if ((*v)->apache->is_main || (inherits && engine_on((*v)->scope)))
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, s->node, "this rule does not hold in the virtual host %s: rules of the main server "
            "are not inherited", (*v)->label);
        sv_finding_evidence(cx, f, (*v)->scope->node);
        sv_finding_fix(cx, f, "In each <VirtualHost>: RewriteEngine On\nRewriteOptions Inherit\n"
                              "or say it with <Directory> or RedirectMatch, which do hold there.");
        return;
    }
}

static void run_rule(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice pattern = sv_node_arg(s->node, 0);
    if (!refuses(s->node) || !s->vhost || !s->vhost->apache)
        return;
    if (per_directory(s->scope)) {
        if (sv_slice_starts(pattern, "^/"))
            leading_slash(cx, s);
        return;
    }
    const struct sv_node *o = sv_scope_own(s->scope, "rewriteoptions");
    bool down = o && sv_slice_starts(sv_node_arg(o, 0), "InheritDown");
    bool main_server = s->scope->kind == SV_SCOPE_SERVER && s->vhost->apache->is_main;
    if (main_server && engine_on(s->scope) && !down)
        not_inherited(cx, s);
}

/* A file that is served although a rule of its virtual host is about its URL: an earlier rule took
 * the request, or rewrote another URL to it. */
static void got_around(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_route *r,
                       const struct sv_node *rule)
{
    if (!refuses(rule)) /* most rules; what is asked next takes longer, the last a look at all */
        return;
    const char *path = strchr(strstr(r->url, "://") + 3, '/');
    struct sv_regex *re = sv_regex_get(sv_ctx_regexes(cx), sv_node_arg(rule, 0),
                                       has_flag(rule, "NC", "nocase") ? SV_REGEX_NOCASE : 0, NULL);
    if (!path || !re || sv_slice_starts(sv_node_arg(rule, 0), "!") ||
        sv_regex_match(re, sv_slice_of(path), 0, NULL) != SV_MATCH_YES ||
        sv_ctx_reported(cx, rule) || conditional(rule))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, rule, "this rule should refuse %s, which is served: an earlier rule takes the request",
        r->url);
    sv_finding_route(cx, f, s->site, r);
    sv_finding_fix(cx, f, "Put the rules that refuse before all others.");
}

static void run_file(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, s->file->path);
    sv_vec_each(r, &routes->list)
    {
        if (!r->answer.vhost || !engine_on(r->answer.vhost->scope))
            continue;
        sv_node_each(n, r->answer.vhost->scope->node)
        {
            if (sv_node_is(n, "rewriterule"))
                got_around(cx, s, r, n);
        }
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->kind == SV_ON_FILE)
        run_file(cx, s);
    else
        run_rule(cx, s);
}

static const char *const directives[] = {"rewriterule", NULL};
static const char *const refs[] = {"https://httpd.apache.org/docs/2.4/rewrite/intro.html",
                                   "https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html", NULL};

const struct sv_check sv_check_apache_rewrite_guard_bypassed = {
    SV_CHECK_HEADER,
    .id = "apache.rewrite-guard-bypassed",
    .servers = SV_SITE_APACHE,
    .title = "A RewriteRule that should refuse and does not",
    .why = "In a folder's context a pattern with a leading slash matches nothing; rules of the main "
           "server do not hold in virtual hosts; and an earlier rule with [L], [PT] or [END] takes the "
           "request before the guard sees it.",
    .fix = "Guards first, without a leading slash in .htaccess and Directory; better, use Require.",
    .bad = "<Directory /srv/app>\n    RewriteEngine On\n    RewriteRule ^/\\.env - [F]\n</Directory>",
    .good = "<Directory /srv/app>\n    RewriteEngine On\n    RewriteRule ^\\.env - [F]\n</Directory>",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE | SV_ON_FILE,
    .directives = directives,
    .run = run,
};
