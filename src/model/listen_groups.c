// SPDX-License-Identifier: Apache-2.0
// The groups of servers by port and address: ranges of ports make more than a list can be searched
// for.
#include "base/buf.h"
#include "model/scope.h"

/* What tells one group from another; the buffer's own. */
static struct sv_slice key_of(struct sv_buf *b, const struct sv_listen *l)
{
    unsigned head[] = {l->port, l->is_unix, l->ipv6};
    sv_buf_add(b, (struct sv_slice){(const char *)head, sizeof head});
    sv_buf_add(b, l->addr);
    return sv_buf_slice(b);
}

uint32_t sv_listen_place(const struct sv_site *site, const struct sv_listen *l)
{
    _cleanup_buf_ struct sv_buf b = {0};
    return sv_map_find(&site->group_at, key_of(&b, l));
}

const struct sv_listen_group *sv_listen_group(const struct sv_site *site,
                                              const struct sv_listen *l)
{
    uint32_t at = sv_listen_place(site, l);
    return at ? site->groups.v[at - 1] : NULL;
}

struct sv_listen_group *sv_listen_group_make(struct sv_site *site, const struct sv_listen *l)
{
    _cleanup_buf_ struct sv_buf b = {0};
    uint32_t at = sv_listen_place(site, l);
    if (at)
        return site->groups.v[at - 1];
    struct sv_listen_group *g = sv_new(site->arena, struct sv_listen_group);
    *g = (struct sv_listen_group){.addr = l->addr, .is_unix = l->is_unix, .ipv6 = l->ipv6,
                                  .wildcard = l->wildcard, .port = l->port};
    sv_vec_push(site->arena, &site->groups, g);
    *sv_map_at(site->arena, &site->group_at, sv_arena_copy(site->arena, key_of(&b, l))) =
        (uint32_t)site->groups.n;
    return g;
}
