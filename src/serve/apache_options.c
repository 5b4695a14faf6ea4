// SPDX-License-Identifier: Apache-2.0
// Arithmetic of httpd's Options and AllowOverride, one section after another (core.c).
#include "serve/apache_options.h"

#include "syntax/apache_directive.h"

struct ap_opts ap_opts_default(void)
{
    return (struct ap_opts){.value = AP_OPT_SYM_LINKS, .relative = true};
}

/* set_options(): a plain word replaces what the section had so far, but not its + and -, which the
 * merge with the next section brings back. */
static void add_line(struct ap_opts *o, const struct sv_node *n)
{
    bool first = true;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice w = sv_node_arg(n, i);
        char action = w.n && (w.p[0] == '+' || w.p[0] == '-') ? w.p[0] : '\0';
        unsigned bits = sv_apache_option(sv_slice_sub(w, action != '\0', w.n));
        if (action == '-') {
            o->remove |= bits;
            o->add &= ~bits;
            o->value &= ~bits;
            continue;
        }
        if (action == '+') {
            o->add |= bits;
            o->remove &= ~bits;
        } else if (first) {
            o->value = 0;
            o->relative = false;
            first = false;
        }
        o->value |= bits;
    }
}

/* A .htaccess file takes part in a merge of core.c only if it holds one of its directives. */
static bool takes_part(const struct sv_scope *level)
{
    if (level->kind != SV_SCOPE_HTACCESS)
        return true;
    sv_node_each(n, level->node)
    {
        const struct sv_apache_directive *d =
            sv_apache_directive(n->name, n->kind == SV_NODE_BLOCK);
        bool condition = n->name.n > 2 && sv_slice_starts(n->name, "if");
        if (d && !condition && d->override && strcmp(d->module, "core.c") == 0)
            return true;
    }
    return false;
}

bool ap_opts_merge(struct ap_opts *o, const struct sv_scope *level)
{
    struct ap_opts new = {.relative = true};
    const unsigned exec = AP_OPT_INCLUDES | AP_OPT_INC_WITH_EXEC;
    const struct sv_node *first = sv_scope_own(level, "options");
    if (!first && !takes_part(level))
        return false;
    for (const struct sv_node *n = first; n; n = ap_own_next(level, "options", n))
        add_line(&new, n);
    if (!new.relative) {
        *o = new;
        return true;
    }
    unsigned before = o->value;
    o->add = (o->add & ~new.remove) | new.add;
    o->remove = (o->remove & ~new.add) | new.remove;
    o->value = (o->value & ~o->remove) | o->add;
    if ((before & exec) == exec && (new.value & exec) == AP_OPT_INCLUDES)
        o->value &= ~(unsigned)AP_OPT_INC_WITH_EXEC;
    return first != NULL;
}

unsigned ap_options(const struct ap_run *r)
{
    struct ap_opts o = ap_opts_default();
    sv_vec_each(l, &r->levels)
    {
        (void)ap_opts_merge(&o, l->scope);
    }
    return o.value;
}

/* ---- AllowOverride ---- */

static unsigned option_list(struct sv_slice s)
{
    unsigned bits = 0;
    while (s.n) {
        size_t n = sv_slice_chr(s, ',');
        bits |= sv_apache_option(sv_slice_sub(s, 0, n));
        s = sv_slice_sub(s, n + 1, s.n);
    }
    return bits;
}

static void set_override(struct sv_override *o, const struct sv_node *n)
{
    static const struct {
        const char *word;
        unsigned mask;
    } words[] = {{"AuthConfig", SV_APACHE_AUTHCONFIG}, {"FileInfo", SV_APACHE_FILEINFO},
                 {"Indexes", SV_APACHE_INDEXES},       {"Limit", SV_APACHE_LIMIT},
                 {"Options", SV_APACHE_OPTIONS},       {"All", SV_OVERRIDE_ALL}};
    o->mask = 0;
    o->options = ~0u;
    o->unset = o->nonfatal_override = o->nonfatal_unknown = false;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice arg = sv_node_arg(n, i);
        size_t eq = sv_slice_chr(arg, '=');
        struct sv_slice w = sv_slice_sub(arg, 0, eq), v = sv_slice_sub(arg, eq + 1, arg.n);
        bool all = sv_slice_is_nocase(v, "All");
        /* These two forget the words before them, Nonfatal= too. */
        if (sv_slice_is_nocase(w, "None") || sv_slice_is_nocase(w, "All")) {
            o->mask = 0;
            o->nonfatal_override = o->nonfatal_unknown = false;
        }
        if (sv_slice_is_nocase(w, "Nonfatal")) {
            o->nonfatal_override |= all || sv_slice_is_nocase(v, "Override");
            o->nonfatal_unknown |= all || sv_slice_is_nocase(v, "Unknown");
        }
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (sv_slice_is_nocase(w, words[k].word))
                o->mask |= words[k].mask;
        if (sv_slice_is_nocase(w, "Options"))
            o->options = eq < arg.n ? option_list(v) : sv_apache_option(SV_LIT("All"));
    }
    o->node = n;
}

void ap_override_merge(struct sv_override *o, const struct sv_scope *level)
{
    const struct sv_node *n = sv_scope_own_last(level, "allowoverride");
    if (n)
        set_override(o, n);
    n = sv_scope_own_last(level, "allowoverridelist");
    if (n)
        o->list = n->n_args && !sv_slice_is_nocase(sv_node_arg(n, 0), "None") ? n : NULL;
}
