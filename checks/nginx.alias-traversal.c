// SPDX-License-Identifier: Apache-2.0
// nginx.alias-traversal: `location /x` with `alias d/` lets /x../ climb out of d.
#include "engine/check.h"
#include "syntax/nginx.h"

/* One file has no slash to end with: it gets an exact location. */
static void fix(struct sv_ctx *cx, struct sv_finding *f, const struct sv_mapping *m)
{
    struct stat st;
    struct sv_arena *a = sv_ctx_arena(cx);
    bool file = sv_fs_stat(sv_ctx_fs(cx), m->dir, &st) == 0 && S_ISREG(st.st_mode);
    bool stop = sv_scope_location(m->scope)->match == SV_MATCH_PREFIX_STOP;
    const char *slash = file ? "" : "/";
    const char *name = sv_arena_printf(a, "%.*s%s", (int)m->uri_prefix.n, m->uri_prefix.p, slash);
    sv_finding_fix(cx, f, "location %s%s { alias %s; }", file ? "= " : stop ? "^~ " : "",
                   sv_nginx_word(a, sv_slice_of(name)),
                   sv_nginx_word(a, sv_slice_of(sv_arena_printf(a, "%s%s", m->dir, slash))));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    struct sv_arena *a = sv_ctx_arena(cx);
    if (!m->is_alias || !m->exact || m->uri_prefix.n == 0)
        return;
    const struct sv_scope *loc = sv_scope_location(m->scope);
    struct sv_slice prefix = m->uri_prefix, value = m->value;
    bool literal = loc->match == SV_MATCH_PREFIX || loc->match == SV_MATCH_PREFIX_STOP;
    if (!literal || prefix.p[prefix.n - 1] == '/' || value.n == 0)
        return;
    bool climbs = value.p[value.n - 1] == '/';
    const char *origin = sv_ctx_origin(cx, s->vhost);
    struct sv_finding *f;
    if (climbs) {
        /* Proof: the path that climbs reaches a name in the folder above. */
        const char *base = sv_path_base(m->dir);
        struct sv_answer ans = sv_ctx_ask(
            cx, s->vhost, sv_arena_printf(a, "%.*s../%s", (int)prefix.n, prefix.p, base));
        if (ans.outcome == SV_OUT_DENIED && !ans.worker_denied)
            return;
        f = sv_report_at(cx, SV_HIGH, m->node,
                         "%s%.*s../ leaves %s: every file below %s that the worker may read has a URL",
                         origin, (int)prefix.n, prefix.p, m->dir, sv_path_dir(a, m->dir));
    } else {
        f = sv_report_at(cx, SV_LOW, m->node,
                         "%s%.*s reaches every name that starts with %s, so siblings such as "
                         "%s.bak are served", origin, (int)prefix.n, prefix.p, m->dir, m->dir);
    }
    sv_finding_evidence(cx, f, loc->node);
    fix(cx, f, m);
}

static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_core_module.html#alias",
                                   NULL};

const struct sv_check sv_check_nginx_alias_traversal = {
    SV_CHECK_HEADER,
    .id = "nginx.alias-traversal", .servers = SV_SITE_NGINX,
    .title = "A location without its closing slash lets requests climb out of the alias",
    .why = "The alias replaces the location's text and nothing more: /static../x becomes d/../x.",
    .fix = "End both the location and the alias with a slash.",
    .bad = "location /static { alias /srv/app/static/; }",
    .good = "location /static/ { alias /srv/app/static/; }",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_MAPPING,
    .run = run,
};
