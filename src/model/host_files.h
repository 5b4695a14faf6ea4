// SPDX-License-Identifier: Apache-2.0
// The files outside of any service's configuration that run commands or set environments.
#ifndef SV_MODEL_HOST_FILES_H
#define SV_MODEL_HOST_FILES_H

#include "model/server.h"

enum sv_host_file_kind {
    SV_HOST_CRONTAB = 1 << 0,      /* /etc/crontab, cron.d: a user behind the time */
    SV_HOST_USER_CRONTAB = 1 << 1, /* below /var/spool/cron: none */
    SV_HOST_ANACRONTAB = 1 << 2,
    SV_HOST_CRON_SCRIPT = 1 << 3,  /* cron.daily and its kin */
    SV_HOST_AT_JOB = 1 << 4,       /* a script that begins with the whole environment of its time */
    SV_HOST_ENVIRONMENT = 1 << 5,  /* /etc/environment, profile.d, what every shell reads */
    SV_HOST_DEFAULTS = 1 << 6,     /* /etc/default, /etc/sysconfig: read by services */
    SV_HOST_SHELL_START = 1 << 7,  /* a user's .bashrc and its kin */
    SV_HOST_HISTORY = 1 << 8,      /* a user's .bash_history and its kin */
    SV_HOST_SUDOERS = 1 << 9,
    SV_HOST_LOGROTATE = 1 << 10,
    SV_HOST_PM2 = 1 << 11,         /* pm2's dump of all environments, and its ecosystem files */
};

struct sv_host_file {
    enum sv_host_file_kind kind;
    const char *path;
    const char *user; /* whose it is; NULL: the system's */
};
struct sv_host_files {
    SV_VEC(struct sv_host_file) list; /* at most SV_MAX_HOST_FILES; more is a diagnostic */
    bool cut;
};

/* Lists those that are there, by kind, then path; homes are those of /etc/passwd. */
void sv_host_files_find(const struct sv_model_env *env, struct sv_host_files *ret);

/* One line of a crontab that runs something. */
struct sv_cron_job {
    struct sv_slice user;    /* empty: the table's owner */
    struct sv_slice command; /* up to the first "%" that is not escaped: the rest is its input */
    struct sv_slice input;
    uint32_t line;
};
/* An assignment before the jobs (crontab(5)). */
struct sv_cron_variable {
    struct sv_slice name, value;
    uint32_t line;
};
struct sv_crontab {
    SV_VEC(struct sv_cron_job) jobs;
    SV_VEC(struct sv_cron_variable) variables;
    uint32_t cut; /* the line from which on SV_MAX_CRON_LINES left all out; 0: none */
};
/* Slices of the text; lines that are neither are left out, as cron does. */
void sv_crontab_parse(struct sv_arena *a, struct sv_slice text, enum sv_host_file_kind kind,
                      struct sv_crontab *ret);

#endif
