// SPDX-License-Identifier: Apache-2.0
// web.local-only-behind-proxy: "only from this machine", asked through a proxy on this machine.
#include "engine/check.h"

enum { SAMPLE = 4 };

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
    if (ans->status >= 400) /* the page of a refusal */
        return false;
    return ans->outcome == SV_OUT_FILE || ans->outcome == SV_OUT_LISTING ||
           ans->outcome == SV_OUT_HANDLER || ans->outcome == SV_OUT_PROXIED;
}

/* By path: the .htaccess file that the answer names was read for it, and again for the check. */
static bool decided_by(struct sv_ctx *cx, const struct sv_answer *ans, const struct sv_node *rule)
{
    struct sv_sources *src = sv_ctx_sources(cx);
    sv_vec_each(w, &ans->why)
    {
        if (w->span.file && w->span.start == rule->head.start &&
            strcmp(sv_span_path(src, w->span), sv_span_path(src, rule->head)) == 0)
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
            !decided_by(cx, &ans, rule) || !sv_vhost_on_network(f->vhost) ||
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
            sv_finding_fix(cx, found, "Outside of all sections, with mod_remoteip loaded:\n"
                                      "RemoteIPHeader X-Forwarded-For\n"
                                      "RemoteIPInternalProxy 127.0.0.1\n"
                                      "at the proxy: proxy_set_header X-Forwarded-For $remote_addr;\n"
                                      "or refuse the path at the proxy.");
        return;
    }
}

/* The folder itself, and files in it: without an index it answers 403 whatever the rule says. */
static void ask_folder(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_node *rule,
                       const char *dir)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_places places = {0};
    struct sv_paths files = {0};
    sv_ctx_places(cx, s->site, dir, &places);
    if (places.list.n)
        sv_ctx_sample(cx, dir, SAMPLE, &files);
    sv_vec_each(p, &places.list)
    {
        ask(cx, s, rule, sv_arena_printf(a, "%s/", p->target));
        sv_vec_each(path, &files.list)
        {
            if (sv_path_below(*path, dir))
                ask(cx, s, rule,
                    sv_arena_printf(a, "%s%s", p->target,
                                    sv_uri_escape(a, sv_slice_of(*path + strlen(dir)))));
        }
    }
}

/* A location: itself, and the files that the root has for it. */
static void ask_location(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_node *rule)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *at = s->scope;
    bool nginx = s->site->kind == SV_SITE_NGINX;
    const struct sv_node *root = sv_scope_get(at, nginx ? "root" : "documentroot", NULL);
    struct sv_slice dir = root ? sv_node_arg(root, 0) : (struct sv_slice){"", 0};
    ask(cx, s, rule, sv_uri_escape(a, at->name));
    if (at->match == SV_MATCH_EXACT || !sv_slice_starts(dir, "/") ||
        !sv_slice_starts(at->name, "/"))
        return;
    size_t n = at->name.n;
    while (dir.n > 0 && dir.p[dir.n - 1] == '/')
        dir.n--;
    while (n > 0 && at->name.p[n - 1] == '/')
        n--;
    struct sv_paths files = {0};
    const char *path = sv_arena_printf(a, "%.*s%.*s", (int)dir.n, dir.p, (int)n, at->name.p);
    sv_ctx_sample(cx, path, SAMPLE, &files);
    sv_vec_each(file, &files.list)
    {
        if (sv_path_below(*file, path))
            ask(cx, s, rule, sv_uri_escape(a, sv_slice_of(*file + dir.n)));
    }
}

static void run_htaccess(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->site->kind != SV_SITE_APACHE || strcmp(sv_path_base(s->file->path), ".htaccess") != 0)
        return;
    const struct sv_node *root = sv_ctx_htaccess(cx, s->site, s->file->path);
    const struct sv_node *rule = root ? local_rule(root) : NULL;
    if (rule)
        ask_folder(cx, s, rule, sv_path_dir(sv_ctx_arena(cx), s->file->path));
}

static void run_scope(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *at = s->scope;
    const struct sv_node *rule = at->vhost && at->node ? local_rule(at->node) : NULL;
    if (!rule)
        return;
    if (at->kind == SV_SCOPE_LOCATION && at->match <= SV_MATCH_EXACT)
        ask_location(cx, s, rule);
    else if (at->kind == SV_SCOPE_SERVER)
        ask(cx, s, rule, "/");
    else if (at->kind == SV_SCOPE_DIRECTORY && at->match == SV_MATCH_PREFIX)
        ask_folder(cx, s, rule, sv_arena_copy(sv_ctx_arena(cx), at->name).p);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!s->site->host)
        return;
    if (s->kind == SV_ON_FILE)
        run_htaccess(cx, s);
    else
        run_scope(cx, s);
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
    .on = SV_ON_SCOPE | SV_ON_FILE,
    .run = run,
};
