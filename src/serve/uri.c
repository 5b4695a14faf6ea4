// SPDX-License-Identifier: Apache-2.0
// Request targets: decoding, dot segments and slashes as nginx resolves them; URL parsing.
#include "serve/answer.h"

#include <ctype.h>
#include <errno.h>

#include "base/limits.h"
#include "serve/percent.h"

enum state { USUAL, SLASH, DOT, DOT_DOT };

struct normaliser {
    char *out;
    size_t n;
    enum state state;
    bool merge;
};

/* Drops the last two segments' worth of "/x/..": false if that leaves the root. */
static bool up(struct normaliser *u)
{
    if (u->n < 4)
        return false;
    size_t i = u->n - 4;
    while (u->out[i] != '/') {
        if (i == 0)
            return false;
        i--;
    }
    u->n = i + 1;
    return true;
}

/* One decoded character through the machine of ngx_http_parse_complex_uri. */
static bool feed(struct normaliser *u, char c)
{
    switch (u->state) {
    case USUAL:
        u->state = c == '/' ? SLASH : USUAL;
        break;
    case SLASH:
        if (c == '/') {
            if (!u->merge)
                u->out[u->n++] = c;
            return true;
        }
        u->state = c == '.' ? DOT : USUAL;
        break;
    case DOT:
        if (c == '/') {
            u->n--;
            u->state = SLASH;
            return true;
        }
        u->state = c == '.' ? DOT_DOT : USUAL;
        break;
    case DOT_DOT:
        if (c == '/') {
            u->state = SLASH;
            return up(u);
        }
        u->state = USUAL;
        break;
    }
    u->out[u->n++] = c;
    return true;
}

static bool finish(struct normaliser *u)
{
    if (u->state == DOT)
        u->n--;
    else if (u->state == DOT_DOT)
        return up(u);
    return true;
}

int sv_uri_normalise(struct sv_arena *a, struct sv_slice raw, bool merge_slashes,
                     struct sv_slice *ret_uri, struct sv_slice *ret_args)
{
    if (raw.n == 0 || raw.p[0] != '/')
        return 400;
    struct normaliser u = {.out = sv_arena_alloc(a, raw.n + 2), .merge = merge_slashes};
    struct sv_slice args = {"", 0};
    for (size_t i = 0; i < raw.n; i++)
        if ((unsigned char)raw.p[i] < 0x20 || raw.p[i] == 0x7f || raw.p[i] == ' ')
            return 400;
    size_t i = 0;
    for (; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '?' || c == '#')
            break;
        if (c == '%') {
            int byte = sv_percent_byte(raw, i);
            if (byte <= 0)
                return 400;
            c = (char)byte;
            i += 2;
            /* These three end or open nothing once decoded, whatever came before them. */
            if (c == '%' || c == '#' || c == '?') {
                u.out[u.n++] = c;
                u.state = USUAL;
                continue;
            }
        }
        if (!feed(&u, c))
            return 400;
    }
    if (!finish(&u))
        return 400;
    if (i < raw.n && raw.p[i] == '?') {
        args = sv_slice_sub(raw, i + 1, raw.n);
        args.n = sv_slice_chr(args, '#');
    }
    u.out[u.n] = '\0';
    *ret_uri = (struct sv_slice){u.out, u.n};
    *ret_args = sv_arena_copy(a, args);
    return 0;
}

const char *sv_uri_escape(struct sv_arena *a, struct sv_slice path)
{
    return sv_percent_encode(a, path, "-._~/!$&'()*+,;=:@", false).p;
}

/* Host and port of "host:port", "[v6]:port" or "host". */
static bool authority(struct sv_slice s, struct sv_request *ret)
{
    size_t colon = s.n;
    if (s.n && s.p[0] == '[') {
        size_t end = sv_slice_chr(s, ']');
        if (end == s.n)
            return false;
        ret->host = sv_slice_sub(s, 0, end + 1);
        colon = end + 1;
        if (colon < s.n && s.p[colon] != ':')
            return false;
    } else {
        colon = sv_slice_chr(s, ':');
        ret->host = sv_slice_sub(s, 0, colon);
    }
    if (colon + 1 < s.n) {
        unsigned long long port;
        if (!sv_slice_u64(sv_slice_sub(s, colon + 1, s.n), &port) || port == 0 || port > 65535)
            return false;
        ret->port = (unsigned)port;
    }
    return true;
}

int sv_request_from_url(struct sv_arena *a, struct sv_slice url, struct sv_request *ret,
                        struct sv_err *err)
{
    struct sv_request q = {.method = SV_LIT("GET"), .port = 80};
    if (url.n > SV_MAX_URL)
        return sv_err_set(err, EINVAL, "the URL is longer than %d bytes", SV_MAX_URL);
    size_t skip = 7;
    if (url.n >= 8 && sv_slice_is_nocase(sv_slice_sub(url, 0, 8), "https://")) {
        q.https = true;
        q.port = 443;
        skip = 8;
    } else if (url.n < 7 || !sv_slice_is_nocase(sv_slice_sub(url, 0, 7), "http://")) {
        return sv_err_set(err, EINVAL, "an absolute http:// or https:// URL was expected");
    }
    struct sv_slice rest = sv_slice_sub(url, skip, url.n);
    size_t end = 0;
    while (end < rest.n && !strchr("/?#", rest.p[end]))
        end++;
    if (!authority(sv_slice_sub(rest, 0, end), &q))
        return sv_err_set(err, EINVAL, "host or port of the URL is not understood");
    struct sv_slice target = sv_slice_sub(rest, end, rest.n);
    if (target.n == 0 || target.p[0] != '/')
        target = sv_slice_of(sv_arena_printf(a, "/%.*s", (int)target.n, target.p));
    q.target = target;
    *ret = q;
    return 0;
}
