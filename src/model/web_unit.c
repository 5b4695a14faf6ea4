// SPDX-License-Identifier: Apache-2.0
// What the unit of a server decides of its rights: the user, and places that it does not see.
#include <errno.h>

#include "model/unit.h"

struct taker {
    struct sv_fs *fs;
    struct sv_arena *a;
    const struct sv_unit *unit;
    struct sv_view *view;
};

static const char *real_path(const struct taker *t, struct sv_slice path)
{
    const char *p = sv_path_join(t->a, "/", sv_arena_copy(t->a, path).p), *real;
    return sv_fs_realpath(t->fs, t->a, p, &real) == 0 ? real : p;
}

static void hide(const struct taker *t, const struct sv_unit_setting *s, struct sv_slice path,
                 int error)
{
    const char *text = sv_arena_printf(t->a, "%s=%.*s of %s", s->key, (int)s->value.n, s->value.p,
                                       t->unit->name);
    sv_vec_push(t->a, &t->view->hidden,
                (struct sv_hidden){real_path(t, path), error, text, s->node->head});
}

static void take_home(const struct taker *t)
{
    static const char *const homes[] = {"/home", "/root", "/run/user"};
    const struct sv_unit_setting *s = sv_unit_get(t->unit, "Service", "ProtectHome");
    int error = sv_unit_flag(t->unit, "Service", "ProtectHome", false) ? EACCES
                : s && sv_slice_is(s->value, "tmpfs")                  ? ENOENT
                                                                       : 0;
    for (size_t i = 0; error && i < sizeof homes / sizeof *homes; i++)
        hide(t, s, sv_slice_of(homes[i]), error);
}

static void take_tmp(const struct taker *t)
{
    const struct sv_unit_setting *s = sv_unit_get(t->unit, "Service", "PrivateTmp");
    if (!sv_unit_flag(t->unit, "Service", "PrivateTmp", false) &&
        !(s && sv_slice_is(s->value, "disconnected")))
        return;
    hide(t, s, SV_LIT("/tmp"), ENOENT);
    hide(t, s, SV_LIT("/var/tmp"), ENOENT);
}

/* "-/srv/a:ro /srv/b": each path, without "-" and "+"; `part` of those between colons. */
static void take_paths(const struct taker *t, const char *key, unsigned part, int error)
{
    struct sv_unit_list all = {0};
    sv_unit_all(t->unit, t->a, "Service", key, &all);
    sv_vec_each(s, &all.list)
    {
        struct sv_slice rest, word;
        if (!sv_unit_expand(t->unit, t->a, (*s)->value, &rest))
            continue;
        while (sv_unit_word(t->a, &rest, &word) == 1) {
            while (word.n && (word.p[0] == '-' || word.p[0] == '+'))
                word = sv_slice_sub(word, 1, word.n);
            size_t colon = sv_slice_chr(word, ':');
            if (part && colon < word.n) /* else source and target are one */
                word = sv_slice_sub(word, colon + 1, word.n);
            word = sv_slice_sub(word, 0, sv_slice_chr(word, ':'));
            if (word.n == 0 || word.p[0] != '/')
                continue;
            if (error)
                hide(t, *s, word, error);
            else
                sv_vec_push(t->a, &t->view->bound, real_path(t, word));
        }
    }
}

const struct sv_unit_setting *sv_unit_root(const struct sv_unit *u)
{
    const struct sv_unit_setting *dir = sv_unit_get(u, "Service", "RootDirectory");
    if (dir && !sv_slice_is(dir->value, "/"))
        return dir;
    return sv_unit_get(u, "Service", "RootImage");
}

const struct sv_view *sv_unit_view(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a)
{
    struct taker t = {.fs = fs, .a = a, .unit = u, .view = sv_new(a, struct sv_view)};
    const struct sv_unit_setting *root = sv_unit_root(u);
    if (root) /* what is bound into it is seen all the same */
        hide(&t, root, SV_LIT("/"), ENOENT);
    take_home(&t);
    take_tmp(&t);
    take_paths(&t, "InaccessiblePaths", 0, EACCES);
    take_paths(&t, "InaccessibleDirectories", 0, EACCES);
    take_paths(&t, "TemporaryFileSystem", 0, ENOENT);
    take_paths(&t, "BindPaths", 1, 0);
    take_paths(&t, "BindReadOnlyPaths", 1, 0);
    return t.view;
}

void sv_unit_tell_root(const struct sv_unit *u, struct sv_diags *diags, const char *config)
{
    const struct sv_unit_setting *root = sv_unit_root(u);
    if (root && strcmp(root->key, "RootDirectory") == 0)
        sv_diag_path(diags, SV_DIAG_ERROR, config,
                     "%s runs with RootDirectory=%.*s: it reads and serves what lies below that; "
                     "give that folder with --root",
                     u->name, (int)root->value.n, root->value.p);
    else if (root)
        sv_diag_path(diags, SV_DIAG_ERROR, config,
                     "%s runs with RootImage=%.*s: it reads and serves what that image holds; "
                     "mount it, and give its top with --root",
                     u->name, (int)root->value.n, root->value.p);
}

/* Started as another user than root, the server cannot become the one of its configuration. */
static void take_user(struct sv_site *site, const struct sv_unit *u)
{
    struct sv_cred cred;
    bool dynamic = false;
    const char *user = sv_unit_user(u, site->arena, &dynamic);
    if (dynamic || strcmp(user, "root") == 0 || !sv_unit_cred(u, site->arena, site->ids, &cred))
        return;
    site->worker = cred;
    site->worker_known = true;
}

static const struct sv_unit *unit_of(const struct sv_site *site, const struct sv_units *units)
{
    static const char *const nginx[] = {"nginx.service", "openresty.service", "angie.service",
                                        NULL};
    static const char *const httpd[] = {"apache2.service", "httpd.service", NULL};
    const char *const *names = site->kind == SV_SITE_NGINX ? nginx : httpd;
    /* Another configuration is another program's. */
    for (; sv_path_below(site->config, "/etc") && *names; names++) {
        const struct sv_unit *u = sv_units_find(units, *names);
        if (u && !u->masked && u->fragment)
            return u;
    }
    return NULL;
}

void sv_site_take_unit(struct sv_site *site, const struct sv_units *units)
{
    const struct sv_unit *u = unit_of(site, units);
    if (!u)
        return;
    take_user(site, u);
    sv_unit_tell_root(u, site->diags, site->config);
    site->worker.view = sv_unit_view(u, site->fs, site->arena);
}
