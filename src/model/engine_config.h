// SPDX-License-Identifier: Apache-2.0
// What Docker and Podman themselves are told: where they listen, registries, proxies, logins.
#ifndef SV_MODEL_ENGINE_CONFIG_H
#define SV_MODEL_ENGINE_CONFIG_H

#include "model/unit.h"

/* A socket that takes commands; with `context` one of another machine that is used from here. */
struct sv_engine_host {
    struct sv_slice address; /* "tcp://0.0.0.0:2375" */
    bool tls, verify;        /* encrypted; clients must have a certificate */
    const char *context;     /* name of the docker context, or NULL: this machine's engine */
    const char *program;     /* "dockerd", "podman" */
    const struct sv_node *node;
};
struct sv_engine_value {
    struct sv_slice name, value;
    const struct sv_node *node;
    bool shown; /* to every local user, whatever the file's mode: a unit's Environment= */
};
/* The files are daemon.json (dockerd(8)), the flags of docker.service with its environment,
 * /etc/default/docker where no unit names it, ~/.docker/contexts (docker context), registries.conf
 * (containers-registries.conf(5)), containers.conf, ~/.docker/config.json and auth.json
 * (containers-auth.json(5)). */
struct sv_engine_config {
    SV_VEC(struct sv_engine_host) hosts;
    SV_VEC(struct sv_engine_value) proxies;  /* URLs; `name` as in its file */
    SV_VEC(struct sv_engine_value) insecure; /* registries without TLS, or with any certificate */
    SV_VEC(struct sv_engine_value) auths;    /* `name`: the registry */
    SV_VEC(const char *) files;              /* that were read */
};

/* `units` may be NULL. */
void sv_engine_config_find(const struct sv_model_env *env, struct sv_syntax *sx,
                           const struct sv_units *units, struct sv_engine_config *ret);
/* One daemon.json, alone. */
void sv_engine_config_daemon(const struct sv_model_env *env, struct sv_syntax *sx,
                             const char *path, struct sv_engine_config *ret);

#endif
