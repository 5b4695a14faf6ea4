// SPDX-License-Identifier: Apache-2.0
// Lines and words of httpd configuration; private to the Apache syntax files.
#ifndef SV_SYNTAX_APACHE_LEX_H
#define SV_SYNTAX_APACHE_LEX_H

#include "syntax/node.h"

/* From byte `at` of a line on, the bytes stand in the source from `source` on. */
struct ap_piece {
    size_t at;
    uint32_t source;
};

/* A logical line: continuations joined, blanks at both ends gone. */
struct ap_line {
    struct sv_slice text;
    struct sv_span span; /* its bytes in the source */
    struct ap_piece *pieces;
    size_t n_pieces; /* 0: made by a macro or too many: each part of it is at `span` */
    bool nul;        /* a NUL byte ended it, as in C strings */
    bool joins;      /* of a macro: it ends with a backslash */
};

/* Reads the next line of text at *at; false at the end. */
bool ap_read_line(struct sv_arena *a, struct sv_slice text, uint32_t file, size_t *at,
                  struct ap_line *ret);
/* Where the bytes [from, to) of the line stand. */
struct sv_span ap_line_span(const struct ap_line *l, size_t from, size_t to);
/* A word as ap_getword_conf() cuts it from *at on, without ${VAR} expanded; its span is relative to
 * the text (file 0). False if nothing is left; *at is then the end. */
bool ap_cut_word(struct sv_arena *a, struct sv_slice text, size_t *at, struct sv_arg *ret);
bool ap_blank(char c);

#endif
