// SPDX-License-Identifier: Apache-2.0
// A bounded table of answers about paths, emptied when it is full.
#include "base/fs_facts.h"

#include <errno.h>

#include "base/limits.h"

/* The question's letter and the path; false: too long to be worth keeping. */
static bool key_of(char buf[SV_MAX_PATH], enum sv_fs_question q, struct sv_slice path,
                   struct sv_slice *ret_key)
{
    if (path.n + 1 >= SV_MAX_PATH)
        return false;
    buf[0] = (char)q;
    memcpy(buf + 1, path.p, path.n);
    *ret_key = (struct sv_slice){buf, path.n + 1};
    return true;
}

const struct sv_fs_fact *sv_fs_known(const struct sv_fs_facts *f, enum sv_fs_question q,
                                     struct sv_slice path)
{
    char buf[SV_MAX_PATH];
    struct sv_slice key;
    uint32_t at = key_of(buf, q, path, &key) ? sv_map_find(&f->map, key) : 0;
    return at ? f->list.v[at - 1] : NULL;
}

void sv_fs_keep(struct sv_fs_facts *f, enum sv_fs_question q, struct sv_slice path,
                const struct sv_fs_fact *fact)
{
    char buf[SV_MAX_PATH];
    struct sv_slice key;
    bool lasting = fact->rc >= 0 || fact->rc == -ENOENT || fact->rc == -ENOTDIR;
    if (!lasting || !key_of(buf, q, path, &key))
        return;
    if (f->list.n >= SV_MAX_FS_FACTS)
        sv_fs_forget(f);
    struct sv_fs_fact *own = sv_new(&f->arena, struct sv_fs_fact);
    *own = *fact;
    own->text = sv_arena_copy(&f->arena, fact->text);
    uint32_t *at = sv_map_at(&f->arena, &f->map, sv_arena_copy(&f->arena, key));
    sv_vec_push(&f->arena, &f->list, own);
    *at = (uint32_t)f->list.n;
}

void sv_fs_forget(struct sv_fs_facts *f)
{
    sv_arena_clear(&f->arena);
    *f = (struct sv_fs_facts){0};
}
