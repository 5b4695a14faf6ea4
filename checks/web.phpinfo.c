// SPDX-License-Identifier: Apache-2.0
// web.phpinfo: a page that prints PHP's whole configuration, for everyone.
#include "engine/check.h"

static const char *const params[] = {"fastcgi_param", NULL};

/* The program runs the file that the URL names, not one front script for all. httpd's handlers do;
 * nginx's does if its parameters say so. */
static bool runs_the_file(const struct sv_answer *ans)
{
    const struct sv_site *site = ans->behind ? ans->behind : ans->site;
    if (site->kind == SV_SITE_APACHE)
        return true;
    const struct sv_scope *scope = ans->scope;
    const struct sv_scope *level = sv_scope_list(scope, params);
    if (!level)
        return false;
    sv_node_each(n, level->node)
    {
        struct sv_slice value = sv_node_arg(n, 1);
        if (sv_node_is(n, "fastcgi_param") && sv_slice_is(sv_node_arg(n, 0), "SCRIPT_FILENAME"))
            return sv_slice_find(value, "$fastcgi_script_name") < value.n ||
                   sv_slice_find(value, "$request_filename") < value.n ||
                   sv_slice_find(value, "$uri") < value.n;
    }
    return false;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (s->file->row->category != SV_CAT_PHPINFO || s->file->confirm != SV_CONFIRM_YES)
        return;
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, s->file->path);
    sv_vec_each(r, &routes->handed)
    {
        if (r->answer.outcome != SV_OUT_HANDLER || r->answer.status || !runs_the_file(&r->answer))
            continue;
        struct sv_finding *f =
            sv_report_file(cx, SV_HIGH, s->file->path, 0,
                           "%s shows PHP's whole configuration and environment, with every key in it",
                           r->url);
        f->key = s->file->path;
        sv_finding_route(cx, f, s->site, r);
        sv_finding_fix(cx, f, "rm %s\nChange what its environment held, if others may have looked.",
                       sv_shell_quote(sv_ctx_arena(cx), s->file->path));
        return;
    }
}

static const char *const refs[] = {
    "https://www.php.net/manual/en/function.phpinfo.php", NULL};

const struct sv_check sv_check_web_phpinfo = {
    SV_CHECK_HEADER,
    .id = "web.phpinfo",
    .title = "A phpinfo() page is public",
    .why = "phpinfo() prints the environment, paths, versions, cookies and headers; keys that are given to "
           "PHP in its environment stand there in clear text.",
    .fix = "Delete the page.",
    .bad = "<?php phpinfo();   // as /srv/app/public/info.php",
    .good = "php -i   # on the server, when the question comes up",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_FILE,
    .run = run,
};
