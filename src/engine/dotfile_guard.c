// SPDX-License-Identifier: Apache-2.0
// The location of a server that is there to refuse dotfiles, whether requests reach it or not.
#include "engine/advice.h"

bool sv_location_refuses(const struct sv_scope *s)
{
    unsigned long long code;
    const struct sv_node *ret = sv_scope_own(s, "return"), *deny = sv_scope_own(s, "deny");
    if (ret)
        return sv_slice_u64(sv_node_arg(ret, 0), &code) && code >= 400;
    return (deny && sv_slice_is(sv_node_arg(deny, 0), "all")) || sv_scope_own(s, "internal");
}

const struct sv_scope *sv_dotfile_guard(const struct sv_vhost *v, struct sv_slice path)
{
    sv_vec_each(it, &v->scope->locations)
    {
        if ((*it)->regex && sv_location_refuses(*it) &&
            sv_regex_match((*it)->regex, path, 0, NULL) == SV_MATCH_YES)
            return *it;
    }
    return NULL;
}
