// SPDX-License-Identifier: Apache-2.0
// The pipeline: configurations to model to findings, shared by all commands.
#ifndef SV_RUN_H
#define SV_RUN_H

#include "engine/dispatch.h"
#include "engine/registry.h"
#include "model/host.h"
#include "options.h"
#include "syntax/nginx.h"

/* Everything of one run; sv_run_free releases it. */
struct sv_run {
    struct sv_arena trees, model, findings;
    struct sv_fs *fs;
    struct sv_sources sources;
    struct sv_diags diags;
    struct sv_regex_pool *regexes;
    struct sv_searchers *searchers;
    struct sv_identity_db *ids;
    struct sv_registry registry;
    const struct sv_check *const *checks; /* those that --only and --skip leave */
    struct sv_host host; /* its sites: every server that was found */
    struct sv_log_settings *log_settings; /* the host's, as the next */
    struct sv_logs *log_names;
    struct sv_images *images; /* model/image.h; NULL: they were not looked for */
    struct sv_result result;
    const struct sv_options *options;
    struct sv_progress progress; /* started by the command that shows it */
    unsigned unconfined;         /* enum sv_unconfined bits */
};

/* Opens the root and what the options name, then gives up all rights that are not needed. 0, or a
 * negative errno with err when the audit cannot be done at all. */
int sv_run_open(struct sv_run *run, const struct sv_options *o, struct sv_err *err);
/* Reads the configurations below the paths (none: /etc) and builds the sites. */
int sv_run_discover(struct sv_run *run, const char *const *paths, size_t n, struct sv_err *err);
/* Searches the files below the paths for secrets, or, without any, all that an audit of /etc leads
 * to; the result is finished. */
int sv_run_inventory(struct sv_run *run, const char *const *paths, size_t n, struct sv_err *err);
/* run_inventory.c: which files units hand over as credentials and, of the `whole` machine, the
 * files and folders that its configurations lead to; of `skips` only what was skipped is added. */
void sv_run_gather(struct sv_run *run, bool whole, struct sv_map *credentials, struct sv_paths *io,
                   struct sv_secret_found *skips);
/* run_projects.c: the logs of applications below served folders and where services work, and the
 * settings that fill them; once what sites serve is known. */
void sv_run_projects(struct sv_run *run, const struct sv_model_env *env,
                     const struct sv_paths *served);
/* The logs that configurations name and, of a whole host, those that lie where logs lie. */
struct sv_log_scan sv_run_logs(struct sv_run *run);
/* Scans and checks; the result is finished and ready to be written. */
void sv_run_audit(struct sv_run *run);
void sv_run_free(struct sv_run *run);

#endif
