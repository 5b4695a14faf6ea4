// SPDX-License-Identifier: Apache-2.0
// The commands; each returns the exit status of the program.
#ifndef SV_CMD_CMD_H
#define SV_CMD_CMD_H

#include "options.h"

int sv_cmd_audit(const struct sv_options *o);
int sv_cmd_url(const struct sv_options *o);
int sv_cmd_checks(const struct sv_options *o);
int sv_cmd_explain(const struct sv_options *o);

#endif
