// SPDX-License-Identifier: Apache-2.0
// Finds what AI tools keep in the folders of projects (definitions of MCP servers, settings), what
// git keeps there of the URLs of remotes, tokens among them, and the settings (.env, config/) of a
// project whose public folder is served.
#include <dirent.h>

#include "base/limits.h"
#include "scan/host_walk.h"

/* Below a project's folder; what has a '/' begins with a folder that is not looked through. */
static const char *const names[] = {
    ".mcp.json", ".claude/settings.json", ".claude/settings.local.json", ".cursor/mcp.json",
    ".vscode/mcp.json", ".vscode/settings.json", ".gemini/settings.json", ".gemini/.env",
    ".codex/config.toml", ".roo/mcp.json", ".kilocode/mcp.json", ".amazonq/mcp.json",
    ".kiro/settings/mcp.json", ".junie/mcp/mcp.json", ".qwen/settings.json", ".zed/settings.json",
    ".continue/config.json", ".continue/config.yaml", ".aider.conf.yml", "opencode.json",
    "opencode.jsonc", ".opencode/opencode.json", "crush.json", ".crush.json",
    ".windsurf/mcp_config.json", ".factory/mcp.json", ".claude.json", ".aider.chat.history.md",
    ".aider.input.history", ".git/config",
};

/* Beside a served folder: what frameworks read, not their examples. */
static const char *const settings[] = {
    ".env", ".env.local", ".env.production", "wp-config.php", "config.php", "auth.json",
    "settings.py", "local_settings.py", "app/etc/env.php",
};
static const char *const setting_folders[] = {"config", "config/packages", "config/autoload",
                                              "app/config"};

struct folder {
    const char *path;
    unsigned depth;
};

struct finder {
    const struct sv_model_env *env;
    bool all;
    struct sv_paths *ret;
    struct sv_map seen;  /* folders: the least depth that each was met at, and one */
    struct sv_map files; /* looked at */
    bool full;           /* the limit is reached, which was told */
    SV_VEC(struct folder) open;
    size_t entries;
};

/* What was downloaded, not written: packages bring the settings of their makers. */
static bool is_passed_over(const char *name)
{
    static const char *const others[] = {"node_modules", "vendor", "site-packages",
                                         "bower_components", "__pycache__"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    return name[0] == '.';
}

/* A folder that is met again nearer is looked through again, for more below it counts. */
static void push(struct finder *f, const char *path, unsigned depth)
{
    struct stat st;
    if (depth == 0 && (sv_fs_stat(f->env->fs, path, &st) < 0 || !S_ISDIR(st.st_mode)))
        return;
    uint32_t *least = sv_map_at(f->env->arena, &f->seen, sv_slice_of(path));
    if (*least && *least <= depth + 1)
        return;
    *least = depth + 1;
    sv_vec_push(f->env->arena, &f->open, (struct folder){path, depth});
}

static void add(struct finder *f, const char *dir, const char *name)
{
    const char *path = sv_path_join(f->env->arena, dir, name);
    if (!f->full && (*sv_map_at(f->env->arena, &f->files, sv_slice_of(path)))++ == 0)
        f->full = !sv_credential_file(f->env, path, f->all, f->ret);
}

/* The names that begin with this entry. */
static void add_names(struct finder *f, const char *dir, const char *entry)
{
    size_t n = strlen(entry);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0] == entry[0] && strncmp(names[i], entry, n) == 0 &&
            (names[i][n] == '/' || names[i][n] == 0))
            add(f, dir, names[i]);
}

static void look(struct finder *f, struct folder at)
{
    struct sv_dirents entries = {0};
    struct sv_arena *a = f->env->arena;
    (void)sv_fs_list(f->env->fs, a, at.path, &entries);
    f->entries += entries.list.n;
    sv_vec_each(e, &entries.list)
    {
        add_names(f, at.path, e->name);
        if (at.depth < SV_MAX_TOOLS_DEPTH && e->type == DT_DIR && !is_passed_over(e->name))
            push(f, sv_path_join(a, at.path, e->name), at.depth + 1);
    }
}

/* What lies in a served folder is judged by its URLs. */
static bool is_served(const struct sv_paths *served, const char *path)
{
    for (size_t i = 0; i < served->list.n; i++)
        if (sv_path_below(path, served->list.v[i]))
            return true;
    return false;
}

/* Laravel's config/services.php, Symfony's parameters.yml, Rails' database.yml and master.key. */
static void add_settings(struct finder *f, const struct sv_paths *served, const char *project)
{
    static const char *const ends[] = {".php", ".yml", ".yaml", ".json", ".ini", ".key"};
    struct sv_arena *a = f->env->arena;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        add(f, project, settings[i]);
    for (size_t i = 0; i < sizeof setting_folders / sizeof *setting_folders; i++) {
        struct sv_dirents entries = {0};
        const char *dir = sv_path_join(a, project, setting_folders[i]);
        if (is_served(served, dir) || sv_fs_list(f->env->fs, a, dir, &entries) < 0)
            continue;
        f->entries += entries.list.n;
        sv_vec_each(e, &entries.list)
        {
            bool setting = false;
            for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
                setting |= sv_slice_ends(sv_slice_of(e->name), ends[k]);
            if (setting && e->type != DT_DIR)
                add(f, dir, e->name);
        }
    }
}

static void push_tops(struct finder *f, const struct sv_host *host, const struct sv_paths *served)
{
    static const char *const tops[] = {"/opt", "/srv", "/home", "/root", "/var/www", "/data",
                                       "/docker"};
    struct sv_arena *a = f->env->arena;
    struct sv_slice user;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        push(f, tops[i], 0);
    for (size_t i = 0; sv_identity_nth(f->env->ids, i, &user); i++) {
        const char *home = sv_identity_home(f->env->ids, a, user);
        if (home && home[0] == '/' && home[1] &&
            !sv_is_system_path(sv_arena_printf(a, "%s/", home))) /* "/bin" and "/dev" too */
            push(f, sv_path_join(a, "/", home), 0);
    }
    for (size_t i = 0; i < served->list.n; i++) {
        const char *above = sv_path_dir(a, served->list.v[i]);
        push(f, served->list.v[i], 0);
        if (!above[1] || sv_is_system_path(above))
            continue;
        push(f, above, SV_MAX_TOOLS_DEPTH); /* a project keeps its settings beside public/ */
        add_settings(f, served, above);
    }
    for (size_t i = 0; host->units && i < host->units->list.n; i++) {
        const char *dir = sv_unit_folder(f->env, host->units->list.v[i]);
        if (dir && dir[1] && !host->units->list.v[i]->masked && !sv_is_system_path(dir))
            push(f, dir, 0);
    }
}

void sv_project_files(const struct sv_model_env *env, const struct sv_host *host,
                      const struct sv_paths *served, bool all, struct sv_paths *ret)
{
    struct finder f = {.env = env, .all = all, .ret = ret};
    size_t next = 0;
    push_tops(&f, host, served);
    /* The nearest first: one folder with a great many files hides only what lies deeper. */
    while (next < f.open.n && f.entries < SV_MAX_PROJECT_ENTRIES && !f.full)
        look(&f, f.open.v[next++]);
    if (next < f.open.n && !f.full)
        sv_diag_path(env->diags, SV_DIAG_ERROR, f.open.v[next].path,
                     "too many folders: this one and %zu more were not looked through for the "
                     "files of AI tools and git", f.open.n - next - 1);
}
