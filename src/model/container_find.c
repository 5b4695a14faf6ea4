// SPDX-License-Identifier: Apache-2.0
// Finds compose projects: where people keep them, and where units and servers work.
#include <dirent.h>

#include "base/limits.h"
#include "model/config_file.h"
#include "model/container.h"
#include "model/engine_config.h"
#include "model/host.h"
#include "model/unit.h"
#include "syntax/dockerfile.h"

struct folder {
    const char *path;
    unsigned depth;
};

struct finder {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_containers *ret;
    struct sv_map seen; /* folders */
    size_t entries;
};

/* Folders of packages and histories hold other people's examples. */
static bool is_passed_over(const char *name)
{
    static const char *const names[] = {"node_modules", "vendor", "site-packages", "testdata",
                                        "tests", "test", "examples", "example"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return name[0] == '.';
}

/* In Compose's own order; the last two are those of others. */
static const char *const compose_names[] = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                            "docker-compose.yaml", "podman-compose.yml",
                                            "container-compose.yml"};
enum { N_NAMES = sizeof compose_names / sizeof *compose_names };

bool sv_compose_is_name(struct sv_slice name)
{
    for (size_t i = 0; i < N_NAMES; i++)
        if (sv_slice_is(name, compose_names[i]))
            return true;
    return false;
}

const char *sv_compose_override(const struct sv_model_env *env, const char *path)
{
    static const char *const ends[] = {".yaml", ".yml"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++) {
        const char *name =
            sv_arena_printf(env->arena, "%.*s.override%s", (int)(dot - path), path, ends[i]);
        if (sv_config_there(env, name, NULL))
            return name;
    }
    return NULL;
}

/* The first of the names that Compose looks for counts. */
static void load_first(struct finder *f, const char *dir, const struct sv_dirents *entries)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        sv_vec_each(e, &entries->list)
        {
            if (strcmp(e->name, compose_names[i]) != 0 || e->type == DT_DIR)
                continue;
            const char *path = sv_path_join(f->env->arena, dir, e->name);
            bool full = f->ret->list.n >= SV_MAX_CONTAINERS;
            if (!full)
                sv_compose_load(f->env, f->sx, path, f->ret);
            else if (!f->ret->full)
                sv_diag_path(f->env->diags, SV_DIAG_ERROR, path,
                             "more services on this machine than are looked at; this file and those "
                             "behind it were not read");
            f->ret->full |= full;
            return;
        }
    }
}

typedef SV_VEC(struct folder) folder_vec;

static void look(struct finder *f, struct folder at, folder_vec *open)
{
    struct sv_dirents entries = {0};
    struct sv_arena *a = f->env->arena;
    if ((*sv_map_at(a, &f->seen, sv_slice_of(at.path)))++)
        return;
    if (sv_fs_list(f->env->fs, a, at.path, &entries) < 0)
        return;
    f->entries += entries.list.n;
    load_first(f, at.path, &entries);
    sv_vec_each(e, &entries.list)
    {
        bool folder = e->type == DT_DIR && at.depth < SV_MAX_COMPOSE_DEPTH && open &&
                      !is_passed_over(e->name);
        if (!folder && !sv_dockerfile_is_name(sv_slice_of(e->name)))
            continue;
        const char *path = sv_path_join(a, at.path, e->name);
        if (!folder && sv_config_there(f->env, path, NULL))
            sv_vec_push(a, &f->ret->dockerfiles, path);
        if (folder)
            sv_vec_push(a, open, (struct folder){path, at.depth + 1});
    }
}

static void below(struct finder *f, const char *top)
{
    folder_vec open = {0};
    struct stat st;
    if (sv_fs_stat(f->env->fs, top, &st) < 0 || !S_ISDIR(st.st_mode))
        return;
    sv_vec_push(f->env->arena, &open, (struct folder){top, 0});
    while (open.n && f->entries < SV_MAX_PROJECT_ENTRIES)
        look(f, open.v[--open.n], &open);
    if (open.n)
        sv_diag_path(f->env->diags, SV_DIAG_ERROR, top,
                     "too many folders: not all were looked through for compose files");
}

void sv_containers_find(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_host *host, struct sv_containers *ret)
{
    static const char *const tops[] = {"/opt", "/srv", "/home", "/root", "/var/www",
                                       "/etc/docker/compose", "/docker", "/data"};
    struct finder f = {.env = env, .sx = sx, .ret = ret};
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        below(&f, tops[i]);
    for (size_t i = 0; host->units && i < host->units->list.n; i++) {
        const struct sv_unit_setting *s =
            sv_unit_get(host->units->list.v[i], "Service", "WorkingDirectory");
        struct sv_slice dir;
        if (s && sv_unit_expand(host->units->list.v[i], env->arena, s->value, &dir) && dir.n > 1 &&
            dir.p[0] == '/')
            look(&f, (struct folder){sv_arena_copy(env->arena, dir).p, 0}, NULL);
    }
    sv_engine_find(env, sx, ret);
    sv_quadlet_find(env, sx, ret);
    sv_podman_find(env, sx, ret);
    struct sv_engine_config *engine = sv_new(env->arena, struct sv_engine_config);
    sv_engine_config_find(env, sx, host->units, engine);
    ret->engine = engine;
    sv_vec_each(c, &ret->list)
    {
        sv_container_secret_mounts(env, *c);
    }
}
