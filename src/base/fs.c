// SPDX-License-Identifier: Apache-2.0
// The rooted reader: links are resolved here, component by component, and never leave the root.
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs_facts.h"
#include "base/limits.h"

struct overlay {
    const char *path;
    unsigned uid, gid, mode;
};

/* The folder that the last resolution went through: files are asked for side by side. Its path is
 * resolved: no part of it was a link. A folder that is renamed meanwhile stays the one it was. */
struct near {
    int fd; /* O_PATH; -1: none yet */
    size_t n;
    char path[SV_MAX_PATH];
};

struct sv_fs {
    struct sv_arena arena;
    int root_fd;
    struct near near;
    SV_VEC(struct overlay) overlays;
    struct sv_fs_facts facts;
};

struct sv_fs *sv_fs_new(const char *root, struct sv_err *err)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        sv_err_set(err, errno, "cannot open the root folder %s: %s", root, strerror(errno));
        return NULL;
    }
    /* Else each file would look as if it had vanished, and the audit as if it had found nothing. */
    if (access("/proc/self/fd", X_OK) < 0) {
        sv_err_set(err, errno, "/proc is not mounted: no file can be opened safely without it");
        close(fd);
        return NULL;
    }
    struct sv_fs *fs = calloc(1, sizeof *fs);
    if (!fs)
        abort();
    fs->root_fd = fd;
    fs->near.fd = -1;
    return fs;
}

void sv_fs_free(struct sv_fs *fs)
{
    if (!fs)
        return;
    close(fs->root_fd);
    if (fs->near.fd >= 0)
        close(fs->near.fd);
    sv_arena_clear(&fs->arena);
    sv_fs_forget(&fs->facts);
    free(fs);
}

/* ---- resolution ---- */

/* A walk keeps the folder's descriptor and its resolved path; `todo` is what is still to go. */
struct walk {
    int fd; /* O_PATH of the folder reached; owned */
    char path[SV_MAX_PATH];
    size_t n;
    char todo[SV_MAX_PATH];
    unsigned links;
};

static int push_todo(struct walk *w, const char *text, const char *rest)
{
    char joined[SV_MAX_PATH];
    int n = snprintf(joined, sizeof joined, "%s%s%s", text, *rest ? "/" : "", rest);
    if (n < 0 || (size_t)n >= sizeof joined)
        return -ENAMETOOLONG;
    memcpy(w->todo, joined, (size_t)n + 1);
    return 0;
}

static int restart(struct sv_fs *fs, struct walk *w)
{
    int fd = fcntl(fs->root_fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -errno;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = fd;
    w->n = 0;
    w->path[0] = '\0';
    return 0;
}

/* Begins in the folder that is near, if the path names an entry of it. */
static bool begin_near(struct sv_fs *fs, const char *path, struct walk *w)
{
    const struct near *near = &fs->near;
    const char *slash = strrchr(path, '/');
    if (near->fd < 0 || !slash || (size_t)(slash - path) != near->n || !slash[1] ||
        memcmp(path, near->path, near->n) != 0)
        return false;
    w->fd = fcntl(near->fd, F_DUPFD_CLOEXEC, 3);
    if (w->fd < 0)
        return false;
    w->n = near->n;
    memcpy(w->path, near->path, near->n + 1);
    memcpy(w->todo, slash + 1, strlen(slash + 1) + 1);
    return true;
}

/* Keeps the folder that the walk leaves for its last entry; takes the descriptor over. */
static void keep_near(struct sv_fs *fs, const struct walk *w)
{
    if (fs->near.fd >= 0)
        close(fs->near.fd);
    fs->near.fd = w->fd;
    fs->near.n = w->n;
    memcpy(fs->near.path, w->path, w->n);
    fs->near.path[w->n] = '\0';
}

/* ".." by re-walking the already resolved parent, so that no race can step out of the root. */
static int parent(struct sv_fs *fs, struct walk *w)
{
    while (w->n && w->path[w->n - 1] != '/')
        w->n--;
    if (w->n)
        w->n--;
    char keep[SV_MAX_PATH];
    size_t n = w->n;
    memcpy(keep, w->path, n);
    keep[n] = '\0';
    int rc = restart(fs, w);
    for (char *p = keep; rc == 0 && *p;) {
        char *part = p + 1;
        size_t len = strcspn(part, "/");
        char end = part[len];
        part[len] = '\0';
        int fd = openat(w->fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        part[len] = end;
        if (fd < 0)
            return -errno;
        close(w->fd);
        w->fd = fd;
        p = part + len;
    }
    memcpy(w->path, keep, n + 1);
    w->n = n;
    return rc;
}

static int follow(struct sv_fs *fs, struct walk *w, int link_fd, const char *rest)
{
    char target[SV_MAX_PATH];
    if (++w->links > SV_MAX_SYMLINKS)
        return -ELOOP;
    ssize_t n = readlinkat(link_fd, "", target, sizeof target - 1);
    if (n < 0)
        return -errno;
    target[n] = '\0';
    int rc = push_todo(w, target, rest);
    if (rc == 0 && target[0] == '/')
        rc = restart(fs, w);
    return rc;
}

/* Goes on with one component. 1: there is more, 0: done. */
static int step(struct sv_fs *fs, struct walk *w, bool follow_last)
{
    char *p = w->todo + strspn(w->todo, "/");
    if (!*p)
        return 0;
    size_t len = strcspn(p, "/");
    if (len > 255)
        return -ENAMETOOLONG;
    char name[256];
    memcpy(name, p, len);
    name[len] = '\0';
    char rest[SV_MAX_PATH];
    const char *tail = p + len;
    bool last = tail[strspn(tail, "/")] == '\0';
    memcpy(rest, tail, strlen(tail) + 1);
    memmove(w->todo, rest, strlen(rest) + 1);
    if (strcmp(name, ".") == 0)
        return 1;
    if (strcmp(name, "..") == 0) {
        int rc = parent(fs, w);
        return rc < 0 ? rc : 1;
    }
    int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    int rc = fstat(fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && S_ISLNK(st.st_mode) && (!last || follow_last || *tail == '/')) {
        rc = follow(fs, w, fd, rest + strspn(rest, "/"));
        close(fd);
        return rc < 0 ? rc : 1;
    }
    if (rc == 0 && w->n + len + 1 >= sizeof w->path)
        rc = -ENAMETOOLONG;
    if (rc == 0 && *tail == '/' && !S_ISDIR(st.st_mode))
        rc = -ENOTDIR;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    if (last && w->n)
        keep_near(fs, w);
    else
        close(w->fd);
    w->fd = fd;
    w->path[w->n++] = '/';
    memcpy(w->path + w->n, name, len + 1);
    w->n += len;
    return 1;
}

/* On success the caller closes w->fd. */
static int resolve(struct sv_fs *fs, const char *path, bool follow_last, struct walk *w)
{
    size_t n = strlen(path);
    w->fd = -1;
    w->links = 0;
    if (n >= sizeof w->todo)
        return -ENAMETOOLONG;
    memcpy(w->todo, path, n + 1);
    int rc = begin_near(fs, path, w) ? 0 : restart(fs, w);
    if (rc == 0)
        while ((rc = step(fs, w, follow_last)) > 0)
            continue;
    if (rc < 0 && w->fd >= 0)
        close(w->fd);
    return rc;
}

static const char *resolved_path(const struct walk *w)
{
    return w->n ? w->path : "/";
}

/* ---- questions ---- */

static void apply_overlay(struct sv_fs *fs, const char *path, struct stat *st)
{
    sv_vec_each(o, &fs->overlays)
    {
        if (strcmp(o->path, path) != 0)
            continue;
        if (o->uid != (unsigned)-1)
            st->st_uid = o->uid;
        if (o->gid != (unsigned)-1)
            st->st_gid = o->gid;
        if (o->mode != (unsigned)-1)
            st->st_mode = (st->st_mode & S_IFMT) | (o->mode & 07777);
    }
}

void sv_fs_overlay(struct sv_fs *fs, const char *path, unsigned uid, unsigned gid, unsigned mode)
{
    sv_vec_push(&fs->arena, &fs->overlays,
                (struct overlay){sv_arena_strdup(&fs->arena, path), uid, gid, mode});
    sv_fs_forget(&fs->facts);
}

static int stat_path(struct sv_fs *fs, const char *path, bool follow_last, struct stat *ret_st)
{
    struct walk w;
    struct stat st;
    int rc = resolve(fs, path, follow_last, &w);
    if (rc < 0)
        return rc;
    rc = fstat(w.fd, &st) < 0 ? -errno : 0;
    close(w.fd);
    if (rc < 0)
        return rc;
    apply_overlay(fs, resolved_path(&w), &st);
    *ret_st = st;
    return 0;
}

static int known_stat(struct sv_fs *fs, const char *path, enum sv_fs_question q,
                      struct stat *ret_st)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, q, path);
    struct sv_fs_fact fact = {0};
    if (!known) {
        fact.rc = stat_path(fs, path, q == SV_FS_STAT, &fact.st);
        sv_fs_keep(&fs->facts, q, path, &fact);
        known = &fact;
    }
    if (known->rc == 0)
        *ret_st = known->st;
    return known->rc;
}

int sv_fs_stat(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    return known_stat(fs, path, SV_FS_STAT, ret_st);
}

int sv_fs_lstat(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    return known_stat(fs, path, SV_FS_LSTAT, ret_st);
}

int sv_fs_readlink(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_target)
{
    struct walk w;
    char target[SV_MAX_PATH];
    int rc = resolve(fs, path, false, &w);
    if (rc < 0)
        return rc;
    ssize_t n = readlinkat(w.fd, "", target, sizeof target);
    rc = n < 0 ? -errno : (size_t)n >= sizeof target ? -ENAMETOOLONG : 0;
    close(w.fd);
    if (rc == 0)
        *ret_target = sv_arena_copy(a, (struct sv_slice){target, (size_t)n}).p;
    return rc;
}

int sv_fs_realpath(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_path)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, SV_FS_REAL, path);
    struct sv_fs_fact fact = {0};
    struct walk w;
    if (!known) {
        fact.rc = resolve(fs, path, true, &w);
        if (fact.rc == 0) {
            close(w.fd);
            fact.text = sv_slice_of(resolved_path(&w));
        }
        sv_fs_keep(&fs->facts, SV_FS_REAL, path, &fact);
        known = &fact;
    }
    if (known->rc == 0)
        *ret_path = sv_arena_copy(a, known->text).p;
    return known->rc;
}

/* Reopens an O_PATH descriptor; the type was checked, so nothing that blocks is opened. */
static int reopen(int fd, int flags)
{
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int out = open(self, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return out < 0 ? -errno : out;
}

int sv_fs_open(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    struct walk w;
    struct stat st;
    int rc = resolve(fs, path, true, &w);
    if (rc < 0)
        return rc;
    rc = fstat(w.fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    if (rc == 0)
        rc = reopen(w.fd, O_RDONLY);
    close(w.fd);
    if (rc >= 0 && ret_st) {
        apply_overlay(fs, resolved_path(&w), &st);
        *ret_st = st;
    }
    return rc;
}

int sv_fs_open_dir(struct sv_fs *fs, const char *path)
{
    struct walk w;
    struct stat st;
    int rc = resolve(fs, path, true, &w);
    if (rc < 0)
        return rc;
    rc = fstat(w.fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
    if (rc == 0)
        rc = reopen(w.fd, O_RDONLY | O_DIRECTORY);
    close(w.fd);
    return rc;
}

/* One open for a file of which the folder says that it is regular: O_NONBLOCK keeps a FIFO that was
 * put in its place from blocking, and it is never read. */
int sv_fs_open_in(int dir, const char *name, struct stat *ret_st)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, ret_st) < 0 ? -errno : S_ISREG(ret_st->st_mode) ? 0 : -EINVAL;
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int sv_fs_lstat_in(int dir, const char *name, struct stat *ret_st)
{
    return fstatat(dir, name, ret_st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

bool sv_fs_may_have(int dir, const char *path)
{
    char first[NAME_MAX + 1];
    struct stat st;
    size_t n = strcspn(path, "/");
    if (n >= sizeof first)
        return false;
    memcpy(first, path, n);
    first[n] = 0;
    return sv_fs_lstat_in(dir, first, &st) == 0;
}

int sv_fs_read(struct sv_fs *fs, struct sv_arena *a, const char *path, size_t max,
               struct sv_slice *ret_text, bool *ret_truncated)
{
    struct stat st;
    int fd = sv_fs_open(fs, path, &st);
    if (fd < 0)
        return fd;
    size_t want = (unsigned long long)st.st_size < max ? (size_t)st.st_size : max;
    /* /proc files and growing ones say too little; one page more tells. */
    if (want + 4096 < max)
        want += 4096;
    else
        want = max;
    char *p = sv_arena_alloc(a, want + 1);
    size_t n = 0;
    int rc = 0;
    while (n < want) {
        ssize_t got = read(fd, p + n, want - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            rc = -errno;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    sv_arena_shrink(a, p, want + 1, rc < 0 ? 0 : n + 1);
    if (rc < 0)
        return rc;
    *ret_text = (struct sv_slice){p, n};
    if (ret_truncated)
        *ret_truncated = n == want && (unsigned long long)st.st_size > n;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sv_dirent *)a)->name, ((const struct sv_dirent *)b)->name);
}

bool sv_fs_is_gap(int error)
{
    if (error == -ENOENT || error == -ENOTDIR)
        return false;
    return geteuid() == 0 || error != -EACCES;
}

int sv_fs_list(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_dirents *ret)
{
    struct walk w;
    int rc = resolve(fs, path, true, &w);
    if (rc < 0)
        return rc;
    int fd = openat(w.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    rc = fd < 0 ? -errno : 0;
    close(w.fd);
    if (rc < 0)
        return rc;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        rc = -errno;
        close(fd);
        return rc;
    }
    const struct dirent *e;
    while ((e = readdir(dir))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (ret->list.n >= SV_MAX_DIR_ENTRIES) {
            ret->truncated = true;
            break;
        }
        sv_vec_push(a, &ret->list, (struct sv_dirent){sv_arena_strdup(a, e->d_name), e->d_type});
    }
    closedir(dir);
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_name);
    return 0;
}

static int read_acl(struct sv_fs *fs, const char *path, char *buf, size_t size,
                    struct sv_slice *ret_acl)
{
    struct walk w;
    char self[32];
    int rc = resolve(fs, path, true, &w);
    if (rc < 0)
        return rc;
    snprintf(self, sizeof self, "/proc/self/fd/%d", w.fd);
    ssize_t n = getxattr(self, "system.posix_acl_access", buf, size);
    close(w.fd);
    if (n <= 0)
        return 0;
    *ret_acl = (struct sv_slice){buf, (size_t)n};
    return 1;
}

int sv_fs_acl(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_slice *ret_xattr)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, SV_FS_ACL, path);
    struct sv_fs_fact fact = {0};
    char value[4096];
    if (!known) {
        fact.rc = read_acl(fs, path, value, sizeof value, &fact.text);
        sv_fs_keep(&fs->facts, SV_FS_ACL, path, &fact);
        known = &fact;
    }
    if (known->rc > 0)
        *ret_xattr = sv_arena_copy(a, known->text);
    return known->rc;
}
