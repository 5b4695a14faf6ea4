// SPDX-License-Identifier: Apache-2.0
// mod_proxy: which URLs ProxyPass hands over, <Proxy> sections, and whether a module can do it.
#include <ctype.h>

#include "serve/apache_names.h"

/* The module that speaks a scheme; NULL: one outside httpd's own tree, taken for granted. */
static const char *module_for(struct sv_slice scheme)
{
    static const struct {
        const char *scheme, *module;
    } table[] = {
        {"http", "mod_proxy_http.c"},      {"https", "mod_proxy_http.c"},
        {"fcgi", "mod_proxy_fcgi.c"},      {"ajp", "mod_proxy_ajp.c"},
        {"scgi", "mod_proxy_scgi.c"},      {"uwsgi", "mod_proxy_uwsgi.c"},
        {"h2", "mod_proxy_http2.c"},       {"h2c", "mod_proxy_http2.c"},
        {"balancer", "mod_proxy_balancer.c"}, {"ftp", "mod_proxy_ftp.c"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (sv_slice_is_nocase(scheme, table[i].scheme))
            return table[i].module;
    return NULL;
}

/* With AllowEncodedSlashes NoDecode a percent sign that begins no escape is refused. */
static bool bad_escape(const struct ap_run *r, struct sv_slice url)
{
    const struct sv_node *n = sv_scope_own_last(r->vhost->scope, "allowencodedslashes");
    if (!r->proxied || r->canonical || !n || !sv_slice_is_nocase(sv_node_arg(n, 0), "nodecode"))
        return false;
    for (size_t i = 0; i < url.n && url.p[i] != '?'; i++)
        if (url.p[i] == '%' && (i + 2 >= url.n || !isxdigit((unsigned char)url.p[i + 1]) ||
                                !isxdigit((unsigned char)url.p[i + 2])))
            return true;
    return false;
}

/* A target without a closing slash runs into the rest of the URI: 0, or a bad port's status. */
static int bad_port(struct sv_slice url)
{
    size_t from = sv_slice_find(url, "://");
    struct sv_slice host = sv_slice_sub(url, from < url.n ? from + 3 : url.n, url.n);
    host = sv_slice_sub(host, 0, sv_slice_chr(host, '/'));
    if (sv_slice_chr(host, '?') < host.n || sv_slice_chr(host, '#') < host.n)
        return 400;
    size_t user = sv_slice_chr(host, '@'); /* user:password@host:port */
    if (user < host.n)
        host = sv_slice_sub(host, user + 1, host.n);
    size_t colon = host.n;
    while (colon > 0 && host.p[colon - 1] != ':' && host.p[colon - 1] != ']')
        colon--;
    if (colon > 1 && host.p[0] != '[' && sv_slice_chr(host, ':') + 1 < colon)
        return 500;
    if (colon == 0 || host.p[colon - 1] == ']' || colon == host.n)
        return 0;
    unsigned long long port;
    if (!sv_slice_u64(sv_slice_sub(host, colon, host.n), &port))
        return 500;
    return port > 65535 ? 400 : 0;
}

enum ap_step ap_hand_over(struct ap_run *r, struct sv_slice url)
{
    struct sv_slice u = url;
    size_t bar = sv_slice_chr(u, '|');
    if (u.n > 5 && sv_slice_is_nocase(sv_slice_sub(u, 0, 5), "unix:") && bar < u.n)
        u = sv_slice_sub(u, bar + 1, u.n);
    const char *module = module_for(sv_slice_sub(u, 0, sv_slice_chr(u, ':')));
    if (module && !ap_module(r, module))
        return ap_status(r, 500);
    if (r->unread) /* it has no headers to go with */
        return ap_status(r, 400);
    int status = r->proxied ? bad_port(u) : 0;
    if (status || bad_escape(r, url))
        return ap_status(r, status ? status : 400);
    /* A program behind FastCGI and its like makes the answer: no other server's. */
    static const char *const programs[] = {"fcgi:", "scgi:", "uwsgi:"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (sv_slice_is_nocase(sv_slice_sub(u, 0, strlen(programs[i])), programs[i]))
            return ap_send(r, SV_OUT_HANDLER, 0);
    return ap_proxied(r, url);
}

/* ProxyPass and ProxyPassMatch as they stand in a server: path and target. */
struct pass {
    const struct sv_node *node;
    struct sv_slice fake, real;
    bool regex, nocanon, encoded;
};

static bool pass_of(const struct sv_node *n, struct pass *ret)
{
    struct pass p = {.node = n, .regex = sv_node_is(n, "proxypassmatch")};
    uint32_t i = 0;
    if (!p.regex && sv_slice_is(sv_node_arg(n, 0), "~")) {
        p.regex = true;
        i = 1;
    }
    p.fake = sv_node_arg(n, i);
    p.real = sv_node_arg(n, i + 1);
    for (uint32_t k = i + 2; k < n->n_args; k++) {
        struct sv_slice w = sv_node_arg(n, k);
        p.nocanon |= sv_slice_is_nocase(w, "nocanon");
        p.encoded |= sv_slice_is_nocase(w, "mapping=encoded") ||
                     sv_slice_is_nocase(w, "mapping=servlet");
    }
    *ret = p;
    return p.fake.n && p.real.n;
}

static enum ap_step take(struct ap_run *r, const struct pass *p, struct sv_slice target)
{
    ap_why(r, p->node);
    if (sv_slice_chr(target, '|') == target.n && sv_slice_find(target, "://") == target.n &&
        !sv_slice_starts(target, "unix:"))
        return ap_status(r, 500);
    r->proxied = sv_arena_copy(r->a, target).p;
    r->filename = sv_slice_of(sv_arena_printf(r->a, "proxy:%s", r->proxied));
    r->handler = SV_LIT("proxy-server");
    r->handler_node = p->node;
    r->canonical = p->nocanon || p->encoded;
    return AP_OK;
}

/* What one directive says; *ret_excluded: "!" ends the search. */
static enum ap_step try_pass(struct ap_run *r, const struct pass *p, bool *ret_excluded)
{
    struct sv_match m;
    size_t l = 0;
    if (p->regex) {
        struct sv_regex *re = sv_regex_get(r->site->regexes, p->fake, 0, NULL);
        enum sv_match_result res = re ? sv_regex_match(re, r->uri, 0, &m) : SV_MATCH_NO;
        if (res == SV_MATCH_LIMIT)
            return ap_unknown(r, "a pattern that takes too long to match");
        if (res != SV_MATCH_YES)
            return AP_DECLINED;
    } else if ((l = ap_alias_match(r->uri, p->fake)) == 0) {
        return AP_DECLINED;
    }
    if (sv_slice_is(p->real, "!")) {
        ap_why(r, p->node);
        *ret_excluded = true;
        return AP_DECLINED;
    }
    struct pass own = *p;
    struct sv_slice uri = r->uri;
    /* nocanon: the rest as it came, with its query, if the prefix stands there in plain text. */
    if (p->nocanon && !p->regex) {
        own.nocanon = ap_alias_match(r->unparsed, p->fake) == l;
        uri = own.nocanon ? r->unparsed : r->uri;
    }
    struct sv_slice to = p->regex ? ap_pregsub(r->a, p->real, &m) : p->real;
    struct sv_slice rest = sv_slice_sub(uri, p->regex ? 0 : l, uri.n);
    if (!p->regex || sv_slice_eq(to, p->real))
        to = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)to.n, to.p, (int)rest.n, rest.p));
    return take(r, &own, to);
}

/* `early`: the lines with mapping=, which see the URI while it is still encoded; else the rest. */
static enum ap_step passes_of(struct ap_run *r, const struct sv_scope *s, bool early,
                              bool *ret_excluded)
{
    struct pass p;
    if (!sv_scope_own(s, "proxypass") && !sv_scope_own(s, "proxypassmatch"))
        return AP_DECLINED;
    for (const struct sv_node *n = s->node->first; n; n = n->next) {
        if ((!sv_node_is(n, "proxypass") && !sv_node_is(n, "proxypassmatch")) || !pass_of(n, &p) ||
            p.encoded != early)
            continue;
        enum ap_step step = try_pass(r, &p, ret_excluded);
        if (step != AP_DECLINED || *ret_excluded)
            return step;
    }
    return AP_DECLINED;
}

/* ProxyPass of the last <Location> that has one: the section's own text is the path. */
static enum ap_step location_pass(struct ap_run *r, bool *ret_excluded)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_scope *s = r->levels.v[i].scope;
        const struct sv_node *found = NULL;
        static const char *const names[] = {"proxypass", "proxypassmatch"};
        if (s->kind != SV_SCOPE_LOCATION)
            continue;
        for (size_t k = 0; k < 2; k++)
            for (const struct sv_node *n = NULL; (n = ap_own_next(s, names[k], n));)
                found = n;
        if (!found)
            continue;
        struct pass p = {.node = found, .fake = s->name, .real = sv_node_arg(found, 0)};
        /* Of an expression without wildcards the text itself is the path. */
        p.regex = sv_node_is(found, "proxypassmatch") || sv_apache_has_wildcard(s->name);
        return try_pass(r, &p, ret_excluded);
    }
    return AP_DECLINED;
}

/* ProxyRequests On and a whole URL for another server: an open proxy does its work. */
static bool forward(struct ap_run *r)
{
    const struct sv_node *n = ap_server_get(r, "proxyrequests");
    if (!r->absolute || !n || !sv_slice_is_nocase(sv_node_arg(n, 0), "on"))
        return false;
    sv_vec_each(name, &r->vhost->names)
    {
        if (sv_glob_match(name->text, r->host))
            return false;
    }
    ap_why(r, n);
    r->handler_node = n;
    return true;
}

enum ap_step ap_proxy_translate(struct ap_run *r)
{
    const struct sv_scope *own = r->vhost->scope, *top = r->server->main_scope;
    bool excluded = false;
    struct sv_value no_proxy;
    if (r->proxied)
        return AP_OK;
    if (forward(r)) {
        r->proxied = r->unparsed.p;
        r->handler = SV_LIT("proxy-server");
        return AP_OK;
    }
    if (r->uri.n == 0 || r->uri.p[0] != '/' || ap_env_get(r, SV_LIT("no-proxy"), &no_proxy))
        return AP_DECLINED;
    enum ap_step s = location_pass(r, &excluded);
    /* The main server's lines stand before those of the virtual host. */
    if (s == AP_DECLINED && !excluded && own != top)
        s = passes_of(r, top, false, &excluded);
    if (s == AP_DECLINED && !excluded)
        s = passes_of(r, own, false, &excluded);
    return s;
}

enum ap_step ap_proxy_early(struct ap_run *r)
{
    const struct sv_scope *own = r->vhost->scope, *top = r->server->main_scope;
    bool excluded = false;
    if (r->proxied || !ap_module(r, "mod_proxy.c") || r->uri.n == 0 || r->uri.p[0] != '/')
        return AP_DECLINED;
    enum ap_step s = own != top ? passes_of(r, top, true, &excluded) : AP_DECLINED;
    if (s == AP_DECLINED && !excluded)
        s = passes_of(r, own, true, &excluded);
    return s;
}

static bool section_holds(const struct ap_run *r, const struct sv_scope *s)
{
    struct sv_slice url = sv_slice_of(r->proxied);
    if (s->match == SV_MATCH_REGEX || s->match == SV_MATCH_REGEX_NOCASE)
        return s->regex && sv_regex_match(s->regex, url, 0, NULL) == SV_MATCH_YES;
    if (sv_slice_is(s->name, "*"))
        return true;
    if (s->match == SV_MATCH_GLOB)
        return sv_glob_match(s->name, url);
    return url.n >= s->name.n && memcmp(url.p, s->name.p, s->name.n) == 0;
}

void ap_proxy_levels(struct ap_run *r)
{
    typeof(r->levels) old = r->levels;
    size_t i = 0;
    r->levels.v = NULL;
    r->levels.n = r->levels.cap = 0;
    for (; i < old.n && old.v[i].scope->kind == SV_SCOPE_SERVER; i++)
        sv_vec_push(r->a, &r->levels, old.v[i]);
    const struct sv_vhost *main_vhost = r->site->vhosts.v[0];
    for (int pass = 0; pass < 2; pass++) {
        const struct sv_vhost *v = pass == 0 ? main_vhost : r->vhost;
        if (pass == 1 && v == main_vhost)
            break;
        sv_vec_each(s, &r->site->scopes)
        {
            if ((*s)->kind == SV_SCOPE_PROXY && (*s)->vhost == v && section_holds(r, *s))
                ap_push_level(r, *s, NULL, false);
        }
    }
    for (; i < old.n; i++)
        sv_vec_push(r->a, &r->levels, old.v[i]);
}
