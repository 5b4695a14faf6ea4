// SPDX-License-Identifier: Apache-2.0
// The pipeline, in order.
#include "run.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/sandbox.h"
#include "discover.h"

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
        rc = sv_discover(run, sv_path_join(&run->trees, "/", real ? real : path));
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
