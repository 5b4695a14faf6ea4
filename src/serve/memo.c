// SPDX-License-Identifier: Apache-2.0
// Indexes of a site's mappings and levels, so that a question about a file does not ask each.
#include "serve/memo.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

struct sv_site_memo *sv_site_memo(const struct sv_site *site)
{
    /* The one member that a finished site gets later; no answer depends on when. */
    struct sv_site *own = (struct sv_site *)site;
    if (!own->memo)
        own->memo = sv_new(own->arena, struct sv_site_memo);
    return own->memo;
}

/* ---- by folder ---- */

void sv_folder_put(struct sv_arena *a, struct sv_by_folder *x, struct sv_slice dir, uint32_t i,
                   size_t n)
{
    uint32_t *first = sv_map_at(a, &x->first, dir);
    if (!x->next)
        x->next = sv_new_n(a, uint32_t, n);
    x->next[i] = *first;
    *first = i + 1;
}

void sv_folder_find(const struct sv_by_folder *x, struct sv_arena *a, const char *path,
                    bool every_byte, struct sv_places_found *ret)
{
    uint64_t hash = sv_map_hash_start(&x->first);
    for (size_t i = 0; x->first.n; i++) {
        if (i && (every_byte || i == 1 || path[i] == '/' || !path[i]))
            for (uint32_t k = sv_map_find_hashed(&x->first, (struct sv_slice){path, i}, hash); k;
                 k = x->next[k - 1])
                sv_vec_push(a, &ret->list, k - 1);
        if (!path[i])
            return;
        hash = sv_map_hash_add(&x->first, hash, path[i]);
    }
}

static int by_place(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void sv_folder_sort(struct sv_places_found *io)
{
    size_t n = 0;
    if (io->list.n)
        qsort(io->list.v, io->list.n, sizeof *io->list.v, by_place);
    for (size_t i = 0; i < io->list.n; i++)
        if (i == 0 || io->list.v[i] != io->list.v[i - 1])
            io->list.v[n++] = io->list.v[i];
    io->list.n = n;
}

/* ---- what reverse asks ---- */

/* Any condition or table on $request_uri. */
static bool has_raw_guards(const struct sv_site *site)
{
    bool any = false;
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_node *n = (*it)->node;
        for (uint32_t i = 0; (*it)->kind == SV_SCOPE_IF && n && i < n->n_args; i++)
            any |= sv_slice_find(sv_node_arg(n, i), "$request_uri") < sv_node_arg(n, i).n;
    }
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_node *n = sv_scope_own(*it, "rewritecond");
        for (; n && !any; n = n->next)
            any |= sv_node_is(n, "rewritecond") &&
                   sv_slice_find(sv_node_arg(n, 0), "THE_REQUEST") < sv_node_arg(n, 0).n;
    }
    const struct sv_node *n = site->http ? site->http->node : NULL;
    for (n = n ? n->first : NULL; n; n = n->next)
        any |= sv_node_is(n, "map") && sv_slice_is(sv_node_arg(n, 0), "$request_uri");
    return any;
}

/* An exact location with an alias and no more is a mapping like others. */
static bool yields_files(const struct sv_scope *s)
{
    if (s->vhost && s->rewrites && sv_scope_own(s, "rewrite"))
        return true;
    return s->kind == SV_SCOPE_LOCATION && sv_scope_own(s, "try_files");
}

static void index_mapping(const struct sv_site *site, struct sv_reverse_index *x, uint32_t i)
{
    const struct sv_mappings *maps = &site->memo->mappings;
    const struct sv_mapping *m = &maps->list.v[i];
    struct sv_arena *a = site->arena;
    size_t n = maps->list.n;
    const char *real = NULL;
    sv_folder_put(a, &x->dir, sv_slice_of(m->dir), i, n);
    if (sv_fs_realpath(site->fs, a, m->dir, &real) < 0 || strcmp(real, m->dir) == 0 ||
             strcmp(real, "/") == 0)
        real = NULL;
    x->real_dirs[i] = real;
    if (real)
        sv_folder_put(a, &x->real, sv_slice_of(real), i, n);
}

const struct sv_reverse_index *sv_reverse_index(const struct sv_site *site)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    if (memo->reverse)
        return memo->reverse;
    const struct sv_mappings *maps = sv_site_mappings(site);
    struct sv_reverse_index *x = sv_new(site->arena, struct sv_reverse_index);
    x->raw_guards = has_raw_guards(site);
    x->real_dirs = sv_new_n(site->arena, const char *, maps->list.n);
    x->gaps = sv_new_n(site->arena, struct sv_alias_gap, maps->list.n);
    for (uint32_t i = (uint32_t)maps->list.n; i-- > 0;) {
        if (sv_alias_gap_of(site, &maps->list.v[i], &x->gaps[i]) && !x->gaps[i].begins[0])
            sv_folder_put(site->arena, &x->above, sv_slice_of(x->gaps[i].above), i, maps->list.n);
        if (maps->list.v[i].exact && !maps->list.v[i].repeats)
            index_mapping(site, x, i);
    }
    for (uint32_t i = 0; i < maps->list.n; i++)
        if (!maps->list.v[i].exact)
            sv_vec_push(site->arena, &x->variables, i);
    sv_vec_each(s, &site->scopes)
    {
        if (yields_files(*s))
            sv_vec_push(site->arena, &x->levels, (struct sv_reverse_level){*s, 0});
    }
    sv_reverse_templates(site, x);
    return memo->reverse = x;
}

/* ---- links ---- */

static void links_of(const struct sv_site *site, const struct sv_mapping *m,
                     struct sv_inner_links *ret)
{
    struct sv_arena own = {0};
    struct sv_dirents entries = {0};
    const char *top = strcmp(m->dir, "/") == 0 ? "" : m->dir, *real;
    (void)sv_fs_list(site->fs, &own, m->dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (e->type != DT_LNK)
            continue;
        const char *path = sv_arena_printf(site->arena, "%s/%s", top, e->name);
        if (sv_fs_realpath(site->fs, site->arena, path, &real) == 0 && strcmp(real, "/") != 0)
            sv_vec_push(site->arena, &ret->list, (struct sv_inner_link){m, path, real});
    }
    sv_arena_clear(&own);
}

const struct sv_inner_links *sv_inner_links(const struct sv_site *site)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    if (memo->links)
        return memo->links;
    struct sv_inner_links *x = sv_new(site->arena, struct sv_inner_links);
    sv_vec_each(m, &sv_site_mappings(site)->list)
    {
        if (m->exact && !m->repeats)
            links_of(site, m, x);
    }
    for (uint32_t i = (uint32_t)x->list.n; i-- > 0;)
        sv_folder_put(site->arena, &x->real, sv_slice_of(x->list.v[i].real), i, x->list.n);
    return memo->links = x;
}

/* ---- hidden folders ---- */

static void hidden_in(const struct sv_site *site, const char *dir, struct sv_paths *ret)
{
    struct sv_arena own = {0};
    struct sv_dirents entries = {0};
    struct stat st;
    (void)sv_fs_list(site->fs, &own, dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (e->name[0] != '.' || strcmp(e->name, ".well-known") == 0)
            continue;
        const char *path = sv_path_join(site->arena, dir, e->name);
        if (sv_fs_lstat(site->fs, path, &st) == 0 && S_ISDIR(st.st_mode))
            sv_vec_push(site->arena, &ret->list, path);
    }
    sv_arena_clear(&own);
}

const struct sv_paths *sv_hidden_folders(const struct sv_site *site)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    struct sv_arena own = {0};
    struct sv_map seen = {0};
    if (memo->hidden)
        return memo->hidden;
    memo->hidden = sv_new(site->arena, struct sv_paths);
    sv_vec_each(m, &sv_site_mappings(site)->list)
    {
        if (m->exact && (*sv_map_at(&own, &seen, sv_slice_of(m->dir)))++ == 0)
            hidden_in(site, m->dir, memo->hidden);
    }
    sv_arena_clear(&own);
    return memo->hidden;
}

void sv_site_add_file_link(const struct sv_site *site, const char *path, const char *real)
{
    struct sv_arena *a = site->arena;
    struct sv_file_links *x = &sv_site_memo(site)->file_links;
    struct sv_file_link *link = sv_new(a, struct sv_file_link);
    uint32_t *at = sv_map_at(a, &x->real, sv_slice_of(sv_arena_strdup(a, real)));
    if (*at == 0) {
        sv_vec_push(a, &x->list, NULL);
        *at = (uint32_t)x->list.n;
    }
    *link = (struct sv_file_link){sv_arena_strdup(a, path), x->list.v[*at - 1]};
    x->list.v[*at - 1] = link;
}

const struct sv_file_link *sv_site_file_links(const struct sv_site *site, const char *real)
{
    const struct sv_file_links *x = &sv_site_memo(site)->file_links;
    uint32_t at = sv_map_find(&x->real, sv_slice_of(real));
    return at ? x->list.v[at - 1] : NULL;
}
