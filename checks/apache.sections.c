// SPDX-License-Identifier: Apache-2.0
// Sections that deny and are got around: by a Location, a link, a folder's name, a condition.
#include "engine/check.h"
#include "model/apache.h"
#include "model/apache_guard.h"
#include "serve/memo.h"

enum { SAMPLE = 8 };

/* ---- a denied Directory that is served all the same ---- */

/* Segment by segment, as <Location /x> matches. */
static bool uri_below(struct sv_slice uri, struct sv_slice name)
{
    while (name.n > 1 && name.p[name.n - 1] == '/')
        name.n--;
    return sv_slice_eq(sv_slice_sub(uri, 0, name.n), name) &&
           (uri.n == name.n || name.n == 1 || uri.p[name.n] == '/');
}

/* A Location that lets everyone in and holds the URL path; its grant is merged last. */
static const struct sv_scope *granting_location(const struct sv_site *site,
                                                const struct sv_answer *ans, const char *url)
{
    const char *path = strchr(strstr(url, "://") + 3, '/');
    const struct sv_scope *found = NULL;
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_scope *loc = *it;
        bool mine = loc->vhost == ans->vhost || (loc->vhost && loc->vhost->apache->is_main);
        if (loc->kind != SV_SCOPE_LOCATION || !mine || !path ||
            sv_apache_guard(loc->node, NULL) != SV_GUARD_GRANTS)
            continue;
        struct sv_slice p = sv_slice_of(path);
        bool in = loc->regex ? sv_regex_match(loc->regex, p, 0, NULL) == SV_MATCH_YES
                  : loc->match == SV_MATCH_GLOB ? sv_glob_match(loc->name, p)
                                                : uri_below(p, loc->name);
        if (in)
            found = loc;
    }
    return found;
}

static void report_location(struct sv_ctx *cx, const struct sv_subject *s,
                            const struct sv_route *r, const struct sv_node *rule)
{
    const struct sv_scope *loc = granting_location(s->site, &r->answer, r->url);
    if (!loc || sv_ctx_reported(cx, loc->node))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, loc->node, "the grant of this section cancels the denial of %s: %s is served",
        sv_arena_copy(sv_ctx_arena(cx), s->scope->name).p, r->url);
    sv_finding_evidence(cx, f, s->node);
    sv_finding_evidence(cx, f, rule);
    sv_finding_route(cx, f, s->site, r);
    sv_finding_fix(cx, f, "Take \"Require all granted\" out of the Location; say what is public with "
                          "<Directory>, which follows the folders.");
}

static void report_link(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_route *r,
                        const struct sv_node *rule)
{
    if (sv_ctx_reported(cx, s->node))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, s->node, "a link leads around this section: %s is served as %s",
        sv_path_base(sv_arena_copy(sv_ctx_arena(cx), s->scope->name).p), r->url);
    sv_finding_evidence(cx, f, rule);
    sv_finding_evidence_file(cx, f, r->answer.file, 0, "the path through the link");
    sv_finding_route(cx, f, s->site, r);
    sv_finding_fix(cx, f, "Remove the link, or put \"Options -FollowSymLinks\" into the <Directory> that "
                          "holds it.");
}

/* The folder of a Directory section that keeps strangers out; NULL for other sections and for "/",
 * which is there to be opened again. */
static const char *denied_folder(struct sv_ctx *cx, const struct sv_scope *d,
                                 const struct sv_node **ret_rule)
{
    if (d->kind != SV_SCOPE_DIRECTORY || d->match != SV_MATCH_PREFIX || d->name.n < 2 ||
        sv_apache_guard(d->node, ret_rule) < SV_GUARD_RESTRICTS)
        return NULL;
    struct sv_slice name = d->name;
    while (name.n > 1 && name.p[name.n - 1] == '/')
        name.n--;
    return sv_arena_copy(sv_ctx_arena(cx), name).p;
}

static void run_location(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_node *rule;
    struct sv_paths files = {0};
    const char *dir = denied_folder(cx, s->scope, &rule);
    if (!dir)
        return;
    sv_ctx_sample(cx, dir, SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        sv_vec_each(r, &routes->list)
        {
            if (sv_path_below(r->answer.file, dir))
                report_location(cx, s, r, rule);
        }
    }
}

/* The name that the denied folder has through a link at the top of a served one. */
static const char *through_link(struct sv_ctx *cx, const struct sv_inner_link *link,
                                const char *dir)
{
    if (sv_path_below(dir, link->real))
        return sv_arena_printf(sv_ctx_arena(cx), "%s%s", link->path, dir + strlen(link->real));
    return sv_path_below(link->real, dir) ? link->path : NULL;
}

static void try_link(struct sv_ctx *cx, const struct sv_subject *s, const char *folder,
                     const struct sv_node *rule)
{
    struct sv_paths files = {0};
    sv_ctx_sample(cx, folder, SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        sv_vec_each(r, &routes->list)
        {
            if (sv_path_below(r->answer.file, folder))
                report_link(cx, s, r, rule);
        }
    }
}

static void run_link(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_node *rule;
    const char *dir = denied_folder(cx, s->scope, &rule);
    if (!dir)
        return;
    sv_vec_each(link, &sv_inner_links(s->site)->list)
    {
        const char *folder = through_link(cx, link, dir);
        if (folder && !sv_path_below(folder, dir))
            try_link(cx, s, folder, rule);
    }
}

static const char *const merging[] = {
    "https://httpd.apache.org/docs/2.4/sections.html#merging", NULL};

const struct sv_check sv_check_apache_location_overrides_directory = {
    SV_CHECK_HEADER,
    .id = "apache.location-overrides-directory",
    .servers = SV_SITE_APACHE,
    .title = "A Location grant cancels a Directory denial",
    .why = "Location sections are merged after all Directory sections: their Require replaces the "
           "one that protects a folder, .htaccess files included.",
    .fix = "Grant with Directory sections; use Location to restrict only.",
    .bad = "<Directory /srv/app/private>\n    Require all denied\n</Directory>\n"
           "<Location />\n    Require all granted\n</Location>",
    .good = "<Directory /srv/app>\n    Require all granted\n</Directory>\n"
            "<Directory /srv/app/private>\n    Require all denied\n</Directory>",
    .refs = merging,
    .severity = SV_HIGH,
    .on = SV_ON_SCOPE,
    .run = run_location,
};

const struct sv_check sv_check_apache_symlink_bypasses_directory = {
    SV_CHECK_HEADER,
    .id = "apache.symlink-bypasses-directory",
    .servers = SV_SITE_APACHE,
    .title = "A link leads around a Directory denial",
    .why = "Directory sections are matched against the path that the URL was mapped to, and links in "
           "it are not resolved: the denial of a link's target does not hold for the link.",
    .fix = "Remove the link, or forbid links where it lies.",
    .bad = "<Directory /srv/private>\n    Require all denied\n</Directory>\n"
           "# /srv/www/files -> /srv/private",
    .good = "<Directory /srv/www>\n    Options -FollowSymLinks\n</Directory>",
    .refs = merging,
    .severity = SV_HIGH,
    .on = SV_ON_SCOPE,
    .run = run_link,
};

/* ---- apache.files-misses-folder ---- */

static bool names(const struct sv_scope *files, struct sv_slice name)
{
    if (files->regex)
        return sv_regex_match(files->regex, name, 0, NULL) == SV_MATCH_YES;
    return files->match == SV_MATCH_GLOB ? sv_glob_match(files->name, name)
                                         : sv_slice_eq(files->name, name);
}

static void misses(struct sv_ctx *cx, const struct sv_subject *s, const char *folder)
{
    struct sv_paths files = {0};
    sv_ctx_sample(cx, folder, SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        if (routes->list.n == 0 || sv_ctx_reported(cx, s->node))
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, s->node, "this section is about names of files, not of folders: what lies in %s is "
            "served, for example %s", folder, routes->list.v[0].url);
        sv_finding_route(cx, f, s->site, &routes->list.v[0]);
        sv_finding_fix(cx, f, "RedirectMatch 404 \"/\\.(?!well-known/)\"");
        return;
    }
}

static void run_files(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->scope->kind != SV_SCOPE_FILES ||
        sv_apache_guard(s->node, NULL) < SV_GUARD_RESTRICTS || names(s->scope, SV_LIT("config")))
        return;
    sv_vec_each(path, &sv_hidden_folders(s->site)->list)
    {
        if (names(s->scope, sv_slice_of(sv_path_base(*path))))
            misses(cx, s, *path);
    }
}

static const char *const files_refs[] = {"https://httpd.apache.org/docs/2.4/mod/core.html#files",
                                         NULL};

const struct sv_check sv_check_apache_files_misses_folder = {
    SV_CHECK_HEADER,
    .id = "apache.files-misses-folder",
    .servers = SV_SITE_APACHE,
    .title = "A Files section that should stop a folder",
    .why = "Files and FilesMatch look at the last part of the path alone: a pattern for dotfiles stops "
           "/.git, but not /.git/config.",
    .fix = "Deny by URL or by folder: RedirectMatch, or DirectoryMatch.",
    .bad = "<FilesMatch \"^\\.\">\n    Require all denied\n</FilesMatch>",
    .good = "RedirectMatch 404 \"/\\.(?!well-known/)\"",
    .refs = files_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_SCOPE,
    .run = run_files,
};

/* ---- apache.deny-in-inactive-section ---- */

static bool is_about(const struct sv_node *n, const char *section)
{
    return sv_node_is(n, section) && n->n_args == 1;
}

/* A URL that answers although `section` (not in force) would refuse it; NULL if there is none. */
static const char *open_url(struct sv_ctx *cx, const struct sv_subject *s,
                            const struct sv_node *section)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *arg = sv_arena_copy(a, sv_node_arg(section, 0)).p;
    struct sv_paths files = {0};
    if (is_about(section, "directory") && !strpbrk(arg, "*?[") && strlen(arg) > 1) {
        sv_ctx_sample(cx, arg, SAMPLE, &files);
    } else if (is_about(section, "files") && !strpbrk(arg, "*?[")) {
        const struct sv_mappings *maps = sv_site_mappings(s->site);
        sv_vec_each(m, &maps->list)
        {
            sv_vec_push(a, &files.list, sv_path_join(a, m->dir, arg));
        }
    } else if (is_about(section, "location") && arg[0] == '/' && !strpbrk(arg, "*?[")) {
        sv_vec_each(v, &s->site->vhosts)
        {
            if (s->vhost != *v && s->vhost && !s->vhost->apache->is_main)
                continue;
            struct sv_answer ans = sv_ctx_ask(cx, *v, sv_uri_escape(a, sv_slice_of(arg)));
            if (ans.outcome == SV_OUT_FILE || ans.outcome == SV_OUT_LISTING ||
                ans.outcome == SV_OUT_HANDLER || ans.outcome == SV_OUT_PROXIED)
                return sv_ctx_url(cx, *v, arg);
        }
    }
    sv_vec_each(path, &files.list)
    {
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        if (routes->list.n)
            return routes->list.v[0].url;
    }
    return NULL;
}

static void report_inactive(struct sv_ctx *cx, const struct sv_node *condition,
                            const struct sv_node *rule, const char *url)
{
    struct sv_finding *f =
        sv_report_at(cx, SV_MEDIUM, condition,
                     "this condition is false, so the denial in it is void: %s is open", url);
    sv_finding_evidence(cx, f, rule);
    sv_finding_fix(cx, f, "Take the denial out of the condition, or load what it asks for.");
}

static void run_inactive(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_node *rule, *here = s->scope ? s->scope->node : NULL;
    if (s->node->kind != SV_NODE_INACTIVE)
        return;
    /* The other half of a pair, for another version or module, may say the same. */
    if (here && sv_apache_guard(s->node, &rule) >= SV_GUARD_RESTRICTS &&
        sv_apache_guard(here, NULL) == SV_GUARD_NONE) {
        const char *url = open_url(cx, s, here);
        if (url)
            report_inactive(cx, s->node, rule, url);
        return;
    }
    sv_node_each(n, s->node)
    {
        if (n->kind != SV_NODE_BLOCK || sv_apache_guard(n, &rule) < SV_GUARD_RESTRICTS)
            continue;
        const char *url = open_url(cx, s, n);
        if (!url)
            continue;
        report_inactive(cx, s->node, rule, url);
        return;
    }
}

static const char *const conditions[] = {"ifmodule", "ifdefine",    "ifversion",
                                         "iffile",   "ifdirective", "ifsection", NULL};
static const char *const inactive_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/core.html#ifmodule", NULL};

const struct sv_check sv_check_apache_deny_in_inactive_section = {
    SV_CHECK_HEADER,
    .id = "apache.deny-in-inactive-section",
    .servers = SV_SITE_APACHE,
    .title = "A denial stands in a condition that is false",
    .why = "IfModule and IfDefine are decided at start. When a module is missing, the denial inside is "
           "dropped without a word and the files are open.",
    .fix = "Write denials outside of conditions: a missing module then stops the start, not the rule.",
    .bad = "<IfModule mod_access_compat.c>\n    <Directory /srv/app/private>\n        Deny from all\n"
           "    </Directory>\n</IfModule>",
    .good = "<Directory /srv/app/private>\n    Require all denied\n</Directory>",
    .refs = inactive_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = conditions,
    .run = run_inactive,
};
