// SPDX-License-Identifier: Apache-2.0
// Define, UnDefine and ${VAR}: ap_resolve_env() of httpd.
#include "base/buf.h"
#include "base/limits.h"
#include "syntax/apache_internal.h"

/* ---- Define ---- */

static const struct sv_apache_var *preset_var(const struct sv_apache_tree *t, struct sv_slice name,
                                              bool value)
{
    sv_vec_each (d, &t->defines) {
        if (value ? d->value.p && sv_slice_eq_nocase(d->name, name) : sv_slice_eq(d->name, name))
            return d;
    }
    return NULL;
}

bool ap_defined(const struct ap_load *load, struct sv_slice name)
{
    return ap_map_get(&load->names, name) ||
           (load->preset && preset_var(load->preset, name, false));
}

static bool valid_name(struct ap_parser *p, struct sv_node *n, const char *shown)
{
    struct sv_slice name = sv_node_arg(n, 0);
    if (name.n == 0)
        ap_complain(p, SV_DIAG_ERROR, n->head, "a name was expected after \"%s\"", shown);
    else if (sv_slice_chr(name, ':') < name.n)
        ap_complain(p, SV_DIAG_ERROR, n->head, "\"%s\": a name without \":\" was expected", shown);
    else
        return true;
    return false;
}

void ap_define(struct ap_parser *p, struct sv_node *n)
{
    struct ap_load *load = p->load;
    struct sv_arena *a = load->sx->arena;
    struct sv_slice name = sv_node_arg(n, 0);
    if (!valid_name(p, n, "Define"))
        return;
    if (n->n_args > 2)
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "a name and at most one value were expected after \"Define\"; a value with "
                    "blanks needs quotes");
    struct sv_apache_var *old = ap_map_get(&load->names, name);
    struct sv_slice value = sv_node_arg(n, 1);
    if (value.n == 0)
        value.p = NULL; /* "" is no value for httpd */
    if (!old && load->names.places.n >= SV_APACHE_DEFINES) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "more than %d defines; this one is not known",
                    SV_APACHE_DEFINES);
        return;
    }
    if (!old || (value.p && !sv_slice_eq(old->value, value)))
        load->changes++;
    struct sv_apache_var *var = old ? old : sv_new(a, struct sv_apache_var);
    var->name = name;
    ap_map_put(a, &load->names, name, var);
    if (value.p) {
        struct sv_apache_var *v = sv_new(a, struct sv_apache_var);
        *v = (struct sv_apache_var){name, value};
        var->value = value;
        ap_map_put(a, &load->values, ap_lower(a, name), v);
    }
}

void ap_undefine(struct ap_parser *p, struct sv_node *n)
{
    struct ap_load *load = p->load;
    struct sv_slice name = sv_node_arg(n, 0);
    if (!valid_name(p, n, "UnDefine"))
        return;
    if (n->n_args > 1)
        ap_complain(p, SV_DIAG_ERROR, n->head, "one name was expected after \"UnDefine\"");
    load->changes += ap_map_get(&load->names, name) != NULL;
    ap_map_put(load->sx->arena, &load->names, name, NULL);
    ap_map_put(load->sx->arena, &load->values, ap_lower(load->sx->arena, name), NULL);
}

/* ---- ${VAR} ---- */

static const struct sv_apache_var *lookup(const struct ap_load *load, struct sv_slice name)
{
    char lower[256];
    const struct sv_apache_var *v = NULL;
    if (name.n < sizeof lower && load->values.places.n) {
        for (size_t i = 0; i < name.n; i++)
            lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 32) : name.p[i];
        v = ap_map_get(&load->values, (struct sv_slice){lower, name.n});
    }
    if (!v && load->preset)
        v = preset_var(load->preset, name, true);
    if (!v)
        v = ap_map_get(&load->env, name);
    if (!v && load->preset)
        sv_vec_each (e, &load->preset->environment) {
            if (sv_slice_eq(e->name, name))
                return e;
        }
    return v;
}

struct sv_slice ap_expand(struct ap_parser *p, struct sv_slice s, struct sv_slice *ret_missing)
{
    struct ap_load *load = p->load;
    size_t open = sv_slice_find(s, "${");
    if (open == s.n || sv_slice_chr(sv_slice_sub(s, open, s.n), '}') == s.n - open ||
        load->expanded > SV_APACHE_EXPANDED)
        return s;
    _cleanup_buf_ struct sv_buf out = {0};
    for (size_t i = 0; i < s.n && out.n < s.n + SV_MAX_SUBST_BYTES;) {
        struct sv_slice rest = sv_slice_sub(s, i, s.n);
        size_t start = sv_slice_find(rest, "${");
        size_t end = start < rest.n ? sv_slice_chr(rest, '}') : rest.n;
        if (start < rest.n && end < start)
            end = start + sv_slice_chr(sv_slice_sub(rest, start, rest.n), '}');
        sv_buf_add(&out, sv_slice_sub(rest, 0, start));
        if (end >= rest.n) {
            sv_buf_add(&out, sv_slice_sub(rest, start, rest.n));
            break;
        }
        struct sv_slice name = sv_slice_sub(rest, start + 2, end);
        const struct sv_apache_var *v = lookup(load, name);
        sv_buf_add(&out, v ? v->value : sv_slice_sub(rest, start, end + 1));
        if (!v && ret_missing && !ret_missing->p && sv_slice_chr(name, ':') == name.n)
            *ret_missing = name;
        i += end + 1;
    }
    load->expanded += out.n;
    if (out.n >= s.n + SV_MAX_SUBST_BYTES || load->expanded > SV_APACHE_EXPANDED) {
        if (!load->too_much)
            ap_complain(p, SV_DIAG_ERROR, p->line.span,
                        "the values of variables grow beyond all measure here; not all of them are "
                        "filled in");
        load->too_much = true;
        return s;
    }
    return sv_arena_copy(load->sx->arena, sv_buf_slice(&out));
}
