// SPDX-License-Identifier: Apache-2.0
// A container's paths and the host's: which is which through the mounts of a view.
#include "base/fs.h"

int sv_fs_mount_of(const struct sv_fs *fs, const char *path)
{
    size_t n, best = 0;
    const struct sv_fs_mount *m = sv_fs_mounts(fs, &n);
    int hit = -1;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(m[i].target);
        if (sv_path_below(path, m[i].target) && (hit < 0 || len >= best)) {
            hit = (int)i;
            best = len;
        }
    }
    return hit;
}

static const char *glue(struct sv_arena *a, const char *dir, const char *rest)
{
    return *rest ? sv_path_join(a, dir, rest + strspn(rest, "/")) : dir;
}

static const char *through_mount(struct sv_fs *fs, struct sv_arena *a, const char *path)
{
    size_t n;
    const struct sv_fs_mount *m = sv_fs_mounts(fs, &n);
    int i = sv_fs_mount_of(fs, path);
    return i < 0 ? NULL : glue(a, m[i].source, path + strlen(m[i].target));
}

static bool same(struct sv_fs *fs, const char *path, struct sv_fs *other, const char *there)
{
    struct stat a, b;
    return sv_fs_stat(fs, path, &a) == 0 && sv_fs_stat(other, there, &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

const char *sv_fs_outside(struct sv_fs *fs, struct sv_arena *a, const char *path)
{
    struct sv_fs *base = sv_fs_base(fs);
    const char *real, *there;
    if (!path || base == fs)
        return path;
    there = through_mount(fs, a, path);
    if (there && same(fs, path, base, there))
        return there;
    /* Links are the container's: what they lead to is behind another mount. */
    if (sv_fs_realpath(fs, a, path, &real) == 0 && strcmp(real, path) != 0) {
        const char *linked = through_mount(fs, a, real);
        if (linked)
            return linked;
    }
    return there ? there : path;
}

void sv_fs_inside(struct sv_fs *fs, struct sv_arena *a, const char *path, struct sv_paths *ret)
{
    struct sv_fs *base = sv_fs_base(fs);
    const char *real = path;
    size_t n;
    const struct sv_fs_mount *m = sv_fs_mounts(fs, &n);
    if (base == fs) {
        sv_vec_push(a, &ret->list, path);
        return;
    }
    (void)sv_fs_realpath(base, a, path, &real);
    for (size_t i = 0; i < n; i++) {
        const char *source, *found = NULL;
        if (sv_path_below(path, m[i].source))
            found = glue(a, m[i].target, path + strlen(m[i].source));
        else if (sv_fs_realpath(base, a, m[i].source, &source) == 0 && sv_path_below(real, source))
            found = glue(a, m[i].target, real + strlen(source));
        if (found && same(fs, found, base, path))
            sv_vec_push(a, &ret->list, found);
    }
}

void sv_fs_mounted_below(struct sv_fs *fs, struct sv_arena *a, const char *dir,
                         struct sv_paths *ret)
{
    size_t n;
    const struct sv_fs_mount *m = sv_fs_mounts(fs, &n);
    for (size_t i = 0; i < n; i++)
        if (sv_path_below(m[i].target, dir) && strcmp(m[i].target, dir) != 0)
            sv_vec_push(a, &ret->list, m[i].source);
}
