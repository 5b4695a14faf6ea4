// SPDX-License-Identifier: Apache-2.0
// The files that cron and services run, and the folders that services work in.
#include "base/limits.h"
#include "scan/host_walk.h"
#include "secrets/command.h"

static bool is_script(struct sv_slice word)
{
    static const char *const ends[] = {".sh", ".py", ".pl", ".php", ".rb", ".js"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(word, ends[i]))
            return true;
    return false;
}

void sv_command_files(struct sv_fs *fs, struct sv_arena *a, struct sv_slice command,
                      struct sv_paths *ret)
{
    struct sv_words words = {0};
    struct stat st;
    bool first = true;
    sv_shell_words(a, command, &words);
    sv_vec_each(w, &words.list)
    {
        bool starts = first;
        first = w->n == 1 && strchr(";|&", w->p[0]);
        if (w->n < 2 || w->p[0] != '/' || !(starts || is_script(*w)))
            continue;
        const char *path = sv_arena_copy(a, *w).p;
        if (sv_fs_stat(fs, path, &st) == 0 && S_ISREG(st.st_mode))
            sv_vec_push(a, &ret->list, path);
    }
}

bool sv_is_system_path(const char *path)
{
    static const char *const tops[] = {"/usr/", "/bin/", "/sbin/", "/lib", "/proc/", "/sys/",
                                       "/dev/", "/run/", "/boot/", "/etc/"};
    if (strncmp(path, "/usr/local/", 11) == 0)
        return false;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (strncmp(path, tops[i], strlen(tops[i])) == 0)
            return true;
    return false;
}

struct wanted {
    const struct sv_model_env *env;
    struct sv_map seen;
    struct sv_paths *ret;
    bool cut; /* at SV_MAX_HOST_FILES, which was told */
};

static void add(struct wanted *w, const char *path)
{
    if (sv_is_system_path(path) || w->cut ||
        (*sv_map_at(w->env->arena, &w->seen, sv_slice_of(path)))++)
        return;
    w->cut = w->ret->list.n >= SV_MAX_HOST_FILES;
    if (w->cut)
        sv_diag_path(w->env->diags, SV_DIAG_ERROR, path,
                     "this and other files that cron and services run are not searched: more than %d",
                     SV_MAX_HOST_FILES);
    else
        sv_vec_push(w->env->arena, &w->ret->list, path);
}

bool sv_is_own_folder(const char *path)
{
    unsigned depth = 0;
    for (const char *p = path; *p; p++)
        depth += *p == '/' && p[1] && p[1] != '/';
    if (strncmp(path, "/home/", 6) == 0 || strncmp(path, "/var/", 5) == 0)
        return depth > 2;
    return path[0] == '/' && depth > 1;
}

const char *sv_unit_folder(const struct sv_model_env *env, const struct sv_unit *u)
{
    const struct sv_unit_setting *s = sv_unit_get(u, "Service", "WorkingDirectory");
    struct sv_slice text;
    if (!s || !sv_unit_expand(u, env->arena, s->value, &text))
        return NULL;
    if (text.n && text.p[0] == '-')
        text = sv_slice_sub(text, 1, text.n);
    return sv_path_join(env->arena, "/", sv_arena_copy(env->arena, text).p);
}

static void add_folder(struct wanted *w, const struct sv_unit *u)
{
    const char *path = sv_unit_folder(w->env, u);
    struct stat st;
    if (path && sv_is_own_folder(path) && sv_fs_stat(w->env->fs, path, &st) == 0 &&
        S_ISDIR(st.st_mode))
        add(w, path);
}

static void of_unit(struct wanted *w, const struct sv_unit *u)
{
    struct sv_arena *a = w->env->arena;
    struct sv_unit_commands commands = {0};
    struct stat st;
    add_folder(w, u);
    sv_unit_commands(u, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        const char *program = sv_arena_copy(a, c->program).p;
        if (program[0] == '/' && sv_fs_stat(w->env->fs, program, &st) == 0 && S_ISREG(st.st_mode))
            add(w, program);
        sv_vec_each(arg, &c->args)
        {
            const char *path = sv_arena_copy(a, *arg).p;
            if (path[0] == '/' && is_script(*arg) && sv_fs_stat(w->env->fs, path, &st) == 0 &&
                S_ISREG(st.st_mode))
                add(w, path);
        }
    }
}

static void of_table(struct wanted *w, const struct sv_host_file *file)
{
    struct sv_arena *a = w->env->arena;
    struct sv_crontab tab = {0};
    struct sv_paths files = {0};
    struct sv_slice text;
    if (sv_fs_read(w->env->fs, a, file->path, SV_MAX_HOST_FILE_BYTES, &text, NULL) < 0)
        return; /* what cannot be read is told where its own checks look at it */
    sv_crontab_parse(a, text, file->kind, &tab);
    sv_vec_each(j, &tab.jobs)
    {
        sv_command_files(w->env->fs, a, j->command, &files);
    }
    sv_vec_each(path, &files.list)
    {
        add(w, *path);
    }
}

void sv_run_files(const struct sv_model_env *env, const struct sv_host *host, struct sv_paths *ret)
{
    struct wanted w = {.env = env, .ret = ret};
    for (size_t i = 0; host->files && i < host->files->list.n; i++)
        if (host->files->list.v[i].kind &
            (SV_HOST_CRONTAB | SV_HOST_USER_CRONTAB | SV_HOST_ANACRONTAB))
            of_table(&w, &host->files->list.v[i]);
    for (size_t i = 0; host->units && i < host->units->list.n; i++)
        if (!host->units->list.v[i]->masked && !host->units->list.v[i]->user)
            of_unit(&w, host->units->list.v[i]);
}
