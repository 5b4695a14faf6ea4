// SPDX-License-Identifier: Apache-2.0
// Questions to the merged configuration: the level that comes last decides.
#include "serve/apache.h"

/* The last directive of that name in the level, also inside its <Limit> sections, which only say
 * for which methods access rules hold. */
static const struct sv_node *last_of(const struct sv_scope *s, const char *name)
{
    const struct sv_node *found = sv_scope_own_last(s, name);
    sv_vec_each(it, &s->ifs)
    {
        const struct sv_node *n = NULL;
        if ((*it)->kind == SV_SCOPE_LIMIT || (*it)->kind == SV_SCOPE_LIMIT_EXCEPT)
            n = sv_scope_own_last(*it, name);
        if (!n)
            continue;
        /* The later of the two: does the one found so far stand behind the section? */
        bool behind = false;
        for (const struct sv_node *b = found ? (*it)->node->next : NULL; b && !behind; b = b->next)
            behind = b == found;
        if (!behind)
            found = n;
    }
    return found;
}

const struct sv_node *ap_get(const struct ap_run *r, const char *name,
                             const struct ap_level **ret_level)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_node *n = last_of(r->levels.v[i].scope, name);
        if (!n)
            continue;
        if (ret_level)
            *ret_level = &r->levels.v[i];
        return n;
    }
    return NULL;
}

bool ap_flag(const struct ap_run *r, const char *name, bool dflt)
{
    const struct sv_node *n = ap_get(r, name, NULL);
    return n ? sv_slice_is_nocase(sv_node_arg(n, 0), "on") : dflt;
}

const struct sv_node *ap_server_get(const struct ap_run *r, const char *name)
{
    const struct sv_node *n = sv_scope_own_last(r->vhost->scope, name);
    return n ? n : sv_scope_own_last(r->server->main_scope, name);
}

const struct sv_node *ap_own_next(const struct sv_scope *s, const char *name,
                                  const struct sv_node *n)
{
    if (!n)
        return sv_scope_own(s, name);
    if (n == sv_scope_own_last(s, name))
        return NULL;
    while ((n = n->next))
        if (sv_node_is(n, name))
            return n;
    return NULL;
}

bool ap_module(const struct ap_run *r, const char *name)
{
    return sv_apache_has_module(&r->site->apache->tree, sv_slice_of(name));
}

void ap_push_level(struct ap_run *r, const struct sv_scope *scope, const char *dir, bool htaccess)
{
    sv_vec_push(r->a, &r->levels,
                (struct ap_level){.scope = scope, .dir = dir, .in_htaccess = htaccess});
}
