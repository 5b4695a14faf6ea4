// SPDX-License-Identifier: Apache-2.0
// The index of a scope's own directives; private to the model.
#ifndef SV_MODEL_SCOPE_H
#define SV_MODEL_SCOPE_H

#include "base/map.h"
#include "model/apache.h"

struct sv_name_slot {
    struct sv_node *first, *last; /* of one name in one level */
};

struct sv_name_index {
    struct sv_map at; /* a directive's name: the place in `list` plus one */
    SV_VEC(struct sv_name_slot) list;
};

/* Call once when the level's node is complete. */
void sv_scope_index(struct sv_arena *a, struct sv_scope *s);
/* A level with its index, not yet part of any list. */
struct sv_scope *sv_scope_new(struct sv_site *site, enum sv_scope_kind kind, struct sv_node *node,
                              struct sv_scope *parent, struct sv_vhost *vhost);
/* nginx_locations.c: call once when the level's locations are complete. */
void sv_nginx_index_locations(struct sv_arena *a, struct sv_scope *level);
/* listen_groups.c: a group's place in the site's list plus one, 0: none; the group, made if it is
 * new. */
uint32_t sv_listen_place(const struct sv_site *site, const struct sv_listen *l);
struct sv_listen_group *sv_listen_group_make(struct sv_site *site, const struct sv_listen *l);
/* nginx_listen.c: the listen directives of a server and the groups of a site. */
void sv_nginx_listens(struct sv_site *site, struct sv_vhost *v);
void sv_nginx_groups(struct sv_site *site);

/* apache_sections.c: the sections below a level, nested ones included; `listed`: they are part of
 * the site's list of scopes, which those of a .htaccess file are not. */
void sv_apache_sections(struct sv_site *site, struct sv_scope *level, bool listed);
/* The complete lists of a server, once those of the main server stand. */
void sv_apache_order(struct sv_site *site, struct sv_apache_server *server);
/* apache_listen.c: addresses of the virtual hosts and of Listen, TLS, groups. */
void sv_apache_listens(struct sv_site *site);
/* apache_worker.c: User and Group. */
void sv_apache_worker(struct sv_site *site);

#endif
