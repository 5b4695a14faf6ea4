// SPDX-License-Identifier: Apache-2.0
// Containers as files describe them: the services of compose projects, what engines keep of the
// containers that they made, Quadlet units.
#ifndef SV_MODEL_CONTAINER_H
#define SV_MODEL_CONTAINER_H

#include "model/server.h"

struct sv_engine_config;

/* A text as it takes effect and the node that gives it. */
struct sv_container_text {
    struct sv_slice text;
    const struct sv_node *node; /* NULL: not set */
};
typedef SV_VEC(struct sv_container_text) sv_container_texts;
struct sv_container_var {
    struct sv_slice name, value;
    const struct sv_node *node; /* of the entry, or of env_file */
    const char *file;           /* of env_file; NULL: the entry itself */
    uint32_t line;              /* in that file */
    struct sv_slice from;       /* what it is called there, where ${...} takes it; else empty */
};
struct sv_container_vars { /* as SV_VEC */
    struct sv_container_var *v;
    size_t n, cap;
};
struct sv_container_mount {
    const char *source; /* absolute path on the host; NULL: a named volume, tmpfs */
    const char *volume; /* where the engine keeps a named volume, or NULL: not known */
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
    bool filled_in; /* a project's .env that only ${...} takes values from */
    bool secret; /* given as a secret: under secrets:, or mounted below /run/secrets */
    int error; /* 0, or the errno of reading it */
    const struct sv_node *node;
};

enum sv_container_kind {
    SV_CONTAINER_COMPOSE, /* a service of a compose project */
    SV_CONTAINER_DOCKER,  /* Docker's config.v2.json and hostconfig.json */
    SV_CONTAINER_PODMAN,  /* containers/storage: userdata/config.json */
    SV_CONTAINER_QUADLET, /* a .container unit */
};

struct sv_container {
    enum sv_container_kind kind;
    const char *name;    /* the service's; the container's where no compose file describes it */
    const char *config;  /* the file that describes it */
    const char *project; /* folder that relative paths are of, or NULL */
    const struct sv_node *node;
    struct sv_container_text image, user, pid, ipc, network, userns, uts, privileged;
    sv_container_texts caps, security, devices, command, entrypoint, healthcheck; /* words */
    struct sv_container_vars env, labels, build_args, build_contexts;
    SV_VEC(struct sv_container_file) env_files, secret_files;
    SV_VEC(struct sv_container_mount) mounts;
    SV_VEC(struct sv_container_port) ports;
    const char *build_context; /* folder on the host, or NULL */
    const char *dockerfile;    /* path, or NULL */
    struct sv_slice build_target;        /* the stage that is built; empty: the last one */
    const struct sv_node *build_inline;  /* dockerfile_inline, or NULL */
    struct sv_container *twin; /* DOCKER, PODMAN: what it was made from, and back; or NULL */
    const char *id;            /* the engine's, or NULL */
    const char *own_name;      /* container_name:, or the engine's name for it; NULL: generated */
    bool running;              /* as the engine wrote down last */
    const char *log_driver;    /* "json-file"; NULL: not known */
    const char *log_path;      /* on the host, or NULL */
    SV_VEC(struct sv_slice) networks;  /* as the engine knows them; in one, names are addresses */
    SV_VEC(struct sv_slice) aliases;   /* beside its names */
    SV_VEC(struct sv_slice) addresses; /* that the engine gave it */
    struct sv_slice gateway;           /* what the host looks like to it; empty: not known */
};

/* It is one that an engine made, not the description of one. */
static inline bool sv_container_is_made(const struct sv_container *c)
{
    return c->kind == SV_CONTAINER_DOCKER || c->kind == SV_CONTAINER_PODMAN;
}

struct sv_containers {
    SV_VEC(struct sv_container *) list;
    SV_VEC(const char *) files; /* that were read */
    bool full; /* of services that files describe, which was told: SV_MAX_CONTAINERS */
    const struct sv_engine_config *engine; /* model/engine_config.h; NULL: it was not looked for */
    SV_VEC(const char *) dockerfiles; /* that lie in the folders of projects */
};
/* "compose", "docker", "podman", "quadlet". */
const char *sv_container_kind_name(enum sv_container_kind kind);

/* compose.c: reads a project's file with what it includes and extends, its override file and its
 * .env (compose specification). Bounded by SV_MAX_COMPOSE_FILES and SV_MAX_INCLUDE_DEPTH. */
void sv_compose_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                     struct sv_containers *ret);
/* The same for a list of files, each put over those before it, as `docker compose -f A -f B`; no
 * override file is looked for. Relative paths are of the first one's folder. */
void sv_compose_load_files(const struct sv_model_env *env, struct sv_syntax *sx,
                           const struct sv_paths *paths, struct sv_containers *ret);
/* container_find.c: "compose.override.yaml" beside "compose.yaml", and so on; NULL: none. */
const char *sv_compose_override(const struct sv_model_env *env, const char *path);
/* A name that Compose looks for: compose.yaml, docker-compose.yml and so on; the overrides and
 * per-environment files beside them are not. */
bool sv_compose_is_name(struct sv_slice name);

/* container_find.c: the projects below /opt, /srv, /home, /root, /var/www and some more, and those
 * in the working directories of units; then what the engines keep. */
void sv_containers_find(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_host *host, struct sv_containers *ret);

/* container_engine.c: what Docker keeps of its containers below each of its data folders, that of
 * rootless engines in homes included; a container's labels lead to its compose files, and the
 * service there becomes its twin. At most SV_MAX_CONTAINERS. Sources of the fields: moby's
 * container/container.go and api/types/container, and files that Docker 20.10 wrote. */
void sv_engine_find(const struct sv_model_env *env, struct sv_syntax *sx,
                    struct sv_containers *io);
/* The service that the container's labels name becomes its twin, read if it was not yet. */
void sv_container_join_compose(const struct sv_model_env *env, struct sv_syntax *sx,
                               struct sv_container *c, struct sv_containers *io);
/* One container's folder, alone. */
void sv_engine_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *dir,
                    struct sv_containers *io);

/* A file about containers, added to the sources: 0, and what is wrong diagnosed unless it is not
 * there, if it cannot be read or goes beyond SV_MAX_CONTAINER_BYTES and SV_MAX_CONTAINER_TOTAL. */
uint32_t sv_container_read(const struct sv_model_env *env, struct sv_syntax *sx, const char *path);

/* container_podman.c: what containers/storage keeps of Podman's containers, root and homes:
 * the OCI runtime's config.json of each that was ever started; published ports, labels, networks,
 * the log, and all of those that were not, are in Podman's database alone (podman_db.h). */
void sv_podman_find(const struct sv_model_env *env, struct sv_syntax *sx,
                    struct sv_containers *io);

/* container_port.c: "[[HOST:]PUBLISHED:]PORT[/udp]", also with an IPv6 address in brackets; of
 * ranges the first port. False: no port. The node is left to the caller. */
bool sv_container_short_port(struct sv_slice text, struct sv_container_port *ret);
unsigned sv_container_port_number(struct sv_slice text); /* 0: none */

/* container_quadlet.c: the units of Podman's generator (podman-systemd.unit(5)) in each of its
 * search paths, those of homes included, with drop-ins; pods and volumes that they name, and the
 * Kubernetes file of a .kube unit. */
void sv_quadlet_find(const struct sv_model_env *env, struct sv_syntax *sx,
                     struct sv_containers *io);
/* One unit, alone. */
void sv_quadlet_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                     struct sv_containers *io);
bool sv_quadlet_is_name(struct sv_slice name); /* "web.container", "web.pod", "web.kube" ... */
/* container_kube.c: the pods of a Kubernetes file, all its documents, each container one of the
 * model; at most SV_MAX_CONTAINERS. */
void sv_kube_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                  struct sv_containers *io);

/* container_site.c: the view of a container: its bind mounts, and volumes that the engine keeps in
 * a folder of the host. NULL if it is given neither. */
struct sv_fs *sv_container_view(const struct sv_model_env *env, const struct sv_container *c);
/* Files that are mounted below /run/secrets become secret_files. */
void sv_container_secret_mounts(const struct sv_model_env *env, struct sv_container *c);
/* Makes the site one that runs in the container: how its ports are reached, who its worker is;
 * `config` is its configuration on the host. */
void sv_site_take_container(struct sv_site *site, const struct sv_container *c,
                            const char *config);
/* The mount of the container that brings a path of its view; NULL: none does. */
const struct sv_container_mount *sv_container_mount_of(const struct sv_container *c,
                                                       const char *path);

/* compose_env.c: variables of a project's .env, for interpolation and for env_file. */
struct sv_dotenv_var {
    struct sv_slice name, value;
    uint32_t line;
};
struct sv_dotenv {
    SV_VEC(struct sv_dotenv_var) list;
    uint32_t cut; /* the line of the first one that SV_MAX_ENV_LINES left out; 0: none */
};
/* As Compose reads it: export, quotes (single: raw; double: escapes), comments behind blanks,
 * ${X} of what was set before. At most SV_MAX_ENV_LINES. */
void sv_dotenv_parse(struct sv_arena *a, struct sv_slice text, struct sv_dotenv *ret);
/* The same of a file's text; what the limit left out is an error. */
void sv_dotenv_read(const struct sv_model_env *env, const char *path, struct sv_slice text,
                    struct sv_dotenv *ret);
/* What environment: takes out of the project's .env stands there and not in the compose file: it
 * becomes a variable of that file. */
void sv_container_take_dotenv(struct sv_arena *a, struct sv_container *c, const char *path,
                              const struct sv_dotenv *vars);
/* "$X", "${X}", "${X:-default}", "${X-default}", "${X:?text}", "${X:+other}", "$$". A variable that
 * `vars` does not set and that has no default stays as it is written: the shell may set it. */
struct sv_slice sv_compose_expand(struct sv_arena *a, struct sv_slice text,
                                  const struct sv_dotenv *vars);

#endif
