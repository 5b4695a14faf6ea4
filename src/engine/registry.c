// SPDX-License-Identifier: Apache-2.0
// The table of built-in checks, made in two passes over the generated list.
#include "engine/registry.h"

#define SV_CHECK(symbol) extern const struct sv_check symbol;
#include "checks_list.h"
#undef SV_CHECK

const struct sv_check *const sv_checks[] = {
#define SV_CHECK(symbol) &symbol,
#include "checks_list.h"
#undef SV_CHECK
    NULL,
};

const struct sv_check *sv_check_find(const char *id)
{
    for (const struct sv_check *const *c = sv_checks; *c; c++)
        if (strcmp((*c)->id, id) == 0)
            return *c;
    return NULL;
}

const struct sv_check *const *sv_checks_select(struct sv_arena *a, const char *only,
                                               const char *skip)
{
    SV_VEC(const struct sv_check *) out = {0};
    for (const struct sv_check *const *c = sv_checks; *c; c++) {
        struct sv_slice id = sv_slice_of((*c)->id);
        if (only && !sv_glob_match(sv_slice_of(only), id))
            continue;
        if (skip && sv_glob_match(sv_slice_of(skip), id))
            continue;
        sv_vec_push(a, &out, *c);
    }
    sv_vec_push(a, &out, NULL);
    return out.v;
}
