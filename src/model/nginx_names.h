// SPDX-License-Identifier: Apache-2.0
// Which server of a socket answers to a name (ngx_http_server_names, ngx_http_find_virtual_server).
#ifndef SV_MODEL_NGINX_NAMES_H
#define SV_MODEL_NGINX_NAMES_H

#include "base/map.h"
#include "model/server.h"

struct sv_named {
    const struct sv_vhost *vhost;
    const struct sv_server_name *name;
};

struct sv_names_asked {
    struct sv_arena *arena;
    struct sv_map hosts; /* to the index in `regexes` plus one; behind the last one: none fits */
};

/* As in nginx a name that another server of the socket took before is ignored as a whole. */
struct sv_name_table {
    struct sv_map exact, head, tail; /* "x", "*.x", "x.*": x to the index in `list` plus one */
    SV_VEC(struct sv_named) list;
    SV_VEC(struct sv_named) regexes; /* file order: the first that fits counts */
    struct sv_names_asked *asked;    /* which expression fits a name that was asked for */
};

struct sv_name_table *sv_nginx_names(struct sv_arena *a, const struct sv_listen_group *g);
/* NULL if no name fits; `host` in lower case. */
const struct sv_named *sv_nginx_named(const struct sv_name_table *t, struct sv_slice host);

#endif
