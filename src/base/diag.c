// SPDX-License-Identifier: Apache-2.0
// Diagnostics and the error of an operation that failed as a whole.
#include "base/diag.h"

#include <stdio.h>

void sv_diag_at(struct sv_diags *d, enum sv_diag_level level, struct sv_span span, const char *fmt,
                ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = sv_arena_vprintf(d->arena, fmt, ap);
    va_end(ap);
    sv_vec_push(d->arena, &d->list, (struct sv_diag){.level = level, .span = span, .text = text});
}

void sv_diag_path(struct sv_diags *d, enum sv_diag_level level, const char *path, const char *fmt,
                  ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = sv_arena_vprintf(d->arena, fmt, ap);
    va_end(ap);
    sv_vec_push(d->arena, &d->list,
                (struct sv_diag){
                    .level = level, .path = sv_arena_strdup(d->arena, path), .text = text});
}

int sv_err_set(struct sv_err *err, int errnum, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return -errnum;
}
