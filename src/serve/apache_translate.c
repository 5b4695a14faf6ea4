// SPDX-License-Identifier: Apache-2.0
// From URI to file name: mod_rewrite, mod_proxy, mod_alias, then who else claims it, in hook order.
#include "serve/apache_names.h"
#include "serve/memo.h"

/* alias_matches(): how much of the URI the name takes, slashes counted once; 0: nothing. */
size_t ap_alias_match(struct sv_slice uri, struct sv_slice fake)
{
    size_t u = 0, f = 0;
    if (fake.n == 0)
        return 0;
    while (f < fake.n) {
        if (fake.p[f] == '/') {
            if (u >= uri.n || uri.p[u] != '/')
                return 0;
            while (f < fake.n && fake.p[f] == '/')
                f++;
            while (u < uri.n && uri.p[u] == '/')
                u++;
        } else if (u >= uri.n || uri.p[u++] != fake.p[f++]) {
            return 0;
        }
    }
    return fake.p[fake.n - 1] != '/' && u < uri.n && uri.p[u] != '/' ? 0 : u;
}

/* ap_pregsub(): $0 to $9 and &, a backslash before $ or & takes their meaning. */
struct sv_slice ap_pregsub(struct sv_arena *a, struct sv_slice text, const struct sv_match *m)
{
    size_t size = text.n + 1;
    for (size_t i = 0; i < text.n; i++)
        for (unsigned k = 0; k < m->n && (text.p[i] == '$' || text.p[i] == '&'); k++)
            size += m->group[k].n;
    char *out = sv_arena_alloc(a, size > SV_MAX_SUBST_BYTES ? SV_MAX_SUBST_BYTES : size);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : '\0';
        struct sv_slice piece = {&text.p[i], 1};
        if (c == '\\' && (next == '$' || next == '&')) {
            piece.p = &text.p[++i];
        } else if (c == '&' || (c == '$' && next >= '0' && next <= '9')) {
            unsigned k = c == '&' ? 0 : (unsigned)(next - '0');
            i += c == '$';
            piece = k < m->n && m->group[k].p ? m->group[k] : (struct sv_slice){"", 0};
        }
        if (n + piece.n >= SV_MAX_SUBST_BYTES)
            break;
        memcpy(out + n, piece.p, piece.n);
        n += piece.n;
    }
    return (struct sv_slice){out, n};
}

/* ---- Redirect ---- */

/* The words of a Redirect line: status, then what is left. */
struct redirect {
    int status;
    uint32_t first; /* index of the first word behind the status */
    bool regex;
};

static struct redirect redirect_of(const struct sv_node *n)
{
    struct redirect d = {.status = 302, .regex = sv_node_is(n, "redirectmatch")};
    struct sv_slice w = sv_node_arg(n, 0);
    unsigned long long code;
    if (sv_node_is(n, "redirectpermanent"))
        d.status = 301;
    if (sv_node_is(n, "redirectpermanent") || sv_node_is(n, "redirecttemp"))
        return d;
    static const struct {
        const char *name;
        int status;
    } names[] = {{"permanent", 301}, {"temp", 302}, {"seeother", 303}, {"gone", 410}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(w, names[i].name))
            return (struct redirect){names[i].status, 1, d.regex};
    if (w.n && w.p[0] >= '0' && w.p[0] <= '9' && sv_slice_u64(w, &code) && code < 1000)
        return (struct redirect){(int)code, 1, d.regex};
    return d;
}

static bool is_redirect_directive(const struct sv_node *n)
{
    return sv_node_is(n, "redirect") || sv_node_is(n, "redirectmatch") ||
           sv_node_is(n, "redirectpermanent") || sv_node_is(n, "redirecttemp");
}

/* The target's path is encoded, its query and fragment are left alone. */
static struct sv_slice escape_target(struct sv_arena *a, struct sv_slice s)
{
    size_t scheme = sv_slice_find(s, "://"), start = 0;
    if (scheme < s.n && sv_slice_chr(s, '/') > scheme) {
        start = scheme + 3;
        while (start < s.n && !strchr("/?#", s.p[start]))
            start++;
    }
    size_t end = start;
    while (end < s.n && s.p[end] != '?' && s.p[end] != '#')
        end++;
    struct sv_slice path = ap_escape_path(a, sv_slice_sub(s, start, end));
    return sv_slice_of(sv_arena_printf(a, "%.*s%.*s%.*s", (int)start, s.p, (int)path.n, path.p,
                                       (int)(s.n - end), s.p + end));
}

static enum ap_step send_redirect(struct ap_run *r, const struct sv_node *n, int status,
                                  struct sv_slice to)
{
    ap_why(r, n);
    if (status < 300 || status > 399)
        return ap_status(r, status);
    if (to.n && to.p[0] == '/' && !ap_flag(r, "redirectrelative", false))
        to = sv_slice_of(ap_construct_url(r, to));
    if (to.n == 0 || (to.p[0] != '/' && !ap_is_url(to)))
        return ap_status(r, 500);
    if (sv_slice_chr(to, '?') == to.n)
        to = sv_slice_of(sv_arena_printf(r->a, "%.*s%s%.*s", (int)to.n, to.p, ap_query_mark(r),
                                         (int)r->args.n, r->args.p));
    return ap_redirect_to(r, status, to);
}

/* One directive with a URL path; AP_DECLINED: it does not fit. */
static enum ap_step try_redirect(struct ap_run *r, const struct sv_node *n)
{
    struct redirect d = redirect_of(n);
    struct sv_slice fake = sv_node_arg(n, d.first), to = sv_node_arg(n, d.first + 1);
    if (d.regex) {
        struct sv_match m;
        struct sv_regex *re = sv_regex_get(r->site->regexes, fake, 0, NULL);
        enum sv_match_result res = re ? sv_regex_match(re, r->uri, 0, &m) : SV_MATCH_NO;
        if (res == SV_MATCH_LIMIT)
            return ap_unknown(r, "a pattern that takes too long to match");
        if (res != SV_MATCH_YES)
            return AP_DECLINED;
        r->caps = m;
        return send_redirect(r, n, d.status, escape_target(r->a, ap_pregsub(r->a, to, &m)));
    }
    size_t l = ap_alias_match(r->uri, fake);
    if (l == 0)
        return AP_DECLINED;
    struct sv_slice rest = ap_escape_path(r->a, sv_slice_sub(r->uri, l, r->uri.n));
    return send_redirect(r, n, d.status,
                         sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)to.n, to.p,
                                                     (int)rest.n, rest.p)));
}

static enum ap_step redirects_of(struct ap_run *r, const struct sv_scope *s)
{
    for (const struct sv_node *n = s->node->first; n; n = n->next) {
        /* One word alone is the form for <Location>, see below. */
        if (!is_redirect_directive(n) || n->n_args < redirect_of(n).first + 1)
            continue;
        if (n->n_args == redirect_of(n).first + 1 && redirect_of(n).status / 100 == 3)
            continue;
        enum ap_step step = try_redirect(r, n);
        if (step != AP_DECLINED)
            return step;
    }
    return AP_DECLINED;
}

static bool has_redirect(const struct sv_scope *s)
{
    return sv_scope_own(s, "redirect") || sv_scope_own(s, "redirectmatch") ||
           sv_scope_own(s, "redirectpermanent") || sv_scope_own(s, "redirecttemp");
}

/* "Redirect [status] expression" without a path: httpd takes it in every section. */
static const struct sv_node *whole_redirect(const struct sv_scope *s)
{
    const struct sv_node *found = NULL;
    static const char *const names[] = {"redirect", "redirectpermanent", "redirecttemp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (const struct sv_node *n = NULL; (n = ap_own_next(s, names[i], n));) {
            struct redirect d = redirect_of(n);
            uint32_t words = n->n_args - (n->n_args < d.first ? n->n_args : d.first);
            if (words == (d.status / 100 == 3 ? 1u : 0u))
                found = n;
        }
    return found;
}

static enum ap_step location_redirect(struct ap_run *r)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_scope *s = r->levels.v[i].scope;
        if (s->kind == SV_SCOPE_SERVER || !s->node || !has_redirect(s))
            continue;
        const struct sv_node *n = whole_redirect(s);
        if (!n)
            continue;
        struct redirect d = redirect_of(n);
        if (d.status / 100 != 3)
            return send_redirect(r, n, d.status, (struct sv_slice){"", 0});
        struct sv_value v = ap_expr_string(r, sv_node_arg(n, d.first));
        return v.why ? ap_unknown(r, v.why)
                     : send_redirect(r, n, d.status, escape_target(r->a, v.s));
    }
    return AP_DECLINED;
}

enum ap_step ap_alias_fixup(struct ap_run *r)
{
    enum ap_step s = location_redirect(r);
    for (size_t i = r->levels.n; s == AP_DECLINED && i-- > 0;) {
        const struct sv_scope *scope = r->levels.v[i].scope;
        if (scope->kind != SV_SCOPE_SERVER && scope->node && has_redirect(scope))
            s = redirects_of(r, scope);
    }
    return s;
}

/* ---- Alias ---- */

static enum ap_step claim(struct ap_run *r, const struct sv_node *n, struct sv_slice to,
                          bool script)
{
    r->filename = sv_slice_of(ap_path_merge(r->a, r->site->apache->tree.server_root, to));
    r->mapped_by = n;
    if (script) {
        r->handler = SV_LIT("cgi-script");
        r->handler_node = n;
        r->scripted = true;
    }
    return AP_OK;
}

static enum ap_step try_alias(struct ap_run *r, const struct sv_node *n)
{
    bool script = sv_slice_starts(n->name, "script"), regex = sv_slice_ends(n->name, "match");
    struct sv_slice fake = sv_node_arg(n, 0), real = sv_node_arg(n, 1);
    if (regex) {
        struct sv_match m;
        struct sv_regex *re = sv_regex_get(r->site->regexes, fake, 0, NULL);
        enum sv_match_result res = re ? sv_regex_match(re, r->uri, 0, &m) : SV_MATCH_NO;
        if (res == SV_MATCH_LIMIT)
            return ap_unknown(r, "a pattern that takes too long to match");
        if (res != SV_MATCH_YES)
            return AP_DECLINED;
        r->caps = m;
        return claim(r, n, ap_pregsub(r->a, real, &m), script);
    }
    size_t l = ap_alias_match(r->uri, fake);
    if (l == 0)
        return AP_DECLINED;
    r->context_prefix = fake;
    r->context_root = real;
    return claim(r, n,
                 sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)real.n, real.p,
                                             (int)(r->uri.n - l), r->uri.p + l)),
                 script);
}

/* The first line that fits. */
static enum ap_step aliases_of(struct ap_run *r, const struct sv_scope *s)
{
    if (!sv_scope_own(s, "alias") && !sv_scope_own(s, "aliasmatch") &&
        !sv_scope_own(s, "scriptalias") && !sv_scope_own(s, "scriptaliasmatch"))
        return AP_DECLINED;
    const struct sv_alias_lines *x = ap_alias_lines(r->site, s);
    uint32_t plain = ap_alias_plain(r->a, x, r->uri);
    sv_vec_each(at, &x->regexes)
    {
        if (plain && *at > plain)
            break;
        enum ap_step step = try_alias(r, x->list.v[*at - 1]);
        if (step != AP_DECLINED)
            return step;
    }
    return plain ? try_alias(r, x->list.v[plain - 1]) : AP_DECLINED;
}

/* Alias or ScriptAlias with a target alone in <Location>: an expression that is the whole path. */
static enum ap_step location_alias(struct ap_run *r)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_scope *s = r->levels.v[i].scope;
        if (s->kind != SV_SCOPE_LOCATION)
            continue;
        const struct sv_node *found = NULL;
        static const char *const names[] = {"alias", "scriptalias"};
        for (size_t k = 0; k < 2; k++)
            for (const struct sv_node *n = NULL; (n = ap_own_next(s, names[k], n));)
                if (n->n_args == 1)
                    found = n;
        if (!found)
            continue;
        struct sv_value v = ap_expr_string(r, sv_node_arg(found, 0));
        if (v.why)
            return ap_unknown(r, v.why);
        struct sv_slice to = v.s;
        size_t l = s->match == SV_MATCH_PREFIX ? ap_alias_match(r->uri, s->name) : 0;
        if (l && ap_flag(r, "aliaspreservepath", false))
            to = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)to.n, to.p,
                                             (int)(r->uri.n - l), r->uri.p + l));
        return claim(r, found, to, sv_node_is(found, "scriptalias"));
    }
    return AP_DECLINED;
}

static enum ap_step alias_hook(struct ap_run *r)
{
    const struct sv_scope *own = r->vhost->scope, *top = r->server->main_scope;
    enum ap_step s = location_redirect(r);
    if (s == AP_DECLINED && has_redirect(own))
        s = redirects_of(r, own);
    if (s == AP_DECLINED && own != top && has_redirect(top))
        s = redirects_of(r, top);
    if (s == AP_DECLINED)
        s = location_alias(r);
    if (s == AP_DECLINED)
        s = aliases_of(r, own);
    if (s == AP_DECLINED && own != top)
        s = aliases_of(r, top);
    return s;
}

/* ---- DocumentRoot ---- */

static enum ap_step document_root(struct ap_run *r)
{
    const struct sv_node *n = r->server->document_root, *path = ap_server_get(r, "serverpath");
    struct sv_slice uri = r->uri;
    if (r->proxied)
        return ap_status(r, 403);
    if (uri.n == 0 || uri.p[0] != '/')
        return ap_status(r, 400);
    struct sv_slice sp = path ? sv_node_arg(path, 0) : (struct sv_slice){"", 0};
    size_t l = sp.n ? ap_alias_match(uri, sp) : 0;
    uri = sv_slice_sub(uri, l, uri.n);
    while (uri.n && uri.p[0] == '/')
        uri = sv_slice_sub(uri, 1, uri.n);
    const char *root = ap_document_root(r);
    r->filename = sv_slice_of(ap_path_merge(r->a, root, uri));
    r->mapped_by = n;
    return sv_path_below(r->filename.p, root) ? AP_OK : ap_status(r, 403);
}

enum ap_step ap_translate(struct ap_run *r)
{
    enum ap_step s = ap_module(r, "mod_rewrite.c") ? ap_rewrite_server(r) : AP_DECLINED;
    if (s == AP_DECLINED && ap_module(r, "mod_proxy.c"))
        s = ap_proxy_translate(r);
    if (s == AP_DECLINED && ap_module(r, "mod_alias.c"))
        s = alias_hook(r);
    if (s == AP_DECLINED)
        s = ap_foreign_translate(r);
    if (s == AP_DECLINED && ap_module(r, "mod_userdir.c"))
        s = ap_userdir(r);
    if (s == AP_DECLINED && ap_module(r, "mod_vhost_alias.c"))
        s = ap_vhost_alias(r);
    if (s == AP_DECLINED)
        s = document_root(r);
    return s;
}
