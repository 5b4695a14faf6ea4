// SPDX-License-Identifier: Apache-2.0
// Whom the server believes: addresses that proxies report, and names that resolvers report.
#include "base/net.h"
#include "engine/check.h"

/* Wider than this, a network holds strangers: no proxy provider announces a larger block. */
enum { MIN_V4_BITS = 8, MIN_V6_BITS = 16 };

static bool reached_from_network(const struct sv_vhost *v)
{
    sv_vec_each(l, &v->listens)
    {
        if (!sv_listen_is_local(l))
            return true;
    }
    return false;
}

static bool any_list(const struct sv_site *site)
{
    sv_vec_each(s, &site->scopes)
    {
        if (sv_scope_own(*s, "allow"))
            return true;
    }
    return false;
}

static void run_realip(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice net = sv_node_arg(s->node, 0);
    size_t slash = sv_slice_chr(net, '/');
    unsigned long long bits;
    bool v6 = sv_slice_chr(net, ':') < net.n;
    if (slash == net.n || !sv_slice_u64(sv_slice_sub(net, slash + 1, net.n), &bits) ||
        bits >= (v6 ? MIN_V6_BITS : MIN_V4_BITS) || (s->vhost && !reached_from_network(s->vhost)))
        return;
    bool lists = any_list(s->site);
    struct sv_finding *f = sv_report_at(
        cx, lists ? SV_HIGH : SV_MEDIUM, s->node,
        "every client may say which address it comes from (%.*s is trusted)%s", (int)net.n, net.p,
        lists ? ": it passes allow and deny lists" : ": logs and limits by address mean nothing");
    const struct sv_node *header = sv_scope_get(s->scope, "real_ip_header", NULL);
    sv_finding_evidence(cx, f, header);
    sv_finding_fix(cx, f, "set_real_ip_from with the addresses of your own proxies only.");
}

static const char *const realip_directives[] = {"set_real_ip_from", NULL};
static const char *const realip_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_realip_module.html", NULL};

const struct sv_check sv_check_nginx_realip_too_wide = {
    SV_CHECK_HEADER,
    .id = "nginx.realip-too-wide", .servers = SV_SITE_NGINX,
    .title = "Everyone may forge the address it comes from",
    .why = "nginx takes the client's address from a header if the sender is trusted. A network of half "
           "the internet trusts strangers, who then pass allow lists and limits.",
    .fix = "Trust the proxies' own addresses.",
    .bad = "set_real_ip_from 0.0.0.0/0;\nreal_ip_header X-Forwarded-For;",
    .good = "set_real_ip_from 10.1.2.3;\nreal_ip_header X-Forwarded-For;",
    .refs = realip_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = realip_directives,
    .run = run_realip,
};

/* Loopback, private and link-local addresses (RFC 1918, 4193, 6598), or a name without a dot. */
static bool is_local(struct sv_slice addr)
{
    static const char *const nets[] = {"10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16",
                                       "127.0.0.0/8",    "169.254.0.0/16", "100.64.0.0/10"};
    static const char *const v6[] = {"[::1]", "[fc", "[fd", "[FC", "[FD", "[fe8", "[FE8"};
    for (size_t i = 0; i < sizeof v6 / sizeof *v6; i++)
        if (sv_slice_starts(addr, v6[i]))
            return true;
    if (addr.p[0] == '[')
        return false;
    addr = sv_slice_sub(addr, 0, sv_slice_chr(addr, ':'));
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        if (sv_net_holds(sv_slice_of(nets[i]), addr, NULL))
            return true;
    return sv_slice_chr(addr, '.') == addr.n || sv_slice_ends(addr, ".local") ||
           sv_slice_ends(addr, ".internal");
}

static const struct sv_node *variable_upstream(const struct sv_scope *scope)
{
    const struct sv_site *site = scope->site;
    struct sv_scopes all = {site->scopes.v, site->scopes.n};
    if (scope->vhost)
        all = sv_vhost_scopes(scope->vhost);
    for (size_t i = 0; i < all.n; i++) {
        const struct sv_node *pass = sv_scope_own(all.v[i], "proxy_pass");
        struct sv_slice url = pass ? sv_node_arg(pass, 0) : SV_LIT("");
        size_t scheme = sv_slice_find(url, "://");
        struct sv_slice host = sv_slice_sub(url, scheme < url.n ? scheme + 3 : 0, url.n);
        host = sv_slice_sub(host, 0, sv_slice_chr(host, '/'));
        if (sv_slice_chr(host, '$') < host.n && !sv_slice_starts(host, "127."))
            return pass;
    }
    return NULL;
}

static void run_resolver(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_node *pass = variable_upstream(s->scope);
    for (uint32_t i = 0; i < s->node->n_args; i++) {
        struct sv_slice addr = sv_node_arg(s->node, i);
        if (addr.n == 0 || sv_slice_chr(addr, '=') < addr.n || is_local(addr))
            continue;
        /* Without names to look up at run time, only OCSP answers come this way: signed ones. */
        struct sv_finding *f = sv_report_at(
            cx, pass ? SV_LOW : SV_INFO, s->node,
            "names are looked up at %.*s, over the network and without authentication: who forges an "
            "answer receives the requests",
            (int)addr.n, addr.p);
        sv_finding_evidence(cx, f, pass);
        sv_finding_fix(cx, f, "resolver 127.0.0.1; with a validating resolver on this machine.");
        return;
    }
}

static const char *const resolver_directives[] = {"resolver", NULL};
static const char *const resolver_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver", NULL};

const struct sv_check sv_check_nginx_external_resolver = {
    SV_CHECK_HEADER,
    .id = "nginx.external-resolver", .servers = SV_SITE_NGINX,
    .title = "Upstream names are looked up at a server on the internet",
    .why = "nginx asks in plain UDP and does not validate DNSSEC; a forged answer sends requests, with "
           "their cookies and keys, to someone else.",
    .fix = "A validating resolver on this machine.",
    .bad = "resolver 8.8.8.8;\nproxy_pass http://$backend;",
    .good = "resolver 127.0.0.1;\nproxy_pass http://$backend;",
    .refs = resolver_refs,
    .severity = SV_LOW,
    .on = SV_ON_DIRECTIVE,
    .directives = resolver_directives,
    .run = run_resolver,
};
