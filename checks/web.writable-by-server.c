// SPDX-License-Identifier: Apache-2.0
// web.writable-by-server: the worker may write the folder that it serves.
#include "engine/check.h"

/* httpd hands files to PHP or CGI. */
static bool runs_programs(const struct sv_scope *s)
{
    static const char *const names[] = {"sethandler", "addhandler", "addtype"};
    for (size_t i = 0; s->site->kind == SV_SITE_APACHE && i < sizeof names / sizeof *names; i++) {
        const struct sv_node *n = sv_scope_own(s, names[i]);
        struct sv_slice to = n ? sv_node_arg(n, 0) : SV_LIT("");
        if (sv_slice_find(to, "php") < to.n || sv_slice_starts(to, "proxy:") ||
            sv_slice_is(to, "cgi-script"))
            return true;
    }
    return false;
}

static bool runs_scripts(const struct sv_site *site, const struct sv_vhost *vhost)
{
    struct sv_scopes all = {site->scopes.v, site->scopes.n};
    if (vhost && site->kind == SV_SITE_NGINX)
        all = sv_vhost_scopes(vhost);
    for (size_t i = 0; i < all.n; i++)
        if ((!vhost || all.v[i]->vhost == vhost) &&
            (sv_scope_own(all.v[i], "fastcgi_pass") || runs_programs(all.v[i])))
            return true;
    return false;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    const struct sv_cred *worker = &s->site->worker;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct stat st;
    if (!m->node || !m->exact || !s->site->worker_known || worker->uid == 0 ||
        sv_fs_stat(sv_ctx_fs(cx), m->dir, &st) < 0 || !S_ISDIR(st.st_mode))
        return;
    struct sv_access_answer w =
        sv_access_check(sv_ctx_fs(cx), a, worker, m->dir, SV_RIGHT_WRITE);
    if (w.access != SV_ACCESS_YES || sv_ctx_reported(cx, m->node))
        return;
    bool scripts = runs_scripts(s->site, s->vhost), all = st.st_mode & S_IWOTH;
    struct sv_finding *f = sv_report_at(
        cx, scripts || all ? SV_MEDIUM : SV_LOW, m->node,
        "%s can write %s, which is served%s", all ? "every local user" : worker->user, m->dir,
        scripts ? ": who makes the application write a file there has it run as a script"
                : ": a flaw in anything that runs as this user can change what visitors get");
    f->readers = NULL;
    const char *dir = sv_shell_quote(sv_ctx_arena(cx), m->dir);
    sv_finding_fix(cx, f, "chown root:root %s && chmod 0755 %s\nand a folder of its own, without scripts, "
                          "for what is uploaded.", dir, dir);
}

static const char *const refs[] = {"https://wiki.debian.org/WebAppPolicy", NULL};

const struct sv_check sv_check_web_writable_by_server = {
    SV_CHECK_HEADER,
    .id = "web.writable-by-server",
    .title = "The web server may write the folder that it serves",
    .why = "An upload or a flaw in the application then puts pages, or scripts, where visitors get them.",
    .fix = "The served folder belongs to another user than the one that serves it.",
    .bad = "chown -R www-data /srv/app/public",
    .good = "chown -R root:root /srv/app/public   # uploads go to /srv/app/uploads",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_MAPPING,
    .run = run,
};
