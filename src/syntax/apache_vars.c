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

static bool in_section_but_vhost(const struct sv_node *n)
{
    return n->parent && n->parent->kind == SV_NODE_BLOCK && !sv_node_is(n->parent, "virtualhost");
}

static bool valid_name(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice name = sv_node_arg(n, 0);
    const char *expected = NULL;
    if (in_section_but_vhost(n))
        expected = "%s is not allowed in this section; httpd takes it outside of sections and in "
                   "<VirtualHost> only";
    else if (n->n_args == 0)
        expected = "a name was expected after %s";
    else if (sv_slice_chr(name, ':') < name.n)
        expected = "%s: a name without \":\" was expected";
    if (!expected)
        return true;
    const char *shown = sv_node_is(n, "define") ? "\"Define\"" : "\"UnDefine\"";
    const char *mark = strstr(expected, "%s");
    ap_complain(p, SV_DIAG_ERROR, n->head, "%.*s%s%s", (int)(mark - expected), expected, shown,
                mark + 2);
    return false;
}

void ap_define(struct ap_parser *p, struct sv_node *n)
{
    struct ap_load *load = p->load;
    struct sv_arena *a = load->sx->arena;
    struct sv_slice name = sv_node_arg(n, 0);
    if (!valid_name(p, n))
        return;
    if (n->n_args > 2)
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "a name and at most one value were expected after \"Define\"; a value with "
                    "blanks needs quotes");
    struct sv_apache_var *old = ap_map_get(&load->names, name);
    struct sv_slice value = n->n_args > 1 ? sv_node_arg(n, 1) : (struct sv_slice){0};
    if (!old && load->names.n >= SV_APACHE_DEFINES) {
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
    if (!valid_name(p, n))
        return;
    load->changes += ap_map_get(&load->names, name) != NULL;
    ap_map_put(load->sx->arena, &load->names, name, NULL);
    ap_map_put(load->sx->arena, &load->values, ap_lower(load->sx->arena, name), NULL);
}

/* ---- ${VAR} ---- */

static const struct sv_apache_var *lookup(const struct ap_load *load, struct sv_slice name)
{
    char lower[256];
    const struct sv_apache_var *v = NULL;
    if (name.n < sizeof lower && load->values.n) {
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

struct sv_slice ap_expand(struct ap_load *load, struct sv_slice s, struct sv_slice *ret_missing)
{
    if (sv_slice_find(s, "${") == s.n)
        return s;
    _cleanup_buf_ struct sv_buf out = {0};
    for (size_t i = 0; i < s.n && out.n < SV_MAX_SUBST_BYTES;) {
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
    if (out.n >= SV_MAX_SUBST_BYTES || load->expanded > SV_APACHE_EXPANDED) {
        load->too_much = true;
        return s;
    }
    return sv_arena_copy(load->sx->arena, sv_buf_slice(&out));
}

/* A section's words: httpd expands the whole line first and cuts it then. */
static void cut_again(struct sv_arena *a, struct sv_node *n)
{
    SV_VEC(struct sv_arg) args = {0};
    struct sv_arg word;
    for (size_t at = 0; ap_cut_word(a, n->body, &at, &word) && args.n < SV_MAX_ARGS;) {
        word.span = n->head;
        sv_vec_push(a, &args, word);
    }
    n->args = args.v;
    n->n_args = (uint32_t)args.n;
}

static void warn_once(struct ap_load *load, enum sv_diag_level level, struct sv_span at,
                      const char *fmt, const char *name)
{
    if (load->diags++ < SV_MAX_DIAGS_PER_FILE)
        sv_diag_at(load->sx->diags, level, at, fmt, name);
}

void ap_expand_node(struct ap_load *load, struct sv_node *n, bool quiet)
{
    struct sv_slice missing = {0};
    bool said = load->too_much;
    if (sv_slice_find(n->body, "${") == n->body.n)
        return;
    n->body = ap_expand(load, n->body, &missing);
    if (n->kind == SV_NODE_DIRECTIVE)
        for (uint32_t i = 0; i < n->n_args; i++)
            n->args[i].value = ap_expand(load, n->args[i].value, NULL);
    else
        cut_again(load->sx->arena, n);
    if (load->too_much && !said)
        sv_diag_at(load->sx->diags, SV_DIAG_ERROR, n->head,
                   "the values of variables grow beyond all measure here; not all are filled in");
    if (missing.p && !quiet)
        warn_once(load, SV_DIAG_WARNING, n->head,
                  "${%s} is not defined; httpd takes these very characters",
                  sv_arena_copy(load->sx->arena, sv_slice_sub(missing, 0, 60)).p);
}

static bool expanded_on_read(const struct sv_node *n)
{
    static const char *const names[] = {
        "include", "includeoptional", "define",   "undefine", "loadmodule",       "serverroot",
        "use",     "undefmacro",      "loadfile", "macro",    "defaultruntimedir"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_is(n, names[i]))
            return true;
    return ap_is_condition(n->name);
}

void ap_expand_tree(struct ap_load *load, struct sv_node *root)
{
    unsigned off = 0;
    for (struct sv_node *n = root->first; n;) {
        if (sv_slice_chr(n->body, '$') < n->body.n && (off || !expanded_on_read(n)))
            ap_expand_node(load, n, off > 0);
        if (n->first) {
            off += n->kind == SV_NODE_INACTIVE;
            n = n->first;
            continue;
        }
        while (n && !n->next) {
            n = n->parent == root ? NULL : n->parent;
            if (n)
                off -= n->kind == SV_NODE_INACTIVE;
        }
        n = n ? n->next : NULL;
    }
}
