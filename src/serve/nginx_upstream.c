// SPDX-License-Identifier: Apache-2.0
// proxy_pass: the address, the Host and the target that the backend gets (ngx_http_proxy_module.c).
#include "serve/nginx.h"

/* The URL of a proxy_pass, cut. */
struct pass {
    bool https, is_unix, has_uri;
    struct sv_slice host; /* with its port: $proxy_host */
    struct sv_slice uri;  /* what stands behind the host */
};

static bool cut_url(struct sv_slice url, struct pass *ret)
{
    size_t skip = sv_slice_starts(url, "http://") ? 7 : sv_slice_starts(url, "https://") ? 8 : 0;
    if (!skip)
        return false;
    struct sv_slice rest = sv_slice_sub(url, skip, url.n);
    size_t end;
    *ret = (struct pass){.https = skip == 8, .is_unix = sv_slice_starts(rest, "unix:")};
    if (ret->is_unix) {
        rest = sv_slice_sub(rest, 5, rest.n);
        end = sv_slice_chr(rest, ':');
        ret->uri = sv_slice_sub(rest, end + 1, rest.n);
    } else {
        end = sv_slice_chr(rest, '/');
        ret->uri = sv_slice_sub(rest, end, rest.n);
    }
    ret->host = sv_slice_sub(rest, 0, end);
    ret->has_uri = ret->uri.n > 0;
    return ret->host.n > 0;
}

/* The first server of the upstream block of that name: its address, else the name itself. */
static struct sv_slice address_of(const struct ngx_run *r, struct sv_slice host)
{
    sv_node_each(n, r->site->http->node)
    {
        if (!sv_node_is(n, "upstream") || !sv_slice_eq(sv_node_arg(n, 0), host))
            continue;
        const struct sv_node *server = sv_node_find(n, "server");
        return server ? sv_node_arg(server, 0) : host;
    }
    return host;
}

static void set_address(struct sv_upstream *up, struct sv_slice address)
{
    unsigned long long port = up->https ? 443 : 80;
    if (sv_slice_starts(address, "unix:")) {
        up->is_unix = true;
        up->address = sv_slice_sub(address, 5, address.n);
        return;
    }
    size_t colon = address.n;
    if (address.n && address.p[0] == '[')
        colon = sv_slice_chr(address, ']') + 1;
    else
        colon = sv_slice_chr(address, ':');
    if (colon < address.n && address.p[colon] == ':')
        (void)sv_slice_u64(sv_slice_sub(address, colon + 1, address.n), &port);
    up->address = sv_slice_sub(address, 0, colon);
    up->port = port <= 65535 ? (unsigned)port : 0;
}

static struct sv_slice with_args(struct ngx_run *r, struct sv_slice uri)
{
    if (r->args.n == 0)
        return uri;
    return sv_slice_of(sv_arena_printf(r->a, "%.*s?%.*s", (int)uri.n, uri.p, (int)r->args.n,
                                       r->args.p));
}

/* With a URI it takes the place of the location's prefix on the decoded URI, unless a rewrite in
 * there changed that; without one the request goes through as it came, unless a rewrite did. */
static void set_target(struct ngx_run *r, const struct pass *pass, struct sv_upstream *up)
{
    const struct sv_scope *loc = sv_scope_location(r->handler_scope);
    bool variables = ngx_has_vars(sv_node_arg(r->handler, 0));
    struct sv_slice uri, args;
    if (pass->has_uri && variables) {
        up->target = pass->uri;
        return;
    }
    if (pass->has_uri && r->valid_location && loc->kind == SV_SCOPE_LOCATION &&
        loc->match < SV_MATCH_REGEX && r->uri.n >= loc->name.n) {
        struct sv_slice rest =
            ngx_escape(r->a, sv_slice_sub(r->uri, loc->name.n, r->uri.n), false);
        up->target = with_args(r, sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)pass->uri.n,
                                                              pass->uri.p, (int)rest.n, rest.p)));
        return;
    }
    bool merge = sv_scope_flag(r->group->default_vhost->scope, "merge_slashes", true);
    if (sv_uri_normalise(r->a, r->req->target, merge, &uri, &args) == 0 &&
        sv_slice_eq(uri, r->uri)) {
        up->target = r->req->target;
        return;
    }
    up->target = with_args(r, ngx_escape(r->a, r->uri, false));
}

/* proxy_set_header: the Host, and whether the client's address goes along. */
static void set_headers(struct ngx_run *r, struct sv_upstream *up)
{
    static const char *const names[] = {"proxy_set_header", NULL};
    const struct sv_scope *level = sv_scope_list(r->handler_scope, names);
    if (!level)
        return;
    sv_node_each(n, level->node)
    {
        struct sv_slice name = sv_node_arg(n, 0), value = sv_node_arg(n, 1);
        if (!sv_node_is(n, "proxy_set_header"))
            continue;
        if (sv_slice_is_nocase(name, "Host")) {
            struct sv_value v = ngx_expand(r, value);
            up->host = v.why ? r->host : v.s;
        } else if (sv_slice_find(value, "$remote_addr") < value.n ||
                   sv_slice_find(value, "$proxy_add_x_forwarded_for") < value.n) {
            /* X-Forwarded-For is what most backends look at, if both are sent. */
            if (up->client_header.n == 0 || sv_slice_is_nocase(name, "X-Forwarded-For"))
                up->client_header = name;
        }
    }
}

const struct sv_upstream *ngx_upstream(struct ngx_run *r)
{
    struct sv_value url = ngx_expand(r, sv_node_arg(r->handler, 0));
    struct pass pass;
    if (url.why || !cut_url(url.s, &pass))
        return NULL;
    struct sv_upstream *up = sv_new(r->a, struct sv_upstream);
    up->https = pass.https;
    up->host = pass.is_unix ? SV_LIT("localhost") : pass.host;
    if (pass.is_unix) {
        up->is_unix = true;
        up->address = pass.host;
    } else {
        set_address(up, address_of(r, pass.host));
    }
    set_target(r, &pass, up);
    set_headers(r, up);
    return up;
}
