// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer.
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void reserve(struct sv_buf *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->n, more + 1, &need))
        abort();
    if (need <= b->cap)
        return;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (!p)
        abort();
    b->p = p;
    b->cap = cap;
}

void sv_buf_add(struct sv_buf *b, struct sv_slice s)
{
    reserve(b, s.n);
    if (s.n)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = '\0';
}

void sv_buf_adds(struct sv_buf *b, const char *s)
{
    sv_buf_add(b, sv_slice_of(s));
}

void sv_buf_addc(struct sv_buf *b, char c)
{
    sv_buf_add(b, (struct sv_slice){&c, 1});
}

void sv_buf_printf(struct sv_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0) {
        reserve(b, (size_t)n);
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void sv_buf_reset(struct sv_buf *b)
{
    b->n = 0;
    if (b->p)
        b->p[0] = '\0';
}

void sv_buf_clear(struct sv_buf *b)
{
    free(b->p);
    *b = (struct sv_buf){0};
}
