// SPDX-License-Identifier: Apache-2.0
// Reads Require, Order, Allow and Deny of one section.
#include "model/apache_guard.h"

enum { MAX_CONTAINERS = 8 }; /* no honest rule nests its containers deeper */

static bool word_is(const struct sv_node *n, uint32_t i, const char *word)
{
    return sv_slice_is_nocase(sv_node_arg(n, i), word);
}

static enum sv_guard of_require(const struct sv_node *n)
{
    uint32_t i = word_is(n, 0, "not");
    if (!word_is(n, i, "all"))
        return SV_GUARD_RESTRICTS;
    bool granted = word_is(n, i + 1, "granted") != (i == 1);
    return granted ? SV_GUARD_GRANTS : SV_GUARD_DENIES;
}

/* In RequireAll the strictest line counts, in RequireAny the most generous; NONE counts never. */
static enum sv_guard join(enum sv_guard a, enum sv_guard b, bool all)
{
    if (a == SV_GUARD_NONE || b == SV_GUARD_NONE)
        return a == SV_GUARD_NONE ? b : a;
    return (a > b) == all ? a : b;
}

static enum sv_guard container(const struct sv_node *block, bool all, unsigned depth,
                               const struct sv_node **ret_node)
{
    enum sv_guard sum = SV_GUARD_NONE;
    if (depth > MAX_CONTAINERS)
        return SV_GUARD_RESTRICTS;
    sv_node_each(n, block)
    {
        enum sv_guard g = SV_GUARD_NONE;
        const struct sv_node *at = n;
        if (n->kind == SV_NODE_INACTIVE)
            continue;
        if (sv_node_is(n, "require"))
            g = of_require(n);
        else if (sv_node_is(n, "requireall") || sv_node_is(n, "requireany"))
            g = container(n, sv_node_is(n, "requireall"), depth + 1, &at);
        else if (sv_node_is(n, "requirenone"))
            g = SV_GUARD_RESTRICTS;
        enum sv_guard next = join(sum, g, all);
        if (next != sum)
            *ret_node = at;
        sum = next;
    }
    return sum;
}

/* Order decides which list speaks last; without it Deny,Allow. */
static enum sv_guard compat(const struct sv_node *block, const struct sv_node **ret_node)
{
    const struct sv_node *deny = NULL, *allow_all = NULL, *order = NULL;
    bool deny_all = false, some = false;
    sv_node_each(n, block)
    {
        if (n->kind == SV_NODE_INACTIVE)
            continue;
        if (sv_node_is(n, "order"))
            order = n;
        else if (sv_node_is(n, "deny"))
            deny = n, deny_all |= word_is(n, 1, "all");
        else if (sv_node_is(n, "allow") && word_is(n, 1, "all"))
            allow_all = n;
        else if (sv_node_is(n, "allow"))
            some = true;
    }
    if (!order && !deny && !allow_all && !some)
        return SV_GUARD_NONE;
    bool allow_last = !order || !sv_slice_starts(sv_node_arg(order, 0), "allow");
    *ret_node = deny ? deny : order ? order : allow_all;
    if (allow_all && (allow_last || !deny_all)) {
        *ret_node = allow_all;
        return SV_GUARD_GRANTS;
    }
    if (deny_all)
        return some && allow_last ? SV_GUARD_RESTRICTS : SV_GUARD_DENIES;
    if (!allow_last) /* Order allow,deny refuses whom no line names */
        return some ? SV_GUARD_RESTRICTS : SV_GUARD_DENIES;
    return SV_GUARD_NONE;
}

enum sv_guard sv_apache_guard(const struct sv_node *section, const struct sv_node **ret_node)
{
    const struct sv_node *at = NULL, *old_at = NULL;
    enum sv_guard g = container(section, false, 0, &at), old = compat(section, &old_at);
    sv_node_each(n, section)
    {
        if (g == SV_GUARD_NONE && old == SV_GUARD_NONE && n->kind == SV_NODE_BLOCK &&
            (sv_node_is(n, "limit") || sv_node_is(n, "limitexcept")))
            g = container(n, false, 1, &at);
    }
    if (old > g) {
        g = old;
        at = old_at;
    }
    if (ret_node)
        *ret_node = at;
    return g;
}
