// SPDX-License-Identifier: Apache-2.0
// Which listen socket takes the connection and which server block answers (server_name lookup).
#include <arpa/inet.h>
#include <ctype.h>

#include "model/nginx_names.h"
#include "serve/memo.h"
#include "serve/nginx.h"
#include "serve/nginx_answer.h"

/* ngx_http_validate_host: lower case, one trailing dot and the port dropped. */
static struct sv_slice clean_host(struct sv_arena *a, struct sv_slice host)
{
    struct sv_slice h = sv_arena_mapped(a, host, tolower);
    if (h.n && h.p[h.n - 1] == '.')
        h.n--;
    return h;
}

static bool is_address(struct sv_slice host)
{
    unsigned char buf[16];
    return host.n && (host.p[0] == '[' || inet_pton(AF_INET, host.p, buf) == 1);
}

static bool group_takes(const struct sv_listen_group *g, struct sv_slice local)
{
    bool v6 = local.n && (local.p[0] == '[' || sv_slice_chr(local, ':') < local.n);
    if (g->wildcard)
        return local.n == 0 || g->ipv6 == v6;
    struct sv_slice addr = local;
    if (addr.n > 2 && addr.p[0] == '[')
        addr = sv_slice_sub(addr, 1, addr.n - 1);
    return sv_slice_eq(g->addr, addr);
}

/* An exact address beats the wildcard. Behind a name any address of the port is possible: then
 * the group that knows the name is meant, and a wildcard rather than one of several addresses. */
static const struct sv_listen_group *find_group(struct ngx_run *r, struct sv_slice local)
{
    const struct sv_listen_group *best = NULL;
    int best_score = -1;
    sv_vec_each(it, &r->site->groups)
    {
        const struct sv_listen_group *g = *it;
        bool asked = g->is_unix ? sv_slice_eq(g->addr, local) : g->port == r->req->port;
        if (!asked || (!g->is_unix && sv_slice_starts(local, "/")))
            continue;
        int score = 0;
        if (local.n) {
            if (!group_takes(g, local))
                continue;
            score = g->wildcard ? 1 : 2;
        } else {
            score = (sv_nginx_named(g->names, r->host) ? 4 : 0) +
                    (g->ssl == r->req->https ? 2 : 0) + (g->wildcard && !g->ipv6 ? 1 : 0);
        }
        if (score > best_score) {
            best = g;
            best_score = score;
        }
    }
    return best;
}

bool ngx_select(struct ngx_run *r)
{
    r->host = clean_host(r->a, r->req->host);
    struct sv_slice local = r->req->local;
    if (local.n == 0 && is_address(r->host))
        local = r->host;
    r->local = local;
    bool new = false;
    struct sv_selected *known = sv_selected(r->site, r->req, r->host, &new);
    r->group = known && !new ? known->group : find_group(r, local);
    if (known)
        known->group = r->group;
    if (!r->group)
        return false;
    const struct sv_named *hit = sv_nginx_named(r->group->names, r->host);
    r->vhost = hit ? hit->vhost : r->group->default_vhost;
    if (hit && hit->name->regex)
        (void)ngx_regex(r, hit->name->regex, r->host);
    r->scope = r->vhost->scope;
    return true;
}

int sv_nginx_fit(const struct sv_site *site, const struct sv_request *req)
{
    int fit = 0;
    sv_vec_each(g, &site->groups)
    {
        if ((*g)->is_unix || (*g)->port != req->port)
            continue;
        if (sv_nginx_named((*g)->names, req->host))
            return 2;
        fit = 1;
    }
    return fit;
}
