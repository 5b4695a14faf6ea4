// SPDX-License-Identifier: Apache-2.0
// Searches log files for secrets, newest first, and puts rotated files to the log they belong to.
#ifndef SV_SCAN_LOGS_H
#define SV_SCAN_LOGS_H

#include "base/fs.h"
#include "model/logs.h"
#include "scan/secrets.h"

/* A log with its rotated files, in which secrets were found. */
struct sv_log_family {
    const char *path;         /* the name without number, date and suffix of compression */
    const struct sv_log *log; /* the setting that names it; NULL: some program writes it */
    SV_VEC(const struct sv_secret_place *) places; /* by file, then offset */
    size_t n_files;           /* how many of its files there are, with secrets or without */
};

struct sv_log_found {
    SV_VEC(struct sv_log_family *) list; /* by path; only those with places */
    struct sv_secret_found secrets;      /* what the places are part of, skips, counts */
};

struct sv_log_scan {
    struct sv_fs *fs;
    struct sv_searchers *searchers;
    struct sv_logs named; /* what configurations name */
    bool whole_host;      /* /var/log and the containers' logs too */
    struct sv_watch *watch;
    uint64_t budget;      /* bytes; 0: SV_MAX_LOG_BYTES */
};

/* Files are taken newest first until the budget is used up; the list of what was skipped says how
 * many were left out. Packed files count as what they may hold. 0 or a negative errno with err. */
int sv_scan_logs(const struct sv_log_scan *in, struct sv_arena *a, struct sv_log_found *ret,
                 struct sv_err *err);

/* The files alone, as many as would be searched; of `skips` only what was skipped is added to. */
void sv_log_files(const struct sv_log_scan *in, struct sv_arena *a, struct sv_paths *ret,
                  struct sv_secret_found *skips);

/* By its name; it counts SV_LOG_PACKED times. */
bool sv_log_is_packed(struct sv_slice name);

/* "access.log.2.gz", "access.log-20260101", "app-2026-01-01.log" to "access.log", "app.log". */
const char *sv_log_family_name(struct sv_arena *a, const char *path);

#endif
