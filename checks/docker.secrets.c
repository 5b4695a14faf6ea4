// SPDX-License-Identifier: Apache-2.0
// docker.secret-in-*: secrets written into a compose file; docker.debug-switch.
#include <ctype.h>

#include "engine/check.h"
#include "model/container_kind.h"
#include "model/debug_switch.h"
#include "secrets/command.h"
#include "secrets/value.h"

static bool is_secret(struct sv_slice name, struct sv_slice value)
{
    return sv_setting_is_secret(name, value) && sv_slice_find(value, "${") == value.n;
}

static const char *file_fix(const struct sv_container *c)
{
    if (c->kind == SV_CONTAINER_QUADLET)
        return "Give it to Podman as a secret, from a file that is deleted then: podman secret create NAME FILE\n"
               "and in the unit, in place of this: Secret=NAME,type=env,target=VARIABLE";
    return "Put the value into a file of mode 0600 outside of the repository and give it as a secret:\n"
           "secrets: {name: {file: /etc/app/name}}, and NAME_FILE=/run/secrets/name where the image knows it";
}

/* Variables of official images that have a twin NAME_FILE. */
static bool has_file_twin(const struct sv_container *c, struct sv_slice name)
{
    static const struct {
        const char *image, *variable;
    } known[] = {
        {"postgres", "POSTGRES_PASSWORD"},
        {"mysql", "MYSQL_PASSWORD"},
        {"mysql", "MYSQL_ROOT_PASSWORD"},
        {"mariadb", "MARIADB_PASSWORD"},
        {"mariadb", "MARIADB_ROOT_PASSWORD"},
        {"mariadb", "MYSQL_PASSWORD"},
        {"mariadb", "MYSQL_ROOT_PASSWORD"},
        {"mongo", "MONGO_INITDB_ROOT_PASSWORD"},
        {"wordpress", "WORDPRESS_DB_PASSWORD"},
    };
    struct sv_slice image = sv_slice_base(c->image.text);
    image = sv_slice_sub(image, 0, sv_slice_chr(image, ':'));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_slice_is(image, known[i].image) && sv_slice_is(name, known[i].variable))
            return true;
    return false;
}

/* The name as part of a file's; "app" for one that would have to be quoted. */
static const char *file_word(const char *name)
{
    const char *p = name;
    while (isalnum((unsigned char)*p) || (*p && strchr("_.-", *p)))
        p++;
    return *p || p == name ? "app" : name;
}

/* The lines of a compose file that take the place of a variable's. */
static const char *variable_fix(struct sv_arena *a, const struct sv_container *c,
                                struct sv_slice variable)
{
    const char *project = file_word(sv_path_base(sv_path_dir(a, c->config)));
    const char *service = sv_visible(a, c->name);
    char *name = sv_arena_alloc(a, variable.n + 1);
    if (!has_file_twin(c, variable)) {
        const char *file = sv_arena_printf(a, "/etc/%s-%s.env", project, file_word(c->name));
        return sv_arena_printf(a, "touch %s; chmod 0600 %s\nPut the secrets that stand under environment: of %s into "
                                  "it, as NAME=VALUE, and beside environment: say:\nenv_file: %s",
                               file, file, service, file);
    }
    for (size_t i = 0; i <= variable.n; i++)
        name[i] = i < variable.n ? (char)tolower((unsigned char)variable.p[i]) : '\0';
    const char *file = sv_path_join(a, "/etc", sv_arena_printf(a, "%s-%s", project, name));
    return sv_arena_printf(a, "Put the value into %s, with mode 0600, and in place of this line:\n"
                              "%.*s_FILE: /run/secrets/%s\nbeside environment: of %s:\n"
                              "secrets: [%s]\nat the end of the file:\nsecrets: {%s: {file: %s}}",
                           file, (int)variable.n, variable.p, name, service, name, name,
                           file);
}

/* Who may ask the engine for it. */
static const char *inspectors(const struct sv_container *c)
{
    if (sv_container_is_podman(c))
        return sv_container_is_rootless(c) ? "root and the user who runs it: podman inspect"
                                           : "root: podman inspect";
    return sv_container_is_rootless(c) ? "root and the user who runs it: docker inspect"
                                       : "root and the group docker: docker inspect";
}

static struct sv_finding *report(struct sv_ctx *cx, const struct sv_container *c,
                                 const struct sv_node *node, enum sv_severity open,
                                 struct sv_slice name, struct sv_slice value, const char *where)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), node->span);
    const char *path = sv_span_path(sv_ctx_sources(cx), node->span);
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
    bool anyone = sv_access_anyone(readers);
    struct sv_finding *f =
        sv_report_at(cx, anyone && open < SV_HIGH ? open + 1 : open, node,
                     "the secret %.*s of %s stands in %s", (int)name.n, name.p, c->name, where);
    f->key = sv_arena_printf(a, "%s %.*s", c->name, (int)name.n, name.p);
    f->readers = sv_arena_printf(a, "%s; %s", readers, inspectors(c));
    sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    sv_finding_fix(cx, f, "%s\n%s", file_fix(c), sv_secret_change(a, value));
    return f;
}

/* Of an engine's container: the service that it was made from takes it from an env_file, which is
 * judged by itself. */
static bool from_env_file(const struct sv_container *c, struct sv_slice name)
{
    if (c->kind == SV_CONTAINER_COMPOSE || !c->twin)
        return false;
    sv_vec_each(v, &c->twin->env)
    {
        if (v->file && sv_slice_eq(v->name, name))
            return true;
    }
    return false;
}

static const char *place_of(const struct sv_container *c)
{
    switch (c->kind) {
    case SV_CONTAINER_COMPOSE:
        return sv_container_is_podman(c)
                   ? "environment: of a compose file, and so in podman inspect and in every repository "
                     "that holds it"
                   : "environment: of a compose file, and so in docker inspect and in every repository "
                     "that holds it";
    case SV_CONTAINER_DOCKER:
    case SV_CONTAINER_PODMAN:
        return "the container's environment, which inspect shows";
    case SV_CONTAINER_QUADLET:
        return sv_container_is_rootless(c)
                   ? "Environment= of the unit"
                   : "Environment= of the unit, which systemctl cat shows to every local user";
    }
    return "";
}

static void run_environment(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(v, &c->env)
    {
        struct sv_arena *a = sv_ctx_arena(cx);
        if (v->file || !is_secret(v->name, v->value) || from_env_file(c, v->name))
            continue;
        struct sv_finding *f = report(cx, c, v->node, SV_LOW, v->name, v->value, place_of(c));
        if (c->kind != SV_CONTAINER_COMPOSE)
            continue;
        f->fix_of_line = has_file_twin(c, v->name);
        sv_finding_fix(cx, f, "%s\n%s", variable_fix(a, c, v->name),
                       sv_secret_change(a, v->value));
    }
}

const struct sv_check sv_check_docker_secret_in_environment = {
    SV_CHECK_HEADER,
    .id = "docker.secret-in-environment",
    .title = "A compose file holds a secret under environment:",
    .why = "Compose files are committed, copied and readable by others; the value is in docker inspect as well.",
    .fix = "secrets: with a file, or env_file: with mode 0600 kept out of the repository.",
    .bad = "environment: {OPENAI_API_KEY: sk-...}",
    .good = "environment: {OPENAI_API_KEY_FILE: /run/secrets/openai}",
    .severity = SV_MEDIUM,
    .on = SV_ON_CONTAINER,
    .joins = true,
    .run = run_environment,
};

static void run_label(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_vec_each(v, &s->container->labels)
    {
        if (is_secret(v->name, v->value))
            report(cx, s->container, v->node, SV_LOW, v->name, v->value,
                   "a label, which every tool that lists containers shows");
    }
}

const struct sv_check sv_check_docker_secret_in_label = {
    SV_CHECK_HEADER,
    .id = "docker.secret-in-label",
    .title = "A label of a container holds a secret",
    .why = "Labels are shown by docker ps, inspect, dashboards and metrics, and kept in logs.",
    .fix = "Give it as a secret; labels are for what all may know.",
    .bad = "labels: [\"app.api_token=...\"]",
    .good = "labels: [\"app.tier=web\"]",
    .severity = SV_MEDIUM,
    .on = SV_ON_CONTAINER,
    .joins = true,
    .run = run_label,
};

/* ---- commands ---- */

static void words_of(struct sv_arena *a, const sv_container_texts *texts, struct sv_words *ret)
{
    sv_vec_each(t, texts)
    {
        sv_vec_push(a, &ret->list, t->text);
    }
}

/* redis-server takes each option as a line of a file that is named before all options. */
static bool is_redis_option(const struct sv_container *c, struct sv_slice name)
{
    struct sv_slice image = sv_slice_base(c->image.text);
    image = sv_slice_sub(image, 0, sv_slice_chr(image, ':'));
    return c->kind == SV_CONTAINER_COMPOSE && sv_slice_is(image, "redis") && !c->user.text.n &&
           (sv_slice_is(name, "--requirepass") || sv_slice_is(name, "--masterauth"));
}

/* The image's server gives up root's rights for those of user 999, who has to read the file. */
static const char *redis_fix(struct sv_arena *a, const struct sv_container *c,
                             struct sv_slice option)
{
    const char *project = file_word(sv_path_base(sv_path_dir(a, c->config)));
    const char *file = sv_arena_printf(a, "/etc/%s-%s.conf", project, file_word(c->name));
    return sv_arena_printf(a, "touch %s; chown 999 %s; chmod 0600 %s\n"
                              "Put the option into it as a line, without its dashes: %.*s VALUE\n"
                              "and in place of the option, first of all behind redis-server: "
                              "/run/secrets/redis.conf\nbeside command: of %s:\nsecrets: [redis.conf]\n"
                              "at the end of the file:\nsecrets: {redis.conf: {file: %s}}",
                           file, file, file, (int)option.n - 2, option.p + 2,
                           sv_visible(a, c->name), file);
}

static void command(struct sv_ctx *cx, const struct sv_container *c,
                    const sv_container_texts *texts, const char *where)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_words words = {0};
    struct sv_command_secrets secrets = {0};
    words_of(a, texts, &words);
    sv_command_secrets(a, words.list.v, words.list.n, &secrets);
    sv_vec_each(x, &secrets.list)
    {
        struct sv_finding *f =
            report(cx, c, texts->v[0].node, SV_MEDIUM, x->name, x->value, where);
        if (is_redis_option(c, x->name))
            sv_finding_fix(cx, f, "%s\n%s", redis_fix(a, c, x->name),
                           sv_secret_change(a, x->value));
    }
}

static void run_command(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    command(cx, c, &c->command, "command:, which ps shows on the host to every local user");
    command(cx, c, &c->entrypoint, "entrypoint:, which ps shows on the host to every local user");
    command(cx, c, &c->healthcheck, "its healthcheck, which ps shows on the host at every run");
}

const struct sv_check sv_check_docker_secret_in_command = {
    SV_CHECK_HEADER,
    .id = "docker.secret-in-command",
    .title = "A container's command line holds a secret",
    .why = "The processes of containers are processes of the host: their command lines are in ps there, and in "
           "docker inspect.",
    .fix = "Let the program read a file below /run/secrets.",
    .bad = "command: redis-server --requirepass ...",
    .good = "command: redis-server /run/secrets/redis.conf",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .joins = true,
    .run = run_command,
};

/* ---- debuggers ---- */

/* entrypoint: and command:; options alone go to the program of the image. */
static void all_words(struct sv_arena *a, const struct sv_container *c, struct sv_words *ret)
{
    words_of(a, &c->entrypoint, ret);
    if (ret->list.n == 0 && c->command.n && sv_slice_starts(c->command.v[0].text, "-"))
        sv_vec_push(a, &ret->list, sv_image_program(c->image.text));
    words_of(a, &c->command, ret);
}

/* The variable or the word that says it. */
static const struct sv_node *said_at(const struct sv_container *c, struct sv_slice text)
{
    sv_vec_each(v, &c->env)
    {
        if (v->node && (sv_slice_eq(v->name, text) || sv_slice_eq(v->value, text)))
            return v->node;
    }
    sv_vec_each(w, &c->command)
    {
        if (w->node && sv_slice_eq(w->text, text))
            return w->node;
    }
    return c->command.n ? c->command.v[0].node : c->node;
}

static void run_debug(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_words words = {0};
    SV_VEC(struct sv_debug_env) vars = {0};
    struct sv_debug_list list = {0};
    all_words(a, c, &words);
    sv_vec_each(v, &c->env)
    {
        sv_vec_push(a, &vars, (struct sv_debug_env){v->name, v->value});
    }
    sv_debug_switches(a, &(struct sv_debug_input){words.list.v, words.list.n, vars.v, vars.n},
                      &list);
    sv_vec_each(d, &list.list)
    {
        const struct sv_node *at = said_at(c, d->text);
        bool published = false;
        sv_vec_each(p, &c->ports)
        {
            published |= d->port && p->port == d->port && !sv_slice_starts(p->host, "127.");
        }
        /* A port that is not published is open to the project's other containers alone. */
        enum sv_severity sev = d->port && !published && d->severity > SV_LOW ? SV_LOW : d->severity;
        struct sv_finding *f =
            sv_report_at(cx, sev, at, "%s is on in %s%s: it %s", d->what, c->name,
                         !d->port    ? ""
                         : published ? ", and its port is published"
                                     : ", open to the other containers of its networks", d->gives);
        f->key = sv_arena_printf(a, "%s %s", c->name, d->what);
        sv_finding_fix(cx, f, "%s", d->fix);
    }
}

const struct sv_check sv_check_docker_debug_switch = {
    SV_CHECK_HEADER,
    .id = "docker.debug-switch",
    .title = "A container runs with a debugger or in debug mode",
    .why = "Compose files for development go into production as they are; debug pages show the environment, "
           "and with it the keys, and debuggers run any code.",
    .fix = "Keep debug settings in an override file that production does not have.",
    .bad = "command: node --inspect=0.0.0.0:9229 app.js",
    .good = "command: node app.js",
    .severity = SV_CRITICAL,
    .on = SV_ON_CONTAINER,
    .run = run_debug,
};
