// SPDX-License-Identifier: Apache-2.0
// Collects the identities that serve requests.
#include "model/web_user.h"

static void add(struct sv_arena *a, struct sv_host *host, const struct sv_cred *cred,
                const char *what)
{
    if (cred->uid == 0)
        return;
    sv_vec_each(u, &host->web_users)
    {
        if (u->cred.uid == cred->uid && u->cred.gid == cred->gid && u->cred.view == cred->view)
            return;
    }
    sv_vec_push(a, &host->web_users, (struct sv_web_user){*cred, what});
}

void sv_web_users_find(struct sv_arena *a, struct sv_host *host)
{
    host->web_users.n = 0;
    sv_vec_each(site, &host->sites)
    {
        const struct sv_cred *w = &(*site)->worker;
        if ((*site)->worker_known && !(*site)->container) /* that one reads what it is given */
            add(a, host, w, sv_arena_printf(a, "the web server's user %s", w->user));
    }
    for (size_t i = 0; host->php && i < host->php->pools.n; i++) {
        const struct sv_php_pool *p = host->php->pools.v[i];
        if (p->cred_known)
            add(a, host, &p->cred,
                sv_arena_printf(a, "PHP's user %s (pool %s)", p->cred.user, p->name));
    }
}
