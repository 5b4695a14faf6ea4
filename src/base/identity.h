// SPDX-License-Identifier: Apache-2.0
// Users and groups of the audited root, and what a given user may do with a path.
#ifndef SV_BASE_IDENTITY_H
#define SV_BASE_IDENTITY_H

#include <sys/types.h>

#include "base/fs.h"
#include "base/source.h"

struct sv_identity_db; /* parsed /etc/passwd and /etc/group of the root; never NSS */

/* A place that a service's own mounts hide from it. */
struct sv_hidden {
    const char *path;     /* and all below it */
    int error;            /* what open(2) says: EACCES, or ENOENT where something else lies there */
    const char *setting;  /* "ProtectHome=yes of nginx.service" */
    struct sv_span span;
};
struct sv_view {
    SV_VEC(struct sv_hidden) hidden;
    SV_VEC(const char *) bound; /* places that are shown all the same */
};

/* A process identity: what access(2) looks at. */
struct sv_cred {
    const char *user; /* name, or "#uid" */
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* supplementary */
    size_t n_groups;
    const struct sv_view *view; /* NULL: it sees all */
};

struct sv_identity_db *sv_identity_load(struct sv_fs *fs, struct sv_arena *a,
                                        struct sv_diags *diags); /* missing files: empty db */
/* false if the user (or group, may be NULL = the user's own) does not exist in the root. */
bool sv_identity_cred(struct sv_identity_db *db, struct sv_arena *a, const char *user,
                      const char *group, struct sv_cred *ret);
const char *sv_identity_user(struct sv_identity_db *db, struct sv_arena *a, uid_t uid);
/* The names of the users, in the order of the file; false behind the last. */
bool sv_identity_nth(const struct sv_identity_db *db, size_t i, struct sv_slice *ret_name);
/* The user's home folder, NULL if there is no such user in the root. */
const char *sv_identity_home(struct sv_identity_db *db, struct sv_arena *a, struct sv_slice name);
const char *sv_identity_group(struct sv_identity_db *db, struct sv_arena *a, gid_t gid);
/* Names of the members of the group (primary and supplementary), comma-separated, of many the first
 * ones and how many more; "" if none. */
const char *sv_identity_members(struct sv_identity_db *db, struct sv_arena *a, gid_t gid);

enum sv_access { SV_ACCESS_NO, SV_ACCESS_YES };
enum sv_right { SV_RIGHT_READ = 4, SV_RIGHT_WRITE = 2, SV_RIGHT_SEARCH = 1 };

struct sv_access_answer {
    enum sv_access access;
    const char *blocker;  /* the path that refuses, or the path itself; arena-owned; NULL if yes */
    const char *why;      /* e.g. "mode 0640 root:root", "POSIX ACL", "user root" */
    int error;            /* 0, or the errno open(2) would give: EACCES, ENOENT, ENOTDIR, ELOOP */
    const struct sv_hidden *hidden; /* that is why; else NULL */
};

/* What the kernel would say: root may read all; else every parent needs search (along resolved
 * links), then the mode or POSIX ACL of the file decides (acl(5): owner, named user, groups with
 * mask, other). Link resolution stays inside the root. */
struct sv_access_answer sv_access_check(struct sv_fs *fs, struct sv_arena *a,
                                        const struct sv_cred *who, const char *path,
                                        enum sv_right right);
/* Who can read: "any local user", "user alice and group www-data (alice, bob)", "only root" ... */
const char *sv_access_readers(struct sv_fs *fs, struct sv_identity_db *db, struct sv_arena *a,
                              const char *path);
/* Who but root can change the file, or put another one in its place in its folder: "any local
 * user", "user bob", "group dev (alice, bob)"; NULL: nobody, or the file is not there. */
const char *sv_access_writers(struct sv_fs *fs, struct sv_identity_db *db, struct sv_arena *a,
                              const char *path);
/* Whether an answer of the two functions above (or NULL) means every user of the machine. */
bool sv_access_anyone(const char *who);
/* The words for what can be fetched as well; and whether an answer in them means everyone. */
const char *sv_access_network(struct sv_arena *a, const char *readers);
bool sv_access_everyone(const char *who);

#endif
