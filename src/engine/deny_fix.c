// SPDX-License-Identifier: Apache-2.0
// The lines that keep a served file from strangers, for the server that hands it out.
#include "base/buf.h"
#include "engine/context.h"
#include "model/apache.h"
#include "secrets/value.h"
#include "serve/memo.h"
#include "syntax/apache.h"
#include "syntax/nginx.h"

enum { MAX_RULES = 4, MAX_PAGES = 3 };

/* Bytes of a path up to and with the folder that a version control system keeps its files in, 0 if
 * it names none. */
static size_t vcs_folder(struct sv_slice path)
{
    static const char *const names[] = {"/.git/", "/.svn/", "/.hg/", "/.bzr/", "/CVS/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t at = sv_slice_find(path, names[i]);
        if (at < path.n)
            return at + strlen(names[i]);
    }
    return 0;
}

/* One file stands for its repository, or for the folder that it was found in: the URL path of that
 * folder, with its slash. A file beside others, such as .gitmodules, stands for itself, and what
 * lies at the top of a site never for all of it: {0} then. */
static struct sv_slice folder_of(struct sv_arena *a, const struct sv_file *file,
                                 struct sv_slice path)
{
    const struct sv_file_row *row = file ? file->row : NULL;
    if (!row)
        return (struct sv_slice){0};
    bool vcs = row->category == SV_CAT_VCS && strchr(row->pattern, '/');
    size_t end = vcs ? vcs_folder(path) : 0;
    if (!vcs && !row->is_dir)
        return (struct sv_slice){0};
    if (!end && row->is_dir) {
        const char *below = sv_arena_printf(a, "/%s/", row->pattern);
        size_t at = sv_slice_find(path, below);
        end = at < path.n ? at + strlen(below) : 0;
    }
    struct sv_slice folder = sv_slice_dir(sv_slice_sub(path, 0, end ? end : path.n));
    return folder.n > 1 ? folder : (struct sv_slice){0};
}

/* A location that the server has already; a second one of that name would be refused. */
static const struct sv_scope *location_named(const struct sv_scope *server, struct sv_slice name,
                                             bool exact)
{
    sv_vec_each(l, &server->locations)
    {
        if ((*l)->match <= SV_MATCH_EXACT && ((*l)->match == SV_MATCH_EXACT) == exact &&
            sv_slice_eq((*l)->name, name))
            return *l;
    }
    return NULL;
}

/* The line of nginx that stops the file: itself, or the folder that it stands for. */
static const char *nginx_rule(struct sv_ctx *cx, const struct sv_file *file,
                              const struct sv_route *r)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_sources *src = sv_ctx_sources(cx);
    const struct sv_scope *server = sv_route_holder(r)->scope;
    struct sv_slice path = sv_route_path(a, r), folder = folder_of(a, file, path);
    bool exact = !folder.n;
    struct sv_slice name = exact ? path : folder;
    if (sv_route_holder(r)->site->stock)
        return sv_arena_printf(a, "in the server of a copy of the image's /etc/nginx/conf.d/default.conf, mounted "
                               "over it:\nlocation %s %s { return 404; }", exact ? "=" : "^~",
                               sv_nginx_word(a, name));
    const struct sv_scope *old = location_named(server, name, exact);
    if (old)
        return sv_arena_printf(a, "in %s at %s:%u:\nreturn 404;", sv_scope_text(a, old),
                               sv_span_path(src, old->node->head),
                               sv_span_pos(src, old->node->head).line);
    return sv_arena_printf(a, "in the server at %s:%u:\nlocation %s %s { return 404; }",
                           sv_span_path(src, server->node->head),
                           sv_span_pos(src, server->node->head).line, exact ? "=" : "^~",
                           sv_nginx_word(a, name));
}

const char *sv_ctx_httpd_denial(struct sv_ctx *cx, const struct sv_vhost *v, struct sv_slice name)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_sources *src = sv_ctx_sources(cx);
    bool pattern = sv_slice_chr(name, '*') < name.n || sv_slice_chr(name, '?') < name.n ||
                   sv_slice_chr(name, '[') < name.n;
    const char *section = pattern ? "LocationMatch" : "Location";
    const char *path = sv_arena_printf(a, pattern ? "^\\Q%.*s\\E" : "%.*s", (int)name.n, name.p);
    const char *where =
        v->site->stock
            ? sv_arena_printf(a, "at the end of a copy of the image's %s, mounted over it",
                              v->site->stock_path)
        : v->apache->is_main
            ? sv_arena_printf(a, "at the end of %s", v->site->config)
            : sv_arena_printf(a, "at the end of the <VirtualHost> at %s:%u",
                              sv_span_path(src, v->scope->node->head),
                              sv_span_pos(src, v->scope->node->head).line);
    return sv_arena_printf(a, "%s:\n<%s %s>\n    Require all denied\n</%s>", where, section,
                           sv_apache_quoted(a, sv_slice_of(path)), section);
}

static const char *own_rule(struct sv_ctx *cx, const struct sv_file *file, const struct sv_route *r)
{
    struct sv_slice path, folder;
    switch (sv_route_holder(r)->site->kind) {
    case SV_SITE_NGINX:
        return nginx_rule(cx, file, r);
    case SV_SITE_APACHE:
        path = sv_route_path(sv_ctx_arena(cx), r);
        folder = folder_of(sv_ctx_arena(cx), file, path);
        return sv_ctx_httpd_denial(cx, sv_route_holder(r), folder.n ? folder : path);
    }
    return "";
}

/* "/\.(?!well-known/)": a key beside the answers of ACME is not stopped by it. */
static bool stopped_with_dotfiles(struct sv_slice path)
{
    size_t at;
    while ((at = sv_slice_find(path, "/.")) < path.n) {
        path = sv_slice_sub(path, at + 2, path.n);
        if (!sv_slice_starts(path, "well-known/"))
            return true;
    }
    return false;
}

static const char *place_of(struct sv_ctx *cx, const struct sv_scope *s)
{
    struct sv_sources *src = sv_ctx_sources(cx);
    return sv_arena_printf(sv_ctx_arena(cx), "%s at %s:%u", sv_scope_text(sv_ctx_arena(cx), s),
                           sv_span_path(src, s->node->head), sv_span_pos(src, s->node->head).line);
}

/* nginx's rule against all dotfiles for a path that `loc` answers: where it belongs. One that the
 * server has, and that is not looked at, is said to be there. */
static void nginx_dotfiles(struct sv_ctx *cx, struct sv_buf *out, const struct sv_route *r,
                           struct sv_slice path, const char *whose)
{
    const struct sv_scope *loc = r->answer.behind || !r->answer.scope
                                     ? NULL
                                     : sv_scope_location(r->answer.scope);
    const struct sv_scope *guard = sv_dotfile_guard(sv_route_holder(r), path);
    bool stops = loc && loc->match == SV_MATCH_PREFIX_STOP;
    bool pattern = loc && (loc->match == SV_MATCH_REGEX || loc->match == SV_MATCH_REGEX_NOCASE);
    if (guard && pattern) {
        sv_buf_printf(out, "%s is not reached, for %s comes first: move it in front of that one.\n",
                      place_of(cx, guard), place_of(cx, loc));
        return;
    }
    if (guard && stops)
        sv_buf_printf(out, "%s is not reached, for %s keeps it from being looked at: drop the ^~ there, or put "
                           "into that location, against all dotfiles:\n", place_of(cx, guard),
                      place_of(cx, loc));
    else if (stops)
        sv_buf_printf(out, "and in %s, which keeps rules outside of it from being looked at, against "
                           "all dotfiles:\n", sv_scope_text(sv_ctx_arena(cx), loc));
    else
        sv_buf_printf(out, "and first of all regular expressions %s, against all dotfiles:\n",
                      whose);
    sv_buf_adds(out, "location ~ /\\.(?!well-known/) { return 404; }\n");
}

/* The rule against all dotfiles, as the servers of these routes write it. */
static void against_dotfiles(struct sv_ctx *cx, struct sv_buf *out, const struct sv_routes *routes)
{
    const struct sv_route *nginx = NULL;
    struct sv_slice asked = {"", 0};
    unsigned kinds = 0;
    sv_vec_each(r, &routes->list)
    {
        struct sv_slice path = sv_route_path(sv_ctx_arena(cx), r);
        enum sv_site_kind kind = sv_route_holder(r)->site->kind;
        if (sv_route_is_way_out(r) || !stopped_with_dotfiles(path))
            continue;
        kinds |= kind;
        const struct sv_scope *loc = r->answer.scope ? sv_scope_location(r->answer.scope) : NULL;
        if (kind != SV_SITE_NGINX || (nginx && (!loc || loc->match != SV_MATCH_PREFIX_STOP)))
            continue;
        nginx = r;
        asked = path;
    }
    if (nginx)
        nginx_dotfiles(cx, out, nginx, asked, kinds & SV_SITE_APACHE ? "of nginx's server" : "there");
    if (kinds & SV_SITE_APACHE)
        sv_buf_printf(out, "and %s, against all dotfiles: RedirectMatch 404 \"/\\.(?!well-known/)\"\n",
                      nginx ? "in httpd's virtual host" : "there");
}

/* With the pages where the kinds that are known by their values are revoked. */
static void add_change(struct sv_buf *out, const struct sv_file *file)
{
    const char *pages[MAX_PAGES];
    size_t n = 0;
    if (!file || file->secrets.n == 0)
        return;
    sv_buf_adds(out, "Change every secret that was in it");
    sv_vec_each(s, &file->secrets)
    {
        const struct sv_secret_rule *rule = sv_value_rule(s->value);
        bool said = !rule || !rule->revoke || n == MAX_PAGES;
        for (size_t i = 0; i < n && !said; i++)
            said = strcmp(pages[i], rule->revoke) == 0;
        if (said)
            continue;
        pages[n] = rule->revoke;
        sv_buf_printf(out, "%s%s", n++ ? ", " : " (", rule->revoke);
    }
    sv_buf_adds(out, n ? ").\n" : ".\n");
}

/* The repository as a whole: its HEAD alone is nothing to move. */
static const char *move_away(struct sv_arena *a, const struct sv_file *file, const char *text)
{
    size_t n = file ? vcs_folder(sv_slice_of(file->path)) : 0;
    if (!n || file->row->category != SV_CAT_VCS)
        return text;
    struct sv_slice dir = {file->path, n - 1};
    return sv_arena_printf(a, "Move %.*s out of the served folder.", (int)dir.n, dir.p);
}

const char *sv_ctx_deny_fix(struct sv_ctx *cx, const struct sv_file *file,
                            const struct sv_routes *routes)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    _cleanup_buf_ struct sv_buf out = {0};
    SV_VEC(const char *) rules = {0};
    bool beside = false;
    const struct sv_move move = sv_ctx_move(cx, file && file->row->is_dir, routes);
    bool mount = move.kind == SV_MOVE_MOUNT;
    if (mount || move.kind == SV_MOVE_WAY_OUT)
        sv_buf_printf(&out, "%s\n", move.text);
    else
        sv_buf_printf(&out, "%s%sUntil then:\n",
                      move.kind == SV_MOVE_AWAY ? move_away(a, file, move.text) : move.text,
                      move.lines ? "\n" : " ");
    for (size_t i = 0; i < routes->list.n && !mount; i++) {
        const struct sv_route *r = &routes->list.v[i];
        bool way_out = sv_route_is_way_out(r);
        beside |= way_out;
        const char *rule = way_out ? NULL : own_rule(cx, file, r);
        bool said = !rule;
        sv_vec_each(old, &rules)
        {
            said = said || strcmp(*old, rule) == 0;
        }
        if (said)
            continue;
        sv_vec_push(a, &rules, rule);
        struct sv_slice place = {rule, strcspn(rule, "\n") + 1};
        const char *before = rules.n > 1 ? rules.v[rules.n - 2] : "";
        bool there = sv_slice_starts(sv_slice_of(before), sv_arena_copy(a, place).p);
        if (rules.n <= MAX_RULES)
            sv_buf_printf(&out, "%s\n", there ? rule + place.n : rule);
    }
    if (rules.n > MAX_RULES)
        sv_buf_printf(&out, "and the same for the other %zu URLs (-v lists them).\n",
                      rules.n - MAX_RULES);
    if (!mount)
        against_dotfiles(cx, &out, routes);
    if (beside && move.kind != SV_MOVE_WAY_OUT)
        sv_buf_adds(&out, "The URLs with \"../\" are closed by the fix of nginx.alias-traversal.\n");
    add_change(&out, file);
    out.n--; /* the last newline */
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}
