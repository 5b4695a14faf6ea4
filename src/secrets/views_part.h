// SPDX-License-Identifier: Apache-2.0
// The decoders' common ground; private to views*.c.
#ifndef SV_SECRETS_VIEWS_PART_H
#define SV_SECRETS_VIEWS_PART_H

#include "secrets/views.h"

enum { SV_VIEW_PLACE = (1 << 28) - 1 }; /* a text's offsets fit: pieces are far smaller */

/* Texts are looked at block by block, whose marks stay in the nearest cache. */
enum { SV_VIEW_WORDS = 256, SV_VIEW_BLOCK = 64 * SV_VIEW_WORDS };

enum {
    SV_VIEW_RUN = 24,       /* 18 bytes of base64 */
    SV_VIEW_FULL_LINE = 40, /* a run that goes on in the next line fills its own */
};
#define SV_VIEW_JWT "eyJ" /* how a JWT begins */

/* What is known of a block's bytes: which four of them are letters and digits, a bit for each byte
 * that may begin an escape which hides a part of a keyword, and where SV_VIEW_RUN letters and
 * digits in a row begin. Of the runs shorter than a full line those without a digit are left out:
 * programs are full of names. */
struct sv_view_block {
    uint8_t whole[2 * (SV_VIEW_WORDS + 8)]; /* a bit for each four bytes */
    uint64_t strong[SV_VIEW_WORDS + 1];     /* a word for each of ... */
    uint64_t some[SV_VIEW_WORDS / 64 + 1];  /* ... the bits here; the others are not set */
    uint16_t runs[SV_VIEW_BLOCK / SV_VIEW_RUN + 8]; /* a place in each run that counts */
    size_t n_runs;
};

struct sv_view_find {
    struct sv_arena *a;
    struct sv_slice text;
    const struct sv_view *of;
    struct sv_secret_marks marks;
    struct sv_views *ret;
    struct sv_view_block *bits; /* of the bytes from `block` to before `block_end` */
    size_t block, block_end;
    bool nul;      /* there was one in the text so far */
    bool portable; /* as on machines without vectors of 32 bytes; for tests */
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
void sv_views_scan(struct sv_view_find *f);
/* All that may begin an escape in [at, end), as far as that is the block's, matters. */
void sv_views_scan_leads(struct sv_view_find *f, size_t at, size_t end);
/* Behind the digits of base64, of both alphabets, that stand at `at` in the text. */
size_t sv_view_run_end(const struct sv_view_find *f, size_t at);
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
