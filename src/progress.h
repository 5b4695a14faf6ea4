// SPDX-License-Identifier: Apache-2.0
// The progress line: one line on standard error, drawn over itself, gone before the report.
#ifndef SV_PROGRESS_H
#define SV_PROGRESS_H

#include <stdbool.h>
#include <time.h>

enum sv_progress_when { SV_PROGRESS_AUTO, SV_PROGRESS_ALWAYS, SV_PROGRESS_NEVER };

struct sv_progress {
    bool on, drawn;
    unsigned delay_ms, width; /* silent for so long; columns of the terminal */
    struct timespec began, last;
};

/* AUTO: if standard error is a terminal, and not before half a second has gone by. */
void sv_progress_start(struct sv_progress *p, enum sv_progress_when when);
/* Cheap: draws at most ten times a second. `path` may hold any bytes. */
void sv_progress_tick(void *progress, const char *path);
void sv_progress_end(struct sv_progress *p);
/* Columns of the terminal behind the descriptor, 0 if it is none or does not say. */
unsigned sv_terminal_width(int fd);

#endif
