// SPDX-License-Identifier: Apache-2.0
// How a file with secrets is closed without closing it to the program that it is for.
#ifndef SV_ENGINE_CLOSING_H
#define SV_ENGINE_CLOSING_H

#include "base/identity.h"
#include "model/host.h"

struct sv_ctx;

/* What is known of the machine; all borrowed. `host` may be empty: nothing was looked for. */
struct sv_machine {
    struct sv_fs *fs;
    struct sv_identity_db *ids;
    struct sv_arena *arena; /* of the texts */
    const struct sv_host *host;
};
struct sv_machine sv_ctx_machine(struct sv_ctx *cx);

/* file_user.c: the program that a file is for, told by the configuration: a file of passwords of a
 * web server, the folder that a unit works in, PHP's pools for a served project, or the folder
 * below /etc that packages name as their user. */
enum sv_file_user {
    SV_FILE_USER_KNOWN,   /* *ret is who it runs as */
    SV_FILE_USER_UNKNOWN, /* another one than the file's owner may read it */
    SV_FILE_USER_OWNER,   /* below /etc: its owner reads it, who may be root */
};
enum sv_file_user sv_file_user(const struct sv_machine *m, const char *path,
                               const struct stat *st, struct sv_cred *ret);
/* The user who runs pm2, for one of its files: false if none is known. */
bool sv_ecosystem_user(const struct sv_machine *m, const char *path, struct sv_cred *ret);

/* package_users.c: programs that read their files below /etc as root before they give up its
 * rights, and tools of root's; NULL at the end. */
extern const char *const sv_packages_of_root[];
/* Users that are not called as the folder below /etc is; NULLs at the end. */
struct sv_package_user {
    const char *package, *user;
};
extern const struct sv_package_user sv_package_users[];

/* Texts are the arena's, or constant. */
struct sv_closing {
    const char *mode;  /* for chmod; NULL: no mode closes the file, `note` says what does */
    bool common;       /* ... which takes rights away, and that is all: files share a command */
    const char *owner; /* for chown before that; NULL: it has the right one */
    const char *group; /* for chgrp before that; NULL: its group is right, or not known */
    uid_t reader;      /* of the program that the file is for; 0: root, or not known */
    const char *first; /* what may have to be done before all of these, a sentence; or NULL */
    const char *note;  /* what else is to be known, a sentence or a line of its own; or NULL */
};

/* A file that every local user can read. */
struct sv_closing sv_closing_of(const struct sv_machine *m, const char *path);
/* Its commands on one line, "" without any; `first` and `note` are the caller's to add. */
const char *sv_closing_commands(struct sv_arena *a, const char *path, const struct sv_closing *x);
/* All of it in the order in which it is done, lines without a newline at the end. */
const char *sv_closing_text(const struct sv_machine *m, const char *path);

#endif
