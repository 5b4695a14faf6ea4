// SPDX-License-Identifier: Apache-2.0
// Where mod_proxy sends a request: address, Host and target that the backend gets.
#include "serve/apache_names.h"
#include "serve/percent.h"

struct sv_slice ap_balanced(const struct ap_run *r, struct sv_slice url)
{
    size_t end = 11; /* behind "balancer://" */
    if (!sv_slice_starts(url, "balancer://"))
        return url;
    while (end < url.n && url.p[end] != '/')
        end++;
    struct sv_slice name = sv_slice_sub(url, 0, end), rest = sv_slice_sub(url, end, url.n);
    sv_vec_each(s, &r->site->scopes)
    {
        struct sv_slice own = (*s)->name;
        if (own.n && own.p[own.n - 1] == '/')
            own.n--;
        if ((*s)->kind != SV_SCOPE_PROXY || !sv_slice_eq_nocase(own, name))
            continue;
        const struct sv_node *n = sv_scope_own(*s, "balancermember");
        struct sv_slice member = n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
        if (member.n && member.p[member.n - 1] == '/' && rest.n)
            member.n--;
        return sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)member.n, member.p, (int)rest.n,
                                           rest.p));
    }
    return (struct sv_slice){"", 0};
}

static void set_address(struct sv_upstream *up, struct sv_slice authority)
{
    unsigned long long port = up->https ? 443 : 80;
    size_t from = authority.n && authority.p[0] == '[' ? sv_slice_chr(authority, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(authority, from, authority.n), ':');
    if (colon < authority.n)
        (void)sv_slice_u64(sv_slice_sub(authority, colon + 1, authority.n), &port);
    up->port = port <= 65535 ? (unsigned)port : 0;
    if (!up->is_unix)
        up->address = sv_slice_sub(authority, 0, colon);
    up->host = authority;
}

/* ap_proxy_canonenc(): with AllowEncodedSlashes NoDecode what is still encoded is taken as such,
 * and only the slashes stay so. */
static struct sv_slice canonical(struct ap_run *r, struct sv_slice path)
{
    const struct sv_node *n = ap_server_get(r, "allowencodedslashes");
    if (r->canonical)
        return path;
    if (!n || !sv_slice_is_nocase(sv_node_arg(n, 0), "nodecode"))
        return ap_escape_path(r->a, path);
    char *out = sv_arena_alloc(r->a, 3 * path.n + 1);
    size_t used = 0;
    for (size_t i = 0; i < path.n;) {
        int c = path.p[i] == '%' ? sv_percent_byte(path, i) : -1;
        char byte = c >= 0 ? (char)c : path.p[i];
        struct sv_slice code = c == '/' ? sv_slice_sub(path, i, i + 3)
                                        : ap_escape_path(r->a, (struct sv_slice){&byte, 1});
        memcpy(out + used, code.p, code.n);
        used += code.n;
        i += c >= 0 ? 3 : 1;
    }
    return (struct sv_slice){out, used};
}

const struct sv_upstream *ap_upstream(struct ap_run *r, struct sv_slice url)
{
    struct sv_upstream *up = sv_new(r->a, struct sv_upstream);
    url = ap_balanced(r, url);
    size_t bar = sv_slice_chr(url, '|');
    if (url.n > 5 && sv_slice_is_nocase(sv_slice_sub(url, 0, 5), "unix:") && bar < url.n) {
        up->is_unix = true;
        up->address = sv_slice_sub(url, 5, bar);
        url = sv_slice_sub(url, bar + 1, url.n);
    }
    size_t skip = sv_slice_starts(url, "http://") ? 7 : sv_slice_starts(url, "https://") ? 8 : 0;
    if (!skip)
        return NULL;
    up->https = skip == 8;
    struct sv_slice rest = sv_slice_sub(url, skip, url.n);
    size_t end = sv_slice_chr(rest, '/');
    set_address(up, sv_slice_sub(rest, 0, end));
    struct sv_slice path = sv_slice_sub(rest, end, rest.n);
    path = canonical(r, path.n ? path : SV_LIT("/"));
    /* With nocanon the query came along. */
    bool query = r->args.n && !(r->canonical && sv_slice_chr(path, '?') < path.n);
    up->target = sv_slice_of(sv_arena_printf(r->a, "%.*s%s%.*s", (int)path.n, path.p,
                                             query ? "?" : "", query ? (int)r->args.n : 0,
                                             r->args.p));
    if (ap_flag(r, "proxypreservehost", false))
        up->host = ap_header(r, SV_LIT("Host")).s;
    if (ap_flag(r, "proxyaddheaders", true))
        up->client_header = SV_LIT("X-Forwarded-For");
    return up;
}
