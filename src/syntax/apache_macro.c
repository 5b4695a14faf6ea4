// SPDX-License-Identifier: Apache-2.0
// <Macro>, Use and UndefMacro of mod_macro: texts with arguments, put in before the next line.
#include "base/buf.h"
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
    if (p->htaccess)
        ap_complain(p, SV_DIAG_WARNING, n->head, "a macro of a .htaccess file is not followed");
    bool closed = take_lines(p, n, m);
    if (!closed && !p->broken)
        p->broken = n;
    n->body = sv_span_text(p->sx->sources, (struct sv_span){n->span.file, start, n->span.end});
    if (!good || !closed)
        return;
    if (ap_map_get(&load->macros, m->name))
        ap_complain(p, SV_DIAG_WARNING, n->head, "macro \"%s\" is defined again; this one counts",
                    ap_shown(p, m->name));
    if (load->macros.n < SV_APACHE_DEFINES)
        ap_map_put(p->sx->arena, &load->macros, m->name, m);
    else
        ap_complain(p, SV_DIAG_ERROR, n->head, "more than %d macros; this one is not known",
                    SV_APACHE_DEFINES);
    load->changes++;
}

/* ---- use ---- */

/* The argument that stands first in the text from `from` on; of two that begin at the same place
 * the longer one. */
static size_t next_arg(const struct ap_macro *m, struct sv_slice text, size_t from, size_t *ret_arg)
{
    size_t best = text.n;
    for (size_t k = 0; k < m->args.n; k++) {
        struct sv_slice rest = sv_slice_sub(text, from, text.n), arg = m->args.v[k];
        const char *hit = rest.n ? memmem(rest.p, rest.n, arg.p, arg.n) : NULL;
        size_t i = hit ? (size_t)(hit - text.p) : text.n;
        if (i < best || (i < text.n && i == best && arg.n > m->args.v[*ret_arg].n)) {
            best = i;
            *ret_arg = k;
        }
    }
    return best;
}

static void add_value(struct sv_buf *out, struct sv_slice value, bool quoted)
{
    if (!quoted) {
        sv_buf_add(out, value);
        return;
    }
    sv_buf_addc(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\')
            sv_buf_addc(out, '\\');
        sv_buf_addc(out, value.p[i]);
    }
    sv_buf_addc(out, '"');
}

/* False: it outgrows httpd's buffer. */
static bool substitute(const struct ap_input *in, struct sv_slice text, struct sv_buf *out)
{
    size_t from = 0;
    while (from < text.n) {
        size_t arg = 0, at = next_arg(in->macro, text, from, &arg);
        sv_buf_add(out, sv_slice_sub(text, from, at));
        if (at == text.n)
            break;
        struct sv_slice name = in->macro->args.v[arg];
        add_value(out, in->values[arg], name.p[0] == '@');
        from = at + name.n;
        if (out->n + (text.n - from) >= SV_APACHE_MACRO_LINE - 1)
            return false;
    }
    return true;
}

bool ap_macro_line(struct ap_parser *p, struct ap_input *in, struct ap_line *ret)
{
    struct ap_load *load = p->load;
    struct ap_piece *pieces = ret->pieces;
    if (in->at >= in->macro->lines.n)
        return false;
    const struct ap_macro_line *l = in->macro->lines.v + in->at++;
    *ret = (struct ap_line){.text = l->text, .span = l->span, .pieces = pieces};
    if (++load->macro_lines > SV_APACHE_MACRO_LINES || load->expanded > SV_APACHE_EXPANDED) {
        if (!load->too_much)
            ap_complain(p, SV_DIAG_ERROR, in->included_by->head,
                        "macros grow beyond all measure here; the rest of them is not read");
        load->too_much = true;
        return false;
    }
    size_t arg = 0;
    if (next_arg(in->macro, l->text, 0, &arg) == l->text.n)
        return true;
    _cleanup_buf_ struct sv_buf out = {0};
    if (!substitute(in, l->text, &out))
        ap_complain(p, SV_DIAG_ERROR, in->included_by->head,
                    "a line of macro \"%s\" becomes longer than httpd's %d bytes; it is not "
                    "filled in",
                    ap_shown(p, in->macro->name), SV_APACHE_MACRO_LINE);
    else
        ret->text = sv_slice_trim(sv_arena_copy(p->sx->arena, sv_buf_slice(&out)));
    load->expanded += out.n;
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
        for (size_t i = 0; i < m->args.n; i++)
            in.values[i] = n->args[i + 1].value;
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
