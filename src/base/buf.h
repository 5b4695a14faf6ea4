// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer on the heap, for building one text of unknown length.
#ifndef SV_BASE_BUF_H
#define SV_BASE_BUF_H

#include "base/slice.h"

/* Zero-initialised is empty. `p` is NUL-terminated once anything was appended. */
struct sv_buf {
    char *p;
    size_t n, cap;
};

void sv_buf_add(struct sv_buf *b, struct sv_slice s);
void sv_buf_adds(struct sv_buf *b, const char *s);
void sv_buf_addc(struct sv_buf *b, char c);
void sv_buf_printf(struct sv_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sv_buf_reset(struct sv_buf *b); /* empties, keeps the memory */
void sv_buf_clear(struct sv_buf *b); /* frees */
static inline struct sv_slice sv_buf_slice(const struct sv_buf *b)
{
    return (struct sv_slice){b->p ? b->p : "", b->n};
}
#define _cleanup_buf_ __attribute__((cleanup(sv_buf_clear)))

#endif
