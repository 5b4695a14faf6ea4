// SPDX-License-Identifier: Apache-2.0
// web.symlink-escape: a link in a served folder leads to a system folder and is followed.
#include <dirent.h>

#include "engine/check.h"

static bool system_folder(const char *real)
{
    static const char *const list[] = {"/", "/etc", "/root", "/home", "/var", "/proc", "/usr"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(real, list[i]) == 0)
            return true;
    return sv_path_below(real, "/etc") || sv_path_below(real, "/root") ||
           sv_path_below(real, "/proc");
}

static void link_in(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *v,
                    const char *name)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *path = sv_arena_printf(a, "%s/%s", s->mapping->dir, name), *real;
    if (sv_fs_realpath(sv_ctx_fs(cx), a, path, &real) < 0 || !system_folder(real))
        return;
    const char *uri = sv_uri_escape(a, sv_slice_of(sv_arena_printf(a, "/%s", name)));
    struct sv_answer ans = sv_ctx_ask(cx, v, uri);
    if (ans.outcome != SV_OUT_REDIRECT && ans.outcome != SV_OUT_FILE)
        return;
    struct sv_finding *f = sv_report_file(cx, SV_HIGH, path, 0,
                                          "%s follows a link to %s, far outside the served folder",
                                          sv_ctx_url(cx, v, uri), real);
    f->key = path;
    sv_finding_evidence(cx, f, s->node);
    if (s->site->kind == SV_SITE_APACHE)
        sv_finding_fix(cx, f, "Remove the link, or in <Directory \"%s\">: Options -FollowSymLinks",
                       s->mapping->dir);
    else
        sv_finding_fix(cx, f, "Remove the link, or set in this server: "
                              "disable_symlinks on from=$document_root;");
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena own = {0}; /* thousands of mappings may lead to one large folder */
    struct sv_dirents entries = {0};
    const struct sv_vhost *v = s->mapping->vhosts.n ? s->mapping->vhosts.v[0] : s->vhost;
    if (!v || s->mapping->is_alias || !s->mapping->exact || s->mapping->repeats)
        return;
    (void)sv_fs_list(sv_ctx_fs(cx), &own, s->mapping->dir, &entries); /* the walk reports errors */
    sv_vec_each(e, &entries.list)
    {
        if (e->type == DT_LNK)
            link_in(cx, s, v, e->name);
    }
    sv_arena_clear(&own);
}

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#disable_symlinks", NULL};

const struct sv_check sv_check_web_symlink_escape = {
    SV_CHECK_HEADER,
    .id = "web.symlink-escape",
    .title = "A link leads from a served folder into the system",
    .why = "nginx follows links by default, httpd with Options FollowSymLinks: a link is as good as a root.",
    .fix = "Remove the link, or use disable_symlinks (nginx), Options -FollowSymLinks (httpd).",
    .bad = "/srv/app/public/logs -> /etc",
    .good = "disable_symlinks on from=$document_root;",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_MAPPING,
    .run = run,
};
