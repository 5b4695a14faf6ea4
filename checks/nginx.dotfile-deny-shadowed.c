// SPDX-License-Identifier: Apache-2.0
// nginx.dotfile-deny-shadowed: a rule against dotfiles that another location switches off.
#include "engine/check.h"

static bool covers(const struct sv_scope *guard, const char *path)
{
    return guard->regex &&
           sv_regex_match(guard->regex, sv_slice_of(path), 0, NULL) == SV_MATCH_YES;
}

static const struct sv_scope *guard_of(const struct sv_vhost *v)
{
    static const char *const paths[] = {"/.srvaudit", "/.env", "/.git/config"};
    const struct sv_scope *guard = NULL;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && !guard; i++)
        guard = sv_dotfile_guard(v, sv_slice_of(paths[i]));
    return guard;
}

/* The path is answered from the disk, past the guard. */
static bool slips_past(const struct sv_answer *ans, const struct sv_scope *guard)
{
    bool disk = ans->outcome == SV_OUT_FILE || ans->outcome == SV_OUT_NOT_FOUND ||
                ans->outcome == SV_OUT_LISTING;
    return disk && ans->scope && ans->scope != guard && ans->scope->kind != SV_SCOPE_SERVER &&
           !sv_location_refuses(sv_scope_location(ans->scope));
}

static void report(struct sv_ctx *cx, const struct sv_scope *by, const struct sv_scope *guard,
                   const char *path)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    if (sv_ctx_reported(cx, by->node))
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_LOW, by->node, "%s answers %s before \"%s\" is looked at: dotfiles there are "
                     "not protected", sv_scope_text(a, by), path, sv_scope_text(a, guard));
    sv_finding_evidence(cx, f, guard->node);
    if (by->match == SV_MATCH_PREFIX_STOP)
        sv_finding_fix(cx, f, "Drop the ^~, or repeat the rule inside: location ~ /\\. { return 404; }");
    else
        sv_finding_fix(cx, f, "Put the rule against dotfiles before this location, or inside of it.");
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    static const char *const probes[] = {"/.env", "/.git/config", "/.htpasswd"};
    const struct sv_scope *guard = guard_of(s->vhost);
    struct sv_arena *a = sv_ctx_arena(cx);
    if (!guard)
        return;
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        struct sv_answer ans = sv_ctx_ask(cx, s->vhost, probes[i]);
        if (covers(guard, probes[i]) && slips_past(&ans, guard))
            report(cx, sv_scope_location(ans.scope), guard, probes[i]);
    }
    struct sv_scopes own = sv_vhost_scopes(s->vhost);
    for (size_t i = 0; i < own.n; i++) {
        const struct sv_scope *loc = own.v[i];
        if (loc->kind != SV_SCOPE_LOCATION ||
            loc->match > SV_MATCH_PREFIX_STOP || sv_slice_starts(loc->name, "/.well-known") ||
            loc->name.n == 0 || sv_slice_is(loc->name, "/"))
            continue;
        const char *path = sv_arena_printf(a, "%.*s%s.env", (int)loc->name.n, loc->name.p,
                                           loc->name.p[loc->name.n - 1] == '/' ? "" : "/");
        if (!covers(guard, path))
            continue;
        struct sv_answer ans = sv_ctx_ask(cx, s->vhost, sv_uri_escape(a, sv_slice_of(path)));
        if (slips_past(&ans, guard))
            report(cx, sv_scope_location(ans.scope), guard, path);
    }
}

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#location", NULL};

const struct sv_check sv_check_nginx_dotfile_deny_shadowed = {
    SV_CHECK_HEADER,
    .id = "nginx.dotfile-deny-shadowed", .servers = SV_SITE_NGINX,
    .title = "A rule against dotfiles is switched off by another location",
    .why = "\"location ^~\" keeps regular expressions from being looked at, and of several that match the "
           "first in the file wins: the rule against /.env and /.git then never runs.",
    .fix = "Put the rule first, without ^~ around it, or repeat it inside.",
    .bad = "location ^~ /static/ { root /srv/app; }\nlocation ~ /\\. { deny all; }",
    .good = "location /static/ { root /srv/app; }\nlocation ~ /\\. { deny all; }",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_VHOST,
    .run = run,
};
