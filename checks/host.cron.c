// SPDX-License-Identifier: Apache-2.0
// host.secret-in-crontab, host.writable-cron: what cron runs, who reads it and who can change it.
#include "base/limits.h"
#include "engine/check.h"
#include "secrets/command.h"
#include "secrets/value.h"

enum {
    TABLES = SV_HOST_CRONTAB | SV_HOST_USER_CRONTAB | SV_HOST_ANACRONTAB,
    SCRIPTS = SV_HOST_CRON_SCRIPT | SV_HOST_AT_JOB,
};

static void parse(struct sv_ctx *cx, const struct sv_subject *s, struct sv_crontab *ret)
{
    sv_crontab_parse(sv_ctx_arena(cx), s->text, s->host_file->kind, ret);
    if (ret->cut)
        sv_ctx_skip(cx, s->host_file->path, "%u:1: more than %d jobs and variables; the rest was "
                    "not looked at", ret->cut, SV_MAX_CRON_LINES);
}

/* ---- secrets ---- */

/* "the secret behind -p and 1 more" */
static const char *words_of(struct sv_arena *a, const struct sv_command_secrets *found)
{
    const struct sv_command_secret *first = &found->list.v[0];
    const char *more = found->list.n > 1 ? sv_arena_printf(a, " and %zu more", found->list.n - 1)
                                         : "";
    return sv_arena_printf(a, "%s%s", sv_secret_words(a, first->name, first->value), more);
}

/* Each page once where a kind of secret is changed. */
static const char *changes_of(struct sv_arena *a, const struct sv_command_secrets *found)
{
    const char *out = "";
    sv_vec_each(x, &found->list)
    {
        const char *line = sv_secret_change(a, x->value);
        if (!strstr(out, line))
            out = sv_arena_printf(a, "%s\n%s", out, line);
    }
    return out;
}

/* The command of a table is logged and shown by ps; a script's text is only read from its file. */
static void report(struct sv_ctx *cx, const struct sv_host_file *file,
                   const struct sv_command_secrets *found, uint32_t line, bool is_command)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    if (found->list.n == 0)
        return;
    const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
    bool anyone = sv_access_anyone(readers);
    enum sv_severity sev = anyone ? SV_HIGH : is_command ? SV_MEDIUM : SV_INFO;
    const char *how = anyone       ? "every local user can read the file"
                      : is_command ? "ps shows it while the job runs, and cron logs the command"
                                   : "only those who may read the file see it";
    struct sv_finding *f = sv_report_file(cx, sev, file->path, line, "a cron job holds %s: %s",
                                          words_of(a, found), how);
    f->key = "";
    f->readers = readers;
    if (is_command)
        f->readers = sv_arena_printf(a, "%s; any local user while the job runs: ps", readers);
    sv_vec_each(x, &found->list)
    {
        f->key = sv_arena_printf(a, "%s%s%.*s", f->key, *f->key ? " " : "", (int)x->name.n,
                                 x->name.p);
        sv_finding_secret(cx, f, "secret-assignment", x->value, line, 1);
    }
    sv_finding_fix(cx, f, "Let the program read it from a file of mode 0600 (~/.my.cnf, ~/.netrc, "
                          "--password-file).%s%s%s",
                   anyone ? "\nchmod o-rwx " : "", anyone ? sv_shell_quote(a, file->path) : "",
                   anyone || is_command ? changes_of(a, found) : "");
}

static void table(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_crontab tab = {0};
    parse(cx, s, &tab);
    sv_vec_each(v, &tab.variables)
    {
        struct sv_command_secrets one = {0};
        if (sv_value_is_secret(v->name, v->value))
            sv_vec_push(sv_ctx_arena(cx), &one.list,
                        (struct sv_command_secret){.name = v->name, .value = v->value});
        report(cx, s->host_file, &one, v->line, false);
    }
    sv_vec_each(j, &tab.jobs)
    {
        struct sv_command_secrets secrets = {0};
        sv_ctx_line_secrets(cx, s->host_file->path, j->line, j->command, &secrets);
        report(cx, s->host_file, &secrets, j->line, true);
    }
}

/* A shell script line by line; other languages have their own readers. */
static void script(struct sv_ctx *cx, const struct sv_subject *s)
{
    uint32_t number = 1;
    for (struct sv_slice rest = s->text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        struct sv_command_secrets secrets = {0};
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        line = sv_slice_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        sv_ctx_line_secrets(cx, s->host_file->path, number, line, &secrets);
        report(cx, s->host_file, &secrets, number, false);
    }
}

static void run_secret(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->host_file->kind & TABLES)
        table(cx, s);
    if ((s->host_file->kind & SCRIPTS) && sv_slice_starts(s->text, "#!"))
        script(cx, s);
}

const struct sv_check sv_check_host_secret_in_crontab = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-crontab",
    .title = "A cron job holds a secret",
    .why = "/etc/crontab and /etc/cron.d are readable by everyone by default; cron writes each command to the "
           "log, and ps shows it to every local user while it runs. at keeps the whole environment of its time.",
    .fix = "Let the program take the secret from a file that only its user can read.",
    .bad = "5 2 * * *  root  mysqldump -psecret shop > /backup/shop.sql",
    .good = "5 2 * * *  root  mysqldump --defaults-file=/root/.my.cnf shop > /backup/shop.sql",
    .severity = SV_HIGH,
    .on = SV_ON_HOST_FILE,
    .joins = true,
    .run = run_secret,
};

/* ---- who can change it ---- */

static bool is_users_own(const char *who, const char *user)
{
    return user && strncmp(who, "user ", 5) == 0 && strcmp(who + 5, user) == 0;
}

static void writable(struct sv_ctx *cx, const char *path, const char *user, const char *from,
                     uint32_t line)
{
    const char *who = sv_access_writers(sv_ctx_fs(cx), sv_ctx_ids(cx), sv_ctx_arena(cx), path);
    bool root = strcmp(user, "root") == 0;
    if (!who || is_users_own(who, user) || sv_ctx_file_reported(cx, "host.writable-cron", path))
        return;
    bool anyone = sv_access_anyone(who);
    if (!anyone && !root)
        return; /* a group's or a user's affair */
    struct sv_finding *f = sv_report_file(cx, anyone && root ? SV_CRITICAL : SV_HIGH, path, 0,
                                          "%s can change %s, which cron runs as %s", who, path,
                                          user);
    if (from)
        sv_finding_evidence_file(cx, f, from, line, "");
    if (root) {
        sv_finding_fix(cx, f, "%s", sv_ctx_take_back(cx, path, "/usr/local/sbin"));
        return;
    }
    struct stat st;
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *owner = sv_fs_stat(sv_ctx_fs(cx), path, &st) < 0
                            ? "root"
                            : sv_identity_user(sv_ctx_ids(cx), a, st.st_uid);
    const char *quoted = sv_shell_quote(a, path), *open = sv_ctx_open_paths(cx, path);
    bool stranger = strcmp(owner, "root") != 0 && strcmp(owner, user) != 0;
    const char *take =
        stranger ? sv_arena_printf(a, "chown %s %s; ", sv_shell_quote(a, user), quoted) : "";
    sv_finding_fix(cx, f, "%schmod go-w %s", take, open ? open : quoted);
}

static void job_files(struct sv_ctx *cx, const struct sv_host_file *file,
                      const struct sv_cron_job *j, const char *user)
{
    struct sv_paths files = {0};
    sv_command_files(sv_ctx_fs(cx), sv_ctx_arena(cx), j->command, &files);
    sv_vec_each(path, &files.list)
    {
        writable(cx, *path, user, file->path, j->line);
    }
}

static void run_writable(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_host_file *file = s->host_file;
    struct sv_crontab tab = {0};
    const char *owner = file->user ? file->user : "root";
    if (!(file->kind & (TABLES | SV_HOST_CRON_SCRIPT)))
        return;
    writable(cx, file->path, owner, NULL, 0);
    if (file->kind == SV_HOST_CRON_SCRIPT)
        return;
    parse(cx, s, &tab);
    sv_vec_each(j, &tab.jobs)
    {
        job_files(cx, file, j, j->user.n ? sv_arena_copy(a, j->user).p : owner);
    }
}

const struct sv_check sv_check_host_writable_cron = {
    SV_CHECK_HEADER,
    .id = "host.writable-cron",
    .title = "Others can change what cron runs",
    .why = "Who can write a crontab, a script that it runs, or the folder of either runs any command as the "
           "job's user, most often root.",
    .fix = "Tables, scripts and their folders belong to the user who runs them, and nobody else may write them.",
    .bad = "-rwxrwxrwx root root  /opt/backup.sh      # run by root's crontab",
    .good = "-rwxr-xr-x root root  /opt/backup.sh",
    .severity = SV_CRITICAL,
    .on = SV_ON_HOST_FILE,
    .run = run_writable,
};
