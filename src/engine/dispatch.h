// SPDX-License-Identifier: Apache-2.0
// Runs the selected checks over all subjects; no check walks the model itself.
#ifndef SV_ENGINE_DISPATCH_H
#define SV_ENGINE_DISPATCH_H

#include "engine/check.h"
#include "scan/build_context.h"
#include "scan/logs.h"
#include "scan/secrets.h"
#include "scan/walk.h"

struct sv_site_files {
    const struct sv_site *site;
    struct sv_files files;
    struct sv_secret_found secrets; /* below the folders of `files` */
};

struct sv_dispatch {
    struct sv_arena *arena;
    struct sv_fs *fs;
    struct sv_sources *sources;
    struct sv_diags *diags;
    struct sv_regex_pool *regexes;
    struct sv_identity_db *ids;
    struct sv_slice client;
    const struct sv_host *host;
    struct sv_site_files *sites;
    size_t n_sites;
    const struct sv_entries *etc;                /* NULL: not walked */
    const struct sv_secret_found *host_secrets;  /* NULL: not searched */
    const struct sv_contexts *contexts; /* NULL: no image is looked at */
    const struct sv_log_found *logs; /* NULL: they were not searched */
    const struct sv_check *const *checks; /* NULL-terminated */
    struct sv_watch *watch; /* told of each scope's and each file's path */
    struct sv_result *result;
};

void sv_dispatch(const struct sv_dispatch *d);

#endif
