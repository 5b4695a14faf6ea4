// SPDX-License-Identifier: Apache-2.0
// Where the applications of the machine have their folders, for the logs in them.
#include "model/log_programs.h"
#include "run.h"
#include "scan/host_walk.h"

static void add(struct sv_run *run, struct sv_paths *ret, const char *path)
{
    if (path && sv_is_own_folder(path) && !sv_is_system_path(path))
        sv_vec_push(&run->model, &ret->list, path);
}

void sv_run_projects(struct sv_run *run, const struct sv_model_env *env,
                     const struct sv_paths *served)
{
    struct sv_paths projects = {0};
    const struct sv_units *units = run->host.units;
    if (!run->log_settings)
        return; /* of a machine that is not audited as a whole */
    for (size_t i = 0; i < served->list.n; i++) {
        add(run, &projects, served->list.v[i]);
        add(run, &projects, sv_path_dir(&run->model, served->list.v[i])); /* public/ is served */
    }
    for (size_t i = 0; units && i < units->list.n; i++)
        if (!units->list.v[i]->masked && !units->list.v[i]->user)
            add(run, &projects, sv_unit_folder(env, units->list.v[i]));
    sv_log_frameworks_read(env, &projects, run->log_settings, run->log_names);
}
