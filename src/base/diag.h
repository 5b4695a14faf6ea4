// SPDX-License-Identifier: Apache-2.0
// Diagnostics: what was not understood or not readable, and where.
#ifndef SV_BASE_DIAG_H
#define SV_BASE_DIAG_H

#include "base/source.h"

enum sv_diag_level {
    SV_DIAG_NOTE,    /* worth knowing under -v; nothing was lost */
    SV_DIAG_WARNING, /* odd, but understood as the server understands it */
    SV_DIAG_ERROR,   /* something was not understood or not read: exit status 3 if nothing else */
};

struct sv_diag {
    enum sv_diag_level level;
    struct sv_span span; /* file 0: see path */
    const char *path;    /* for diagnostics about a file without a source, else NULL */
    const char *text;    /* one sentence, what was expected; no trailing newline */
};

struct sv_diags {
    struct sv_arena *arena;
    SV_VEC(struct sv_diag) list;
};

void sv_diag_at(struct sv_diags *d, enum sv_diag_level level, struct sv_span span, const char *fmt,
                ...) __attribute__((format(printf, 4, 5)));
void sv_diag_path(struct sv_diags *d, enum sv_diag_level level, const char *path, const char *fmt,
                  ...) __attribute__((format(printf, 4, 5)));

/* The error of an operation that could not be done at all; functions return a negative errno. */
struct sv_err {
    char text[512];
};
int sv_err_set(struct sv_err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* returns -errnum; err may be NULL */

#endif
