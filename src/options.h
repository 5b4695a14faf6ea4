// SPDX-License-Identifier: Apache-2.0
// The option table: master copy for parsing and --help.
#ifndef SV_OPTIONS_H
#define SV_OPTIONS_H

#include "engine/finding.h"
#include "progress.h"

enum sv_color { SV_COLOR_AUTO, SV_COLOR_ALWAYS, SV_COLOR_NEVER };

struct sv_options {
    bool sites_only;             /* of the command url: services and processes do not matter */
    bool no_live;                /* running processes are not looked at */
    bool json, quiet, verbose, never_fail, help, version;
    bool inventory; /* of the command secrets */
    unsigned jobs;  /* 0: as many as processors */
    const char *output, *only, *skip, *rules, *root, *client, *batch, *reverse;
    enum sv_severity fail_on, min_severity;
    enum sv_color color;
    enum sv_progress_when progress;
    const char **paths; /* what is left, NULL-terminated */
    size_t n_paths;
};

/* 0, or 2 after a sentence on stderr. `command` is "audit", "secrets", "url", "checks"
 * or "explain". */
int sv_options_parse(const char *command, int argc, char **argv, struct sv_options *ret);
void sv_options_help(const char *command);

#endif
