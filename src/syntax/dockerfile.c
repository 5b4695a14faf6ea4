// SPDX-License-Identifier: Apache-2.0
// Dockerfiles: lines joined to instructions, those to words, each byte with its place.
#include "syntax/dockerfile.h"

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/json.h"

/* A stretch of the joined text that stands in one piece in the file. */
struct piece {
    size_t joined, source;
};

struct parser {
    struct sv_syntax *sx;
    uint32_t file;
    struct sv_slice text;
    size_t at;
    struct sv_dockerfile *out;
    unsigned words; /* of all instructions */
    unsigned complaints;
    bool cut;
    struct sv_buf line; /* one instruction, lines joined */
    SV_VEC(struct piece) pieces;
    SV_VEC(struct sv_slice) directives; /* names of parser directives that were met */
};

static const char blanks[] = " \t\v\f\r";

static bool is_blank(char c)
{
    return c != '\0' && strchr(blanks, c);
}

static struct sv_slice trim_left(struct sv_slice s)
{
    while (s.n && is_blank(s.p[0]))
        s = sv_slice_sub(s, 1, s.n);
    return s;
}

static struct sv_slice trim(struct sv_slice s)
{
    s = trim_left(s);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static void complain(struct parser *ps, enum sv_diag_level level, struct sv_span span,
                     const char *text)
{
    if (ps->sx->diags && ps->complaints++ < SV_MAX_DIAGS_PER_FILE)
        sv_diag_at(ps->sx->diags, level, span, "%s", text);
}

/* ---- places ---- */

static size_t source_of(const struct parser *ps, size_t joined)
{
    size_t low = 0, high = ps->pieces.n;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (ps->pieces.v[mid].joined <= joined)
            low = mid;
        else
            high = mid;
    }
    return ps->pieces.n ? ps->pieces.v[low].source + (joined - ps->pieces.v[low].joined) : joined;
}

/* A part of the joined text as a place in the file. */
static struct sv_span span_of(const struct parser *ps, struct sv_slice line, struct sv_slice part)
{
    size_t from = (size_t)(part.p - line.p);
    size_t start = source_of(ps, from);
    size_t end = part.n ? source_of(ps, from + part.n - 1) + 1 : start;
    return (struct sv_span){ps->file, (uint32_t)start, (uint32_t)end};
}

static struct sv_node *value_node(struct parser *ps, struct sv_node *parent, struct sv_slice text,
                                  struct sv_span span)
{
    struct sv_node *n = sv_new(ps->sx->arena, struct sv_node);
    n->kind = SV_NODE_VALUE;
    n->span = n->head = span;
    n->args = sv_new(ps->sx->arena, struct sv_arg);
    n->args[0] = (struct sv_arg){.value = text, .span = span};
    n->n_args = 1;
    sv_node_append(parent, n);
    return n;
}

/* False if the file has had its share of words. */
static bool may_add(struct parser *ps, struct sv_span span)
{
    if (ps->words++ < SV_MAX_DOCKER_WORDS)
        return true;
    if (!ps->cut)
        complain(ps, SV_DIAG_ERROR, span, "too many words in one Dockerfile; the rest is not read");
    ps->cut = true;
    return false;
}

/* ---- words ---- */

/* The next word: quotes and escapes keep blanks together and stay. Empty at the end. */
static struct sv_slice next_word(const struct parser *ps, struct sv_slice *rest)
{
    struct sv_slice s = trim_left(*rest);
    char quote = 0, escape = ps->out->escape;
    size_t i = 0;
    for (; i < s.n && (quote || !is_blank(s.p[i])); i++) {
        char c = s.p[i];
        if (c == escape && quote != '\'' && i + 1 < s.n)
            i++;
        else if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
    }
    *rest = sv_slice_sub(s, i, s.n);
    return sv_slice_sub(s, 0, i);
}

/* The same for lists that know no quotes. */
static struct sv_slice next_plain(struct sv_slice *rest)
{
    struct sv_slice s = trim_left(*rest);
    size_t i = 0;
    while (i < s.n && !is_blank(s.p[i]))
        i++;
    *rest = sv_slice_sub(s, i, s.n);
    return sv_slice_sub(s, 0, i);
}

static void add_word(struct parser *ps, struct sv_docker_step *s, struct sv_slice text,
                     struct sv_span span)
{
    if (may_add(ps, span))
        sv_vec_push(ps->sx->arena, &s->words,
                    (struct sv_docker_word){text, value_node(ps, s->node, text, span)});
}

static void plain_words(struct parser *ps, struct sv_docker_step *s, struct sv_slice line)
{
    struct sv_slice rest = s->rest;
    for (struct sv_slice w = next_plain(&rest); w.n && !ps->cut; w = next_plain(&rest))
        add_word(ps, s, w, span_of(ps, line, w));
}

static struct sv_docker_pair pair_of(struct parser *ps, struct sv_docker_step *s,
                                     struct sv_slice line, struct sv_slice word)
{
    size_t eq = sv_slice_chr(word, '=');
    return (struct sv_docker_pair){.name = sv_slice_sub(word, 0, eq),
                                   .value = sv_slice_sub(word, eq + 1, word.n),
                                   .set = eq < word.n,
                                   .node = value_node(ps, s->node, word, span_of(ps, line, word))};
}

/* "--name=value" words in front; "--" alone ends them. */
static void flags(struct parser *ps, struct sv_docker_step *s, struct sv_slice line)
{
    for (;;) {
        struct sv_slice rest = s->rest, w = next_word(ps, &rest);
        if (!sv_slice_starts(w, "--") || ps->cut)
            return;
        s->rest = trim_left(rest);
        if (w.n == 2)
            return;
        if (!may_add(ps, span_of(ps, line, w)))
            return;
        struct sv_docker_pair p = pair_of(ps, s, line, w);
        p.name = sv_slice_sub(p.name, 2, p.name.n);
        sv_vec_push(ps->sx->arena, &s->flags, p);
    }
}

/* ENV and LABEL: "a=b c=d", or in the old form "a the rest of the line". */
static void pairs(struct parser *ps, struct sv_docker_step *s, struct sv_slice line, bool bare)
{
    struct sv_slice rest = s->rest, first = next_word(ps, &rest);
    if (!bare && sv_slice_chr(first, '=') == first.n) {
        struct sv_slice value = s->rest, name = next_plain(&value);
        value = trim(value);
        if (value.n == 0) {
            complain(ps, SV_DIAG_ERROR, s->node->span, "a name without a value");
            return;
        }
        struct sv_slice all = {name.p, (size_t)(value.p - name.p) + value.n};
        struct sv_docker_pair p = {.name = name, .value = value, .set = true,
                                   .node = value_node(ps, s->node, all, span_of(ps, line, all))};
        if (may_add(ps, s->node->span))
            sv_vec_push(ps->sx->arena, &s->pairs, p);
        return;
    }
    rest = s->rest;
    for (struct sv_slice w = next_word(ps, &rest); w.n; w = next_word(ps, &rest)) {
        if (!may_add(ps, span_of(ps, line, w)))
            return;
        struct sv_docker_pair p = pair_of(ps, s, line, w);
        if (!p.set && !bare)
            complain(ps, SV_DIAG_ERROR, p.node->span, "expected name=value");
        else
            sv_vec_push(ps->sx->arena, &s->pairs, p);
    }
}

/* ["a", "b"] of strings; anything else is the shell form. */
static bool exec_form(struct parser *ps, struct sv_docker_step *s, struct sv_slice line)
{
    struct sv_slice text = trim(s->rest);
    if (text.n == 0 || text.p[0] != '[')
        return false;
    struct sv_sources own = {.arena = ps->sx->arena};
    struct sv_syntax sx = {.arena = ps->sx->arena, .sources = &own};
    struct sv_slice copy = sv_arena_copy(ps->sx->arena, text);
    struct sv_node *root = sv_json_parse(&sx, sv_source_add(&own, "", copy));
    struct sv_node *list = root ? root->first : NULL;
    if (!list || list->kind != SV_NODE_LIST)
        return false;
    sv_node_each(n, list)
    {
        if (n->kind != SV_NODE_VALUE || n->args[0].quote != '"')
            return false;
    }
    sv_node_each(n, list)
    {
        struct sv_slice part = sv_slice_sub(text, n->span.start, n->span.end);
        add_word(ps, s, sv_node_arg(n, 0), span_of(ps, line, part));
    }
    s->json = true;
    return true;
}

/* ---- heredocs ---- */

struct opening {
    struct sv_slice name;
    bool tabs, expand;
};

/* "<<EOF", "<<-'EOF'", "3<<EOF": as a word of its own. */
static bool opens_heredoc(struct parser *ps, struct sv_slice w, struct opening *ret)
{
    size_t i = 0, n = 0;
    while (i < w.n && w.p[i] >= '0' && w.p[i] <= '9')
        i++;
    struct sv_slice s = sv_slice_sub(w, i, w.n);
    if (!sv_slice_starts(s, "<<"))
        return false;
    s = sv_slice_sub(s, 2, s.n);
    ret->tabs = sv_slice_starts(s, "-");
    if (ret->tabs)
        s = sv_slice_sub(s, 1, s.n);
    if (s.n == 0 || sv_slice_chr(s, '<') < s.n)
        return false;
    char *name = sv_arena_alloc(ps->sx->arena, s.n + 1);
    ret->expand = true;
    for (i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\'')
            ret->expand = false;
        else
            name[n++] = s.p[i];
    }
    ret->name = (struct sv_slice){name, n};
    return n > 0;
}

static struct sv_slice cut_line(struct parser *ps, size_t *ret_start)
{
    struct sv_slice rest = sv_slice_sub(ps->text, ps->at, ps->text.n);
    struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
    *ret_start = ps->at;
    ps->at += line.n + 1;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool ends(struct sv_slice line, const struct opening *o)
{
    while (o->tabs && line.n && line.p[0] == '\t')
        line = sv_slice_sub(line, 1, line.n);
    return sv_slice_eq(line, o->name);
}

static void read_heredoc(struct parser *ps, struct sv_docker_step *s, const struct opening *o)
{
    size_t from = ps->at < ps->text.n ? ps->at : ps->text.n, to = from, start;
    bool closed = false;
    while (ps->at < ps->text.n && !closed) {
        struct sv_slice line = cut_line(ps, &start);
        closed = ends(line, o);
        to = closed ? start : ps->at > ps->text.n ? ps->text.n : ps->at;
    }
    struct sv_span span = {ps->file, (uint32_t)from, (uint32_t)to};
    struct sv_slice text = sv_slice_sub(ps->text, from, to);
    if (!closed)
        complain(ps, SV_DIAG_ERROR, s->node->head, "a here-document without its end");
    if (may_add(ps, span))
        sv_vec_push(ps->sx->arena, &s->heredocs,
                    (struct sv_docker_heredoc){.name = o->name, .text = text, .expand = o->expand,
                                               .node = value_node(ps, s->node, text, span)});
    s->node->span.end = (uint32_t)(ps->at > ps->text.n ? ps->text.n : ps->at);
}

static void heredocs(struct parser *ps, struct sv_docker_step *s)
{
    struct sv_slice rest = s->rest;
    if (sv_slice_find(rest, "<<") == rest.n)
        return;
    for (struct sv_slice w = next_word(ps, &rest); w.n && !ps->cut; w = next_word(ps, &rest)) {
        struct opening o;
        if (opens_heredoc(ps, w, &o))
            read_heredoc(ps, s, &o);
    }
}

/* ---- instructions ---- */

static const struct {
    const char *name;
    enum sv_docker_op op;
} ops[] = {
    {"ADD", SV_DOCKER_ADD}, {"ARG", SV_DOCKER_ARG}, {"CMD", SV_DOCKER_CMD},
    {"COPY", SV_DOCKER_COPY}, {"ENTRYPOINT", SV_DOCKER_ENTRYPOINT}, {"ENV", SV_DOCKER_ENV},
    {"EXPOSE", SV_DOCKER_EXPOSE}, {"FROM", SV_DOCKER_FROM},
    {"HEALTHCHECK", SV_DOCKER_HEALTHCHECK}, {"LABEL", SV_DOCKER_LABEL},
    {"MAINTAINER", SV_DOCKER_MAINTAINER}, {"ONBUILD", SV_DOCKER_ONBUILD},
    {"RUN", SV_DOCKER_RUN}, {"SHELL", SV_DOCKER_SHELL}, {"STOPSIGNAL", SV_DOCKER_STOPSIGNAL},
    {"USER", SV_DOCKER_USER}, {"VOLUME", SV_DOCKER_VOLUME}, {"WORKDIR", SV_DOCKER_WORKDIR},
};

static enum sv_docker_op op_of(struct sv_slice name)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (sv_slice_is_nocase(name, ops[i].name))
            return ops[i].op;
    return SV_DOCKER_UNKNOWN;
}

static void arguments(struct parser *ps, struct sv_docker_step *s, struct sv_slice line)
{
    switch (s->op) {
    case SV_DOCKER_ENV:
    case SV_DOCKER_LABEL:
        pairs(ps, s, line, false);
        break;
    case SV_DOCKER_ARG:
        pairs(ps, s, line, true);
        break;
    case SV_DOCKER_FROM:
    case SV_DOCKER_EXPOSE:
        plain_words(ps, s, line);
        break;
    case SV_DOCKER_ADD:
    case SV_DOCKER_COPY:
    case SV_DOCKER_VOLUME:
        if (!exec_form(ps, s, line))
            plain_words(ps, s, line);
        break;
    case SV_DOCKER_HEALTHCHECK: {
        struct sv_slice rest = s->rest, first = next_plain(&rest);
        if (sv_slice_is_nocase(first, "CMD"))
            s->rest = trim_left(rest);
        exec_form(ps, s, line);
        break;
    }
    case SV_DOCKER_RUN:
    case SV_DOCKER_CMD:
    case SV_DOCKER_ENTRYPOINT:
    case SV_DOCKER_SHELL:
        exec_form(ps, s, line);
        break;
    default:
        break;
    }
    if (!s->json && (s->op == SV_DOCKER_RUN || s->op == SV_DOCKER_COPY || s->op == SV_DOCKER_ADD))
        heredocs(ps, s);
}

/* One instruction, its lines joined to `line`. */
static void instruction(struct parser *ps, struct sv_slice line)
{
    struct sv_docker_step s = {0};
    struct sv_slice rest = line, name = next_plain(&rest);
    s.op = op_of(name);
    if (s.op == SV_DOCKER_ONBUILD) {
        struct sv_slice behind = rest, inner = next_plain(&behind);
        enum sv_docker_op op = op_of(inner);
        if (op == SV_DOCKER_UNKNOWN || op == SV_DOCKER_ONBUILD || op == SV_DOCKER_FROM ||
            op == SV_DOCKER_MAINTAINER) {
            complain(ps, SV_DIAG_ERROR, span_of(ps, line, line), "ONBUILD of what Docker refuses there");
        } else {
            s.op = op;
            s.onbuild = true;
            rest = behind;
        }
    }
    struct sv_span span = span_of(ps, line, line);
    if (!may_add(ps, span))
        return;
    s.node = sv_new(ps->sx->arena, struct sv_node);
    *s.node = (struct sv_node){.kind = SV_NODE_DIRECTIVE, .name = name, .span = span, .head = span};
    sv_node_append(ps->out->root, s.node);
    ps->sx->n_nodes++;
    if (s.op == SV_DOCKER_UNKNOWN) {
        complain(ps, SV_DIAG_ERROR, span_of(ps, line, name), "no instruction of a Dockerfile");
        return;
    }
    s.rest = trim_left(rest);
    flags(ps, &s, line);
    s.rest = trim(s.rest);
    arguments(ps, &s, line);
    sv_vec_push(ps->sx->arena, &ps->out->steps, s);
}

/* ---- lines ---- */

static bool is_comment(struct sv_slice line)
{
    line = trim_left(line);
    return line.n && line.p[0] == '#';
}

/* "# escape=`" at the very top. False: no line from here on can be one. */
static bool directive(struct parser *ps, struct sv_slice line, struct sv_span span)
{
    line = trim(line);
    if (line.n == 0 || line.p[0] != '#')
        return false;
    line = trim_left(sv_slice_sub(line, 1, line.n));
    size_t eq = sv_slice_chr(line, '=');
    struct sv_slice name = trim(sv_slice_sub(line, 0, eq));
    struct sv_slice value = trim(sv_slice_sub(line, eq + 1, line.n));
    if (value.n == 0 || !(sv_slice_is_nocase(name, "syntax") || sv_slice_is_nocase(name, "escape") ||
                          sv_slice_is_nocase(name, "check")))
        return false;
    sv_vec_each(d, &ps->directives)
    {
        if (sv_slice_eq_nocase(*d, name))
            complain(ps, SV_DIAG_ERROR, span, "a parser directive that stands twice");
    }
    sv_vec_push(ps->sx->arena, &ps->directives, name);
    if (!sv_slice_is_nocase(name, "escape"))
        return true;
    if (value.n == 1 && (value.p[0] == '`' || value.p[0] == '\\'))
        ps->out->escape = value.p[0];
    else
        complain(ps, SV_DIAG_ERROR, span, "escape= takes a backslash or a backtick");
    return true;
}

/* The line goes on: it ends with the escape character, which no other one stands before. */
static bool goes_on(const struct parser *ps, struct sv_slice *line)
{
    size_t n = line->n;
    while (n && (line->p[n - 1] == ' ' || line->p[n - 1] == '\t'))
        n--;
    if (n == 0 || line->p[n - 1] != ps->out->escape ||
        (n > 1 && line->p[n - 2] == ps->out->escape))
        return false;
    line->n = n - 1;
    return true;
}

static void take(struct parser *ps, struct sv_slice line)
{
    struct piece piece = {ps->line.n, (size_t)(line.p - ps->text.p)};
    if (line.n == 0)
        return;
    sv_vec_push(ps->sx->arena, &ps->pieces, piece);
    sv_buf_add(&ps->line, line);
}

/* Joins the lines of one instruction; comments and empty lines in between do not count. */
static void join(struct parser *ps, struct sv_slice line)
{
    size_t start;
    bool more = goes_on(ps, &line);
    sv_buf_reset(&ps->line);
    ps->pieces.n = 0;
    take(ps, line);
    while (more && ps->at < ps->text.n) {
        line = cut_line(ps, &start);
        if (is_comment(line) || trim(line).n == 0)
            continue;
        more = goes_on(ps, &line);
        take(ps, line);
    }
}

struct sv_dockerfile *sv_dockerfile_parse(struct sv_syntax *sx, uint32_t file, size_t from)
{
    struct sv_slice text = sv_source_get(sx->sources, file)->text;
    struct sv_dockerfile *out = sv_new(sx->arena, struct sv_dockerfile);
    struct parser ps = {.sx = sx, .file = file, .text = text, .at = from, .out = out};
    bool top = true;
    out->escape = '\\';
    out->root = sv_new(sx->arena, struct sv_node);
    out->root->kind = SV_NODE_ROOT;
    if (sv_slice_starts(sv_slice_sub(text, from, text.n), "\xef\xbb\xbf"))
        ps.at += 3;
    while (ps.at < text.n && !ps.cut) {
        size_t start;
        struct sv_slice line = trim_left(cut_line(&ps, &start));
        struct sv_span span = {file, (uint32_t)(line.p - text.p),
                               (uint32_t)((size_t)(line.p - text.p) + line.n)};
        top = top && directive(&ps, line, span);
        if (top || line.n == 0 || line.p[0] == '#')
            continue;
        join(&ps, line);
        struct sv_slice whole = trim(sv_buf_slice(&ps.line));
        if (whole.n) {
            /* Words are cut from a copy that stays; the pieces count from its beginning. */
            struct sv_slice kept = sv_arena_copy(sx->arena, sv_buf_slice(&ps.line));
            instruction(&ps, sv_slice_sub(kept, 0, (size_t)(whole.p - ps.line.p) + whole.n));
        }
    }
    sv_buf_clear(&ps.line);
    out->words = ps.words;
    return out;
}

const struct sv_docker_pair *sv_docker_flag(const struct sv_docker_step *s, const char *name)
{
    const struct sv_docker_pair *hit = NULL;
    sv_vec_each(f, &s->flags)
    {
        if (sv_slice_is_nocase(f->name, name))
            hit = f;
    }
    return hit;
}

bool sv_dockerfile_is_name(struct sv_slice name)
{
    static const char *const others[] = {".dockerignore", ".containerignore", ".md", ".txt", ".j2",
                                         ".tmpl", ".tpl", ".template", ".erb", ".in", ".bak", ".orig",
                                         ".old", ".save", ".swp", ".rej", ".dist", ".sh", ".py",
                                         ".yml", ".yaml", ".json"};
    if (sv_slice_is_nocase(name, "dockerfile") || sv_slice_is_nocase(name, "containerfile"))
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (sv_slice_ends(name, others[i]))
            return false;
    if (name.n == 0 || name.p[name.n - 1] == '~')
        return false;
    return sv_slice_starts(name, "Dockerfile.") || sv_slice_starts(name, "Containerfile.") ||
           sv_slice_starts(name, "Dockerfile-") || sv_slice_ends(name, ".Dockerfile") ||
           sv_slice_ends(name, ".dockerfile") || sv_slice_ends(name, ".Containerfile");
}
