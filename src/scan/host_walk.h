// SPDX-License-Identifier: Apache-2.0
// What lies below /etc, by name and mode, and which files in homes hold credentials.
#ifndef SV_SCAN_HOST_WALK_H
#define SV_SCAN_HOST_WALK_H

#include "model/host.h"
#include "model/host_files.h"
#include "model/unit.h"

struct sv_entry {
    const char *path;
    struct stat st; /* of the entry itself, which is no link */
};
struct sv_entries {
    SV_VEC(struct sv_entry) list; /* a folder before what lies in it */
};

/* The files and folders below `dir`, at most SV_MAX_ETC_ENTRIES; what cannot be listed is a
 * diagnostic. */
void sv_entries_walk(const struct sv_model_env *env, const char *dir, struct sv_entries *ret);

/* Files with credentials, by their usual names in the homes of /etc/passwd, as far as somebody else
 * than their user can read them (`all`: whoever can): .netrc, .aws/credentials, private keys in
 * .ssh ... */
void sv_credential_files(const struct sv_model_env *env, bool all, struct sv_paths *ret);
/* The same for one file; false if there are SV_MAX_HOST_FILES already, which was told. */
bool sv_credential_file(const struct sv_model_env *env, const char *path, bool all,
                        struct sv_paths *ret);
/* project_files.c: the same for what AI tools keep in projects (.mcp.json, .cursor/mcp.json ...)
 * and git of its remotes' URLs: some folders deep below homes, /opt, /srv, the served folders and
 * those that units work in; and for .env, wp-config.php, config/ and their like in the folders that
 * served ones lie in. At most SV_MAX_PROJECT_ENTRIES are looked at, more is a diagnostic. */
void sv_project_files(const struct sv_model_env *env, const struct sv_host *host,
                      const struct sv_paths *served, bool all, struct sv_paths *ret);

/* The same for what administrators put into /var/backups, but for dpkg's and apt's own state. Of
 * what others than their users can read SV_MAX_BACKUP_BYTES are taken, more is a diagnostic. */
void sv_backup_files(const struct sv_model_env *env, bool all, struct sv_paths *ret);

/* Of the entries the regular files that others than their users can read (`all`: whoever can), as
 * far as there is room for their bytes; the others are a diagnostic about `dir`. False if there are
 * SV_MAX_HOST_FILES already, which was told. */
bool sv_entries_take(const struct sv_model_env *env, const char *dir,
                     const struct sv_entries *entries, bool all, uint64_t *io_room,
                     struct sv_paths *ret);
/* transcripts.c: what AI agents keep of their sessions in the homes of /etc/passwd, as far as
 * others can read it (`all`: the folders themselves). The newest files are taken, of all homes up
 * to SV_MAX_BACKUP_BYTES and of one up to a fourth of that; more is a diagnostic. */
void sv_transcript_files(const struct sv_model_env *env, bool all, struct sv_paths *ret);
/* The folder of transcripts that a path lies in, or NULL. */
const char *sv_transcript_folder(struct sv_arena *a, const char *path);

/* The files that a command line runs: its programs by absolute path, and scripts among the
 * arguments; regular files that are there. */
void sv_command_files(struct sv_fs *fs, struct sv_arena *a, struct sv_slice command,
                      struct sv_paths *ret);

/* What jobs of cron and services run, as far as it is no program of the system's own folders, and
 * the folders that services work in (WorkingDirectory=): not homes, nor the top folders that
 * everything shares. Each once. */
void sv_run_files(const struct sv_model_env *env, const struct sv_host *host, struct sv_paths *ret);
/* credentials.c: the files that units hand over as credentials, each once, and by its real path
 * what it is (enum sv_credential_kind of scan/secrets.h). */
void sv_unit_credential_files(const struct sv_model_env *env, const struct sv_units *units,
                              struct sv_map *kinds, struct sv_paths *ret);
/* Packages' own files, and what is no disk at all. */
bool sv_is_system_path(const char *path);
/* Of an application: "/opt/api", "/home/deploy/app"; not "/", "/srv", "/root" or "/home/deploy". */
bool sv_is_own_folder(const char *path);
/* The folder that a unit works in, NULL if it names none or one that is not known. */
const char *sv_unit_folder(const struct sv_model_env *env, const struct sv_unit *u);

#endif
