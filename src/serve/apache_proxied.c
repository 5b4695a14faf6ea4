// SPDX-License-Identifier: Apache-2.0
// What httpd makes of its backend's answer: ProxyErrorOverride, ProxyPassReverse.
#include "serve/apache_names.h"

static bool starts_nocase(struct sv_slice s, struct sv_slice prefix)
{
    return s.n >= prefix.n && sv_slice_eq_nocase(sv_slice_sub(s, 0, prefix.n), prefix);
}

static struct sv_slice joined(struct ap_run *r, struct sv_slice head, struct sv_slice tail)
{
    return sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)head.n, head.p, (int)tail.n,
                                       tail.p));
}

/* Of "/path" the host of the redirect does not matter. */
static struct sv_slice path_of(struct sv_slice url)
{
    size_t at = sv_slice_find(url, "://");
    if (at == url.n)
        return url;
    size_t end = at + 3 + sv_slice_chr(sv_slice_sub(url, at + 3, url.n), '/');
    return end < url.n ? sv_slice_sub(url, end, url.n) : url;
}

/* One ProxyPassReverse, as ap_proxy_location_reverse_map() applies it. */
static bool reversed(struct ap_run *r, struct sv_slice fake, struct sv_slice real,
                     struct sv_slice *io)
{
    struct sv_slice url = *io;
    if (sv_slice_starts(real, "balancer://")) {
        real = ap_balanced(r, real);
        if (real.n == 0)
            return false;
        /* The member's name has no slash at its end, that of the path may be both. */
        if (real.p[real.n - 1] == '/' && sv_slice_is(fake, "/"))
            real.n--, fake.n--;
    } else if (real.n && real.p[0] == '/') {
        url = path_of(url);
    }
    if (!starts_nocase(url, real))
        return false;
    *io = joined(r, fake, sv_slice_sub(url, real.n, url.n));
    return true;
}

static const char *location_back(struct ap_run *r, const char *location)
{
    struct sv_slice url = sv_slice_of(location);
    for (size_t i = 0; i < r->levels.n; i++) {
        const struct sv_scope *s = r->levels.v[i].scope;
        for (const struct sv_node *n = NULL; (n = ap_own_next(s, "proxypassreverse", n));) {
            bool alone = n->n_args == 1 || s->kind == SV_SCOPE_LOCATION;
            struct sv_slice fake = alone ? s->name : sv_node_arg(n, 0);
            if (!reversed(r, fake, sv_node_arg(n, !alone), &url))
                continue;
            return ap_is_url(url) ? sv_arena_copy(r->a, url).p : ap_construct_url(r, url);
        }
    }
    return location;
}

/* ProxyErrorOverride On [status...]: the front's own pages for the errors of the backend. */
static bool overrides(const struct ap_run *r, int status)
{
    const struct sv_node *n = ap_get(r, "proxyerroroverride", NULL);
    unsigned long long code;
    if (!n || !sv_slice_is_nocase(sv_node_arg(n, 0), "on"))
        return false;
    for (uint32_t i = 1; i < n->n_args; i++)
        if (sv_slice_u64(sv_node_arg(n, i), &code) && code == (unsigned)status)
            return true;
    return n->n_args == 1 && status >= 400;
}

enum ap_step ap_proxied(struct ap_run *r, struct sv_slice url)
{
    r->ans.upstream = ap_upstream(r, url);
    struct sv_answer front = r->ans;
    front.vhost = r->ans.vhost = r->vhost;
    if (!sv_serve_follow(r->site, r->a, r->req, &r->ans))
        return ap_send(r, SV_OUT_PROXIED, 0);
    if (overrides(r, r->ans.status)) {
        int status = r->ans.status;
        front.condition = r->ans.condition;
        front.why = r->ans.why;
        r->ans = front;
        return ap_status(r, status);
    }
    if (r->ans.location)
        r->ans.location = location_back(r, r->ans.location);
    /* The page of another error: its status stays if it is one to override. */
    if (r->error_status && overrides(r, r->error_status))
        r->ans.status = r->error_status;
    return AP_DONE;
}
