// SPDX-License-Identifier: Apache-2.0
// systemd.environment-file-*: the files that units take their environment from.
#include <errno.h>

#include "base/limits.h"
#include "engine/check.h"
#include "secrets/value.h"

static void add_secrets(struct sv_ctx *cx, struct sv_finding *f, const struct sv_env_lines *lines)
{
    sv_vec_each(l, &lines->list)
    {
        if (l->valid && sv_value_is_secret(l->name, l->value))
            sv_finding_secret(cx, f, "secret-assignment", l->value, l->line, 1);
    }
}

/* "OPENAI_API_KEY and 2 more" of the secrets in it; NULL: it holds none. */
static const char *names_of(struct sv_arena *a, const struct sv_env_lines *lines,
                            uint32_t *ret_line)
{
    const struct sv_env_line *first = NULL;
    size_t n = 0;
    sv_vec_each(l, &lines->list)
    {
        if (!l->valid || !sv_value_is_secret(l->name, l->value))
            continue;
        first = first ? first : l;
        n++;
    }
    if (!first)
        return NULL;
    *ret_line = first->line;
    const char *more = n > 1 ? sv_arena_printf(a, " and %zu more", n - 1) : "";
    return sv_arena_printf(a, "%.*s%s", (int)first->name.n, first->name.p, more);
}

static bool read_lines(struct sv_ctx *cx, const char *path, struct sv_env_lines *ret)
{
    struct sv_slice text;
    if (sv_fs_read(sv_ctx_fs(cx), sv_ctx_arena(cx), path, SV_MAX_CONFIG_BYTES, &text, NULL) < 0)
        return false;
    sv_env_file_parse(sv_ctx_arena(cx), text, ret);
    return true;
}

typedef void file_check(struct sv_ctx *cx, const struct sv_unit *u,
                        const struct sv_unit_environment_file *file,
                        const struct sv_env_lines *lines);

/* Each file that could be read, once, whichever unit names it first. */
static void each_file(struct sv_ctx *cx, const struct sv_unit *u, const char *id, file_check *run)
{
    struct sv_unit_environment env = {0};
    sv_unit_environment(u, sv_ctx_fs(cx), sv_ctx_arena(cx), &env);
    sv_vec_each(f, &env.files)
    {
        struct sv_env_lines lines = {0};
        if (f->error == 0 && !sv_ctx_file_reported(cx, id, f->path) &&
            read_lines(cx, f->path, &lines))
            run(cx, u, f, &lines);
    }
}

/* ---- readable ---- */

/* Who answers requests, if it is not the one that the secrets are meant for. */
static const char *web_reader(struct sv_ctx *cx, const struct sv_unit *u, const char *path)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *user = sv_unit_user(u, a, NULL);
    sv_vec_each(w, &sv_ctx_host(cx)->web_users)
    {
        if (strcmp(w->cred.user, user) != 0 &&
            sv_access_check(sv_ctx_fs(cx), a, &w->cred, path, SV_RIGHT_READ).access ==
                SV_ACCESS_YES)
            return w->what;
    }
    return NULL;
}

static void readable(struct sv_ctx *cx, const struct sv_unit *u,
                     const struct sv_unit_environment_file *file, const struct sv_env_lines *lines)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    uint32_t line = 0;
    const char *names = names_of(a, lines, &line);
    if (!names)
        return;
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
    bool anyone = sv_access_anyone(readers);
    const char *web = anyone ? NULL : web_reader(cx, u, file->path);
    if (!anyone && !web)
        return;
    struct sv_finding *f =
        sv_report_file(cx, anyone ? SV_HIGH : SV_MEDIUM, file->path, line,
                       "%s of %s can be read by %s", names, u->name,
                       anyone ? "any local user" : web);
    f->readers = readers;
    add_secrets(cx, f, lines);
    sv_finding_evidence(cx, f, file->setting->node);
    const char *quoted = sv_shell_quote(a, file->path);
    const char *change = anyone ? "\nChange the secrets if others may have looked." : "";
    if (strncmp(file->path, "/etc/", 5) == 0)
        sv_finding_fix(cx, f, "chmod 0600 %s; chown root:root %s\n"
                              "systemd reads it as root before it starts %s.%s",
                       quoted, quoted, u->name, change);
    else /* an application's own file, which the application or its web server may read as well */
        sv_finding_fix(cx, f, "%s\nchmod %s %s\nsystemd reads it as root before it starts %s.%s",
                       anyone ? "First, if another program such as PHP reads it too: chgrp to that one's group."
                              : "If no other program of its group, such as PHP, needs it:",
                       anyone ? "o-rwx" : "g-rwx", quoted, u->name, change);
}

static void run_readable(struct sv_ctx *cx, const struct sv_subject *s)
{
    each_file(cx, s->unit, "systemd.environment-file-readable", readable);
}

const struct sv_check sv_check_systemd_environment_file_readable = {
    SV_CHECK_HEADER,
    .id = "systemd.environment-file-readable",
    .title = "An environment file with secrets is readable by others",
    .why = "systemd reads EnvironmentFile= as root: nobody else needs to, and whoever can has the keys.",
    .fix = "chmod 0600 and root:root; the service gets its variables all the same.",
    .bad = "-rw-r--r-- root root  /etc/app.env",
    .good = "-rw------- root root  /etc/app.env",
    .severity = SV_HIGH,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_readable,
};

/* ---- served ---- */

static void served(struct sv_ctx *cx, const struct sv_unit *u,
                   const struct sv_unit_environment_file *file, const struct sv_env_lines *lines)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    uint32_t line = 0;
    const char *names = names_of(a, lines, &line);
    sv_vec_each(site, &sv_ctx_host(cx)->sites)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, *site, file->path);
        if (routes->list.n == 0)
            continue;
        struct sv_finding *f = sv_report_file(
            cx, names ? SV_CRITICAL : SV_MEDIUM, file->path, line,
            "the environment of %s%s%s is downloadable at %s", u->name, names ? " with " : "",
            names ? names : "", routes->list.v[0].url);
        f->readers = sv_access_network(
            a, sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path));
        add_secrets(cx, f, lines);
        sv_finding_evidence(cx, f, file->setting->node);
        sv_vec_each(r, &routes->list)
        {
            sv_finding_route(cx, f, *site, r);
        }
        sv_finding_fix(cx, f, "Move it out of the served folder, for example to /etc, and name it there:\n"
                              "EnvironmentFile=/etc/%.*s.env%s",
                       (int)strcspn(u->name, "@."), u->name,
                       names ? "\nChange every secret that was in it." : "");
        return;
    }
}

static void run_served(struct sv_ctx *cx, const struct sv_subject *s)
{
    each_file(cx, s->unit, "systemd.environment-file-served", served);
}

const struct sv_check sv_check_systemd_environment_file_served = {
    SV_CHECK_HEADER,
    .id = "systemd.environment-file-served",
    .title = "The environment file of a service has a URL",
    .why = "The file that keeps the service's keys lies below a folder that a web server hands out.",
    .fix = "Keep environment files in /etc, outside of every served folder.",
    .bad = "EnvironmentFile=/srv/app/public/.env",
    .good = "EnvironmentFile=/etc/app.env",
    .severity = SV_CRITICAL,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_served,
};

/* ---- missing ---- */

static bool given(const struct sv_unit_environment *env, struct sv_slice name)
{
    sv_vec_each(v, &env->list)
    {
        if (sv_slice_eq(v->name, name))
            return true;
    }
    return false;
}

/* Every file of the unit was there: what is not set is set nowhere. */
static bool all_read(const struct sv_unit_environment *env)
{
    sv_vec_each(f, &env->files)
    {
        if (f->error)
            return false;
    }
    return true;
}

static bool passed(const struct sv_unit *u, struct sv_arena *a, struct sv_slice name)
{
    struct sv_unit_list list = {0};
    sv_unit_all(u, a, "Service", "PassEnvironment", &list);
    sv_vec_each(s, &list.list)
    {
        struct sv_slice rest = (*s)->value, word;
        while (sv_unit_word(a, &rest, &word) == 1)
            if (sv_slice_eq(word, name))
                return true;
    }
    return false;
}

/* ${NAME} or $NAME of a command, where the name says secret: an empty password is never meant. */
static void unset_variables(struct sv_ctx *cx, const struct sv_unit *u,
                            const struct sv_unit_environment *env)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_commands commands = {0};
    sv_unit_commands(u, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        sv_vec_each(arg, &c->args)
        {
            size_t at = sv_slice_chr(*arg, '$');
            bool braces = at + 1 < arg->n && arg->p[at + 1] == '{';
            struct sv_slice name = sv_slice_sub(*arg, at + 1 + braces, arg->n);
            if (braces)
                name = sv_slice_sub(name, 0, sv_slice_chr(name, '}'));
            if (at == arg->n || !sv_env_name_valid(name) || !sv_name_is_secret(name) ||
                given(env, name) || passed(u, a, name))
                continue;
            struct sv_finding *f = sv_report_at(
                cx, SV_LOW, c->setting->node, "%s runs with an empty $%.*s: no setting gives it a value",
                u->name, (int)name.n, name.p);
            f->key = sv_arena_printf(a, "%s %.*s", u->name, (int)name.n, name.p);
            sv_finding_fix(cx, f, "EnvironmentFile=/etc/%.*s.env\nwith a line %.*s=... in it, mode 0600",
                           (int)strcspn(u->name, "@."), u->name, (int)name.n, name.p);
        }
    }
}

static void run_missing(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_unit *u = s->unit;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_environment env = {0};
    sv_unit_environment(u, sv_ctx_fs(cx), a, &env);
    sv_vec_each(f, &env.files)
    {
        if (f->error != ENOENT || f->optional || u->template || strchr(f->path, '%'))
            continue;
        struct sv_finding *x =
            sv_report_at(cx, u->wanted ? SV_LOW : SV_INFO, f->setting->node,
                         "%s does not start: its environment file %s is not there", u->name,
                         f->path);
        x->key = sv_arena_printf(a, "%s %s", u->name, f->path);
        sv_finding_fix(cx, x, "Create the file, or write EnvironmentFile=-%s if it may be missing.",
                       f->path);
    }
    if (all_read(&env) && !u->template)
        unset_variables(cx, u, &env);
}

const struct sv_check sv_check_systemd_environment_file_missing = {
    SV_CHECK_HEADER,
    .id = "systemd.environment-file-missing",
    .title = "A unit's environment file or a variable of its command is missing",
    .why = "The service then fails, or runs with an empty password, and people move the key into the "
           "unit or the command line to make it work.",
    .fix = "Name the file that there is; begin the path with \"-\" only if the service can do without it.",
    .bad = "EnvironmentFile=/etc/ap.env     # the file is /etc/app.env",
    .good = "EnvironmentFile=/etc/app.env",
    .severity = SV_LOW,
    .on = SV_ON_UNIT,
    .run = run_missing,
};

/* ---- malformed ---- */

/* A quote that is never closed takes the lines behind it into the value. */
static bool swallows_lines(const struct sv_env_line *l)
{
    size_t eol = sv_slice_chr(l->value, '\n');
    struct sv_slice behind = sv_slice_sub(l->value, eol + 1, l->value.n);
    size_t eq = sv_slice_chr(sv_slice_sub(behind, 0, sv_slice_chr(behind, '\n')), '=');
    return eol < l->value.n && eq < behind.n && sv_env_name_valid(sv_slice_sub(behind, 0, eq));
}

/* What is wrong with a line, in words; NULL: nothing. */
static const char *fault_of(struct sv_arena *a, const struct sv_env_line *l)
{
    size_t quote = sv_slice_chr(l->raw, '"'), comment = sv_slice_find(l->value, " #");
    bool quoted = l->raw.n && (l->raw.p[0] == '"' || l->raw.p[0] == '\'');
    if (sv_slice_starts(l->name, "export "))
        return sv_arena_printf(a, "\"export\" is no part of this grammar: systemd ignores the line");
    if (!l->valid)
        return sv_arena_printf(a, "\"%.*s\" is no name of a variable: systemd ignores the line",
                               (int)(l->name.n > 40 ? 40 : l->name.n), l->name.p);
    if (swallows_lines(l))
        return sv_arena_printf(a, "the quote of %.*s is not closed, so the lines behind it are part of "
                                  "its value", (int)l->name.n, l->name.p);
    if (!quoted && comment < l->value.n)
        return sv_arena_printf(a, "what looks like a comment behind %.*s is part of its value",
                               (int)l->name.n, l->name.p);
    if (!quoted && quote < l->raw.n && l->raw.p[l->raw.n - 1] == '"' && l->raw.n - quote > 1 &&
        sv_name_is_secret(l->name))
        return sv_arena_printf(a, "the quotes inside of %.*s stay part of its value",
                               (int)l->name.n, l->name.p);
    return NULL;
}

static void malformed(struct sv_ctx *cx, const struct sv_unit *u,
                      const struct sv_unit_environment_file *file, const struct sv_env_lines *lines)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    size_t n = 0;
    struct sv_finding *f = NULL;
    sv_vec_each(l, &lines->list)
    {
        const char *fault = fault_of(a, l);
        if (!fault)
            continue;
        if (!f) {
            f = sv_report_file(cx, SV_LOW, file->path, l->line, "%s, and %s does not get what was meant",
                               fault, u->name);
            sv_finding_evidence(cx, f, file->setting->node);
        } else if (n < 8) {
            sv_finding_evidence_file(cx, f, file->path, l->line, fault);
        }
        n++;
    }
    if (f)
        sv_finding_fix(cx, f, "NAME=value, a line each, without export; quotes round the whole value: "
                              "NAME=\"two words\"; a comment in a line of its own. "
                              "Then systemctl restart %s.", sv_shell_quote(a, u->name));
}

static void run_malformed(struct sv_ctx *cx, const struct sv_subject *s)
{
    each_file(cx, s->unit, "systemd.environment-file-malformed", malformed);
}

const struct sv_check sv_check_systemd_environment_file_malformed = {
    SV_CHECK_HEADER,
    .id = "systemd.environment-file-malformed",
    .title = "A line of an environment file does not mean what it looks like",
    .why = "EnvironmentFile= looks like a shell's assignments and is none: export, comments behind a value "
           "and stray quotes leave the program without its key, and keys get moved to where they leak.",
    .fix = "NAME=value, one a line, quotes round the whole value, comments in lines of their own.",
    .bad = "export API_KEY=abc   # the key",
    .good = "API_KEY=abc",
    .severity = SV_LOW,
    .on = SV_ON_UNIT,
    .run = run_malformed,
};
