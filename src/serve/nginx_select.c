// SPDX-License-Identifier: Apache-2.0
// Which listen socket takes the connection and which server block answers (server_name lookup).
#include <arpa/inet.h>
#include <ctype.h>

#include "serve/nginx.h"
#include "serve/nginx_answer.h"

/* ngx_http_validate_host: lower case, one trailing dot and the port dropped. */
static struct sv_slice clean_host(struct sv_arena *a, struct sv_slice host)
{
    struct sv_slice h = sv_arena_copy(a, host);
    char *p = (char *)h.p;
    for (size_t i = 0; i < h.n; i++)
        p[i] = (char)tolower((unsigned char)p[i]);
    if (h.n && h.p[h.n - 1] == '.')
        h.n--;
    return h;
}

enum rank { NO_MATCH, REGEX, TAIL, HEAD, EXACT };

/* How well one name fits, and for wildcards how long it is. */
static enum rank name_rank(const struct sv_server_name *name, struct sv_slice host, size_t *ret_len)
{
    struct sv_slice t = name->text;
    *ret_len = t.n;
    if (name->regex)
        return sv_regex_match(name->regex, host, 0, NULL) == SV_MATCH_YES ? REGEX : NO_MATCH;
    if (t.n > 1 && t.p[0] == '.') {
        if (sv_slice_eq(sv_slice_sub(t, 1, t.n), host))
            return EXACT;
        *ret_len = t.n + 1; /* as long as "*.x": the first of the two counts */
        return host.n >= t.n && sv_slice_ends(host, t.p) ? HEAD : NO_MATCH;
    }
    if (t.n > 2 && t.p[0] == '*' && t.p[1] == '.')
        return host.n >= t.n && sv_slice_eq(sv_slice_sub(host, host.n - (t.n - 1), host.n),
                                            sv_slice_sub(t, 1, t.n))
                   ? HEAD
                   : NO_MATCH;
    if (t.n > 2 && t.p[t.n - 1] == '*' && t.p[t.n - 2] == '.')
        return host.n >= t.n &&
                       sv_slice_eq(sv_slice_sub(host, 0, t.n - 1), sv_slice_sub(t, 0, t.n - 1))
                   ? TAIL
                   : NO_MATCH;
    return sv_slice_eq(t, host) ? EXACT : NO_MATCH;
}

static const struct sv_vhost *find_vhost(const struct sv_listen_group *g, struct sv_slice host,
                                         const struct sv_server_name **ret_name)
{
    const struct sv_vhost *best = NULL;
    enum rank best_rank = NO_MATCH;
    size_t best_len = 0;
    sv_vec_each(v, &g->vhosts)
    {
        sv_vec_each(name, &(*v)->names)
        {
            size_t len;
            /* Only the first matching regex counts, so later ones need not be tried. */
            if (name->regex && best_rank >= REGEX)
                continue;
            enum rank rank = name_rank(name, host, &len);
            bool longer = rank == best_rank && (rank == HEAD || rank == TAIL) && len > best_len;
            if (rank > best_rank || longer) {
                best = *v;
                best_rank = rank;
                best_len = len;
                *ret_name = name;
            }
        }
    }
    return best;
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
            const struct sv_server_name *name = NULL;
            score = (find_vhost(g, r->host, &name) ? 4 : 0) + (g->ssl == r->req->https ? 2 : 0) +
                    (g->wildcard && !g->ipv6 ? 1 : 0);
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
    r->group = find_group(r, local);
    if (!r->group)
        return false;
    const struct sv_server_name *name = NULL;
    const struct sv_vhost *v = find_vhost(r->group, r->host, &name);
    r->vhost = v ? v : r->group->default_vhost;
    if (name && name->regex)
        (void)ngx_regex(r, name->regex, r->host);
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
        const struct sv_server_name *name;
        if (find_vhost(*g, req->host, &name))
            return 2;
        fit = 1;
    }
    return fit;
}
