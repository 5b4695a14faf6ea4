// SPDX-License-Identifier: Apache-2.0
// nginx's listen directive in all its forms, and the groups of servers that share a socket.
#include <arpa/inet.h>
#include <stdlib.h>

#include "model/nginx_names.h"
#include "model/scope.h"

enum { MAX_PORT_RANGE = 1024 };

static void set_wildcard(struct sv_listen *l, bool v6)
{
    l->wildcard = true;
    l->ipv6 = v6;
    l->addr = v6 ? SV_LIT("::") : SV_LIT("0.0.0.0");
}

static void set_address(struct sv_arena *a, struct sv_listen *l, struct sv_slice host)
{
    unsigned char buf[16];
    const char *text = sv_arena_copy(a, host).p;
    if (host.n == 0 || sv_slice_is(host, "*") || sv_slice_is(host, "0.0.0.0")) {
        set_wildcard(l, false);
    } else if (host.p[0] == '[') {
        l->ipv6 = true;
        l->addr = sv_slice_sub(host, 1, host.n - 1);
        if (sv_slice_is(l->addr, "::"))
            set_wildcard(l, true);
    } else {
        /* "localhost" is the one name whose address needs no resolver (hosts(5)). */
        bool address = inet_pton(AF_INET, text, buf) == 1;
        l->addr = sv_slice_is_nocase(host, "localhost") && !address ? SV_LIT("127.0.0.1") : host;
    }
}

/* "80", "80-90": the first port and *ret_last; false: not a port. */
static bool ports(struct sv_slice s, unsigned *ret_first, unsigned *ret_last)
{
    unsigned long long first, last;
    size_t dash = sv_slice_chr(s, '-');
    if (!sv_slice_u64(sv_slice_sub(s, 0, dash), &first) || first == 0 || first > 65535)
        return false;
    last = first;
    if (dash < s.n &&
        (!sv_slice_u64(sv_slice_sub(s, dash + 1, s.n), &last) || last < first || last > 65535))
        return false;
    *ret_first = (unsigned)first;
    *ret_last = (unsigned)(last - first > MAX_PORT_RANGE ? first + MAX_PORT_RANGE : last);
    return true;
}

static void set_options(struct sv_listen *l, const struct sv_node *n)
{
    for (uint32_t i = 1; i < n->n_args; i++) {
        struct sv_slice s = sv_node_arg(n, i);
        l->ssl |= sv_slice_is(s, "ssl") || sv_slice_is(s, "quic");
        l->default_server |= sv_slice_is(s, "default_server") || sv_slice_is(s, "default");
    }
}

static void add_listen(struct sv_site *site, struct sv_vhost *v, struct sv_node *n)
{
    struct sv_slice arg = sv_node_arg(n, 0), host = {"", 0}, port = {"", 0};
    struct sv_listen l = {.node = n, .vhost = v};
    unsigned first = 80, last = 80;
    set_options(&l, n);
    if (sv_slice_starts(arg, "unix:")) {
        l.is_unix = true;
        l.addr = sv_slice_sub(arg, 5, arg.n);
        sv_vec_push(site->arena, &v->listens, l);
        return;
    }
    size_t from = arg.n && arg.p[0] == '[' ? sv_slice_chr(arg, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(arg, from, arg.n), ':');
    host = sv_slice_sub(arg, 0, colon);
    if (colon < arg.n)
        port = sv_slice_sub(arg, colon + 1, arg.n);
    else if (ports(arg, &first, &last))
        host = (struct sv_slice){"", 0};
    if (port.n && !ports(port, &first, &last)) {
        sv_diag_at(site->diags, SV_DIAG_ERROR, n->head, "a port from 1 to 65535 was expected");
        return;
    }
    set_address(site->arena, &l, host);
    for (unsigned p = first; p <= last; p++) {
        l.port = p;
        sv_vec_push(site->arena, &v->listens, l);
    }
}

void sv_nginx_listens(struct sv_site *site, struct sv_vhost *v)
{
    sv_node_each(n, v->scope->node)
    {
        if (sv_node_is(n, "listen") && n->n_args)
            add_listen(site, v, n);
    }
    if (v->listens.n == 0) {
        struct sv_listen l = {.port = 80, .vhost = v};
        set_wildcard(&l, false);
        sv_vec_push(site->arena, &v->listens, l);
    }
    /* `ssl on` is the old spelling for every socket of the server. */
    if (sv_scope_flag(v->scope, "ssl", false)) {
        sv_vec_each(l, &v->listens)
        {
            l->ssl = true;
        }
    }
}

void sv_nginx_groups(struct sv_site *site)
{
    sv_vec_each(v, &site->vhosts)
    {
        sv_vec_each(l, &(*v)->listens)
        {
            struct sv_listen_group *g = sv_listen_group_make(site, l);
            if (g->vhosts.n && g->vhosts.v[g->vhosts.n - 1] == *v)
                continue;
            g->ssl |= l->ssl;
            if (!g->default_vhost || l->default_server)
                g->default_vhost = *v;
            sv_vec_push(site->arena, &g->vhosts, *v);
        }
    }
    sv_vec_each(g, &site->groups)
    {
        (*g)->names = sv_nginx_names(site->arena, *g);
    }
}
