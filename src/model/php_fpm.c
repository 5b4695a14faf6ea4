// SPDX-License-Identifier: Apache-2.0
// Reads php-fpm.conf and its pools (php-fpm.conf(5), php.net: FPM configuration).
#include "model/php_fpm.h"

#include <ctype.h>
#include <errno.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/config_file.h"
#include "syntax/ini.h"

struct loader {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_php *ret;
    struct sv_map seen; /* main files */
    const char *config;
    const struct sv_unit *unit;
    struct sv_php_pool *pool; /* that the next setting is of; NULL: [global] */
    size_t nodes;             /* that there were before */
    bool full;
};

/* ---- settings ---- */

/* "env[KEY]" to KEY; empty if the setting is another one. */
static struct sv_slice entry_name(struct sv_slice key, const char *list)
{
    size_t n = strlen(list);
    if (!sv_slice_starts(key, list) || key.n < n + 3 || key.p[n] != '[' || key.p[key.n - 1] != ']')
        return (struct sv_slice){"", 0};
    return sv_slice_trim(sv_slice_sub(key, n + 1, key.n - 1));
}

static bool is_no(struct sv_slice v)
{
    static const char *const words[] = {"no", "off", "false", "0", "none"};
    bool no = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        no |= sv_slice_is_nocase(v, words[i]);
    return no;
}

/* "$pool" in a value is the pool's name. */
static const char *text_of(struct sv_arena *a, const struct sv_php_pool *p, const struct sv_node *n)
{
    static const char mark[] = "$pool";
    _cleanup_buf_ struct sv_buf out = {0};
    struct sv_slice text = sv_node_arg(n, 0);
    for (size_t at; (at = sv_slice_find(text, mark)) < text.n;) {
        sv_buf_add(&out, sv_slice_sub(text, 0, at));
        sv_buf_adds(&out, p->name);
        text = sv_slice_sub(text, at + sizeof mark - 1, text.n);
    }
    sv_buf_add(&out, text);
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}

static void take_setting(struct loader *l, const struct sv_node *n)
{
    static const char *const lists[] = {"php_value", "php_admin_value", "php_flag",
                                        "php_admin_flag"};
    struct sv_php_pool *p = l->pool;
    struct sv_slice value = sv_node_arg(n, 0), name = entry_name(n->name, "env");
    const struct {
        const char *key;
        const struct sv_node **at;
    } single[] = {{"user", &p->user},
                  {"group", &p->group},
                  {"listen", &p->listen},
                  {"listen.mode", &p->listen_mode},
                  {"listen.owner", &p->listen_owner},
                  {"listen.group", &p->listen_group},
                  {"listen.allowed_clients", &p->listen_clients},
                  {"chroot", &p->chroot},
                  {"clear_env", &p->clear}};
    if (name.n)
        sv_vec_push(l->env->arena, &p->env, (struct sv_php_entry){name, value, n});
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if ((name = entry_name(n->name, lists[i])).n)
            sv_vec_push(l->env->arena, &p->values, (struct sv_php_entry){name, value, n});
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (sv_node_is(n, single[i].key))
            *single[i].at = value.n ? n : NULL;
    if (sv_node_is(n, "clear_env"))
        p->clear_env = !is_no(value);
}

static void enter_section(struct loader *l, const struct sv_node *section)
{
    struct sv_arena *a = l->env->arena;
    l->pool = NULL;
    if (sv_slice_is_nocase(section->name, "global") || section->name.n == 0)
        return;
    sv_vec_each(p, &l->ret->pools)
    {
        if (sv_slice_is(section->name, (*p)->name) && strcmp((*p)->config, l->config) == 0)
            l->pool = *p;
    }
    if (l->pool)
        return;
    if (l->ret->pools.n >= SV_MAX_PHP_POOLS) {
        if (!l->full)
            sv_diag_at(l->env->diags, SV_DIAG_ERROR, section->head,
                       "too many pools of php-fpm; the rest was not read");
        l->full = true;
        return;
    }
    l->pool = sv_new(a, struct sv_php_pool);
    *l->pool = (struct sv_php_pool){.name = sv_arena_copy(a, section->name).p,
                                    .config = l->config, .node = section, .unit = l->unit,
                                    .clear_env = true};
    sv_vec_push(a, &l->ret->pools, l->pool);
}

/* ---- files ---- */

enum { MAX_INCLUDES = 5 }; /* php-fpm: FPM_CONF_MAX_INCLUDES levels, deeper it refuses to start */

static void load_file(struct loader *l, const char *path, unsigned depth);

static void include(struct loader *l, const struct sv_node *n, unsigned depth)
{
    struct sv_arena *a = l->env->arena;
    struct sv_paths paths = {0};
    if (l->full)
        return;
    const char *prefix = sv_path_below(l->config, "/usr/local") ? "/usr/local" : "/usr";
    const char *pattern = sv_path_join(a, prefix, sv_arena_copy(a, sv_node_arg(n, 0)).p);
    if (depth >= MAX_INCLUDES) {
        sv_diag_at(l->env->diags, SV_DIAG_ERROR, n->head,
                   "more than %d files include each other; php-fpm does not start with that",
                   MAX_INCLUDES);
        return;
    }
    int rc = sv_fs_glob(l->env->fs, a, pattern, &paths);
    if (rc < 0)
        sv_diag_at(l->env->diags, SV_DIAG_ERROR, n->head, "%s: %s", pattern, strerror(-rc));
    sv_vec_each(path, &paths.list)
    {
        load_file(l, *path, depth + 1);
    }
}

static void load_file(struct loader *l, const char *path, unsigned depth)
{
    struct sv_slice text;
    if (l->full)
        return;
    if (l->ret->files.n >= SV_MAX_CONFIG_FILES || l->ret->pools.n >= SV_MAX_PHP_POOLS ||
        l->sx->n_nodes - l->nodes > SV_MAX_INI_NODES) {
        sv_diag_path(l->env->diags, SV_DIAG_ERROR, path,
                     "too many files, pools or settings of php-fpm; the rest was not read");
        l->full = true;
        return;
    }
    if (!sv_config_read(l->env, l->sx->arena, path, &text))
        return;
    sv_vec_push(l->env->arena, &l->ret->files, path);
    l->sx->n_files++;
    l->sx->n_bytes += text.n;
    const struct sv_node *root =
        sv_ini_parse(l->sx, sv_source_add(l->env->sources, path, text), SV_INI_PHP);
    sv_node_each(section, root)
    {
        if (l->full)
            break;
        if (section->name.n) /* else what was open when this file was included goes on */
            enter_section(l, section);
        sv_node_each(n, section)
        {
            if (sv_node_is(n, "include"))
                include(l, n, depth);
            else if (l->pool)
                take_setting(l, n);
        }
    }
}

/* ---- whom a pool runs as ---- */

static bool number(struct sv_slice s, unsigned long long *ret)
{
    return sv_slice_u64(s, ret) && *ret <= UINT32_MAX;
}

/* php-fpm: root starts a pool as `user`, and refuses to without; others can only be themselves. */
static void take_identity(struct loader *l, struct sv_php_pool *p)
{
    struct sv_arena *a = l->env->arena;
    const char *starter = p->unit ? sv_unit_user(p->unit, a, NULL) : "root";
    unsigned long long id;
    if (strcmp(starter, "root") != 0) {
        p->cred_known = sv_unit_cred(p->unit, a, l->env->ids, &p->cred);
    } else if (p->user) {
        const char *name = text_of(a, p, p->user);
        const char *gname = p->group ? text_of(a, p, p->group) : NULL;
        if (number(sv_slice_of(name), &id))
            name = sv_identity_user(l->env->ids, a, (uid_t)id);
        if (gname && number(sv_slice_of(gname), &id))
            gname = sv_identity_group(l->env->ids, a, (gid_t)id);
        p->cred_known = sv_identity_cred(l->env->ids, a, name, gname, &p->cred);
        if (!p->cred_known)
            sv_diag_at(l->env->diags, SV_DIAG_NOTE, p->user->head,
                       "no such user or group; what the scripts of pool %s may read is not known",
                       p->name);
    }
    if (!p->cred_known)
        return;
    struct sv_view *view = sv_new(a, struct sv_view);
    if (p->unit)
        *view = *sv_unit_view(p->unit, l->env->fs, a);
    if (p->chroot) {
        const char *dir = sv_path_join(a, "/", text_of(a, p, p->chroot));
        const char *text = sv_arena_printf(a, "chroot = %s of pool %s", dir, p->name);
        sv_vec_push(a, &view->hidden, (struct sv_hidden){"/", ENOENT, text, p->chroot->head});
        sv_vec_push(a, &view->bound, dir);
    }
    p->cred.view = view->hidden.n ? view : NULL;
}

/* ---- main files ---- */

static void load_main(struct loader *l, const char *path, const struct sv_unit *unit)
{
    struct sv_arena *a = l->env->arena;
    const char *real;
    if (!sv_config_there(l->env, path, &real) || (*sv_map_at(a, &l->seen, sv_slice_of(real)))++)
        return;
    l->config = real;
    l->unit = unit;
    l->pool = NULL;
    if (unit)
        sv_unit_tell_root(unit, l->env->diags, real);
    load_file(l, real, 0);
}

/* The file of "php-fpm8.2 --nodaemonize --fpm-config X", of "-y X", or the one built in. */
static const char *config_of(struct sv_arena *a, const struct sv_unit_command *c)
{
    struct sv_slice base = sv_slice_base(c->program), version;
    for (size_t i = 0; i < c->args.n; i++) {
        struct sv_slice w = c->args.v[i];
        bool apart = sv_slice_is(w, "-y") || sv_slice_is(w, "--fpm-config");
        if (apart && i + 1 < c->args.n)
            return sv_path_join(a, "/", sv_arena_copy(a, c->args.v[i + 1]).p);
        if (sv_slice_starts(w, "--fpm-config="))
            return sv_path_join(a, "/", sv_arena_copy(a, sv_slice_sub(w, 13, w.n)).p);
        if (sv_slice_starts(w, "-y") && w.n > 2)
            return sv_path_join(a, "/", sv_arena_copy(a, sv_slice_sub(w, 2, w.n)).p);
    }
    version = sv_slice_sub(base, strlen("php-fpm"), base.n);
    if (version.n)
        return sv_arena_printf(a, "/etc/php/%.*s/fpm/php-fpm.conf", (int)version.n, version.p);
    return "/etc/php-fpm.conf";
}

static void load_units(struct loader *l, const struct sv_units *units)
{
    sv_vec_each(u, &units->list)
    {
        struct sv_unit_commands commands = {0};
        if ((*u)->masked || (*u)->user)
            continue;
        sv_unit_commands(*u, l->env->arena, &commands);
        sv_vec_each(c, &commands.list)
        {
            if (strcmp(c->key, "ExecStart") == 0 &&
                sv_slice_starts(sv_slice_base(c->program), "php-fpm"))
                load_main(l, config_of(l->env->arena, c), *u);
        }
    }
}

void sv_php_load(const struct sv_model_env *env, struct sv_syntax *sx, const struct sv_units *units,
                 struct sv_php *ret)
{
    static const char *const places[] = {
        "/etc/php/*/fpm/php-fpm.conf", "/etc/php-fpm.conf", "/etc/php[0-9]*/php-fpm.conf",
        "/etc/opt/remi/php*/php-fpm.conf", "/usr/local/etc/php-fpm.conf"};
    struct loader l = {.env = env, .sx = sx, .ret = ret, .nodes = sx->n_nodes};
    if (units)
        load_units(&l, units);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct sv_paths paths = {0};
        sv_config_glob(env, places[i], &paths);
        sv_vec_each(path, &paths.list)
        {
            load_main(&l, *path, NULL);
        }
    }
    sv_vec_each(p, &ret->pools)
    {
        take_identity(&l, *p);
    }
}
