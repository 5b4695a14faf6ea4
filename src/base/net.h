// SPDX-License-Identifier: Apache-2.0
// IP networks as configurations write them.
#ifndef SV_BASE_NET_H
#define SV_BASE_NET_H

#include "base/slice.h"

/* True if `net` (an address or address/bits, IPv6 with or without brackets) holds the address.
 * *ret_bits (may be NULL) gets the network's length, also when it does not hold it; false and 0
 * bits for what is no network. */
bool sv_net_holds(struct sv_slice net, struct sv_slice addr, unsigned *ret_bits);

#endif
