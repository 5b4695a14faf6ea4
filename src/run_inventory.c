// SPDX-License-Identifier: Apache-2.0
// What the inventory of a whole machine looks at: all that its configurations lead to.
#include "model/container.h"
#include "model/host_files.h"
#include "run.h"
#include "scan/host_walk.h"

static void add(struct sv_run *run, struct sv_paths *io, const char *path)
{
    if (path && path[0] == '/')
        sv_vec_push(&run->model, &io->list, path);
}

/* A folder, unless it is one that all the machine shares: that it is mounted says little of it. */
static void add_folder(struct sv_run *run, struct sv_paths *io, const char *path)
{
    if (path && sv_is_own_folder(path) && !sv_is_system_path(path))
        add(run, io, path);
}

static void served(struct sv_run *run, struct sv_paths *io)
{
    sv_vec_each(site, &run->host.sites)
    {
        struct sv_files files = {.watch = &run->progress.watch};
        sv_scan_served(*site, &run->model, &files);
        sv_vec_each(folder, &files.folders)
        {
            add(run, io, *folder);
        }
        sv_vec_each(s, &files.skipped)
        {
            sv_result_skip(&run->result, s->path, "%s", s->reason);
        }
    }
}

static void of_container(struct sv_run *run, const struct sv_container *c, struct sv_paths *io)
{
    sv_vec_each(f, &c->env_files)
    {
        add(run, io, f->path);
    }
    sv_vec_each(f, &c->secret_files)
    {
        add(run, io, f->path);
    }
    sv_vec_each(m, &c->mounts)
    {
        add_folder(run, io, m->source);
    }
    add_folder(run, io, c->build_context);
}

static void of_units(struct sv_run *run, const struct sv_units *units, struct sv_paths *io)
{
    for (size_t i = 0; i < units->list.n; i++) {
        struct sv_unit_environment env = {0};
        if (units->list.v[i]->masked)
            continue;
        sv_unit_environment(units->list.v[i], run->fs, &run->trees, &env);
        sv_vec_each(f, &env.files)
        {
            if (f->error == 0)
                add(run, io, f->path);
        }
    }
}

static void whole_machine(struct sv_run *run, const struct sv_model_env *env, struct sv_paths *io,
                          struct sv_secret_found *skips)
{
    struct sv_paths folders = {0};
    served(run, &folders);
    sv_vec_each(folder, &folders.list)
    {
        add(run, io, *folder);
    }
    sv_vec_each(s, &run->sources.list) /* every configuration that was read, wherever it lies */
    {
        add(run, io, (*s)->path);
    }
    for (size_t i = 0; run->host.files && i < run->host.files->list.n; i++)
        add(run, io, run->host.files->list.v[i].path);
    for (size_t i = 0; run->host.containers && i < run->host.containers->list.n; i++)
        of_container(run, run->host.containers->list.v[i], io);
    sv_credential_files(env, true, io);
    sv_project_files(env, &run->host, &folders, true, io);
    sv_run_files(env, &run->host, io);
    sv_backup_files(env, true, io);
    sv_transcript_files(env, true, io);
    sv_run_projects(run, env, &folders);
    struct sv_log_scan logs = sv_run_logs(run);
    sv_log_files(&logs, &run->model, io, skips);
}

void sv_run_gather(struct sv_run *run, bool whole, struct sv_map *credentials, struct sv_paths *io,
                   struct sv_secret_found *skips)
{
    struct sv_diags aside = {.arena = &run->trees}; /* of units that nobody asked about */
    struct sv_syntax sx = {.arena = &run->trees, .sources = &run->sources, .diags = &aside,
                           .fs = run->fs, .watch = &run->progress.watch};
    struct sv_model_env env = {&run->model,  run->fs,      &run->sources,
                               &run->diags, run->regexes, run->ids};
    const struct sv_units *units = run->host.units;
    struct sv_paths named = {0};
    if (!units) {
        struct sv_model_env quiet = env;
        struct sv_units *own = sv_new(&run->model, struct sv_units);
        quiet.diags = &aside;
        sv_units_load(&quiet, &sx, own);
        units = own;
    }
    sv_unit_credential_files(&env, units, credentials, &named);
    if (!whole)
        return;
    sv_vec_each(path, &named.list)
    {
        add(run, io, *path);
    }
    of_units(run, units, io);
    whole_machine(run, &env, io, skips);
}
