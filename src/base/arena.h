// SPDX-License-Identifier: Apache-2.0
// Arena memory: everything of one lifetime is allocated together and freed once.
#ifndef SV_BASE_ARENA_H
#define SV_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/slice.h"

struct sv_arena_chunk;

/* Zero-initialised is a valid empty arena. Allocation never returns NULL: without memory the
 * process aborts, because an audit that silently skipped a part would be worse. */
struct sv_arena {
    struct sv_arena_chunk *head;
    size_t total; /* bytes handed out, for limits and statistics */
};

/* Zeroed and 16-byte aligned. */
void *sv_arena_alloc(struct sv_arena *a, size_t n);
#define sv_new(a, type) ((type *)sv_arena_alloc((a), sizeof(type)))
#define sv_new_n(a, type, n) ((type *)sv_arena_calloc((a), (n), sizeof(type)))
void *sv_arena_calloc(struct sv_arena *a, size_t count, size_t size);
/* The same with any content: for what is filled at once, as with a file. */
void *sv_arena_room(struct sv_arena *a, size_t n);
/* Gives back what lies behind the first `n` bytes of the newest allocation, which had `old_n`; one
 * that is not the newest stays as it is. What was written there is wiped with the rest. */
void sv_arena_shrink(struct sv_arena *a, void *p, size_t old_n, size_t n);
/* Copies, NUL-terminated behind the slice. */
char *sv_arena_strdup(struct sv_arena *a, const char *s);
struct sv_slice sv_arena_copy(struct sv_arena *a, struct sv_slice s);
/* A copy with tolower() or toupper() on every byte. */
struct sv_slice sv_arena_mapped(struct sv_arena *a, struct sv_slice s, int (*f)(int));
char *sv_arena_printf(struct sv_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *sv_arena_vprintf(struct sv_arena *a, const char *fmt, va_list ap);
void sv_arena_clear(struct sv_arena *a); /* frees all chunks; the arena is empty and usable */
/* The same, and the bytes are wiped first: for arenas that held secrets. */
void sv_arena_wipe(struct sv_arena *a);

#endif
