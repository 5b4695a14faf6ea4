// SPDX-License-Identifier: Apache-2.0
// srvaudit [PATH]... and srvaudit secrets [PATH]...: a run and its report.
#include <stdio.h>

#include "cmd/cmd.h"
#include "run.h"

static int audit(struct sv_run *run, const struct sv_options *o, struct sv_err *err)
{
    int rc = sv_run_discover(run, o->paths, o->n_paths, err);
    if (rc == 0)
        sv_run_audit(run);
    return rc;
}

static int inventory(struct sv_run *run, const struct sv_options *o, struct sv_err *err)
{
    return sv_run_inventory(run, o->paths, o->n_paths, err);
}

static int run_and_report(const struct sv_options *o,
                          int (*work)(struct sv_run *, const struct sv_options *, struct sv_err *))
{
    struct sv_run run = {0};
    struct sv_err err = {{0}};
    struct timespec began;
    clock_gettime(CLOCK_MONOTONIC, &began);
    sv_progress_start(&run.progress, o->quiet ? SV_PROGRESS_NEVER : o->progress);
    if (sv_run_open(&run, o, &err) < 0 || work(&run, o, &err) < 0) {
        sv_progress_end(&run.progress);
        fprintf(stderr, "srvaudit: %s\n", err.text);
        sv_run_free(&run);
        return 2;
    }
    sv_progress_end(&run.progress);
    int status = sv_cmd_output(&run, &began);
    sv_run_free(&run);
    return status;
}

int sv_cmd_audit(const struct sv_options *o)
{
    return run_and_report(o, audit);
}

int sv_cmd_secrets(const struct sv_options *o)
{
    return run_and_report(o, inventory);
}
