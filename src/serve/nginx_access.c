// SPDX-License-Identifier: Apache-2.0
// The access phase: allow and deny, auth_basic, auth_request, and how satisfy joins them.
#include <arpa/inet.h>
#include <stdio.h>

#include "serve/nginx.h"

static bool parse_addr(struct sv_slice s, unsigned char out[16], bool *ret_v6)
{
    char text[64];
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    if (s.n > 2 && s.p[0] == '[')
        s = sv_slice_sub(s, 1, s.n - 1);
    snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
    if (inet_pton(AF_INET, text, out) == 1) {
        *ret_v6 = false;
        return true;
    }
    *ret_v6 = true;
    return inet_pton(AF_INET6, text, out) == 1;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & (0xff << (8 - rest)) & 0xff) == 0;
}

bool ngx_net_holds(struct sv_slice net, struct sv_slice addr, bool stranger, unsigned *ret_bits)
{
    unsigned char n[16] = {0}, c[16] = {0};
    bool n6, c6;
    if (ret_bits)
        *ret_bits = 0;
    if (sv_slice_is(net, "all"))
        return true;
    size_t slash = sv_slice_chr(net, '/');
    if (!parse_addr(sv_slice_sub(net, 0, slash), n, &n6) || !parse_addr(addr, c, &c6) || n6 != c6)
        return false;
    unsigned long long bits = n6 ? 128 : 32;
    if (slash < net.n && !sv_slice_u64(sv_slice_sub(net, slash + 1, net.n), &bits))
        return false;
    if (bits > (n6 ? 128u : 32u) || (stranger && bits > 0))
        return false;
    if (ret_bits)
        *ret_bits = (unsigned)bits;
    return same_bits(n, c, (unsigned)bits);
}

/* What one access checker says. */
enum verdict { SKIP, PASS, REFUSE_403, REFUSE_401, VERDICT_UNKNOWN };

static enum verdict by_address(struct ngx_run *r)
{
    static const char *const names[] = {"allow", "deny", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    if (!level)
        return SKIP;
    struct sv_slice addr = r->req->client.n ? r->req->client : SV_LIT(NGX_STRANGER);
    sv_node_each(n, level->node)
    {
        bool allow = sv_node_is(n, "allow");
        if (!allow && !sv_node_is(n, "deny"))
            continue;
        if (!ngx_net_holds(sv_node_arg(n, 0), addr, r->req->client.n == 0, NULL))
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
    struct ngx_value realm = ngx_expand(r, sv_node_arg(n, 0));
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
        if (v == VERDICT_UNKNOWN)
            return ngx_unknown(r, why);
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
