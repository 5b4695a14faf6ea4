// SPDX-License-Identifier: Apache-2.0
// The commands; each returns the exit status of the program.
#ifndef SV_CMD_CMD_H
#define SV_CMD_CMD_H

#include <time.h>

#include "options.h"

struct sv_run;

int sv_cmd_audit(const struct sv_options *o);
int sv_cmd_secrets(const struct sv_options *o);
int sv_cmd_url(const struct sv_options *o);
int sv_cmd_checks(const struct sv_options *o);
int sv_cmd_explain(const struct sv_options *o);

/* output.c: writes the finished result; 0, 1 or 3 by what it holds, 2 if it cannot be written. */
int sv_cmd_output(struct sv_run *run, const struct timespec *began);

#endif
