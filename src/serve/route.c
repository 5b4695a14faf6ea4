// SPDX-License-Identifier: Apache-2.0
// Which server of this host has the file of a URL, and by which path it is asked for it.
#include <string.h>

#include "serve/answer.h"

const struct sv_vhost *sv_route_holder(const struct sv_route *r)
{
    return r->answer.behind_vhost ? r->answer.behind_vhost : r->answer.vhost;
}

struct sv_slice sv_route_path(struct sv_arena *a, const struct sv_route *r)
{
    size_t scheme = strcspn(r->url, ":") + 3;
    const char *asked = strchr(r->url + scheme, '/');
    struct sv_slice path, args, raw = sv_slice_of(asked ? asked : "/");
    if (r->answer.behind_vhost)
        raw = r->answer.behind_target;
    if (sv_uri_normalise(a, raw, true, &path, &args) != 0)
        return SV_LIT("/");
    return path;
}
