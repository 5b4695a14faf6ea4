// SPDX-License-Identifier: Apache-2.0
// apache.open-proxy and apache.proxy-unguarded: who may use the proxy, and what does not guard it.
#include "base/limits.h"
#include "engine/check.h"
#include "model/apache.h"
#include "model/apache_guard.h"

/* ---- apache.open-proxy ---- */

/* <Proxy "*"> or a pattern for all, that keeps strangers out. */
static const struct sv_scope *proxy_guard(const struct sv_site *site, const struct sv_vhost *v)
{
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_scope *s = *it;
        bool here = s->vhost == v || !s->vhost || s->vhost->apache->is_main;
        bool all = sv_slice_is(s->name, "*") || sv_slice_is(s->name, ".*") ||
                   sv_slice_is(s->name, ".") || sv_slice_is(s->name, "^");
        if (s->kind == SV_SCOPE_PROXY && here && all &&
            sv_apache_guard(s->node, NULL) >= SV_GUARD_RESTRICTS)
            return s;
    }
    return NULL;
}

static void run_open(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!sv_slice_is_nocase(sv_node_arg(s->node, 0), "on") || !s->vhost ||
        !sv_vhost_on_network(s->vhost) || proxy_guard(s->site, s->vhost))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, s->node, "every stranger can reach any address through this server, its own network "
        "and localhost included");
    sv_finding_fix(cx, f, "ProxyRequests Off\nProxyPass works without it.");
}

static const char *const open_directives[] = {"proxyrequests", NULL};
static const char *const open_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#access", NULL};

const struct sv_check sv_check_apache_open_proxy = {
    SV_CHECK_HEADER,
    .id = "apache.open-proxy",
    .servers = SV_SITE_APACHE,
    .title = "An open forward proxy",
    .why = "A forward proxy without access control lets everyone send requests as this server: to "
           "internal services, to cloud metadata addresses, and to the world in your name.",
    .fix = "ProxyRequests Off, or a <Proxy \"*\"> section with Require.",
    .bad = "ProxyRequests On",
    .good = "ProxyRequests On\n<Proxy \"*\">\n    Require ip 10.0.0.0/8\n</Proxy>",
    .refs = open_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = open_directives,
    .run = run_open,
};

/* ---- apache.proxy-unguarded ---- */

/* The path that a proxy directive takes over: its own argument, or the Location it stands in. */
static struct sv_slice proxied_path(const struct sv_subject *s)
{
    bool excluded = sv_slice_is(sv_node_arg(s->node, s->node->n_args - 1), "!");
    if (excluded)
        return (struct sv_slice){"", 0};
    if (s->scope->kind == SV_SCOPE_LOCATION)
        return s->scope->match == SV_MATCH_PREFIX ? s->scope->name : SV_LIT("");
    return s->node->n_args >= 2 ? sv_node_arg(s->node, 0) : SV_LIT("");
}

static bool refusing_redirect(const struct sv_node *n)
{
    struct sv_slice status = sv_node_arg(n, 0);
    return sv_node_is(n, "redirectmatch") && n->n_args == 2 &&
           (sv_slice_is(status, "403") || sv_slice_is(status, "404") || sv_slice_is(status, "410"));
}

/* What the guard is about may lie below the proxied path. */
static bool covers(struct sv_ctx *cx, const struct sv_node *guard, struct sv_slice path)
{
    if (sv_slice_is(path, "/"))
        return true;
    if (!sv_node_is(guard, "redirectmatch"))
        return false;
    struct sv_regex *re = sv_regex_get(sv_ctx_regexes(cx), sv_node_arg(guard, 1), 0, NULL);
    return re && sv_regex_match(re, path, 0, NULL) == SV_MATCH_YES;
}

/* The same is said once more, in a section that holds for proxied requests. */
static bool said_by_location(const struct sv_node *guard)
{
    struct sv_slice pattern = sv_node_arg(guard, guard->n_args - 1);
    sv_node_each(n, guard->parent)
    {
        if (n->kind == SV_NODE_BLOCK && sv_node_is(n, "locationmatch") && n->n_args &&
            sv_slice_eq(sv_node_arg(n, n->n_args - 1), pattern) &&
            sv_apache_guard(n, NULL) >= SV_GUARD_RESTRICTS)
            return true;
    }
    return false;
}

/* The guard as a section that holds for proxied requests, in the virtual host. */
static void location_for(struct sv_ctx *cx, struct sv_finding *f, const struct sv_node *guard)
{
    struct sv_slice pattern = sv_node_arg(guard, guard->n_args - 1);
    if (sv_node_is(guard, "redirectmatch"))
        sv_finding_fix(cx, f, "<LocationMatch \"%.*s\">\n    Require all denied\n</LocationMatch>",
                       (int)pattern.n, pattern.p);
    else
        sv_finding_fix(cx, f, "Say the same by URL, with <LocationMatch \"/NAME$\"> around these Require "
                              "lines.");
}

static void run_unguarded(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice path = s->node->n_args ? proxied_path(s) : SV_LIT("");
    if (path.n == 0 || !s->vhost)
        return;
    const struct sv_scope *own = s->vhost->scope;
    if (!sv_scope_own(own, "files") && !sv_scope_own(own, "filesmatch") &&
        !sv_scope_own(own, "redirectmatch"))
        return; /* thousands of proxied paths in a server of thousands of sections */
    sv_node_each(n, s->vhost->scope->node)
    {
        bool files = n->kind == SV_NODE_BLOCK &&
                     (sv_node_is(n, "files") || sv_node_is(n, "filesmatch")) &&
                     sv_apache_guard(n, NULL) >= SV_GUARD_RESTRICTS &&
                     sv_slice_find(n->body, ".ht") == n->body.n; /* the stock rule */
        if ((!files && !refusing_redirect(n)) || !covers(cx, n, path) || sv_ctx_reported(cx, n) ||
            said_by_location(n))
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, n, "this does not hold below %.*s: requests go to the backend before it is looked at",
            (int)path.n, path.p);
        sv_finding_evidence(cx, f, s->node);
        location_for(cx, f, n);
    }
}

static const char *const pass[] = {"proxypass", "proxypassmatch", NULL};
static const char *const unguarded_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#proxypass", NULL};

const struct sv_check sv_check_apache_proxy_unguarded = {
    SV_CHECK_HEADER,
    .id = "apache.proxy-unguarded",
    .servers = SV_SITE_APACHE,
    .title = "A guard that proxied requests never reach",
    .why = "Requests that ProxyPass takes are not mapped to files: Directory, Files and .htaccess do not "
           "hold for them, and mod_proxy comes before the RedirectMatch of mod_alias.",
    .fix = "Use Location or LocationMatch, or RewriteRule with [F].",
    .bad = "ProxyPass / http://127.0.0.1:3000/\nRedirectMatch 404 \"/\\.git\"",
    .good = "ProxyPass / http://127.0.0.1:3000/\n<LocationMatch \"/\\.git\">\n    Require all denied\n"
            "</LocationMatch>",
    .refs = unguarded_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = pass,
    .run = run_unguarded,
};
