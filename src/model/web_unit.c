// SPDX-License-Identifier: Apache-2.0
// What the unit of a web server decides of its rights: the user, and places that it does not see.
#include <errno.h>

#include "model/unit.h"

struct taker {
    struct sv_site *site;
    struct sv_arena *a;
    const struct sv_unit *unit;
    struct sv_view *view;
};

static const char *real_path(const struct taker *t, struct sv_slice path)
{
    const char *p = sv_path_join(t->a, "/", sv_arena_copy(t->a, path).p), *real;
    return sv_fs_realpath(t->site->fs, t->a, p, &real) == 0 ? real : p;
}

static void hide(const struct taker *t, const struct sv_unit_setting *s, struct sv_slice path,
                 int error)
{
    const char *text = sv_arena_printf(t->a, "%s=%.*s of %s", s->key, (int)s->value.n, s->value.p,
                                       t->unit->name);
    sv_vec_push(t->a, &t->view->hidden,
                (struct sv_hidden){real_path(t, path), error, text, s->node->head});
}

/* yes, true, on, 1, also in other letters. */
static bool is_true(struct sv_slice v)
{
    static const char *const words[] = {"yes", "true", "on", "1", "y", "t"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_is_nocase(v, words[i]))
            return true;
    return false;
}

static void take_home(const struct taker *t)
{
    static const char *const homes[] = {"/home", "/root", "/run/user"};
    const struct sv_unit_setting *s = sv_unit_get(t->unit, "Service", "ProtectHome");
    int error = !s ? 0 : is_true(s->value) ? EACCES : sv_slice_is(s->value, "tmpfs") ? ENOENT : 0;
    for (size_t i = 0; error && i < sizeof homes / sizeof *homes; i++)
        hide(t, s, sv_slice_of(homes[i]), error);
}

static void take_tmp(const struct taker *t)
{
    const struct sv_unit_setting *s = sv_unit_get(t->unit, "Service", "PrivateTmp");
    if (!s || (!is_true(s->value) && !sv_slice_is(s->value, "disconnected")))
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

/* Started as another user than root, the server cannot become the one of its configuration. */
static void take_user(const struct taker *t)
{
    struct sv_cred cred;
    bool dynamic = false;
    const char *user = sv_unit_user(t->unit, t->a, &dynamic);
    if (dynamic || strcmp(user, "root") == 0 || !sv_unit_cred(t->unit, t->a, t->site->ids, &cred))
        return;
    t->site->worker = cred;
    t->site->worker_known = true;
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
    struct taker t = {.site = site, .a = site->arena, .unit = unit_of(site, units)};
    if (!t.unit)
        return;
    t.view = sv_new(t.a, struct sv_view);
    take_user(&t);
    take_home(&t);
    take_tmp(&t);
    take_paths(&t, "InaccessiblePaths", 0, EACCES);
    take_paths(&t, "InaccessibleDirectories", 0, EACCES);
    take_paths(&t, "TemporaryFileSystem", 0, ENOENT);
    take_paths(&t, "BindPaths", 1, 0);
    take_paths(&t, "BindReadOnlyPaths", 1, 0);
    site->worker.view = t.view;
}
