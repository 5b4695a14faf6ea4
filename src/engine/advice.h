// SPDX-License-Identifier: Apache-2.0
// What checks advise alike: the lines and commands that close a way out.
#ifndef SV_ENGINE_ADVICE_H
#define SV_ENGINE_ADVICE_H

#include "scan/file.h"
#include "serve/answer.h"

struct sv_ctx;
struct sv_unit;

/* deny_fix.c: what closes the routes of a file, in the words of the server that hands it out, and
 * the change of its secrets; of a file that no table names (NULL) the routes alone. */
const char *sv_ctx_deny_fix(struct sv_ctx *cx, const struct sv_file *file,
                            const struct sv_routes *routes);
/* The section of httpd that refuses a path and what lies below it, and where it belongs. */
const char *sv_ctx_httpd_denial(struct sv_ctx *cx, const struct sv_vhost *v,
                                struct sv_slice path);
/* dotfile_guard.c: the location of nginx that is there to refuse this path, a dotfile's, by an
 * expression; NULL if there is none. It may never be reached. */
const struct sv_scope *sv_dotfile_guard(const struct sv_vhost *v, struct sv_slice path);
/* What refuses: `deny all`, `internal`, or a return that gives nothing. */
bool sv_location_refuses(const struct sv_scope *s);
/* shown_url.c: the URL that a stranger opens to get there: through a proxy of this host in front of
 * a vhost that only this host reaches; without one the vhost's own. */
const char *sv_ctx_url(struct sv_ctx *cx, const struct sv_vhost *vhost, const char *target);
/* The advice where nothing better is known: any other takes its place. */
#define SV_MOVE_FILE "Move the file out of the served folder."
/* move_fix.c: what ends it: the location of an alias as it should be, the link that leads to the
 * file, the line or the mount that serves a project's public folder alone, or that it is moved. */
enum sv_move_kind {
    SV_MOVE_WAY_OUT, /* sv_ctx_way_out_fix() of all URLs */
    SV_MOVE_LINK,
    SV_MOVE_ROOT,
    SV_MOVE_MOUNT, /* the image's own configuration serves the mount: no line of it is changed */
    SV_MOVE_AWAY,  /* nothing better is known than to move the file or the folder */
};
struct sv_move {
    enum sv_move_kind kind;
    bool lines;       /* the text ends with lines of a configuration or a shell, not a sentence */
    const char *text; /* the arena's, or constant */
};
struct sv_move sv_ctx_move(struct sv_ctx *cx, bool is_dir, const struct sv_routes *routes);

/* moved_root.c: what has to change with it where `folder` ("/public") of the folder that `root`
 * serves takes that one's place: lines for the same server, each with a newline before it, or "". */
const char *sv_ctx_moved_root_lines(struct sv_ctx *cx, const struct sv_vhost *v,
                                    const struct sv_node *root, const char *folder);

/* alias_fix.c: the location of an alias that hands out names beside its folder, as it should be. */
const char *sv_ctx_alias_fix(struct sv_ctx *cx, const struct sv_mapping *m);
/* ... of every alias that the URLs lead out of, with its place; NULL if one of them does not. */
const char *sv_ctx_way_out_fix(struct sv_ctx *cx, const struct sv_routes *routes);

/* unit_fix.c: commands that make a file for the unit's secrets, and the line that names it; and
 * those that bring it into force. */
const char *sv_unit_file_fix(struct sv_arena *a, const struct sv_unit *u);
const char *sv_unit_restart(struct sv_arena *a, const struct sv_unit *u);

/* open_paths.c: the file and the folders above it whose modes let others change them, as words of a
 * shell; NULL if no mode does: then it is an owner or an access list. */
const char *sv_ctx_open_paths(struct sv_ctx *cx, const char *path);
/* Commands that give a file and its folders to root; a copy in `place`, if others need a folder. */
const char *sv_ctx_take_back(struct sv_ctx *cx, const char *path, const char *place);

#endif
