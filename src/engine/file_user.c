// SPDX-License-Identifier: Apache-2.0
// Which program a file is for, by the configurations that name it or its folder.
#include "engine/closing.h"
#include "model/php_fpm.h"
#include "model/unit.h"
#include "scan/host_walk.h"
#include "serve/memo.h"

static bool user_named(const struct sv_machine *m, const char *name, struct sv_cred *ret)
{
    return name && sv_identity_cred(m->ids, m->arena, name, NULL, ret) && ret->uid != 0;
}

/* auth_basic_user_file, which is relative to nginx's configuration, or AuthUserFile. */
static bool asks_by(const struct sv_machine *m, const struct sv_site *site, const char *path)
{
    const char *name = site->kind == SV_SITE_NGINX ? "auth_basic_user_file" : "authuserfile";
    sv_vec_each(scope, &site->scopes)
    {
        const struct sv_node *n = sv_scope_own_last(*scope, name);
        if (!n || !sv_slice_ends(sv_node_arg(n, 0), sv_path_base(path)))
            continue; /* thousands of servers may name theirs: only this one is worth a path */
        const char *file = sv_arena_copy(m->arena, sv_node_arg(n, 0)).p;
        if (strcmp(sv_path_join(m->arena, site->conf_dir ? site->conf_dir : "/", file), path) == 0)
            return true;
    }
    return false;
}

static bool of_password_file(const struct sv_machine *m, const char *path, struct sv_cred *ret)
{
    sv_vec_each(site, &m->host->sites)
    {
        if ((*site)->worker_known && !(*site)->container && asks_by(m, *site, path)) {
            *ret = (*site)->worker;
            return true;
        }
    }
    return false;
}

/* The service that works in the folder, or below it. */
static bool of_service(const struct sv_machine *m, const char *path, struct sv_cred *ret)
{
    const struct sv_units *units = m->host->units;
    struct sv_arena own = {0};
    const struct sv_model_env env = {.arena = &own};
    const struct sv_unit *found = NULL;
    for (size_t i = 0; units && i < units->list.n && !found; i++) {
        const struct sv_unit *u = units->list.v[i];
        if (u->masked || u->user || !sv_unit_get(u, "Service", "WorkingDirectory"))
            continue;
        const char *dir = sv_unit_folder(&env, u);
        if (dir && sv_is_own_folder(dir) && sv_path_below(path, dir))
            found = u;
    }
    sv_arena_clear(&own);
    bool dynamic = false;
    return found && user_named(m, sv_unit_user(found, m->arena, &dynamic), ret) && !dynamic;
}

static bool is_served_project(const struct sv_site *site, const char *path)
{
    struct sv_arena own = {0};
    bool is = false;
    sv_vec_each(map, &sv_site_mappings(site)->list)
    {
        if (is || !map->exact)
            continue;
        const char *above = sv_path_dir(&own, map->dir);
        is = sv_path_below(path, map->dir) ||
             (sv_is_own_folder(above) && sv_path_below(path, above));
    }
    sv_arena_clear(&own);
    return is;
}

/* PHP's one user, or that of an httpd which runs scripts itself. Of several none is known. */
static bool of_scripts(const struct sv_machine *m, const char *path, struct sv_cred *ret)
{
    bool served = false, found = false, several = false;
    sv_vec_each(site, &m->host->sites)
    {
        bool here = !(*site)->container && is_served_project(*site, path);
        served |= here;
        if (here && (*site)->kind == SV_SITE_APACHE && (*site)->worker_known) {
            several |= found && ret->uid != (*site)->worker.uid;
            *ret = (*site)->worker;
            found = true;
        }
    }
    for (size_t i = 0; served && m->host->php && i < m->host->php->pools.n; i++) {
        const struct sv_php_pool *p = m->host->php->pools.v[i];
        if (!p->cred_known)
            continue;
        several |= found && ret->uid != p->cred.uid;
        *ret = p->cred;
        found = true;
    }
    return found && !several && ret->uid != 0;
}

/* "redis" of /etc/redis/redis.conf; "" for what lies in /etc itself. */
static const char *package_of(struct sv_arena *a, const char *path)
{
    const char *name = path + 5, *end = strchr(name, '/');
    return end ? sv_arena_copy(a, (struct sv_slice){name, (size_t)(end - name)}).p : "";
}

static bool is_read_by_root(const char *package)
{
    for (const char *const *p = sv_packages_of_root; *p; p++)
        if (strcmp(*p, package) == 0)
            return true;
    return false;
}

/* The user of a package: by its folder's name, by what Debian calls it, or by its unit. */
static bool of_package(const struct sv_machine *m, const char *package, struct sv_cred *ret)
{
    if (user_named(m, package, ret))
        return true;
    for (const struct sv_package_user *u = sv_package_users; u->package; u++)
        if (strcmp(u->package, package) == 0 && user_named(m, u->user, ret))
            return true;
    const struct sv_units *units = m->host->units;
    size_t n = strlen(package);
    for (size_t i = 0; n && units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        bool dynamic = false, own = strncmp(u->name, package, n) == 0 &&
                                    (u->name[n] == '.' || u->name[n] == '-');
        if (own && !u->masked && !u->user &&
            user_named(m, sv_unit_user(u, m->arena, &dynamic), ret) && !dynamic)
            return true;
    }
    return false;
}

/* pm2-deploy.service, which `pm2 startup` writes, names who runs pm2. */
static bool of_pm2(const struct sv_machine *m, struct sv_cred *ret)
{
    const struct sv_units *units = m->host->units;
    for (size_t i = 0; units && i < units->list.n; i++) {
        const struct sv_unit *u = units->list.v[i];
        bool dynamic = false;
        if (strncmp(u->name, "pm2-", 4) == 0 && !u->masked &&
            user_named(m, sv_unit_user(u, m->arena, &dynamic), ret))
            return true;
    }
    return false;
}

bool sv_ecosystem_user(const struct sv_machine *m, const char *path, struct sv_cred *ret)
{
    return of_pm2(m, ret) || of_service(m, path, ret);
}

enum sv_file_user sv_file_user(const struct sv_machine *m, const char *path,
                               const struct stat *st, struct sv_cred *ret)
{
    if (of_password_file(m, path, ret))
        return SV_FILE_USER_KNOWN;
    if (!sv_path_below(path, "/etc"))
        return of_service(m, path, ret) || of_scripts(m, path, ret) ? SV_FILE_USER_KNOWN
                                                                    : SV_FILE_USER_UNKNOWN;
    const char *package = package_of(m->arena, path);
    if (st->st_uid != 0 || st->st_gid != 0 || is_read_by_root(package))
        return SV_FILE_USER_OWNER;
    return of_package(m, package, ret) ? SV_FILE_USER_KNOWN : SV_FILE_USER_UNKNOWN;
}
