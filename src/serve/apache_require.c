// SPDX-License-Identifier: Apache-2.0
// The authorization providers: what one Require line says about this request.
#include <ctype.h>

#include "serve/apache_authz.h"

static struct ap_authz say(enum ap_grant grant, const struct sv_node *n)
{
    return (struct ap_authz){.grant = grant, .node = n};
}

static struct ap_authz undecided(const struct sv_node *n, const char *why)
{
    return (struct ap_authz){.grant = AP_UNDECIDED, .node = n, .why = why};
}

static struct ap_authz yes_if(bool yes, const struct sv_node *n)
{
    return say(yes ? AP_GRANTED : AP_REFUSED, n);
}

/* The words of a line from one on. */
struct words {
    const struct sv_node *n;
    uint32_t from;
    struct sv_slice rest; /* the same as text */
};

static struct ap_authz by_env(struct ap_run *r, const struct words *w)
{
    const char *why = NULL;
    for (uint32_t i = w->from; i < w->n->n_args; i++) {
        struct sv_value v = {.why = NULL};
        if (ap_env_get(r, sv_node_arg(w->n, i), &v))
            return say(AP_GRANTED, w->n);
        if (v.why)
            why = v.why;
    }
    return why ? undecided(w->n, why) : say(AP_REFUSED, w->n);
}

bool ap_same_method(const struct ap_run *r, struct sv_slice name)
{
    /* HEAD is GET to httpd, wherever it counts methods. */
    struct sv_slice asked = sv_slice_is(r->method, "HEAD") ? SV_LIT("GET") : r->method;
    return sv_slice_eq(sv_slice_is(name, "HEAD") ? SV_LIT("GET") : name, asked);
}

static struct ap_authz by_method(struct ap_run *r, const struct words *w)
{
    for (uint32_t i = w->from; i < w->n->n_args; i++)
        if (ap_same_method(r, sv_node_arg(w->n, i)))
            return say(AP_GRANTED, w->n);
    return say(AP_REFUSED, w->n);
}

static struct ap_authz by_address(struct ap_run *r, const struct words *w)
{
    for (uint32_t i = w->from; i < w->n->n_args; i++) {
        struct sv_slice rest = sv_node_arg(w->n, i);
        while (rest.n) { /* a quoted argument may hold several */
            struct sv_slice one = sv_apache_word(r->a, &rest);
            if (ap_subnet_holds(r, one))
                return say(AP_GRANTED, w->n);
        }
    }
    return say(AP_REFUSED, w->n);
}

static struct ap_authz by_host(struct ap_run *r, const struct words *w, bool forward)
{
    bool maybe = false;
    for (uint32_t i = w->from; i < w->n->n_args; i++) {
        enum sv_truth t = ap_client_host(r, sv_node_arg(w->n, i), forward);
        if (t == SV_TRUE)
            return say(AP_GRANTED, w->n);
        maybe |= t == SV_MAYBE;
    }
    return maybe ? undecided(w->n, "the name of the client's address") : say(AP_REFUSED, w->n);
}

/* Quotes around the whole are dropped (expr_parse_config). */
static struct ap_authz by_expr(struct ap_run *r, const struct words *w)
{
    struct sv_slice text = sv_slice_trim(w->rest);
    const char *why = NULL;
    if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"')
        text = sv_slice_sub(text, 1, text.n - 1);
    r->expr_failed = false;
    switch (ap_expr_true(r, sv_arena_copy(r->a, text), &why)) {
    case SV_TRUE:
        return say(AP_GRANTED, w->n);
    case SV_FALSE: /* a user could change it */
        if (r->expr_failed)
            return say(AP_BROKEN, w->n);
        text = sv_arena_mapped(r->a, text, toupper);
        return say(sv_slice_find(text, "REMOTE_USER") < text.n ? AP_NO_USER : AP_REFUSED, w->n);
    case SV_MAYBE:
        return undecided(w->n, why);
    }
    return say(AP_REFUSED, w->n);
}

static struct ap_authz by_provider(struct ap_run *r, struct sv_slice name, const struct words *w)
{
    const char *module = sv_apache_provider(name);
    if (!module || !ap_module(r, module))
        return undecided(w->n, sv_arena_printf(r->a, "what Require %.*s decides", (int)name.n,
                                               name.p));
    if (sv_slice_is_nocase(name, "all"))
        return yes_if(sv_slice_is_nocase(sv_node_arg(w->n, w->from), "granted"), w->n);
    if (sv_slice_is_nocase(name, "env"))
        return by_env(r, w);
    if (sv_slice_is_nocase(name, "method"))
        return by_method(r, w);
    if (sv_slice_is_nocase(name, "expr"))
        return by_expr(r, w);
    if (sv_slice_is_nocase(name, "ip"))
        return by_address(r, w);
    if (sv_slice_is_nocase(name, "local"))
        return yes_if(ap_client_is_local(r), w->n);
    if (sv_slice_is_nocase(name, "host"))
        return by_host(r, w, false);
    if (sv_slice_is_nocase(name, "forward-dns"))
        return by_host(r, w, true);
    if (sv_slice_is_nocase(name, "ssl"))
        return yes_if(r->req->https, w->n);
    if (sv_slice_is_nocase(name, "ssl-verify-client"))
        return say(AP_REFUSED, w->n);
    if (sv_slice_starts(name, "dbd-log"))
        return undecided(w->n, "what the database says");
    return say(AP_NO_USER, w->n); /* all others ask who the user is, and there is none */
}

/* <AuthzProviderAlias ip mynet "10.0.0.0/8">: the words of the real provider. */
static const struct sv_node *alias_of(const struct ap_run *r, struct sv_slice name)
{
    const struct sv_node *found = NULL;
    const struct sv_scope *top = r->server->main_scope;
    for (const struct sv_node *n = NULL; (n = ap_own_next(top, "authzprovideralias", n));)
        if (n->n_args > 1 && sv_slice_eq(sv_node_arg(n, 1), name))
            found = n;
    return found;
}

struct ap_authz ap_require(struct ap_run *r, const struct sv_node *n)
{
    struct words w = {.n = n, .rest = n->body};
    struct sv_slice name = sv_apache_word(r->a, &w.rest);
    bool negated = sv_slice_is_nocase(name, "not");
    if (negated)
        name = sv_apache_word(r->a, &w.rest);
    w.from = 1 + negated;
    const struct sv_node *alias = sv_apache_provider(name) ? NULL : alias_of(r, name);
    if (alias) {
        w = (struct words){.n = alias, .from = 2, .rest = sv_node_arg(alias, 2)};
        name = sv_node_arg(alias, 0);
    }
    struct ap_authz a = by_provider(r, name, &w);
    a.node = n;
    if (negated && a.grant == AP_GRANTED)
        a.grant = AP_REFUSED;
    else if (negated && (a.grant == AP_REFUSED || a.grant == AP_NO_USER))
        a.grant = AP_NEUTRAL;
    return a;
}

bool ap_limits_method(const struct ap_run *r, const struct sv_node *section)
{
    bool named = false;
    for (uint32_t i = 0; i < section->n_args; i++)
        named |= ap_same_method(r, sv_node_arg(section, i));
    return named != sv_node_is(section, "limitexcept");
}
