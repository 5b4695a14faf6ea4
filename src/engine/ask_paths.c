// SPDX-License-Identifier: Apache-2.0
// Paths that may lead to a line of a configuration, from the names and patterns around it.
#include "engine/ask_paths.h"

#include "serve/answer.h"
#include "serve/template.h"

void sv_ask_path(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice path)
{
    if (path.n && path.p[0] == '/')
        sv_vec_push(a, &ret->list, sv_uri_escape(a, path));
}

void sv_ask_below(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice folder,
                  struct sv_slice name)
{
    while (folder.n && folder.p[folder.n - 1] == '/')
        folder.n--;
    if (name.n && name.p[0] == '/')
        name = sv_slice_sub(name, 1, name.n);
    sv_ask_path(a, ret, sv_slice_of(sv_arena_printf(a, "%.*s/%.*s", (int)folder.n, folder.p,
                                                    (int)name.n, name.p)));
}

void sv_ask_missing(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice folder)
{
    sv_ask_below(a, ret, folder, SV_LIT("no-such-page"));
}

void sv_ask_pattern(struct sv_arena *a, struct sv_ask_paths *ret, struct sv_slice base,
                    struct sv_slice pattern)
{
    struct sv_slice text = sv_pattern_text(a, pattern, &(struct sv_bindings){0});
    if (!text.p)
        return;
    sv_ask_path(a, ret, text);
    sv_ask_below(a, ret, base, text);
    if (sv_slice_starts(text, ".")) /* \.php$ */
        sv_ask_below(a, ret, base,
                     sv_slice_of(sv_arena_printf(a, "index%.*s", (int)text.n, text.p)));
}

/* From those that name the location, but no other named one: they may name each other. */
static void ask_named(struct sv_arena *a, struct sv_ask_paths *ret, const struct sv_scope *at)
{
    struct sv_scopes all = sv_vhost_scopes(at->vhost);
    for (size_t i = 0; i < all.n; i++) {
        const struct sv_scope *loc = sv_scope_location(all.v[i]);
        const struct sv_node *n = sv_scope_own_last(all.v[i], "try_files");
        n = n ? n : sv_scope_own_last(all.v[i], "error_page");
        if (!n || !n->n_args || !sv_slice_eq(sv_node_arg(n, n->n_args - 1), at->name))
            continue;
        if (!loc || loc->kind == SV_SCOPE_SERVER)
            sv_ask_missing(a, ret, SV_LIT("/"));
        else if (loc->match <= SV_MATCH_EXACT)
            sv_ask_missing(a, ret, loc->name);
        else if (loc->match != SV_MATCH_NAMED)
            sv_ask_pattern(a, ret, SV_LIT("/"), loc->name);
    }
}

void sv_ask_level(struct sv_arena *a, struct sv_ask_paths *ret, const struct sv_scope *at)
{
    at = sv_scope_location(at);
    if (!at || at->kind == SV_SCOPE_SERVER)
        sv_ask_path(a, ret, SV_LIT("/"));
    else if (at->match == SV_MATCH_NAMED)
        ask_named(a, ret, at);
    else if (at->match == SV_MATCH_REGEX || at->match == SV_MATCH_REGEX_NOCASE)
        sv_ask_pattern(a, ret, SV_LIT("/"), at->name);
    else
        sv_ask_path(a, ret, at->name);
}
