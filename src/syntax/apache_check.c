// SPDX-License-Identifier: Apache-2.0
// Names that no loaded module knows: httpd refuses to start with them.
#include "base/limits.h"
#include "syntax/apache_directive.h"
#include "syntax/apache_internal.h"

struct check {
    struct ap_load *load;
    enum sv_diag_level level;
    bool foreign;       /* a module is in whose directives are not known */
    struct ap_map said; /* a name or a module is reported once */
    unsigned diags;
};

static void say(struct check *c, struct sv_node *n, struct sv_slice key, const char *module)
{
    struct sv_syntax *sx = c->load->sx;
    const char *open = n->kind == SV_NODE_DIRECTIVE ? "" : "<";
    const char *name = sv_apache_shown(sx->arena, sv_slice_sub(n->name, 0, 60));
    if (ap_map_get(&c->said, key) || c->diags++ >= SV_MAX_DIAGS_PER_FILE)
        return;
    ap_map_put(sx->arena, &c->said, key, n);
    if (module)
        sv_diag_at(sx->diags, c->level, n->head,
                   "\"%s%s\" belongs to %s, which is not loaded; <IfModule> or LoadModule was "
                   "expected before",
                   open, name, module);
    else
        sv_diag_at(sx->diags, c->level, n->head,
                   "no module that is loaded knows \"%s%s\"; the name of a directive was expected",
                   open, name);
}

static void check_name(struct check *c, struct sv_node *n)
{
    bool section = n->kind != SV_NODE_DIRECTIVE;
    if (sv_apache_directive_in(c->load->tree, n->name, section))
        return;
    const struct sv_apache_directive *d = sv_apache_directive(n->name, section);
    if (d)
        say(c, n, sv_slice_of(d->module), d->module);
    else if (!c->foreign)
        say(c, n, n->name, NULL);
}

void ap_check_names(struct ap_load *load)
{
    struct sv_node *root = load->tree->root;
    struct check c = {.load = load,
                      .level = load->packaged ? SV_DIAG_ERROR : SV_DIAG_WARNING,
                      .foreign = sv_apache_has_foreign_module(load->sx->arena, load->tree)};
    if (!load->tree->modules_known)
        return;
    for (struct sv_node *n = root->first; n;) {
        if (n->kind != SV_NODE_INACTIVE)
            check_name(&c, n);
        if (n->first && n->kind != SV_NODE_INACTIVE) {
            n = n->first;
            continue;
        }
        while (n && !n->next)
            n = n->parent == root ? NULL : n->parent;
        n = n ? n->next : NULL;
    }
}
