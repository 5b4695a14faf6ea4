// SPDX-License-Identifier: Apache-2.0
// Whom a file with secrets is for, and the commands that leave it to that program alone.
#include "engine/closing.h"

#include "base/shell.h"
#include "engine/check.h"
#include "model/php_fpm.h"
#include "model/unit.h"
#include "scan/host_walk.h"
#include "serve/memo.h"

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof *(list))

/* ---- files that have to stay open ---- */

/* Every shell and every session reads these, as its own user. */
static bool is_for_all(const char *path)
{
    static const char *const files[] = {"/etc/environment", "/etc/profile", "/etc/bash.bashrc",
                                        "/etc/bashrc", "/etc/csh.cshrc", "/etc/csh.login",
                                        "/etc/zshenv", "/etc/zshrc", "/etc/zprofile"};
    return IS_ONE_OF(path, files) || sv_path_below(path, "/etc/profile.d") ||
           sv_path_below(path, "/etc/zsh") || sv_path_below(path, "/etc/environment.d");
}

static const char for_all[] =
    "Give it to the one service that needs it: a file of root's with mode 0600 and\n"
    "EnvironmentFile= in its unit. No mode helps here: every session reads the file.";
static const char in_fstab[] =
    "Put the user and the password into a file of root's with mode 0600, and in fstab, which all may\n"
    "read, write credentials=FILE in place of username= and password=.";

/* ---- the program's user ---- */

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

/* php-fpm's, which it reads as root before it starts the pools. */
static bool is_of_php_fpm(const char *path)
{
    return strcmp(sv_path_base(path), "php-fpm.conf") == 0 || strstr(path, "/php-fpm.d/") ||
           (sv_path_below(path, "/etc/php") && strstr(path, "/fpm/"));
}

/* Programs that read their files as root before they give up its rights, and tools of root's. */
static bool is_read_by_root(const char *package)
{
    static const char *const list[] = {
        "nginx", "apache2", "httpd", "postfix", "dovecot", "haproxy", "ssl", "pki", "letsencrypt",
        "openvpn", "wireguard", "NetworkManager", "netplan", "ppp", "wpa_supplicant", "samba",
        "docker", "containers", "default", "sysconfig", "systemd", "cloud", "fail2ban", "restic",
        "supervisor", "monit", "ipsec.d", "swanctl", "stunnel", "sudoers.d", "cron.d", "cron.daily"};
    return IS_ONE_OF(package, list);
}

/* The user of a package: by its folder's name, by what Debian calls it, or by its unit. */
static bool of_package(const struct sv_machine *m, const char *package, struct sv_cred *ret)
{
    static const char *const users[][2] = {
        {"postgresql", "postgres"}, {"exim4", "Debian-exim"}, {"ldap", "openldap"},
        {"freeradius", "freerad"},  {"icinga2", "nagios"},    {"snmp", "Debian-snmp"},
        {"php", "www-data"},        {"pgbouncer", "postgres"}, {"kibana", "kibana"},
        {"turnserver", "turnserver"}, {"gitea", "git"},        {"forgejo", "git"}};
    if (user_named(m, package, ret))
        return true;
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (strcmp(users[i][0], package) == 0 && user_named(m, users[i][1], ret))
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

static bool in_group(const struct sv_cred *who, gid_t gid)
{
    bool in = who->gid == gid;
    for (size_t i = 0; i < who->n_groups; i++)
        in |= who->groups[i] == gid;
    return in;
}

/* The user's group, where neither owning the file nor its group lets that user in. */
static void let_in(const struct sv_machine *m, const struct sv_cred *who, const struct stat *st,
                   struct sv_closing *io)
{
    io->reader = who->uid;
    if (who->uid == st->st_uid || (in_group(who, st->st_gid) && (st->st_mode & S_IRGRP)))
        return;
    io->group = sv_identity_group(m->ids, m->arena, who->gid);
    io->mode = st->st_mode & 0111 ? "0750" : "0640";
}

static void of_ecosystem(const struct sv_machine *m, const char *path, const struct stat *st,
                         struct sv_closing *io)
{
    struct sv_cred who;
    io->mode = "0600";
    if (st->st_uid != 0)
        return;
    if (of_pm2(m, &who) || of_service(m, path, &who))
        io->owner = who.user;
    else
        io->first = "First, if pm2 does not run as root: chown to the user who runs it.";
}

/* Neither somebody's own nor the system's: programs of several users may read there; but for what a
 * person's tools keep (.mcp.json). */
static bool is_shared(const char *path)
{
    const char *base = sv_path_base(path);
    if (base[0] == '.' && strncmp(base, ".env", 4) != 0)
        return false;
    return !sv_path_below(path, "/home") && !sv_path_below(path, "/root") &&
           !sv_path_below(path, "/var/log") && !sv_path_below(path, "/usr");
}

struct sv_machine sv_ctx_machine(struct sv_ctx *cx)
{
    return (struct sv_machine){.fs = sv_ctx_fs(cx),
                               .ids = sv_ctx_ids(cx),
                               .arena = sv_ctx_arena(cx),
                               .host = sv_ctx_host(cx)};
}

struct sv_closing sv_closing_of(const struct sv_machine *m, const char *path)
{
    struct sv_closing x = {.mode = "o-rwx"};
    struct stat st;
    struct sv_cred who;
    const char *base = sv_path_base(path);
    if (is_for_all(path))
        return (struct sv_closing){.note = for_all};
    if (strcmp(path, "/etc/fstab") == 0)
        return (struct sv_closing){.note = in_fstab};
    /* ssh and libpq refuse a file that its group may read: o-rwx would not do for them. */
    if (strstr(path, "/.ssh/") || strcmp(base, ".pgpass") == 0)
        x.mode = "0600";
    if (sv_fs_stat(m->fs, path, &st) < 0 || !S_ISREG(st.st_mode))
        return x;
    bool roots = st.st_uid == 0 && st.st_gid == 0;
    if (strncmp(base, "ecosystem", 9) == 0 && strstr(base, ".config.")) {
        of_ecosystem(m, path, &st, &x);
    } else if (of_password_file(m, path, &who)) {
        let_in(m, &who, &st, &x);
    } else if (sv_path_below(path, "/etc") && is_of_php_fpm(path)) {
        x.mode = "0600";
        x.owner = roots ? NULL : "root:root";
    } else if (sv_path_below(path, "/etc")) {
        const char *package = package_of(m->arena, path);
        if (roots && !is_read_by_root(package) && of_package(m, package, &who))
            let_in(m, &who, &st, &x);
        else if (roots && !is_read_by_root(package))
            x.first = "First, if a program reads it as a user of its own: chgrp to that one's group.";
    } else if (strcmp(x.mode, "0600") != 0) {
        if (of_service(m, path, &who) || of_scripts(m, path, &who))
            let_in(m, &who, &st, &x);
        else if (is_shared(path))
            x.first = "First, if a program such as a web server or PHP reads it: chgrp to that one's group.";
    }
    return x;
}

const char *sv_closing_commands(struct sv_arena *a, const char *path, const struct sv_closing *x)
{
    const char *quoted = sv_shell_quote(a, path);
    const char *first = "";
    if (x->owner)
        first = sv_arena_printf(a, "chown %s %s; ", sv_shell_quote(a, x->owner), quoted);
    else if (x->group)
        first = sv_arena_printf(a, "chgrp %s %s; ", sv_shell_quote(a, x->group), quoted);
    return x->mode ? sv_arena_printf(a, "%schmod %s %s", first, x->mode, quoted) : "";
}

const char *sv_closing_text(const struct sv_machine *m, const char *path)
{
    struct sv_closing x = sv_closing_of(m, path);
    const char *commands = sv_closing_commands(m->arena, path, &x);
    return sv_arena_printf(m->arena, "%s%s%s%s%s", x.first ? x.first : "", x.first ? "\n" : "",
                           commands, *commands && x.note ? "\n" : "", x.note ? x.note : "");
}
