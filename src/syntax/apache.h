// SPDX-License-Identifier: Apache-2.0
// Apache httpd configuration syntax: text to tree, with includes, conditions, macros and variables.
#ifndef SV_SYNTAX_APACHE_H
#define SV_SYNTAX_APACHE_H

#include "syntax/node.h"

/* The tree's conventions (config.c of httpd 2.4 is the grammar):
 *  - node->name is in lower case, without '<': httpd compares names without case. The span keeps
 *    the spelling.
 *  - node->args are the words as ap_getword_conf() cuts them, unquoted, ${VAR} expanded;
 *    node->body is the raw text behind the name (of a section: up to the closing '>'), ${VAR}
 *    expanded too, for directives that read their line themselves.
 *  - <IfModule> and the other conditions that hold while the file is read: one that is true is a
 *    BLOCK without children, its directives follow it as siblings, as in httpd's own tree. One that
 *    is false is of kind SV_NODE_INACTIVE and keeps its directives as children.
 *  - Include directives stay, with what they brought behind them as siblings (included_by).
 *  - <If>, <ElseIf>, <Else> are ordinary BLOCKs: they are decided for each request.
 *  - <Macro> is SV_NODE_OPAQUE, its body the lines between; Use stays, with the macro's lines
 *    behind it as siblings (included_by).
 *  - Lines of an expanded macro have spans that lead to the macro's own lines.
 *  - Defines and modules are in force from their line on, for ${VAR} too: httpd fills in a line as
 *    a whole when it reads it and cuts it into words then. A name that is not defined stays as it
 *    is, with a warning. Names of defines have case in <IfDefine>, but not in ${VAR}. */
struct sv_apache_var {
    struct sv_slice name, value;
};

struct sv_apache_module {
    struct sv_slice name; /* "rewrite_module" */
    struct sv_slice file; /* "mod_rewrite.c" */
    struct sv_node *node; /* LoadModule; NULL: built in */
};

struct sv_apache_tree {
    struct sv_node *root;
    const char *server_root; /* ServerRoot, or the build's own */
    SV_VEC(struct sv_apache_var) defines;
    SV_VEC(struct sv_apache_var) environment; /* of envvars, as data */
    SV_VEC(struct sv_apache_module) modules;
    bool modules_known; /* false: a fragment without any LoadModule, every module counts as there */
};

/* Reads the main file and all that it includes; `envvars` is the shell file with the variables of
 * the service (NULL: the file `envvars` beside the main one, if there is one), read as data: only
 * plain assignments, exports, ${X:-default}, `unset`, and `if`s are taken as a Debian start would
 * take them (no suffix of a second instance). *ret is set in any case; a negative errno only if the
 * main file cannot be read. `preset` (may be NULL) is a finished tree of a main configuration whose
 * modules and defines hold for a fragment. What comes with httpd and belongs to which module is
 * in apache_directive.h. */
int sv_apache_load(struct sv_syntax *sx, const char *path, const char *envvars,
                   const struct sv_apache_tree *preset, struct sv_apache_tree *ret);

/* The same for texts that were added to the sources (envvars 0: none); included files are read only
 * if sx->fs is there. */
void sv_apache_parse(struct sv_syntax *sx, uint32_t file, uint32_t envvars,
                     struct sv_apache_tree *ret);

/* Parses one .htaccess text that was added to the sources: conditions are evaluated with the
 * server's modules and defines; never NULL. *ret_broken (may be NULL) is set to the first line that
 * httpd could not even cut into directives (an unclosed section, say) or refuses while it reads the
 * file, whatever AllowOverride says (Include, Define); such a file answers 500. */
struct sv_node *sv_apache_parse_htaccess(struct sv_syntax *sx, const struct sv_apache_tree *server,
                                         uint32_t file, const struct sv_node **ret_broken);

/* By "mod_rewrite.c" or "rewrite_module". */
bool sv_apache_has_module(const struct sv_apache_tree *t, struct sv_slice name);

/* Guess: is this text httpd configuration at all? */
bool sv_apache_sniff(struct sv_slice text);

/* Cuts the next word off a directive's line as ap_getword_conf() does: quotes, \" and \\ undone,
 * the rest left behind the blanks. Empty and *rest empty at the end. The word is arena-owned. */
struct sv_slice sv_apache_word(struct sv_arena *a, struct sv_slice *rest);
/* A word between double quotes as sv_apache_word() reads it. */
const char *sv_apache_quoted(struct sv_arena *a, struct sv_slice word);

/* A word to be shown in a message: what looks like a password is cut behind its first letters. */
const char *sv_apache_shown(struct sv_arena *a, struct sv_slice word);

#endif
