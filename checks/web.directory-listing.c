// SPDX-License-Identifier: Apache-2.0
// web.directory-listing: autoindex is on and a mapped folder really answers with a list.
#include <dirent.h>

#include "base/limits.h"
#include "engine/check.h"

struct folder {
    struct sv_slice uri;
    const char *dir; /* NULL: not known */
};
struct folders {
    SV_VEC(struct folder) list;
};

/* The folder behind a location's text, if the configuration fixes it. */
static const char *folder_of(struct sv_ctx *cx, const struct sv_scope *scope, struct sv_slice uri)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_node *alias = sv_scope_own(sv_scope_location(scope), "alias");
    const struct sv_node *root = alias ? NULL : sv_scope_get(scope, "root", NULL);
    struct sv_slice value = sv_node_arg(alias ? alias : root, 0);
    if ((!alias && !root) || sv_slice_chr(value, '$') < value.n)
        return NULL;
    const char *top = sv_site_path(scope->site, a, value);
    return alias ? top : sv_arena_printf(a, "%s/%.*s", top, (int)uri.n, uri.p);
}

/* The folders in this one; an index in the upper one does not speak for them. */
static void descend(struct sv_ctx *cx, struct folders *todo, struct folder at)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_arena own = {0};
    struct sv_dirents entries = {0};
    if (at.dir)
        (void)sv_fs_list(sv_ctx_fs(cx), &own, at.dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (todo->list.n >= SV_MAX_LISTED_FOLDERS)
            break;
        if (e->type != DT_DIR || e->name[0] == '.')
            continue;
        const char *uri = sv_arena_printf(a, "%.*s%s/", (int)at.uri.n, at.uri.p, e->name);
        sv_vec_push(a, &todo->list, (struct folder){sv_slice_of(uri), sv_arena_printf(
                                                        a, "%s/%s", at.dir, e->name)});
    }
    sv_arena_clear(&own);
}

/* The first URL below the scope's own that is answered with a list; NULL if none is. */
static const char *listed(struct sv_ctx *cx, const struct sv_vhost *v, const struct sv_scope *scope,
                          const struct sv_node *node)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *loc = sv_scope_location(scope);
    struct sv_slice uri = loc->kind == SV_SCOPE_LOCATION ? loc->name : SV_LIT("/");
    struct folders todo = {0};
    if (loc->kind == SV_SCOPE_LOCATION && loc->match >= SV_MATCH_REGEX)
        return NULL;
    if (!sv_slice_ends(uri, "/"))
        uri = sv_slice_of(sv_arena_printf(a, "%.*s/", (int)uri.n, uri.p));
    sv_vec_push(a, &todo.list, (struct folder){uri, folder_of(cx, scope, uri)});
    for (size_t i = 0; i < todo.list.n; i++) {
        struct folder at = todo.list.v[i];
        const char *target = sv_uri_escape(a, at.uri);
        struct sv_answer ans = sv_ctx_ask(cx, v, target);
        if (ans.outcome == SV_OUT_LISTING && sv_scope_get(ans.scope, "autoindex", NULL) == node)
            return target;
        descend(cx, &todo, at);
    }
    return NULL;
}

/* The first of the servers in whom this line is in force that lists a folder: of those that
 * strangers reach, or of the others. */
static bool report_nginx(struct sv_ctx *cx, const struct sv_subject *s, bool network)
{
    sv_vec_each(it, &s->site->vhosts)
    {
        const struct sv_vhost *v = *it;
        if (sv_vhost_on_network(v) != network ||
            (s->vhost ? s->vhost != v : sv_scope_get(v->scope, "autoindex", NULL) != s->node))
            continue;
        const char *target = listed(cx, v, s->vhost ? s->scope : v->scope, s->node);
        if (!target)
            continue;
        struct sv_finding *f =
            sv_report_at(cx, SV_LOW, s->node, "%s lists the names of all files in the folder",
                         sv_ctx_url(cx, v, target));
        sv_finding_fix(cx, f, "Remove \"autoindex on\" here, or keep it to a folder meant for "
                              "downloads.");
        return true;
    }
    return false;
}

static void run_nginx(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (sv_slice_is_nocase(sv_node_arg(s->node, 0), "on") && !report_nginx(cx, s, true))
        report_nginx(cx, s, false);
}

/* The Options line that decided, unless it stands in a .htaccess file. */
static const struct sv_node *options_node(const struct sv_site *site, const struct sv_answer *ans)
{
    sv_vec_each(w, &ans->why)
    {
        if (!sv_slice_is_nocase(sv_slice_sub(w->text, 0, strlen("options")), "options"))
            continue;
        sv_vec_each(s, &site->scopes)
        {
            const struct sv_node *n = sv_scope_own(*s, "options");
            if (!n || (*s)->node->span.file != w->span.file)
                continue;
            for (; n; n = n->next) {
                if (sv_node_is(n, "options") && n->head.start == w->span.start &&
                    n->head.file == w->span.file)
                    return n;
            }
        }
    }
    return NULL;
}

/* Of the virtual hosts with this folder one that strangers reach. */
static const struct sv_vhost *asked_vhost(const struct sv_mapping *m, const struct sv_vhost *own)
{
    sv_vec_each(v, &m->vhosts)
    {
        if (sv_vhost_on_network(*v))
            return *v;
    }
    return m->vhosts.n ? m->vhosts.v[0] : own;
}

/* httpd decides folder by folder, so the folders below a mapping are asked one by one. */
static void run_apache(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    const struct sv_vhost *v = asked_vhost(m, s->vhost);
    struct sv_arena *a = sv_ctx_arena(cx);
    struct folders todo = {0};
    struct sv_slice uri = m->uri_prefix;
    if (!m->node || !m->exact || !v)
        return;
    if (!sv_slice_ends(uri, "/"))
        uri = sv_slice_of(sv_arena_printf(a, "%.*s/", (int)uri.n, uri.p));
    sv_vec_push(a, &todo.list, (struct folder){uri, m->dir});
    for (size_t i = 0; i < todo.list.n; i++) {
        struct folder at = todo.list.v[i];
        const char *target = sv_uri_escape(a, at.uri);
        struct sv_answer ans = sv_ctx_ask(cx, v, target);
        const struct sv_node *n =
            ans.outcome == SV_OUT_LISTING ? options_node(s->site, &ans) : NULL;
        if (ans.outcome == SV_OUT_LISTING && !sv_ctx_reported(cx, n ? n : m->node)) {
            struct sv_finding *f = sv_report_at(
                cx, SV_LOW, n ? n : m->node, "%s lists the names of all files in the folder",
                sv_ctx_url(cx, v, target));
            sv_finding_fix(cx, f, "In a line of its own, behind this one: Options -Indexes");
        }
        descend(cx, &todo, at);
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->kind == SV_ON_DIRECTIVE && s->site->kind == SV_SITE_NGINX)
        run_nginx(cx, s);
    else if (s->kind == SV_ON_MAPPING && s->site->kind == SV_SITE_APACHE)
        run_apache(cx, s);
}

static const char *const directives[] = {"autoindex", NULL};
static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_autoindex_module.html",
    "https://httpd.apache.org/docs/2.4/mod/mod_autoindex.html", NULL};

const struct sv_check sv_check_web_directory_listing = {
    SV_CHECK_HEADER,
    .id = "web.directory-listing",
    .title = "A folder lists its files to everyone",
    .why = "A listing makes every forgotten file findable. Hidden files are not listed but served.",
    .fix = "Turn autoindex (Options Indexes) off, or keep it to one download folder.",
    .bad = "location / { autoindex on; }",
    .good = "location /downloads/ { autoindex on; }",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_DIRECTIVE | SV_ON_MAPPING,
    .directives = directives,
    .run = run,
};
