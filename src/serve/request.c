// SPDX-License-Identifier: Apache-2.0
// Requests that reach a given virtual host, and their URLs.
#include "model/container.h"
#include "serve/answer.h"

/* A Host that selects this vhost: its first plain name, or for wildcards one that fits. */
static struct sv_slice host_for(struct sv_arena *a, const struct sv_vhost *v)
{
    sv_vec_each(n, &v->names)
    {
        struct sv_slice t = n->text;
        if (n->regex || t.n == 0 || sv_slice_is(t, "_"))
            continue;
        if (t.p[0] == '.')
            return sv_slice_sub(t, 1, t.n);
        if (t.n > 2 && t.p[0] == '*' && t.p[1] == '.')
            return sv_slice_of(sv_arena_printf(a, "www%.*s", (int)t.n - 1, t.p + 1));
        if (t.n > 2 && t.p[t.n - 1] == '*')
            return sv_slice_of(sv_arena_printf(a, "%.*scom", (int)t.n - 1, t.p));
        return t;
    }
    return (struct sv_slice){"", 0};
}

/* Host of the address itself, for a default server that no name reaches. */
static struct sv_slice address_host(struct sv_arena *a, const struct sv_listen *l)
{
    if (l->wildcard || l->is_unix)
        return SV_LIT("localhost");
    return l->ipv6 ? sv_slice_of(sv_arena_printf(a, "[%.*s]", (int)l->addr.n, l->addr.p)) : l->addr;
}

/* The port that the client asks for. */
static unsigned shown_port(const struct sv_request *q)
{
    return q->outer_port ? q->outer_port : q->port;
}

const char *sv_request_url(struct sv_arena *a, const struct sv_request *q)
{
    bool plain = shown_port(q) == (q->https ? 443u : 80u);
    const char *port = plain ? "" : sv_arena_printf(a, ":%u", shown_port(q));
    return sv_arena_printf(a, "%s://%.*s%s%.*s", q->https ? "https" : "http", (int)q->host.n,
                           q->host.p, port, (int)q->target.n, q->target.p);
}

struct sv_request sv_request_to(struct sv_arena *a, const struct sv_vhost *v,
                                const struct sv_listen *l, const char *target)
{
    struct sv_request q = {
        .method = SV_LIT("GET"),
        .host = host_for(a, v),
        .https = l->ssl,
        .port = l->is_unix ? (l->ssl ? 443 : 80) : l->port,
        .target = sv_slice_of(target),
        .local = l->wildcard ? (struct sv_slice){"", 0} : l->addr,
    };
    if (l->inside && l->published)
        q.outer_port = l->published->host_port;
    if (q.host.n == 0 && l->inside && !l->published)
        q.host = sv_slice_of(v->site->container->name); /* as other containers call it */
    if (q.host.n == 0)
        q.host = address_host(a, l);
    return q;
}

struct sv_slice sv_request_host_port(struct sv_arena *a, const struct sv_request *q)
{
    struct sv_slice host = sv_request_host(a, q);
    size_t from = host.n && host.p[0] == '[' ? sv_slice_chr(host, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(host, from, host.n), ':');
    return sv_slice_sub(host, colon + 1, host.n);
}

struct sv_slice sv_request_host(struct sv_arena *a, const struct sv_request *q)
{
    if (q->host_header.n)
        return q->host_header;
    if (q->host.n == 0 || shown_port(q) == (q->https ? 443u : 80u))
        return q->host;
    return sv_slice_of(sv_arena_printf(a, "%.*s:%u", (int)q->host.n, q->host.p, shown_port(q)));
}
