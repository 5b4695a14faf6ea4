// SPDX-License-Identifier: Apache-2.0
// Where folders have URLs, and files that stand for a folder: what checks ask about places.
#include <dirent.h>

#include "base/limits.h"
#include "engine/context.h"
#include "model/apache.h"
#include "serve/memo.h"

static void add(struct sv_arena *a, struct sv_map *seen, struct sv_places *ret,
                const struct sv_vhost *v, const char *target)
{
    const char *key = sv_arena_printf(a, "%p %s", (const void *)v, target);
    if ((*sv_map_at(a, seen, sv_slice_of(key)))++ == 0)
        sv_vec_push(a, &ret->list, (struct sv_place){v, target});
}

/* The URL path of `dir` below a mapping, NULL if it is not below it. */
static const char *target_of(struct sv_arena *a, const struct sv_mapping *m, const char *dir)
{
    if (!m->exact || !sv_path_below(dir, m->dir))
        return NULL;
    const char *rest = dir + (strcmp(m->dir, "/") == 0 ? 0 : strlen(m->dir));
    struct sv_slice prefix = m->uri_prefix;
    while (prefix.n && prefix.p[prefix.n - 1] == '/')
        prefix.n--;
    const char *uri = sv_arena_printf(a, "%.*s%s", (int)prefix.n, prefix.p, rest);
    struct sv_slice s = sv_slice_of(uri);
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    return sv_uri_escape(a, s);
}

void sv_ctx_places(struct sv_ctx *cx, const struct sv_site *site, const char *dir,
                   struct sv_places *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_places_found found = {0};
    struct sv_map seen = {0};
    sv_folder_find(&sv_reverse_index(site)->dir, a, dir, false, &found);
    sv_folder_sort(&found);
    sv_vec_each(i, &found.list)
    {
        const struct sv_mapping *m = &sv_site_mappings(site)->list.v[*i];
        const char *target = target_of(a, m, dir);
        if (!target)
            continue;
        sv_vec_each(v, &m->vhosts)
        {
            if (ret->list.n >= SV_MAX_PLACES)
                return;
            add(a, &seen, ret, *v, target);
        }
    }
}

void sv_ctx_sample(struct sv_ctx *cx, const char *dir, size_t max, struct sv_paths *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    SV_VEC(const char *) folders = {0};
    sv_vec_push(a, &folders, dir);
    for (size_t i = 0; i < folders.n && ret->list.n < max; i++) {
        struct sv_arena own = {0};
        struct sv_dirents entries = {0};
        const char *at = folders.v[i];
        (void)sv_fs_list(sv_ctx_fs(cx), &own, at, &entries);
        sv_vec_each(e, &entries.list)
        {
            if (e->type == DT_DIR && i == 0)
                sv_vec_push(a, &folders, sv_path_join(a, at, e->name));
            if (e->type == DT_REG && ret->list.n < max && strcmp(e->name, ".htaccess") != 0)
                sv_vec_push(a, &ret->list, sv_path_join(a, at, e->name));
        }
        sv_arena_clear(&own);
    }
}

const struct sv_node *sv_ctx_htaccess(struct sv_ctx *cx, const struct sv_site *site,
                                      const char *path)
{
    static const struct sv_apache_tree none;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_slice text;
    bool cut = false;
    if (sv_fs_read(sv_ctx_fs(cx), a, path, SV_MAX_CONTENT_HEAD, &text, &cut) < 0)
        return NULL;
    /* What is wrong with the file is for the server's own reading to say. */
    struct sv_diags quiet = {.arena = a};
    struct sv_syntax sx = {.arena = a, .sources = sv_ctx_sources(cx), .diags = &quiet};
    const struct sv_apache_tree *tree = site->apache ? &site->apache->tree : &none;
    return sv_apache_parse_htaccess(&sx, tree, sv_source_add(sx.sources, path, text), NULL);
}
