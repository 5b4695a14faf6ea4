// SPDX-License-Identifier: Apache-2.0
// What httpd does with folders and programs: indexes, homes, CGI scripts, SSI commands.
#include "engine/check.h"
#include "model/apache.h"
#include "serve/memo.h"
#include "syntax/apache.h"

/* ENOUGH: places of one folder that are asked, each a request. */
enum { SAMPLE = 8, ENOUGH = 32 };

/* The words of Options: +1 if the option is switched on, -1 if off, 0 if not named. */
static int option(const struct sv_node *n, const char *name)
{
    int state = 0;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice w = sv_node_arg(n, i);
        bool off = w.n && w.p[0] == '-';
        if (w.n && (w.p[0] == '-' || w.p[0] == '+'))
            w = sv_slice_sub(w, 1, w.n);
        bool all = sv_slice_is_nocase(w, "all") && strcmp(name, "MultiViews") != 0;
        if (sv_slice_is_nocase(w, name) || all)
            state = off ? -1 : 1;
    }
    return state;
}

/* The folder that a section is about, as URL paths. */
static void section_places(struct sv_ctx *cx, const struct sv_subject *s, struct sv_places *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *at = sv_scope_location(s->scope);
    if (at->kind == SV_SCOPE_DIRECTORY && at->match == SV_MATCH_PREFIX) {
        const char *dir = sv_arena_copy(a, at->name).p, *last = "";
        sv_ctx_places(cx, s->site, dir, ret);
        const struct sv_mappings *maps = sv_site_mappings(s->site);
        sv_vec_each(m, &maps->list)
        {
            if (m->exact && ret->list.n < ENOUGH && strcmp(m->dir, last) != 0 &&
                sv_path_below(m->dir, dir) && strcmp(m->dir, dir) != 0)
                sv_ctx_places(cx, s->site, last = m->dir, ret);
        }
    } else if (at->kind == SV_SCOPE_LOCATION && at->match == SV_MATCH_PREFIX) {
        sv_vec_push(a, &ret->list, (struct sv_place){at->vhost, sv_uri_escape(a, at->name)});
    }
}

/* ---- apache.indexes ---- */

static void run_indexes(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_places places = {0};
    if (option(s->node, "Indexes") <= 0)
        return;
    section_places(cx, s, &places);
    for (size_t i = 0; i < places.list.n && i < ENOUGH; i++) {
        const struct sv_place *p = &places.list.v[i];
        const char *target = sv_arena_printf(sv_ctx_arena(cx), "%s/", p->target);
        struct sv_answer ans = sv_ctx_ask(cx, p->vhost, target);
        if (ans.outcome != SV_OUT_FILE && ans.outcome != SV_OUT_HANDLER)
            continue; /* a list is the finding of web.directory-listing */
        struct sv_finding *f = sv_report_at(
            cx, SV_INFO, s->node, "folders below %s that have no index file list what is in them",
            sv_ctx_url(cx, p->vhost, target));
        sv_finding_fix(cx, f, "In a line of its own, behind this one: Options -Indexes");
        return;
    }
}

static const char *const options[] = {"options", NULL};
static const char *const options_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/core.html#options", NULL};

const struct sv_check sv_check_apache_indexes = {
    SV_CHECK_HEADER,
    .id = "apache.indexes",
    .servers = SV_SITE_APACHE,
    .title = "Folders without an index file would be listed",
    .why = "Options Indexes holds for every folder below: one without an index file, an upload folder say, "
           "shows all its names. Lists that can be seen now are web.directory-listing.",
    .fix = "Options -Indexes, and +Indexes for one download folder.",
    .bad = "<Directory /srv/app>\n    Options Indexes FollowSymLinks\n</Directory>",
    .good = "<Directory /srv/app>\n    Options FollowSymLinks\n</Directory>",
    .refs = options_refs,
    .severity = SV_INFO,
    .on = SV_ON_DIRECTIVE,
    .directives = options,
    .run = run_indexes,
};

/* ---- apache.userdir ---- */

/* Enabled for all and not disabled again at the same level. */
static bool enabled(const struct sv_node *n)
{
    struct sv_slice first = sv_node_arg(n, 0);
    if (sv_slice_is_nocase(first, "disabled") || sv_slice_is_nocase(first, "enabled"))
        return false;
    sv_node_each(other, n->parent)
    {
        if (sv_node_is(other, "userdir") && other->n_args == 1 &&
            sv_slice_is_nocase(sv_node_arg(other, 0), "disabled"))
            return false;
    }
    return true;
}

static void run_userdir(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!enabled(s->node) || !s->vhost || !sv_vhost_on_network(s->vhost))
        return;
    struct sv_slice to = sv_node_arg(s->node, s->node->n_args - 1);
    bool home = sv_slice_is(to, ".") || sv_slice_is(to, "./") || sv_slice_is(to, "/home") ||
                sv_slice_is(to, "/home/*") || sv_slice_is(to, "/home/*/");
    struct sv_finding *f = sv_report_at(
        cx, home ? SV_HIGH : SV_LOW, s->node, "%s/~NAME/ %s", sv_ctx_origin(cx, s->vhost),
        home ? "serves the whole home folder of each user: keys, histories, mail"
             : "tells which users exist and serves what each of them puts there");
    sv_finding_fix(cx, f, home ? "UserDir public_html, or UserDir disabled"
                               : "UserDir disabled\nUserDir enabled NAME...");
}

static const char *const userdir[] = {"userdir", NULL};
static const char *const userdir_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_userdir.html", NULL};

const struct sv_check sv_check_apache_userdir = {
    SV_CHECK_HEADER,
    .id = "apache.userdir",
    .servers = SV_SITE_APACHE,
    .title = "Home folders have URLs",
    .why = "A stranger can try names until one answers, and every user decides alone what is public. "
           "With the home itself as target, keys and histories are served.",
    .fix = "UserDir disabled, or a list of users.",
    .bad = "UserDir public_html",
    .good = "UserDir disabled\nUserDir enabled alice\nUserDir public_html",
    .refs = userdir_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = userdir,
    .run = run_userdir,
};

/* ---- apache.cgi-in-docroot ---- */

/* The URL path, without slash at the end, that the program has by its own mapping. */
static bool below(const char *url, struct sv_slice prefix)
{
    const char *path = strchr(strstr(url, "://") + 3, '/');
    while (prefix.n && prefix.p[prefix.n - 1] == '/')
        prefix.n--;
    return path && strncmp(path, prefix.p, prefix.n) == 0 &&
           (path[prefix.n] == '/' || path[prefix.n] == '\0');
}

/* The URL that is meant to run the scripts sends them: nothing that runs CGI is loaded. */
static const struct sv_route *not_run(const struct sv_mapping *m, const struct sv_routes *routes)
{
    sv_vec_each(r, &routes->list)
    {
        if (below(r->url, m->uri_prefix))
            return r;
    }
    return NULL;
}

static void report_not_run(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_route *r)
{
    const struct sv_mapping *m = s->mapping;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, m->node, "nothing runs the scripts of %s, their source is sent: %s", m->dir,
        r->url);
    sv_finding_route(cx, f, s->site, r);
    sv_finding_fix(cx, f, "Load what runs them (on Debian: a2enmod cgid), or refuse them:\n"
                          "<Directory \"%s\">\n    Require all denied\n</Directory>\n"
                          "No other place for them helps: they would be sent as text there, too.",
                   m->dir);
}

static void run_cgi(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_mapping *m = s->mapping;
    struct sv_paths files = {0};
    if (!m->node || !sv_node_is(m->node, "scriptalias") || !m->exact)
        return;
    sv_ctx_sample(cx, m->dir, SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        const struct sv_route *sent = not_run(m, routes);
        if (sent && !sv_ctx_reported(cx, m->node))
            report_not_run(cx, s, sent);
        sv_vec_each(r, &routes->list)
        {
            if (below(r->url, m->uri_prefix) || sv_ctx_reported(cx, m->node))
                continue;
            struct sv_finding *f = sv_report_at(
                cx, SV_HIGH, m->node, "the scripts of %s have a second URL at which their source is sent: %s",
                m->dir, r->url);
            sv_finding_route(cx, f, s->site, r);
            struct sv_slice prefix = sv_node_arg(m->node, 0);
            struct sv_slice folder = sv_slice_dir(sv_route_path(a, r));
            bool slash = sv_slice_ends(prefix, "/");
            sv_finding_fix(cx, f, "Move the folder out of every served one, and name its new place at %s:%u:\n"
                                  "ScriptAlias %s \"/usr/local/lib/cgi-bin%s\"\nUntil then, %s",
                           sv_span_path(sv_ctx_sources(cx), m->node->head),
                           sv_span_pos(sv_ctx_sources(cx), m->node->head).line,
                           sv_apache_quoted(a, prefix), slash ? "/" : "",
                           sv_ctx_httpd_denial(cx, sv_route_holder(r), folder));
        }
    }
}

static const char *const cgi_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_alias.html#scriptalias", NULL};

const struct sv_check sv_check_apache_cgi_in_docroot = {
    SV_CHECK_HEADER,
    .id = "apache.cgi-in-docroot",
    .servers = SV_SITE_APACHE,
    .title = "CGI scripts can be read as text",
    .why = "A ScriptAlias makes programs of a folder's files under its own URL path only. When the folder "
           "also lies below a document root, the other URL sends the source, with the keys in it; where "
           "neither mod_cgi nor mod_cgid is loaded, so does its own.",
    .fix = "Keep CGI scripts outside of every served folder, and load what runs them.",
    .bad = "DocumentRoot /srv/www\nScriptAlias /run/ /srv/www/scripts/",
    .good = "DocumentRoot /srv/www\nScriptAlias /run/ /srv/scripts/",
    .refs = cgi_refs,
    .severity = SV_HIGH,
    .on = SV_ON_MAPPING,
    .yields = true,
    .run = run_cgi,
};

/* ---- apache.server-side-includes-exec ---- */

/* Something in the configuration hands files to the SSI parser. */
static const struct sv_node *ssi_files(const struct sv_site *site)
{
    sv_vec_each(s, &site->scopes)
    {
        sv_node_each(n, (*s)->node)
        {
            struct sv_slice first = sv_node_arg(n, 0);
            bool filter = sv_node_is(n, "addoutputfilter") || sv_node_is(n, "setoutputfilter");
            bool handler = sv_node_is(n, "addhandler") || sv_node_is(n, "sethandler");
            if ((filter && sv_slice_find(first, "INCLUDES") < first.n) ||
                (handler && sv_slice_is_nocase(first, "server-parsed")) ||
                (sv_node_is(n, "xbithack") && !sv_slice_is_nocase(first, "off")))
                return n;
        }
    }
    return NULL;
}

static void run_ssi(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_node *how = ssi_files(s->site);
    if (!how)
        return;
    sv_vec_each(scope, &s->site->scopes)
    {
        sv_node_each(n, (*scope)->node)
        {
            if (!sv_node_is(n, "options") || option(n, "Includes") <= 0)
                continue;
            struct sv_finding *f = sv_report_at(
                cx, SV_MEDIUM, n, "who can put a page into this folder can run commands as %s: Includes lets pages "
                "use exec", s->site->worker_known ? s->site->worker.user : "the server");
            sv_finding_evidence(cx, f, how);
            sv_finding_fix(cx, f, "Options +IncludesNOEXEC in place of Includes");
        }
    }
}

static const char *const ssi_refs[] = {"https://httpd.apache.org/docs/2.4/mod/mod_include.html",
                                       NULL};

const struct sv_check sv_check_apache_server_side_includes_exec = {
    SV_CHECK_HEADER,
    .id = "apache.server-side-includes-exec",
    .servers = SV_SITE_APACHE,
    .title = "Pages may run commands",
    .why = "With Options Includes, <!--#exec cmd=\"...\"--> in a page runs a shell command as the server's "
           "user: an upload or a comment that is stored as a page is enough.",
    .fix = "Options IncludesNOEXEC.",
    .bad = "Options +Includes\nAddOutputFilter INCLUDES .shtml",
    .good = "Options +IncludesNOEXEC\nAddOutputFilter INCLUDES .shtml",
    .refs = ssi_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_SITE,
    .run = run_ssi,
};
