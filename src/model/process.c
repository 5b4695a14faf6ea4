// SPDX-License-Identifier: Apache-2.0
// Questions to processes.
#include "model/process.h"

bool sv_process_readable_by(const struct sv_process *p, uid_t uid, gid_t gid)
{
    if (uid == 0)
        return true;
    if (p->foreign)
        return p->ns_owner == uid && p->environ_owner == uid;
    for (int i = 0; i < 3; i++)
        if (p->uid[i] != uid || p->gid[i] != gid)
            return false;
    return p->dumpable && !p->capable;
}

const struct sv_slice *sv_process_variable(const struct sv_process *p, struct sv_slice name)
{
    sv_vec_each (v, &p->variables) {
        if (sv_slice_eq(v->name, name))
            return &v->value;
    }
    return NULL;
}

bool sv_process_is_main(const struct sv_live *live, const struct sv_process *p)
{
    sv_vec_each (other, &live->list) {
        if (other->pid == p->parent)
            return !other->unit || !p->unit || strcmp(other->unit, p->unit) != 0;
    }
    return true;
}
