// SPDX-License-Identifier: Apache-2.0
// systemd's configuration syntax (systemd.syntax(7)): unit files, words with quotes and escapes,
// and the files that EnvironmentFile= names.
#ifndef SV_SYNTAX_UNIT_H
#define SV_SYNTAX_UNIT_H

#include "syntax/node.h"

/* Parses one text that was added to the sources. Sections are blocks, settings directives with one
 * argument: the value without the blanks around it, lines joined. Never fails; what systemd would
 * ignore is a warning, and a line beyond SV_MAX_UNIT_LINE an error. */
struct sv_node *sv_unit_parse(struct sv_syntax *sx, uint32_t file);

/* Cuts the next word off *text as Environment= and Exec*= are read: quotes anywhere in a word,
 * C escapes. 1 with the word (may be empty: ""), 0 at the end, -EINVAL where systemd gives up. */
int sv_unit_word(struct sv_arena *a, struct sv_slice *text, struct sv_slice *ret_word);

/* One assignment of an environment file. */
struct sv_env_line {
    struct sv_slice name, value; /* as the program gets them */
    struct sv_slice raw;         /* the value as it stands, with quotes */
    uint32_t line;               /* from 1 */
    bool valid;                  /* the name is one; others are ignored with a warning */
};
struct sv_env_lines {
    SV_VEC(struct sv_env_line) list;
    uint32_t cut; /* the line of the first one that SV_MAX_ENV_LINES left out; 0: none */
};
/* Reads the text as EnvironmentFile= does (systemd.exec(5)): at most SV_MAX_ENV_LINES. */
void sv_env_file_parse(struct sv_arena *a, struct sv_slice text, struct sv_env_lines *ret);
/* A name of letters, digits and underscores that does not begin with a digit. */
bool sv_env_name_valid(struct sv_slice name);

#endif
