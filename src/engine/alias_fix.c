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

/* The whole of the location's try_files, without which the root alone would not do. */
static const char *try_files(struct sv_arena *a, const struct sv_mapping *m)
{
    const struct sv_node *n = m->is_alias ? NULL : sv_scope_own(m->scope, "try_files");
    const char *text = n ? "try_files" : "";
    for (uint32_t i = 0; n && i < n->n_args; i++)
        text = sv_arena_printf(a, "%s %s", text, sv_nginx_word(a, sv_node_arg(n, i)));
    return n ? sv_arena_printf(a, " %s;", text) : "";
}

static const char *by_pattern(struct sv_ctx *cx, const struct sv_mapping *m,
                              const struct sv_alias_gap *gap)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *loc = sv_scope_location(m->scope);
    struct sv_slice rest = sv_slice_sub(m->pattern, gap->prefix.n + 1, m->pattern.n);
    const char *pattern = sv_arena_printf(a, "^%.*s/%.*s", (int)gap->prefix.n, gap->prefix.p,
                                          (int)rest.n, rest.p);
    return sv_arena_printf(a, "location %s %s { %s %s;%s }",
                           loc->match == SV_MATCH_REGEX_NOCASE ? "~*" : "~",
                           sv_nginx_word(a, sv_slice_of(pattern)), m->is_alias ? "alias" : "root",
                           sv_nginx_word(a, m->value), try_files(a, m));
}

const char *sv_ctx_alias_fix(struct sv_ctx *cx, const struct sv_mapping *m)
{
    const struct sv_alias_gap *gap = sv_alias_gap(m->scope->site, m);
    const char *location = m->exact ? literal(cx, m, gap) : by_pattern(cx, m, gap);
    sv_node_each(other, sv_scope_location(m->scope)->node)
    {
        /* What asks for a password must not get lost. */
        if (other != m->node && (m->is_alias || !sv_node_is(other, "try_files")))
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
