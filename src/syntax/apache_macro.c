// SPDX-License-Identifier: Apache-2.0
// <Macro>, Use and UndefMacro of mod_macro: texts with arguments, put in before the next line.
#include "base/limits.h"
#include "syntax/apache_internal.h"

/* ---- definition ---- */

static bool check_args(struct ap_parser *p, struct sv_node *n, struct ap_macro *m)
{
    for (uint32_t i = 1; i < n->n_args; i++) {
        struct sv_slice arg = n->args[i].value;
        bool twice = false;
        sv_vec_each (other, &m->args) {
            twice |= sv_slice_eq(*other, arg);
        }
        if (arg.n == 0 || twice || m->args.n >= SV_APACHE_MACRO_ARGS) {
            ap_complain(p, SV_DIAG_ERROR, n->args[i].span,
                        "the name of another argument was expected, not \"%s\"", ap_shown(p, arg));
            return false;
        }
        sv_vec_push(p->sx->arena, &m->args, arg);
    }
    return true;
}

/* The lines up to the </Macro> that ends this one, from the file or the macro that is read now. */
static bool take_lines(struct ap_parser *p, struct sv_node *n, struct ap_macro *m)
{
    unsigned nesting = 1;
    while (ap_next_line(p)) {
        size_t at = 0;
        struct sv_arg word;
        struct sv_slice text = p->line.text;
        if (text.n == 0 || text.p[0] == '#')
            continue;
        ap_cut_word(p->sx->arena, text, &at, &word);
        if (sv_slice_is_nocase(word.value, "</macro>") && --nesting == 0) {
            if (p->line.span.file == n->span.file && p->line.span.end > n->span.end)
                n->span.end = p->line.span.end;
            return true;
        }
        nesting += sv_slice_is_nocase(word.value, "<macro");
        if (text.n >= SV_APACHE_MACRO_LINE - 2)
            ap_complain(p, SV_DIAG_ERROR, p->line.span,
                        "this line is longer than httpd's %d bytes for a line of a macro",
                        SV_APACHE_MACRO_LINE);
        else
            sv_vec_push(p->sx->arena, &m->lines, (struct ap_macro_line){text, p->line.span});
    }
    ap_complain(p, SV_DIAG_ERROR, n->head,
                "section <macro> is never closed in this file; \"</Macro>\" was expected");
    return false;
}

void ap_macro_section(struct ap_parser *p, struct sv_node *n)
{
    struct ap_load *load = p->load;
    struct ap_macro *m = sv_new(p->sx->arena, struct ap_macro);
    uint32_t start = n->span.end;
    n->kind = SV_NODE_OPAQUE;
    if (n->n_args == 0)
        ap_complain(p, SV_DIAG_ERROR, n->head, "a name was expected after \"<Macro\"");
    m->name = ap_lower(p->sx->arena, sv_node_arg(n, 0));
    bool good = check_args(p, n, m) && n->n_args;
    bool closed = take_lines(p, n, m);
    n->body = sv_span_text(p->sx->sources, (struct sv_span){n->span.file, start, n->span.end});
    if (!good || !closed)
        return;
    if (ap_map_get(&load->macros, m->name))
        ap_complain(p, SV_DIAG_WARNING, n->head, "macro \"%s\" is defined again; this one counts",
                    ap_shown(p, m->name));
    if (load->macros.places.n < SV_APACHE_DEFINES)
        ap_map_put(p->sx->arena, &load->macros, m->name, m);
    else
        ap_complain(p, SV_DIAG_ERROR, n->head, "more than %d macros; this one is not known",
                    SV_APACHE_DEFINES);
    load->changes++;
}

/* ---- use ---- */

/* The argument that stands first in the text; of two that begin at the same place the longer one.
 */
static size_t next_arg(const struct ap_macro *m, struct sv_slice text, size_t *ret_arg)
{
    size_t best = text.n;
    for (size_t k = 0; k < m->args.n; k++) {
        struct sv_slice arg = m->args.v[k];
        const char *hit = text.n ? memmem(text.p, text.n, arg.p, arg.n) : NULL;
        size_t i = hit ? (size_t)(hit - text.p) : text.n;
        if (i < best || (i < text.n && i == best && arg.n > m->args.v[*ret_arg].n)) {
            best = i;
            *ret_arg = k;
        }
    }
    return best;
}

static struct sv_slice quoted(struct sv_arena *a, struct sv_slice value)
{
    char *out = sv_arena_alloc(a, 2 * value.n + 3);
    size_t n = 0;
    out[n++] = '"';
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\')
            out[n++] = '\\';
        out[n++] = value.p[i];
    }
    out[n++] = '"';
    return (struct sv_slice){out, n};
}

/* Replaces in `line` of SV_APACHE_MACRO_LINE bytes; false: httpd's buffer is too small. httpd goes
 * on as many bytes later as the value has, which is still inside if it was quoted. */
static bool substitute(struct ap_load *load, const struct ap_input *in, char *line, size_t *n)
{
    const struct ap_macro *m = in->macro;
    for (size_t at = 0; at < *n;) {
        size_t k = 0, i = at + next_arg(m, (struct sv_slice){line + at, *n - at}, &k);
        load->macro_work += m->args.n * (*n - at) + 1;
        if (i >= *n || load->macro_work > SV_APACHE_MACRO_WORK)
            return true;
        struct sv_slice name = m->args.v[k], value = in->values[k];
        if (!sv_slice_eq(name, value)) {
            struct sv_slice put = name.p[0] == '@' ? in->quoted[k] : value;
            if (*n - name.n + put.n >= SV_APACHE_MACRO_LINE - 1)
                return false;
            memmove(line + i + put.n, line + i + name.n, *n - i - name.n);
            memcpy(line + i, put.p, put.n);
            *n = *n - name.n + put.n;
        }
        at = i + value.n;
    }
    return true;
}

static bool exhausted(struct ap_parser *p, const struct ap_input *in)
{
    struct ap_load *load = p->load;
    if (++load->macro_lines <= SV_APACHE_MACRO_LINES && load->expanded <= SV_APACHE_EXPANDED &&
        load->macro_work <= SV_APACHE_MACRO_WORK)
        return false;
    if (!load->too_much)
        ap_complain(p, SV_DIAG_ERROR, in->included_by->head,
                    "macros grow beyond all measure here; the rest of them is not read");
    load->too_much = true;
    return true;
}

bool ap_macro_line(struct ap_parser *p, struct ap_input *in, struct ap_line *ret)
{
    char line[SV_APACHE_MACRO_LINE];
    struct ap_piece *pieces = ret->pieces;
    if (in->at >= in->macro->lines.n || exhausted(p, in))
        return false;
    const struct ap_macro_line *l = in->macro->lines.v + in->at++;
    size_t n = l->text.n, none = 0;
    *ret = (struct ap_line){.text = l->text, .span = l->span, .pieces = pieces};
    p->load->macro_work += in->macro->args.n * n + 1;
    if (n >= sizeof line || next_arg(in->macro, l->text, &none) == n)
        return true;
    memcpy(line, l->text.p, n);
    if (!substitute(p->load, in, line, &n)) {
        ap_complain(p, SV_DIAG_ERROR, in->included_by->head,
                    "a line of macro \"%s\" becomes longer than httpd's %d bytes; it is not filled "
                    "in",
                    ap_shown(p, in->macro->name), SV_APACHE_MACRO_LINE);
        return true;
    }
    p->load->expanded += n;
    ret->text = sv_arena_copy(p->sx->arena, (struct sv_slice){line, n});
    ret->joins = n && line[n - 1] == '\\';
    ret->text = ret->joins ? ret->text : sv_slice_trim(ret->text);
    return true;
}

static bool in_use(const struct ap_parser *p, const struct ap_macro *m)
{
    sv_vec_each (in, &p->inputs) {
        if (in->macro && sv_slice_eq(in->macro->name, m->name))
            return true;
    }
    return false;
}

void ap_macro_use(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice name = ap_lower(p->sx->arena, sv_node_arg(n, 0));
    const struct ap_macro *m = name.n ? ap_map_get(&p->load->macros, name) : NULL;
    if (!m) {
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    name.n ? "no macro \"%s\" is defined before this line"
                           : "a macro's name was expected after \"Use\"%s",
                    ap_shown(p, name));
    } else if (in_use(p, m)) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "macro \"%s\" uses itself; httpd refuses that",
                    ap_shown(p, name));
    } else if (n->n_args - 1 != m->args.n) {
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "macro \"%s\" was expected with %zu arguments, not %u", ap_shown(p, name),
                    m->args.n, n->n_args - 1);
    } else if (p->inputs.n > SV_APACHE_MACRO_DEPTH) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "macros are nested more than %d deep",
                    SV_APACHE_MACRO_DEPTH);
    } else {
        struct ap_input in = {.macro = m, .included_by = n};
        in.values = sv_new_n(p->sx->arena, struct sv_slice, m->args.n);
        in.quoted = sv_new_n(p->sx->arena, struct sv_slice, m->args.n);
        for (size_t i = 0; i < m->args.n; i++) {
            in.values[i] = n->args[i + 1].value;
            in.quoted[i] = quoted(p->sx->arena, in.values[i]);
        }
        sv_vec_push(p->sx->arena, &p->inputs, in);
    }
}

void ap_macro_undef(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice name = ap_lower(p->sx->arena, sv_node_arg(n, 0));
    if (n->n_args == 1 && ap_map_get(&p->load->macros, name))
        ap_map_put(p->sx->arena, &p->load->macros, name, NULL);
    else
        ap_complain(p, SV_DIAG_ERROR, n->head,
                    "the name of a macro that is defined was expected after \"UndefMacro\"");
}
