// SPDX-License-Identifier: Apache-2.0
// A key that a proxy adds to everybody's requests to somebody else's server.
#ifndef SV_ENGINE_RELAY_H
#define SV_ENGINE_RELAY_H

#include "engine/check.h"

struct sv_relay {
    const char *where;         /* the URL that lets everyone in, or the section in words */
    const char *section;       /* that has to ask who it is, for the advice */
    const struct sv_node *pass; /* what hands the request on */
    struct sv_slice target;    /* ... to this URL */
    const char *advice;        /* how to ask there, up to a full stop */
};

/* "https://api.example.com/v1": a name of the internet, not a machine of one's own. */
bool sv_relay_is_foreign(struct sv_slice target);
/* Makes the finding about a secret in the configuration one about what everyone can do with it. Of
 * the target the host alone is named: what follows may hold secrets of its own. */
void sv_finding_relay(struct sv_ctx *cx, struct sv_finding *f, const struct sv_relay *r,
                      struct sv_slice name, struct sv_slice value);

/* Too many places for this header: coverage says that whether it is lent was not found out. */
void sv_relay_skip(struct sv_ctx *cx, const struct sv_node *header);

#endif
