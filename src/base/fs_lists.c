// SPDX-License-Identifier: Apache-2.0
// Entries of folders, packed: a byte for the type, the name and its NUL, one behind the other.
#include "base/fs_lists.h"

#include <dirent.h>
#include <errno.h>

#include "base/limits.h"

bool sv_fs_lists_find(const struct sv_fs_lists *l, struct sv_arena *a, const char *path,
                      struct sv_dirents *ret)
{
    uint32_t at = sv_map_find(&l->map, sv_slice_of(path));
    if (!at)
        return false;
    const struct sv_fs_listed *of = &l->list.v[at - 1];
    const char *p = sv_arena_copy(a, (struct sv_slice){of->packed, of->bytes}).p;
    *ret = (struct sv_dirents){0};
    if (of->n == 0)
        return true;
    ret->list.v = sv_new_n(a, struct sv_dirent, of->n);
    ret->list.n = ret->list.cap = of->n;
    sv_vec_each(e, &ret->list)
    {
        *e = (struct sv_dirent){p + 1, (unsigned char)*p};
        p += strlen(p + 1) + 2;
    }
    return true;
}

int sv_fs_lists_entry(const struct sv_fs_lists *l, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return DT_UNKNOWN;
    struct sv_slice folder = {path, slash == path ? 1 : (size_t)(slash - path)};
    uint32_t place = sv_map_find(&l->map, folder);
    if (!place)
        return DT_UNKNOWN;
    const struct sv_fs_listed *of = &l->list.v[place - 1];
    size_t from = 0, to = of->n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const char *entry = of->packed + of->at[middle];
        int order = strcmp(slash + 1, entry + 1);
        if (order == 0)
            return (unsigned char)entry[0];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return -ENOENT;
}

void sv_fs_lists_keep(struct sv_fs_lists *l, const char *path, const struct sv_dirents *entries)
{
    size_t bytes = 0;
    if (entries->truncated)
        return;
    sv_vec_each(e, &entries->list)
    {
        bytes += strlen(e->name) + 2;
    }
    if (l->arena.total + bytes + strlen(path) > SV_MAX_FS_LISTS)
        return;
    char *packed = sv_arena_room(&l->arena, bytes + 1), *p = packed;
    uint32_t *at = sv_arena_room(&l->arena, entries->list.n * sizeof *at), *next = at;
    sv_vec_each(e, &entries->list)
    {
        size_t n = strlen(e->name) + 1;
        *next++ = (uint32_t)(p - packed);
        *p = (char)e->type;
        memcpy(p + 1, e->name, n);
        p += n + 1;
    }
    sv_vec_push(&l->arena, &l->list, (struct sv_fs_listed){packed, at, bytes, entries->list.n});
    *sv_map_at(&l->arena, &l->map, sv_slice_of(sv_arena_strdup(&l->arena, path))) =
        (uint32_t)l->list.n;
}
