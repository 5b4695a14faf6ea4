// SPDX-License-Identifier: Apache-2.0
// Which directives of a .htaccess file AllowOverride admits, and which end the request with 500.
#include <ctype.h>

#include "model/scope.h"
#include "syntax/apache_directive.h"

unsigned sv_apache_option(struct sv_slice word)
{
    static const struct {
        const char *word;
        unsigned bits;
    } options[] = {
        {"Indexes", AP_OPT_INDEXES},
        {"Includes", AP_OPT_INCLUDES | AP_OPT_INC_WITH_EXEC},
        {"IncludesNOEXEC", AP_OPT_INCLUDES},
        {"FollowSymLinks", AP_OPT_SYM_LINKS},
        {"SymLinksIfOwnerMatch", AP_OPT_SYM_OWNER},
        {"ExecCGI", AP_OPT_EXECCGI},
        {"MultiViews", AP_OPT_MULTI},
        {"RunScripts", AP_OPT_MULTI | AP_OPT_EXECCGI},
        {"All", AP_OPT_INDEXES | AP_OPT_INCLUDES | AP_OPT_INC_WITH_EXEC | AP_OPT_SYM_LINKS |
                    AP_OPT_EXECCGI},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (sv_slice_is_nocase(word, options[i].word))
            return options[i].bits;
    return 0;
}

const char *sv_apache_provider(struct sv_slice name)
{
    static const char *const providers[][2] = {
        {"all", "mod_authz_core.c"},          {"env", "mod_authz_core.c"},
        {"method", "mod_authz_core.c"},       {"expr", "mod_authz_core.c"},
        {"ip", "mod_authz_host.c"},           {"host", "mod_authz_host.c"},
        {"forward-dns", "mod_authz_host.c"},  {"local", "mod_authz_host.c"},
        {"user", "mod_authz_user.c"},         {"valid-user", "mod_authz_user.c"},
        {"group", "mod_authz_groupfile.c"},   {"file-group", "mod_authz_groupfile.c"},
        {"file-owner", "mod_authz_owner.c"},  {"dbm-group", "mod_authz_dbm.c"},
        {"dbm-file-group", "mod_authz_dbm.c"}, {"dbd-group", "mod_authz_dbd.c"},
        {"dbd-login", "mod_authz_dbd.c"},     {"dbd-logout", "mod_authz_dbd.c"},
        {"ldap-user", "mod_authnz_ldap.c"},   {"ldap-group", "mod_authnz_ldap.c"},
        {"ldap-dn", "mod_authnz_ldap.c"},     {"ldap-attribute", "mod_authnz_ldap.c"},
        {"ldap-filter", "mod_authnz_ldap.c"}, {"ldap-search", "mod_authnz_ldap.c"},
        {"ssl", "mod_ssl.c"},                 {"ssl-verify-client", "mod_ssl.c"},
    };
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (sv_slice_is_nocase(name, providers[i][0]))
            return providers[i][1];
    return NULL;
}

/* What becomes of one directive. */
enum fate { TAKEN, SKIPPED, REFUSED, NOT_KNOWN };

static bool in_list(const struct sv_node *list, struct sv_slice name)
{
    for (uint32_t i = 0; list && i < list->n_args; i++)
        if (sv_slice_eq_nocase(sv_node_arg(list, i), name))
            return true;
    return false;
}

/* set_options(): signed words stand alone, or behind a first All or None. */
static bool bad_options(const struct sv_node *n, const struct sv_override *o)
{
    bool merged = false, whole = false;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice w = sv_node_arg(n, i);
        bool sign = w.n && (w.p[0] == '+' || w.p[0] == '-');
        struct sv_slice word = sv_slice_sub(w, sign, w.n);
        bool none = sv_slice_is_nocase(word, "None"), all = sv_slice_is_nocase(word, "All");
        unsigned bits = sv_apache_option(word);
        if (sign ? !merged && i > 0 && !whole : merged)
            return true;
        merged |= sign;
        if ((none || all) && (i > 0 || sign))
            return true;
        whole |= none || all;
        if ((!bits && !none) || (bits & ~o->options))
            return true;
    }
    return false;
}

/* The argument of a directive that is an expression; -1: it has none. */
static int regex_argument(const struct sv_node *n)
{
    static const struct {
        const char *name;
        int arg;
    } known[] = {{"rewriterule", 0},  {"filesmatch", 0},         {"setenvif", 1},
                 {"setenvifnocase", 1}, {"browsermatch", 0},     {"browsermatchnocase", 0}};
    if (sv_node_is(n, "redirectmatch"))
        return n->n_args > 2;
    if (sv_node_is(n, "files"))
        return sv_slice_is(sv_node_arg(n, 0), "~") ? 1 : -1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_node_is(n, known[i].name))
            return known[i].arg;
    return -1;
}

static bool bad_regex(const struct sv_site *site, const struct sv_node *n)
{
    int arg = regex_argument(n);
    struct sv_err err;
    if (arg < 0)
        return false;
    struct sv_slice text = sv_node_arg(n, (uint32_t)arg);
    bool rule = sv_node_is(n, "rewriterule");
    if (rule && text.n && text.p[0] == '!')
        text = sv_slice_sub(text, 1, text.n);
    return (rule && n->n_args < 2) || !sv_regex_get(site->regexes, text, SV_REGEX_HTTPD, &err);
}

/* ap_index_of_response(): httpd refuses [R=NNN] with a number that it has no status line for. */
static bool has_status_line(unsigned long long n)
{
    return (n >= 100 && n <= 103) || (n >= 200 && n <= 208) || n == 226 ||
           (n >= 300 && n <= 308 && n != 306) || (n >= 400 && n <= 417) ||
           (n >= 421 && n <= 431 && n != 425 && n != 427 && n != 430) || n == 451 ||
           (n >= 500 && n <= 511 && n != 509);
}

static bool bad_status(const struct sv_node *n)
{
    struct sv_slice flags = sv_node_arg(n, 2);
    if (!sv_node_is(n, "rewriterule") || flags.n < 2)
        return false;
    flags = sv_slice_sub(flags, 1, flags.n - 1);
    while (flags.n) {
        size_t end = sv_slice_chr(flags, ',');
        struct sv_slice one = sv_slice_trim(sv_slice_sub(flags, 0, end));
        size_t eq = sv_slice_chr(one, '=');
        struct sv_slice key = sv_slice_sub(one, 0, eq);
        unsigned long long status;
        if ((sv_slice_is_nocase(key, "R") || sv_slice_is_nocase(key, "redirect")) &&
            sv_slice_u64(sv_slice_sub(one, eq + 1, one.n), &status) && !has_status_line(status))
            return true;
        flags = sv_slice_sub(flags, end + 1, flags.n);
    }
    return false;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Functions that read files are not there for expressions in .htaccess files. */
static bool reads_files(struct sv_slice text)
{
    static const char *const names[] = {"file", "filesize", "filemod"};
    for (size_t i = 0; i < text.n; i++) {
        size_t end = i;
        while (end < text.n && name_char(text.p[end]))
            end++;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (sv_slice_is(sv_slice_sub(text, i, end), names[k]) && end < text.n &&
                (text.p[end] == '(' || (text.p[end] == ':' && i > 0 && text.p[i - 1] == '{')))
                return true;
        i = end > i ? end - 1 : i;
    }
    return false;
}

static bool bad_expression(const struct sv_node *n)
{
    bool expr = sv_node_is(n, "if") || sv_node_is(n, "elseif") || sv_node_is(n, "setenvifexpr");
    uint32_t i = sv_slice_is_nocase(sv_node_arg(n, 0), "not");
    expr |= sv_node_is(n, "require") && sv_slice_is_nocase(sv_node_arg(n, i), "expr");
    expr |= sv_node_is(n, "rewritecond") && sv_slice_is_nocase(sv_node_arg(n, 0), "expr");
    return expr && reads_files(n->body);
}

static bool is_alias(const struct sv_site *site, struct sv_slice name)
{
    sv_node_each(n, site->root)
    {
        if (sv_node_is(n, "authzprovideralias") && sv_slice_eq(sv_node_arg(n, 1), name))
            return true;
    }
    return false;
}

/* A section that any one child satisfies has no use for `not`. */
static enum fate judge_require(const struct sv_site *site, const struct sv_node *n)
{
    bool negated = sv_slice_is_nocase(sv_node_arg(n, 0), "not");
    struct sv_slice name = sv_node_arg(n, negated);
    const char *module = sv_apache_provider(name);
    if (negated && (!n->parent || !sv_node_is(n->parent, "requireall")))
        return REFUSED;
    if (module)
        return sv_apache_has_module(&site->apache->tree, sv_slice_of(module)) ? TAKEN : REFUSED;
    if (is_alias(site, name))
        return TAKEN;
    return sv_apache_has_foreign_module(site->arena, &site->apache->tree) ? NOT_KNOWN : REFUSED;
}

/* <RequireAll> and its kin: not without a rule, and <RequireNone> only where all must hold. */
static bool bad_container(const struct sv_node *n)
{
    if (n->kind != SV_NODE_BLOCK || !sv_slice_starts(n->name, "require"))
        return false;
    bool none = sv_node_is(n, "requirenone");
    if (none && (!n->parent || !sv_node_is(n->parent, "requireall")))
        return true;
    sv_node_each(child, n)
    {
        if (child->kind != SV_NODE_INACTIVE && sv_slice_starts(child->name, "require"))
            return false;
    }
    return true;
}

/* Directives with a fixed number of words, as far as they stand in .htaccess files. */
static bool bad_count(const struct sv_node *n)
{
    static const struct {
        const char *name;
        uint32_t min, max; /* max 0: any number */
    } known[] = {
        {"acceptpathinfo", 1, 1},    {"addhandler", 2, 0},        {"addoutputfilter", 2, 0},
        {"addtype", 2, 0},           {"allow", 2, 0},             {"authbasicprovider", 1, 0},
        {"authgroupfile", 1, 1},     {"authmerging", 1, 1},       {"authname", 1, 1},
        {"authtype", 1, 1},          {"authuserfile", 1, 1},      {"deny", 2, 0},
        {"directoryindex", 1, 0},    {"directoryslash", 1, 1},    {"errordocument", 2, 0},
        {"fallbackresource", 1, 2},  {"forcetype", 1, 1},         {"order", 1, 1},
        {"redirect", 1, 3},          {"redirectmatch", 1, 3},     {"redirectpermanent", 2, 2},
        {"redirecttemp", 2, 2},      {"require", 1, 0},           {"rewritebase", 1, 1},
        {"rewritecond", 2, 3},       {"rewriteengine", 1, 1},     {"rewriterule", 2, 3},
        {"satisfy", 1, 1},           {"setenv", 1, 2},            {"setenvif", 3, 0},
        {"setenvifnocase", 3, 0},    {"sethandler", 1, 1},        {"unsetenv", 1, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_node_is(n, known[i].name))
            return n->n_args < known[i].min || (known[i].max && n->n_args > known[i].max);
    return false;
}

static bool bad_order(struct sv_slice s)
{
    return !sv_slice_is_nocase(s, "allow,deny") && !sv_slice_is_nocase(s, "deny,allow") &&
           !sv_slice_is_nocase(s, "mutual-failure");
}

static enum fate judge(const struct sv_site *site, const struct sv_node *n,
                       const struct sv_override *o)
{
    bool section = n->kind == SV_NODE_BLOCK || n->kind == SV_NODE_INACTIVE ||
                   (n->kind == SV_NODE_OPAQUE && sv_node_is(n, "macro"));
    const struct sv_apache_tree *tree = &site->apache->tree;
    const struct sv_apache_directive *d = sv_apache_directive_in(tree, n->name, section);
    if (!d) {
        if (!sv_apache_directive(n->name, section) &&
            (!tree->modules_known || sv_apache_has_foreign_module(site->arena, tree)))
            return NOT_KNOWN;
        return o->nonfatal_unknown ? SKIPPED : REFUSED;
    }
    bool any = d->override & SV_APACHE_ANY_OVERRIDE;
    bool admitted = any ? o->mask != 0 : (d->override & o->mask) != 0;
    admitted |= d->override && in_list(o->list, n->name);
    /* Of a condition that is passed over the closing line is left, which fits nothing. */
    bool condition = section && n->name.n > 2 && sv_slice_starts(n->name, "if");
    if (!admitted)
        return o->nonfatal_override && !condition ? SKIPPED : REFUSED;
    if (bad_expression(n) || bad_container(n) || bad_count(n))
        return REFUSED;
    if (sv_node_is(n, "options"))
        return bad_options(n, o) ? REFUSED : TAKEN;
    if (sv_node_is(n, "require"))
        return judge_require(site, n);
    if (bad_regex(site, n) || bad_status(n))
        return REFUSED;
    if (sv_node_is(n, "order"))
        return bad_order(sv_node_arg(n, 0)) ? REFUSED : TAKEN;
    return TAKEN;
}

/* A condition is read before the section around it: it is refused even in one that is passed over.
 * Depth is bounded by the parser's limit on open blocks. */
static const struct sv_node *refused_condition(const struct sv_site *site,
                                               const struct sv_node *parent,
                                               const struct sv_override *o)
{
    const struct sv_node *found = NULL;
    for (const struct sv_node *n = parent->first; n && !found; n = n->next) {
        bool condition = n->name.n > 2 && sv_slice_starts(n->name, "if") &&
                         n->kind != SV_NODE_DIRECTIVE;
        if (condition && judge(site, n, o) == REFUSED)
            found = n;
        else if (n->kind == SV_NODE_BLOCK)
            found = refused_condition(site, n, o);
    }
    return found;
}

/* Depth is bounded by the parser's limit on open blocks. */
static bool judge_all(const struct sv_site *site, const struct sv_node *parent,
                      struct sv_verdict *v, bool *ret_skips)
{
    sv_node_each(n, parent)
    {
        switch (judge(site, n, &v->override)) {
        case TAKEN:
            break;
        case SKIPPED:
            *ret_skips = true;
            v->bad = n->kind == SV_NODE_BLOCK ? refused_condition(site, n, &v->override) : NULL;
            if (v->bad)
                return false;
            continue;
        case REFUSED:
            v->bad = n;
            return false;
        case NOT_KNOWN:
            if (!v->unknown)
                v->unknown = n;
            break;
        }
        if (n->kind == SV_NODE_BLOCK && !judge_all(site, n, v, ret_skips))
            return false;
    }
    return true;
}

/* Even a line that is passed over makes the file one of its module's levels. To the core,
 * mod_rewrite and mod_access_compat that is not the same as none: a line without effect stays. */
static void leave_trace(const struct sv_site *site, struct sv_node *to, const struct sv_node *n)
{
    const struct sv_apache_directive *d = sv_apache_directive(n->name, n->kind == SV_NODE_BLOCK);
    struct sv_slice name = SV_LIT("fileetag"), word = {"", 0};
    if (d && strcmp(d->module, "mod_access_compat.c") == 0) {
        name = sv_node_is(n, "satisfy") ? SV_LIT("satisfy") : SV_LIT("order");
        word = sv_node_is(n, "satisfy") ? SV_LIT("All") : SV_LIT("Deny,Allow");
    } else if (d && strcmp(d->module, "mod_rewrite.c") == 0) {
        name = SV_LIT("rewriteoptions");
    } else if (!d || strcmp(d->module, "core.c") != 0) {
        return;
    }
    struct sv_node *mark = sv_new(site->arena, struct sv_node);
    *mark = *n;
    mark->kind = SV_NODE_DIRECTIVE;
    mark->first = mark->last = mark->next = NULL;
    mark->name = name;
    mark->body = word;
    mark->n_args = word.n > 0;
    mark->args = sv_new(site->arena, struct sv_arg);
    mark->args[0] = (struct sv_arg){.value = word, .span = n->span};
    sv_node_append(to, mark);
}

/* A copy of the level's nodes without those that are skipped. */
static struct sv_node *copy_taken(const struct sv_site *site, const struct sv_node *from,
                                  const struct sv_override *o)
{
    struct sv_node *to = sv_new(site->arena, struct sv_node);
    *to = *from;
    to->first = to->last = to->next = NULL;
    sv_node_each(n, from)
    {
        if (judge(site, n, o) != SKIPPED)
            sv_node_append(to, copy_taken(site, n, o));
        else
            leave_trace(site, to, n);
    }
    return to;
}

static bool same(const struct sv_override *a, const struct sv_override *b)
{
    return a->mask == b->mask && a->unset == b->unset && a->options == b->options &&
           a->nonfatal_override == b->nonfatal_override &&
           a->nonfatal_unknown == b->nonfatal_unknown && a->list == b->list;
}

const struct sv_verdict *sv_apache_judge(const struct sv_site *site, struct sv_htaccess *ht,
                                         const struct sv_override *override)
{
    bool skips = false;
    for (struct sv_verdict *v = ht->verdicts; v; v = v->next)
        if (same(&v->override, override))
            return v;
    struct sv_verdict *v = sv_new(site->arena, struct sv_verdict);
    *v = (struct sv_verdict){.next = ht->verdicts, .override = *override, .scope = ht->scope};
    ht->verdicts = v;
    if (judge_all(site, ht->scope->node, v, &skips) && skips) {
        struct sv_site *owner = ht->scope->site;
        struct sv_node *root = copy_taken(site, ht->scope->node, override);
        struct sv_scope *s = sv_scope_new(owner, SV_SCOPE_HTACCESS, root, NULL, NULL);
        sv_apache_sections(owner, s, false);
        v->scope = s;
    }
    return v;
}
