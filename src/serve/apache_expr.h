// SPDX-License-Identifier: Apache-2.0
// The reader of one httpd expression: it is read and evaluated in one pass.
#ifndef SV_SERVE_APACHE_EXPR_H
#define SV_SERVE_APACHE_EXPR_H

#include "serve/apache_rewrite.h"

struct ap_expr {
    struct ap_run *r;
    struct sv_slice t;
    size_t i;
    unsigned depth;       /* brackets and functions inside one another */
    unsigned dead;        /* above 0: read only, the outcome is decided already */
    const char *error;    /* what stopped the reading; everything is unknown then */
    bool failed;          /* httpd gives up while it evaluates: no condition holds then */
    struct sv_match caps; /* $0 ... $9 */
};

/* Stops the reading; the first sentence stays. */
void ap_expr_fail(struct ap_expr *e, const char *why);
bool ap_expr_enter(struct ap_expr *e); /* one level down; false: too deep */
void ap_expr_blanks(struct ap_expr *e);
/* Takes the text if it comes next. */
bool ap_expr_take(struct ap_expr *e, const char *text);
/* The name at the current place, which stays, or an empty slice. */
struct sv_slice ap_expr_peek_name(const struct ap_expr *e);

/* ---- apache_expr_word.c ---- */
struct sv_value ap_expr_word(struct ap_expr *e);
/* Text with variables and references up to `stop` (NUL: to the end), which is taken too. */
struct sv_value ap_expr_text(struct ap_expr *e, char stop);
/* "/pattern/flags" or "m#pattern#flags"; NULL: none, or one that does not compile. */
struct sv_regex *ap_expr_regex(struct ap_expr *e);

/* ---- apache_expr_func.c ---- */
struct sv_value ap_expr_function(struct ap_expr *e, struct sv_slice name, struct sv_value arg);
enum sv_truth ap_expr_unary(struct ap_expr *e, char op, struct sv_value arg, const char **ret_why);
enum sv_truth ap_expr_binary(struct ap_expr *e, struct sv_slice op, struct sv_value a,
                             struct sv_value b, const char **ret_why);

#endif
