// SPDX-License-Identifier: Apache-2.0
// Which setting put a secret into a log.
#ifndef SV_SCAN_LOG_CAUSE_H
#define SV_SCAN_LOG_CAUSE_H

#include "model/log_programs.h"
#include "scan/logs.h"

/* In words, how to stop it, and where the setting stands. */
struct sv_log_cause {
    const char *text, *fix;
    const struct sv_node *format, *node; /* NULL: none */
    const char *config;                  /* a text that is no tree; NULL: none */
    uint32_t line;
};
/* Reads the byte before the place, to tell a query from a header. `settings` may be NULL. */
struct sv_log_cause sv_log_cause(struct sv_fs *fs, struct sv_arena *a,
                                 const struct sv_log_settings *settings,
                                 const struct sv_log_family *family,
                                 const struct sv_secret_place *p);

#endif
