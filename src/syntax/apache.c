// SPDX-License-Identifier: Apache-2.0
// Apache httpd configuration: lines to tree, sections, recovery at the next line or section.
#include "syntax/apache.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/apache_internal.h"

void ap_complain(struct ap_parser *p, enum sv_diag_level level, struct sv_span at, const char *fmt,
                 ...)
{
    if (level == SV_DIAG_ERROR && !p->broken) {
        struct sv_node *n = sv_new(p->sx->arena, struct sv_node);
        n->span = n->head = at;
        p->broken = n;
    }
    if (p->diags++ >= SV_MAX_DIAGS_PER_FILE)
        return;
    va_list args;
    va_start(args, fmt);
    const char *text = sv_arena_vprintf(p->sx->arena, fmt, args);
    va_end(args);
    sv_diag_at(p->sx->diags, level, at, "%s", text);
}

/* A file of passwords that an Include or a link .htaccess takes in must not come out again in what
 * is said about it: of a word that is no name, only the letters that it begins with are shown. */
const char *sv_apache_shown(struct sv_arena *a, struct sv_slice s)
{
    size_t letters = 0, digits = 0, i = 0;
    for (; i < s.n && i < 60; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
            letters += letters == i && i < 16;
        else if (!strchr("</>.*?[]- ", c))
            break;
    }
    if (i == s.n && digits <= 4)
        return sv_arena_copy(a, s).p;
    return sv_arena_printf(a, "%.*s...", (int)letters, s.p);
}

const char *ap_shown(struct ap_parser *p, struct sv_slice s)
{
    return sv_apache_shown(p->sx->arena, s);
}

/* ---- input ---- */

/* The next line of the innermost input that has one. */
static bool next_input_line(struct ap_parser *p)
{
    for (;;) {
        struct ap_input *in = p->inputs.v + p->inputs.n - 1;
        if (in->macro ? ap_macro_line(p, in, &p->line)
                      : ap_read_line(p->sx->arena, in->text, in->file, &in->at, &p->line))
            return true;
        if (p->inputs.n == 1)
            return false;
        p->inputs.n--;
    }
}

/* A value can put a backslash at the end of a macro's line, which then is joined to what comes. */
static void join_macro_lines(struct ap_parser *p)
{
    _cleanup_buf_ struct sv_buf joined = {0};
    struct sv_span at = p->line.span;
    bool more = true;
    while (more && p->line.joins && joined.n < SV_APACHE_MACRO_LINE) {
        sv_buf_add(&joined, sv_slice_sub(p->line.text, 0, p->line.text.n - 1));
        more = next_input_line(p);
        const struct ap_input *in = p->inputs.v + p->inputs.n - 1;
        size_t start = p->line.span.start;
        if (more && !in->macro && start && start < in->text.n && in->text.p[start - 1] != '\n')
            sv_buf_addc(&joined, ' ');
    }
    if (more)
        sv_buf_add(&joined, p->line.text);
    p->line.text = sv_slice_trim(sv_arena_copy(p->sx->arena, sv_buf_slice(&joined)));
    p->line.span = at;
    p->line.n_pieces = 0;
    p->line.joins = false;
}

bool ap_next_line(struct ap_parser *p)
{
    if (!next_input_line(p))
        return false;
    p->included_by = p->inputs.v[p->inputs.n - 1].included_by;
    if (p->line.joins)
        join_macro_lines(p);
    if (p->line.nul)
        ap_complain(p, SV_DIAG_WARNING, p->line.span,
                    "this line holds a NUL byte; httpd does not read what stands behind it");
    return true;
}

/* ---- nodes ---- */

/* The rest of the line from `at` on as words; their spans are those of the source. */
static void cut_args(struct ap_parser *p, struct sv_node *n, size_t at, size_t end)
{
    SV_VEC(struct sv_arg) args = {0};
    struct sv_slice text = sv_slice_sub(p->line.text, 0, end);
    struct sv_arg word;
    struct sv_arg few[8];
    size_t n_few = 0;
    while (ap_cut_word(p->sx->arena, text, &at, &word)) {
        word.span = ap_line_span(&p->line, word.span.start, word.span.end);
        if (n_few < 8) {
            few[n_few++] = word;
            continue;
        }
        for (size_t i = args.n; i < n_few; i++)
            sv_vec_push(p->sx->arena, &args, few[i]);
        if (args.n < SV_MAX_ARGS)
            sv_vec_push(p->sx->arena, &args, word);
    }
    n->args = args.v;
    n->n_args = (uint32_t)args.n;
    if (args.n == 0 && n_few) {
        n->args = sv_new_n(p->sx->arena, struct sv_arg, n_few);
        memcpy(n->args, few, n_few * sizeof *few);
        n->n_args = (uint32_t)n_few;
    }
}

static struct sv_node *make(struct ap_parser *p, enum sv_node_kind kind, struct sv_slice name)
{
    struct sv_node *n = sv_new(p->sx->arena, struct sv_node);
    n->kind = kind;
    n->name = ap_lower(p->sx->arena, name);
    n->span = n->head = p->line.span;
    n->body = (struct sv_slice){"", 0};
    n->included_by = p->included_by;
    sv_node_append(p->block, n);
    p->sx->n_nodes++;
    return n;
}

/* ---- sections ---- */

static void push(struct ap_parser *p, struct sv_node *n, struct sv_slice name, bool condition,
                 bool off)
{
    struct ap_open o = {
        .name = name, .node = n, .block = p->block, .condition = condition, .off = off};
    sv_vec_push(p->sx->arena, &p->open, o);
    p->off += off;
    if (!condition || off)
        p->block = n;
}

static void pop(struct ap_parser *p, uint32_t end)
{
    struct ap_open o = p->open.v[--p->open.n];
    p->off -= o.off;
    p->block = o.block;
    if (end > o.node->span.end && p->line.span.file == o.node->span.file)
        o.node->span.end = end;
}

static bool needs_argument(const struct sv_node *n)
{
    static const char *const names[] = {
        "directory", "directorymatch", "location", "locationmatch", "files",      "filesmatch",
        "proxy",     "proxymatch",     "if",       "elseif",        "virtualhost"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_is(n, names[i]))
            return true;
    return false;
}

/* `at`: where the line goes on behind the section's name. */
static void open_section(struct ap_parser *p, struct sv_slice name, size_t at)
{
    struct sv_node *n = make(p, SV_NODE_BLOCK, name);
    struct sv_slice rest = sv_slice_sub(p->line.text, at, p->line.text.n);
    const char *close = rest.n ? memrchr(rest.p, '>', rest.n) : NULL;
    size_t end = close ? at + (size_t)(close - rest.p) : p->line.text.n;
    if (!close && rest.n)
        ap_complain(p, SV_DIAG_ERROR, n->head, "\">\" was expected at the end of section <%s",
                    ap_shown(p, name));
    n->body = sv_slice_sub(p->line.text, at, end);
    cut_args(p, n, at, end);
    if (n->n_args == 0 && !p->off && needs_argument(n))
        ap_complain(p, SV_DIAG_ERROR, n->head, "an argument was expected behind \"<%s\"",
                    ap_shown(p, name));
    if (p->off) {
        if (ap_is_condition(n->name))
            n->kind = SV_NODE_INACTIVE;
        push(p, n, name, false, true);
    } else if (sv_node_is(n, "macro")) {
        ap_macro_section(p, n);
    } else if (ap_is_condition(n->name)) {
        bool holds = ap_condition(p, n);
        n->kind = holds ? SV_NODE_BLOCK : SV_NODE_INACTIVE;
        push(p, n, name, true, !holds);
    } else {
        push(p, n, name, false, false);
    }
}

/* The innermost open section with that name, counted from 1; 0: none. */
static size_t find_open(const struct ap_parser *p, struct sv_slice name)
{
    for (size_t i = p->open.n; i > 0; i--)
        if (sv_slice_eq_nocase(p->open.v[i - 1].node->name, name))
            return i;
    return 0;
}

/* httpd wants a true condition closed by a line of its own, all else by a line's first word. */
static void check_close(struct ap_parser *p, struct sv_slice word)
{
    const struct ap_open *o = p->open.v + p->open.n - 1;
    const char *shown = ap_shown(p, o->name);
    if (!sv_slice_ends(word, ">"))
        ap_complain(p, SV_DIAG_ERROR, p->line.span, "\">\" was expected right behind \"</%s\"",
                    shown);
    else if (o->condition && !o->off && !sv_slice_eq(p->raw, word))
        ap_complain(p, SV_DIAG_ERROR, p->line.span,
                    "\"</%s>\" and nothing else was expected on this line; httpd does not take it "
                    "for the end of the section",
                    shown);
}

static void close_section(struct ap_parser *p, struct sv_slice word)
{
    struct sv_slice name = sv_slice_sub(word, 2, sv_slice_ends(word, ">") ? word.n - 1 : word.n);
    size_t i = find_open(p, name);
    if (i == 0) {
        ap_complain(p, SV_DIAG_ERROR, p->line.span,
                    "\"</%s>\" closes a section that is not open here; \"<%s\" was expected before",
                    ap_shown(p, name), ap_shown(p, name));
        return;
    }
    while (p->open.n > i) {
        struct ap_open o = p->open.v[p->open.n - 1];
        ap_complain(
            p, SV_DIAG_ERROR, o.node->head,
            "section <%s> is still open where \"</%s>\" comes; \"</%s>\" was expected before",
            ap_shown(p, o.name), ap_shown(p, name), ap_shown(p, o.name));
        pop(p, p->line.span.start);
    }
    check_close(p, word);
    pop(p, p->line.span.end);
}

/* Behind a true condition that is not closed httpd does not look for the end of anything. */
static void at_end(struct ap_parser *p)
{
    size_t quiet = 0;
    while (quiet < p->open.n && (!p->open.v[quiet].condition || p->open.v[quiet].off))
        quiet++;
    while (p->open.n) {
        struct ap_open o = p->open.v[p->open.n - 1];
        bool refused = o.off || p->open.n <= quiet;
        ap_complain(p, refused ? SV_DIAG_ERROR : SV_DIAG_WARNING, o.node->head,
                    "section <%s> is never closed in this file; \"</%s>\" was expected",
                    ap_shown(p, o.name), ap_shown(p, o.name));
        pop(p, (uint32_t)p->inputs.v[0].text.n);
    }
}

/* ---- directives ---- */

static void server_root(struct ap_parser *p, struct sv_node *n)
{
    struct sv_slice path = sv_node_arg(n, 0);
    if (n->n_args == 1 && path.n && path.n < SV_MAX_PATH)
        p->load->tree->server_root =
            sv_path_join(p->sx->arena, "/", sv_arena_copy(p->sx->arena, path).p);
    else
        ap_complain(p, SV_DIAG_ERROR, n->head, "one path was expected after \"ServerRoot\"");
}

enum on_read {
    READ_NO,
    INCLUDE,
    INCLUDE_OPTIONAL,
    DEFINE,
    UNDEFINE,
    LOAD_MODULE,
    SERVER_ROOT,
    USE,
    UNDEF_MACRO,
    OTHER
};

static enum on_read on_read(const struct sv_node *n)
{
    static const struct {
        const char *name;
        enum on_read what;
    } table[] = {{"include", INCLUDE},
                 {"includeoptional", INCLUDE_OPTIONAL},
                 {"define", DEFINE},
                 {"undefine", UNDEFINE},
                 {"loadmodule", LOAD_MODULE},
                 {"serverroot", SERVER_ROOT},
                 {"use", USE},
                 {"undefmacro", UNDEF_MACRO},
                 {"loadfile", OTHER},
                 {"defaultruntimedir", OTHER}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (sv_node_is(n, table[i].name))
            return table[i].what;
    return READ_NO;
}

/* What httpd does as soon as it has read the line. */
static void run_on_read(struct ap_parser *p, struct sv_node *n)
{
    enum on_read what = on_read(n);
    if (what == READ_NO)
        return;
    if (p->htaccess && what != USE && what != UNDEF_MACRO) {
        /* No override admits Include there, but with Nonfatal=Override it is just passed over. */
        bool include = what == INCLUDE || what == INCLUDE_OPTIONAL;
        ap_complain(p, include ? SV_DIAG_WARNING : SV_DIAG_ERROR, n->head,
                    "httpd does not take %s in a .htaccess file", ap_shown(p, n->name));
        return;
    }
    switch (what) {
    case INCLUDE:
    case INCLUDE_OPTIONAL:
        ap_include(p, n, what == INCLUDE_OPTIONAL);
        break;
    case DEFINE:
        ap_define(p, n);
        break;
    case UNDEFINE:
        ap_undefine(p, n);
        break;
    case LOAD_MODULE:
        ap_load_module(p, n);
        break;
    case SERVER_ROOT:
        server_root(p, n);
        break;
    case USE:
        ap_macro_use(p, n);
        break;
    case UNDEF_MACRO:
        ap_macro_undef(p, n);
        break;
    case OTHER:
    case READ_NO:
        break;
    }
}

static void directive(struct ap_parser *p, struct sv_slice name, size_t at)
{
    struct sv_node *n = make(p, SV_NODE_DIRECTIVE, name);
    n->body = sv_slice_sub(p->line.text, at, p->line.text.n);
    cut_args(p, n, at, p->line.text.n);
    if (!p->off)
        run_on_read(p, n);
}

/* httpd fills in variables in the whole line before it cuts it, but not where nothing is in force.
 */
static void fill_in(struct ap_parser *p)
{
    struct sv_slice missing = {0};
    p->raw = p->line.text;
    struct sv_slice text = ap_expand(p, p->raw, &missing);
    if (missing.p)
        ap_complain(p, SV_DIAG_WARNING, p->line.span,
                    "${%s} is not defined; httpd takes these very characters",
                    ap_shown(p, missing));
    if (text.p == p->line.text.p)
        return;
    p->line.text = text;
    p->line.n_pieces = 0;
}

static void take_line(struct ap_parser *p)
{
    size_t at = 0;
    struct sv_arg word;
    if (p->line.text.n == 0 || p->line.text.p[0] == '#')
        return;
    if (!p->off)
        fill_in(p);
    if (!ap_cut_word(p->sx->arena, p->line.text, &at, &word) || word.value.n == 0)
        return;
    struct sv_slice name = word.value;
    bool section = name.p[0] == '<';
    if (section && name.n > 1 && name.p[1] == '/') {
        close_section(p, name);
        return;
    }
    if (sv_slice_ends(name, ">"))
        name.n--;
    if (!section) {
        directive(p, name, at);
    } else if (name.n <= 1) {
        ap_complain(p, SV_DIAG_ERROR, p->line.span, "a section's name was expected after \"<\"");
    } else {
        open_section(p, sv_slice_sub(name, 1, name.n), at);
    }
}

static bool too_much(struct ap_parser *p)
{
    size_t depth = p->depth + p->open.n;
    if (depth <= SV_MAX_BLOCK_DEPTH && p->sx->n_nodes <= SV_MAX_NODES)
        return false;
    ap_complain(p, SV_DIAG_ERROR, p->line.span, "%s; the rest of this file is not audited",
                depth > SV_MAX_BLOCK_DEPTH ? "sections are nested too deeply"
                                           : "too many directives");
    return true;
}

void ap_parse(struct ap_parser *p)
{
    struct ap_input *in = p->inputs.v;
    if (sv_slice_starts(in->text, "\xef\xbb\xbf")) {
        ap_complain(p, SV_DIAG_ERROR, (struct sv_span){in->file, 0, 3},
                    "a byte order mark stands before the first line; httpd refuses it");
        in->at = 3;
    }
    for (const struct sv_node *up = p->base; up->parent; up = up->parent)
        p->depth++;
    while (ap_next_line(p)) {
        take_line(p);
        if (too_much(p))
            return;
    }
    at_end(p);
}

void ap_parse_file(struct ap_load *load, uint32_t file, struct sv_node *parent,
                   struct sv_node *included_by)
{
    struct ap_parser p = {.load = load, .sx = load->sx, .block = parent, .base = parent};
    struct ap_input in = {.file = file,
                          .text = sv_source_get(load->sx->sources, file)->text,
                          .included_by = included_by};
    sv_vec_push(load->sx->arena, &p.inputs, in);
    ap_parse(&p);
}
