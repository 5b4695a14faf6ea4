// SPDX-License-Identifier: Apache-2.0
// The location and the alias as they should be, where requests get out of the alias's folder.
#include "engine/check.h"
#include "serve/memo.h"
#include "syntax/nginx.h"

/* One file has no slash to end with: it gets an exact location. */
static const char *literal(struct sv_ctx *cx, const struct sv_mapping *m,
                           const struct sv_alias_gap *gap)
{
    struct stat st;
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_site *site = m->scope->site;
    bool file = sv_fs_stat(site->fs, m->dir, &st) == 0 && S_ISREG(st.st_mode);
    bool stop = sv_scope_location(m->scope)->match == SV_MATCH_PREFIX_STOP;
    bool closed = gap->prefix.p[gap->prefix.n - 1] == '/';
    const char *name = sv_arena_printf(a, "%.*s%s", (int)gap->prefix.n, gap->prefix.p,
                                       file || closed ? "" : "/");
    const char *dir = sv_arena_printf(a, "%s%s", m->dir, file ? "" : "/");
    return sv_arena_printf(a, "location %s%s { alias %s; }", file ? "= " : stop ? "^~ " : "",
                           sv_nginx_word(a, sv_slice_of(name)),
                           sv_nginx_word(a, sv_slice_of(dir)));
}

/* The directive with another text in the place of one of its words; "" for none. */
static const char *line(struct sv_arena *a, const struct sv_node *n, struct sv_slice old,
                        const char *text)
{
    const char *out = n ? sv_arena_printf(a, "%.*s", (int)n->name.n, n->name.p) : "";
    for (uint32_t i = 0; n && i < n->n_args; i++) {
        struct sv_slice arg = sv_node_arg(n, i);
        if (sv_slice_eq(arg, old))
            arg = sv_slice_of(text);
        out = sv_arena_printf(a, "%s %s", out, sv_nginx_word(a, arg));
    }
    return out;
}

static bool is_part(const struct sv_mapping *m, const struct sv_node *n)
{
    return !m->is_alias && (sv_node_is(n, "try_files") || sv_node_is(n, "rewrite"));
}

/* A slash in front of the group of the expression that the folder's files are found by. */
static const char *by_pattern(struct sv_ctx *cx, const struct sv_mapping *m,
                              const struct sv_alias_gap *gap)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    bool rewrite = gap->by && sv_node_is(gap->by, "rewrite");
    struct sv_slice old = rewrite ? sv_node_arg(gap->by, 0) : m->pattern;
    struct sv_slice rest = sv_slice_sub(old, gap->prefix.n + 1, old.n);
    const char *pattern = sv_arena_printf(a, "^%.*s/%.*s", (int)gap->prefix.n, gap->prefix.p,
                                          (int)rest.n, rest.p);
    const char *out = line(a, sv_scope_location(m->scope)->node, old, pattern);
    out = sv_arena_printf(a, "%s { %s;", out, line(a, m->node, old, ""));
    sv_node_each(n, m->scope->node)
    {
        if (is_part(m, n))
            out = sv_arena_printf(a, "%s %s;", out, line(a, n, old, pattern));
    }
    return sv_arena_printf(a, "%s }", out);
}

const char *sv_ctx_alias_fix(struct sv_ctx *cx, const struct sv_mapping *m)
{
    const struct sv_alias_gap *gap = sv_alias_gap(m->scope->site, m);
    const char *location = m->exact && m->is_alias ? literal(cx, m, gap) : by_pattern(cx, m, gap);
    sv_node_each(other, sv_scope_location(m->scope)->node)
    {
        /* What asks for a password must not get lost. */
        if (other != m->node && !is_part(m, other))
            return sv_arena_printf(sv_ctx_arena(cx),
                                   "%s\nwith all other lines of that location in it.", location);
    }
    return location;
}

const char *sv_ctx_way_out_fix(struct sv_ctx *cx, const struct sv_routes *routes)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_sources *src = sv_ctx_sources(cx);
    const char *out = NULL;
    sv_vec_each(r, &routes->list)
    {
        const struct sv_mapping *m = sv_route_leaves_alias(r);
        if (!m)
            return NULL;
        const struct sv_span head = sv_scope_location(m->scope)->node->head;
        const char *line =
            sv_arena_printf(a, "In place of the location at %s:%u: %s", sv_span_path(src, head),
                            sv_span_pos(src, head).line, sv_ctx_alias_fix(cx, m));
        if (!out || !strstr(out, line))
            out = out ? sv_arena_printf(a, "%s\n%s", out, line) : line;
    }
    return out;
}
