// SPDX-License-Identifier: Apache-2.0
// The index of a scope's own directives; private to the model.
#ifndef SV_MODEL_SCOPE_H
#define SV_MODEL_SCOPE_H

#include "model/server.h"

struct sv_name_slot {
    struct sv_node *first, *last; /* of one name in one level; NULL: free */
};

/* Call once when the level's node is complete. */
void sv_scope_index(struct sv_arena *a, struct sv_scope *s);
/* nginx_listen.c: the listen directives of a server and the groups of a site. */
void sv_nginx_listens(struct sv_site *site, struct sv_vhost *v);
void sv_nginx_groups(struct sv_site *site);

#endif
