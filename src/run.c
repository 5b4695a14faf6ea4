// SPDX-License-Identifier: Apache-2.0
// The pipeline, in order.
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/late.h"
#include "base/limits.h"
#include "base/sandbox.h"
#include "engine/inventory.h"
#include "engine/kept.h"
#include "scan/live.h"
#include "discover.h"

/* What the parsers and models complained of so far, and the folders that nobody could list; each is
 * told once. */
static void report_diags(struct sv_run *run)
{
    sv_vec_each(d, &run->diags.list)
    {
        if (d->level != SV_DIAG_ERROR)
            continue;
        const char *path = d->path ? d->path : sv_span_path(&run->sources, d->span);
        struct sv_pos pos = sv_span_pos(&run->sources, d->span);
        if (pos.line)
            sv_result_skip(&run->result, path, "%u:%u: %s", pos.line, pos.column, d->text);
        else
            sv_result_skip(&run->result, path, "%s", d->text);
    }
    run->diags.list.n = 0;
    sv_vec_each(u, &sv_fs_unlisted(run->fs)->list)
    {
        sv_result_skip(&run->result, u->path, "%s", u->reason);
    }
}

static bool wants(const struct sv_check *const *checks, unsigned kind)
{
    for (; *checks; checks++)
        if (((*checks)->on | (*checks)->needs) & kind)
            return true;
    return false;
}

/* /etc or / is asked for, if only by default. */
static bool whole_machine(const struct sv_options *o)
{
    bool whole = o->n_paths == 0;
    for (size_t i = 0; i < o->n_paths; i++)
        whole |= strcmp(o->paths[i], "/etc") == 0 || strcmp(o->paths[i], "/etc/") == 0 ||
                 strcmp(o->paths[i], "/") == 0;
    return whole;
}

/* From here on nothing but the audited tree is read, and nothing but the report written. */
static unsigned confine(struct sv_run *run, const struct sv_options *o)
{
    bool file = o->batch && strcmp(o->batch, "-") != 0;
    const char *folder = NULL;
    if (o->output)
        folder = strchr(o->output, '/') ? sv_path_dir(&run->trees, o->output) : ".";
    return sv_sandbox_enter(&(struct sv_sandbox){
        .root = o->root, .read_also = file ? o->batch : NULL, .output_dir = folder});
}

/* Before the rights for it are given up: what a process holds is then plain memory. */
static void read_live(struct sv_run *run, const struct sv_options *o)
{
    struct sv_live *live;
    bool mine = geteuid() == 0 && strcmp(o->root, "/") == 0 && whole_machine(o);
    if (!mine || o->no_live || o->inventory || o->sites_only ||
        !wants(run->checks, SV_ON_PROCESS))
        return;
    live = sv_new(&run->model, struct sv_live);
    int rc = sv_live_read(&run->model, live);
    if (rc < 0)
        sv_result_skip(&run->result, "/proc", "%s", strerror(-rc));
    else
        run->host.live = live;
    if (live->cut)
        sv_result_skip(&run->result, "/proc", "more processes, or larger ones, than are looked at");
    if (live->cut_short)
        sv_result_skip(&run->result, "/proc",
                       "%u process%s with more variables, words or open files than are looked at",
                       live->cut_short, live->cut_short == 1 ? "" : "es");
    if (live->unreadable)
        sv_result_skip(&run->result, "/proc",
                       "the environment of %u process%s could not be read: %s", live->unreadable,
                       live->unreadable == 1 ? "" : "es", live->unreadable_names);
}

int sv_run_open(struct sv_run *run, const struct sv_options *o, struct sv_err *err)
{
    run->options = o;
    run->sources.arena = &run->trees;
    run->diags.arena = &run->trees;
    run->result.arena = &run->findings;
    run->fs = sv_fs_new(o->root, err);
    if (!run->fs)
        return -ENOENT;
    run->regexes = sv_regex_pool_new();
    run->searchers = sv_searchers_new(run->fs, o->root, o->jobs);
    int rc = sv_registry_open(&run->registry, &run->model, run->regexes, o->rules, o->only,
                              o->skip, err);
    if (rc < 0)
        return rc;
    run->checks = sv_registry_select(&run->registry, &run->model, o->only, o->skip);
    if (o->inventory ? !sv_inventory_any(o->only, o->skip) : !run->checks[0])
        return sv_err_set(err, EINVAL, "no check is left by --only and --skip; %s",
                          o->inventory ? "those of secrets are named secrets.KIND"
                                       : "see srvaudit checks");
    run->ids = sv_identity_load(run->fs, &run->model, &run->diags);
    read_live(run, o);
    (void)sv_late_confine(o->root); /* each file that needs a library says so */
    run->unconfined = confine(run, o);
    if (whole_machine(o) && !o->inventory && !o->sites_only &&
        wants(run->checks, SV_ON_HOST_SECRETS))
        sv_scan_ahead(run->searchers, "/etc");
    return 0;
}

/* A path of the command line as seen inside the root; a relative one is of the working folder. */
static const char *path_inside(struct sv_run *run, const char *path)
{
    char *real = path[0] == '/' ? NULL : realpath(path, NULL);
    const char *inside = sv_path_join(&run->trees, "/", real ? real : path);
    free(real);
    return inside;
}

/* The paths of the command line, or the standard one. */
static struct sv_paths paths_inside(struct sv_run *run, const char *const *paths, size_t n)
{
    struct sv_paths out = {0};
    for (size_t i = 0; i < n; i++)
        sv_vec_push(&run->trees, &out.list, path_inside(run, paths[i]));
    if (n == 0)
        sv_vec_push(&run->trees, &out.list, "/etc");
    return out;
}

int sv_run_discover(struct sv_run *run, const char *const *paths, size_t n, struct sv_err *err)
{
    struct sv_paths inside = paths_inside(run, paths, n);
    for (size_t i = 0; i < inside.list.n; i++) {
        int rc = sv_discover(run, inside.list.v[i]);
        if (rc < 0)
            return sv_err_set(err, -rc, "%s: %s", n ? paths[i] : inside.list.v[i], strerror(-rc));
    }
    sv_discover_workers(run);
    report_diags(run);
    return 0;
}

int sv_run_inventory(struct sv_run *run, const char *const *paths, size_t n, struct sv_err *err)
{
    struct sv_paths inside = paths_inside(run, paths, n);
    struct sv_secret_found found = {0};
    struct sv_map credentials = {0};
    sv_vec_each(path, &inside.list)
    {
        struct stat st;
        int rc = sv_fs_stat(run->fs, *path, &st);
        if (rc < 0)
            return sv_err_set(err, -rc, "%s: %s", *path, strerror(-rc));
    }
    int rc = n ? 0 : sv_run_discover(run, NULL, 0, err);
    if (rc < 0)
        return rc;
    sv_run_gather(run, n == 0, &credentials, &inside, &found);
    rc = sv_scan_secrets(
        &(struct sv_secret_scan){.searchers = run->searchers, .paths = inside.list.v,
                                 .n_paths = inside.list.n, .credentials = &credentials,
                                 .watch = &run->progress.watch},
        &run->model, &found, err);
    if (rc < 0)
        return rc;
    sv_inventory_findings(&(struct sv_inventory){
        .result = &run->result, .fs = run->fs, .ids = run->ids, .host = &run->host,
        .client = sv_slice_of(run->options->client), .found = &found, .only = run->options->only,
        .skip = run->options->skip});
    report_diags(run);
    sv_result_finish(&run->result);
    return 0;
}

static bool same_folders(const struct sv_site_files *a, const struct sv_site_files *b)
{
    if (a->files.folders.n != b->files.folders.n)
        return false;
    for (size_t i = 0; i < a->files.folders.n; i++)
        if (strcmp(a->files.folders.v[i], b->files.folders.v[i]) != 0)
            return false;
    return true;
}

/* Every file of the served folders, whatever its name: of site number `at`. Two servers of a host
 * may well serve the same ones. */
static void search_served(struct sv_run *run, struct sv_site_files *all, size_t at)
{
    struct sv_site_files *files = &all[at];
    struct sv_err err;
    size_t like = 0;
    while (like < at && !same_folders(&all[like], files))
        like++;
    if (like < at)
        files->secrets = all[like].secrets;
    else if (sv_scan_secrets(&(struct sv_secret_scan){.searchers = run->searchers,
                                                      .paths = files->files.folders.v,
                                                      .n_paths = files->files.folders.n,
                                                      .watch = &run->progress.watch},
                             &run->model, &files->secrets, &err) < 0)
        sv_result_skip(&run->result, files->site->config, "%s", err.text);
    run->result.bytes += files->secrets.bytes;
    sv_vec_each(s, &files->secrets.skipped)
    {
        sv_result_skip(&run->result, s->path, "%s", s->reason);
    }
}

/* What the run itself may not read, no other local user can: that is no gap. */
static bool is_gap(const struct sv_secret_skip *s)
{
    return geteuid() == 0 || strcmp(s->reason, strerror(EACCES)) != 0;
}

/* /etc, the credential files of homes, and what jobs and services run and work in, where the
 * whole machine is audited. */
static void search_host(struct sv_run *run, struct sv_paths *credentials,
                        struct sv_secret_found *ret)
{
    struct sv_err err;
    sv_vec_push(&run->model, &credentials->list, "/etc");
    if (sv_scan_secrets(&(struct sv_secret_scan){.searchers = run->searchers,
                                                 .paths = credentials->list.v,
                                                 .n_paths = credentials->list.n,
                                                 .watch = &run->progress.watch,
                                                 .ahead = true},
                        &run->model, ret, &err) < 0)
        sv_result_skip(&run->result, "/etc", "%s", err.text);
    run->result.files += ret->files;
    run->result.bytes += ret->bytes;
    sv_vec_each(s, &ret->skipped)
    {
        if (is_gap(s))
            sv_result_skip(&run->result, s->path, "%s", s->reason);
    }
}

struct sv_log_scan sv_run_logs(struct sv_run *run)
{
    struct sv_log_scan in = {.fs = run->fs, .searchers = run->searchers,
                             .whole_host = run->host.whole, .watch = &run->progress.watch};
    sv_vec_each(site, &run->host.sites)
    {
        if (!(*site)->container) /* the image's, or the engine's own, which are read as such */
            sv_site_logs(*site, &run->model, &in.named);
    }
    for (size_t i = 0; run->host.log_names && i < run->host.log_names->list.n; i++)
        sv_vec_push(&run->model, &in.named.list, run->host.log_names->list.v[i]);
    return in;
}

static void search_logs(struct sv_run *run, struct sv_log_found *ret)
{
    struct sv_log_scan in = sv_run_logs(run);
    struct sv_err err;
    if (sv_scan_logs(&in, &run->model, ret, &err) < 0)
        sv_result_skip(&run->result, "/var/log", "%s", err.text);
}

static void tell_logs(struct sv_run *run, const struct sv_log_found *logs)
{
    run->result.files += logs->secrets.files;
    run->result.bytes += logs->secrets.bytes;
    sv_vec_each(s, &logs->secrets.skipped)
    {
        sv_result_skip(&run->result, s->path, "%s", s->reason);
    }
}

/* What the builds of images would take, and the secrets in it. */
static void search_contexts(struct sv_run *run, const struct sv_model_env *env,
                            struct sv_contexts *ret)
{
    struct sv_secret_scan how = {.searchers = run->searchers, .watch = &run->progress.watch};
    struct sv_err err;
    if (sv_scan_contexts(env, run->images, &how, ret, &err) < 0)
        sv_result_skip(&run->result, "/", "%s", err.text);
    run->result.files += ret->secrets.files;
    run->result.bytes += ret->secrets.bytes;
    sv_vec_each(s, &ret->secrets.skipped)
    {
        sv_result_skip(&run->result, s->path, "%s", s->reason);
    }
}

void sv_run_audit(struct sv_run *run)
{
    struct sv_contexts contexts = {0};
    struct sv_model_env env = {&run->model,  run->fs,      &run->sources,
                               &run->diags, run->regexes, run->ids};
    struct sv_entries etc = {0};
    struct sv_paths credentials = {0}, served = {0};
    struct sv_secret_found host_secrets = {0};
    bool whole = run->host.files != NULL;
    struct sv_log_found logs = {0};
    struct sv_site_files *files = sv_new_n(&run->model, struct sv_site_files, run->host.sites.n);
    bool search = wants(run->checks, SV_ON_SECRETS | SV_ON_SETID);
    bool search_logged = wants(run->checks, SV_ON_LOG);
    bool scan = search || wants(run->checks, SV_ON_FILE);
    for (size_t i = 0; i < run->host.sites.n; i++) {
        files[i].site = run->host.sites.v[i];
        files[i].files.watch = &run->progress.watch;
        if (scan)
            sv_scan_served(run->host.sites.v[i], &run->model, &files[i].files);
        if (search && files[i].files.folders.n)
            search_served(run, files, i);
        run->result.files += files[i].files.seen;
        run->result.bytes += files[i].files.bytes;
        sv_vec_each(s, &files[i].files.skipped)
        {
            sv_result_skip(&run->result, s->path, "%s", s->reason);
        }
    }
    for (size_t i = 0; i < run->host.sites.n; i++)
        for (size_t k = 0; k < files[i].files.folders.n; k++)
            sv_vec_push(&run->model, &served.list, files[i].files.folders.v[k]);
    if (wants(run->checks, SV_ON_LOG | SV_ON_LOG_SETTING))
        sv_run_projects(run, &env, &served);
    if (whole && wants(run->checks, SV_ON_ENTRY))
        sv_entries_walk(&env, "/etc", &etc);
    if (whole && wants(run->checks, SV_ON_HOST_SECRETS)) {
        sv_credential_files(&env, false, &credentials);
        sv_project_files(&env, &run->host, &served, false, &credentials);
        sv_run_files(&env, &run->host, &credentials);
        sv_backup_files(&env, false, &credentials);
        sv_transcript_files(&env, false, &credentials);
        for (size_t i = 0; i < run->host.files->list.n; i++)
            if (run->host.files->list.v[i].kind == SV_HOST_HISTORY)
                sv_vec_push(&run->model, &credentials.list, run->host.files->list.v[i].path);
    }
    if (search_logged) /* while another thread may be at /etc */
        search_logs(run, &logs);
    if (whole && wants(run->checks, SV_ON_HOST_SECRETS))
        search_host(run, &credentials, &host_secrets);
    if (search_logged)
        tell_logs(run, &logs);
    if (run->images && wants(run->checks, SV_ON_IMAGE))
        search_contexts(run, &env, &contexts);
    sv_dispatch(&(struct sv_dispatch){
        .arena = &run->model,
        .fs = run->fs,
        .sources = &run->sources,
        .diags = &run->diags,
        .regexes = run->regexes,
        .ids = run->ids,
        .client = sv_slice_of(run->options->client),
        .host = &run->host,
        .etc = &etc,
        .host_secrets = &host_secrets,
        .sites = files,
        .n_sites = run->host.sites.n,
        .logs = &logs,
        .contexts = &contexts,
        .checks = run->checks,
        .watch = &run->progress.watch,
        .result = &run->result,
    });
    report_diags(run);
    sv_result_finish(&run->result);
    sv_tell_kept(&(struct sv_kept){.result = &run->result,
                                   .arena = &run->model,
                                   .fs = run->fs,
                                   .ids = run->ids,
                                   .units = run->host.units,
                                   .found = &host_secrets});
}

void sv_run_free(struct sv_run *run)
{
    sv_searchers_free(run->searchers);
    sv_fs_free(run->fs);
    sv_regex_pool_free(run->regexes);
    sv_arena_wipe(&run->trees); /* configurations, and with them secrets, were read into it */
    sv_arena_wipe(&run->model); /* heads of files, environments of processes */
    sv_arena_wipe(&run->findings); /* environment files that checks read */
}
