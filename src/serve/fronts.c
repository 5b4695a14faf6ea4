// SPDX-License-Identifier: Apache-2.0
// Which requests to the servers of this host are handed on to one of them.
#include "model/host.h"
#include "serve/answer.h"
#include "serve/memo.h"

struct fronts {
    struct sv_arena *a;
    struct sv_slice target;
    struct sv_fronts *ret;
};

static void add(struct fronts *f, const struct sv_vhost *v, const char *target)
{
    for (int pass = 0; pass < 2; pass++) {
        sv_vec_each(l, &v->listens)
        {
            /* The socket that a stranger can reach first. */
            if (sv_listen_is_local(l) != (pass == 1) || l->is_unix)
                continue;
            sv_vec_push(f->a, &f->ret->list,
                        (struct sv_front){v->site, v, sv_request_to(f->a, v, l, target)});
            return;
        }
    }
}

/* The path of "http://host:port/path" or "http://unix:/socket:/path"; p == NULL without one. */
static struct sv_slice path_of(struct sv_slice url)
{
    size_t at = sv_slice_find(url, "://");
    struct sv_slice none = {NULL, 0};
    if (at == url.n)
        return none;
    struct sv_slice rest = sv_slice_sub(url, at + 3, url.n);
    bool is_unix = sv_slice_starts(rest, "unix:");
    if (is_unix)
        rest = sv_slice_sub(rest, 5, rest.n);
    size_t end = sv_slice_chr(rest, is_unix ? ':' : '/');
    if (end == rest.n)
        return none;
    return sv_slice_sub(rest, end + is_unix, rest.n);
}

/* What stands for the target at the front: the path of the URL taken back. */
static void mapped(struct fronts *f, const struct sv_proxying *p)
{
    struct sv_slice t = f->target;
    if (!p->from.p) {
        add(f, p->vhost, sv_arena_copy(f->a, t).p);
        return;
    }
    if (t.n < p->to.n || memcmp(t.p, p->to.p, p->to.n) != 0)
        return;
    t = sv_slice_sub(t, p->to.n, t.n);
    add(f, p->vhost, sv_arena_printf(f->a, "%.*s%.*s", (int)p->from.n, p->from.p, (int)t.n, t.p));
}

static void put(struct sv_site_memo *memo, const struct sv_scope *s, struct sv_slice from,
                struct sv_slice url)
{
    struct sv_slice to = path_of(url);
    if (!to.p)
        to = from; /* nginx without a URI: the request goes through as it came */
    sv_vec_push(s->site->arena, &memo->proxying, (struct sv_proxying){s->vhost, from, to});
}

/* Any line of a server's with an expression is asked for the target as it is: one does for all. */
static void put_any(struct sv_site_memo *memo, const struct sv_scope *s)
{
    if (memo->proxying_any == s->vhost)
        return;
    memo->proxying_any = s->vhost;
    sv_vec_push(s->site->arena, &memo->proxying, (struct sv_proxying){.vhost = s->vhost});
}

static void scope(struct sv_site_memo *memo, const struct sv_scope *s)
{
    const struct sv_scope *loc = sv_scope_location(s);
    bool prefix = loc->kind == SV_SCOPE_LOCATION && loc->match <= SV_MATCH_EXACT;
    sv_node_each(n, s->node)
    {
        if (!s->vhost || n->n_args == 0)
            continue;
        struct sv_slice first = sv_node_arg(n, 0);
        if (sv_node_is(n, "proxy_pass") && prefix)
            put(memo, s, loc->name, first);
        else if (sv_node_is(n, "proxypass") && loc->kind == SV_SCOPE_LOCATION && prefix)
            put(memo, s, loc->name, first);
        else if (sv_node_is(n, "proxypass") && n->n_args > 1)
            put(memo, s, first, sv_node_arg(n, 1));
        else if (sv_node_is(n, "proxy_pass") || sv_node_is(n, "proxypassmatch") ||
                 sv_node_is(n, "rewriterule"))
            put_any(memo, s);
    }
}

static const struct sv_site_memo *proxying(const struct sv_site *site)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    sv_vec_each(s, &site->scopes)
    {
        if (memo->has_proxying)
            break;
        if ((*s)->proxies)
            scope(memo, *s);
    }
    memo->has_proxying = true;
    return memo;
}

void sv_serve_fronts(const struct sv_site *back, struct sv_arena *a, struct sv_slice target,
                     struct sv_fronts *ret)
{
    struct fronts f = {a, target, ret};
    if (!back->host)
        return;
    sv_vec_each(site, &back->host->sites)
    {
        const struct sv_site_memo *memo = proxying(*site);
        sv_vec_each(p, &memo->proxying)
        {
            mapped(&f, p);
        }
    }
}
