// SPDX-License-Identifier: Apache-2.0
// Who opens httpd's files: User and Group, by name or number.
#include "model/scope.h"

/* The value of "#33", false for anything else. */
static bool number(struct sv_slice s, unsigned long long *ret)
{
    return s.n > 1 && s.p[0] == '#' && sv_slice_u64(sv_slice_sub(s, 1, s.n), ret) &&
           *ret < 0xffffffffu;
}

/* Packages that run httpd create one of these; the last is the build's own fallback. */
static const char *default_user(const struct sv_site *site)
{
    static const char *const names[] = {"www-data", "apache", "httpd", "wwwrun", "http", "www",
                                        "daemon"};
    struct sv_cred probe;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_identity_cred(site->ids, site->arena, names[i], NULL, &probe))
            return names[i];
    return "www-data";
}

void sv_apache_worker(struct sv_site *site)
{
    const struct sv_node *user = sv_node_find_last(site->root, "user");
    const struct sv_node *group = sv_node_find_last(site->root, "group");
    const char *name = user && user->n_args ? sv_arena_copy(site->arena, sv_node_arg(user, 0)).p
                                            : default_user(site);
    const char *gname =
        group && group->n_args ? sv_arena_copy(site->arena, sv_node_arg(group, 0)).p : NULL;
    unsigned long long id;
    if (number(sv_slice_of(name), &id))
        name = sv_identity_user(site->ids, site->arena, (uid_t)id);
    if (gname && number(sv_slice_of(gname), &id))
        gname = sv_identity_group(site->ids, site->arena, (gid_t)id);
    site->worker_known = sv_identity_cred(site->ids, site->arena, name, gname, &site->worker);
    if (!site->worker_known)
        sv_diag_path(site->diags, SV_DIAG_NOTE, site->config,
                     "worker user %s is not in /etc/passwd; file modes are not taken into account",
                     name);
}
