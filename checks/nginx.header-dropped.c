// SPDX-License-Identifier: Apache-2.0
// nginx.header-dropped: an inner add_header drops the outer security headers.
#include "base/buf.h"
#include "engine/check.h"

static const char *const list[] = {"add_header", NULL};

static bool protects(struct sv_slice name)
{
    static const char *const names[] = {
        "Strict-Transport-Security", "Content-Security-Policy", "X-Frame-Options",
        "X-Content-Type-Options",    "Referrer-Policy",         "Permissions-Policy",
        "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(name, names[i]))
            return true;
    return false;
}

static bool sets(const struct sv_scope *s, struct sv_slice header)
{
    sv_node_each(n, s->node)
    {
        if (sv_node_is(n, "add_header") && sv_slice_eq_nocase(sv_node_arg(n, 0), header))
            return true;
    }
    return false;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *own = s->scope;
    const struct sv_node *first = sv_scope_own(own, "add_header");
    const struct sv_scope *outer = own->parent ? sv_scope_list(own->parent, list) : NULL;
    const struct sv_node *mode = sv_scope_get(own, "add_header_inherit", NULL);
    if (!first || !outer || (mode && sv_slice_is(sv_node_arg(mode, 0), "merge")))
        return;
    _cleanup_buf_ struct sv_buf lost = {0};
    const struct sv_node *example = NULL;
    sv_node_each(n, outer->node)
    {
        struct sv_slice name = sv_node_arg(n, 0);
        if (!sv_node_is(n, "add_header") || !protects(name) || sets(own, name))
            continue;
        sv_buf_printf(&lost, "%s%.*s", example ? ", " : "", (int)name.n, name.p);
        example = example ? example : n;
    }
    if (!example)
        return;
    struct sv_finding *f = sv_report_at(cx, SV_LOW, first, "answers of %s go without %s: an add_header "
                                        "here drops all outer ones",
                                        sv_scope_text(sv_ctx_arena(cx), own), lost.p);
    sv_finding_evidence(cx, f, example);
    sv_finding_fix(cx, f, "Repeat the outer add_header lines here; or keep them in one file and include "
                          "it in both places.");
}

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header", NULL};

const struct sv_check sv_check_nginx_header_dropped = {
    SV_CHECK_HEADER,
    .id = "nginx.header-dropped", .servers = SV_SITE_NGINX,
    .title = "An inner add_header drops the outer security headers",
    .why = "A level that sets any add_header inherits none: pages below it lose HSTS, CSP and the rest.",
    .fix = "Repeat the outer headers in the inner level.",
    .bad = "add_header X-Frame-Options DENY;\nlocation /app/ { add_header X-App 1; }",
    .good = "add_header X-Frame-Options DENY;\nlocation /app/ {\n    add_header X-Frame-Options DENY;\n"
            "    add_header X-App 1;\n}",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_SCOPE,
    .run = run,
};
