// SPDX-License-Identifier: Apache-2.0
// The rooted, safe reader: every file and folder the audit touches is opened here.
#ifndef SV_BASE_FS_H
#define SV_BASE_FS_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"

/* All paths are absolute and as seen inside the root; links are resolved inside it (".." stops at
 * the root), magic links of /proc are refused. Only regular files are ever opened for reading,
 * with O_NONBLOCK|O_NOCTTY|O_NOFOLLOW on the last step after resolution, so FIFOs and devices
 * never block. Errors are negative errno values: -ELOOP, -ENOENT, -EACCES, -ENOTDIR, -EISDIR,
 * -ENAMETOOLONG, and -EINVAL for "not a regular file". Thread-compatible, not thread-safe. */
struct sv_fs;

struct sv_fs *sv_fs_new(const char *root, struct sv_err *err); /* NULL on failure */
void sv_fs_free(struct sv_fs *fs);

/* Follows links / does not follow the last one. Owners, modes and types from the overlay win. */
int sv_fs_stat(struct sv_fs *fs, const char *path, struct stat *ret_st);
int sv_fs_lstat(struct sv_fs *fs, const char *path, struct stat *ret_st);
/* The link's text, arena-owned. */
int sv_fs_readlink(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_target);
/* Fully resolved path inside the root (SV_MAX_SYMLINKS, SV_MAX_PATH). */
int sv_fs_realpath(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_path);
/* Opens a regular file; the caller closes the descriptor. */
int sv_fs_open(struct sv_fs *fs, const char *path, struct stat *ret_st);
/* A folder, to open many of its entries by name, not to list them; the caller closes it. */
int sv_fs_open_dir(struct sv_fs *fs, const char *path);
/* An entry of an opened folder, if it is a regular file: links are not followed (-ELOOP), anything
 * else is refused (-EINVAL). The overlay does not hold for it. The caller closes it. */
int sv_fs_open_in(int dir, const char *name, struct stat *ret_st);
/* What an entry of an opened folder is; links are not followed. The overlay does not hold. */
int sv_fs_lstat_in(int dir, const char *name, struct stat *ret_st);
/* 0 if a folder's entries can be asked for, else why not. A small one is listed, so that asking for
 * many names costs little. */
int sv_fs_enter(struct sv_fs *fs, const char *dir);
/* True if the folder has an entry of the path's first part: a cheap "no" for most of the names that
 * are tried in many folders. */
bool sv_fs_may_have(struct sv_fs *fs, const char *dir, const char *path);
/* Reads at most `max` bytes (whole file if smaller) into the arena. If the file is larger, the
 * first `max` bytes come and *ret_truncated (may be NULL) is set. Files that grow or shrink while
 * read give what was read. */
int sv_fs_read(struct sv_fs *fs, struct sv_arena *a, const char *path, size_t max,
               struct sv_slice *ret_text, bool *ret_truncated);

struct sv_dirent {
    const char *name; /* arena-owned; any bytes but '/' and NUL */
    unsigned char type; /* DT_* of <dirent.h>; DT_UNKNOWN: it is not there any more */
};
struct sv_dirents {
    SV_VEC(struct sv_dirent) list;
    bool truncated; /* SV_MAX_DIR_ENTRIES reached */
};
/* Nothing is there: the error of a file or folder that is not, or lies below what is no folder. */
bool sv_fs_is_absent(int error);
/* Whether something is left out where a folder or file could not be opened, by its error: not if it
 * is not there, nor if this run is no root's and may not; then no other local user may either. */
bool sv_fs_is_gap(int error);
/* Entries without "." and "..", sorted by strcmp; none on failure. A caller that has no use for the
 * error may drop it: see sv_fs_unlisted(). One that looks for what a server or root's own programs
 * read tells whatever is not absent: what is closed to this run may be open to them. They are kept
 * for the reader's life, up to SV_MAX_FS_LISTS bytes of all folders, and the next question for the
 * same path gets those; those of a view are listed anew each time. */
int sv_fs_list(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_dirents *ret);
struct sv_unlisted {
    const char *path, *reason; /* in the base of a view */
};
struct sv_unlisted_list {
    SV_VEC(struct sv_unlisted) list;
};
/* The folders so far that could not be listed, which is a gap, or not to their end. */
const struct sv_unlisted_list *sv_fs_unlisted(struct sv_fs *fs);

/* glob(3) as nginx uses it: sorted, '*' and '?' skip a leading dot, '[...]', '\\' escapes; no
 * match gives zero paths and 0. A pattern without wildcards gives itself if it exists. -E2BIG
 * beyond SV_MAX_GLOB_WORK. */
struct sv_paths {
    SV_VEC(const char *) list;
};
int sv_fs_glob(struct sv_fs *fs, struct sv_arena *a, const char *pattern, struct sv_paths *ret);
/* The same for one of many patterns: they share the limit, and begin with *io_work at 0. */
int sv_fs_glob_within(struct sv_fs *fs, struct sv_arena *a, const char *pattern, size_t *io_work,
                      struct sv_paths *ret);

/* ---- views ---- */

/* The file system as a container sees it: folders and files of the same root put where its mounts
 * have them. What else is there comes from its image, which nobody can know: such a path is
 * -ENOENT, and sv_fs_unseen() names the last one that was asked for since sv_fs_unseen_forget()
 * (a .htaccess file does not count: images hold none). Freed together with `base`; every function
 * above takes it. Paths are the container's. */
struct sv_fs_mount {
    const char *target, *source; /* absolute and clean: in the view, in `base` */
};
struct sv_fs *sv_fs_view(struct sv_fs *base, const struct sv_fs_mount *mounts, size_t n);
bool sv_fs_is_view(const struct sv_fs *fs);
const char *sv_fs_unseen(const struct sv_fs *fs); /* valid until the next question; or NULL */
void sv_fs_unseen_forget(struct sv_fs *fs);
/* fs_view.c: the path in `base` of one in the view, the path itself where no mount brings it or
 * `fs` is no view. */
const char *sv_fs_outside(struct sv_fs *fs, struct sv_arena *a, const char *path);
/* The places in the view at which a file or folder of `base` can be seen; if `fs` is no view the
 * path itself. */
void sv_fs_inside(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_paths *ret);
/* What the mounts bring into a folder of the view, deeper down too: paths in `base`. */
void sv_fs_mounted_below(struct sv_fs *fs, struct sv_arena *a, const char *dir,
                         struct sv_paths *ret);
/* The mount that a path of the view is behind: its place in what sv_fs_view() was given, or -1. */
int sv_fs_mount_of(const struct sv_fs *fs, const char *path);
struct sv_fs *sv_fs_base(struct sv_fs *fs); /* itself, if it is no view */
const struct sv_fs_mount *sv_fs_mounts(const struct sv_fs *fs, size_t *ret_n);

/* Test overlay: pretend owner, group and mode bits (mode 07777, (unsigned)-1 keeps) of one path. */
void sv_fs_overlay(struct sv_fs *fs, const char *path, unsigned uid, unsigned gid, unsigned mode);

/* True if POSIX ACL bytes (system.posix_acl_access, Linux xattr format) were read; 0 none. */
int sv_fs_acl(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_slice *ret_xattr);

/* Lexical: makes absolute against `base` if relative, removes "." , ".." and "//". */
const char *sv_path_join(struct sv_arena *a, const char *base, const char *path);
const char *sv_path_dir(struct sv_arena *a, const char *path);  /* dirname, "/" at the top */
const char *sv_path_base(const char *path);                     /* pointer into path */
bool sv_path_below(const char *path, const char *dir);          /* path == dir or inside it */

#endif
