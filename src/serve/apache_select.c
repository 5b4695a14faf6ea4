// SPDX-License-Identifier: Apache-2.0
// Which of httpd's servers answers: the address set of the connection, then ServerName and aliases.
#include <arpa/inet.h>

#include "serve/apache.h"
#include "serve/apache_answer.h"
#include "serve/memo.h"

/* fix_hostname(): lower case, one trailing dot dropped. */
static struct sv_slice clean_host(struct sv_arena *a, struct sv_slice host)
{
    struct sv_slice h = sv_arena_copy(a, host);
    for (size_t i = 0; i < h.n; i++)
        if (h.p[i] >= 'A' && h.p[i] <= 'Z')
            ((char *)h.p)[i] = (char)(h.p[i] | 0x20);
    if (h.n > 1 && h.p[h.n - 1] == '.')
        h.n--;
    return h;
}

static bool has_name(const struct sv_vhost *v, struct sv_slice host)
{
    sv_vec_each(n, &v->names)
    {
        if (sv_slice_eq(n->text, host))
            return true;
        if (sv_glob_match(n->text, host))
            return true;
    }
    return false;
}

/* The first host of the set with that name; one without names in the set never matches by name. */
static const struct sv_vhost *find_name(const struct sv_listen_group *g, struct sv_slice host)
{
    if (host.n == 0)
        return NULL;
    sv_vec_each(v, &g->vhosts)
    {
        if (has_name(*v, host))
            return *v;
    }
    /* <VirtualHost www.example.com:80>: the name in the address counts after all others. */
    return !g->wildcard && sv_slice_eq_nocase(g->addr, host) ? g->default_vhost : NULL;
}

static struct sv_slice unbracket(struct sv_slice s)
{
    return s.n > 2 && s.p[0] == '[' ? sv_slice_sub(s, 1, s.n - 1) : s;
}

/* The one address that the port is listened on; empty if there are several, or any. */
static struct sv_slice only_address(const struct sv_site *site, unsigned port)
{
    struct sv_slice only = {"", 0};
    sv_vec_each(l, &site->vhosts.v[0]->listens)
    {
        if (l->port != port)
            continue;
        if (l->wildcard || (only.n && !sv_slice_eq(only, l->addr)))
            return (struct sv_slice){"", 0};
        only = l->addr;
    }
    return only;
}

/* The address that the connection came to: as told, or the host if it is one, or the only one
 * there is; else empty. */
static struct sv_slice local_of(const struct sv_site *site, const struct sv_request *req,
                                struct sv_arena *a, struct sv_slice host)
{
    unsigned char bytes[16];
    if (req->local.n)
        return unbracket(req->local);
    const char *text = sv_arena_copy(a, unbracket(host)).p;
    bool address = host.n && (inet_pton(AF_INET, text, bytes) == 1 ||
                              inet_pton(AF_INET6, text, bytes) == 1);
    return address ? unbracket(host) : only_address(site, req->port);
}

static bool is_listened(const struct sv_site *site, struct sv_slice local, unsigned port)
{
    sv_vec_each(l, &site->vhosts.v[0]->listens)
    {
        if (l->port == port && (local.n == 0 || l->wildcard || sv_slice_eq(l->addr, local)))
            return true;
    }
    return false;
}

static bool group_tls(const struct sv_listen_group *g)
{
    sv_vec_each(l, &g->default_vhost->listens)
    {
        if (l->port == g->port && l->ssl)
            return true;
    }
    return false;
}

/* The exact address, else the wildcard. Behind a name any address of the port is possible: then
 * the set that knows the name is meant, and a wildcard rather than one of several addresses. */
static const struct sv_listen_group *find_group(const struct sv_site *site,
                                                const struct sv_request *req, struct sv_slice host,
                                                struct sv_slice local)
{
    const struct sv_listen_group *best = NULL;
    int best_score = -1;
    if (!is_listened(site, local, req->port))
        return NULL;
    sv_vec_each(it, &site->groups)
    {
        const struct sv_listen_group *g = *it;
        if (g->port != req->port)
            continue;
        int score;
        if (local.n) {
            if (!g->wildcard && !sv_slice_eq(g->addr, local))
                continue;
            score = g->wildcard ? 1 : 2;
        } else {
            score = (find_name(g, host) ? 4 : 0) + (group_tls(g) == req->https ? 2 : 0) +
                    g->wildcard;
        }
        if (score > best_score) {
            best = g;
            best_score = score;
        }
    }
    return best;
}

/* `host` is the name that servers are looked for by, `header` the Host header's. */
static struct sv_selected look(const struct sv_site *site, struct sv_arena *a,
                               const struct sv_request *req, struct sv_slice host,
                               struct sv_slice header)
{
    struct sv_selected x = {.local = local_of(site, req, a, host.n ? host : header)};
    x.group = find_group(site, req, host, x.local);
    x.named = x.group ? find_name(x.group, host) : NULL;
    return x;
}

static struct sv_selected select_of(const struct sv_site *site, struct sv_arena *a,
                                    const struct sv_request *req, struct sv_slice host,
                                    struct sv_slice header)
{
    bool new = false;
    struct sv_selected *known =
        sv_slice_eq(host, header) ? sv_selected(site, req, host, &new) : NULL;
    if (known && !new)
        return *known;
    struct sv_selected x = look(site, a, req, host, header);
    if (known) {
        *known = x;
        known->local = sv_arena_copy(site->arena, x.local);
    }
    return x;
}

bool ap_select(struct ap_run *r)
{
    struct sv_slice header = clean_host(r->a, r->req->host);
    if (!r->host.p) /* an absolute target's host, or none after a bad one, outweighs the header */
        r->host = header;
    struct sv_selected x = select_of(r->site, r->a, r->req, r->host, header);
    r->local = x.local;
    r->group = x.group;
    if (!r->group)
        return false;
    r->vhost = x.named ? x.named : r->group->default_vhost;
    r->server = r->vhost->apache;
    r->tls = group_tls(r->group);
    return true;
}

int sv_apache_fit(const struct sv_site *site, struct sv_arena *a, const struct sv_request *req)
{
    struct sv_slice host = clean_host(a, req->host);
    struct sv_selected x = select_of(site, a, req, host, host);
    return !x.group ? 0 : x.named ? 2 : 1;
}
