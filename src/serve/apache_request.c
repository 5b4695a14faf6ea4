// SPDX-License-Identifier: Apache-2.0
// Request target and Host as httpd reads them: normalising, decoding, and making URLs again.
#include <ctype.h>

#include "serve/apache.h"
#include "serve/percent.h"

static bool unreserved(int c)
{
    return isalnum((unsigned char)c) || (c && strchr("-._~", c));
}

/* Decodes the unreserved characters only; false if an escape is none. */
static bool decode_unreserved(struct sv_arena *a, struct sv_slice in, struct sv_slice *ret)
{
    char *out = sv_arena_alloc(a, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        int c = in.p[i] == '%' ? sv_percent_byte(in, i) : -2;
        if (c == -1)
            return false;
        if (c >= 0 && unreserved(c)) {
            out[n++] = (char)c;
            i += 2;
        } else {
            out[n++] = in.p[i];
        }
    }
    *ret = (struct sv_slice){out, n};
    return true;
}

/* "/./", "/x/../" and, if wanted, "//" away. False: above the root. */
static bool remove_dots(struct sv_arena *a, struct sv_slice in, bool merge, struct sv_slice *ret)
{
    char *out = sv_arena_alloc(a, in.n + 1);
    size_t w = 0, l = 0;
    bool good = true;
    while (l < in.n) {
        bool start = w > 0 && out[w - 1] == '/';
        size_t seg = 0;
        while (l + seg < in.n && in.p[l + seg] != '/')
            seg++;
        if (start && merge && in.p[l] == '/') {
            l++;
        } else if (start && seg == 1 && in.p[l] == '.') {
            l += l + 1 < in.n ? 2 : 1;
        } else if (start && seg == 2 && in.p[l] == '.' && in.p[l + 1] == '.') {
            l += l + 2 < in.n ? 3 : 2;
            good &= w > 1;
            if (w > 1)
                do
                    w--;
                while (w && out[w - 1] != '/');
        } else {
            out[w++] = in.p[l++];
        }
    }
    out[w] = '\0'; /* it can have been longer in between */
    *ret = (struct sv_slice){out, w};
    return good;
}

static bool merges(const struct ap_run *r)
{
    const struct sv_node *n = ap_server_get(r, "mergeslashes");
    return !n || !sv_slice_is_nocase(sv_node_arg(n, 0), "off");
}

int ap_normalise(struct ap_run *r)
{
    struct sv_slice out;
    if (sv_slice_is(r->raw, "*"))
        return 0;
    if (r->raw.n == 0 || r->raw.p[0] != '/')
        return 400;
    if (!decode_unreserved(r->a, r->raw, &out) || !remove_dots(r->a, out, merges(r), &out))
        return 400;
    r->raw = r->uri = out;
    return 0;
}

enum slashes { FORBID_SLASHES, KEEP_SLASHES, DECODE_SLASHES };

static enum slashes encoded_slashes(const struct ap_run *r)
{
    /* The one server setting that a virtual host does not inherit. */
    const struct sv_node *n = sv_scope_own_last(r->vhost->scope, "allowencodedslashes");
    struct sv_slice v = n ? sv_node_arg(n, 0) : SV_LIT("off");
    if (sv_slice_is_nocase(v, "nodecode"))
        return KEEP_SLASHES;
    return sv_slice_is_nocase(v, "on") ? DECODE_SLASHES : FORBID_SLASHES;
}

int ap_unescape(struct ap_run *r)
{
    enum slashes mode = encoded_slashes(r);
    struct sv_slice in = r->raw;
    char *out = sv_arena_alloc(r->a, in.n + 1);
    size_t n = 0;
    int status = 0;
    for (size_t i = 0; i < in.n; i++) {
        int c = in.p[i] == '%' ? sv_percent_byte(in, i) : -2;
        if (c == -1)
            return 400;
        if (c == 0 || (c == '/' && mode == FORBID_SLASHES))
            status = 404;
        if (c < 0 || unreserved(c) || (c == '/' && mode == KEEP_SLASHES)) {
            out[n++] = in.p[i];
            continue;
        }
        out[n++] = (char)c;
        i += 2;
    }
    r->uri = (struct sv_slice){out, n};
    if (status == 0 && mode == DECODE_SLASHES)
        (void)remove_dots(r->a, r->uri, merges(r), &r->uri);
    r->raw = r->uri;
    return status;
}

/* ---- Host ---- */

/* strict_host_check() of vhost.c: letters, digits, dots, hyphens, underscores. */
static bool good_name(struct sv_slice h)
{
    unsigned dots = 0;
    bool decimal = true, zeroes = false;
    if (h.n == 0)
        return false;
    for (size_t i = 0; i < h.n; i++) {
        unsigned char c = (unsigned char)h.p[i];
        bool digit_after = i + 2 < h.n && isdigit((unsigned char)h.p[i + 2]);
        if (isalpha(c) || c == '-' || c == '_') {
            decimal = false;
        } else if (c == '.') {
            dots++;
            if (i && h.p[i - 1] == '.')
                return false;
            zeroes |= i + 1 < h.n && h.p[i + 1] == '0' && digit_after;
        } else if (!isdigit(c)) {
            return false;
        }
    }
    return !decimal || (dots == 3 && !zeroes && h.p[0] != '.');
}

static bool good_host(struct sv_slice h)
{
    if (h.n == 0 || h.p[0] != '[')
        return good_name(h);
    for (size_t i = 1; i + 1 < h.n; i++)
        if (!isxdigit((unsigned char)h.p[i]) && h.p[i] != ':' && h.p[i] != '.')
            return false;
    return h.n > 4 && h.p[h.n - 1] == ']';
}

/* "http://host:port/path": its host outweighs the header. */
static bool absolute_form(struct ap_run *r, struct sv_slice *io_target, struct sv_slice *io_host)
{
    struct sv_slice t = *io_target;
    size_t skip = sv_slice_find(t, "://");
    if (t.n == 0 || t.p[0] == '/' || skip >= sv_slice_chr(t, '?'))
        return false;
    size_t start = skip + 3, end = start;
    while (end < t.n && !strchr("/?#", t.p[end]))
        end++;
    struct sv_slice auth = sv_slice_sub(t, start, end);
    size_t at = sv_slice_chr(auth, '@');
    if (at < auth.n)
        auth = sv_slice_sub(auth, at + 1, auth.n);
    size_t from = auth.n && auth.p[0] == '[' ? sv_slice_chr(auth, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(auth, from, auth.n), ':');
    *io_host = sv_slice_sub(auth, 0, colon);
    struct sv_slice rest = sv_slice_sub(t, end, t.n);
    *io_target = rest.n && rest.p[0] == '/'
                     ? rest
                     : sv_slice_of(sv_arena_printf(r->a, "/%.*s", (int)rest.n, rest.p));
    r->absolute = true;
    return true;
}

struct sv_slice ap_one_slash(struct sv_slice target)
{
    while (target.n > 1 && target.p[0] == '/' && target.p[1] == '/')
        target = sv_slice_sub(target, 1, target.n);
    return target;
}

bool ap_read_request(struct ap_run *r, bool unsafe)
{
    struct sv_slice t = r->req->target, host = r->req->host;
    bool good = t.n > 0;
    r->unparsed = t;
    if (unsafe)
        t = sv_slice_sub(t, 0, sv_slice_chr(t, '#'));
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.p[i] <= 0x20 || t.p[i] == 0x7f || t.p[i] == '#')
            good = false;
    if (good)
        (void)absolute_form(r, &t, &host);
    t = ap_one_slash(t);
    size_t q = sv_slice_chr(t, '?');
    r->raw = r->uri = sv_arena_copy(r->a, sv_slice_sub(t, 0, q));
    r->args = sv_arena_copy(r->a, sv_slice_sub(t, q + 1, t.n));
    r->empty_query = q + 1 == t.n;
    /* A bad request line is refused before the Host is read: the address's first host answers. */
    if (!good || !good_host(host)) {
        r->host = (struct sv_slice){"", 0};
        return false;
    }
    if (host.n > 1 && host.p[host.n - 1] == '.')
        host.n--;
    r->host = sv_arena_mapped(r->a, host, tolower);
    return true;
}

const char *ap_query_mark(const struct ap_run *r)
{
    return r->args.n || r->empty_query ? "?" : "";
}

/* ---- paths and URLs ---- */

struct sv_slice ap_escape_path(struct sv_arena *a, struct sv_slice s)
{
    return sv_percent_encode(a, s, "$-_.+!*'(),:@&=/~;", true);
}

const char *ap_path_merge(struct sv_arena *a, const char *root, struct sv_slice path)
{
    const char *full = path.n && path.p[0] == '/'
                           ? sv_arena_printf(a, "%.*s", (int)path.n, path.p)
                           : sv_arena_printf(a, "%s/%.*s", root, (int)path.n, path.p);
    struct sv_slice out;
    (void)remove_dots(a, sv_slice_of(full), true, &out);
    return out.p;
}

struct sv_slice ap_configured_name(const struct ap_run *r, unsigned *ret_port)
{
    const struct sv_node *n = ap_server_get(r, "servername");
    struct sv_slice s = n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
    unsigned long long port;
    size_t scheme = sv_slice_find(s, "://");
    *ret_port = 0;
    if (scheme < s.n)
        s = sv_slice_sub(s, scheme + 3, s.n);
    size_t from = s.n && s.p[0] == '[' ? sv_slice_chr(s, ']') : 0;
    size_t colon = from + sv_slice_chr(sv_slice_sub(s, from, s.n), ':');
    if (colon < s.n && sv_slice_u64(sv_slice_sub(s, colon + 1, s.n), &port) && port <= 65535)
        *ret_port = (unsigned)port;
    return sv_slice_sub(s, 0, colon);
}

/* Without a ServerName httpd asks what its address is called; only one such name is sure. */
static bool is_loopback(const struct ap_run *r)
{
    if (r->server->is_main || sv_scope_own(r->vhost->scope, "servername") || !r->vhost->listens.n)
        return false;
    sv_vec_each(l, &r->vhost->listens)
    {
        if (l->wildcard)
            return false;
    }
    struct sv_slice addr = r->vhost->listens.v[0].addr;
    return sv_slice_is(addr, "127.0.0.1") || sv_slice_is(addr, "::1");
}

struct sv_slice ap_server_hostname(const struct ap_run *r)
{
    if (is_loopback(r))
        return SV_LIT("localhost");
    unsigned port;
    return ap_configured_name(r, &port);
}

const char *ap_construct_url(struct ap_run *r, struct sv_slice uri)
{
    struct sv_slice name = ap_server_name(r);
    unsigned port = ap_server_port(r);
    const char *scheme = r->tls ? "https" : "http";
    if (port == (r->tls ? 443u : 80u))
        return sv_arena_printf(r->a, "%s://%.*s%.*s", scheme, (int)name.n, name.p, (int)uri.n,
                               uri.p);
    return sv_arena_printf(r->a, "%s://%.*s:%u%.*s", scheme, (int)name.n, name.p, port,
                           (int)uri.n, uri.p);
}
