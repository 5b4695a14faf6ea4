// SPDX-License-Identifier: Apache-2.0
// Arena memory in chunks that double up to a megabyte.
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20, ALIGN = 16 };

struct sv_arena_chunk {
    struct sv_arena_chunk *next;
    size_t size, used;
    size_t dirty; /* so much was in use before some was given back */
    _Alignas(ALIGN) char data[];
};

static _Noreturn void out_of_memory(void)
{
    fputs("srvaudit: out of memory\n", stderr);
    abort();
}

static struct sv_arena_chunk *add_chunk(struct sv_arena *a, size_t need)
{
    size_t size = a->head ? a->head->size * 2 : FIRST_CHUNK;
    if (size > LAST_CHUNK)
        size = LAST_CHUNK;
    if (size < need)
        size = need;
    struct sv_arena_chunk *c = malloc(sizeof *c + size);
    if (!c)
        out_of_memory();
    c->size = size;
    c->used = c->dirty = 0;
    c->next = a->head;
    a->head = c;
    return c;
}

static size_t aligned(size_t n)
{
    return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *sv_arena_room(struct sv_arena *a, size_t n)
{
    if (n > SIZE_MAX / 2)
        out_of_memory();
    n = aligned(n);
    struct sv_arena_chunk *c = a->head;
    if (!c || c->size - c->used < n)
        c = add_chunk(a, n);
    void *p = c->data + c->used;
    c->used += n;
    a->total += n;
    return p;
}

void *sv_arena_alloc(struct sv_arena *a, size_t n)
{
    return memset(sv_arena_room(a, n), 0, n);
}

void sv_arena_shrink(struct sv_arena *a, void *p, size_t old_n, size_t n)
{
    struct sv_arena_chunk *c = a->head;
    if (!c || n > old_n || (char *)p + aligned(old_n) != c->data + c->used)
        return;
    if (c->dirty < c->used)
        c->dirty = c->used;
    c->used -= aligned(old_n) - aligned(n);
    a->total -= aligned(old_n) - aligned(n);
}

void *sv_arena_calloc(struct sv_arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        out_of_memory();
    return sv_arena_alloc(a, n);
}

char *sv_arena_strdup(struct sv_arena *a, const char *s)
{
    return (char *)sv_arena_copy(a, sv_slice_of(s)).p;
}

struct sv_slice sv_arena_copy(struct sv_arena *a, struct sv_slice s)
{
    char *p = sv_arena_room(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (struct sv_slice){p, s.n};
}

struct sv_slice sv_arena_mapped(struct sv_arena *a, struct sv_slice s, int (*f)(int))
{
    char *p = sv_arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)f((unsigned char)s.p[i]);
    return (struct sv_slice){p, s.n};
}

/* Most texts fit where they will stay, and are written once; those that do not leave nothing behind
 * the part of the chunk that is in use, which no wipe would reach. */
char *sv_arena_vprintf(struct sv_arena *a, const char *fmt, va_list ap)
{
    struct sv_arena_chunk *c = a->head;
    size_t left = c ? c->size - c->used : 0;
    char *text = left ? c->data + c->used : NULL;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(text, left, fmt, ap);
    char *p = sv_arena_room(a, n < 0 ? 1 : (size_t)n + 1);
    if (n < 0) {
        p[0] = 0;
    } else if (p != text) {
        vsnprintf(p, (size_t)n + 1, fmt, again);
        if (left)
            explicit_bzero(text, left);
    }
    va_end(again);
    return p;
}

char *sv_arena_printf(struct sv_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = sv_arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

static void drop(struct sv_arena *a, bool wipe)
{
    while (a->head) {
        struct sv_arena_chunk *c = a->head;
        a->head = c->next;
        if (wipe)
            explicit_bzero(c->data, c->used > c->dirty ? c->used : c->dirty);
        free(c);
    }
    a->total = 0;
}

void sv_arena_clear(struct sv_arena *a)
{
    drop(a, false);
}

void sv_arena_wipe(struct sv_arena *a)
{
    drop(a, true);
}

void *sv_vec_grow(struct sv_arena *a, void *v, size_t n, size_t *cap, size_t size)
{
    size_t want = *cap ? *cap * 2 : 8;
    size_t bytes;
    if (__builtin_mul_overflow(want, size, &bytes))
        out_of_memory();
    void *p = sv_arena_room(a, bytes);
    if (n)
        memcpy(p, v, n * size);
    *cap = want;
    return p;
}
