// SPDX-License-Identifier: Apache-2.0
// The networks of compose projects by the names that the engine knows, which projects share.
#include "model/compose.h"

#include <ctype.h>

#include "base/limits.h"

static struct sv_slice text(const struct sv_compose_names *p, const struct sv_node *n)
{
    return n && n->kind == SV_NODE_VALUE
               ? sv_compose_expand(p->env->arena, sv_node_arg(n, 0), p->vars)
               : (struct sv_slice){"", 0};
}

/* The folder as Compose makes a name of it. */
static const char *folder_name(struct sv_arena *a, const char *dir)
{
    struct sv_slice name = sv_slice_of(sv_path_base(dir));
    char *out = sv_arena_alloc(a, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = (char)tolower((unsigned char)name.p[i]);
        if (isalnum((unsigned char)c) || (n && (c == '_' || c == '-')))
            out[n++] = c;
    }
    out[n] = '\0';
    return out;
}

/* name: at the top, COMPOSE_PROJECT_NAME in .env, or the folder. */
static void name_project(struct sv_compose_names *io, const char *dir, const struct sv_node *root)
{
    struct sv_slice name = text(io, sv_node_find_last(root, "name"));
    if (!name.n && io->project)
        return;
    for (size_t i = io->vars->list.n; i > 0 && !name.n; i--)
        if (sv_slice_is(io->vars->list.v[i - 1].name, "COMPOSE_PROJECT_NAME"))
            name = io->vars->list.v[i - 1].value;
    io->project =
        name.n ? sv_arena_copy(io->env->arena, name).p : folder_name(io->env->arena, dir);
}

/* "external: true" keeps the name, "external: {name: X}" and "name: X" give another one. */
void sv_compose_names_add(struct sv_compose_names *io, const char *dir, const struct sv_node *root)
{
    const struct sv_node *all = sv_node_find_last(root, "networks");
    name_project(io, dir, root);
    if (!all)
        return;
    sv_node_each(n, all)
    {
        const struct sv_node *outside = sv_node_find_last(n, "external");
        const struct sv_node *own = sv_node_find_last(n, "name");
        bool map = outside && outside->kind == SV_NODE_MAP;
        struct sv_slice name = text(io, map ? sv_node_find_last(outside, "name") : own);
        if (!name.n && (map || sv_slice_is_nocase(text(io, outside), "true")))
            name = n->name;
        if (!name.n)
            continue;
        sv_vec_push(io->env->arena, &io->given, name);
        *sv_map_at(io->env->arena, &io->networks, n->name) = (uint32_t)io->given.n;
    }
}

static struct sv_slice engine_name(const struct sv_compose_names *p, struct sv_slice name)
{
    uint32_t at = sv_map_find(&p->networks, name);
    return at ? p->given.v[at - 1]
              : sv_slice_of(sv_arena_printf(p->env->arena, "%s_%.*s", p->project, (int)name.n,
                                            name.p));
}

void sv_compose_networks(const struct sv_compose_names *p, struct sv_container *c,
                         const struct sv_node *list)
{
    struct sv_arena *a = p->env->arena;
    bool more = false;
    if (!list)
        return;
    sv_node_each(n, list)
    {
        struct sv_slice name = list->kind == SV_NODE_MAP ? n->name : text(p, n);
        const struct sv_node *aliases =
            n->kind == SV_NODE_MAP ? sv_node_find_last(n, "aliases") : NULL;
        more |= c->networks.n >= SV_MAX_CONTAINER_NAMES;
        if (!more)
            sv_vec_push(a, &c->networks, engine_name(p, name));
        if (aliases)
            sv_node_each(alias, aliases)
            {
                more |= c->aliases.n >= SV_MAX_CONTAINER_NAMES;
                if (!more)
                    sv_vec_push(a, &c->aliases, text(p, alias));
            }
    }
    if (more)
        sv_diag_at(p->env->diags, SV_DIAG_ERROR, list->head,
                   "more networks or aliases than are looked at");
}

void sv_compose_default_network(const struct sv_compose_names *p, struct sv_container *c)
{
    if (c->networks.n == 0 && !c->network.text.n && p->project)
        sv_vec_push(p->env->arena, &c->networks, engine_name(p, SV_LIT("default")));
}
