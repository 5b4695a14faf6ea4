// SPDX-License-Identifier: Apache-2.0
// What lies below /etc, by name and mode, and which files in homes hold credentials.
#ifndef SV_SCAN_HOST_WALK_H
#define SV_SCAN_HOST_WALK_H

#include "model/host_files.h"
#include "model/unit.h"

struct sv_entry {
    const char *path;
    struct stat st; /* of the entry itself: links are not followed */
};
struct sv_entries {
    SV_VEC(struct sv_entry) list; /* a folder before what lies in it */
};

/* Everything below `dir`, at most SV_MAX_ETC_ENTRIES; what cannot be listed is a diagnostic. */
void sv_entries_walk(const struct sv_model_env *env, const char *dir, struct sv_entries *ret);

/* Files with credentials, by their usual names in the homes of /etc/passwd, as far as somebody else
 * than their user can read them: .netrc, .aws/credentials, private keys in .ssh ... */
void sv_credential_files(const struct sv_model_env *env, struct sv_paths *ret);

/* The files that a command line runs: its programs by absolute path, and scripts among the
 * arguments; regular files that are there. */
void sv_command_files(struct sv_fs *fs, struct sv_arena *a, struct sv_slice command,
                      struct sv_paths *ret);

/* What jobs of cron and services run, as far as it is no program of the system's own folders, and
 * the folders that services work in (WorkingDirectory=): not homes, nor the top folders that
 * everything shares. Each once. */
void sv_run_files(const struct sv_model_env *env, const struct sv_host *host, struct sv_paths *ret);

#endif
