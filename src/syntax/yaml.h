// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 text to nodes with positions, through libyaml's event interface.
#ifndef SV_SYNTAX_YAML_H
#define SV_SYNTAX_YAML_H

#include "syntax/node.h"

/* Parses the first document of a text that was added to the sources. The root's only child is the
 * document's value. In a map a node's name is its key; scalars are SV_NODE_VALUE with the text as
 * argument 0 (quote: 0, '"' or '\'' as written; block scalars count as unquoted). Tags construct
 * nothing. Bounded by SV_MAX_YAML_DEPTH and SV_MAX_YAML_NODES; aliases are refused. NULL, with a
 * diagnostic, if the text is not YAML or goes beyond a bound. */
struct sv_node *sv_yaml_parse(struct sv_syntax *sx, uint32_t file);
/* The same for what people write for other programs: aliases become copies of what they stand for
 * and merge keys ("<<") their entries, all counted against SV_MAX_YAML_NODES; a key that stands
 * twice is diagnosed and both stay (the last one counts). */
struct sv_node *sv_yaml_parse_foreign(struct sv_syntax *sx, uint32_t file);
/* The same of every document: the root has a child for each, and the bounds are those of the whole
 * text. Documents before one that is faulty are given all the same; NULL if there is none. */
struct sv_node *sv_yaml_parse_documents(struct sv_syntax *sx, uint32_t file);

#endif
