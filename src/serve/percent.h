// SPDX-License-Identifier: Apache-2.0
// "%XX" in URLs: what the rules of both servers for them have in common.
#ifndef SV_SERVE_PERCENT_H
#define SV_SERVE_PERCENT_H

#include "base/arena.h"

/* The byte that "%XX" at `i` stands for, or -1 if that is no escape. */
int sv_percent_byte(struct sv_slice s, size_t i);
/* Writes all but letters, digits and the characters of `keep` as %XX. nginx and browsers write
 * big hexadecimal digits, httpd small ones (`lower`). */
struct sv_slice sv_percent_encode(struct sv_arena *a, struct sv_slice s, const char *keep,
                                  bool lower);

#endif
