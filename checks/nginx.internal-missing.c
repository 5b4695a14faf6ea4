// SPDX-License-Identifier: Apache-2.0
// nginx.internal-missing: a location meant for redirects inside the server answers strangers.
#include "engine/check.h"

/* Names that people give to the targets of X-Accel-Redirect. */
static bool named_internal(struct sv_slice name)
{
    static const char *const words[] = {"protected", "internal", "private", "x-accel", "xaccel",
                                        "sendfile",  "secured"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_find(name, words[i]) < name.n)
            return true;
    return false;
}

/* A list of addresses is for clients: "internal" would shut them out. That it lets in others too is
 * the finding of nginx.allow-without-deny. */
static bool has_clients(const struct sv_scope *loc)
{
    sv_node_each(n, loc->node)
    {
        if (sv_node_is(n, "allow") && !sv_slice_is(sv_node_arg(n, 0), "all"))
            return true;
    }
    return false;
}

static bool has_application(const struct sv_subject *s)
{
    static const char *const pass[] = {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass"};
    struct sv_scopes own = sv_vhost_scopes(s->vhost);
    for (size_t k = 0; k < own.n; k++)
        for (size_t i = 0; i < sizeof pass / sizeof *pass; i++)
            if (sv_scope_own(own.v[k], pass[i]))
                return true;
    return false;
}

static void run_target(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *loc = s->scope;
    struct sv_arena *a = sv_ctx_arena(cx);
    if (loc->kind != SV_SCOPE_LOCATION || loc->match > SV_MATCH_PREFIX_STOP ||
        (!sv_scope_own(loc, "alias") && !sv_scope_own(loc, "root")) ||
        !named_internal(loc->name) || has_clients(loc) || !has_application(s))
        return;
    const char *path =
        sv_arena_printf(a, "%.*ssrvaudit-no-such-file", (int)loc->name.n, loc->name.p);
    struct sv_answer ans = sv_ctx_ask(cx, s->vhost, sv_uri_escape(a, sv_slice_of(path)));
    if (ans.outcome != SV_OUT_NOT_FOUND || ans.scope != loc ||
        sv_scope_get(loc, "internal", NULL) || sv_scope_own(loc, "return"))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_MEDIUM, loc->node,
        "%s looks like a place for X-Accel-Redirect, but answers everyone who asks for it: the "
        "application's permission is not needed",
        sv_scope_text(a, loc));
    sv_finding_fix(cx, f, "Add to this location: internal;");
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->kind == SV_ON_SCOPE) {
        run_target(cx, s);
        return;
    }
    struct sv_slice uri = sv_node_arg(s->node, 0);
    if (!s->vhost || uri.n == 0 || uri.p[0] != '/' || sv_slice_chr(uri, '$') < uri.n)
        return;
    struct sv_answer ans = sv_ctx_ask(cx, s->vhost, sv_uri_escape(sv_ctx_arena(cx), uri));
    bool answers = ans.outcome == SV_OUT_PROXIED || ans.outcome == SV_OUT_HANDLER;
    if (!answers || !ans.scope || has_clients(ans.scope) || sv_ctx_reported(cx, ans.scope->node))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_INFO, ans.scope->node, "strangers can ask %.*s, which is meant for %.*s, themselves",
        (int)uri.n, uri.p, (int)s->node->name.n, s->node->name.p);
    sv_finding_evidence(cx, f, s->node);
    sv_finding_fix(cx, f, "Add to this location: internal;");
}

static const char *const directives[] = {"auth_request", "mirror", NULL};
static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#internal", NULL};

const struct sv_check sv_check_nginx_internal_missing = {
    SV_CHECK_HEADER,
    .id = "nginx.internal-missing", .servers = SV_SITE_NGINX,
    .title = "A location for internal redirects answers everyone",
    .why = "Files behind X-Accel-Redirect are handed out after the application agreed. Without "
           "\"internal\" the same files have a URL that asks nobody.",
    .fix = "internal; in the location.",
    .bad = "location / { proxy_pass http://app; }\nlocation /protected/ { alias /srv/files/; }",
    .good = "location / { proxy_pass http://app; }\n"
            "location /protected/ { internal; alias /srv/files/; }",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_SCOPE | SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
