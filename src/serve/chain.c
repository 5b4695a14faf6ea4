// SPDX-License-Identifier: Apache-2.0
// One server of a host in front of another: a proxied request is handed on, its answer handed back.
#include "base/limits.h"
#include "model/container.h"
#include "model/host.h"
#include "serve/answer.h"
#include "serve/client.h"

static bool is_loopback(struct sv_slice address)
{
    return sv_slice_starts(address, "127.") || sv_slice_is_nocase(address, "localhost") ||
           sv_slice_is(address, "::1") || sv_slice_is(address, "[::1]");
}

/* ---- containers ---- */

/* It has a network of its own: loopback is its own. */
static bool has_network(const struct sv_site *site)
{
    return site->container && !sv_slice_is(site->container->network.text, "host");
}

/* The host, as a container calls it. */
static bool is_host(const struct sv_container *c, struct sv_slice address)
{
    return sv_slice_is(address, "host.docker.internal") ||
           sv_slice_is(address, "host.containers.internal") || sv_slice_is(address, "172.17.0.1") ||
           (c->gateway.n && sv_slice_eq(c->gateway, address));
}

static bool of_one_project(const struct sv_container *a, const struct sv_container *b)
{
    return a->project && b->project && strcmp(a->project, b->project) == 0;
}

/* The engines' own networks have no names of containers. */
static bool share_network(const struct sv_container *a, const struct sv_container *b)
{
    sv_vec_each(n, &a->networks)
    {
        sv_vec_each(m, &b->networks)
        {
            if (sv_slice_eq(*n, *m) && !sv_slice_is(*n, "bridge") && !sv_slice_is(*n, "podman"))
                return true;
        }
    }
    return false;
}

static bool is_called(const struct sv_container *c, struct sv_slice name)
{
    sv_vec_each(alias, &c->aliases)
    {
        if (sv_slice_eq_nocase(*alias, name))
            return true;
    }
    return sv_slice_is_nocase(name, c->name) || (c->own_name && sv_slice_is(name, c->own_name));
}

/* A container that the front's own reaches by this name: of its project, or of a network that both
 * are in unless a container of its project has the name. */
static bool reaches(const struct sv_site *front, struct sv_slice name, const struct sv_container *c)
{
    const struct sv_container *own = front->container;
    const struct sv_containers *all = front->host->containers;
    if (!is_called(c, name))
        return false;
    if (of_one_project(own, c))
        return true;
    if (!share_network(own, c))
        return false;
    for (size_t i = 0; all && own->project && i < all->list.n; i++)
        if (of_one_project(own, all->list.v[i]) && is_called(all->list.v[i], name))
            return false;
    return true;
}

static bool has_address(const struct sv_container *c, struct sv_slice address)
{
    sv_vec_each(own, &c->addresses)
    {
        if (sv_slice_eq(*own, address))
            return true;
    }
    return c->twin && !sv_container_is_made(c) && has_address(c->twin, address);
}

static bool everywhere(struct sv_slice host)
{
    return host.n == 0 || sv_slice_is(host, "0.0.0.0") || sv_slice_is(host, "::");
}

/* The socket in a container that the front's address leads to; *ret_outer: the published port. */
static bool leads_inside(const struct sv_site *front, const struct sv_site *back,
                         const struct sv_upstream *up, const struct sv_listen *l,
                         unsigned *ret_outer)
{
    const struct sv_container *c = back->container;
    bool own = has_network(front);
    *ret_outer = 0;
    if (up->port == l->port &&
        (has_address(c, up->address) ||
         (own && front != back && reaches(front, up->address, c))))
        return true;
    sv_vec_each(p, &c->ports)
    {
        bool there = own ? is_host(front->container, up->address) && !is_loopback(p->host)
                         : is_loopback(up->address) &&
                               (everywhere(p->host) || is_loopback(p->host));
        if (p->port == l->port && !p->udp && p->host_port == up->port && there) {
            *ret_outer = up->port;
            return true;
        }
    }
    return false;
}

/* ---- who listens ---- */

static bool leads_to(const struct sv_site *front, const struct sv_upstream *up,
                     const struct sv_listen *l)
{
    if (up->is_unix)
        return !has_network(front) && l->is_unix && sv_slice_eq(l->addr, up->address);
    if (l->is_unix || l->port != up->port)
        return false;
    if (has_network(front))
        return is_host(front->container, up->address) && l->wildcard;
    return is_loopback(up->address) && (l->wildcard || is_loopback(l->addr));
}

static const struct sv_site *backend(const struct sv_site *front, const struct sv_upstream *up,
                                     const struct sv_listen **ret_listen, unsigned *ret_outer)
{
    sv_vec_each(s, &front->host->sites)
    {
        sv_vec_each(v, &(*s)->vhosts)
        {
            sv_vec_each(l, &(*v)->listens)
            {
                *ret_listen = l;
                *ret_outer = 0;
                if (l->inside ? leads_inside(front, *s, up, l, ret_outer) : leads_to(front, up, l))
                    return *s;
            }
        }
    }
    return NULL;
}

/* ---- whose address the backend sees ---- */

static bool trusts(const struct sv_scope *scope, const char *directive, struct sv_slice peer)
{
    for (const struct sv_scope *s = scope; s; s = s->parent) {
        bool any = false;
        sv_node_each(n, s->node)
        {
            if (!sv_node_is(n, directive))
                continue;
            any = true;
            for (uint32_t i = 0; i < n->n_args; i++) {
                struct sv_slice net = sv_node_arg(n, i);
                if (sv_slice_is_nocase(net, "localhost") || sv_addr_in(net, peer, false, NULL))
                    return true;
            }
        }
        if (any)
            return false;
    }
    return false;
}

/* mod_remoteip without any list trusts every peer. */
static bool names_proxies(const struct sv_scope *scope)
{
    return sv_scope_get(scope, "remoteipinternalproxy", NULL) ||
           sv_scope_get(scope, "remoteiptrustedproxy", NULL);
}

/* The backend takes the client's address from the header that the front sends along. */
static bool sees_client(const struct sv_answer *back, struct sv_slice header,
                        struct sv_slice peer)
{
    const struct sv_scope *scope = back->vhost ? back->vhost->scope : NULL;
    const struct sv_node *n;
    if (!scope || header.n == 0)
        return false;
    switch (scope->site->kind) {
    case SV_SITE_NGINX:
        n = sv_scope_get(scope, "real_ip_header", NULL);
        return sv_slice_eq_nocase(n ? sv_node_arg(n, 0) : SV_LIT("X-Real-IP"), header) &&
               trusts(scope, "set_real_ip_from", peer);
    case SV_SITE_APACHE:
        n = sv_scope_get(scope, "remoteipheader", NULL);
        return n && sv_slice_eq_nocase(sv_node_arg(n, 0), header) &&
               (!names_proxies(scope) || trusts(scope, "remoteipinternalproxy", peer) ||
                trusts(scope, "remoteiptrustedproxy", peer));
    }
    return false;
}

/* ---- there and back ---- */

/* The request as the backend gets it. From 127.0.0.0/8 the system connects as 127.0.0.1. */
static struct sv_request handed_on(const struct sv_request *req, const struct sv_upstream *up,
                                   const struct sv_site *back, const struct sv_listen *l,
                                   unsigned outer)
{
    bool ipv6 = sv_slice_is(up->address, "::1") || sv_slice_is(up->address, "[::1]");
    struct sv_slice loopback = ipv6 ? SV_LIT("::1") : SV_LIT("127.0.0.1");
    size_t bracket = up->host.n && up->host.p[0] == '[' ? sv_slice_chr(up->host, ']') : 0;
    size_t end = bracket + sv_slice_chr(sv_slice_sub(up->host, bracket, up->host.n), ':');
    struct sv_request q = {
        .method = req->method,
        .host = sv_slice_sub(up->host, 0, end),
        .host_header = up->host,
        .https = up->https,
        .port = up->port,
        .target = up->target,
        .client = loopback,
        .local = loopback,
        .hops = req->hops + 1,
    };
    if (sv_slice_starts(up->address, "127."))
        q.local = up->address;
    if (l->inside) { /* the engine's bridge hands it in */
        struct sv_slice gateway = back->container->gateway;
        q.client = gateway.n ? gateway : SV_LIT("172.17.0.1");
        q.local = (struct sv_slice){"", 0};
        q.outer_port = outer;
        q.port = l->port;
    }
    if (up->is_unix) {
        q.client = SV_LIT("unix:");
        q.local = up->address;
        q.port = up->https ? 443 : 80; /* a socket has none, and redirects name none */
    }
    return q;
}

/* A container whose program is not known: at least which one it is, and how the request gets in. */
static void tell_container(const struct sv_site *site, struct sv_arena *a,
                           const struct sv_upstream *up, struct sv_answer *io)
{
    const struct sv_containers *all = site->host->containers;
    bool own = has_network(site);
    for (size_t i = 0; all && !up->is_unix && i < all->list.n; i++) {
        const struct sv_container *c = all->list.v[i];
        if (c->twin && sv_container_is_made(c))
            continue;
        if (own && reaches(site, up->address, c)) {
            sv_vec_push(a, &io->why, (struct sv_why){c->node->head, sv_slice_of(sv_arena_printf(
                                                         a, "container %s", c->name))});
            return;
        }
        sv_vec_each(p, &c->ports)
        {
            if (own || p->udp || p->host_port != up->port || !is_loopback(up->address) ||
                !(everywhere(p->host) || is_loopback(p->host)))
                continue;
            sv_vec_push(a, &io->why,
                        (struct sv_why){p->node->head,
                                        sv_slice_of(sv_arena_printf(
                                            a, "container %s publishes its port %u as %.*s%s%u",
                                            c->name, p->port, (int)p->host.n, p->host.p,
                                            p->host.n ? ":" : "", p->host_port))});
            return;
        }
    }
}

bool sv_serve_follow(const struct sv_site *site, struct sv_arena *a, const struct sv_request *req,
                     struct sv_answer *io)
{
    const struct sv_upstream *up = io->upstream;
    if (!up || !site->host || req->hops >= SV_MAX_PROXY_HOPS)
        return false;
    const struct sv_listen *listen = NULL;
    unsigned outer = 0;
    const struct sv_site *back = backend(site, up, &listen, &outer);
    if (!back) {
        tell_container(site, a, up, io);
        return false;
    }
    struct sv_request q = handed_on(req, up, back, listen, outer);
    struct sv_answer ans = sv_serve_answer(back, a, &q);
    bool sees = sees_client(&ans, up->client_header, q.client);
    if (sees) {
        q.client = req->client;
        ans = sv_serve_answer(back, a, &q);
    }
    if (ans.outcome == SV_OUT_UNKNOWN && !ans.vhost)
        return false; /* nothing listens there after all */
    struct sv_answer front = *io;
    *io = ans;
    io->vhost = front.vhost;
    io->site = site;
    io->behind = back;
    io->behind_vhost = ans.vhost;
    io->behind_target = up->target;
    io->trusted_proxy = !sees;
    io->condition = front.condition ? front.condition : ans.condition;
    io->why.v = NULL;
    io->why.n = io->why.cap = 0;
    sv_vec_each(w, &front.why)
    {
        sv_vec_push(a, &io->why, *w);
    }
    sv_vec_each(w, &ans.why)
    {
        sv_vec_push(a, &io->why, *w);
    }
    return true;
}
