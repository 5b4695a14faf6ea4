// SPDX-License-Identifier: Apache-2.0
// Access control in httpd's order: access checkers, authorization without a user, then a password.
#include "serve/apache_authz.h"

/* ---- sections of Require (mod_authz_core) ---- */

enum op { OP_OR, OP_AND };

struct section {
    enum op op;
    bool any;     /* there is a section at all */
    bool limited; /* none of it is for this method */
    struct ap_authz authz;
};

/* One more child's answer in the section: known answers that decide outweigh unknown ones. */
static void join(struct ap_authz *all, enum op op, struct ap_authz one)
{
    enum ap_grant winner = op == OP_AND ? AP_REFUSED : AP_GRANTED;
    if (one.grant == AP_NEUTRAL || all->grant == winner || all->grant == AP_BROKEN)
        return;
    bool first = all->grant == AP_NEUTRAL;
    bool open = one.grant == AP_NO_USER && all->grant == (op == OP_AND ? AP_GRANTED : AP_REFUSED);
    if (first || one.grant == winner || one.grant >= AP_BROKEN || open)
        *all = one;
}

static bool is_limit(const struct sv_node *n)
{
    return sv_node_is(n, "limit") || sv_node_is(n, "limitexcept");
}

static struct ap_authz container(struct ap_run *r, const struct sv_node *n, bool *ret_applies);

static void children(struct ap_run *r, const struct sv_node *parent, enum op op,
                     struct ap_authz *all, bool *ret_any, bool *ret_applies);

/* One child of a level or container into *all. The parser bounds the depth. */
static void child(struct ap_run *r, const struct sv_node *n, enum op op, struct ap_authz *all,
                  bool *ret_any, bool *ret_applies)
{
    bool applies = false;
    if (n->kind == SV_NODE_BLOCK && is_limit(n)) {
        struct ap_authz ignored = {.grant = AP_NEUTRAL};
        bool covers = ap_limits_method(r, n);
        children(r, n, op, covers ? all : &ignored, ret_any, &applies);
        *ret_applies |= covers && applies;
    } else if (sv_node_is(n, "require")) {
        *ret_any = *ret_applies = true;
        join(all, op, ap_require(r, n));
    } else if (n->kind == SV_NODE_BLOCK && sv_slice_starts(n->name, "require")) {
        struct ap_authz one = container(r, n, &applies);
        *ret_any = true;
        *ret_applies |= applies;
        if (applies)
            join(all, op, one);
    }
}

static void children(struct ap_run *r, const struct sv_node *parent, enum op op,
                     struct ap_authz *all, bool *ret_any, bool *ret_applies)
{
    sv_node_each(n, parent)
    {
        child(r, n, op, all, ret_any, ret_applies);
    }
}

static struct ap_authz container(struct ap_run *r, const struct sv_node *n, bool *ret_applies)
{
    struct ap_authz all = {.grant = AP_NEUTRAL};
    bool any = false;
    children(r, n, sv_node_is(n, "requireall") ? OP_AND : OP_OR, &all, &any, ret_applies);
    if (!sv_node_is(n, "requirenone"))
        return all;
    if (all.grant == AP_GRANTED)
        all.grant = AP_REFUSED;
    else if (all.grant == AP_REFUSED || all.grant == AP_NO_USER)
        all.grant = AP_NEUTRAL;
    return all;
}

/* What one level or several merged ones set: their section and how it joins those before. */
struct part {
    bool set; /* anything of mod_authz_core at all */
    struct sv_slice how;
    struct section section;
};

/* <Limit> around it changes nothing. */
static const struct sv_node *merging(const struct sv_node *n)
{
    const struct sv_node *how = sv_node_is(n, "authmerging") ? n : NULL;
    if (n->kind != SV_NODE_BLOCK || !is_limit(n))
        return how;
    sv_node_each(inner, n)
    {
        const struct sv_node *later = merging(inner);
        how = later ? later : how;
    }
    return how;
}

static struct part part_of(struct ap_run *r, const struct sv_scope *scope)
{
    const struct sv_node *how = NULL;
    struct part p = {.section.limited = true};
    bool applies = false;
    for (const struct sv_node **n = scope->of_authz; n && *n; n++) {
        const struct sv_node *later = merging(*n);
        how = later ? later : how;
        child(r, *n, OP_OR, &p.section.authz, &p.section.any, &applies);
    }
    p.section.limited = !applies;
    p.set = how || p.section.any;
    if (how)
        p.how = sv_node_arg(how, 0);
    return p;
}

/* merge_authz_core_dir_config() */
static struct part merge(struct part base, struct part new)
{
    bool joins = sv_slice_is_nocase(new.how, "and") || sv_slice_is_nocase(new.how, "or");
    const struct section *a = &base.section, *b = &new.section;
    if (!base.set || !new.set)
        return base.set ? base : new;
    if (!joins || (!a->any && !b->any))
        return new;
    struct section s = {.any = true, .op = sv_slice_is_nocase(new.how, "and") ? OP_AND : OP_OR};
    if (a->any && b->any) {
        s.limited = a->limited && b->limited;
        if (!a->limited)
            join(&s.authz, s.op, a->authz);
        if (!b->limited)
            join(&s.authz, s.op, b->authz);
    } else {
        s = a->any ? *a : *b;
    }
    return (struct part){.set = true, .how = new.how, .section = s};
}

/* Each walk merges its sections with one another before they join those of the walks before. */
static int walk_of(const struct sv_scope *s)
{
    switch (s->kind) {
    case SV_SCOPE_HTTP:
    case SV_SCOPE_SERVER: return 0;
    case SV_SCOPE_DIRECTORY:
    case SV_SCOPE_HTACCESS: return 1;
    case SV_SCOPE_PROXY: return 2;
    case SV_SCOPE_FILES: return 3;
    case SV_SCOPE_LOCATION: return 4;
    case SV_SCOPE_IF:
    case SV_SCOPE_LIMIT_EXCEPT:
    case SV_SCOPE_LIMIT: break;
    }
    return 5;
}

static struct section merged(struct ap_run *r)
{
    struct part all = {.section.limited = true}, walk = all;
    for (size_t i = 0; i < r->levels.n; i++) {
        const struct sv_scope *s = r->levels.v[i].scope;
        if (i > 0 && walk_of(s) != walk_of(r->levels.v[i - 1].scope)) {
            all = merge(all, walk);
            walk = (struct part){.section.limited = true};
        }
        walk = merge(walk, part_of(r, s));
    }
    return merge(all, walk).section;
}

/* ---- the hooks ---- */

/* check_user_id: no module knows a user without a password, and some ask for one. */
static enum ap_step ask_password(struct ap_run *r, const struct sv_node *require)
{
    static const char *const own[][2] = {{"basic", "mod_auth_basic.c"},
                                         {"digest", "mod_auth_digest.c"},
                                         {"form", "mod_auth_form.c"}};
    const struct sv_node *type = ap_get(r, "authtype", NULL);
    struct sv_slice word = type ? sv_node_arg(type, 0) : SV_LIT("none");
    ap_why(r, require);
    ap_why(r, type);
    if (sv_slice_is_nocase(word, "none"))
        return ap_status(r, 500);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!sv_slice_is_nocase(word, own[i][0]))
            continue;
        bool works = ap_module(r, own[i][1]) && ap_get(r, "authname", NULL);
        return ap_status(r, works ? 401 : 500);
    }
    return ap_status(r, 401); /* a foreign module's own way to ask */
}

/* access_checker: mod_allowmethods and mod_ssl beside mod_access_compat. 0, or the status. */
static int other_checkers(struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "allowmethods", NULL);
    if (n && ap_module(r, "mod_allowmethods.c")) {
        bool named = sv_slice_is_nocase(sv_node_arg(n, 0), "reset");
        for (uint32_t i = 0; i < n->n_args && !named; i++)
            named = ap_same_method(r, sv_node_arg(n, i));
        if (!named) {
            ap_why(r, n);
            return 405;
        }
    }
    n = ap_get(r, "sslrequiressl", NULL);
    if (n && !r->req->https && ap_module(r, "mod_ssl.c")) {
        ap_why(r, n);
        return 403;
    }
    return 0;
}

/* access_checker_ex and what follows it: mod_authz_core. */
static enum ap_step authorize(struct ap_run *r)
{
    struct section s = merged(r);
    const struct sv_node *type = ap_get(r, "authtype", NULL);
    if (!s.any && type && !sv_slice_is_nocase(sv_node_arg(type, 0), "none")) {
        ap_why(r, type); /* a password for nothing: an error of the configuration */
        return ap_status(r, 500);
    }
    if (!s.any || s.limited)
        return AP_OK;
    switch (s.authz.grant) {
    case AP_GRANTED:
        ap_why(r, s.authz.node);
        return AP_OK;
    case AP_NO_USER:
        return ask_password(r, s.authz.node);
    case AP_BROKEN:
        ap_why(r, s.authz.node);
        return ap_status(r, 500);
    case AP_UNDECIDED:
        ap_why(r, s.authz.node);
        return ap_unknown(r, s.authz.why);
    case AP_NEUTRAL:
    case AP_REFUSED:
        break;
    }
    ap_why(r, s.authz.node);
    return ap_status(r, 403);
}

/* <If> around another <If>, or a <Proxy> section, is merged anew each time. */
static bool merged_anew(const struct sv_scope *s)
{
    bool nested = false;
    sv_vec_each(it, &s->ifs)
        nested |= s->kind == SV_SCOPE_IF && (*it)->kind == SV_SCOPE_IF;
    return nested || s->kind == SV_SCOPE_PROXY;
}

/* An internal redirect or sub-request whose configuration is that of the request before it is not
 * asked again, though that one may have been refused: an ErrorDocument is served from a folder that
 * is denied. (A lookup of a name has its walks in another order, and Location sections anew.) */
static bool asked_before(const struct ap_run *r)
{
    const struct ap_run *before = r->in_subrequest ? r->parent : r->prev;
    if (!before || before->server != r->server || before->levels.n != r->levels.n)
        return false;
    for (size_t i = 0; i < r->levels.n; i++) {
        const struct sv_scope *s = r->levels.v[i].scope;
        if (s != before->levels.v[i].scope || merged_anew(s) ||
            (r->file_lookup && (s->kind == SV_SCOPE_LOCATION || s->kind == SV_SCOPE_IF)))
            return false;
    }
    return true;
}

enum ap_step ap_access(struct ap_run *r)
{
    if (asked_before(r))
        return AP_OK;
    const struct sv_node *satisfy = NULL;
    bool any = ap_satisfies(r, &satisfy) == AP_SATISFY_ANY;
    struct ap_authz old = ap_compat(r);
    int status = other_checkers(r);
    if (any && status == 0 && (old.grant == AP_GRANTED || old.grant == AP_NEUTRAL)) {
        ap_why(r, satisfy);
        return AP_OK;
    }
    if (any)
        return authorize(r);
    if (status)
        return ap_status(r, status);
    ap_why(r, old.node);
    if (old.grant == AP_UNDECIDED)
        return ap_unknown(r, old.why);
    if (old.grant == AP_REFUSED)
        return ap_status(r, 403);
    return authorize(r);
}
