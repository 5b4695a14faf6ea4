// SPDX-License-Identifier: Apache-2.0
// Chains of findings by a key, each read from its first finding on.
#include "engine/finding_index.h"

#include "engine/check.h"

void sv_index_put(struct sv_finding_index *x, struct sv_finding_chains *in, const char *key,
                  struct sv_finding *f)
{
    uint32_t *at = sv_map_at(x->arena, &in->first, sv_slice_of(key));
    uint32_t n = (uint32_t)in->links.n + 1;
    if (*at) {
        struct sv_finding_link *first = &in->links.v[*at - 1];
        if (in->links.v[first->last - 1].f == f)
            return; /* twice in one finding */
        in->links.v[first->last - 1].next = n;
        first->last = n;
    } else {
        *at = n;
    }
    sv_vec_push(x->arena, &in->links, (struct sv_finding_link){f, 0, n});
}

static const struct sv_finding_link *listed(const struct sv_finding_chains *in, uint32_t i)
{
    while (i && !in->links.v[i - 1].f->order)
        i = in->links.v[i - 1].next;
    return i ? &in->links.v[i - 1] : NULL;
}

const struct sv_finding_link *sv_index_first(const struct sv_finding_chains *in, const char *key)
{
    return listed(in, sv_map_find(&in->first, sv_slice_of(key)));
}

const struct sv_finding_link *sv_index_next(const struct sv_finding_chains *in,
                                            const struct sv_finding_link *link)
{
    return listed(in, link->next);
}

/* NULL: the file is not there. */
static const char *real_key(struct sv_finding_index *x, struct sv_fs *fs, const char *path)
{
    const char *real;
    if (sv_fs_realpath(fs, x->arena, path, &real) < 0)
        return NULL;
    return sv_arena_printf(x->arena, "%s\n%s", sv_path_base(path), real);
}

const struct sv_finding_link *sv_index_real(struct sv_finding_index *x, struct sv_fs *fs,
                                            const struct sv_result *r, const char *path)
{
    for (; x->real_upto < r->findings.n; x->real_upto++) {
        struct sv_finding *f = r->findings.v[x->real_upto];
        const char *key = f->file ? real_key(x, fs, f->file) : NULL;
        if (key)
            sv_index_put(x, &x->real, key, f);
    }
    const char *key = real_key(x, fs, path);
    return key ? sv_index_first(&x->real, key) : NULL;
}

static struct sv_slice same_key(struct sv_finding_index *x, const struct sv_finding *f)
{
    return sv_slice_of(sv_arena_printf(x->arena, "%s\n%s", f->check->id, f->key));
}

struct sv_finding *sv_index_same(struct sv_finding_index *x, const struct sv_result *r, size_t n,
                                 const struct sv_finding *f)
{
    for (; x->same_upto < n; x->same_upto++) {
        const struct sv_finding *other = r->findings.v[x->same_upto];
        uint32_t *at = other->key ? sv_map_at(x->arena, &x->same, same_key(x, other)) : NULL;
        if (at && !*at)
            *at = (uint32_t)x->same_upto + 1;
    }
    uint32_t at = f->key ? sv_map_find(&x->same, same_key(x, f)) : 0;
    return at ? r->findings.v[at - 1] : NULL;
}

static struct sv_slice explained_key(struct sv_finding_index *x, const char *check,
                                     const char *secret_id, const char *path)
{
    return sv_slice_of(sv_arena_printf(x->arena, "%s\n%s\n%s", check, secret_id, path));
}

void sv_index_explain(struct sv_finding_index *x, const struct sv_finding *f, const char *secret_id,
                      const char *path)
{
    if (f->order)
        *sv_map_at(x->arena, &x->explained, explained_key(x, f->check->id, secret_id, path)) = 1;
}

bool sv_index_explained(struct sv_finding_index *x, const char *check, const char *secret_id,
                        const char *path)
{
    return x->explained.n &&
           sv_map_find(&x->explained, explained_key(x, check, secret_id, path));
}
