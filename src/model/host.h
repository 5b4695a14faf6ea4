// SPDX-License-Identifier: Apache-2.0
// Everything that was found on the audited machine.
#ifndef SV_MODEL_HOST_H
#define SV_MODEL_HOST_H

#include "model/server.h"

struct sv_units;
struct sv_php;
struct sv_supervisor;
struct sv_web_user;
struct sv_host_files;
struct sv_live;
struct sv_containers;
struct sv_log_settings;
struct sv_logs;

/* All server programs that were found on the audited machine, and its services. */
struct sv_host {
    SV_VEC(struct sv_site *) sites;
    const struct sv_units *units; /* model/unit.h; NULL: they were not looked for */
    const struct sv_php *php; /* model/php_fpm.h; as supervisor.h, NULL: not looked for */
    const struct sv_supervisor *supervisor;
    SV_VEC(struct sv_web_user) web_users; /* model/web_user.h: who reads files for requests */
    const struct sv_host_files *files; /* model/host_files.h; NULL: they were not looked for */
    const struct sv_containers *containers; /* model/container.h; NULL: they were not looked for */
    const struct sv_live *live;        /* model/process.h; NULL: not of the running machine */
    const struct sv_log_settings *log_settings; /* model/log_programs.h; NULL: not looked for */
    const struct sv_logs *log_names; /* those of programs that are no web servers; NULL: likewise */
    bool whole; /* /etc was given: all of the machine is audited */
};

#endif
