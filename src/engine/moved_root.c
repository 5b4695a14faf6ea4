// SPDX-License-Identifier: Apache-2.0
// The lines that name a folder in URLs, as they should be once that folder is the root.
#include <ctype.h>

#include "base/buf.h"
#include "engine/check.h"

enum {
    MAX_LINES = 6,
    MAX_SERVERS = 32,
    MAX_DEPTH = 16,
    MAX_HEAD = 200, /* what sv_node_head_text() gives */
};

struct lines {
    struct sv_ctx *cx;
    struct sv_slice folder; /* "/public" */
    bool nginx;
    size_t n;
    struct sv_buf out;
};

/* Bytes of the folder's name where `text` begins with it and it ends there. */
static size_t named(const struct lines *x, struct sv_slice text)
{
    bool is = sv_slice_starts(text, x->folder.p);
    return is && (text.n == x->folder.n || strchr("/$?\" ", text.p[x->folder.n])) ? x->folder.n : 0;
}

/* The text without the folder at the beginning of its words, or behind the root's variable. */
static bool without(const struct lines *x, struct sv_slice text, struct sv_buf *out)
{
    static const char *const roots[] = {"$document_root", "%{DOCUMENT_ROOT}"};
    bool any = false;
    for (size_t i = 0; i < text.n; i++) {
        struct sv_slice rest = sv_slice_sub(text, i, text.n), before = sv_slice_sub(text, 0, i);
        bool begins = i == 0 || strchr(" \t\"'", text.p[i - 1]);
        for (size_t k = 0; k < sizeof roots / sizeof *roots; k++)
            begins |= sv_slice_ends(before, roots[k]);
        size_t n = begins ? named(x, rest) : 0;
        any |= n > 0;
        if (n && (n == rest.n || strchr("? \"", rest.p[n])))
            sv_buf_addc(out, '/');
        if (n)
            i += n - 1;
        else
            sv_buf_addc(out, text.p[i]);
    }
    return any;
}

/* Where a location's name or pattern names the folder, not one that begins as it does. */
static size_t find_folder(const struct lines *x, struct sv_slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        struct sv_slice rest = sv_slice_sub(name, i, name.n);
        if (sv_slice_starts(rest, x->folder.p) &&
            (rest.n == x->folder.n || !strchr("-_.", rest.p[x->folder.n])) &&
            (rest.n == x->folder.n || !isalnum((unsigned char)rest.p[x->folder.n])))
            return i;
    }
    return name.n;
}

/* "^/(.*)$": it says nothing of what it is given. */
static bool takes_all(struct sv_slice pattern)
{
    for (size_t i = 0; i < pattern.n; i++)
        if (!strchr("^/(.*)$?+", pattern.p[i]))
            return false;
    return true;
}

/* All that it did was to put the folder in front: what is left would lead to itself. */
static bool is_needless(const struct lines *x, const struct sv_node *n)
{
    bool ret = sv_node_is(n, "return");
    if (!ret && !sv_node_is(n, "rewrite") && !sv_node_is(n, "rewriterule"))
        return false;
    struct sv_slice to = sv_node_arg(n, 1);
    size_t cut = named(x, to);
    struct sv_slice rest = sv_slice_sub(to, cut, to.n);
    if (!cut || (!ret && !takes_all(sv_node_arg(n, 0))))
        return false;
    rest = sv_slice_sub(rest, sv_slice_starts(rest, "/"), rest.n);
    return rest.n == 0 || rest.p[0] == '$';
}

/* A directive that takes URLs, or their paths, and has the folder in one of its words. */
static bool may_name(const struct lines *x, const struct sv_node *n)
{
    static const char *const known[] = {
        "try_files", "error_page",       "rewrite",       "return",      "index",
        "location",  "fallbackresource", "errordocument", "rewriterule", "fastcgi_param",
        "directoryindex"};
    bool has = false;
    for (uint32_t i = 0; i < n->n_args && !has; i++)
        has = sv_slice_find(sv_node_arg(n, i), x->folder.p) < sv_node_arg(n, i).n;
    for (size_t i = 0; has && i < sizeof known / sizeof *known; i++)
        if (sv_node_is(n, known[i]))
            return true;
    return false;
}

static void line(struct lines *x, const struct sv_node *n, const struct sv_node *before)
{
    if (!may_name(x, n))
        return;
    struct sv_arena *a = sv_ctx_arena(x->cx);
    struct sv_sources *src = sv_ctx_sources(x->cx);
    _cleanup_buf_ struct sv_buf changed = {0};
    struct sv_slice head = sv_node_head_text(src, a, n);
    bool condition = before && sv_node_is(before, "rewritecond");
    bool names = without(x, head, &changed), location = sv_node_is(n, "location");
    bool whole = false;
    if (location && n->n_args) {
        struct sv_slice name = sv_node_arg(n, n->n_args - 1);
        size_t at = find_folder(x, name);
        names = at < name.n;
        whole = at == 0 && name.n <= x->folder.n + 1;
    }
    if (!names || x->n++ >= MAX_LINES)
        return;
    const char *at = sv_arena_printf(a, "%s:%u", sv_span_path(src, n->head),
                                     sv_span_pos(src, n->head).line);
    if (whole) /* a second location of that name would be refused */
        sv_buf_printf(&x->out, "\nand put what is in the location at %s into location /", at);
    else if (location || head.n >= MAX_HEAD)
        sv_buf_printf(&x->out, "\nand take %s out of the %s at %s", x->folder.p,
                      location ? "location's name" : "line", at);
    else if (is_needless(x, n))
        sv_buf_printf(&x->out, "\nand without the line at %s%s:\n%.*s%s", at,
                      condition ? " and the RewriteCond before it" : "", (int)head.n, head.p,
                      x->nginx ? ";" : "");
    else
        sv_buf_printf(&x->out, "\nand at %s:\n%.*s%s", at, (int)changed.n, changed.p,
                      x->nginx ? ";" : "");
}

static void walk(struct lines *x, const struct sv_node *block, unsigned depth)
{
    const struct sv_node *before = NULL;
    for (const struct sv_node *n = block->first; n; before = n, n = n->next) {
        if (n->kind == SV_NODE_INACTIVE)
            continue;
        line(x, n, before);
        if (depth < MAX_DEPTH)
            walk(x, n, depth + 1);
    }
}

const char *sv_ctx_moved_root_lines(struct sv_ctx *cx, const struct sv_vhost *v,
                                    const struct sv_node *root, const char *folder)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct lines x = {.cx = cx, .folder = sv_slice_of(folder)};
    x.nginx = v->site->kind == SV_SITE_NGINX;
    walk(&x, v->scope->node, 0);
    size_t others = 0; /* with the root that http has for all */
    for (size_t i = 0; x.nginx && i < v->site->vhosts.n && others < MAX_SERVERS; i++) {
        const struct sv_scope *server = v->site->vhosts.v[i]->scope;
        if (server == v->scope || sv_scope_get(server, "root", NULL) != root)
            continue;
        walk(&x, server->node, 0);
        others++;
    }
    if (x.n > MAX_LINES)
        sv_buf_printf(&x.out, "\nand the same for the other %zu lines that name %s",
                      x.n - MAX_LINES, folder);
    struct sv_slice text = sv_arena_copy(a, sv_buf_slice(&x.out));
    sv_buf_clear(&x.out);
    return text.p;
}
