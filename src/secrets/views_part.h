// SPDX-License-Identifier: Apache-2.0
// The decoders' common ground; private to views*.c.
#ifndef SV_SECRETS_VIEWS_PART_H
#define SV_SECRETS_VIEWS_PART_H

#include "secrets/views.h"

enum { SV_VIEW_PLACE = (1 << 28) - 1 }; /* a text's offsets fit: pieces are far smaller */

/* Texts are looked at block by block, whose marks stay in the nearest cache. */
enum { SV_VIEW_WORDS = 256, SV_VIEW_BLOCK = 64 * SV_VIEW_WORDS };

/* A bit for each byte of a block: where SV_VIEW_RUN letters and digits in a row begin, where an
 * escape may, and where one that may hide a part of a keyword. */
struct sv_view_block {
    uint64_t runs[SV_VIEW_WORDS + 4], leads[SV_VIEW_WORDS + 4], strong[SV_VIEW_WORDS + 4];
};

struct sv_view_find {
    struct sv_arena *a;
    struct sv_slice text;
    const struct sv_view *of;
    struct sv_secret_marks marks;
    struct sv_views *ret;
    struct sv_view_block *bits; /* of the bytes from `block` to before `block_end` */
    size_t block, block_end;
    bool nul;    /* there was one in the text so far */
    size_t mark; /* the first keyword that may reach into the block */
    size_t run;  /* behind the last run that was looked at */
    struct sv_view_passing {
        size_t mark;     /* the next keyword */
        size_t judged;   /* 1 + the one last looked at ... */
        bool valued;     /* ... and whether a value stands behind it */
        size_t behind;   /* of the last escape */
        size_t from, to; /* the stretch to be decoded; empty: none */
        size_t low;      /* behind the last that was */
        size_t sure;     /* escapes before this are in it, with what follows them */
    } passing[4];        /* the escapes of one family that were passed */
};

/* A view with room for `room` bytes, or NULL if the bounds are reached. */
struct sv_view *sv_view_new(struct sv_view_find *f, const char *via, size_t room);
/* The view has its text now; what it left of its room is given back. */
void sv_view_done(struct sv_view_find *f, struct sv_view *v, size_t room);
void sv_view_step(struct sv_view_find *f, struct sv_view *v, struct sv_view_step step);

/* views_scan.c */
enum { SV_VIEW_RUN = 24 }; /* 18 bytes of base64 */
void sv_views_scan(struct sv_view_find *f);
/* The first of the block's marks from `at` on, or f->block_end; places are the text's. */
size_t sv_view_next(const struct sv_view_find *f, const uint64_t *words, size_t at);
/* The first digit of [p, end), or its end. */
const char *sv_view_digit(const char *p, const char *end);

void sv_views_utf16(struct sv_view_find *f);   /* views.c */
void sv_views_html(struct sv_view_find *f);    /* views_html.c: names with their values */
void sv_views_runs(struct sv_view_find *f);    /* views_runs.c: base64 and hex of the block */
void sv_views_escapes(struct sv_view_find *f); /* views_escapes.c: the rest */
void sv_views_escapes_end(struct sv_view_find *f);

/* unescape.c: reads the escape at p, of at most end - p bytes; how many bytes it takes, 0 if it is
 * none. *ret_n bytes are written to `out`. */
enum { SV_UNESCAPE_ROOM = 4 };
typedef size_t sv_unescape(const char *p, const char *end, char *out, size_t *ret_n);
sv_unescape sv_unescape_percent, sv_unescape_backslash, sv_unescape_entity, sv_unescape_mail;

#endif
