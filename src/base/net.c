// SPDX-License-Identifier: Apache-2.0
// Addresses and networks: parsing and the comparison of leading bits.
#include "base/net.h"

#include <arpa/inet.h>
#include <stdio.h>

static bool parse_addr(struct sv_slice s, unsigned char out[16], bool *ret_v6)
{
    char text[64];
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    if (s.n > 2 && s.p[0] == '[')
        s = sv_slice_sub(s, 1, s.n - 1);
    snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
    if (inet_pton(AF_INET, text, out) == 1) {
        *ret_v6 = false;
        return true;
    }
    *ret_v6 = true;
    return inet_pton(AF_INET6, text, out) == 1;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & (0xff << (8 - rest)) & 0xff) == 0;
}

bool sv_net_holds(struct sv_slice net, struct sv_slice addr, unsigned *ret_bits)
{
    unsigned char n[16] = {0}, c[16] = {0};
    bool n6, c6;
    size_t slash = sv_slice_chr(net, '/');
    if (ret_bits)
        *ret_bits = 0;
    if (!parse_addr(sv_slice_sub(net, 0, slash), n, &n6))
        return false;
    unsigned long long bits = n6 ? 128 : 32;
    if (slash < net.n && !sv_slice_u64(sv_slice_sub(net, slash + 1, net.n), &bits))
        return false;
    if (bits > (n6 ? 128u : 32u))
        return false;
    if (ret_bits)
        *ret_bits = (unsigned)bits;
    return parse_addr(addr, c, &c6) && n6 == c6 && same_bits(n, c, (unsigned)bits);
}
