// SPDX-License-Identifier: Apache-2.0
// The pipeline, in order.
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/sandbox.h"

/* ---- discovery ---- */

static void load_config(struct sv_run *run, const char *path)
{
    struct sv_syntax sx = {.arena = &run->trees, .sources = &run->sources, .diags = &run->diags,
                           .fs = run->fs, .watch = &run->progress.watch};
    struct sv_model_env env = {&run->model, run->fs, &run->sources, &run->diags, run->regexes,
                               run->ids};
    int error = 0;
    struct sv_node *root = sv_nginx_load(&sx, path, &error);
    if (!root) {
        sv_result_skip(&run->result, path, "%s", strerror(-error));
        return;
    }
    struct sv_site *site = sv_model_from_nginx(&env, root, path);
    site->host = &run->host;
    sv_vec_push(&run->model, &run->host.sites, site);
    sv_vec_push(run->result.arena, &run->result.configs,
                (struct sv_config_seen){path, "nginx"});
    run->result.files += sx.n_files;
    run->result.bytes += sx.n_bytes;
}

/* Files named nginx.conf in folders of that name, where distributions and builds put them. */
static bool try_main_files(struct sv_run *run, const char *dir)
{
    static const char *const places[] = {"nginx.conf", "nginx/nginx.conf",
                                         "openresty/nginx.conf", "angie/angie.conf"};
    bool found = false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct stat st;
        const char *path = sv_path_join(&run->trees, dir, places[i]);
        if (sv_fs_stat(run->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
            continue;
        load_config(run, path);
        found = true;
    }
    return found;
}

/* A folder of fragments (conf.d, sites-enabled): each file on its own. */
static void try_fragments(struct sv_run *run, const char *dir)
{
    struct sv_dirents entries = {0};
    int rc = sv_fs_list(run->fs, &run->trees, dir, &entries);
    if (rc < 0) {
        sv_result_skip(&run->result, dir, "%s", strerror(-rc));
        return;
    }
    sv_vec_each(e, &entries.list)
    {
        struct stat st;
        struct sv_slice text;
        const char *path = sv_path_join(&run->trees, dir, e->name);
        if (e->type == DT_DIR || sv_fs_stat(run->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
            continue;
        bool named = sv_slice_ends(sv_slice_of(e->name), ".conf") ||
                     strcmp(sv_path_base(dir), "sites-enabled") == 0;
        if (named &&
            sv_fs_read(run->fs, &run->trees, path, SV_MAX_CONTENT_HEAD, &text, NULL) == 0 &&
            sv_nginx_sniff(text))
            load_config(run, path);
    }
}

/* A copy of a configuration whose includes name the original: what they read is not the copy. */
static void tell_includes_outside(struct sv_run *run, const char *dir)
{
    sv_vec_each(s, &run->sources.list)
    {
        const char *path = (*s)->path;
        if (!sv_path_below(path, dir) && !sv_path_below(path, "/usr/share/nginx")) {
            sv_result_skip(&run->result, dir, "an include leads out of this folder, to %s; if this is a "
                           "copy of another system's files, give its top with --root", path);
            return;
        }
    }
}

/* The top of a system: its /etc, or, for an unpacked one, a word about --root. */
static bool try_top(struct sv_run *run, const char *path)
{
    struct stat st;
    const char *etc = sv_path_join(&run->trees, path, "etc");
    if (strcmp(path, "/") == 0)
        return try_main_files(run, etc);
    if (sv_fs_stat(run->fs, sv_path_join(&run->trees, etc, "passwd"), &st) < 0)
        return false;
    sv_result_skip(&run->result, path, "this is the top of another system; give it with --root");
    return true;
}

static int discover(struct sv_run *run, const char *path)
{
    struct stat st;
    int rc = sv_fs_stat(run->fs, path, &st);
    if (rc < 0)
        return rc;
    if (S_ISREG(st.st_mode))
        load_config(run, path);
    else if (!S_ISDIR(st.st_mode))
        sv_result_skip(&run->result, path, "not a regular file or folder");
    else if (try_main_files(run, path))
        tell_includes_outside(run, path);
    else if (!try_top(run, path))
        try_fragments(run, path);
    return 0;
}

/* ---- the pipeline ---- */

/* What the parsers and models complained of so far; each is told once. */
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

int sv_run_open(struct sv_run *run, const struct sv_options *o, const char *const *paths, size_t n,
                struct sv_err *err)
{
    static const char *const standard[] = {"/etc"};
    run->options = o;
    run->sources.arena = &run->trees;
    run->diags.arena = &run->trees;
    run->result.arena = &run->findings;
    run->fs = sv_fs_new(o->root, err);
    if (!run->fs)
        return -ENOENT;
    run->regexes = sv_regex_pool_new();
    int rc = sv_registry_open(&run->registry, &run->model, run->regexes, o->rules, err);
    if (rc < 0)
        return rc;
    run->checks = sv_registry_select(&run->registry, &run->model, o->only, o->skip);
    if (!run->checks[0])
        return sv_err_set(err, EINVAL, "no check is left by --only and --skip; see srvaudit checks");
    run->ids = sv_identity_load(run->fs, &run->model, &run->diags);
    run->unconfined = confine(run, o);
    if (n == 0) {
        paths = standard;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        const char *path = paths[i];
        char *real = path[0] == '/' ? NULL : realpath(path, NULL);
        rc = discover(run, sv_path_join(&run->trees, "/", real ? real : path));
        free(real);
        if (rc < 0)
            return sv_err_set(err, -rc, "%s: %s", path, strerror(-rc));
    }
    report_diags(run);
    return 0;
}

static bool wants_files(const struct sv_check *const *checks)
{
    for (; *checks; checks++)
        if ((*checks)->on & SV_ON_FILE)
            return true;
    return false;
}

void sv_run_audit(struct sv_run *run)
{
    struct sv_site_files *files = sv_new_n(&run->model, struct sv_site_files, run->host.sites.n);
    bool scan = wants_files(run->checks);
    for (size_t i = 0; i < run->host.sites.n; i++) {
        files[i].site = run->host.sites.v[i];
        files[i].files.watch = &run->progress.watch;
        if (scan)
            sv_scan_served(run->host.sites.v[i], &run->model, &files[i].files);
        run->result.files += files[i].files.seen;
        run->result.bytes += files[i].files.bytes;
        sv_vec_each(s, &files[i].files.skipped)
        {
            sv_result_skip(&run->result, s->path, "%s", s->reason);
        }
    }
    sv_dispatch(&(struct sv_dispatch){
        .arena = &run->model,
        .fs = run->fs,
        .sources = &run->sources,
        .diags = &run->diags,
        .regexes = run->regexes,
        .ids = run->ids,
        .client = sv_slice_of(run->options->client),
        .sites = files,
        .n_sites = run->host.sites.n,
        .checks = run->checks,
        .watch = &run->progress.watch,
        .result = &run->result,
    });
    report_diags(run);
    sv_result_finish(&run->result);
}

void sv_run_free(struct sv_run *run)
{
    sv_fs_free(run->fs);
    sv_regex_pool_free(run->regexes);
    sv_arena_clear(&run->trees);
    sv_arena_wipe(&run->model); /* file heads, and with them secrets, were read into it */
    sv_arena_clear(&run->findings);
}
