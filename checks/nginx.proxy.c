// SPDX-License-Identifier: Apache-2.0
// Requests handed on: to a host the client names, with a Host it names, to a path it bends.
#include "engine/check.h"
#include "model/taint.h"
#include "secrets/redact.h"

static bool starts_with_slash(unsigned taint)
{
    return (taint & (SV_TAINT_REQUEST_URI | SV_TAINT_URI)) &&
           !(taint & ~(unsigned)(SV_TAINT_REQUEST_URI | SV_TAINT_URI));
}

/* "host:port" of a pass directive's value; what follows begins with a slash. */
static struct sv_slice authority(const struct sv_scope *scope, struct sv_slice url)
{
    size_t scheme = sv_slice_find(url, "://");
    struct sv_slice rest = scheme < url.n ? sv_slice_sub(url, scheme + 3, url.n) : url;
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == '/')
            return sv_slice_sub(rest, 0, i);
        if (rest.p[i] != '$')
            continue;
        size_t end = i + 1;
        while (end < rest.n && !strchr("$/:.-}", rest.p[end]))
            end++;
        if (starts_with_slash(sv_taint_of(scope, sv_slice_sub(rest, i, end))))
            return sv_slice_sub(rest, 0, i);
    }
    return rest;
}

/* Any Host reaches this server: it answers for an address, or its names are patterns. */
static bool takes_any_host(const struct sv_vhost *v)
{
    sv_vec_each(g, &v->site->groups)
    {
        if ((*g)->default_vhost == v)
            return true;
    }
    sv_vec_each(n, &v->names)
    {
        if (n->regex)
            return true;
    }
    return false;
}

static bool alone(struct sv_slice text, struct sv_slice var)
{
    return sv_slice_eq(text, var) || (text.n == var.n + 1 && text.p[text.n - 1] == '}');
}

static void run_ssrf(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *scope = s->scope;
    struct sv_slice host = authority(scope, sv_node_arg(s->node, 0));
    unsigned taint = sv_taint_of(scope, host);
    unsigned any = SV_TAINT_FREE | SV_TAINT_CAPTURE | SV_TAINT_NEWLINE | SV_TAINT_HTTP_HOST;
    if (!scope->vhost || sv_scope_get(scope, "internal", NULL) ||
        sv_scope_location(scope)->match == SV_MATCH_NAMED)
        return;
    struct sv_slice var = sv_taint_culprit(scope, host, taint);
    bool by_host = (taint & SV_TAINT_HOST) && takes_any_host(scope->vhost);
    bool by_word = (taint & SV_TAINT_WORD) && alone(host, var);
    if (!(taint & any) && !by_host && !by_word)
        return;
    struct sv_finding *f =
        sv_report_at(cx, taint & any ? SV_HIGH : SV_MEDIUM, s->node,
                     "the client chooses the server that this request goes to, through %.*s: "
                     "internal services and cloud metadata are in reach",
                     (int)var.n, var.p);
    if (by_host)
        sv_finding_fix(cx, f, "Name the upstream server, or give this server block real server_names "
                              "and another one for all other names (default_server, return 444).");
    else
        sv_finding_fix(cx, f, "Name the upstream server, or let a map with a fixed list choose it.");
}

static const char *const pass_directives[] = {"proxy_pass", "fastcgi_pass", "uwsgi_pass",
                                              "scgi_pass",  "grpc_pass",    NULL};
static const char *const pass_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass", NULL};

const struct sv_check sv_check_nginx_ssrf = {
    SV_CHECK_HEADER,
    .id = "nginx.ssrf", .servers = SV_SITE_NGINX,
    .title = "The client chooses the upstream server",
    .why = "A pass directive whose host comes from the request makes the server fetch whatever the "
           "client names, from inside the network.",
    .fix = "Fixed upstream names, chosen by a map where there are several.",
    .bad = "location ~ ^/fetch/(.*)$ { proxy_pass http://$1; }",
    .good = "location /fetch/ { proxy_pass http://fetcher.internal; }",
    .refs = pass_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = pass_directives,
    .run = run_ssrf,
};

static void run_host(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice name = sv_node_arg(s->node, 0), value = sv_node_arg(s->node, 1);
    bool param = !sv_node_is(s->node, "proxy_set_header") && !sv_node_is(s->node, "grpc_set_header");
    if (param ? !sv_slice_is(name, "HTTP_HOST") && !sv_slice_is(name, "SERVER_NAME")
              : !sv_slice_is_nocase(name, "host"))
        return;
    unsigned taint = sv_taint_of(s->scope, value);
    unsigned free = taint & (SV_TAINT_FREE | SV_TAINT_CAPTURE | SV_TAINT_NEWLINE);
    if (!free && !(taint & SV_TAINT_HTTP_HOST))
        return;
    /* A server for every name passes any Host on anyway; $host would change little. */
    bool any = s->vhost && takes_any_host(s->vhost);
    struct sv_slice var = sv_taint_culprit(s->scope, value, taint);
    struct sv_finding *f = sv_report_at(
        cx, free ? SV_MEDIUM : any ? SV_INFO : SV_LOW, s->node,
        free ? "the application is told a host name of the client's choice (%.*s): links in mails and "
               "cached pages can be forged"
             : "%.*s is the header as sent; a request that names this server in its first line can "
               "carry any other name there, and the application believes it",
        (int)var.n, var.p);
    sv_finding_fix(cx, f, "%.*s %.*s $host;", (int)s->node->name.n, s->node->name.p, (int)name.n,
                   name.p);
}

static const char *const host_directives[] = {"proxy_set_header", "grpc_set_header",
                                              "fastcgi_param", "uwsgi_param", "scgi_param", NULL};
static const char *const host_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host",
    "https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2", NULL};

const struct sv_check sv_check_nginx_host_spoofing = {
    SV_CHECK_HEADER,
    .id = "nginx.host-spoofing", .servers = SV_SITE_NGINX,
    .title = "The application believes a host name that the client made up",
    .why = "Applications build links, password reset mails and cache keys from the Host they are "
           "given. $host is the name that chose the server; $http_host need not be.",
    .fix = "Pass $host, or the name itself.",
    .bad = "proxy_set_header Host $http_host;",
    .good = "proxy_set_header Host $host;",
    .refs = host_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = host_directives,
    .run = run_host,
};

/* The path behind the host, or behind a socket and its colon. */
static struct sv_slice upstream_path(struct sv_slice url)
{
    struct sv_slice rest = sv_slice_sub(url, sv_slice_find(url, "://") + 3, url.n);
    if (!sv_slice_starts(rest, "unix:"))
        return sv_slice_sub(rest, sv_slice_chr(rest, '/'), rest.n);
    size_t colon = sv_slice_chr(sv_slice_sub(rest, 5, rest.n), ':');
    return sv_slice_sub(rest, 6 + colon, rest.n);
}

static void run_path(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *loc = sv_scope_location(s->scope);
    struct sv_slice url = sv_node_arg(s->node, 0), name = loc->name;
    if (loc->kind != SV_SCOPE_LOCATION || loc->match > SV_MATCH_PREFIX_STOP || name.n == 0 ||
        sv_slice_find(url, "://") == url.n || sv_slice_chr(url, '$') < url.n)
        return;
    url = sv_mask_line(sv_ctx_arena(cx), url); /* some APIs have the key in the path */
    struct sv_slice rest = upstream_path(url);
    if (rest.n == 0)
        return;
    bool name_slash = name.p[name.n - 1] == '/', path_slash = rest.p[rest.n - 1] == '/';
    struct sv_finding *f;
    if (!name_slash && path_slash && rest.n > 1)
        f = sv_report_at(cx, SV_MEDIUM, s->node,
                         "%.*s../x becomes %.*s../x at the upstream server: what lies beside %.*s "
                         "there is in reach",
                         (int)name.n, name.p, (int)rest.n, rest.p, (int)rest.n, rest.p);
    else if (name_slash && !path_slash)
        f = sv_report_at(cx, SV_LOW, s->node,
                         "%.*sx becomes %.*sx at the upstream server: every path that starts with "
                         "%.*s is in reach, not only what lies below it",
                         (int)name.n, name.p, (int)rest.n, rest.p, (int)rest.n, rest.p);
    else
        return;
    sv_finding_evidence(cx, f, loc->node);
    sv_finding_fix(cx, f, "location %.*s%s { proxy_pass %s%s; }", (int)name.n, name.p,
                   name_slash ? "" : "/", url.p, path_slash ? "" : "/");
}

static const char *const path_directives[] = {"proxy_pass", NULL};

const struct sv_check sv_check_nginx_proxy_path_decoded = {
    SV_CHECK_HEADER,
    .id = "nginx.proxy-path-decoded", .servers = SV_SITE_NGINX,
    .title = "The path that is handed on leaves the folder it was meant for",
    .why = "With a path in proxy_pass, nginx decodes and cleans the URL and replaces the location's "
           "text, no more: /api../x becomes /v1/../x, which the upstream server resolves.",
    .fix = "End both the location and the path of proxy_pass with a slash.",
    .bad = "location /api { proxy_pass http://app/v1/; }",
    .good = "location /api/ { proxy_pass http://app/v1/; }",
    .refs = pass_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = path_directives,
    .run = run_path,
};
