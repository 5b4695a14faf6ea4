// SPDX-License-Identifier: Apache-2.0
// nginx.source-as-text and apache.source-as-text: scripts that nothing runs where their URL leads.
#include "engine/check.h"
#include "model/apache.h"
#include "secrets/value.h"
#include "serve/memo.h"

/* The first route of a script whose source leaves; NULL if none does. */
static const struct sv_route *source_leaves(struct sv_ctx *cx, const struct sv_subject *s,
                                            const struct sv_routes **ret_routes)
{
    const struct sv_file *file = s->file;
    if (file->row->category != SV_CAT_SCRIPT || file->confirm != SV_CONFIRM_YES)
        return NULL;
    *ret_routes = sv_ctx_routes(cx, s->site, file->path);
    if (file->secrets.n)
        sv_ctx_skip_undecided(cx, file->path, *ret_routes);
    return (*ret_routes)->list.n ? &(*ret_routes)->list.v[0] : NULL;
}

/* Each place and its kind, who has it, and where it is changed. */
static void add_secrets(struct sv_ctx *cx, struct sv_finding *f, const struct sv_file *file)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_file_secret *first = file->secrets.v;
    const char *more = file->secrets.n > 1
                           ? sv_arena_printf(a, " and %zu more", file->secrets.n - 1) : "";
    f->message = sv_arena_printf(a, "%s; in it %s%s", f->message,
                                 sv_secret_words(a, first->name, first->value), more);
    f->readers = sv_access_network(
        a, sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path));
    sv_vec_each(secret, &file->secrets)
    {
        sv_finding_secret(cx, f, secret->rule, secret->value, secret->line, secret->column);
        const struct sv_secret_rule *rule = sv_value_rule(secret->value);
        sv_finding_evidence_file(cx, f, file->path, secret->line,
                                 rule ? rule->title : sv_arena_copy(a, secret->name).p);
    }
    sv_finding_fix(cx, f, "%s\n%s", f->fix,
                   file->secrets.n > 1 ? "Change every secret that was in it: who loaded it has them."
                                       : sv_secret_change(a, first->value));
}

/* To be called last: the advice to change its secrets follows that of how to keep it. */
static void add_script(struct sv_ctx *cx, struct sv_finding *f, const struct sv_subject *s,
                       const struct sv_route *r)
{
    sv_finding_route(cx, f, s->site, r);
    if (s->file->secrets.n)
        add_secrets(cx, f, s->file);
}

/* ---- nginx.source-as-text ---- */

static void run_nginx(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_routes *routes;
    const struct sv_route *r = source_leaves(cx, s, &routes);
    const struct sv_scope *by = r ? r->answer.scope : NULL;
    if (!by || sv_ctx_reported(cx, by->node))
        return;
    struct sv_finding *f =
        sv_report_at(cx, s->file->secrets.n ? SV_CRITICAL : SV_HIGH, by->node,
                     "%s sends the source of %s as text; other scripts that %s answers for leave the same "
                     "way", r->url, s->file->path, sv_scope_text(sv_ctx_arena(cx), by));
    if (sv_ctx_way_out_fix(cx, routes))
        sv_finding_fix(cx, f, "%s", sv_ctx_way_out_fix(cx, routes));
    else if (by->match == SV_MATCH_EXACT) /* no location may stand in an exact one */
        sv_finding_fix(cx, f, "Refuse it here: return 404;\n"
                              "or hand it to the program: fastcgi_pass ...;");
    else
        sv_finding_fix(cx, f, "Refuse scripts here: location ~* \\.(php|phtml)$ { return 404; }\n"
                              "or hand them to the program: fastcgi_pass ...;");
    add_script(cx, f, s, r);
}

static const char *const nginx_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_split_path_info", NULL};

const struct sv_check sv_check_nginx_source_as_text = {
    SV_CHECK_HEADER,
    .id = "nginx.source-as-text", .servers = SV_SITE_NGINX,
    .title = "Scripts are sent as text instead of being run",
    .why = "Where no location with a program handler wins, nginx sends a script like any other file: its "
           "source, with the passwords in it.",
    .fix = "One handler for scripts that nothing shadows, and a refusal everywhere else.",
    .bad = "location ^~ /app/ { root /srv; }\nlocation ~ \\.php$ { fastcgi_pass ...; }",
    .good = "location /app/ { root /srv; }\nlocation ~ \\.php$ { fastcgi_pass ...; }",
    .refs = nginx_refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_FILE,
    .run = run_nginx,
};

/* ---- apache.source-as-text ---- */

/* Switched off on purpose, as for uploads: whatever lies there was not meant to run. */
static bool engine_is_off(const struct sv_answer *ans)
{
    sv_vec_each(w, &ans->why)
    {
        if (w->text.n > 4 && sv_slice_is_nocase(sv_slice_sub(w->text, 0, 4), "php_"))
            return true;
    }
    return false;
}

/* The line of the virtual host; the main server has none but the one that hands out the folder. */
static const struct sv_node *server_line(const struct sv_site *site, const struct sv_vhost *v,
                                         const char *path)
{
    if (!v->apache || !v->apache->is_main)
        return v->scope->node;
    const struct sv_mapping *best = NULL;
    const struct sv_mappings *maps = sv_site_mappings(site);
    sv_vec_each(m, &maps->list)
    {
        if (m->node && sv_path_below(path, m->dir) &&
            (!best || strlen(m->dir) > strlen(best->dir)))
            best = m;
    }
    return best ? best->node : NULL;
}

static void run_apache(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_routes *routes;
    const struct sv_route *r = source_leaves(cx, s, &routes);
    const struct sv_node *at = r ? server_line(s->site, r->answer.vhost, s->file->path) : NULL;
    if (!r || (at && sv_ctx_reported(cx, at)))
        return;
    enum sv_severity sev = s->file->secrets.n           ? SV_CRITICAL
                           : engine_is_off(&r->answer) ? SV_LOW
                                                       : SV_HIGH;
    static const char text[] = "%s sends the source of %s as text; other scripts that nothing in "
                               "httpd runs leave the same way";
    struct sv_finding *f = at ? sv_report_at(cx, sev, at, text, r->url, s->file->path)
                              : sv_report_file(cx, sev, s->file->path, 0, text, r->url,
                                               s->file->path);
    sv_finding_fix(cx, f,
                   "Load what runs them (on Debian: a2enmod phpX.Y; or a2enmod proxy_fcgi, a2enconf phpX.Y-fpm),\n"
                   "or refuse them: <FilesMatch \"\\.(php|phtml)$\">\n"
                   "    Require all denied\n"
                   "</FilesMatch>");
    add_script(cx, f, s, r);
}

static const char *const apache_refs[] = {
    "https://httpd.apache.org/docs/2.4/handler.html", NULL};

const struct sv_check sv_check_apache_source_as_text = {
    SV_CHECK_HEADER,
    .id = "apache.source-as-text", .servers = SV_SITE_APACHE,
    .title = "Scripts are sent as text instead of being run",
    .why = "Without a handler (PHP's module is not loaded after an upgrade, the section that sets it holds "
           "elsewhere) httpd sends a script like any other file: its source, with the passwords in it.",
    .fix = "One handler for scripts, and a refusal where none is wanted.",
    .bad = "<Directory /srv/app>\n    Require all granted\n</Directory>",
    .good = "<Directory /srv/app>\n    Require all granted\n</Directory>\n"
            "<FilesMatch \"\\.php$\">\n    SetHandler \"proxy:unix:/run/php/php8.2-fpm.sock|fcgi://localhost\"\n"
            "</FilesMatch>",
    .refs = apache_refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_FILE,
    .run = run_apache,
};
