// SPDX-License-Identifier: Apache-2.0
// The URL by which a stranger gets to a virtual host that may stand behind a proxy of this host.
#include "engine/context.h"

/* Through a server of this host that hands such requests on, where strangers reach only that. */
static const char *url_in_front(struct sv_ctx *cx, const struct sv_vhost *v, const char *target)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_fronts fronts = {0};
    int status = sv_ctx_ask(cx, v, target).status;
    sv_serve_fronts(v->site, a, sv_slice_of(target), &fronts);
    sv_vec_each(f, &fronts.list)
    {
        if (!sv_vhost_on_network(f->vhost))
            continue;
        f->request.client = cx->d->client;
        struct sv_answer ans = sv_serve_answer(f->site, a, &f->request);
        if (ans.behind_vhost == v && ans.status == status &&
            sv_slice_is(ans.behind_target, target))
            return sv_request_url(a, &f->request);
    }
    return NULL;
}

const char *sv_ctx_url(struct sv_ctx *cx, const struct sv_vhost *v, const char *target)
{
    const char *url = sv_vhost_on_network(v) ? NULL : url_in_front(cx, v, target);
    return url ? url : sv_arena_printf(sv_ctx_arena(cx), "%s%s", sv_ctx_origin(cx, v), target);
}
