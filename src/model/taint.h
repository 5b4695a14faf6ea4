// SPDX-License-Identifier: Apache-2.0
// Where the text of an nginx variable comes from: what of it a client can choose.
#ifndef SV_MODEL_TAINT_H
#define SV_MODEL_TAINT_H

#include "model/server.h"

/* Bits, because a text can hold several variables and a variable several values. Followed through
 * `set`, `map` and the groups of regular expressions, at most SV_MAX_TAINT_DEPTH steps. */
enum sv_taint {
    SV_TAINT_HOST = 1,        /* $host: lower case, no blank, slash or control byte */
    SV_TAINT_HTTP_HOST = 2,   /* $http_host: the header as sent, even if the target names a host */
    SV_TAINT_REQUEST_URI = 4, /* $request_uri: as sent, so no blank or control byte; from '/' on */
    SV_TAINT_URI = 8,         /* $uri: decoded, may hold CR and LF; from '/' on */
    SV_TAINT_WORD = 16,       /* a group that only letters, digits, '_' and '-' match */
    SV_TAINT_CAPTURE = 32,    /* a group of the decoded URI that a newline does not match */
    SV_TAINT_NEWLINE = 64,    /* a group of the decoded URI that a newline may match */
    SV_TAINT_FREE = 128,      /* $arg_x, $http_x, $cookie_x, $args: anything but control bytes */
};

/* The union over the variables of `text`, as seen in `scope`. */
unsigned sv_taint_of(const struct sv_scope *scope, struct sv_slice text);
/* The same for a replacement of `rewrite`, whose $1... are groups of its own pattern. */
unsigned sv_taint_of_rewrite(const struct sv_scope *scope, struct sv_slice pattern,
                             struct sv_slice text);
/* The first variable of `text`, "$name", whose taint has one of `bits`; empty if none has. */
struct sv_slice sv_taint_culprit(const struct sv_scope *scope, struct sv_slice text, unsigned bits);
/* The next "$name" or "${name}" from *io on, which moves behind it; false at the end. */
bool sv_next_variable(struct sv_slice text, size_t *io, struct sv_slice *ret_name);

#endif
