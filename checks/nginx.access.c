// SPDX-License-Identifier: Apache-2.0
// Access lists that do not do what they look like: replaced, without deny, bypassed by return.
#include "engine/check.h"

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_access_module.html", NULL};
static const char *const list[] = {"allow", "deny", NULL};

static bool denies_all(const struct sv_scope *s)
{
    sv_node_each(n, s->node)
    {
        if (sv_node_is(n, "deny") && sv_slice_is(sv_node_arg(n, 0), "all"))
            return true;
    }
    return false;
}

static void run_replaced(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *own = s->scope;
    if (!own->parent || sv_scope_list(own, list) != own || denies_all(own))
        return;
    const struct sv_scope *outer = sv_scope_list(own->parent, list);
    const struct sv_node *allow = sv_scope_own(own, "allow");
    if (!outer || !denies_all(outer) || (allow && sv_slice_is(sv_node_arg(allow, 0), "all")))
        return;
    const struct sv_node *at = allow ? allow : sv_scope_own(own, "deny");
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, at, "this list replaces the outer one with its \"deny all\": %s is open to everyone",
        sv_scope_text(sv_ctx_arena(cx), own));
    sv_finding_evidence(cx, f, sv_scope_own(outer, "deny"));
    sv_finding_fix(cx, f, "Repeat the whole list here, and end it with: deny all;");
}

const struct sv_check sv_check_nginx_access_list_replaced = {
    SV_CHECK_HEADER,
    .id = "nginx.access-list-replaced", .servers = SV_SITE_NGINX,
    .title = "A nested allow or deny drops the outer list",
    .why = "A level that sets any allow or deny inherits none of the outer ones.",
    .fix = "Repeat the outer list in the inner level.",
    .bad = "deny all;\nlocation /api/ { allow 10.0.0.0/8; }",
    .good = "deny all;\nlocation /api/ { allow 10.0.0.0/8; deny all; }",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_SCOPE,
    .run = run_replaced,
};

static void run_open(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *own = s->scope;
    const struct sv_node *allow = sv_scope_own(own, "allow");
    if (!allow || sv_scope_own(own, "deny") || sv_slice_is(sv_node_arg(allow, 0), "all"))
        return;
    const struct sv_node *satisfy = sv_scope_get(own, "satisfy", NULL);
    if (satisfy && sv_slice_is(sv_node_arg(satisfy, 0), "any"))
        return; /* with a password, an allow without deny is the usual way */
    const struct sv_scope *outer = own->parent ? sv_scope_list(own->parent, list) : NULL;
    if (outer && denies_all(outer))
        return; /* nginx.access-list-replaced says more */
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, allow, "\"allow\" without \"deny all\" lets everyone in; %s is not restricted",
        sv_scope_text(sv_ctx_arena(cx), own));
    sv_finding_fix(cx, f, "Add after the last allow: deny all;");
}

const struct sv_check sv_check_nginx_allow_without_deny = {
    SV_CHECK_HEADER,
    .id = "nginx.allow-without-deny", .servers = SV_SITE_NGINX,
    .title = "allow without deny restricts nothing",
    .why = "An address that no rule names is let in; only \"deny all\" at the end shuts it out.",
    .fix = "End every access list with deny all.",
    .bad = "location /admin/ { allow 10.0.0.0/8; }",
    .good = "location /admin/ { allow 10.0.0.0/8; deny all; }",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_SCOPE,
    .run = run_open,
};

/* The deny or password that is in force here, the level's own before an outer one; or NULL. */
static const struct sv_node *guard_of(const struct sv_scope *own)
{
    const struct sv_scope *level = sv_scope_list(own, list);
    const struct sv_node *deny = level ? sv_scope_own(level, "deny") : NULL;
    const struct sv_node *password = sv_scope_get(own, "auth_basic", NULL);
    if (password && sv_slice_is(sv_node_arg(password, 0), "off"))
        password = NULL;
    bool own_password = password && sv_scope_own(own, "auth_basic");
    return deny && (level == own || !own_password) ? deny : password;
}

static void run_return(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *own = s->scope;
    const struct sv_node *ret = sv_scope_own(own, "return");
    unsigned long long code;
    if ((own->kind != SV_SCOPE_LOCATION && own->kind != SV_SCOPE_SERVER) || !ret || ret->n_args < 2)
        return;
    if (!sv_slice_u64(sv_node_arg(ret, 0), &code) || code < 200 || code > 299)
        return; /* an error or a redirect gives nothing away */
    const struct sv_node *guard = guard_of(own);
    if (!guard)
        return;
    /* An outer guard was hardly written for this one text; a health check lives well with it. */
    struct sv_finding *f = sv_report_at(
        cx, guard->parent == own->node ? SV_MEDIUM : SV_INFO, ret,
        "this return answers before \"%.*s\" is looked at: the guard is void", (int)guard->name.n,
        guard->name.p);
    sv_finding_evidence(cx, f, guard);
    sv_finding_fix(cx, f, "Serve the text from a file, or guard with: if ($allowed = 0) { return 403; }");
}

const struct sv_check sv_check_nginx_return_bypasses_access = {
    SV_CHECK_HEADER,
    .id = "nginx.return-bypasses-access", .servers = SV_SITE_NGINX,
    .title = "return answers before allow, deny and auth_basic are looked at",
    .why = "The rewrite phase, where return runs, comes before the access phase.",
    .fix = "Do not mix return with an access rule in one location.",
    .bad = "location /key { deny all; return 200 \"...\"; }",
    .good = "location /key { deny all; root /srv/keys; }",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_SCOPE,
    .run = run_return,
};
