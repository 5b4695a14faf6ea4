// SPDX-License-Identifier: Apache-2.0
// glob(3) inside the root, level by level.
#include <errno.h>

#include "base/fs.h"
#include "base/limits.h"

static bool has_magic(struct sv_slice s)
{
    return sv_slice_chr(s, '*') < s.n || sv_slice_chr(s, '?') < s.n || sv_slice_chr(s, '[') < s.n;
}

/* Nothing to be matched, and no part that is empty. */
static bool is_literal(const char *pattern)
{
    struct sv_slice s = sv_slice_of(pattern);
    return s.n > 1 && s.p[0] == '/' && s.p[s.n - 1] != '/' && !has_magic(s) && !strstr(s.p, "//");
}

/* All of `dirs` one component deeper. */
static void expand(struct sv_fs *fs, struct sv_arena *a, struct sv_slice part,
                   const struct sv_paths *dirs, struct sv_paths *ret)
{
    sv_vec_each(d, &dirs->list)
    {
        const char *base = strcmp(*d, "/") == 0 ? "" : *d;
        if (!has_magic(part)) {
            struct stat st;
            const char *path = sv_arena_printf(a, "%s/%.*s", base, (int)part.n, part.p);
            if (sv_fs_lstat(fs, path, &st) == 0)
                sv_vec_push(a, &ret->list, path);
            continue;
        }
        struct sv_dirents entries = {0};
        if (sv_fs_list(fs, a, *d, &entries) < 0)
            continue;
        sv_vec_each(e, &entries.list)
        {
            if (e->name[0] == '.' && part.p[0] != '.')
                continue;
            if (sv_glob_match(part, sv_slice_of(e->name)))
                sv_vec_push(a, &ret->list, sv_arena_printf(a, "%s/%s", base, e->name));
        }
    }
}

int sv_fs_glob(struct sv_fs *fs, struct sv_arena *a, const char *pattern, struct sv_paths *ret)
{
    size_t work = 0;
    return sv_fs_glob_within(fs, a, pattern, &work, ret);
}

int sv_fs_glob_within(struct sv_fs *fs, struct sv_arena *a, const char *pattern, size_t *io_work,
                      struct sv_paths *ret)
{
    struct sv_paths now = {0};
    size_t depth = 0;
    if (strlen(pattern) >= SV_MAX_PATH)
        return -ENAMETOOLONG;
    if (is_literal(pattern)) {
        struct stat st;
        *ret = now;
        if (sv_fs_lstat(fs, pattern, &st) == 0)
            sv_vec_push(a, &ret->list, sv_arena_strdup(a, pattern));
        return ++*io_work > SV_MAX_GLOB_WORK ? -E2BIG : 0;
    }
    sv_vec_push(a, &now.list, "/");
    for (const char *p = pattern; *p;) {
        p += strspn(p, "/");
        size_t n = strcspn(p, "/");
        if (n == 0)
            break;
        struct sv_paths next = {0};
        expand(fs, a, (struct sv_slice){p, n}, &now, &next);
        now = next;
        p += n;
        *io_work += now.list.n * ++depth; /* each path is resolved from its first part on */
        if (*io_work > SV_MAX_GLOB_WORK)
            return -E2BIG;
    }
    *ret = now;
    return 0;
}
