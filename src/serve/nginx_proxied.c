// SPDX-License-Identifier: Apache-2.0
// What nginx makes of its backend's answer: proxy_intercept_errors, proxy_redirect, statuses.
#include "serve/nginx.h"

/* proxy_redirect default: the URL of proxy_pass gives way to the location. */
static bool default_redirect(struct ngx_run *r, struct sv_slice *ret_from, struct sv_slice *ret_to)
{
    struct sv_slice url = sv_node_arg(r->handler, 0);
    size_t host = sv_slice_find(url, "://") + 3;
    if (ngx_has_vars(url) || host > url.n)
        return false;
    struct sv_slice rest = sv_slice_sub(url, host, url.n);
    bool is_unix = sv_slice_starts(rest, "unix:");
    size_t skip = is_unix ? 5 : 0;
    rest = sv_slice_sub(rest, skip, rest.n);
    size_t end = sv_slice_chr(rest, is_unix ? ':' : '/');
    *ret_from = url;
    *ret_to = sv_scope_location(r->handler_scope)->name;
    if (end + is_unix >= rest.n) { /* no URI */
        *ret_from = sv_slice_of(sv_arena_printf(r->a, "%.*s/", (int)url.n, url.p));
        *ret_to = SV_LIT("/");
    }
    return true;
}

/* A regular expression: the whole Location becomes the text. */
static bool by_regex(struct ngx_run *r, struct sv_slice pattern, struct sv_slice to,
                     struct sv_slice *io)
{
    size_t skip = sv_slice_starts(pattern, "~*") ? 2 : 1;
    struct sv_regex *re = sv_regex_get(r->site->regexes, sv_slice_sub(pattern, skip, pattern.n),
                                       skip == 2 ? SV_REGEX_NOCASE : 0, NULL);
    if (!re || ngx_regex(r, re, *io) != SV_MATCH_YES)
        return false;
    struct sv_value v = ngx_expand(r, to);
    if (!v.why)
        *io = v.s;
    return !v.why;
}

static bool by_prefix(struct ngx_run *r, struct sv_slice from, struct sv_slice to,
                      struct sv_slice *io)
{
    if (from.n > io->n || memcmp(io->p, from.p, from.n) != 0)
        return false;
    *io = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)to.n, to.p, (int)(io->n - from.n),
                                      io->p + from.n));
    return true;
}

static bool redirected(struct ngx_run *r, const struct sv_node *n, struct sv_slice *io)
{
    struct sv_slice from = n ? sv_node_arg(n, 0) : SV_LIT("default"), to;
    if (!n || (n->n_args == 1 && sv_slice_is(from, "default")))
        return default_redirect(r, &from, &to) && by_prefix(r, from, to, io);
    if (n->n_args < 2)
        return false; /* off */
    to = sv_node_arg(n, 1);
    if (from.n && from.p[0] == '~')
        return by_regex(r, from, to, io);
    struct sv_value f = ngx_expand(r, from), t = ngx_expand(r, to);
    return !f.why && !t.why && by_prefix(r, f.s, t.s, io);
}

/* What was rewritten is made absolute; what the backend sent stays as it is. */
static const char *location_back(struct ngx_run *r, const char *location)
{
    static const char *const names[] = {"proxy_redirect", NULL};
    const struct sv_scope *level = sv_scope_list(r->handler_scope, names);
    struct sv_slice s = sv_slice_of(location);
    if (!level)
        return redirected(r, NULL, &s) ? ngx_absolute(r, s) : location;
    sv_node_each(n, level->node)
    {
        if (sv_node_is(n, "proxy_redirect") && redirected(r, n, &s))
            return ngx_absolute(r, s);
    }
    return location;
}

/* The status of an error_page goes before the backend's; its body stays. */
static void override(struct ngx_run *r, int status)
{
    enum sv_outcome o = r->ans.outcome;
    r->ans.status = status;
    if (o != SV_OUT_FILE && o != SV_OUT_LISTING && o != SV_OUT_HANDLER && o != SV_OUT_PROXIED &&
        o != SV_OUT_UNKNOWN)
        r->ans.outcome = ngx_outcome_of(status);
}

enum ngx_step ngx_proxied(struct ngx_run *r)
{
    r->ans.upstream = ngx_upstream(r);
    struct sv_answer front = r->ans;
    front.vhost = r->ans.vhost = r->vhost;
    if (!sv_serve_follow(r->site, r->a, r->req, &r->ans))
        return ngx_send(r, SV_OUT_PROXIED, 0);
    int status = r->ans.status;
    if (status >= 300 && sv_scope_flag(r->handler_scope, "proxy_intercept_errors", false) &&
        ngx_has_page(r, status)) {
        const char *location = r->ans.location;
        front.condition = r->ans.condition;
        front.why = r->ans.why;
        r->ans = front;
        r->ans.location = location;
        return ngx_finalise(r, status);
    }
    if (r->ans.location)
        r->ans.location = location_back(r, r->ans.location);
    if (r->err_status)
        override(r, r->err_status);
    return NGX_DONE;
}
