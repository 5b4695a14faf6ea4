// SPDX-License-Identifier: Apache-2.0
// The table of checks: modules in two passes over the generated list, then the rules.
#include "engine/registry.h"

#include <errno.h>
#include <stdlib.h>

#define SV_CHECK(symbol) extern const struct sv_check symbol;
#include "checks_list.h"
#undef SV_CHECK

static const struct sv_check *const modules[] = {
#define SV_CHECK(symbol) &symbol,
#include "checks_list.h"
#undef SV_CHECK
};

static int by_id(const void *pa, const void *pb)
{
    const struct sv_check *a = *(const struct sv_check *const *)pa;
    const struct sv_check *b = *(const struct sv_check *const *)pb;
    return strcmp(a->id, b->id);
}

int sv_registry_open(struct sv_registry *ret_r, struct sv_arena *a, struct sv_regex_pool *regexes,
                     const char *rules, const char *only, const char *skip, struct sv_err *err)
{
    struct sv_rule_set set = {.arena = a, .regexes = regexes};
    struct sv_registry r = {0};
    /* The user's rules must have names of their own, whatever is selected. */
    int rc = sv_rules_builtin(&set, rules ? NULL : only, rules ? NULL : skip, err);
    if (rc == 0 && rules)
        rc = sv_rules_load(&set, rules, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        sv_vec_push(a, &r.list, modules[i]);
    sv_vec_each(c, &set.checks)
    {
        sv_vec_push(a, &r.list, *c);
    }
    qsort(r.list.v, r.list.n, sizeof *r.list.v, by_id);
    for (size_t i = 1; i < r.list.n; i++) {
        const struct sv_check *x = r.list.v[i - 1], *y = r.list.v[i];
        if (strcmp(x->id, y->id) == 0)
            return sv_err_set(err, EEXIST, "%s: there is a check %s already",
                              y->origin ? y->origin : x->origin, y->id);
    }
    *ret_r = r;
    return 0;
}

const struct sv_check *sv_registry_find(const struct sv_registry *r, const char *id)
{
    sv_vec_each(c, &r->list)
    {
        if (strcmp((*c)->id, id) == 0)
            return *c;
    }
    return NULL;
}

const struct sv_check *const *sv_registry_select(const struct sv_registry *r, struct sv_arena *a,
                                                 const char *only, const char *skip)
{
    SV_VEC(const struct sv_check *) out = {0};
    sv_vec_each(c, &r->list)
    {
        if (sv_id_selected(sv_slice_of((*c)->id), only, skip))
            sv_vec_push(a, &out, *c);
    }
    sv_vec_push(a, &out, NULL);
    return out.v;
}
