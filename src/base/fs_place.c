// SPDX-License-Identifier: Apache-2.0
// Follows links by their text behind folders that are near, and remembers where folders are.
#include "base/fs_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Folders above one that are asked in turn; deeper down a walk does it. */
enum { MAX_ABOVE = 16 };

/* `to` in place of path[0, n). */
static bool replace(char path[SV_MAX_PATH], size_t n, struct sv_slice to)
{
    size_t rest = strlen(path + n) + 1;
    if (to.n + rest > SV_MAX_PATH)
        return false;
    memmove(path + to.n, path + n, rest);
    memcpy(path, to.p, to.n);
    return true;
}

/* Puts the target of a link in place of what stands behind a folder that was reached without one:
 * there, and only there, ".." is the folder above by the text alone. False: a target in which ".."
 * stands elsewhere, or that ends in '/'. */
static bool put_target(char path[SV_MAX_PATH], size_t folder, const char *target)
{
    if (target[0] == '/') {
        folder = 0;
        target++;
    }
    for (; strncmp(target, "../", 3) == 0; target += 3)
        while (folder && path[--folder] != '/')
            continue;
    for (const char *p = target;; p++) {
        size_t n = strcspn(p, "/");
        if (n == 0 || (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
            return false;
        p += n;
        if (!*p)
            break;
    }
    size_t n = strlen(target);
    if (folder + n + 2 > SV_MAX_PATH)
        return false;
    path[folder] = '/';
    memcpy(path + folder + 1, target, n + 1);
    return true;
}

/* Reads a link and puts its target in place of it. 0: it is none. */
static int follow(int dir, const char *name, char path[SV_MAX_PATH], size_t folder,
                  unsigned *io_links)
{
    char target[SV_MAX_PATH];
    ssize_t n = readlinkat(dir, name, target, sizeof target - 1);
    if (n < 0)
        return errno == EINVAL ? 0 : errno == ENOENT ? -ENOENT : -EAGAIN;
    if (++*io_links > SV_MAX_SYMLINKS)
        return -ELOOP;
    target[n] = '\0';
    return put_target(path, folder, target) ? 1 : -EAGAIN;
}

struct way {
    struct sv_fs *fs;
    unsigned links, above;
    bool moved;
};

static int folder(struct way *w, char path[SV_MAX_PATH], size_t *io_n, bool readable);

/* The same where only the folder above it tells: it is a link, or stands behind one. */
static int below(struct way *w, char path[SV_MAX_PATH], size_t *io_n, bool readable)
{
    char name[NAME_MAX + 1], rest[SV_MAX_PATH];
    size_t n = *io_n, slash = n;
    while (slash && path[--slash] != '/')
        continue;
    size_t length = n - slash - 1;
    if (path[slash] != '/' || length == 0 || length > NAME_MAX || ++w->above > MAX_ABOVE)
        return -EAGAIN;
    memcpy(name, path + slash + 1, length);
    name[length] = '\0';
    memcpy(rest, path + n, strlen(path + n) + 1);
    int dir = folder(w, path, &slash, false);
    int rc = dir < 0 ? dir : follow(dir, name, path, slash, &w->links);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        *io_n = slash + 1 + length;
        return sv_near_folder(&w->fs->near, path, *io_n, readable);
    }
    w->moved = true;
    *io_n = strlen(path);
    if (*io_n + strlen(rest) >= SV_MAX_PATH)
        return -EAGAIN;
    memcpy(path + *io_n, rest, strlen(rest) + 1);
    return folder(w, path, io_n, readable);
}

static int folder(struct way *w, char path[SV_MAX_PATH], size_t *io_n, bool readable)
{
    struct sv_near *near = &w->fs->near;
    struct sv_fs_facts *facts = &w->fs->facts;
    char asked[SV_MAX_PATH];
    struct sv_slice name = {asked, *io_n};
    int fd = sv_near_find(near, path, *io_n);
    if (fd >= 0)
        return readable ? sv_near_folder(near, path, *io_n, true) : fd;
    memcpy(asked, path, *io_n);
    const struct sv_fs_fact *known = sv_fs_known(facts, SV_FS_FOLDER, name);
    if (known && known->rc < 0)
        return known->rc;
    if (known && !replace(path, *io_n, known->text))
        return -EAGAIN;
    if (known) {
        *io_n = known->text.n;
        w->moved = true;
    }
    fd = sv_near_folder(near, path, *io_n, readable);
    if (known || near->no_openat2 || (fd < 0 && fd != -ENOENT && fd != -EAGAIN))
        return fd;
    if (fd == -EAGAIN && (fd = below(w, path, io_n, readable)) >= 0)
        sv_fs_keep(facts, SV_FS_FOLDER, name, &(struct sv_fs_fact){.text = {path, *io_n}});
    else if (fd == -ENOENT)
        sv_fs_keep(facts, SV_FS_FOLDER, name, &(struct sv_fs_fact){.rc = fd});
    return fd;
}

int sv_fs_place_folder(struct sv_fs *fs, char path[SV_MAX_PATH], size_t *io_n, bool readable)
{
    return folder(&(struct way){.fs = fs}, path, io_n, readable);
}

/* ---- an entry ---- */

/* The last part of a path, if it is a plain name. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : "";
    bool dots = name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
    return name[0] && !dots ? name : NULL;
}

/* What a list of the folder says; -ENOENT. */
static int look_up(const struct sv_fs *fs, struct sv_fs_place *p)
{
    int type = sv_fs_lists_entry(&fs->lists, p->path);
    p->type = type > 0 ? (unsigned char)type : DT_UNKNOWN;
    return type < 0 ? type : 0;
}

static int ask(struct sv_fs_place *p, struct stat *ret_st)
{
    if (fstatat(p->dir, p->name, ret_st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
        return -errno;
    p->type = IFTODT(ret_st->st_mode);
    return 0;
}

/* One entry, links before it followed. 1: it is a link that was put in place of the path. */
static int step(struct way *w, bool follow_last, struct sv_fs_place *p, struct stat *ret_st)
{
    struct stat st;
    const char *name = last_part(p->path);
    size_t n = name ? (size_t)(name - p->path) - 1 : 0;
    int rc = name ? look_up(w->fs, p) : -EAGAIN;
    if (rc < 0)
        return rc;
    w->above = 0;
    p->dir = folder(w, p->path, &n, false);
    if (p->dir < 0)
        return p->dir;
    p->name = p->path + n + 1;
    if (p->type == DT_UNKNOWN && w->moved && (rc = look_up(w->fs, p)) < 0)
        return rc;
    bool linked = follow_last && p->type == DT_LNK;
    if (!linked && (ret_st || p->type == DT_UNKNOWN)) {
        if ((rc = ask(p, ret_st ? ret_st : &st)) < 0)
            return rc;
        linked = follow_last && p->type == DT_LNK;
    }
    if (!linked)
        return 0;
    rc = follow(p->dir, p->name, p->path, n, &w->links);
    w->moved |= rc == 1;
    return rc == 0 ? -EAGAIN : rc; /* a link no more */
}

int sv_fs_place(struct sv_fs *fs, const char *path, bool follow_last, struct sv_fs_place *ret,
                struct stat *ret_st)
{
    struct way w = {.fs = fs};
    size_t n = strlen(path);
    int rc;
    if (n >= sizeof ret->path)
        return -ENAMETOOLONG;
    memcpy(ret->path, path, n + 1);
    do
        rc = step(&w, follow_last, ret, ret_st);
    while (rc > 0);
    ret->moved = w.moved;
    return rc;
}
