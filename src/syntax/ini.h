// SPDX-License-Identifier: Apache-2.0
// Files of sections and "key = value" lines, as php-fpm and supervisord read them.
#ifndef SV_SYNTAX_INI_H
#define SV_SYNTAX_INI_H

#include "syntax/node.h"

enum sv_ini_style {
    /* php.net, parse_ini_file: ";" begins a comment also behind a value, which quotes may hold. */
    SV_INI_PHP,
    /* Python's RawConfigParser as supervisord sets it up: "=" or ":", keys in lower case, "#" and
     * ";" behind a blank begin a comment, lines that are indented further go on with the value. */
    SV_INI_PYTHON,
};

/* Parses one text that was added to the sources. Sections are blocks with their own name, settings
 * directives with one argument; settings before the first section stand in a block "". Never
 * fails: lines that are neither are left out. */
struct sv_node *sv_ini_parse(struct sv_syntax *sx, uint32_t file, enum sv_ini_style style);

/* supervisord's `environment`: KEY="value",OTHER='value',THIRD=value, over lines. Cuts the next
 * pair off *text; false at the end, and where what is left is no such list. The slices are of the
 * text, without quotes; expansions ("%(ENV_HOME)s") stay as they are. */
bool sv_ini_pair(struct sv_slice *text, struct sv_slice *ret_name, struct sv_slice *ret_value);

#endif
