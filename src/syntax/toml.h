// SPDX-License-Identifier: Apache-2.0
// TOML as the configurations of container tools use it, to nodes with positions.
#ifndef SV_SYNTAX_TOML_H
#define SV_SYNTAX_TOML_H

#include "syntax/node.h"

/* The root's children are the tables in the order of the file: maps whose name is what stands in
 * the brackets ("" for what comes first; [[x]] and [x] alike). Keys stand as they are written, dots
 * included; strings are SV_NODE_VALUE with quote '"' or '\'', other values have quote 0, arrays are
 * SV_NODE_LIST; inline tables are passed over. Lines that are none of this are a diagnostic. */
struct sv_node *sv_toml_parse(struct sv_syntax *sx, uint32_t file);

#endif
