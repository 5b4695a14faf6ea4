// SPDX-License-Identifier: Apache-2.0
// web.directory-listing: autoindex is on and the mapped folder really answers with a list.
#include "engine/check.h"

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!s->vhost || !sv_slice_is_nocase(sv_node_arg(s->node, 0), "on"))
        return;
    const struct sv_scope *loc = sv_scope_location(s->scope);
    struct sv_slice uri = SV_LIT("/");
    if (loc->kind == SV_SCOPE_LOCATION) {
        if (loc->match >= SV_MATCH_REGEX)
            return;
        uri = loc->name;
    }
    struct sv_answer ans = sv_ctx_ask(cx, s->vhost, sv_uri_escape(sv_ctx_arena(cx), uri));
    if (ans.outcome != SV_OUT_LISTING)
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_LOW, s->node, "%s%.*s lists the names of all files in the folder",
                     sv_ctx_origin(cx, s->vhost), (int)uri.n, uri.p);
    sv_finding_fix(cx, f, "Remove \"autoindex on\" here, or keep it to a folder meant for downloads.");
}

static const char *const directives[] = {"autoindex", NULL};
static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_autoindex_module.html",
                                   NULL};

const struct sv_check sv_check_web_directory_listing = {
    SV_CHECK_HEADER,
    .id = "web.directory-listing",
    .servers = SV_SITE_NGINX,
    .title = "A folder lists its files to everyone",
    .why = "A listing makes every forgotten file findable. Hidden files are not listed but served.",
    .fix = "Turn autoindex off, or keep it to one download folder.",
    .bad = "location / { autoindex on; }",
    .good = "location /downloads/ { autoindex on; }",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
