// SPDX-License-Identifier: Apache-2.0
// mod_access_compat: Order, Allow, Deny and Satisfy. The last level that has any of them counts.
#include "serve/apache_authz.h"

static const char *const names[] = {"order", "allow", "deny", "satisfy"};

static bool holds_any(const struct sv_scope *s)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_scope_own(s, names[i]))
            return true;
    sv_vec_each(it, &s->ifs)
    {
        if (((*it)->kind == SV_SCOPE_LIMIT || (*it)->kind == SV_SCOPE_LIMIT_EXCEPT) &&
            holds_any(*it))
            return true;
    }
    return false;
}

/* The module has no merger: a level with one of its lines forgets all of the levels before. */
static const struct sv_scope *level_of(const struct ap_run *r)
{
    if (!ap_module(r, "mod_access_compat.c"))
        return NULL;
    for (size_t i = r->levels.n; i-- > 0;)
        if (holds_any(r->levels.v[i].scope))
            return r->levels.v[i].scope;
    return NULL;
}

/* Calls for each line of a level that holds for the method, in order; the parser bounds depth. */
static void each(struct ap_run *r, const struct sv_node *parent, void *to,
                 void (*take)(struct ap_run *r, const struct sv_node *n, void *to))
{
    sv_node_each(n, parent)
    {
        bool limit = sv_node_is(n, "limit") || sv_node_is(n, "limitexcept");
        if (limit && n->kind == SV_NODE_BLOCK && ap_limits_method(r, n))
            each(r, n, to, take);
        else if (!limit)
            take(r, n, to);
    }
}

struct rules {
    enum { DENY_ALLOW, ALLOW_DENY, MUTUAL } order;
    const struct sv_node *order_node, *satisfy, *allowed, *denied;
    bool maybe;
    const char *why;
};

static enum sv_truth matches(struct ap_run *r, struct sv_slice where, const char **ret_why)
{
    struct sv_value v = {.why = NULL};
    if (sv_slice_is_nocase(where, "all"))
        return SV_TRUE;
    if (sv_slice_is_nocase(sv_slice_sub(where, 0, 4), "env=")) {
        struct sv_slice name = sv_slice_sub(where, 4, where.n);
        bool negated = name.n && name.p[0] == '!';
        bool set = ap_env_get(r, sv_slice_sub(name, negated, name.n), &v);
        if (!set && v.why) {
            *ret_why = v.why;
            return SV_MAYBE;
        }
        return sv_truth_of(set != negated);
    }
    if (ap_subnet_holds(r, where))
        return SV_TRUE;
    bool address = sv_slice_chr(where, '/') < where.n || sv_slice_chr(where, ':') < where.n ||
                   (where.n && where.p[0] >= '0' && where.p[0] <= '9');
    *ret_why = "the name of the client's address";
    return address ? SV_FALSE : ap_client_host(r, where, false);
}

static void take(struct ap_run *r, const struct sv_node *n, void *to)
{
    struct rules *rules = to;
    bool allow = sv_node_is(n, "allow");
    if (sv_node_is(n, "order")) {
        struct sv_slice s = sv_node_arg(n, 0);
        rules->order = sv_slice_is_nocase(s, "allow,deny")       ? ALLOW_DENY
                       : sv_slice_is_nocase(s, "mutual-failure") ? MUTUAL
                                                                 : DENY_ALLOW;
        rules->order_node = n;
    } else if (sv_node_is(n, "satisfy")) {
        rules->satisfy = n;
    } else if (allow || sv_node_is(n, "deny")) {
        for (uint32_t i = 1; i < n->n_args; i++) {
            const char *why = NULL;
            enum sv_truth t = matches(r, sv_node_arg(n, i), &why);
            const struct sv_node **found = allow ? &rules->allowed : &rules->denied;
            if (t == SV_TRUE && !*found)
                *found = n;
            if (t == SV_MAYBE) {
                rules->maybe = true;
                rules->why = why;
            }
        }
    }
}

struct ap_authz ap_compat(struct ap_run *r)
{
    struct rules rules = {.order = DENY_ALLOW};
    const struct sv_scope *level = level_of(r);
    if (!level)
        return (struct ap_authz){.grant = AP_NEUTRAL};
    each(r, level->node, &rules, take);
    const struct sv_node *allowed = rules.allowed, *denied = rules.denied;
    bool granted = false;
    switch (rules.order) {
    case DENY_ALLOW:
        granted = allowed || !denied;
        break;
    case ALLOW_DENY:
    case MUTUAL:
        granted = allowed && !denied;
        break;
    }
    if (rules.maybe)
        return (struct ap_authz){AP_UNDECIDED, rules.order_node, rules.why};
    const struct sv_node *node = granted ? allowed : denied;
    return (struct ap_authz){.grant = granted ? AP_GRANTED : AP_REFUSED,
                             .node = node ? node : rules.order_node};
}

enum ap_satisfy ap_satisfies(const struct ap_run *r, const struct sv_node **ret_node)
{
    struct rules rules = {.order = DENY_ALLOW};
    const struct sv_scope *level = level_of(r);
    if (!level)
        return AP_SATISFY_ALL;
    each((struct ap_run *)r, level->node, &rules, take);
    *ret_node = rules.satisfy;
    return rules.satisfy && sv_slice_is_nocase(sv_node_arg(rules.satisfy, 0), "any")
               ? AP_SATISFY_ANY
               : AP_SATISFY_ALL;
}
