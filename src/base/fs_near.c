// SPDX-License-Identifier: Apache-2.0
// Opens folders by their whole path where the kernel keeps it free of links and inside the root.
#include "base/fs_near.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/map.h"

/* "/a/b", not "/a/../b", "//a" or "/a/": only then two spellings are two folders. */
static bool is_plain(const char *path, size_t n)
{
    if (n >= SV_MAX_PATH || path[n - 1] == '/' || path[0] != '/')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (path[i] != '/')
            continue;
        const char *part = path + i + 1;
        size_t left = n - i - 1, dots = 0;
        while (dots < 2 && dots < left && part[dots] == '.')
            dots++;
        if (left == 0 || part[0] == '/' || (dots && (dots == left || part[dots] == '/')))
            return false;
    }
    return true;
}

#ifdef HAVE_LINUX_OPENAT2_H
static int open_below(struct sv_near *near, const char *path, size_t n, bool readable)
{
    char relative[SV_MAX_PATH];
    struct open_how how = {
        .flags = O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | (readable ? O_RDONLY : O_PATH),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    if (near->no_openat2 || near->root < 0)
        return -EAGAIN;
    memcpy(relative, path + 1, n - 1);
    relative[n - 1] = '\0';
    int fd = (int)syscall(SYS_openat2, near->root, relative, &how, sizeof how);
    if (fd >= 0)
        return fd;
    near->no_openat2 = errno == ENOSYS || errno == EPERM;
    return errno == ENOENT ? -ENOENT : -EAGAIN;
}
#else
static int open_below(struct sv_near *near, const char *path, size_t n, bool readable)
{
    (void)near, (void)path, (void)n, (void)readable;
    return -EAGAIN;
}
#endif

static struct sv_near_folder *find(struct sv_near *near, const char *path, size_t n, uint32_t hash)
{
    for (size_t i = 0; i < SV_NEAR_FOLDERS; i++) {
        struct sv_near_folder *f = &near->list[i];
        if (f->path && f->hash == hash && f->n == n && memcmp(f->path, path, n) == 0)
            return f;
    }
    return NULL;
}

static void forget(struct sv_near_folder *f)
{
    if (f->path)
        close(f->fd);
    free(f->path);
    f->path = NULL;
}

/* In place of the one that was not asked for longest. */
static void keep(struct sv_near *near, const char *path, size_t n, uint32_t hash, int fd,
                 bool readable)
{
    struct sv_near_folder *f = &near->list[0];
    for (size_t i = 1; i < SV_NEAR_FOLDERS && f->path && !near->only_one; i++)
        if (!near->list[i].path || near->list[i].used < f->used)
            f = &near->list[i];
    forget(f);
    *f = (struct sv_near_folder){.fd = fd, .readable = readable, .hash = hash,
                                 .used = ++near->clock, .n = n, .path = malloc(n + 1)};
    if (!f->path)
        abort();
    memcpy(f->path, path, n);
    f->path[n] = '\0';
}

int sv_near_folder(struct sv_near *near, const char *path, size_t n, bool readable)
{
    if (n == 0 && !readable && near->root >= 0)
        return near->root;
    if (n == 0 || !is_plain(path, n))
        return -EAGAIN;
    uint32_t hash = sv_hash((struct sv_slice){path, n});
    struct sv_near_folder *f = find(near, path, n, hash);
    if (!f) {
        int fd = open_below(near, path, n, readable);
        if (fd >= 0)
            keep(near, path, n, hash, fd, readable);
        return fd;
    }
    f->used = ++near->clock;
    if (readable && !f->readable) {
        int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            return -EAGAIN;
        close(f->fd);
        f->fd = fd;
        f->readable = true;
    }
    return f->fd;
}

int sv_near_find(struct sv_near *near, const char *path, size_t n)
{
    struct sv_near_folder *f = find(near, path, n, sv_hash((struct sv_slice){path, n}));
    if (!f)
        return n == 0 && near->root >= 0 ? near->root : -EAGAIN;
    f->used = ++near->clock;
    return f->fd;
}

int sv_near_take(struct sv_near *near, const char *path, size_t n)
{
    int fd = sv_near_folder(near, path, n, true);
    if (fd < 0)
        return fd;
    struct sv_near_folder *f = find(near, path, n, sv_hash((struct sv_slice){path, n}));
    free(f->path);
    f->path = NULL;
    return fd;
}

int sv_near_parent(struct sv_near *near, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : "";
    if (!name[0] || (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]))))
        return -EAGAIN;
    *ret_name = name;
    return sv_near_folder(near, path, (size_t)(slash - path), false);
}

void sv_near_keep(struct sv_near *near, const char *path, size_t n, int fd)
{
    uint32_t hash = sv_hash((struct sv_slice){path, n});
    if (find(near, path, n, hash))
        close(fd);
    else
        keep(near, path, n, hash, fd, false);
}

void sv_near_close(struct sv_near *near)
{
    for (size_t i = 0; i < SV_NEAR_FOLDERS; i++)
        forget(&near->list[i]);
}

/* ---- what is in one ---- */

/* As getdents64(2) gives them. */
struct entry {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    unsigned char type;
    char name[];
};

/* File systems without d_type say of each entry that its type is unknown. */
static unsigned char type_of(int fd, const struct entry *e)
{
    struct stat st;
    return e->type == DT_UNKNOWN && sv_fs_lstat_in(fd, e->name, &st) == 0 ? IFTODT(st.st_mode)
                                                                          : e->type;
}

int sv_near_entries(int fd, struct sv_arena *a, struct sv_dirents *ret)
{
    _Alignas(struct entry) char buffer[32 << 10];
    long got = 1;
    while (got > 0 && !ret->truncated) {
        got = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
        for (long at = 0; at < got && !ret->truncated;) {
            const struct entry *e = (const struct entry *)(buffer + at);
            at += e->size;
            if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
                continue;
            ret->truncated = ret->list.n >= SV_MAX_DIR_ENTRIES;
            if (!ret->truncated)
                sv_vec_push(a, &ret->list,
                            (struct sv_dirent){sv_arena_strdup(a, e->name), type_of(fd, e)});
        }
    }
    return got < 0 ? -errno : 0;
}

int sv_near_list(struct sv_near *near, const char *path, size_t n, struct sv_arena *a,
                 struct sv_dirents *ret)
{
    int fd = sv_near_folder(near, path, n, true);
    if (fd < 0)
        return fd;
    struct sv_near_folder *f = find(near, path, n, sv_hash((struct sv_slice){path, n}));
    if (f->listed && lseek(fd, 0, SEEK_SET) < 0)
        return -EAGAIN;
    f->listed = true;
    int rc = sv_near_entries(fd, a, ret);
    return rc == -EAGAIN ? -EIO : rc; /* a walk would come upon the same */
}
