// SPDX-License-Identifier: Apache-2.0
// What ends it that a file has a URL: the line that serves too much, a link, a mount, or a move.
#include "base/buf.h"
#include "engine/context.h"
#include "model/apache.h"
#include "model/container.h"
#include "serve/memo.h"
#include "syntax/apache.h"
#include "syntax/nginx.h"

static bool there(struct sv_fs *fs, struct sv_arena *a, const char *dir, const char *name)
{
    struct stat st;
    return sv_fs_stat(fs, sv_path_join(a, dir, name), &st) == 0 && S_ISREG(st.st_mode);
}

static bool has_index(struct sv_fs *fs, struct sv_arena *a, const char *dir)
{
    return there(fs, a, dir, "index.php") || there(fs, a, dir, "index.html");
}

/* The folder in a served one that was meant to be served: Laravel's and Symfony's public/,
 * CakePHP's webroot/; NULL if the served one has a page of its own, or no such folder. */
static const char *meant_folder(struct sv_fs *fs, struct sv_arena *a, const char *dir,
                                struct sv_slice url)
{
    static const char *const names[] = {"public", "webroot", "web", "dist", "html", "htdocs",
                                        "www", "site"};
    if (has_index(fs, a, dir) && !there(fs, a, dir, "artisan"))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *inner = sv_path_join(a, dir, names[i]);
        bool in_it = sv_slice_starts(url, sv_arena_printf(a, "/%s/", names[i]));
        if (!in_it && has_index(fs, a, inner))
            return inner;
    }
    return NULL;
}

/* The directive that says which folder is served; *ret_dir: its value, fixed and absolute. NULL:
 * there is none, or it is no root. */
static const struct sv_node *root_of(struct sv_arena *a, const struct sv_route *r,
                                     const char **ret_dir)
{
    const struct sv_vhost *v = sv_route_holder(r);
    const struct sv_scope *scope = r->answer.behind ? v->scope : r->answer.scope;
    bool nginx = v->site->kind == SV_SITE_NGINX;
    if (!scope || sv_route_is_way_out(r) ||
        (nginx && sv_scope_own(sv_scope_location(scope), "alias")))
        return NULL;
    const struct sv_node *n = nginx ? sv_scope_get(scope, "root", NULL)
                                    : sv_scope_own_last(v->scope, "documentroot");
    struct sv_slice value = n ? sv_node_arg(n, 0) : SV_LIT("");
    if (value.n == 0 || sv_slice_chr(value, '$') < value.n)
        return NULL;
    *ret_dir = sv_site_path(v->site, a, value);
    return n;
}

/* A folder mounted where the image serves from: nobody's configuration names it, the mount does. */
static const char *mount_fix(struct sv_ctx *cx, const struct sv_route *r, const char *dir)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_site *site = sv_route_holder(r)->site;
    const struct sv_container_mount *m =
        site->container ? sv_container_mount_of(site->container, dir) : NULL;
    if (!m || !m->source || strcmp(m->target, dir) != 0)
        return NULL;
    struct sv_sources *src = sv_ctx_sources(cx);
    struct sv_fs *fs = sv_fs_base(site->fs);
    const char *project = sv_path_dir(a, site->container->config), *shown;
    const char *pages = meant_folder(fs, a, m->source, sv_route_path(a, r));
    bool compose = site->container->kind == SV_CONTAINER_COMPOSE;
    if (!pages && strcmp(m->source, project) != 0)
        return NULL; /* a folder of pages, as far as anybody knows */
    shown = pages ? pages : sv_path_join(a, m->source, "public");
    if (compose && sv_path_below(shown, project))
        shown = sv_arena_printf(a, "./%s", shown + strlen(project) + 1);
    const char *at = sv_arena_printf(a, "%s:%u", sv_span_path(src, m->node->head),
                                     sv_span_pos(src, m->node->head).line);
    if (pages)
        return sv_arena_printf(a, "Mount the folder of the pages alone; at %s:\n%s:%s%s", at, shown,
                               m->target, m->read_only ? ":ro" : "");
    return sv_arena_printf(a, "Mount a folder that holds nothing but public files: move them into one, and "
                              "at %s:\n%s:%s%s", at, shown, m->target, m->read_only ? ":ro" : "");
}

/* The line that serves a whole project in place of its public folder, as it should be. */
static const char *root_fix(struct sv_ctx *cx, const struct sv_route *r, enum sv_move_kind *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_vhost *v = sv_route_holder(r);
    bool nginx = v->site->kind == SV_SITE_NGINX;
    const char *served;
    const struct sv_node *n = root_of(a, r, &served);
    if (!n)
        return NULL;
    *ret = v->site->stock ? SV_MOVE_MOUNT : SV_MOVE_ROOT;
    if (v->site->stock)
        return mount_fix(cx, r, served);
    struct sv_fs *fs = v->site->fs ? v->site->fs : sv_ctx_fs(cx);
    const char *dir = meant_folder(fs, a, served, sv_route_path(a, r));
    if (!dir)
        return NULL;
    struct sv_sources *src = sv_ctx_sources(cx);
    struct sv_slice to = sv_slice_of(dir);
    const char *line = nginx ? sv_arena_printf(a, "root %s;", sv_nginx_word(a, to))
                             : sv_arena_printf(a, "DocumentRoot %s", sv_apache_quoted(a, to));
    return sv_arena_printf(a, "Serve the project's public folder alone; at %s:%u:\n%s%s",
                           sv_span_path(src, n->head), sv_span_pos(src, n->head).line, line,
                           sv_ctx_moved_root_lines(cx, v, n, strrchr(dir, '/')));
}

/* The first link on the way from the served folder to the file that leads out of that folder. */
static const char *link_out(struct sv_fs *fs, struct sv_arena *a, const char *served,
                            const char *file, const char **ret_real)
{
    const char *real_served = served;
    (void)sv_fs_realpath(fs, a, served, &real_served);
    for (const char *p = file + strlen(served); p && *p; p = strchr(p + 1, '/')) {
        const char *next = strchr(p + 1, '/');
        struct stat st;
        const char *part = next ? sv_arena_copy(a, (struct sv_slice){file, (size_t)(next - file)}).p
                                : file;
        if (sv_fs_lstat(fs, part, &st) == 0 && S_ISLNK(st.st_mode) &&
            sv_fs_realpath(fs, a, part, ret_real) == 0 && !sv_path_below(*ret_real, real_served))
            return part;
    }
    return NULL;
}

/* A link beside the pages brings the file in: it is the link that has to go. */
static const char *link_fix(struct sv_ctx *cx, const struct sv_route *r, bool *ret_lines)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_fs *fs = sv_ctx_fs(cx);
    const char *served, *real, *file = r->answer.file;
    struct stat st;
    if (sv_route_holder(r)->site->container || !file || !root_of(a, r, &served) ||
        !sv_path_below(file, served))
        return NULL;
    const char *link = link_out(fs, a, served, file, &real);
    if (!link)
        return NULL;
    const char *fix = sv_arena_printf(a, "Remove the link %s, which leads to %s.", link, real);
    const char *meant = sv_path_join(a, real, "app/public"); /* where artisan storage:link leads */
    *ret_lines = strcmp(sv_path_base(link), "storage") == 0 && sv_fs_stat(fs, meant, &st) == 0;
    if (!*ret_lines)
        return fix;
    return sv_arena_printf(a, "%s Laravel's own leads to less:\nln -sfn %s %s", fix,
                           sv_shell_quote(a, meant), sv_shell_quote(a, link));
}

struct sv_move sv_ctx_move(struct sv_ctx *cx, bool is_dir, const struct sv_routes *routes)
{
    struct sv_move x = {
        .kind = SV_MOVE_WAY_OUT, .lines = true, .text = sv_ctx_way_out_fix(cx, routes)};
    if (x.text)
        return x;
    sv_vec_each(r, &routes->list)
    {
        x.kind = SV_MOVE_LINK;
        x.text = link_fix(cx, r, &x.lines);
        if (x.text)
            return x;
        x.lines = true;
        x.text = root_fix(cx, r, &x.kind);
        if (x.text)
            return x;
    }
    return (struct sv_move){.kind = SV_MOVE_AWAY,
                            .text = is_dir ? "Move the folder out of the served folder."
                                           : SV_MOVE_FILE};
}
