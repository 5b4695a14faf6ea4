// SPDX-License-Identifier: Apache-2.0
// web.local-only-behind-proxy: "only from this machine", asked through a proxy on this machine.
#include "engine/check.h"

static bool is_local(struct sv_slice word)
{
    return sv_slice_starts(word, "127.") || sv_slice_is(word, "::1") ||
           sv_slice_is(word, "localhost") || sv_slice_is(word, "unix:");
}

/* The line that lets this machine in; NULL if others are let in too, or everyone. */
static const struct sv_node *local_rule(const struct sv_node *section)
{
    const struct sv_node *rule = NULL;
    sv_node_each(n, section)
    {
        struct sv_slice first = sv_node_arg(n, 0);
        bool require = sv_node_is(n, "require"), allow = sv_node_is(n, "allow");
        uint32_t from = require || sv_slice_is_nocase(first, "from");
        if (!require && !allow)
            continue;
        if (require && sv_slice_is_nocase(first, "local")) {
            rule = n;
            continue;
        }
        if (require && !sv_slice_is_nocase(first, "ip") && !sv_slice_is_nocase(first, "host"))
            return NULL;
        for (uint32_t i = from; i < n->n_args; i++)
            if (!is_local(sv_node_arg(n, i)))
                return NULL;
        rule = n;
    }
    return rule;
}

static bool lets_through(const struct sv_answer *ans)
{
    return ans->outcome == SV_OUT_FILE || ans->outcome == SV_OUT_LISTING ||
           ans->outcome == SV_OUT_HANDLER || ans->outcome == SV_OUT_PROXIED;
}

static bool decided_by(const struct sv_answer *ans, const struct sv_node *rule)
{
    sv_vec_each(w, &ans->why)
    {
        if (w->span.file == rule->head.file && w->span.start == rule->head.start)
            return true;
    }
    return false;
}

static void ask(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_node *rule,
                const char *target)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_fronts fronts = {0};
    sv_serve_fronts(s->site, a, sv_slice_of(target), &fronts);
    sv_vec_each(f, &fronts.list)
    {
        struct sv_answer ans = sv_serve_answer(f->site, a, &f->request);
        if (ans.behind != s->site || !ans.trusted_proxy || !lets_through(&ans) ||
            !decided_by(&ans, rule) || !sv_vhost_on_network(f->vhost) ||
            sv_ctx_reported(cx, rule))
            continue;
        struct sv_route route = {sv_request_url(a, &f->request), ans};
        struct sv_finding *found = sv_report_at(
            cx, SV_HIGH, rule, "everyone passes this rule through the proxy of this machine, whose requests come "
            "from 127.0.0.1, as with %s", route.url);
        sv_finding_route(cx, found, f->site, &route);
        if (s->site->kind == SV_SITE_NGINX)
            sv_finding_fix(cx, found, "Here: set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;\n"
                                      "at the proxy: proxy_set_header X-Real-IP $remote_addr;\n"
                                      "or refuse the path at the proxy.");
        else
            sv_finding_fix(cx, found, "Here, with mod_remoteip: RemoteIPHeader X-Forwarded-For\n"
                                      "RemoteIPInternalProxy 127.0.0.1\n"
                                      "at the proxy: proxy_set_header X-Forwarded-For $remote_addr;\n"
                                      "or refuse the path at the proxy.");
        return;
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *at = s->scope;
    const struct sv_node *rule = at->vhost && at->node ? local_rule(at->node) : NULL;
    struct sv_places places = {0};
    if (!rule || !s->site->host)
        return;
    if (at->kind == SV_SCOPE_LOCATION && at->match <= SV_MATCH_EXACT)
        ask(cx, s, rule, sv_uri_escape(a, at->name));
    else if (at->kind == SV_SCOPE_SERVER)
        ask(cx, s, rule, "/");
    else if (at->kind == SV_SCOPE_DIRECTORY && at->match == SV_MATCH_PREFIX)
        sv_ctx_places(cx, s->site, sv_arena_copy(a, at->name).p, &places);
    sv_vec_each(p, &places.list)
    {
        ask(cx, s, rule, sv_arena_printf(a, "%s/", p->target));
    }
}

static const char *const refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_remoteip.html",
    "https://nginx.org/en/docs/http/ngx_http_realip_module.html", NULL};

const struct sv_check sv_check_web_local_only_behind_proxy = {
    SV_CHECK_HEADER,
    .id = "web.local-only-behind-proxy",
    .title = "A rule for this machine alone that a proxy on it voids",
    .why = "Behind a proxy on the same machine every request comes from 127.0.0.1. A rule that lets only "
           "localhost in then lets everyone in: status pages, admin tools, debug endpoints.",
    .fix = "Pass the client's address on and use it, or refuse the path at the proxy.",
    .bad = "# proxy: location / { proxy_pass http://127.0.0.1:8080; }\n"
           "# backend on 8080:\nlocation /status { stub_status; allow 127.0.0.1; deny all; }",
    .good = "# proxy: location /status { return 404; }\n"
            "#        location / { proxy_pass http://127.0.0.1:8080; }",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_SCOPE,
    .run = run,
};
