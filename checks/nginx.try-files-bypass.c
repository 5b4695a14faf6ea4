// SPDX-License-Identifier: Apache-2.0
// nginx.try-files-bypass: try_files sends a file that its own URL does not give.
#include "engine/check.h"

static bool is_constant(struct sv_slice arg)
{
    return arg.n > 1 && arg.p[0] == '/' && sv_slice_chr(arg, '$') == arg.n &&
           arg.p[arg.n - 1] != '/';
}

/* A URL of the location that no file answers, so that try_files goes on to the next argument. */
static const char *probe(struct sv_arena *a, const struct sv_scope *loc)
{
    if (loc->kind != SV_SCOPE_LOCATION)
        return "/srvaudit-no-such-file";
    if (loc->match == SV_MATCH_EXACT)
        return sv_uri_escape(a, loc->name);
    if (loc->match > SV_MATCH_PREFIX_STOP)
        return NULL;
    const char *path =
        sv_arena_printf(a, "%.*ssrvaudit-no-such-file", (int)loc->name.n, loc->name.p);
    return sv_uri_escape(a, sv_slice_of(path));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    if (!s->vhost)
        return;
    for (uint32_t i = 0; i + 1 < s->node->n_args; i++) {
        struct sv_slice arg = sv_node_arg(s->node, i);
        const char *url = is_constant(arg) ? probe(a, sv_scope_location(s->scope)) : NULL;
        if (!url)
            continue;
        struct sv_answer sent = sv_ctx_ask(cx, s->vhost, url);
        if (sent.outcome != SV_OUT_FILE ||
            !sv_slice_ends(sv_slice_of(sent.file), sv_arena_copy(a, arg).p))
            continue;
        struct sv_answer direct = sv_ctx_ask(cx, s->vhost, sv_uri_escape(a, arg));
        bool program = direct.outcome == SV_OUT_HANDLER;
        bool refused = direct.outcome == SV_OUT_DENIED || direct.outcome == SV_OUT_AUTH ||
                       direct.outcome == SV_OUT_NOT_FOUND || direct.outcome == SV_OUT_RETURN;
        if (!program && !refused)
            continue;
        const char *origin = sv_ctx_origin(cx, s->vhost);
        struct sv_finding *f = sv_report_at(
            cx, SV_HIGH, s->node,
            program ? "%s%s sends the source of %s as text: only the last argument of try_files is handed "
                      "to another location"
                    : "%s%s sends %s, which its own URL refuses: try_files does not look at other "
                      "locations' rules", origin, url, sent.file);
        sv_finding_evidence(cx, f, direct.scope ? direct.scope->node : NULL);
        sv_finding_route(cx, f, s->site,
                         &(struct sv_route){sv_arena_printf(a, "%s%s", origin, url), sent});
        if (program)
            sv_finding_fix(cx, f, "Make %.*s the last argument of try_files.", (int)arg.n, arg.p);
        else
            sv_finding_fix(cx, f, "Take %.*s out of try_files, or repeat the rule in this location.",
                           (int)arg.n, arg.p);
        return;
    }
}

static const char *const directives[] = {"try_files", NULL};
static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files", NULL};

const struct sv_check sv_check_nginx_try_files_bypass = {
    SV_CHECK_HEADER,
    .id = "nginx.try-files-bypass", .servers = SV_SITE_NGINX,
    .title = "try_files sends a file that its own URL refuses or runs",
    .why = "Every argument but the last is sent from the current location: the rules and the program "
           "handler of the location that the file's own URL has are not asked.",
    .fix = "Scripts and protected files only as the last argument.",
    .bad = "location / { try_files $uri /index.php =404; }\nlocation ~ \\.php$ { fastcgi_pass ...; }",
    .good = "location / { try_files $uri /index.php; }\nlocation ~ \\.php$ { fastcgi_pass ...; }",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
