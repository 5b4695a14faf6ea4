// SPDX-License-Identifier: Apache-2.0
// Is the client one of those that an access rule names: by address, network or host.
#include <arpa/inet.h>
#include <stdio.h>

#include "serve/apache_authz.h"
#include "serve/client.h"

struct subnet {
    unsigned char addr[16], mask[16];
    size_t n; /* 4 or 16 bytes */
};

/* "10", "10.1.", "10.1.2": the parts that are there count in full. */
static bool parse_parts(const char *text, struct subnet *ret)
{
    size_t n = 0;
    const char *p = text;
    while (*p) {
        unsigned v;
        int used;
        if (n == 4 || *p < '0' || *p > '9' || sscanf(p, "%3u%n", &v, &used) != 1 || v > 255)
            return false;
        ret->addr[n] = (unsigned char)v;
        ret->mask[n++] = 255;
        p += used;
        if (*p == '.')
            p++;
        else if (*p)
            return false;
    }
    ret->n = 4;
    return n > 0;
}

static bool parse_mask(struct sv_slice text, const char *z, struct subnet *ret)
{
    unsigned long long bits;
    if (ret->n == 4 && sv_slice_chr(text, '.') < text.n)
        return inet_pton(AF_INET, z, ret->mask) == 1;
    if (!sv_slice_u64(text, &bits) || bits > 8 * ret->n)
        return false;
    for (size_t i = 0; i < ret->n; i++, bits -= bits < 8 ? bits : 8)
        ret->mask[i] = bits >= 8 ? 255 : (unsigned char)(0xff00 >> bits);
    return true;
}

static bool parse(struct sv_arena *a, struct sv_slice text, struct subnet *ret)
{
    size_t slash = sv_slice_chr(text, '/');
    const char *addr = sv_arena_copy(a, sv_slice_sub(text, 0, slash)).p;
    struct sv_slice mask = sv_slice_sub(text, slash + 1, text.n);
    *ret = (struct subnet){.n = 4};
    if (inet_pton(AF_INET6, addr, ret->addr) == 1)
        ret->n = 16;
    else if (inet_pton(AF_INET, addr, ret->addr) != 1)
        return slash == text.n && parse_parts(addr, ret);
    memset(ret->mask, 255, ret->n);
    return slash == text.n || parse_mask(mask, sv_arena_copy(a, mask).p, ret);
}

bool ap_subnet_holds(const struct ap_run *r, struct sv_slice text)
{
    static const unsigned char zero[16];
    struct subnet net, client;
    if (!parse(r->a, text, &net))
        return false;
    if (!parse(r->a, sv_client_addr(r->req), &client) || client.n != net.n)
        return false;
    /* A stranger is only in networks that hold everyone. */
    if (r->req->client.n == 0)
        return memcmp(net.mask, zero, net.n) == 0;
    for (size_t i = 0; i < net.n; i++)
        if ((client.addr[i] ^ net.addr[i]) & net.mask[i])
            return false;
    return true;
}

bool ap_client_is_local(const struct ap_run *r)
{
    return ap_subnet_holds(r, SV_LIT("127.0.0.0/8")) || ap_subnet_holds(r, SV_LIT("::1")) ||
           (r->req->client.n && sv_slice_eq(r->req->client, r->local));
}

enum sv_truth ap_client_host(const struct ap_run *r, struct sv_slice name, bool forward)
{
    /* No rule names a stranger, so its address does not resolve to a name of a rule either. */
    if (r->req->client.n == 0)
        return SV_FALSE;
    bool loopback = ap_subnet_holds(r, SV_LIT("127.0.0.1")) || ap_subnet_holds(r, SV_LIT("::1"));
    if (sv_slice_is_nocase(name, "localhost"))
        return sv_truth_of(loopback);
    return loopback && !forward ? SV_FALSE : SV_MAYBE;
}
