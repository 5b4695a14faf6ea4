// SPDX-License-Identifier: Apache-2.0
// Tokens of nginx configuration; private to the nginx parser.
#ifndef SV_SYNTAX_NGINX_LEX_H
#define SV_SYNTAX_NGINX_LEX_H

#include "syntax/node.h"

/* TOK_BAD: a word that was given up; the other tokens may be understood and still have an error. */
enum ngx_token { TOK_WORD, TOK_SEMICOLON, TOK_OPEN, TOK_CLOSE, TOK_END, TOK_BAD };

struct ngx_lexer {
    struct sv_syntax *sx;
    uint32_t file;
    struct sv_slice text;
    size_t at;
    struct sv_arg word;     /* of the last TOK_WORD */
    struct sv_span span;    /* of the last token */
    const char *error;      /* why nginx refuses what was just read, or NULL */
    struct sv_span error_at;
};

/* ngx_conf_read_token's grammar, one token a call. */
enum ngx_token ngx_lex(struct ngx_lexer *lx);
/* Skips Lua up to the brace that closes the block whose `{` was just read; false at the end of the
 * text. *ret_body is what stands between. (Strings, long brackets and comments hide braces.) */
bool ngx_lex_lua(struct ngx_lexer *lx, struct sv_slice *ret_body);

#endif
