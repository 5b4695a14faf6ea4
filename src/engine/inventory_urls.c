// SPDX-License-Identifier: Apache-2.0
// Which of the inventory's files strangers can fetch, by the servers that were found.
#include "engine/inventory.h"

#include <string.h>

#include "base/limits.h"
#include "serve/memo.h"

/* It lies where the server takes files from, or beside an alias that requests get out of. */
static bool may_have(const struct sv_site *site, struct sv_arena *a, const char *path,
                     size_t *io_looked)
{
    struct sv_paths inside = {0};
    ++*io_looked;
    if (sv_fs_is_view(site->fs)) {
        sv_fs_inside(site->fs, a, path, &inside);
        return inside.list.n > 0;
    }
    const struct sv_mappings *maps = sv_site_mappings(site);
    const struct sv_reverse_index *index = sv_reverse_index(site);
    *io_looked += maps->list.n;
    sv_vec_each(m, &maps->list)
    {
        const struct sv_alias_gap *gap = sv_alias_gap(site, m);
        const char *real = index->real_dirs[m - maps->list.v];
        if (sv_path_below(path, m->dir) || (real && sv_path_below(path, real)) ||
            (gap && sv_path_below(path, gap->above)))
            return true;
    }
    return false;
}

static const char *ask(const struct sv_inventory *in, struct sv_inventory_urls *io,
                       const char *path)
{
    struct sv_arena own = {0};
    const char *url = NULL;
    bool asked = false, left = io->looked > SV_MAX_INVENTORY_LOOKED;
    for (size_t i = 0; i < in->host->sites.n && !url && !left; i++) {
        struct sv_routes routes = {0};
        if (!may_have(in->host->sites.v[i], &own, path, &io->looked))
            continue;
        asked = true;
        left = io->asked >= SV_MAX_INVENTORY_ASKED;
        if (left)
            continue;
        sv_serve_reverse(in->host->sites.v[i], &own, path, in->client, &routes);
        if (routes.list.n && sv_vhost_on_network(routes.list.v[0].answer.vhost))
            url = sv_arena_strdup(in->result->arena, routes.list.v[0].url);
    }
    io->asked += asked;
    if (left && io->left++ == 0)
        io->first_left = path;
    sv_arena_clear(&own);
    return url;
}

const char *sv_inventory_url(const struct sv_inventory *in, struct sv_inventory_urls *io,
                             const char *path)
{
    struct sv_arena *a = in->result->arena;
    uint32_t *at = sv_map_at(a, &io->known, sv_slice_of(path));
    if (*at == 0) {
        sv_vec_push(a, &io->list, ask(in, io, path));
        *at = (uint32_t)io->list.n;
    }
    return io->list.v[*at - 1];
}

void sv_inventory_urls_left(const struct sv_inventory *in, const struct sv_inventory_urls *urls)
{
    if (urls->left == 0)
        return;
    const char *more = "";
    if (urls->left > 1)
        more = sv_arena_printf(in->result->arena, " and for %zu more files", urls->left - 1);
    sv_result_skip(in->result, urls->first_left,
                   "for this file%s the servers were not asked whether strangers can fetch it: more "
                   "than %d files with secrets lie where they serve from", more,
                   SV_MAX_INVENTORY_ASKED);
}
