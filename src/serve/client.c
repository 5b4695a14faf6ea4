// SPDX-License-Identifier: Apache-2.0
// The address that a request is assumed to come from.
#include "serve/client.h"

#include "base/net.h"

struct sv_slice sv_client_addr(const struct sv_request *req)
{
    return req->client.n ? req->client : SV_LIT(SV_STRANGER);
}

bool sv_addr_in(struct sv_slice net, struct sv_slice addr, bool stranger, unsigned *ret_bits)
{
    unsigned bits = 0;
    bool holds = sv_slice_is(net, "all");
    if (sv_slice_is(addr, "unix:")) /* a peer on a socket has no address */
        holds |= sv_slice_is(net, "unix:");
    else
        holds |= sv_net_holds(net, addr, &bits);
    if (ret_bits)
        *ret_bits = bits;
    return holds && !(stranger && bits > 0);
}

bool sv_client_in(const struct sv_request *req, struct sv_slice net)
{
    return sv_addr_in(net, sv_client_addr(req), req->client.n == 0, NULL);
}
