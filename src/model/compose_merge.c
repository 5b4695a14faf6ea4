// SPDX-License-Identifier: Apache-2.0
// Variables and mounts of a service as later lines and files replace them, by name and by target.
#include "model/compose.h"

/* A list that others were written to between has its names counted anew: true if it was. */
static bool begin(struct sv_compose_index *x, const void *list, size_t n)
{
    if (x->list == list && x->n == n)
        return false;
    *x = (struct sv_compose_index){.list = list};
    return true;
}

void sv_compose_set_var(struct sv_arena *a, struct sv_compose_index *x,
                        struct sv_container_vars *io, struct sv_container_var v)
{
    for (size_t i = 0, n = begin(x, io, io->n) ? io->n : 0; i < n; i++)
        *sv_map_at(a, &x->at, io->v[i].name) = (uint32_t)i + 1;
    uint32_t *at = sv_map_at(a, &x->at, v.name);
    if (*at) {
        io->v[*at - 1] = v;
    } else {
        *at = (uint32_t)io->n + 1;
        sv_vec_push(a, io, v);
    }
    x->n = io->n;
}

static uint32_t *mount_at(struct sv_arena *a, struct sv_compose_index *x,
                          const struct sv_container_mount *m)
{
    return m->target && *m->target ? sv_map_at(a, &x->at, sv_slice_of(m->target)) : NULL;
}

void sv_compose_add_mount(struct sv_arena *a, struct sv_compose_index *x, struct sv_container *c,
                          struct sv_container_mount m)
{
    uint32_t *at;
    for (size_t i = 0, n = begin(x, &c->mounts, c->mounts.n) ? c->mounts.n : 0; i < n; i++)
        if ((at = mount_at(a, x, &c->mounts.v[i])))
            *at = (uint32_t)i + 1;
    if ((at = mount_at(a, x, &m)) && *at) {
        c->mounts.v[*at - 1] = m;
    } else {
        if (at)
            *at = (uint32_t)c->mounts.n + 1;
        sv_vec_push(a, &c->mounts, m);
    }
    x->n = c->mounts.n;
}
