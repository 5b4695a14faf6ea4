// SPDX-License-Identifier: Apache-2.0
// nginx.alias-traversal: `location /x` with `alias d/` lets /x../ climb out of d.
#include "engine/check.h"
#include "serve/memo.h"

static const struct sv_node *asks(const struct sv_mapping *m, const char *name)
{
    const struct sv_node *n = sv_scope_get(m->scope, name, NULL);
    return n && !sv_slice_is(sv_node_arg(n, 0), "off") ? n : NULL;
}

/* The login that is asked for there; NULL: another program decides. */
static const struct sv_node *login_of(const struct sv_mapping *m)
{
    const struct sv_node *login = asks(m, "auth_basic");
    return login ? login : asks(m, "auth_request");
}

/* For whom the way out is there, behind the message. */
static const char *for_whom(struct sv_arena *a, const struct sv_mapping *m,
                            const struct sv_answer *ans)
{
    if (!ans->auth_needed && !ans->undecided)
        return "";
    return ans->undecided && !login_of(m)
               ? sv_arena_printf(a, "; %s there is not known", ans->unknown)
               : ", for everyone whom the login there lets in";
}

/* False: nobody gets a file there. */
static bool hands_out(const struct sv_subject *s, const struct sv_answer *ans)
{
    const struct sv_scope *loc = sv_scope_location(s->mapping->scope);
    if (ans->outcome == SV_OUT_DENIED && !ans->worker_denied)
        return false;
    return !sv_scope_own(loc, "internal") && !sv_scope_own(loc, "return") &&
           !(s->vhost && sv_scope_own(s->vhost->scope, "return"));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_mapping *m = s->mapping;
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_alias_gap *gap = sv_alias_gap(s->site, m);
    if (!gap)
        return;
    const char *origin = sv_ctx_origin(cx, s->vhost);
    struct sv_slice prefix = gap->prefix;
    bool slash = prefix.p[prefix.n - 1] == '/';
    /* Proof: the path that climbs reaches a name in the folder above. */
    const char *beyond = gap->begins[0] ? slash ? "x" : ".bak"
                                        : sv_arena_printf(a, "../%s", sv_path_base(gap->dir));
    struct sv_answer ans = sv_ctx_ask(
        cx, s->vhost, sv_arena_printf(a, "%.*s%s", (int)prefix.n, prefix.p, beyond));
    if (!hands_out(s, &ans))
        return;
    bool asked = ans.auth_needed || ans.undecided;
    const char *whom = for_whom(a, m, &ans);
    struct sv_finding *f;
    if (!gap->begins[0]) {
        enum sv_severity severity = strcmp(gap->above, "/") == 0 ? SV_CRITICAL : SV_HIGH;
        f = sv_report_at(cx, asked ? severity - 1 : severity, m->node,
                         "%s%.*s../ leaves %s: every file below %s that the worker may read has a URL%s",
                         origin, (int)prefix.n, prefix.p, gap->dir, gap->above, whom);
    } else {
        f = sv_report_at(cx, asked ? SV_INFO : SV_LOW, m->node,
                         "%s%.*s reaches every name that starts with %s, so siblings such as "
                         "%s.bak are served%s%s",
                         origin, (int)prefix.n, prefix.p, m->dir, m->dir, whom,
                         slash ? ", and nothing in the folder is, for the alias has no slash" : "");
    }
    sv_finding_evidence(cx, f, sv_scope_location(m->scope)->node);
    sv_finding_evidence(cx, f, gap->by);
    sv_finding_evidence(cx, f, asked ? login_of(m) : NULL);
    sv_finding_fix(cx, f, "%s", sv_ctx_alias_fix(cx, m));
}

static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_core_module.html#alias",
                                   NULL};

const struct sv_check sv_check_nginx_alias_traversal = {
    SV_CHECK_HEADER,
    .id = "nginx.alias-traversal", .servers = SV_SITE_NGINX,
    .title = "A location without its closing slash lets requests climb out of the alias",
    .why = "The alias replaces the location's text and nothing more: /static../x becomes d/../x. So does a group of an "
           "expression that a root, try_files or rewrite puts behind a slash.",
    .fix = "End both the location and the alias with a slash.",
    .bad = "location /static { alias /srv/app/static/; }",
    .good = "location /static/ { alias /srv/app/static/; }",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_MAPPING,
    .run = run,
};
