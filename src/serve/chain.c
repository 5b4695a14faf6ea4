// SPDX-License-Identifier: Apache-2.0
// One server of a host in front of another: a proxied request is handed on, its answer handed back.
#include "base/limits.h"
#include "serve/answer.h"
#include "serve/client.h"

static bool is_loopback(struct sv_slice address)
{
    return sv_slice_starts(address, "127.") || sv_slice_is_nocase(address, "localhost") ||
           sv_slice_is(address, "::1") || sv_slice_is(address, "[::1]");
}

static bool listens(const struct sv_site *site, const struct sv_upstream *up)
{
    sv_vec_each(v, &site->vhosts)
    {
        sv_vec_each(l, &(*v)->listens)
        {
            if (up->is_unix ? l->is_unix && sv_slice_eq(l->addr, up->address)
                            : !l->is_unix && l->port == up->port &&
                                  (l->wildcard || is_loopback(l->addr)))
                return true;
        }
    }
    return false;
}

static const struct sv_site *backend(const struct sv_site *front, const struct sv_upstream *up)
{
    if (!up->is_unix && !is_loopback(up->address))
        return NULL;
    sv_vec_each(s, &front->host->sites)
    {
        if (listens(*s, up))
            return *s;
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
static struct sv_request handed_on(const struct sv_request *req, const struct sv_upstream *up)
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
    if (up->is_unix) {
        q.client = SV_LIT("unix:");
        q.local = up->address;
        q.port = up->https ? 443 : 80; /* a socket has none, and redirects name none */
    }
    return q;
}

bool sv_serve_follow(const struct sv_site *site, struct sv_arena *a, const struct sv_request *req,
                     struct sv_answer *io)
{
    const struct sv_upstream *up = io->upstream;
    if (!up || !site->host || req->hops >= SV_MAX_PROXY_HOPS)
        return false;
    const struct sv_site *back = backend(site, up);
    if (!back)
        return false;
    struct sv_request q = handed_on(req, up);
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
