// SPDX-License-Identifier: Apache-2.0
// Paths with variables that rewriting and try_files lead to, and which of them can be a file's.
#include "serve/memo.h"

struct collector {
    const struct sv_site *site;
    struct sv_reverse_index *x;
};

/* `pattern` took the values of $1 and so on from the URI. */
static void add(struct collector *c, const struct sv_scope *scope, struct sv_slice text,
                struct sv_slice pattern)
{
    struct sv_arena *a = c->site->arena;
    struct sv_template t = {.scope = scope, .pattern = pattern,
                            .text = sv_slice_of(sv_site_path(c->site, a, text))};
    t.fixed = sv_slice_chr(t.text, '$');
    sv_vec_push(a, &c->x->templates, t);
}

/* A URI that a pattern leads to: the file lies below the root in force. */
static void add_below_root(struct collector *c, const struct sv_scope *scope, struct sv_slice uri,
                           struct sv_slice pattern)
{
    const struct sv_node *root = sv_scope_get(scope, "root", NULL);
    struct sv_slice dir = sv_node_arg(root, 0);
    uri = sv_slice_sub(uri, 0, sv_slice_chr(uri, '?'));
    if (!root || !sv_slice_starts(uri, "/") || pattern.n == 0)
        return;
    const char *path = sv_arena_printf(c->site->arena, "%.*s%.*s", (int)dir.n, dir.p, (int)uri.n,
                                       uri.p);
    add(c, scope, sv_slice_of(path), pattern);
}

/* The expression of a regular location, else nothing. */
static struct sv_slice regex_of(const struct sv_scope *scope)
{
    const struct sv_scope *loc = sv_scope_location(scope);
    bool regex = loc->match == SV_MATCH_REGEX || loc->match == SV_MATCH_REGEX_NOCASE;
    return loc->kind == SV_SCOPE_LOCATION && regex ? loc->name : (struct sv_slice){"", 0};
}

/* rewrite ^/app/(.*)$ /$1 break; location ~ ^/get/(.*)$ { try_files /files/$1 =404; } */
static void of_level(struct collector *c, const struct sv_scope *scope)
{
    const struct sv_node *files = sv_scope_own(scope, "try_files");
    for (const struct sv_node *n = sv_scope_own(scope, "rewrite"); n; n = n->next)
        if (sv_node_is(n, "rewrite"))
            add_below_root(c, scope, sv_node_arg(n, 1), sv_node_arg(n, 0));
    for (size_t i = 0; scope->kind == SV_SCOPE_LOCATION && files && i + 1 < files->n_args; i++)
        add_below_root(c, scope, sv_node_arg(files, i), regex_of(scope));
}

void sv_reverse_templates(const struct sv_site *site, struct sv_reverse_index *x)
{
    struct collector c = {site, x};
    sv_vec_each(m, &sv_site_mappings(site)->rules)
    {
        add(&c, m->scope, m->value, m->pattern);
    }
    x->n_rules = x->templates.n;
    sv_vec_each(level, &x->levels)
    {
        of_level(&c, level->scope);
        level->end = x->templates.n;
    }
    for (uint32_t i = (uint32_t)x->templates.n; i-- > 0;) {
        struct sv_slice fixed = sv_slice_sub(x->templates.v[i].text, 0, x->templates.v[i].fixed);
        sv_folder_put(site->arena, &x->fixed, fixed.n ? fixed : SV_LIT("/"), i, x->templates.n);
    }
}
