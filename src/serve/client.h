// SPDX-License-Identifier: Apache-2.0
// The address that a request is assumed to come from.
#ifndef SV_SERVE_CLIENT_H
#define SV_SERVE_CLIENT_H

#include "serve/answer.h"

/* The address of a client that no rule names; used as text, never matched by a narrower network
 * than /0 (RFC 5737 documentation range). */
#define SV_STRANGER "203.0.113.77"

/* The client's address as text, a stranger's if the request names none. */
struct sv_slice sv_client_addr(const struct sv_request *req);
/* True if `net` (an address, a network or "all") holds the address; a stranger is only in "all"
 * and in networks of length 0. *ret_bits (may be NULL) gets the network's length. */
bool sv_addr_in(struct sv_slice net, struct sv_slice addr, bool stranger, unsigned *ret_bits);
/* The same for the client of the request. */
bool sv_client_in(const struct sv_request *req, struct sv_slice net);

#endif
