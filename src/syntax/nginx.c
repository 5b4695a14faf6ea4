// SPDX-License-Identifier: Apache-2.0
// nginx configuration: tokens to tree, with recovery at the next directive or block.
#include "syntax/nginx.h"

#include <ctype.h>

#include "base/limits.h"
#include "syntax/nginx_internal.h"
#include "syntax/nginx_lex.h"

struct parser {
    struct sv_syntax *sx;
    struct ngx_load *load;
    struct ngx_lexer lx;
    struct sv_node *block;       /* where directives go now */
    struct sv_node *base;        /* the block the file started in */
    struct sv_node *included_by;
    unsigned depth, diags;
    bool binary;                 /* a word held a NUL byte */
    bool cut;                    /* foreign text took the rest, so blocks stay open: it was said */
    SV_VEC(struct sv_arg) words; /* of the directive being read */
};

static void complain(struct parser *p, struct sv_span at, const char *fmt, const char *name)
{
    if (p->diags++ < SV_MAX_DIAGS_PER_FILE)
        sv_diag_at(p->sx->diags, SV_DIAG_ERROR, at, fmt, name);
}

static const char *first_word(struct parser *p)
{
    struct sv_slice s = p->words.n ? p->words.v[0].value : (struct sv_slice){"", 0};
    return sv_arena_printf(p->sx->arena, "%.*s", (int)(s.n > 60 ? 60 : s.n), s.p);
}

static struct sv_node *make(struct parser *p, enum sv_node_kind kind, uint32_t end)
{
    struct sv_arena *a = p->sx->arena;
    struct sv_node *n = sv_new(a, struct sv_node);
    struct sv_arg *w = p->words.v;
    n->kind = kind;
    n->name = w[0].value;
    n->n_args = (uint32_t)p->words.n - 1;
    if (n->n_args) {
        n->args = sv_new_n(a, struct sv_arg, n->n_args);
        memcpy(n->args, w + 1, n->n_args * sizeof *w);
    }
    n->span = (struct sv_span){p->lx.file, w[0].span.start, end};
    n->head = (struct sv_span){p->lx.file, w[0].span.start, w[p->words.n - 1].span.end};
    n->included_by = p->included_by;
    sv_node_append(p->block, n);
    p->words.n = 0;
    p->sx->n_nodes++;
    return n;
}

static bool is_foreign_block(struct sv_slice name)
{
    return sv_slice_ends(name, "_by_lua_block");
}

static void end_directive(struct parser *p)
{
    if (p->words.n == 0) {
        complain(p, p->lx.span, "a directive was expected before \";\"%s", "");
        return;
    }
    struct sv_node *n = make(p, SV_NODE_DIRECTIVE, p->lx.span.end);
    if (!sv_node_is(n, "include"))
        return;
    if (n->n_args != 1)
        complain(p, n->head, "one file name or pattern was expected after \"include\"%s", "");
    else if (p->load)
        ngx_include(p->load, n);
}

static void open_block(struct parser *p)
{
    if (p->words.n == 0) {
        complain(p, p->lx.span, "a directive's name was expected before \"{\"%s", "");
        p->words.n = 0;
        sv_vec_push(p->sx->arena, &p->words, (struct sv_arg){{"", 0}, p->lx.span, 0});
    }
    bool foreign = is_foreign_block(p->words.v[0].value);
    struct sv_node *n = make(p, foreign ? SV_NODE_OPAQUE : SV_NODE_BLOCK, p->lx.span.end);
    if (foreign) {
        if (!ngx_lex_lua(&p->lx, &n->body)) {
            complain(p, n->head, "this Lua block is never closed; \"}\" was expected%s", "");
            p->cut = true;
        }
        n->span.end = p->lx.span.end;
        return;
    }
    p->depth++;
    p->block = n;
}

static void close_block(struct parser *p)
{
    if (p->words.n) {
        struct sv_span at = p->words.v[p->words.n - 1].span;
        complain(p, at, "\";\" was expected at the end of directive \"%s\"", first_word(p));
        make(p, SV_NODE_DIRECTIVE, at.end);
    }
    if (p->block == p->base) {
        complain(p, p->lx.span, "unexpected \"}\": no block is open here%s", "");
        return;
    }
    p->block->span.end = p->lx.span.end;
    p->block = p->block->parent;
    p->depth--;
}

/* True if what follows the word just read can follow this directive's name: nothing goes without
 * arguments but the blocks, and `server` has arguments in an upstream only. */
static bool reads_on_as_directive(const struct parser *p)
{
    struct ngx_lexer ahead = p->lx;
    struct sv_slice name = p->lx.word.value;
    enum ngx_token next = ngx_lex(&ahead);
    if (sv_slice_is(name, "http") || sv_slice_is(name, "events") ||
        (sv_slice_is(name, "server") && !sv_node_is(p->block, "upstream")))
        return next == TOK_OPEN;
    return next == TOK_WORD;
}

/* A word that starts a line and follows complete-looking words: the `;` before it was forgotten. */
static bool starts_next_directive(const struct parser *p)
{
    static const char *const common[] = {
        "server",     "location",   "listen",  "server_name", "root",       "alias",
        "include",    "proxy_pass", "return",  "rewrite",     "index",      "try_files",
        "access_log", "error_log",  "allow",   "deny",        "auth_basic", "fastcgi_pass",
        "add_header", "error_page", "set",     "if",          "http",       "events"};
    size_t i = p->lx.span.start;
    if (p->words.n < 2 || p->lx.word.quote)
        return false;
    while (i > 0 && (p->lx.text.p[i - 1] == ' ' || p->lx.text.p[i - 1] == '\t'))
        i--;
    if (i == 0 || p->lx.text.p[i - 1] != '\n')
        return false;
    for (size_t k = 0; k < sizeof common / sizeof *common; k++)
        if (sv_slice_is(p->lx.word.value, common[k]))
            return reads_on_as_directive(p);
    return false;
}

/* nginx takes a NUL byte for any other; but it hardly stands in a file that people wrote. */
static void check_binary(struct parser *p)
{
    if (p->binary || sv_slice_chr(p->lx.word.value, '\0') == p->lx.word.value.n)
        return;
    complain(p, p->lx.span, "this word holds a NUL byte: is this a text file? (This is the last "
                            "message about this file.)%s", "");
    p->binary = true;
    p->diags = SV_MAX_DIAGS_PER_FILE;
}

static void add_word(struct parser *p)
{
    if (starts_next_directive(p)) {
        complain(p, p->words.v[p->words.n - 1].span,
                 "\";\" was expected at the end of directive \"%s\"", first_word(p));
        make(p, SV_NODE_DIRECTIVE, p->words.v[p->words.n - 1].span.end);
    }
    check_binary(p);
    if (p->words.n < SV_MAX_ARGS)
        sv_vec_push(p->sx->arena, &p->words, p->lx.word);
}

static bool too_much(struct parser *p)
{
    if (p->depth <= SV_MAX_BLOCK_DEPTH && p->sx->n_nodes <= SV_MAX_NODES)
        return false;
    complain(p, p->lx.span, "%s; the rest of this file is not audited",
             p->depth > SV_MAX_BLOCK_DEPTH ? "blocks are nested too deeply" : "too many directives");
    return true;
}

static void at_end(struct parser *p)
{
    if (p->words.n) {
        struct sv_span at = p->words.v[p->words.n - 1].span;
        complain(p, at, "the file ends inside directive \"%s\"; \";\" was expected",
                 first_word(p));
        make(p, SV_NODE_DIRECTIVE, at.end);
    }
    while (p->block != p->base) {
        if (!p->cut)
            complain(p, p->block->head, "block \"%s\" is never closed; \"}\" was expected",
                     sv_arena_copy(p->sx->arena, p->block->name).p);
        p->block->span.end = (uint32_t)p->lx.text.n;
        p->block = p->block->parent;
    }
}

void ngx_parse_into(struct sv_syntax *sx, struct ngx_load *load, uint32_t file,
                    struct sv_node *parent, struct sv_node *included_by)
{
    const struct sv_source *src = sv_source_get(sx->sources, file);
    struct parser p = {.sx = sx, .load = load, .block = parent, .base = parent,
                       .included_by = included_by};
    p.lx = (struct ngx_lexer){.sx = sx, .file = file, .text = src->text};
    if (sv_slice_starts(src->text, "\xef\xbb\xbf")) {
        complain(&p, (struct sv_span){file, 0, 3},
                 "a byte order mark stands before the first directive; nginx refuses it%s", "");
        p.lx.at = 3;
    }
    for (const struct sv_node *up = parent; up->parent; up = up->parent)
        p.depth++;
    for (;;) {
        if (too_much(&p))
            return;
        enum ngx_token token = ngx_lex(&p.lx);
        if (p.lx.error)
            complain(&p, p.lx.error_at, "%s", p.lx.error);
        switch (token) {
        case TOK_WORD:
            add_word(&p);
            break;
        case TOK_SEMICOLON:
            end_directive(&p);
            break;
        case TOK_OPEN:
            open_block(&p);
            break;
        case TOK_CLOSE:
            close_block(&p);
            break;
        case TOK_BAD:
            p.words.n = 0;
            break;
        case TOK_END:
            at_end(&p);
            return;
        }
    }
}

struct sv_node *sv_nginx_parse(struct sv_syntax *sx, uint32_t file)
{
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    const struct sv_source *src = sv_source_get(sx->sources, file);
    root->kind = SV_NODE_ROOT;
    root->span = (struct sv_span){file, 0, (uint32_t)src->text.n};
    ngx_parse_into(sx, NULL, file, root, NULL);
    return root;
}

/* ---- guessing ---- */

static size_t word_end(struct sv_slice t, size_t i)
{
    while (i < t.n && (isalnum((unsigned char)t.p[i]) || t.p[i] == '_'))
        i++;
    return i;
}

static bool known(struct sv_slice word, char end)
{
    static const char *const blocks[] = {"http",     "events", "server", "location", "upstream",
                                         "stream",   "map",    "geo",    "mail",     "types"};
    static const char *const simple[] = {"listen", "server_name", "proxy_pass", "fastcgi_pass",
                                         "fastcgi_param", "add_header", "worker_processes",
                                         "ssl_certificate", "proxy_set_header", "load_module",
                                         "try_files", "log_format", "ssl_protocols"};
    const char *const *list = end == '{' ? blocks : simple;
    size_t n = end == '{' ? sizeof blocks / sizeof *blocks : sizeof simple / sizeof *simple;
    for (size_t i = 0; i < n; i++)
        if (sv_slice_is(word, list[i]))
            return true;
    return false;
}

bool sv_nginx_sniff(struct sv_slice text)
{
    struct sv_slice t = sv_slice_sub(text, 0, SV_MAX_CONTENT_HEAD);
    if (sv_slice_chr(t, '\0') < t.n)
        return false;
    for (size_t i = 0; i < t.n;) {
        struct sv_slice line = sv_slice_sub(t, i, i + sv_slice_chr(sv_slice_sub(t, i, t.n), '\n'));
        i += line.n + 1;
        line = sv_slice_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct sv_slice word = sv_slice_sub(line, 0, word_end(line, 0));
        size_t hash = sv_slice_chr(line, '#');
        struct sv_slice code = sv_slice_trim(sv_slice_sub(line, 0, hash));
        char end = code.n ? code.p[code.n - 1] : 0;
        if (end != '{' && end != ';' && end != '}')
            continue;
        bool block = sv_slice_chr(code, '{') < code.n;
        return known(word, block ? '{' : ';');
    }
    return false;
}
