// SPDX-License-Identifier: Apache-2.0
// host.secret-in-global-environment, host.secret-in-shell-history: what shells set and remember.
#include "engine/check.h"
#include "engine/closing.h"
#include "secrets/command.h"
#include "secrets/value.h"

enum { MAX_SHOWN = 20 };

/* A line's secrets, each with its name; comments say what a value would look like. */
static void secrets_of(struct sv_ctx *cx, const char *path, uint32_t number, struct sv_slice line,
                       struct sv_command_secrets *ret)
{
    line = sv_slice_trim(line);
    if (line.n && line.p[0] != '#')
        sv_ctx_line_secrets(cx, path, number, line, ret);
}

struct tally {
    size_t n;
    uint32_t first_line;
    struct sv_slice first_name;
    bool first_found; /* by the search: its name is no option or variable */
    SV_VEC(struct sv_command_secret) list; /* the first MAX_SHOWN */
    SV_VEC(uint32_t) lines;                /* of all */
    SV_VEC(const struct sv_secret_place *) places; /* that the search found besides */
};

static void count(struct sv_ctx *cx, const struct sv_subject *s, struct tally *t)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_slice text = s->text;
    uint32_t number = 1;
    for (struct sv_slice rest = text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        struct sv_command_secrets found = {0};
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        secrets_of(cx, s->host_file->path, number, line, &found);
        sv_vec_each(x, &found.list)
        {
            if (t->n++ == 0) {
                t->first_line = number;
                t->first_name = x->name;
            }
            sv_vec_push(a, &t->lines, number);
            if (t->list.n < MAX_SHOWN)
                sv_vec_push(a, &t->list, *x);
        }
    }
}

static const char *more(struct sv_arena *a, const struct tally *t)
{
    return t->n > 1 ? sv_arena_printf(a, " and %zu more", t->n - 1) : "";
}

static void add_secrets(struct sv_ctx *cx, struct sv_finding *f, const struct tally *t)
{
    for (size_t i = 0; i < t->list.n; i++)
        sv_finding_secret(cx, f, "secret-assignment", t->list.v[i].value, t->lines.v[i], 1);
    for (size_t i = 0; i < t->places.n && t->list.n + i < MAX_SHOWN; i++)
        sv_finding_secret_place(cx, f, t->places.v[i]);
}

/* ---- environments ---- */

static void run_environment(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_host_file *file = s->host_file;
    struct tally t = {0};
    if (!(file->kind & (SV_HOST_ENVIRONMENT | SV_HOST_DEFAULTS | SV_HOST_SHELL_START)))
        return;
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
    bool anyone = sv_access_anyone(readers);
    /* What a user or a service keeps for itself is where it should be. */
    if (file->kind != SV_HOST_ENVIRONMENT && !anyone)
        return;
    count(cx, s, &t);
    if (t.n == 0)
        return;
    const char *whose = file->kind == SV_HOST_ENVIRONMENT
                            ? "in the environment of every session and its programs"
                        : file->kind == SV_HOST_DEFAULTS
                            ? "in a file that every local user can read"
                            : "in a start-up file that every local user can read";
    struct sv_finding *f =
        sv_report_file(cx, anyone ? SV_HIGH : SV_MEDIUM, file->path, t.first_line, "%.*s%s %s %s",
                       (int)t.first_name.n, t.first_name.p, more(a, &t),
                       t.n > 1 ? "stand" : "stands", whose);
    f->readers = readers;
    add_secrets(cx, f, &t);
    const struct sv_machine machine = sv_ctx_machine(cx);
    const char *change = t.n == 1 ? sv_secret_change(a, t.list.v[0].value) : "Change the secrets.";
    sv_finding_fix(cx, f, "%s\n%.*s%s.", sv_closing_text(&machine, file->path),
                   (int)strlen(change) - 1, change,
                   file->kind == SV_HOST_ENVIRONMENT ? "" : " if others may have looked");
}

const struct sv_check sv_check_host_secret_in_global_environment = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-global-environment",
    .title = "A secret stands in an environment that everyone gets or can read",
    .why = "/etc/environment and /etc/profile.d put it into every session and every program started there; "
           "they, /etc/default and most start-up files are readable by every local user.",
    .fix = "Give a secret to the one program that needs it, from a file that only it can read.",
    .bad = "echo OPENAI_API_KEY=... >> /etc/environment",
    .good = "EnvironmentFile=/etc/app.env      # in app.service; root:root, mode 0600",
    .severity = SV_HIGH,
    .on = SV_ON_HOST_FILE,
    .joins = true,
    .run = run_environment,
};

/* ---- histories ---- */

/* Of lines that are commands; the others hold statements and code. */
static bool is_of_shell(const char *path)
{
    static const char *const names[] = {".bash_history", ".zsh_history", ".histfile", ".sh_history",
                                        ".ash_history", "fish_history", "ConsoleHost_history.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(sv_path_base(path), names[i]) == 0)
            return true;
    return false;
}

/* How to keep the next ones out. */
static const char *unkept(const char *path)
{
    static const struct {
        const char *name, *how;
    } ways[] = {
        {".mysql_history", "MYSQL_HISTFILE=/dev/null keeps no history."},
        {".mariadb_history", "MYSQL_HISTFILE=/dev/null keeps no history."},
        {".psql_history", "\\password sets passwords and leaves no line; PSQL_HISTORY=/dev/null keeps no history."},
        {".rediscli_history", "REDISCLI_HISTFILE=/dev/null keeps no history; REDISCLI_AUTH holds the password."},
        {".node_repl_history", "NODE_REPL_HISTORY= (empty) keeps no history."},
        {".sqlite_history", "SQLITE_HISTORY=/dev/null keeps no history."},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(sv_path_base(path), ways[i].name) == 0)
            return ways[i].how;
    return is_of_shell(path) ? "HISTCONTROL=ignoreboth keeps lines out that begin with a blank." : "";
}

static bool is_line_of(const struct tally *t, uint32_t line)
{
    for (size_t i = 0; i < t->lines.n; i++)
        if (t->lines.v[i] == line)
            return true;
    return false;
}

/* Tokens, statements and code, which no command line shows. */
static void count_places(struct sv_ctx *cx, const char *path, struct tally *t)
{
    struct sv_file_secrets found = sv_ctx_host_secrets(cx, path);
    for (size_t i = 0; i < found.n; i++) {
        const struct sv_secret_place *p = &found.places[i];
        if (p->placeholder || p->checksum_bad || p->weak || p->encrypted ||
            (p->rule->flags & (SV_RULE_PUBLIC | SV_RULE_TEST_KEY)) || is_line_of(t, p->line))
            continue;
        if (t->n++ == 0 || p->line < t->first_line) {
            t->first_line = p->line;
            t->first_found = true;
            t->first_name = sv_slice_of(sv_secret_place_title(sv_ctx_arena(cx), p));
        }
        sv_vec_push(sv_ctx_arena(cx), &t->places, p);
    }
}

static void run_history(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_host_file *file = s->host_file;
    struct tally t = {0};
    if (file->kind != SV_HOST_HISTORY)
        return;
    if (is_of_shell(file->path))
        count(cx, s, &t);
    count_places(cx, file->path, &t);
    if (t.n == 0)
        return;
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
    bool anyone = sv_access_anyone(readers);
    struct sv_finding *f = sv_report_file(cx, anyone ? SV_HIGH : SV_LOW, file->path, t.first_line,
                                          "the history of %s keeps %zu secret%s, the first%s %.*s",
                                          file->user, t.n, t.n == 1 ? "" : "s",
                                          t.first_found ? ":" : " behind", (int)t.first_name.n,
                                          t.first_name.p);
    f->readers = readers;
    add_secrets(cx, f, &t);
    const char *how = unkept(file->path);
    sv_finding_fix(cx, f, "Delete the lines (%sthe file), change the secrets%s%s%s%s",
                   is_of_shell(file->path) ? "history -d, or " : "or ",
                   anyone ? ":\nchmod 0600 " : "", anyone ? sv_shell_quote(a, file->path) : "",
                   *how ? "\n" : "", how);
}

const struct sv_check sv_check_host_secret_in_shell_history = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-shell-history",
    .title = "A history file keeps secrets",
    .why = "What was typed once is kept for years, copied with the home folder into backups, and is the first "
           "thing that an intruder reads.",
    .fix = "Delete the lines, change the secrets, and give them to programs in files.",
    .bad = "mysql -u root -psecret shop",
    .good = "mysql --defaults-file=~/.my.cnf shop",
    .severity = SV_HIGH,
    .on = SV_ON_HOST_FILE,
    .needs = SV_ON_HOST_SECRETS,
    .joins = true,
    .run = run_history,
};
