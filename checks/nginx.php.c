// SPDX-License-Identifier: Apache-2.0
// PHP behind nginx: path info that runs other files.
#include "engine/check.h"

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_split_path_info", NULL};

static void run_path_info(struct sv_ctx *cx, const struct sv_subject *s)
{
    static const char target[] = "/srvaudit-upload.jpg/x.php";
    const struct sv_scope *loc = sv_scope_location(s->scope);
    if (!s->vhost || loc->kind != SV_SCOPE_LOCATION || !loc->regex ||
        sv_regex_match(loc->regex, SV_LIT("/x.php"), 0, NULL) != SV_MATCH_YES)
        return;
    struct sv_answer ans = sv_ctx_ask(cx, s->vhost, target);
    if (ans.outcome != SV_OUT_HANDLER || ans.scope != loc)
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_LOW, s->node,
        "a URL such as %s is handed to PHP though there is no such script; with cgi.fix_pathinfo on, PHP "
        "runs the picture, and only security.limit_extensions of the pool keeps it from that",
        target);
    sv_finding_evidence(cx, f, loc->node);
    /* A path after the script's name is wanted there; try_files would refuse every such URL. */
    if (sv_scope_get(loc, "fastcgi_split_path_info", NULL))
        sv_finding_fix(cx, f, "After fastcgi_split_path_info: "
                              "if (!-f $document_root$fastcgi_script_name) { return 404; }");
    else
        sv_finding_fix(cx, f, "Before fastcgi_pass: try_files $uri =404;");
}

static const char *const pass[] = {"fastcgi_pass", NULL};

const struct sv_check sv_check_nginx_php_path_info = {
    SV_CHECK_HEADER,
    .id = "nginx.php-path-info", .servers = SV_SITE_NGINX,
    .title = "Files that are no scripts can be handed to PHP",
    .why = "PHP looks for the nearest file on the path when cgi.fix_pathinfo is on, which it is unless "
           "told otherwise: /upload/a.jpg/x.php runs a.jpg.",
    .fix = "Hand on only scripts that exist.",
    .bad = "location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }",
    .good = "location ~ \\.php$ { try_files $uri =404; fastcgi_pass unix:/run/php.sock; }",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_DIRECTIVE,
    .directives = pass,
    .run = run_path_info,
};
