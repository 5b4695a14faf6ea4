// SPDX-License-Identifier: Apache-2.0
// The .htaccess files of a site's folders, each read once.
#include <errno.h>

#include "base/limits.h"
#include "model/scope.h"

struct entry {
    struct entry *next; /* of the same folder */
    struct sv_slice names; /* AccessFileName; it may differ from one level to another */
    struct sv_htaccess *file; /* NULL: the folder has none */
};

struct sv_htaccess_cache {
    struct sv_map dirs; /* a folder: the place in `list` plus one */
    SV_VEC(struct entry *) list;
};

static void parse(const struct sv_site *site, struct sv_slice text, struct sv_htaccess *ht)
{
    struct sv_syntax sx = {.arena = site->sources->arena, .sources = site->sources,
                           .diags = site->diags, .fs = site->fs};
    struct sv_site *owner = site->apache->main->vhost->site;
    uint32_t file = sv_source_add(
        site->sources, sv_fs_outside(site->fs, site->sources->arena, ht->path), text);
    struct sv_node *root = sv_apache_parse_htaccess(&sx, &site->apache->tree, file, &ht->bad);
    ht->scope = sv_scope_new(owner, SV_SCOPE_HTACCESS, root, NULL, NULL);
    sv_apache_sections(owner, ht->scope, false);
}

/* 0: read, or not there (*ret_there); else the errno for which everything below is refused. */
static int read_file(const struct sv_site *site, const char *path, struct sv_slice *ret_text,
                     bool *ret_there)
{
    *ret_there = false;
    if (site->worker_known) {
        struct sv_access_answer acc =
            sv_access_check(site->fs, site->arena, &site->worker, path, SV_RIGHT_READ);
        if (acc.access == SV_ACCESS_NO)
            return sv_fs_is_absent(-acc.error) ? 0 : acc.error;
    }
    int rc = sv_fs_read(site->fs, site->sources->arena, path, SV_MAX_CONFIG_BYTES, ret_text, NULL);
    if (sv_fs_is_absent(rc))
        return 0;
    *ret_there = rc == 0;
    return -rc;
}

/* The text of `*names` up to a blank; quotes are not worth more for file names. */
static struct sv_slice next_name(struct sv_slice *names)
{
    size_t n = 0, from = 0;
    while (from < names->n && strchr(" \t\"", names->p[from]))
        from++;
    for (n = from; n < names->n && !strchr(" \t\"", names->p[n]);)
        n++;
    struct sv_slice word = sv_slice_sub(*names, from, n);
    *names = sv_slice_sub(*names, n, names->n);
    return word;
}

static struct sv_htaccess *load(const struct sv_site *site, struct sv_slice names, const char *dir)
{
    while (names.n) {
        struct sv_slice name = next_name(&names), text;
        bool there;
        if (name.n == 0)
            continue;
        const char *path = sv_arena_printf(site->arena, "%s/%.*s", dir, (int)name.n, name.p);
        int error = read_file(site, path, &text, &there);
        if (!there && !error)
            continue;
        struct sv_htaccess *ht = sv_new(site->arena, struct sv_htaccess);
        ht->path = path;
        ht->error = error;
        if (there)
            parse(site, text, ht);
        return ht;
    }
    return NULL;
}

struct sv_htaccess *sv_apache_htaccess(const struct sv_site *site, struct sv_slice names,
                                       const char *dir)
{
    struct sv_htaccess_cache *c = site->apache->htaccess;
    if (!c)
        c = site->apache->htaccess = sv_new(site->arena, struct sv_htaccess_cache);
    uint32_t at = sv_map_find(&c->dirs, sv_slice_of(dir));
    struct entry *first = at ? c->list.v[at - 1] : NULL, *e = first;
    while (e && !sv_slice_eq(e->names, names))
        e = e->next;
    if (e)
        return e->file;
    e = sv_new(site->arena, struct entry);
    *e = (struct entry){.next = first, .names = sv_arena_copy(site->arena, names)};
    e->file = load(site, names, dir);
    sv_vec_push(site->arena, &c->list, e);
    dir = sv_arena_strdup(site->arena, dir);
    *sv_map_at(site->arena, &c->dirs, sv_slice_of(dir)) = (uint32_t)c->list.n;
    return e->file;
}
