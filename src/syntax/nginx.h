// SPDX-License-Identifier: Apache-2.0
// nginx configuration syntax: text to tree, includes, dumps of `nginx -T`.
#ifndef SV_SYNTAX_NGINX_H
#define SV_SYNTAX_NGINX_H

#include "syntax/node.h"

/* Parses one text that was added to the sources. Never fails: what is wrong is a diagnostic and
 * parsing goes on at the next directive or block. (ngx_conf_file.c is the grammar: tokens end at
 * blanks, ';' and '{'; '${' belongs to a token; quotes only at a token's start; backslash escapes
 * \" \' \\ \t \r \n.) Blocks named *_by_lua_block are opaque. */
struct sv_node *sv_nginx_parse(struct sv_syntax *sx, uint32_t file);

/* Files that are written when the server starts: where, and the source with the text. */
struct sv_nginx_made {
    const char *path;
    uint32_t file;
};
struct sv_nginx_made_files {
    SV_VEC(struct sv_nginx_made) list;
};

bool sv_nginx_is_made(const struct sv_nginx_made_files *made, const char *path);
/* Adds those that the pattern matches to what it finds in folders; each path once, in order. */
void sv_nginx_made_match(struct sv_arena *a, const struct sv_nginx_made_files *made,
                         const char *pattern, struct sv_paths *io);

/* Reads `path` and everything it includes. Relative includes are relative to the folder of the
 * main file (--conf-path's prefix), whoever includes. NULL (and *ret_error a negative errno) only
 * if the main file cannot be read. A file that is an `nginx -T` dump is split into its files and
 * its includes are served from the dump. `made` (may be NULL) is found by includes, too, and in
 * place of files of the same names. */
struct sv_node *sv_nginx_load(struct sv_syntax *sx, const char *path,
                              const struct sv_nginx_made_files *made, int *ret_error);

/* Files that a main file which cannot be read would include, one behind the other in one tree. */
struct sv_node *sv_nginx_load_fragments(struct sv_syntax *sx, const char *conf_dir,
                                        const struct sv_paths *paths,
                                        const struct sv_nginx_made_files *made);

/* True for the text of an `nginx -T` dump ("# configuration file /path:" lines). */
bool sv_nginx_is_dump(struct sv_slice text);
/* The text as one word of a configuration, in quotes where it needs them. */
const char *sv_nginx_word(struct sv_arena *a, struct sv_slice text);
/* Guess: is this text nginx configuration at all (for discovery in unknown folders)? */
bool sv_nginx_sniff(struct sv_slice text);

#endif
