// SPDX-License-Identifier: Apache-2.0
// .htaccess files: ignored by the server that they should guard, or breaking what they stand in.
#include "base/buf.h"
#include "engine/check.h"
#include "model/apache.h"
#include "model/apache_guard.h"
#include "syntax/nginx.h"

enum { SAMPLE = 6, MAX_INDENT = 24 };

static bool is_htaccess(const struct sv_subject *s)
{
    return strcmp(sv_path_base(s->file->path), ".htaccess") == 0;
}

/* RewriteRule with F or G, RedirectMatch 403, 404 or 410. */
static bool refuses(const struct sv_node *n)
{
    struct sv_slice last = n->n_args ? sv_node_arg(n, n->n_args - 1) : SV_LIT("");
    if (sv_node_is(n, "rewriterule") && n->n_args == 3 && sv_slice_is(sv_node_arg(n, 1), "-"))
        return sv_slice_find(last, "F]") < last.n || sv_slice_find(last, "F,") < last.n ||
               sv_slice_find(last, "G]") < last.n || sv_slice_find(last, "forbidden") < last.n;
    struct sv_slice first = sv_node_arg(n, 0);
    return sv_node_is(n, "redirectmatch") && n->n_args == 2 &&
           (sv_slice_is(first, "403") || sv_slice_is(first, "404") || sv_slice_is(first, "410"));
}

/* The line that keeps strangers from the folder's files, *ret_whole: from all of them; NULL if
 * there is none. */
static const struct sv_node *protects(const struct sv_node *htaccess, bool *ret_whole)
{
    const struct sv_node *rule;
    *ret_whole = true;
    if (sv_apache_guard(htaccess, &rule) >= SV_GUARD_RESTRICTS)
        return rule;
    *ret_whole = false;
    sv_node_each(n, htaccess)
    {
        bool section = sv_node_is(n, "files") || sv_node_is(n, "filesmatch");
        if (section && n->kind == SV_NODE_BLOCK &&
            sv_apache_guard(n, &rule) >= SV_GUARD_RESTRICTS)
            return n;
        if (refuses(n))
            return n;
    }
    return NULL;
}

static bool about(struct sv_ctx *cx, const struct sv_node *rule, struct sv_slice name)
{
    struct sv_slice pattern = sv_node_arg(rule, rule->n_args && sv_node_is(rule, "redirectmatch"));
    if (sv_node_is(rule, "files") && rule->n_args == 1)
        return sv_glob_match(pattern, name);
    if (sv_node_is(rule, "files") && rule->n_args == 2)
        pattern = sv_node_arg(rule, 1);
    struct sv_regex *re = sv_regex_get(sv_ctx_regexes(cx), pattern, 0, NULL);
    return re && sv_regex_match(re, name, 0, NULL) == SV_MATCH_YES;
}

/* ---- apache.htaccess-ignored ---- */

/* True if this httpd reads the file: then what it says is in force or an error. */
static bool is_read(const struct sv_subject *s, const struct sv_route *r)
{
    sv_vec_each(path, &r->answer.htaccess)
    {
        if (strcmp(*path, s->file->path) == 0)
            return true;
    }
    return false;
}

/* The URL path of the .htaccess file's folder, as a word of nginx: the URL without what the sample
 * adds to the folder. */
static const char *folder_word(struct sv_arena *a, const char *url, const char *sample)
{
    const char *raw = strchr(strstr(url, "://") + 3, '/');
    struct sv_slice path, args;
    if (!raw || sv_uri_normalise(a, sv_slice_of(raw), true, &path, &args) != 0)
        return "/";
    if (*sample && sv_slice_ends(path, sample))
        path = sv_slice_sub(path, 0, path.n - strlen(sample) + 1);
    return sv_nginx_word(a, path);
}

/* The lines that refuse what the file's rule refuses, for the section of its folder. */
static void say_rule(struct sv_buf *out, const struct sv_node *rule)
{
    struct sv_slice body = sv_slice_trim(rule->body);
    const struct sv_node *first = NULL; /* of the conditions in front of a RewriteRule */
    if (rule->kind == SV_NODE_BLOCK) {
        const char *name = sv_node_is(rule, "files") ? "Files" : "FilesMatch";
        sv_buf_printf(out, "    <%s %.*s>\n        Require all denied\n    </%s>\n", name,
                      (int)body.n, body.p, name);
        return;
    }
    if (!sv_node_is(rule, "rewriterule")) {
        sv_buf_printf(out, "    RedirectMatch %.*s\n", (int)body.n, body.p);
        return;
    }
    sv_node_each(n, rule->parent)
    {
        if (n == rule)
            break;
        if (!sv_node_is(n, "rewritecond"))
            first = NULL;
        else if (!first)
            first = n;
    }
    sv_buf_adds(out, "    RewriteEngine On\n");
    for (const struct sv_node *n = first; n && n != rule; n = n->next) {
        struct sv_slice text = sv_slice_trim(n->body);
        sv_buf_printf(out, "    RewriteCond %.*s\n", (int)text.n, text.p);
    }
    sv_buf_printf(out, "    RewriteRule %.*s\n", (int)body.n, body.p);
}

/* The manual's spelling of a directive about who may enter; NULL: it is another one. */
static const char *access_name(const struct sv_node *n)
{
    static const char *const lines[] = {"Require", "Order", "Allow", "Deny", "Satisfy", "AuthType",
                                        "AuthName", "AuthUserFile", "AuthGroupFile",
                                        "AuthBasicProvider", "AuthDigestProvider"};
    static const char *const blocks[] = {"RequireAll", "RequireAny", "RequireNone", "Limit",
                                         "LimitExcept"};
    bool block = n->kind == SV_NODE_BLOCK;
    size_t count = block ? sizeof blocks / sizeof *blocks : sizeof lines / sizeof *lines;
    for (size_t i = 0; n->kind != SV_NODE_INACTIVE && i < count; i++)
        if (sv_slice_is_nocase(n->name, (block ? blocks : lines)[i]))
            return (block ? blocks : lines)[i];
    return NULL;
}

/* The file's own lines about who may enter, as its folder's section has them. */
static void say_access(struct sv_buf *out, const struct sv_node *block, unsigned indent)
{
    sv_node_each(n, block)
    {
        struct sv_slice text = sv_slice_trim(n->body);
        const char *name = access_name(n);
        bool inner = n->kind == SV_NODE_BLOCK;
        if (!name || (inner && indent > MAX_INDENT))
            continue;
        sv_buf_printf(out, "%*s%s%s%s%.*s%s\n", (int)indent, "", inner ? "<" : "", name,
                      text.n ? " " : "", (int)text.n, text.p, inner ? ">" : "");
        if (inner)
            say_access(out, n, indent + 4);
        if (inner)
            sv_buf_printf(out, "%*s</%s>\n", (int)indent, "", name);
    }
}

/* The same in nginx's words, "" where it has none: a password prompt, or addresses. */
static const char *nginx_access(struct sv_arena *a, const struct sv_node *htaccess)
{
    _cleanup_buf_ struct sv_buf out = {0};
    const struct sv_node *users = sv_node_find_last(htaccess, "authuserfile");
    const struct sv_node *name = sv_node_find_last(htaccess, "authname");
    bool other = false;
    if (users)
        return sv_arena_printf(a, "auth_basic %s;\nauth_basic_user_file %s;",
                               sv_nginx_word(a, name ? sv_node_arg(name, 0) : SV_LIT("closed")),
                               sv_nginx_word(a, sv_node_arg(users, 0)));
    sv_node_each(n, htaccess)
    {
        bool local = sv_node_is(n, "require") && sv_slice_is_nocase(sv_node_arg(n, 0), "local");
        bool ip = sv_node_is(n, "require") && sv_slice_is_nocase(sv_node_arg(n, 0), "ip");
        bool from = sv_node_is(n, "allow");
        other |= n->kind == SV_NODE_BLOCK || (sv_node_is(n, "require") && !local && !ip);
        if (local)
            sv_buf_adds(&out, "allow 127.0.0.1;\nallow ::1;\n");
        for (uint32_t i = 1; (ip || from) && i < n->n_args; i++) {
            struct sv_slice at = sv_node_arg(n, i);
            other |= at.n == 0 || !strchr("0123456789", at.p[0]) || at.p[at.n - 1] == '.';
            sv_buf_printf(&out, "allow %.*s;\n", (int)at.n, at.p);
        }
    }
    return other || !out.n ? "" : sv_arena_printf(a, "%.*sdeny all;", (int)out.n, out.p);
}

/* It refuses every page of the folder, not only some of its files. */
static bool closes_all(struct sv_ctx *cx, const struct sv_node *rule, bool whole,
                       const struct sv_node *htaccess)
{
    static const char *const pages[] = {"index.html", "index.php", "about.html"};
    bool all = sv_apache_guard(htaccess, NULL) == SV_GUARD_DENIES;
    if (whole)
        return all;
    all = !(sv_node_is(rule, "rewriterule") && sv_node_find(htaccess, "rewritecond"));
    for (size_t i = 0; i < sizeof pages / sizeof *pages && all; i++)
        all = about(cx, rule, sv_slice_of(pages[i]));
    return all;
}

/* What the file says, for the server that does not read it: of the folder, or, where its rule is
 * about some names only, of these. Nothing that would close the site itself. */
static void advise(struct sv_ctx *cx, struct sv_finding *f, const struct sv_subject *s,
                   const struct sv_node *htaccess, const struct sv_node *rule, bool whole,
                   const struct sv_routes *routes, const char *sample)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *dir = sv_path_dir(a, s->file->path), *url = routes->list.v[0].url;
    const char *folder = folder_word(a, url, sample + strlen(dir));
    bool closes = closes_all(cx, rule, whole, htaccess), top = strcmp(folder, "/") == 0;
    if (closes && top) {
        const struct sv_move move = sv_ctx_move(cx, true, routes);
        bool known = move.kind != SV_MOVE_AWAY;
        sv_finding_fix(cx, f, "%s%sThe file closes the folder that is served as the site itself: if that is to "
                              "be public, remove the file,\nelse serve the folder of its pages alone.",
                       known ? move.text : "", known ? "\n" : "");
        return;
    }
    if (s->site->kind == SV_SITE_NGINX) {
        const char *access = whole && !closes ? nginx_access(a, htaccess) : "";
        if (!whole)
            sv_finding_fix(cx, f, "Say it in nginx's configuration, for this file and its like: "
                                  "location = %s { return 404; }", folder_word(a, url, ""));
        else if (*access && top)
            sv_finding_fix(cx, f, "Say it in nginx's server:\n%s", access);
        else if (*access)
            sv_finding_fix(cx, f, "Say it in nginx's configuration, in every location that answers below %s, "
                                  "those of scripts too:\n%s", folder, access);
        else if (top)
            sv_finding_fix(cx, f, "Say in nginx's configuration who may enter: allow and deny, or auth_basic.");
        else
            sv_finding_fix(cx, f, "Say it in nginx's configuration: location ^~ %s { return 404; }",
                           folder);
        return;
    }
    _cleanup_buf_ struct sv_buf lines = {0};
    if (closes)
        sv_buf_adds(&lines, "    Require all denied\n");
    else if (whole)
        say_access(&lines, htaccess, 4);
    else
        say_rule(&lines, rule);
    sv_finding_fix(cx, f, "<Directory \"%s\">\n%.*s</Directory>", dir, (int)lines.n, lines.p);
}

static void run_ignored(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_paths files = {0};
    bool whole;
    if (!is_htaccess(s))
        return;
    const struct sv_node *root = sv_ctx_htaccess(cx, s->site, s->file->path);
    const struct sv_node *rule = root ? protects(root, &whole) : NULL;
    if (!rule)
        return;
    sv_ctx_sample(cx, sv_path_dir(sv_ctx_arena(cx), s->file->path), SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        if (!whole && !about(cx, rule, sv_slice_of(sv_path_base(*path))))
            continue;
        const struct sv_routes *routes = sv_ctx_routes(cx, s->site, *path);
        if (routes->list.n == 0 || is_read(s, &routes->list.v[0]))
            continue;
        const struct sv_route *r = &routes->list.v[0];
        bool nginx = s->site->kind == SV_SITE_NGINX;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, rule, "%s: what this file should protect is served, for example %s",
            nginx ? "nginx does not read .htaccess files"
                  : "AllowOverride None keeps httpd from reading .htaccess files here", r->url);
        f->key = s->file->path;
        sv_finding_evidence(cx, f, rule);
        sv_finding_route(cx, f, s->site, r);
        advise(cx, f, s, root, rule, whole, routes, *path);
        return;
    }
}

static const char *const refs[] = {"https://httpd.apache.org/docs/2.4/mod/core.html#allowoverride",
                                   NULL};

const struct sv_check sv_check_apache_htaccess_ignored = {
    SV_CHECK_HEADER,
    .id = "apache.htaccess-ignored",
    .title = "A protecting .htaccess file is not read",
    .why = "Applications ship .htaccess files that keep their data private. Under AllowOverride None, and "
           "under nginx, nobody reads them, and what they should protect is served.",
    .fix = "Say the same in the server's configuration, or move the folder out of the served one.",
    .bad = "<Directory /srv/app>\n    AllowOverride None\n</Directory>\n"
           "# /srv/app/data/.htaccess: Require all denied",
    .good = "<Directory /srv/app/data>\n    Require all denied\n</Directory>",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_FILE,
    .run = run_ignored,
};

/* ---- apache.htaccess-breaks ---- */

static void run_breaks(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_places places = {0};
    if (!is_htaccess(s))
        return;
    sv_ctx_places(cx, s->site, sv_path_dir(a, s->file->path), &places);
    sv_vec_each(p, &places.list)
    {
        const char *target = sv_arena_printf(a, "%s/", p->target);
        struct sv_answer ans = sv_ctx_ask(cx, p->vhost, target);
        const struct sv_why *why = NULL;
        sv_vec_each(w, &ans.why)
        {
            if (strcmp(sv_span_path(s->site->sources, w->span), s->file->path) == 0)
                why = w;
        }
        if (ans.status != 500 || !why)
            continue;
        uint32_t line = sv_span_pos(sv_ctx_sources(cx), why->span).line;
        struct sv_finding *f = sv_report_file(
            cx, SV_MEDIUM, s->file->path, line,
            "everything below %s answers 500: httpd does not accept this line here",
            sv_ctx_url(cx, p->vhost, target));
        f->key = s->file->path;
        sv_finding_evidence_file(cx, f, s->file->path, line, why->text.p);
        sv_finding_fix(cx, f, "Remove the line, or allow its kind: AllowOverride in the <Directory> section "
                              "for %s.", sv_path_dir(a, s->file->path));
        return;
    }
}

const struct sv_check sv_check_apache_htaccess_breaks = {
    SV_CHECK_HEADER,
    .id = "apache.htaccess-breaks",
    .servers = SV_SITE_APACHE,
    .title = "A .htaccess file makes a folder answer 500",
    .why = "A directive that is unknown or not allowed in .htaccess stops every request for the folder "
           "and what lies below it; whoever then empties the file removes its protection too.",
    .fix = "Remove the directive, or allow it with AllowOverride.",
    .bad = "<Directory /srv/app>\n    AllowOverride AuthConfig\n</Directory>\n"
           "# /srv/app/.htaccess: Options -Indexes",
    .good = "<Directory /srv/app>\n    AllowOverride AuthConfig Options=Indexes\n</Directory>\n"
            "# /srv/app/.htaccess: Options -Indexes",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_FILE,
    .run = run_breaks,
};
