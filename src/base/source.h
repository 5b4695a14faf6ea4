// SPDX-License-Identifier: Apache-2.0
// Source texts and spans: where a byte of configuration came from.
#ifndef SV_BASE_SOURCE_H
#define SV_BASE_SOURCE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

/* A half-open byte range of one source. `file` is an index + 1 into the sources; 0 is "nowhere". */
struct sv_span {
    uint32_t file, start, end;
};

struct sv_source {
    const char *path;      /* as seen inside --root */
    struct sv_slice text;  /* arena-owned, NUL-terminated */
    uint32_t *line_starts; /* made on the first question about a line */
    uint32_t n_lines;
};

struct sv_sources {
    struct sv_arena *arena;
    SV_VEC(struct sv_source *) list;
};

struct sv_pos {
    uint32_t line, column; /* from 1; columns count bytes */
};

/* Adds a text (borrowed, must live as long as the arena) and returns its span id. */
uint32_t sv_source_add(struct sv_sources *s, const char *path, struct sv_slice text);
const struct sv_source *sv_source_get(const struct sv_sources *s, uint32_t file); /* or NULL */
const char *sv_span_path(const struct sv_sources *s, struct sv_span span);        /* "" if none */
struct sv_pos sv_span_pos(struct sv_sources *s, struct sv_span span);             /* 0,0 if none */
struct sv_slice sv_span_text(const struct sv_sources *s, struct sv_span span);
/* A line, counted from 1, without its newline, trimmed; empty if there is none. */
struct sv_slice sv_source_line(struct sv_sources *s, uint32_t file, uint32_t line);

#endif
