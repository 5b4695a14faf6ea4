// SPDX-License-Identifier: Apache-2.0
// apache.status-open and apache.info-open: pages of httpd about itself that answer a stranger.
#include "engine/check.h"
#include "model/apache.h"

/* URL paths at which the section's handler would answer. */
static void targets(struct sv_ctx *cx, const struct sv_subject *s, struct sv_places *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_scope *at = sv_scope_location(s->scope);
    const struct sv_vhost *v = at->vhost;
    struct sv_slice name = at->name;
    if (at->kind == SV_SCOPE_DIRECTORY && at->match == SV_MATCH_PREFIX)
        sv_ctx_places(cx, s->site, sv_arena_copy(a, name).p, ret);
    else if (at->kind == SV_SCOPE_FILES && at->match == SV_MATCH_PREFIX)
        sv_vec_push(a, &ret->list,
                    (struct sv_place){v, sv_arena_printf(a, "/%.*s", (int)name.n, name.p)});
    else if (at->kind == SV_SCOPE_LOCATION && at->match == SV_MATCH_PREFIX)
        sv_vec_push(a, &ret->list, (struct sv_place){v, sv_uri_escape(a, name)});
    else if (at->kind == SV_SCOPE_SERVER)
        sv_vec_push(a, &ret->list, (struct sv_place){v, "/"});
}

/* It is this line that the answer comes from: another section may have a handler of its own. */
static bool decided_by(const struct sv_answer *ans, const struct sv_node *n)
{
    sv_vec_each(w, &ans->why)
    {
        if (w->span.file == n->head.file && w->span.start == n->head.start)
            return true;
    }
    return false;
}

/* The first server on which the page answers; sections of the main server hold for all of them. */
static const struct sv_vhost *answers(struct sv_ctx *cx, const struct sv_subject *s,
                                      const struct sv_place *p)
{
    sv_vec_each(v, &s->site->vhosts)
    {
        bool here = *v == p->vhost || (p->vhost && p->vhost->apache && p->vhost->apache->is_main);
        if (!here || !sv_vhost_on_network(*v))
            continue;
        struct sv_answer ans = sv_ctx_ask(cx, *v, *p->target ? p->target : "/");
        if (ans.outcome == SV_OUT_HANDLER && ans.status == 200 && ans.vhost == *v &&
            decided_by(&ans, s->node))
            return *v;
    }
    return NULL;
}

static void page(struct sv_ctx *cx, const struct sv_subject *s, const char *handler,
                 enum sv_severity sev, const char *shows)
{
    struct sv_places places = {0};
    if (!sv_slice_is_nocase(sv_node_arg(s->node, 0), handler))
        return;
    targets(cx, s, &places);
    sv_vec_each(p, &places.list)
    {
        const struct sv_vhost *v = answers(cx, s, p);
        if (!v)
            continue;
        struct sv_finding *f = sv_report_at(cx, sev, s->node, "%s%s shows %s to everyone",
                                            sv_ctx_origin(cx, v), p->target, shows);
        sv_finding_fix(cx, f, "Put in this section, in place of what lets everyone in: Require local");
        return;
    }
}

static void run_status(struct sv_ctx *cx, const struct sv_subject *s)
{
    page(cx, s, "server-status", SV_MEDIUM,
         "which address asks for which URL, query strings included,");
}

static void run_info(struct sv_ctx *cx, const struct sv_subject *s)
{
    page(cx, s, "server-info", SV_MEDIUM, "the whole configuration with its paths and modules");
}

static const char *const directives[] = {"sethandler", NULL};
static const char *const status_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_status.html", NULL};
static const char *const info_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_info.html", NULL};

const struct sv_check sv_check_apache_status_open = {
    SV_CHECK_HEADER,
    .id = "apache.status-open",
    .servers = SV_SITE_APACHE,
    .title = "The status page answers everyone",
    .why = "server-status lists the requests in progress: clients' addresses, internal host names, and "
           "URLs with session keys and password reset tokens in them.",
    .fix = "Require local, or the monitoring host.",
    .bad = "<Location /server-status>\n    SetHandler server-status\n</Location>",
    .good = "<Location /server-status>\n    SetHandler server-status\n    Require local\n</Location>",
    .refs = status_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run_status,
};

const struct sv_check sv_check_apache_info_open = {
    SV_CHECK_HEADER,
    .id = "apache.info-open",
    .servers = SV_SITE_APACHE,
    .title = "The configuration page answers everyone",
    .why = "server-info prints the parsed configuration: paths, internal hosts, users, and whatever "
           "secret stands in a directive.",
    .fix = "Require local, or remove the module.",
    .bad = "<Location /server-info>\n    SetHandler server-info\n</Location>",
    .good = "<Location /server-info>\n    SetHandler server-info\n    Require local\n</Location>",
    .refs = info_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run_info,
};
