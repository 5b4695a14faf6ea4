// SPDX-License-Identifier: Apache-2.0
// Growing arrays in an arena: declare with SV_VEC(type), append with sv_vec_push.
#ifndef SV_BASE_VEC_H
#define SV_BASE_VEC_H

#include "base/arena.h"

#define SV_VEC(type)                                                                               \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n, cap;                                                                             \
    }

/* Returns the array with room for one more; the old copy stays in the arena until it is cleared. */
void *sv_vec_grow(struct sv_arena *a, void *v, size_t n, size_t *cap, size_t size);

#define sv_vec_push(arena, vec, ...)                                                               \
    do {                                                                                           \
        typeof(vec) sv_vec_ = (vec);                                                               \
        if (sv_vec_->n == sv_vec_->cap)                                                            \
            sv_vec_->v = sv_vec_grow((arena), sv_vec_->v, sv_vec_->n, &sv_vec_->cap,               \
                                     sizeof *sv_vec_->v);                                          \
        sv_vec_->v[sv_vec_->n++] = (__VA_ARGS__);                                                  \
    } while (0)

#define sv_vec_each(it, vec)                                                                       \
    for (typeof(&*(vec)->v) it = (vec)->v; it && it < (vec)->v + (vec)->n; it++)

#endif
