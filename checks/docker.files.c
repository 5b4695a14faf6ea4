// SPDX-License-Identifier: Apache-2.0
// docker.env-file-*, docker.secret-file-readable, docker.compose-file-served: files of a project.
#include <errno.h>

#include "engine/check.h"
#include "secrets/value.h"

static void add_secrets(struct sv_ctx *cx, struct sv_finding *f, const struct sv_container *c,
                        const char *path)
{
    sv_vec_each(v, &c->env)
    {
        if (v->file && strcmp(v->file, path) == 0 && sv_value_is_secret(v->name, v->value))
            sv_finding_secret(cx, f, "secret-assignment", v->value, v->line, 1);
    }
}

/* The first variable of that file that is a secret, or NULL; *ret_more: how many more there are. */
static const struct sv_container_var *secret_of(const struct sv_container *c, const char *path,
                                                size_t *ret_more)
{
    const struct sv_container_var *first = NULL;
    *ret_more = 0;
    sv_vec_each(v, &c->env)
    {
        if (!v->file || strcmp(v->file, path) != 0 || !sv_value_is_secret(v->name, v->value))
            continue;
        bool same = false; /* the line also fills in another variable */
        const struct sv_container_var *u = c->env.v;
        for (; u < v && !same; u++)
            same = u->file && u->line == v->line && strcmp(u->file, path) == 0 &&
                   sv_value_is_secret(u->name, u->value);
        *ret_more += first != NULL && !same;
        first = first ? first : v;
    }
    return first;
}

static const char *and_more(struct sv_ctx *cx, size_t n)
{
    return n ? sv_arena_printf(sv_ctx_arena(cx), " and %zu more", n) : "";
}

static void run_readable(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(file, &c->env_files)
    {
        size_t more = 0;
        const struct sv_container_var *v = file->error ? NULL : secret_of(c, file->path, &more);
        const char *readers = v ? sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx),
                                                    sv_ctx_arena(cx), file->path) : "";
        if (!sv_access_anyone(readers) ||
            sv_ctx_file_reported(cx, "docker.env-file-readable", file->path))
            continue;
        struct sv_arena *a = sv_ctx_arena(cx);
        struct sv_slice name = v->from.n ? v->from : v->name; /* as it stands there */
        const char *whose = sv_arena_printf(a, "%s of %s", and_more(cx, more), c->name);
        if (!sv_slice_eq(name, v->name))
            whose = sv_arena_printf(a, ", which %s gets as %.*s,%s", c->name, (int)v->name.n,
                                    v->name.p, and_more(cx, more));
        struct sv_finding *f = sv_report_file(cx, SV_HIGH, file->path, v->line,
                                              "%.*s%s can be read by every local user",
                                              (int)name.n, name.p, whose);
        f->readers = readers;
        add_secrets(cx, f, c, file->path);
        sv_finding_evidence(cx, f, file->node);
        sv_finding_fix(cx, f, "chmod 0600 %s\n%s Change the secrets if others may have looked.",
                       sv_shell_quote(sv_ctx_arena(cx), file->path),
                       file->filled_in ? "Compose fills the ${...} of its file in from it, as who starts it."
                                       : "Compose reads it as who starts it.");
    }
}

const struct sv_check sv_check_docker_env_file_readable = {
    SV_CHECK_HEADER,
    .id = "docker.env-file-readable",
    .title = "A project's env_file or .env with secrets is readable by others",
    .why = "Only who starts the project reads the file; others who can have the keys.",
    .fix = "chmod 0600.",
    .bad = "-rw-r--r-- root root  /srv/app/app.env",
    .good = "-rw------- root root  /srv/app/app.env",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .joins = true,
    .run = run_readable,
};

/* ---- served ---- */

static bool served(struct sv_ctx *cx, const char *path, enum sv_severity sev, const char *what,
                   const struct sv_container *c)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(site, &sv_ctx_host(cx)->sites)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, *site, path);
        if (routes->list.n == 0)
            continue;
        struct sv_finding *f = sv_report_file(cx, sev, path, 0, "%s is downloadable at %s", what,
                                              routes->list.v[0].url);
        f->readers = sv_access_network(
            a, sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path));
        add_secrets(cx, f, c, path);
        sv_vec_each(r, &routes->list)
        {
            sv_finding_route(cx, f, *site, r);
        }
        sv_finding_fix(cx, f, "Move the project out of the served folder: only what is meant to be served "
                              "belongs below a root.");
        return true;
    }
    return false;
}

static void run_served(struct sv_ctx *cx, const struct sv_subject *s)
{
    size_t more;
    sv_vec_each(file, &s->container->env_files)
    {
        if (!file->error && !sv_ctx_file_reported(cx, "docker.env-file-served", file->path))
            served(cx, file->path,
                   secret_of(s->container, file->path, &more) ? SV_CRITICAL : SV_MEDIUM,
                   sv_arena_printf(sv_ctx_arena(cx), file->filled_in ? "the .env that %s is filled in from"
                                                                 : "the env_file of %s",
                                   s->container->name),
                   s->container);
    }
    sv_vec_each(file, &s->container->secret_files)
    {
        if (file->secret && !file->error &&
            !sv_ctx_file_reported(cx, "docker.env-file-served", file->path))
            served(cx, file->path, SV_CRITICAL,
                   sv_arena_printf(sv_ctx_arena(cx), "the secret's file of %s", s->container->name),
                   s->container);
    }
}

const struct sv_check sv_check_docker_env_file_served = {
    SV_CHECK_HEADER,
    .id = "docker.env-file-served",
    .title = "The env_file or .env of a service has a URL",
    .why = "The file that keeps the service's keys lies below a folder that a web server hands out.",
    .fix = "Keep projects outside of served folders.",
    .bad = "root /srv/app;      # with compose.yaml and app.env in it",
    .good = "root /srv/app/public;",
    .severity = SV_CRITICAL,
    .on = SV_ON_CONTAINER,
    .joins = true,
    .run = run_served,
};

static void run_compose_served(struct sv_ctx *cx, const struct sv_subject *s)
{
    const char *path = s->container->config;
    if (s->container->kind == SV_CONTAINER_COMPOSE &&
        !sv_ctx_file_reported(cx, "docker.compose-file-served", path) &&
        !sv_ctx_file_reported(cx, "web.served-", path))
        served(cx, path, SV_MEDIUM, "the compose file", s->container);
}

const struct sv_check sv_check_docker_compose_file_served = {
    SV_CHECK_HEADER,
    .id = "docker.compose-file-served",
    .title = "A compose file has a URL",
    .why = "It says which services there are, where their files lie, and often their passwords.",
    .fix = "Keep projects outside of served folders.",
    .bad = "root /srv/app;      # with compose.yaml in it",
    .good = "root /srv/app/public;",
    .severity = SV_MEDIUM,
    .on = SV_ON_CONTAINER,
    .run = run_compose_served,
};

/* ---- missing ---- */

static void run_missing(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(file, &s->container->env_files)
    {
        if (file->error != ENOENT || file->optional)
            continue;
        struct sv_finding *f =
            sv_report_at(cx, SV_LOW, file->node, "%s does not start: %s is not there",
                         s->container->name, file->path);
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %s", s->container->name, file->path);
        sv_finding_fix(cx, f, "Create the file, or env_file: [{path: %s, required: false}]",
                       file->path);
    }
}

const struct sv_check sv_check_docker_env_file_missing = {
    SV_CHECK_HEADER,
    .id = "docker.env-file-missing",
    .title = "An env_file is missing",
    .why = "The service does not start, and people move the key into the compose file to make it work.",
    .fix = "Name the file that there is.",
    .bad = "env_file: ap.env     # the file is app.env",
    .good = "env_file: app.env",
    .severity = SV_LOW,
    .on = SV_ON_CONTAINER,
    .run = run_missing,
};

/* ---- secrets: ---- */

static void run_secret_file(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(file, &s->container->secret_files)
    {
        struct stat st;
        const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), sv_ctx_arena(cx),
                                                file->path);
        if (!sv_access_anyone(readers) || !file->secret ||
            sv_fs_stat(sv_ctx_fs(cx), file->path, &st) < 0 || st.st_size < 8 ||
            !S_ISREG(st.st_mode) ||
            sv_ctx_file_reported(cx, "docker.secret-file-readable", file->path))
            continue;
        struct sv_finding *f =
            sv_report_file(cx, SV_HIGH, file->path, 0,
                           "a secret of %s can be read by every local user: /run/secrets in the container "
                           "is this very file", s->container->name);
        f->readers = readers;
        sv_finding_evidence(cx, f, file->node);
        sv_finding_fix(cx, f, "Give it to the user id that the container runs as (chown), then:\nchmod 0600 %s",
                       sv_shell_quote(sv_ctx_arena(cx), file->path));
    }
}

const struct sv_check sv_check_docker_secret_file_readable = {
    SV_CHECK_HEADER,
    .id = "docker.secret-file-readable",
    .title = "The file behind a compose secret is readable by others",
    .why = "Compose mounts the host's file as it is: its mode on the host is what protects it.",
    .fix = "chmod 0600.",
    .bad = "-rw-r--r-- root root  /srv/app/db_password.txt",
    .good = "-rw------- root root  /srv/app/db_password.txt",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_secret_file,
};
