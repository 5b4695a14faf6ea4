// SPDX-License-Identifier: Apache-2.0
// Containers as files describe them: the services of compose projects.
#ifndef SV_MODEL_CONTAINER_H
#define SV_MODEL_CONTAINER_H

#include "model/server.h"

/* A text as it takes effect and the node that gives it. */
struct sv_container_text {
    struct sv_slice text;
    const struct sv_node *node; /* NULL: not set */
};
struct sv_container_var {
    struct sv_slice name, value;
    const struct sv_node *node; /* of the entry, or of env_file */
    const char *file;           /* of env_file; NULL: the entry itself */
    uint32_t line;              /* in that file */
};
struct sv_container_mount {
    const char *source; /* absolute path on the host; NULL: a named volume, tmpfs */
    const char *target; /* in the container */
    bool read_only;
    const struct sv_node *node;
};
struct sv_container_port {
    struct sv_slice host; /* "127.0.0.1"; empty: every address */
    unsigned host_port;   /* 0: the engine chooses one */
    unsigned port;        /* the first of a range */
    bool udp;
    const struct sv_node *node;
};
struct sv_container_file {
    const char *path; /* on the host */
    bool optional;
    int error; /* 0, or the errno of reading it */
    const struct sv_node *node;
};

struct sv_container {
    const char *name;    /* the service's */
    const char *config;  /* the file that describes it */
    const char *project; /* folder that relative paths are of */
    const struct sv_node *node;
    struct sv_container_text image, user, pid, ipc, network, userns, uts, privileged;
    SV_VEC(struct sv_container_text) caps, security, devices;
    SV_VEC(struct sv_container_text) command, entrypoint, healthcheck; /* their words */
    SV_VEC(struct sv_container_var) env, labels, build_args;
    SV_VEC(struct sv_container_file) env_files, secret_files;
    SV_VEC(struct sv_container_mount) mounts;
    SV_VEC(struct sv_container_port) ports;
    const char *build_context; /* folder on the host, or NULL */
    const char *dockerfile;    /* path, or NULL */
};

struct sv_containers {
    SV_VEC(struct sv_container *) list;
    SV_VEC(const char *) files; /* that were read */
};

/* compose.c: reads a project's file with what it includes and extends, its override file and its
 * .env (compose specification). Bounded by SV_MAX_COMPOSE_FILES and SV_MAX_INCLUDE_DEPTH. */
void sv_compose_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                     struct sv_containers *ret);
/* A name that Compose looks for: compose.yaml, docker-compose.yml and so on; the overrides and
 * per-environment files beside them are not. */
bool sv_compose_is_name(struct sv_slice name);

/* container_find.c: the projects below /opt, /srv, /home, /root, /var/www and some more, and those
 * in the working directories of units. */
void sv_containers_find(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_host *host, struct sv_containers *ret);

/* compose_env.c: variables of a project's .env, for interpolation and for env_file. */
struct sv_dotenv_var {
    struct sv_slice name, value;
    uint32_t line;
};
struct sv_dotenv {
    SV_VEC(struct sv_dotenv_var) list;
};
/* As Compose reads it: export, quotes (single: raw; double: escapes), comments behind blanks,
 * ${X} of what was set before. At most SV_MAX_ENV_LINES. */
void sv_dotenv_parse(struct sv_arena *a, struct sv_slice text, struct sv_dotenv *ret);
/* "$X", "${X}", "${X:-default}", "${X-default}", "${X:?text}", "${X:+other}", "$$". A variable that
 * `vars` does not set and that has no default stays as it is written: the shell may set it. */
struct sv_slice sv_compose_expand(struct sv_arena *a, struct sv_slice text,
                                  const struct sv_dotenv *vars);

#endif
