// SPDX-License-Identifier: Apache-2.0
// What the tables of programs, frameworks and variables are written with; private to them.
#ifndef SV_MODEL_LOG_TABLES_H
#define SV_MODEL_LOG_TABLES_H

#include "model/log_programs.h"

#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}
#define HABITS(...) (const struct sv_log_habit[]){__VA_ARGS__, {.set = NULL}}
#define BEGIN "^[ \\t]*"
#define YES "^(1|on|yes|true)$"
#define CREDENTIAL "(?:(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)"

/* log_variables_table.c: what programs of any kind read from their environment. */
extern const struct sv_log_habit sv_log_variables[];

#endif
