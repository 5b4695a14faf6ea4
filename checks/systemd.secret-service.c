// SPDX-License-Identifier: Apache-2.0
// What a service that is given secrets does with them: where they are printed, dumped and shared.
#include "engine/check.h"
#include "secrets/command.h"
#include "secrets/value.h"

/* The first secret of the environment, or NULL. */
static const struct sv_unit_variable *secret_of(struct sv_ctx *cx, const struct sv_unit *u,
                                                struct sv_unit_environment *env)
{
    sv_unit_environment(u, sv_ctx_fs(cx), sv_ctx_arena(cx), env);
    sv_vec_each(v, &env->list)
    {
        if (sv_value_is_secret(v->name, v->value))
            return v;
    }
    return NULL;
}

static void add_secret(struct sv_ctx *cx, struct sv_finding *f, const struct sv_unit_variable *v)
{
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), v->setting->node->head);
    sv_finding_secret(cx, f, "secret-assignment", v->value, v->file ? v->line : pos.line, 1);
}

/* ---- printed ---- */

/* env or printenv without a command, or an option that prints the environment. */
static bool prints(const struct sv_slice *words, size_t n)
{
    struct sv_slice program = n ? sv_slice_base(words[0]) : (struct sv_slice){"", 0};
    if (sv_slice_is(program, "printenv") || sv_slice_is(program, "env") ||
        sv_slice_is(program, "export"))
        return n == 1 || (n == 2 && sv_slice_is(words[1], "-p"));
    for (size_t i = 1; i < n; i++)
        if (sv_slice_is(words[i], "--environ") && sv_slice_is(program, "caddy"))
            return true;
    return false;
}

static bool separates(struct sv_slice w)
{
    return w.n == 1 && strchr(";|&", w.p[0]);
}

/* One of the commands of a shell's "-c" text; a pipe may lead elsewhere, so it does not count. */
static bool shell_prints(struct sv_arena *a, struct sv_slice text)
{
    struct sv_words words = {0};
    sv_shell_words(a, text, &words);
    for (size_t from = 0, i = 0; i <= words.list.n; i++) {
        if (i < words.list.n && !separates(words.list.v[i]))
            continue;
        bool piped = i < words.list.n && sv_slice_is(words.list.v[i], "|");
        if (i > from && !piped && prints(words.list.v + from, i - from))
            return true;
        from = i + 1;
    }
    return false;
}

static bool command_prints(struct sv_arena *a, const struct sv_unit_command *c)
{
    SV_VEC(struct sv_slice) words = {0};
    sv_vec_push(a, &words, c->program);
    sv_vec_each(arg, &c->args)
    {
        sv_vec_push(a, &words, *arg);
    }
    for (size_t i = 1; i + 1 < words.n; i++)
        if (sv_slice_is(words.v[i], "-c") && shell_prints(a, words.v[i + 1]))
            return true;
    return prints(words.v, words.n);
}

static void run_printed(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_environment env = {0};
    struct sv_unit_commands commands = {0};
    const struct sv_unit_setting *out = sv_unit_get(s->unit, "Service", "StandardOutput");
    if (out && sv_slice_is(out->value, "null"))
        return;
    sv_unit_commands(s->unit, a, &commands);
    const struct sv_unit_variable *v = NULL;
    sv_vec_each(c, &commands.list)
    {
        if (!command_prints(a, c))
            continue;
        v = v ? v : secret_of(cx, s->unit, &env);
        if (!v)
            return;
        struct sv_finding *f =
            sv_report_at(cx, SV_MEDIUM, c->setting->node,
                         "%s prints its environment with %.*s into the journal at every start",
                         s->unit->name, (int)v->name.n, v->name.p);
        f->readers = "root and the groups systemd-journal and adm: journalctl";
        add_secret(cx, f, v);
        sv_finding_fix(cx, f, "Leave the command or option that prints it out, then:\n"
                              "journalctl --rotate; journalctl --vacuum-time=1s   # old entries go\n"
                              "and change the secret.");
    }
}

const struct sv_check sv_check_systemd_environment_printed_to_journal = {
    SV_CHECK_HEADER,
    .id = "systemd.environment-printed-to-journal",
    .title = "A service prints its environment, with secrets, into the journal",
    .why = "The journal is kept for months, copied to log servers, and readable by more people than the key.",
    .fix = "Do not print the environment; options such as --environ are for debugging.",
    .bad = "ExecStartPre=/usr/bin/env      # with API_KEY in EnvironmentFile=",
    .good = "ExecStartPre=/usr/bin/app --check-config",
    .severity = SV_MEDIUM,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_printed,
};

/* ---- log files ---- */

static void run_log(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_environment env = {0};
    for (int i = 0; i < 2; i++) {
        const struct sv_unit_setting *set;
        const char *path = sv_unit_log_path(s->unit, a, i == 1, &set);
        if (!path || sv_ctx_file_reported(cx, "systemd.log-file-readable", path))
            continue;
        const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
        const struct sv_unit_variable *v =
            sv_access_anyone(readers) ? secret_of(cx, s->unit, &env) : NULL;
        if (!v)
            continue;
        struct sv_finding *f = sv_report_file(
            cx, SV_LOW, path, 0, "every local user can read what %s, which has %.*s, writes to its log",
            s->unit->name, (int)v->name.n, v->name.p);
        f->readers = readers;
        sv_finding_evidence(cx, f, set->node);
        sv_finding_fix(cx, f, "chmod 0640 %s\nand in the unit: UMask=0027",
                       sv_shell_quote(a, path));
    }
}

const struct sv_check sv_check_systemd_log_file_readable = {
    SV_CHECK_HEADER,
    .id = "systemd.log-file-readable",
    .title = "The log of a service with secrets is readable by everyone",
    .why = "systemd creates the file of StandardOutput=append: with mode 0644, and programs print their settings "
           "and failed requests, keys included.",
    .fix = "Mode 0640, and UMask=0027 in the unit so that it stays that way; or leave output to the journal.",
    .bad = "StandardOutput=append:/var/log/app.log     # 0644",
    .good = "StandardOutput=journal",
    .severity = SV_LOW,
    .on = SV_ON_UNIT,
    .yields = true,
    .run = run_log,
};

/* ---- core dumps ---- */

static void run_core(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_unit_environment env = {0};
    const struct sv_unit_setting *limit = sv_unit_get(s->unit, "Service", "LimitCORE");
    if (!limit || sv_slice_is(limit->value, "0") || sv_slice_starts(limit->value, "0:"))
        return;
    const struct sv_unit_variable *v = secret_of(cx, s->unit, &env);
    if (!v)
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_LOW, limit->node,
                     "a crash of %s writes its memory with %.*s to a file", s->unit->name,
                     (int)v->name.n, v->name.p);
    sv_finding_fix(cx, f, "LimitCORE=0\nor in /etc/systemd/coredump.conf: Storage=none");
}

const struct sv_check sv_check_systemd_core_dumps_hold_secrets = {
    SV_CHECK_HEADER,
    .id = "systemd.core-dumps-hold-secrets",
    .title = "Core dumps are on for a service with secrets",
    .why = "A core dump is the whole memory; systemd-coredump puts the environment into the journal as well "
           "(COREDUMP_ENVIRON), and core_pattern \"core\" drops the file into the working directory.",
    .fix = "LimitCORE=0 for services that hold keys.",
    .bad = "LimitCORE=infinity",
    .good = "LimitCORE=0",
    .severity = SV_LOW,
    .on = SV_ON_UNIT,
    .run = run_core,
};

/* ---- the web server's user ---- */

/* php-fpm's own unit is no other service: php.environment-not-cleared speaks of it. */
static bool is_php_fpm(struct sv_ctx *cx, const struct sv_unit *u)
{
    const struct sv_php *php = sv_ctx_host(cx)->php;
    for (size_t i = 0; php && i < php->pools.n; i++)
        if (php->pools.v[i]->unit == u)
            return true;
    return false;
}

static void run_shared(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_environment env = {0};
    const char *user = sv_unit_user(s->unit, a, NULL);
    if (s->unit->user || strcmp(user, "root") == 0)
        return;
    sv_vec_each(web, &sv_ctx_host(cx)->web_users)
    {
        if (strcmp(web->cred.user, user) != 0 || is_php_fpm(cx, s->unit))
            continue;
        const struct sv_unit_variable *v = secret_of(cx, s->unit, &env);
        if (!v)
            return;
        const struct sv_unit_setting *set = sv_unit_get(s->unit, "Service", "User");
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, (set ? set : v->setting)->node,
            "%s, which has %.*s, runs as %s: who makes a page or script read "
            "/proc has its environment", s->unit->name, (int)v->name.n, v->name.p, web->what);
        f->readers = sv_arena_printf(a, "every process of %s: /proc/PID/environ", user);
        add_secret(cx, f, v);
        sv_finding_fix(cx, f, "A user of its own: User=%.*s (useradd --system), or DynamicUser=yes.",
                       (int)strcspn(s->unit->name, "@."), s->unit->name);
        return;
    }
}

const struct sv_check sv_check_systemd_web_user_shares_secrets = {
    SV_CHECK_HEADER,
    .id = "systemd.web-user-shares-secrets",
    .title = "A service with secrets runs as the web server's user",
    .why = "Processes of one user and group can read each other's /proc/PID/environ and memory: a hole in any "
           "script of the web server is then a hole in that service.",
    .fix = "Give every service with secrets a user of its own.",
    .bad = "User=www-data      # with EnvironmentFile=/etc/payments.env",
    .good = "User=payments",
    .severity = SV_MEDIUM,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_shared,
};
