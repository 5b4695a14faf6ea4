// SPDX-License-Identifier: Apache-2.0
// The rooted reader: what is asked about a path once fs_walk.c has led to it.
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs_place.h"

static const char *resolved_path(const struct walk *w)
{
    return w->n ? w->path : "/";
}

/* A folder of the image: nobody has looked, but it leads to a mount, so it is one. */
static void as_in_image(const struct walk *w, struct stat *st)
{
    *st = (struct stat){.st_mode = S_IFDIR | 0755, .st_ino = sv_hash(sv_slice_of(w->path))};
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

static int place(struct sv_fs *fs, const char *path, bool follow_last, struct sv_fs_place *ret,
                 struct stat *ret_st)
{
    return fs->base ? -EAGAIN : sv_fs_place(fs, path, follow_last, ret, ret_st);
}

static int stat_path(struct sv_fs *fs, const char *path, bool follow_last, struct stat *ret_st,
                     bool *ret_plain)
{
    struct sv_fs_place p;
    struct walk w;
    struct stat st = {0};
    int rc = place(fs, path, follow_last, &p, &st);
    if (rc == 0) {
        apply_overlay(fs, p.path, &st);
        *ret_st = st;
        *ret_plain = !p.moved && !S_ISLNK(st.st_mode);
    }
    if (rc != -EAGAIN)
        return rc;
    rc = sv_fs_resolve(fs, path, follow_last, &w);
    if (rc < 0)
        return rc;
    rc = fstat(w.fd, &st) < 0 ? -errno : 0;
    close(w.fd);
    if (rc < 0)
        return rc;
    if (w.bare)
        as_in_image(&w, &st);
    apply_overlay(fs, resolved_path(&w), &st);
    *ret_st = st;
    return 0;
}

static int known_stat(struct sv_fs *fs, const char *path, enum sv_fs_question q,
                      struct stat *ret_st, bool *ret_plain)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, q, sv_slice_of(path));
    struct sv_fs_fact fact = {0};
    if (!known) {
        fact.rc = stat_path(fs, path, q == SV_FS_STAT, &fact.st, &fact.plain);
        sv_fs_keep(&fs->facts, q, sv_slice_of(path), &fact);
        known = &fact;
    }
    if (known->rc == 0)
        *ret_st = known->st;
    *ret_plain = known->plain;
    return known->rc;
}

/* What is no link is asked for once, whether it is then followed or not. */
int sv_fs_stat(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    struct stat st;
    bool plain;
    int rc = known_stat(fs, path, SV_FS_LSTAT, &st, &plain);
    if (rc == 0 && S_ISLNK(st.st_mode))
        return known_stat(fs, path, SV_FS_STAT, ret_st, &plain);
    if (rc == 0)
        *ret_st = st;
    return rc;
}

int sv_fs_lstat(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    bool plain;
    return known_stat(fs, path, SV_FS_LSTAT, ret_st, &plain);
}

int sv_fs_readlink(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_target)
{
    struct sv_fs_place p;
    struct walk w;
    char target[SV_MAX_PATH];
    int rc = place(fs, path, false, &p, NULL);
    ssize_t n = rc < 0 ? -1 : readlinkat(p.dir, p.name, target, sizeof target);
    if (n < 0) {
        rc = sv_fs_resolve(fs, path, false, &w);
        if (rc < 0)
            return rc;
        n = readlinkat(w.fd, "", target, sizeof target);
        rc = n < 0 ? -errno : 0;
        close(w.fd);
    }
    if (rc == 0 && (size_t)n >= sizeof target)
        rc = -ENAMETOOLONG;
    if (rc == 0)
        *ret_target = sv_arena_copy(a, (struct sv_slice){target, (size_t)n}).p;
    return rc;
}

int sv_fs_realpath(struct sv_fs *fs, struct sv_arena *a, const char *path, const char **ret_path)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, SV_FS_REAL, sv_slice_of(path));
    struct sv_fs_fact fact = {0};
    struct sv_fs_place p;
    struct walk w;
    struct stat st;
    bool plain;
    if (!known) {
        int rc = known_stat(fs, path, SV_FS_LSTAT, &st, &plain);
        if (rc == 0 && plain)
            *ret_path = sv_arena_strdup(a, path);
        if (rc < 0 || plain)
            return rc;
        fact.rc = place(fs, path, true, &p, &st);
        fact.text = sv_slice_of(fact.rc == 0 ? p.path : NULL);
        if (fact.rc == -EAGAIN && (fact.rc = sv_fs_resolve(fs, path, true, &w)) == 0) {
            close(w.fd);
            fact.text = sv_slice_of(resolved_path(&w));
        }
        sv_fs_keep(&fs->facts, SV_FS_REAL, sv_slice_of(path), &fact);
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

static int why_not_regular(mode_t mode)
{
    return S_ISREG(mode) ? 0 : S_ISDIR(mode) ? -EISDIR : -EINVAL;
}

/* A list of the folder may say what it is, and openat(2) that it is that no more. */
static int open_place(struct sv_fs *fs, const char *path, struct sv_fs_place *p,
                      struct stat *ret_st)
{
    int rc = place(fs, path, true, p, NULL), fd = -ELOOP;
    if (rc == 0 && p->type == DT_REG)
        fd = sv_fs_open_in(p->dir, p->name, ret_st);
    if (rc < 0 || fd != -ELOOP)
        return rc < 0 ? rc : fd;
    rc = place(fs, path, true, p, ret_st);
    if (rc == 0)
        rc = why_not_regular(ret_st->st_mode);
    return rc < 0 ? rc : sv_fs_open_in(p->dir, p->name, ret_st);
}

int sv_fs_open(struct sv_fs *fs, const char *path, struct stat *ret_st)
{
    struct sv_fs_place p;
    struct walk w;
    struct stat st;
    const char *real = p.path;
    int rc = open_place(fs, path, &p, &st);
    if (rc == -EAGAIN) {
        rc = sv_fs_resolve(fs, path, true, &w);
        if (rc < 0)
            return rc;
        rc = fstat(w.fd, &st) < 0 ? -errno : why_not_regular(st.st_mode);
        if (rc == 0)
            rc = reopen(w.fd, O_RDONLY);
        close(w.fd);
        real = resolved_path(&w);
    }
    if (rc >= 0 && ret_st) {
        apply_overlay(fs, real, &st);
        *ret_st = st;
    }
    return rc;
}

/* A folder that is reached without a walk, its descriptor as sv_near_folder(): real[0, *ret_n). */
static int near_dir(struct sv_fs *fs, const char *path, char real[SV_MAX_PATH], size_t *ret_n)
{
    *ret_n = strlen(path);
    if (fs->base || *ret_n >= SV_MAX_PATH)
        return -EAGAIN;
    memcpy(real, path, *ret_n + 1);
    return sv_fs_place_folder(fs, real, ret_n, true);
}

int sv_fs_open_dir(struct sv_fs *fs, const char *path)
{
    char real[SV_MAX_PATH];
    size_t n;
    struct walk w;
    struct stat st;
    int rc = near_dir(fs, path, real, &n);
    if (rc >= 0)
        rc = sv_near_take(&fs->near, real, n);
    if (rc != -EAGAIN)
        return rc;
    rc = sv_fs_resolve(fs, path, true, &w);
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
    char *p = sv_arena_room(a, want + 1);
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
        if (n < want && st.st_size > 0 && n >= (unsigned long long)st.st_size)
            break; /* a read that brings all that is there and falls short met the end */
    }
    close(fd);
    p[n] = 0;
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

bool sv_fs_is_absent(int error)
{
    return error == -ENOENT || error == -ENOTDIR;
}

bool sv_fs_is_gap(int error)
{
    return !sv_fs_is_absent(error) && (geteuid() == 0 || error != -EACCES);
}

static bool has_entry(const struct sv_dirents *list, struct sv_slice name)
{
    sv_vec_each(e, &list->list)
    {
        if (sv_slice_is(name, e->name))
            return true;
    }
    return false;
}

/* What a view shows at the place of a mount: its source, links followed as the engine does. */
static unsigned char type_of_mount(const struct sv_fs *fs, const char *target)
{
    struct stat st;
    const char *source = fs->mounts[sv_fs_mount_of(fs, target)].source;
    return sv_fs_stat(fs->base, source, &st) == 0 ? IFTODT(st.st_mode) : DT_UNKNOWN;
}

/* The places in a folder of a view at which, or below which, something is mounted. */
static void list_mounts(const struct sv_fs *fs, struct sv_arena *a, const struct walk *w,
                        struct sv_dirents *ret)
{
    for (size_t i = 0; i < fs->n_mounts; i++) {
        const char *target = fs->mounts[i].target;
        if (strncmp(target, w->path, w->n) != 0 || target[w->n] != '/')
            continue;
        struct sv_slice name = {target + w->n + 1, strcspn(target + w->n + 1, "/")};
        unsigned char type = name.p[name.n] ? DT_DIR : type_of_mount(fs, target);
        if (name.n && !has_entry(ret, name))
            sv_vec_push(a, &ret->list, (struct sv_dirent){sv_arena_copy(a, name).p, type});
    }
}

static int list_walked(struct sv_fs *fs, struct sv_arena *a, const char *path,
                       struct sv_dirents *ret)
{
    struct walk w;
    int rc = sv_fs_resolve(fs, path, true, &w);
    if (rc < 0)
        return rc;
    int fd = w.bare ? -1 : openat(w.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    rc = fd < 0 && !w.bare ? -errno : 0;
    close(w.fd);
    if (rc < 0)
        return rc;
    if (fd >= 0) {
        rc = sv_near_entries(fd, a, ret);
        close(fd);
    }
    if (rc < 0)
        return rc;
    list_mounts(fs, a, &w, ret);
    return 0;
}

static void keep_unlisted(struct sv_fs *fs, const char *path, const char *reason)
{
    struct sv_fs *base = sv_fs_base(fs);
    struct sv_arena own = {0};
    const char *outside = sv_fs_outside(fs, &own, path);
    if (!sv_map_find(&base->unlisted_seen, sv_slice_of(outside))) {
        struct sv_slice kept = sv_arena_copy(&base->arena, sv_slice_of(outside));
        *sv_map_at(&base->arena, &base->unlisted_seen, kept) = 1;
        sv_vec_push(&base->arena, &base->unlisted.list,
                    (struct sv_unlisted){kept.p, sv_arena_strdup(&base->arena, reason)});
    }
    sv_arena_clear(&own);
}

const struct sv_unlisted_list *sv_fs_unlisted(struct sv_fs *fs)
{
    return &sv_fs_base(fs)->unlisted;
}

/* Most folders have less than a block of a file system's: some hundred entries. */
enum { SMALL_FOLDER = 4096 };

int sv_fs_enter(struct sv_fs *fs, const char *dir)
{
    char asked[SV_MAX_PATH], real[SV_MAX_PATH];
    size_t n = strlen(dir);
    struct stat st;
    while (n > 1 && dir[n - 1] == '/')
        n--;
    if (n >= sizeof asked)
        return -ENAMETOOLONG;
    memcpy(asked, dir, n);
    asked[n] = '\0';
    int fd = near_dir(fs, asked, real, &n);
    if (fd == -EAGAIN) {
        fd = sv_fs_open_dir(fs, dir);
        if (fd >= 0)
            close(fd);
    } else if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= SMALL_FOLDER) {
        struct sv_arena a = {0};
        struct sv_dirents entries = {0};
        (void)sv_fs_list(fs, &a, asked, &entries);
        sv_arena_clear(&a);
    }
    return fd < 0 ? fd : 0;
}

bool sv_fs_may_have(struct sv_fs *fs, const char *dir, const char *path)
{
    char first[SV_MAX_PATH];
    struct sv_fs_place p;
    struct stat st;
    size_t n = strlen(dir), part = strcspn(path, "/");
    while (n && dir[n - 1] == '/')
        n--;
    if (n + part + 2 > sizeof first)
        return false;
    memcpy(first, dir, n);
    first[n] = '/';
    memcpy(first + n + 1, path, part);
    first[n + 1 + part] = '\0';
    int rc = place(fs, first, false, &p, NULL);
    return rc == 0 || (rc == -EAGAIN && sv_fs_lstat(fs, first, &st) == 0);
}

int sv_fs_list(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_dirents *ret)
{
    if (!fs->base && sv_fs_lists_find(&fs->lists, a, path, ret))
        return 0;
    char real[SV_MAX_PATH];
    size_t n;
    int rc = near_dir(fs, path, real, &n);
    if (rc >= 0)
        rc = sv_near_list(&fs->near, real, n, a, ret);
    if (rc == -EAGAIN)
        rc = list_walked(fs, a, path, ret);
    if (rc < 0) {
        *ret = (struct sv_dirents){0};
        if (sv_fs_is_gap(rc))
            keep_unlisted(fs, path, strerror(-rc));
        return rc;
    }
    if (ret->truncated)
        keep_unlisted(fs, path, "too many entries in this folder");
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_name);
    if (!fs->base)
        sv_fs_lists_keep(&fs->lists, path, ret);
    return 0;
}

/* Of an entry that is known to be no link: the last step of getxattr(2) could follow one. */
static ssize_t acl_near(struct sv_fs *fs, const char *path, char *buf, size_t size)
{
    const struct sv_fs_fact *known =
        fs->base ? NULL : sv_fs_known(&fs->facts, SV_FS_LSTAT, sv_slice_of(path));
    const char *name;
    char self[NAME_MAX + 32];
    int dir = known && known->rc == 0 && !S_ISLNK(known->st.st_mode)
                  ? sv_near_parent(&fs->near, path, &name)
                  : -EAGAIN;
    if (dir < 0)
        return -1;
    int n = snprintf(self, sizeof self, "/proc/self/fd/%d/%s", dir, name);
    ssize_t got = n < 0 || (size_t)n >= sizeof self
                      ? -1
                      : lgetxattr(self, "system.posix_acl_access", buf, size);
    return got < 0 && (errno == ENODATA || errno == ENOTSUP) ? 0 : got;
}

static int read_acl(struct sv_fs *fs, const char *path, char *buf, size_t size,
                    struct sv_slice *ret_acl)
{
    struct walk w;
    char self[32];
    ssize_t n = acl_near(fs, path, buf, size);
    if (n < 0) {
        int rc = sv_fs_resolve(fs, path, true, &w);
        if (rc < 0)
            return rc;
        snprintf(self, sizeof self, "/proc/self/fd/%d", w.fd);
        n = getxattr(self, "system.posix_acl_access", buf, size);
        close(w.fd);
    }
    if (n <= 0)
        return 0;
    *ret_acl = (struct sv_slice){buf, (size_t)n};
    return 1;
}

int sv_fs_acl(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_slice *ret_xattr)
{
    const struct sv_fs_fact *known = sv_fs_known(&fs->facts, SV_FS_ACL, sv_slice_of(path));
    struct sv_fs_fact fact = {0};
    char value[4096];
    if (!known) {
        fact.rc = read_acl(fs, path, value, sizeof value, &fact.text);
        sv_fs_keep(&fs->facts, SV_FS_ACL, sv_slice_of(path), &fact);
        known = &fact;
    }
    if (known->rc > 0)
        *ret_xattr = sv_arena_copy(a, known->text);
    return known->rc;
}
