// SPDX-License-Identifier: Apache-2.0
// Where httpd listens, and which virtual hosts stand behind each address and port.
#include <arpa/inet.h>

#include "base/limits.h"
#include "model/scope.h"

/* Cuts "host:port", "[v6]:port", "host" or "port"; *ret_port 0: none or "*". */
static bool split(struct sv_slice s, struct sv_slice *ret_host, unsigned *ret_port)
{
    unsigned long long port = 0;
    size_t from = s.n && s.p[0] == '[' ? sv_slice_chr(s, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(s, from, s.n), ':');
    struct sv_slice text = sv_slice_sub(s, colon + 1, s.n);
    *ret_host = sv_slice_sub(s, 0, colon);
    if (text.n && !sv_slice_is(text, "*") && (!sv_slice_u64(text, &port) || port > 65535))
        return false;
    *ret_port = (unsigned)port;
    return true;
}

static void set_address(struct sv_arena *a, struct sv_listen *l, struct sv_slice host)
{
    unsigned char bytes[16];
    static const unsigned char zero[16];
    if (host.n > 1 && host.p[0] == '[') {
        host = sv_slice_sub(host, 1, host.n - 1);
        l->ipv6 = true;
    }
    const char *text = sv_arena_copy(a, host).p;
    l->ipv6 |= inet_pton(AF_INET6, text, bytes) == 1;
    l->wildcard = host.n == 0 || sv_slice_is(host, "*") || sv_slice_is(host, "0.0.0.0") ||
                  sv_slice_is_nocase(host, "_default_") ||
                  (l->ipv6 && inet_pton(AF_INET6, text, bytes) == 1 && !memcmp(bytes, zero, 16));
    /* "localhost" is the one name whose address needs no resolver (hosts(5)). */
    l->addr = l->wildcard                               ? SV_LIT("0.0.0.0")
              : sv_slice_is_nocase(host, "localhost") ? SV_LIT("127.0.0.1")
                                                        : host;
    if (l->wildcard)
        l->ipv6 = false; /* httpd has one set for the wildcards of both families */
}

/* ---- Listen ---- */

static void add_listen(struct sv_site *site, struct sv_vhost *v, struct sv_node *n)
{
    struct sv_slice arg = sv_node_arg(n, 0), host = {"", 0};
    struct sv_listen l = {.node = n, .vhost = v};
    unsigned long long port;
    if (sv_slice_u64(arg, &port) && port <= 65535)
        l.port = (unsigned)port;
    else if (!split(arg, &host, &l.port))
        l.port = 0;
    if (l.port == 0) {
        sv_diag_at(site->diags, SV_DIAG_ERROR, n->head, "a port from 1 to 65535 was expected");
        return;
    }
    set_address(site->arena, &l, host);
    l.ssl = sv_slice_is_nocase(sv_node_arg(n, 1), "https");
    sv_vec_push(site->arena, &v->listens, l);
}

static bool listens_on(const struct sv_vhost *main_host, unsigned port)
{
    sv_vec_each(l, &main_host->listens)
    {
        if (l->port == port)
            return true;
    }
    return false;
}

/* No Listen in what was read: each port that a virtual host names counts as listened on. */
static void imply_listens(struct sv_site *site, struct sv_vhost *main_host)
{
    sv_node_each(n, site->root)
    {
        for (uint32_t i = 0; sv_node_is(n, "virtualhost") && i < n->n_args; i++) {
            struct sv_listen l = {.vhost = main_host, .wildcard = true, .addr = SV_LIT("0.0.0.0")};
            struct sv_slice host;
            if (split(sv_node_arg(n, i), &host, &l.port) && l.port &&
                !listens_on(main_host, l.port))
                sv_vec_push(site->arena, &main_host->listens, l);
        }
    }
    if (main_host->listens.n == 0)
        sv_vec_push(site->arena, &main_host->listens,
                    (struct sv_listen){.vhost = main_host, .wildcard = true, .port = 80,
                                       .addr = SV_LIT("0.0.0.0")});
}

/* ---- virtual hosts ---- */

static bool known(const struct sv_vhost *v, const struct sv_listen *l)
{
    sv_vec_each(o, &v->listens)
    {
        if (o->port == l->port && sv_slice_eq(o->addr, l->addr))
            return true;
    }
    return false;
}

static void add_address(struct sv_site *site, struct sv_vhost *v, struct sv_slice arg)
{
    struct sv_listen l = {.node = v->scope->node, .vhost = v};
    struct sv_slice host;
    if (!split(arg, &host, &l.port)) {
        sv_diag_at(site->diags, SV_DIAG_ERROR, v->scope->node->head,
                   "an address with a port from 1 to 65535 or * was expected");
        return;
    }
    set_address(site->arena, &l, host);
    l.any_port = l.port == 0;
    if (!l.any_port) {
        sv_vec_push(site->arena, &v->listens, l);
        return;
    }
    sv_vec_each(main_listen, &site->vhosts.v[0]->listens)
    {
        l.port = main_listen->port;
        if (!known(v, &l))
            sv_vec_push(site->arena, &v->listens, l);
    }
}

/* TLS is switched for a whole server; `Listen ... https` and port 443 do it where a certificate is
 * set and SSLEngine is not. */
static void set_tls(struct sv_vhost *v, const struct sv_vhost *main_host)
{
    const struct sv_node *engine = sv_scope_get(v->scope, "sslengine", NULL);
    bool certificate = sv_scope_get(v->scope, "sslcertificatefile", NULL) != NULL;
    sv_vec_each(l, &v->listens)
    {
        bool https = l->port == 443;
        sv_vec_each(m, &main_host->listens)
        {
            const struct sv_node *n = m->node;
            if (m->port == l->port && n && n->n_args > 1)
                https = sv_slice_is_nocase(sv_node_arg(n, 1), "https");
        }
        l->ssl = engine ? sv_slice_is_nocase(sv_node_arg(engine, 0), "on") : https && certificate;
    }
}

/* ---- groups ---- */

/* An address with its port beats the same address with any port, whose hosts then never answer.
 * `n`: how many groups the addresses with ports have made. */
static bool shadowed(const struct sv_site *site, const struct sv_listen *l, size_t n)
{
    uint32_t at = sv_listen_place(site, l);
    return at && at <= n;
}

static void add_to_group(struct sv_site *site, struct sv_vhost *v, const struct sv_listen *l)
{
    struct sv_listen_group *g = sv_listen_group_make(site, l);
    if (g->vhosts.n && g->vhosts.v[g->vhosts.n - 1] == v)
        return;
    if (!g->default_vhost)
        g->default_vhost = v;
    g->ssl |= l->ssl;
    sv_vec_push(site->arena, &g->vhosts, v);
}

static void make_groups(struct sv_site *site)
{
    struct sv_vhost *main_host = site->vhosts.v[0];
    for (int any = 0; any < 2; any++) {
        size_t n = any ? site->groups.n : 0;
        for (size_t i = 1; i < site->vhosts.n; i++) {
            sv_vec_each(l, &site->vhosts.v[i]->listens)
            {
                if (l->any_port == (any == 1) && !shadowed(site, l, n) &&
                    listens_on(main_host, l->port))
                    add_to_group(site, site->vhosts.v[i], l);
            }
        }
    }
    sv_vec_each(l, &main_host->listens)
    {
        struct sv_listen wild = *l;
        wild.addr = SV_LIT("0.0.0.0");
        wild.wildcard = true;
        wild.ipv6 = false;
        if (!sv_listen_group_make(site, &wild)->default_vhost)
            add_to_group(site, main_host, &wild);
    }
}

void sv_apache_listens(struct sv_site *site)
{
    struct sv_vhost *main_host = site->vhosts.v[0];
    sv_vec_each(n, &site->apache->listens)
    {
        add_listen(site, main_host, *n);
    }
    if (main_host->listens.n == 0)
        imply_listens(site, main_host);
    for (size_t i = 1; i < site->vhosts.n; i++) {
        struct sv_vhost *v = site->vhosts.v[i];
        for (uint32_t k = 0; k < v->scope->node->n_args; k++)
            add_address(site, v, sv_node_arg(v->scope->node, k));
    }
    sv_vec_each(v, &site->vhosts)
    {
        set_tls(*v, main_host);
    }
    make_groups(site);
}
