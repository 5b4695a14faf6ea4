// SPDX-License-Identifier: Apache-2.0
// Where the files of cron, shells, sudo and logrotate lie.
#include "model/host_files.h"

#include <dirent.h>

#include "base/limits.h"
#include "model/config_file.h"

/* A folder's regular files that `wanted` takes, or one file. */
static const struct place {
    enum sv_host_file_kind kind;
    const char *path;
    bool folder;
} places[] = {
    {SV_HOST_CRONTAB, "/etc/crontab", false},
    {SV_HOST_CRONTAB, "/etc/cron.d", true},
    {SV_HOST_USER_CRONTAB, "/var/spool/cron/crontabs", true},
    {SV_HOST_USER_CRONTAB, "/var/spool/cron", true},
    {SV_HOST_ANACRONTAB, "/etc/anacrontab", false},
    {SV_HOST_CRON_SCRIPT, "/etc/cron.hourly", true},
    {SV_HOST_CRON_SCRIPT, "/etc/cron.daily", true},
    {SV_HOST_CRON_SCRIPT, "/etc/cron.weekly", true},
    {SV_HOST_CRON_SCRIPT, "/etc/cron.monthly", true},
    {SV_HOST_AT_JOB, "/var/spool/cron/atjobs", true},
    {SV_HOST_AT_JOB, "/var/spool/at", true},
    {SV_HOST_ENVIRONMENT, "/etc/environment", false},
    {SV_HOST_ENVIRONMENT, "/etc/environment.d", true},
    {SV_HOST_ENVIRONMENT, "/etc/security/pam_env.conf", false},
    {SV_HOST_ENVIRONMENT, "/etc/profile", false},
    {SV_HOST_ENVIRONMENT, "/etc/profile.d", true},
    {SV_HOST_ENVIRONMENT, "/etc/bash.bashrc", false},
    {SV_HOST_ENVIRONMENT, "/etc/bashrc", false},
    {SV_HOST_ENVIRONMENT, "/etc/zsh/zshenv", false},
    {SV_HOST_ENVIRONMENT, "/etc/zsh/zshrc", false},
    {SV_HOST_ENVIRONMENT, "/etc/zsh/zprofile", false},
    {SV_HOST_DEFAULTS, "/etc/default", true},
    {SV_HOST_DEFAULTS, "/etc/sysconfig", true},
    {SV_HOST_SUDOERS, "/etc/sudoers", false},
    {SV_HOST_SUDOERS, "/etc/sudoers.d", true},
    {SV_HOST_LOGROTATE, "/etc/logrotate.conf", false},
    {SV_HOST_LOGROTATE, "/etc/logrotate.d", true},
};

static const struct {
    enum sv_host_file_kind kind;
    const char *name;
} in_homes[] = {
    {SV_HOST_SHELL_START, ".profile"},       {SV_HOST_SHELL_START, ".bash_profile"},
    {SV_HOST_SHELL_START, ".bash_login"},    {SV_HOST_SHELL_START, ".bashrc"},
    {SV_HOST_SHELL_START, ".bash_aliases"},  {SV_HOST_SHELL_START, ".zshrc"},
    {SV_HOST_SHELL_START, ".zshenv"},        {SV_HOST_SHELL_START, ".zprofile"},
    {SV_HOST_SHELL_START, ".pam_environment"},
    {SV_HOST_SHELL_START, ".config/fish/config.fish"},
    {SV_HOST_HISTORY, ".bash_history"},      {SV_HOST_HISTORY, ".zsh_history"},
    {SV_HOST_HISTORY, ".histfile"},          {SV_HOST_HISTORY, ".sh_history"},
    {SV_HOST_HISTORY, ".ash_history"},       {SV_HOST_HISTORY, ".mysql_history"},
    {SV_HOST_HISTORY, ".mariadb_history"},   {SV_HOST_HISTORY, ".psql_history"},
    {SV_HOST_HISTORY, ".rediscli_history"},  {SV_HOST_HISTORY, ".python_history"},
    {SV_HOST_HISTORY, ".node_repl_history"}, {SV_HOST_HISTORY, ".sqlite_history"},
    {SV_HOST_HISTORY, ".dbshell"},           {SV_HOST_HISTORY, ".mongodb/mongosh/mongosh_history"},
    {SV_HOST_HISTORY, ".local/share/fish/fish_history"},
    {SV_HOST_HISTORY, ".mycli-history"},     {SV_HOST_HISTORY, ".config/pgcli/history"},
    {SV_HOST_HISTORY, ".irb_history"},       {SV_HOST_HISTORY, ".cassandra/cqlsh_history"},
    {SV_HOST_HISTORY, ".php_history"},       {SV_HOST_HISTORY, ".clickhouse-client-history"},
    {SV_HOST_HISTORY, ".viminfo"},           {SV_HOST_HISTORY, ".duckdb_history"},
    {SV_HOST_HISTORY, ".local/share/powershell/PSReadLine/ConsoleHost_history.txt"},
    {SV_HOST_PM2, ".pm2/dump.pm2"},          {SV_HOST_PM2, ".pm2/dump.pm2.bak"},
};

static void add(const struct sv_model_env *env, enum sv_host_file_kind kind, const char *path,
                const char *user, struct sv_host_files *ret)
{
    if (ret->cut || !sv_config_there(env, path, NULL))
        return;
    ret->cut = ret->list.n >= SV_MAX_HOST_FILES;
    if (ret->cut)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path,
                     "more than %d files of cron, shells and sudo; this one and the rest were not "
                     "read", SV_MAX_HOST_FILES);
    else
        sv_vec_push(env->arena, &ret->list, (struct sv_host_file){kind, path, user});
}

/* Names that the programs themselves pass over: what editors and packages leave. */
static bool left_behind(struct sv_slice name)
{
    static const char *const ends[] = {"~", ".bak", ".swp", ".dpkg-old", ".dpkg-dist", ".dpkg-new",
                                       ".rpmsave", ".rpmnew", ".placeholder"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return name.p[0] == '.';
}

static void add_folder(const struct sv_model_env *env, const struct place *p,
                       struct sv_host_files *ret)
{
    struct sv_arena *a = env->arena;
    struct sv_dirents entries = {0};
    bool by_user = p->kind == SV_HOST_USER_CRONTAB;
    int rc = sv_fs_list(env->fs, a, p->path, &entries);
    if (rc < 0 && !sv_fs_is_absent(rc))
        sv_diag_path(env->diags, SV_DIAG_ERROR, p->path, "%s", strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        if (e->type != DT_DIR && !left_behind(sv_slice_of(e->name)))
            add(env, p->kind, sv_path_join(a, p->path, e->name), by_user ? e->name : NULL, ret);
    }
}

/* What lies in one home; a folder that this run alone may not enter is no gap: others may not. */
static void add_home(const struct sv_model_env *env, const char *home, const char *user,
                     struct sv_host_files *ret)
{
    int rc = sv_fs_enter(env->fs, home);
    if (rc < 0 && sv_fs_is_gap(rc))
        sv_diag_path(env->diags, SV_DIAG_ERROR, home, "%s", strerror(-rc));
    for (size_t k = 0; rc == 0 && k < sizeof in_homes / sizeof *in_homes; k++)
        if (sv_fs_may_have(env->fs, home, in_homes[k].name))
            add(env, in_homes[k].kind, sv_path_join(env->arena, home, in_homes[k].name), user, ret);
}

static void add_homes(const struct sv_model_env *env, struct sv_host_files *ret)
{
    struct sv_arena *a = env->arena;
    struct sv_slice name;
    struct sv_map seen = {0};
    for (size_t i = 0; sv_identity_nth(env->ids, i, &name); i++) {
        const char *home = sv_identity_home(env->ids, a, name);
        if (home && home[0] == '/' && !(*sv_map_at(a, &seen, sv_slice_of(home)))++)
            add_home(env, home, sv_arena_copy(a, name).p, ret);
    }
}

/* ---- pm2's ecosystem files: in the folders of its programs, and of projects ---- */

static const char *const ecosystem[] = {"ecosystem.config.js", "ecosystem.config.cjs",
                                        "ecosystem.config.json", "ecosystem.json"};

static void add_ecosystem(const struct sv_model_env *env, const char *dir, const char *user,
                          struct sv_map *seen, struct sv_host_files *ret)
{
    if ((*sv_map_at(env->arena, seen, sv_slice_of(dir)))++)
        return;
    for (size_t i = 0; i < sizeof ecosystem / sizeof *ecosystem; i++)
        add(env, SV_HOST_PM2, sv_path_join(env->arena, dir, ecosystem[i]), user, ret);
}

/* The folders that a dump names: "pm_cwd": "/srv/app". */
static void add_of_dump(const struct sv_model_env *env, const struct sv_host_file *dump,
                        struct sv_map *seen, struct sv_host_files *ret)
{
    static const char key[] = "\"pm_cwd\"";
    struct sv_arena scratch = {0};
    struct sv_slice text;
    if (sv_fs_read(env->fs, &scratch, dump->path, SV_MAX_HOST_FILE_BYTES, &text, NULL) < 0)
        text = SV_LIT(""); /* which is told when it is read for the checks */
    for (size_t at; !ret->cut && (at = sv_slice_find(text, key)) < text.n;) {
        text = sv_slice_sub(text, at + sizeof key - 1, text.n);
        text = sv_slice_sub(text, sv_slice_chr(text, '"') + 1, text.n);
        struct sv_slice dir = sv_slice_sub(text, 0, sv_slice_chr(text, '"'));
        if (dir.n > 1 && dir.n < SV_MAX_PATH && dir.p[0] == '/' && !memchr(dir.p, '\\', dir.n))
            add_ecosystem(env, sv_arena_copy(env->arena, dir).p, dump->user, seen, ret);
    }
    sv_arena_wipe(&scratch);
}

static void add_pm2(const struct sv_model_env *env, struct sv_host_files *ret)
{
    static const char *const projects[] = {"/srv/*", "/opt/*", "/var/www/*", "/home/*/*"};
    struct sv_map seen = {0};
    size_t n = ret->list.n;
    for (size_t i = 0; i < n; i++)
        if (ret->list.v[i].kind == SV_HOST_PM2)
            add_of_dump(env, &ret->list.v[i], &seen, ret);
    for (size_t i = 0; i < sizeof projects / sizeof *projects; i++) {
        struct sv_paths dirs = {0};
        sv_config_glob(env, projects[i], &dirs);
        sv_vec_each(dir, &dirs.list)
        {
            add_ecosystem(env, *dir, NULL, &seen, ret);
        }
    }
}

void sv_host_files_find(const struct sv_model_env *env, struct sv_host_files *ret)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i].folder)
            add_folder(env, &places[i], ret);
        else
            add(env, places[i].kind, places[i].path, NULL, ret);
    }
    add_homes(env, ret);
    add_pm2(env, ret);
}
