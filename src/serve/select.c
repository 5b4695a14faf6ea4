// SPDX-License-Identifier: Apache-2.0
// Which socket and server a request was found to go to, remembered: every file asks by one name.
#include "serve/memo.h"

enum {
    MAX_ASKED = 65536,    /* requests that are remembered: some 15 MB */
    MAX_ASKED_NAME = 255, /* no name of DNS is longer */
};

struct sv_selected *sv_selected(const struct sv_site *site, const struct sv_request *req,
                                struct sv_slice host, bool *ret_new)
{
    struct sv_selections *x = &sv_site_memo(site)->selections;
    char key[2 * MAX_ASKED_NAME + 64];
    *ret_new = false;
    if (host.n > MAX_ASKED_NAME || req->local.n > MAX_ASKED_NAME)
        return NULL;
    int n = snprintf(key, sizeof key, "%u %d %zu %.*s ", req->port, req->https, req->local.n,
                     (int)req->local.n, req->local.n ? req->local.p : "");
    if (host.n)
        memcpy(key + n, host.p, host.n);
    struct sv_slice text = {key, (size_t)n + host.n};
    uint32_t at = sv_map_find(&x->asked, text);
    if (at)
        return &x->list.v[at - 1];
    if (x->list.n == MAX_ASKED)
        return NULL;
    sv_vec_push(site->arena, &x->list, (struct sv_selected){.local = {"", 0}});
    *sv_map_at(site->arena, &x->asked, sv_arena_copy(site->arena, text)) = (uint32_t)x->list.n;
    *ret_new = true;
    return &x->list.v[x->list.n - 1];
}
