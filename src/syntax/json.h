// SPDX-License-Identifier: Apache-2.0
// JSON text (RFC 8259) to nodes with positions.
#ifndef SV_SYNTAX_JSON_H
#define SV_SYNTAX_JSON_H

#include "syntax/node.h"

/* Maps, lists and values as in syntax/yaml.h; strings are unescaped (lone surrogates become
 * U+FFFD) and have quote '"', other values stand as written with quote 0. Keys may repeat. Bounded
 * by SV_MAX_JSON_DEPTH and SV_MAX_JSON_NODES. NULL if the text is no JSON, with a diagnostic unless
 * sx->diags is NULL. */
struct sv_node *sv_json_parse(struct sv_syntax *sx, uint32_t file);

/* A map's entry (the last of that name), NULL for what is no map or has none. */
const struct sv_node *sv_json_entry(const struct sv_node *map, const char *name);
/* A string's text; empty for what is no string. */
struct sv_slice sv_json_string(const struct sv_node *n);
bool sv_json_true(const struct sv_node *n);

#endif
