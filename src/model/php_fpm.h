// SPDX-License-Identifier: Apache-2.0
// php-fpm's pools: as whom scripts run, what they are given, and who may hand them requests.
#ifndef SV_MODEL_PHP_FPM_H
#define SV_MODEL_PHP_FPM_H

#include "model/unit.h"

/* env[NAME], php_value[NAME], php_admin_value[NAME] and their flags. */
struct sv_php_entry {
    struct sv_slice name, value; /* "$NAME": what php-fpm itself has in its environment */
    const struct sv_node *node;
};

/* A pool as all of its sections together make it: a name that comes again goes on with it. */
struct sv_php_pool {
    const char *name;
    const char *config;        /* php-fpm.conf, which led to it */
    const struct sv_node *node; /* its first section */
    const struct sv_unit *unit; /* the service that reads that file; NULL: none is known */
    struct sv_cred cred;        /* as whom scripts read files; see `cred_known` */
    bool cred_known;            /* false: there is no such user, or none is named */
    bool clear_env;             /* "no": scripts get php-fpm's own environment */
    const struct sv_node *user, *group, *listen, *listen_mode, *listen_clients;
    const struct sv_node *listen_owner, *listen_group;
    const struct sv_node *chroot, *clear; /* each NULL where it is not set */
    SV_VEC(struct sv_php_entry) env, values;
};

struct sv_php {
    SV_VEC(struct sv_php_pool *) pools;
    SV_VEC(const char *) files; /* that were read */
};

/* Reads php-fpm's files where distributions keep them and where units say (php-fpm.conf(5)), with
 * what they include, at most five levels as php-fpm has it. The user of a unit that is not root's
 * is the pools' user too. */
void sv_php_load(const struct sv_model_env *env, struct sv_syntax *sx, const struct sv_units *units,
                 struct sv_php *ret);

#endif
