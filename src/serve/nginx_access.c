// SPDX-License-Identifier: Apache-2.0
// The access phase: allow and deny, auth_basic, auth_request, and how satisfy joins them.
#include "serve/nginx.h"

/* What one access checker says. */
enum verdict { SKIP, PASS, REFUSE_403, REFUSE_401, VERDICT_UNKNOWN };

static enum verdict by_address(struct ngx_run *r)
{
    static const char *const names[] = {"allow", "deny", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    if (!level)
        return SKIP;
    sv_node_each(n, level->node)
    {
        bool allow = sv_node_is(n, "allow");
        if (!allow && !sv_node_is(n, "deny"))
            continue;
        if (!sv_client_in(r->req, sv_node_arg(n, 0)))
            continue;
        ngx_why(r, n);
        return allow ? PASS : REFUSE_403;
    }
    return SKIP;
}

static enum verdict by_password(struct ngx_run *r, const char **ret_why)
{
    const struct sv_node *n = sv_scope_get(r->scope, "auth_basic", NULL);
    if (!n)
        return SKIP;
    struct sv_value realm = ngx_expand(r, sv_node_arg(n, 0));
    if (realm.why) {
        *ret_why = realm.why;
        return VERDICT_UNKNOWN;
    }
    if (sv_slice_is(realm.s, "off") ||
        !sv_scope_get(r->scope, "auth_basic_user_file", NULL))
        return SKIP;
    ngx_why(r, n);
    return REFUSE_401; /* the request carries no credentials */
}

static enum verdict by_program(struct ngx_run *r, const char **ret_why)
{
    static const char *const names[] = {"auth_request",         "auth_jwt",
                                        "access_by_lua",        "access_by_lua_block",
                                        "access_by_lua_file",   "auth_digest",
                                        "auth_pam",             "auth_ldap"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sv_node *n = sv_scope_get(r->scope, names[i], NULL);
        if (!n || sv_slice_is(sv_node_arg(n, 0), "off"))
            continue;
        ngx_why(r, n);
        *ret_why = sv_arena_printf(r->a, "what %s decides", names[i]);
        return VERDICT_UNKNOWN;
    }
    return SKIP;
}

enum ngx_step ngx_access_phase(struct ngx_run *r)
{
    const struct sv_node *sat = sv_scope_get(r->scope, "satisfy", NULL);
    bool any = sat && sv_slice_is(sv_node_arg(sat, 0), "any");
    const char *why = NULL;
    int code = 0;
    for (int i = 0; i < 3; i++) {
        enum verdict v = i == 0 ? by_address(r)
                         : i == 1 ? by_password(r, &why)
                                  : by_program(r, &why);
        if (v == PASS && any)
            return NGX_NEXT;
        if (v == VERDICT_UNKNOWN && i < 2)
            return ngx_unknown(r, why);
        if (v == VERDICT_UNKNOWN) { /* run on, for what it would let out */
            r->undecided = r->undecided ? r->undecided : why;
            return NGX_NEXT;
        }
        if (v != REFUSE_401 && v != REFUSE_403)
            continue;
        int status = v == REFUSE_401 ? 401 : 403;
        if (!any)
            return ngx_finalise(r, status);
        if (code != 401)
            code = status;
    }
    if (code && sat)
        ngx_why(r, sat);
    return code ? ngx_finalise(r, code) : NGX_NEXT;
}
