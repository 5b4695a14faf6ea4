// SPDX-License-Identifier: Apache-2.0
// Walks sites, vhosts, scopes, directives, mappings and files once and calls the checks.
#include "engine/context.h"

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    for (const struct sv_check *const *c = cx->d->checks; *c; c++) {
        if (!((*c)->on & s->kind))
            continue;
        cx->check = *c;
        (*c)->run(cx, s);
    }
}

static bool wants(const struct sv_check *c, const struct sv_node *n)
{
    if (!c->directives)
        return true;
    for (const char *const *name = c->directives; *name; name++)
        if (sv_node_is(n, *name))
            return true;
    return false;
}

static void directives(struct sv_ctx *cx, const struct sv_subject *scope)
{
    sv_node_each(n, scope->scope->node)
    {
        struct sv_subject s = *scope;
        s.kind = SV_ON_DIRECTIVE;
        s.node = n;
        for (const struct sv_check *const *c = cx->d->checks; *c; c++) {
            if (!((*c)->on & SV_ON_DIRECTIVE) || !wants(*c, n))
                continue;
            cx->check = *c;
            (*c)->run(cx, &s);
        }
    }
}

static void site(struct sv_ctx *cx, const struct sv_site_files *sf)
{
    const struct sv_site *st = sf->site;
    struct sv_mappings maps = {0};
    run(cx, &(struct sv_subject){.kind = SV_ON_SITE, .site = st, .scope = st->http});
    sv_vec_each(v, &st->vhosts)
    {
        run(cx, &(struct sv_subject){
                    .kind = SV_ON_VHOST, .site = st, .vhost = *v, .scope = (*v)->scope});
    }
    sv_vec_each(sc, &st->scopes)
    {
        struct sv_subject s = {.kind = SV_ON_SCOPE, .site = st, .vhost = (*sc)->vhost,
                               .scope = *sc, .node = (*sc)->node};
        run(cx, &s);
        directives(cx, &s);
    }
    sv_serve_mappings(st, cx->d->arena, &maps);
    sv_vec_each(m, &maps.list)
    {
        run(cx, &(struct sv_subject){.kind = SV_ON_MAPPING, .site = st, .vhost = m->scope->vhost,
                                     .scope = m->scope, .node = m->node, .mapping = m});
    }
    sv_vec_each(f, &sf->files.list)
    {
        run(cx, &(struct sv_subject){.kind = SV_ON_FILE, .site = st, .file = *f});
    }
}

void sv_dispatch(const struct sv_dispatch *d)
{
    struct sv_ctx cx = {.d = d};
    for (size_t i = 0; i < d->n_sites; i++)
        site(&cx, &d->sites[i]);
}
