// SPDX-License-Identifier: Apache-2.0
// Links are resolved here, component by component, and never leave the root; views of containers.
#include "base/fs_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs_place.h"

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
    fs->root_fd = fs->near.root = fd;
    return fs;
}

void sv_fs_free(struct sv_fs *fs)
{
    if (!fs)
        return;
    sv_fs_free(fs->views);
    sv_near_close(&fs->near);
    if (fs->root_fd >= 0)
        close(fs->root_fd);
    sv_arena_clear(&fs->arena);
    sv_fs_forget(&fs->facts);
    sv_arena_clear(&fs->lists.arena);
    free(fs);
}

/* ---- views ---- */

struct sv_fs *sv_fs_view(struct sv_fs *base, const struct sv_fs_mount *mounts, size_t n)
{
    struct sv_fs *fs = calloc(1, sizeof *fs);
    if (!fs)
        abort();
    struct sv_fs_mount *own = sv_new_n(&fs->arena, struct sv_fs_mount, n + 1);
    for (size_t i = 0; i < n; i++)
        own[i] = (struct sv_fs_mount){sv_arena_strdup(&fs->arena, mounts[i].target),
                                      sv_arena_strdup(&fs->arena, mounts[i].source)};
    fs->base = base;
    fs->mounts = own;
    fs->n_mounts = n;
    fs->root_fd = -1; /* no descriptor of its own: there may be thousands of containers */
    fs->near.root = -1; /* any part of a path may be a mount: only a walk can tell */
    fs->near.only_one = true;
    fs->views = base->views;
    base->views = fs;
    return fs;
}

bool sv_fs_is_view(const struct sv_fs *fs)
{
    return fs->base != NULL;
}

struct sv_fs *sv_fs_base(struct sv_fs *fs)
{
    return fs->base ? fs->base : fs;
}

const struct sv_fs_mount *sv_fs_mounts(const struct sv_fs *fs, size_t *ret_n)
{
    *ret_n = fs->n_mounts;
    return fs->mounts;
}

const char *sv_fs_unseen(const struct sv_fs *fs)
{
    return fs->unseen[0] ? fs->unseen : NULL;
}

void sv_fs_unseen_forget(struct sv_fs *fs)
{
    fs->unseen[0] = '\0';
}

/* ---- resolution ---- */

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
    int fd = fcntl(sv_fs_base(fs)->root_fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -errno;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = fd;
    w->n = 0;
    w->path[0] = '\0';
    w->bare = fs->base != NULL;
    return 0;
}

/* Begins in a folder that is near. */
static int begin_in(struct walk *w, int dir, const char *path, size_t n)
{
    int fd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -errno;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = fd;
    w->n = n;
    w->bare = false;
    memmove(w->path, path, n);
    w->path[n] = '\0';
    return 0;
}

/* How long the name of the folder is in which the path's last entry stands; 0: it is the root, or
 * the entry has no plain name. */
static size_t parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? strlen(slash + 1) : 0;
    bool dots = n && slash[1] == '.' && (n == 1 || (n == 2 && slash[2] == '.'));
    return n && !dots ? (size_t)(slash - path) : 0;
}

/* In the folder that holds the path's last entry if that is near, else in the root. */
static int begin(struct sv_fs *fs, struct walk *w, const char *path)
{
    char now[SV_MAX_PATH];
    size_t n = fs->base ? 0 : parent_of(path);
    memcpy(now, path, strlen(path) + 1);
    memcpy(w->asked, path, n);
    w->asked[n] = '\0';
    w->asked_n = n;
    int dir = n ? sv_fs_place_folder(fs, now, &n, false) : -EAGAIN;
    if (dir < 0 && dir != -EAGAIN)
        return dir;
    const char *todo = dir >= 0 ? now + n + 1 : path;
    memcpy(w->todo, todo, strlen(todo) + 1);
    if (dir < 0)
        return restart(fs, w);
    w->asked_n = 0;
    return begin_in(w, dir, now, n);
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
    if (fs->base) { /* through its mounts again */
        char rest[SV_MAX_PATH];
        memcpy(rest, w->todo, strlen(w->todo) + 1);
        int err = push_todo(w, keep, rest + strspn(rest, "/"));
        return err < 0 ? err : restart(fs, w);
    }
    int near = sv_near_folder(&fs->near, keep, n, false);
    if (near >= 0)
        return begin_in(w, near, keep, n);
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

/* An entry of a folder of a view: what a mount brings, else what lies behind the last one, else a
 * folder of the image that leads to a mount. */
static int open_in_view(struct sv_fs *fs, const struct walk *w, const char *name, bool *ret_bare)
{
    char path[SV_MAX_PATH];
    bool leads = false;
    int n = snprintf(path, sizeof path, "%s/%s", w->path, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return -ENAMETOOLONG;
    for (size_t i = fs->n_mounts; i-- > 0;) {
        struct walk in;
        if (strcmp(fs->mounts[i].target, path) != 0) {
            leads |= sv_path_below(fs->mounts[i].target, path);
            continue;
        }
        int rc = sv_fs_resolve(fs->base, fs->mounts[i].source, true, &in);
        *ret_bare = false;
        return rc < 0 ? rc : in.fd;
    }
    *ret_bare = w->bare;
    int fd = !w->bare ? openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)
             : leads  ? fcntl(w->fd, F_DUPFD_CLOEXEC, 3)
                      : -1;
    if (w->bare && !leads) {
        if (strcmp(name, ".htaccess") != 0)
            memcpy(fs->unseen, path, (size_t)n + 1);
        return -ENOENT;
    }
    return fd < 0 ? -errno : fd;
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
    memmove(w->todo, rest, strlen(rest) + 1); /* from here on `tail` points at other text */
    if (strcmp(name, ".") == 0)
        return 1;
    if (strcmp(name, "..") == 0) {
        int rc = parent(fs, w);
        return rc < 0 ? rc : 1;
    }
    if (last && w->asked_n) { /* where the folder is that was asked for */
        sv_fs_keep(&fs->facts, SV_FS_FOLDER, (struct sv_slice){w->asked, w->asked_n},
                   &(struct sv_fs_fact){.text = {w->path, w->n}});
        w->asked_n = 0;
    }
    bool bare = false;
    int fd = fs->base ? open_in_view(fs, w, name, &bare)
                      : openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fs->base ? fd : -errno;
    struct stat st;
    int rc = fstat(fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && S_ISLNK(st.st_mode) && (!last || follow_last || *rest == '/')) {
        rc = follow(fs, w, fd, rest + strspn(rest, "/"));
        close(fd);
        return rc < 0 ? rc : 1;
    }
    if (rc == 0 && w->n + len + 1 >= sizeof w->path)
        rc = -ENAMETOOLONG;
    if (rc == 0 && *rest == '/' && !S_ISDIR(st.st_mode))
        rc = -ENOTDIR;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    if (last && w->n && !fs->base)
        sv_near_keep(&fs->near, w->path, w->n, w->fd);
    else
        close(w->fd);
    w->fd = fd;
    w->bare = bare;
    w->path[w->n++] = '/';
    memcpy(w->path + w->n, name, len + 1);
    w->n += len;
    return 1;
}

int sv_fs_resolve(struct sv_fs *fs, const char *path, bool follow_last, struct walk *w)
{
    size_t n = strlen(path);
    w->fd = -1;
    w->links = 0;
    if (n >= sizeof w->todo)
        return -ENAMETOOLONG;
    int rc = begin(fs, w, path);
    if (rc == 0)
        while ((rc = step(fs, w, follow_last)) > 0)
            continue;
    if (rc < 0 && w->fd >= 0)
        close(w->fd);
    return rc;
}
