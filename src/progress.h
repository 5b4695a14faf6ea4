// SPDX-License-Identifier: Apache-2.0
// The progress line: one line on standard error, drawn over itself, gone before the report.
#ifndef SV_PROGRESS_H
#define SV_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/watch.h"

enum sv_progress_when { SV_PROGRESS_AUTO, SV_PROGRESS_ALWAYS, SV_PROGRESS_NEVER };

struct sv_progress {
    struct sv_watch watch; /* first; draws at most ten times a second. Paths may hold any bytes */
    bool on;
    unsigned delay_ms; /* silent for so long */
    size_t drawn;      /* columns of the line that stands there now */
    struct timespec began, last;
};

/* AUTO: if standard error is a terminal, and not before half a second has gone by. */
void sv_progress_start(struct sv_progress *p, enum sv_progress_when when);
void sv_progress_end(struct sv_progress *p);
/* Columns of the terminal behind the descriptor; if it is none or does not say, those of the
 * variable COLUMNS, else 0. */
unsigned sv_terminal_width(int fd);

#endif
