// SPDX-License-Identifier: Apache-2.0
// nginx.status-open: the status page answers a stranger.
#include "engine/check.h"

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *loc = sv_scope_location(s->scope);
    if (loc->kind != SV_SCOPE_LOCATION || loc->match >= SV_MATCH_REGEX)
        return;
    struct sv_answer ans = sv_ctx_ask(cx, s->vhost, sv_uri_escape(sv_ctx_arena(cx), loc->name));
    if (!sv_vhost_on_network(s->vhost) || ans.outcome != SV_OUT_HANDLER || ans.status != 200)
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_LOW, s->node, "%s%.*s shows the server's counters to everyone",
                     sv_ctx_origin(cx, s->vhost), (int)loc->name.n, loc->name.p);
    sv_finding_fix(cx, f, "Add to this location: allow 127.0.0.1; deny all;");
}

static const char *const directives[] = {"stub_status", NULL};
static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_stub_status_module.html",
                                   NULL};

const struct sv_check sv_check_nginx_status_open = {
    SV_CHECK_HEADER,
    .id = "nginx.status-open", .servers = SV_SITE_NGINX,
    .title = "The status page answers everyone",
    .why = "The counters tell a stranger how busy the server is and when it restarts.",
    .fix = "Allow the monitoring host and deny the rest.",
    .bad = "location /status { stub_status; }",
    .good = "location /status { stub_status; allow 127.0.0.1; deny all; }",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
