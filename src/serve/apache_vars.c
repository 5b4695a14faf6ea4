// SPDX-License-Identifier: Apache-2.0
// Server, request and header variables of httpd, as far as the request and the files decide them.
#include <time.h>

#include "serve/apache_names.h"
#include "serve/apache_rewrite.h"
#include "serve/client.h"

static struct sv_value unknown_value(const char *why)
{
    return (struct sv_value){.s = {"", 0}, .why = why};
}

/* ---- what the server calls itself ---- */

/* True for "UseCanonicalName on" and its like. */
static bool is_on(const struct ap_run *r, const char *name)
{
    const struct sv_node *n = ap_get(r, name, NULL);
    return n && sv_slice_is_nocase(sv_node_arg(n, 0), "on");
}

struct sv_slice ap_server_name(const struct ap_run *r)
{
    struct sv_slice name = ap_server_hostname(r);
    return r->host.n && !is_on(r, "usecanonicalname") ? r->host : name;
}

static unsigned default_port(const struct ap_run *r)
{
    return r->tls ? 443 : 80;
}

/* The port in the Host header; clients name it unless it is the scheme's own. 0: none. */
static unsigned named_port(const struct ap_run *r)
{
    unsigned long long port = 0;
    if (r->req->host_header.n == 0)
        return r->req->port != (r->req->https ? 443u : 80u) ? r->req->port : 0;
    (void)sv_slice_u64(sv_request_host_port(r->a, r->req), &port);
    return port <= 65535 ? (unsigned)port : 0;
}

unsigned ap_own_port(const struct ap_run *r)
{
    unsigned port = 0;
    /* Without a ServerName of its own a virtual host borrows the name, but not the port. */
    if (r->server->is_main || sv_scope_own(r->vhost->scope, "servername"))
        (void)ap_configured_name(r, &port);
    else if (r->vhost->listens.n && !r->vhost->listens.v[0].any_port)
        port = r->vhost->listens.v[0].port;
    return port;
}

bool ap_host_is_server(const struct ap_run *r, struct sv_slice host, unsigned port)
{
    sv_vec_each(l, &r->vhost->listens)
    {
        if (!r->server->is_main && !l->wildcard && (l->any_port || l->port == port) &&
            sv_slice_eq(l->addr, host))
            return true;
    }
    if (port != ap_own_port(r))
        return false;
    sv_vec_each(n, &r->vhost->names)
        if (sv_slice_eq_nocase(n->text, host) || sv_glob_match(n->text, host))
            return true;
    return false;
}

unsigned ap_server_port(const struct ap_run *r)
{
    bool canonical = is_on(r, "usecanonicalname"), physical = is_on(r, "usecanonicalphysicalport");
    unsigned own = ap_own_port(r);
    /* A sub-request's URI has no port of its own, nor has a request whose Host is not read. */
    if (!canonical && named_port(r) && !r->in_subrequest && !r->unread)
        return named_port(r);
    if (physical && !(canonical && own))
        return r->req->port;
    return own ? own : default_port(r);
}

/* ---- headers ---- */

/* A header that a plain request does not carry: empty, and the answer says so. */
static struct sv_value absent(struct ap_run *r, struct sv_slice name)
{
    if (!r->ans.condition)
        r->ans.condition = sv_arena_printf(r->a, "the request does not send the header %.*s",
                                           (int)name.n, name.p);
    return SV_KNOWN(SV_LIT(""));
}

struct sv_value ap_header(struct ap_run *r, struct sv_slice name)
{
    if (!sv_slice_is_nocase(name, "Host"))
        return absent(r, name);
    if (r->unread)
        return SV_KNOWN(SV_LIT(""));
    return SV_KNOWN(sv_request_host(r->a, r->req));
}

/* ---- variables ---- */

enum what {
    V_METHOD, V_SCHEME, V_URI, V_FILENAME, V_PATH_INFO, V_QUERY, V_SUBREQ, V_ROOT, V_THE_REQUEST,
    V_TYPE, V_HANDLER, V_STATUS, V_CLIENT, V_REMOTE_HOST, V_EMPTY, V_ADMIN, V_NAME, V_PORT,
    V_PROTOCOL, V_HTTPS, V_IPV6, V_OFF, V_PREFIX, V_CONTEXT_ROOT, V_LOCAL, V_UNKNOWN, V_HEADER,
    V_API, V_YEAR,
};

static const struct {
    const char *name;
    enum what what;
    const char *header;
} table[] = {
    {"REQUEST_METHOD", V_METHOD, NULL},
    {"REQUEST_SCHEME", V_SCHEME, NULL},
    {"REQUEST_URI", V_URI, NULL},
    {"DOCUMENT_URI", V_URI, NULL},
    {"REQUEST_FILENAME", V_FILENAME, NULL},
    {"SCRIPT_FILENAME", V_FILENAME, NULL},
    {"PATH_INFO", V_PATH_INFO, NULL},
    {"QUERY_STRING", V_QUERY, NULL},
    {"IS_SUBREQ", V_SUBREQ, NULL},
    {"DOCUMENT_ROOT", V_ROOT, NULL},
    {"THE_REQUEST", V_THE_REQUEST, NULL},
    {"CONTENT_TYPE", V_TYPE, NULL},
    {"HANDLER", V_HANDLER, NULL},
    {"REQUEST_STATUS", V_STATUS, NULL},
    {"REMOTE_ADDR", V_CLIENT, NULL},
    {"CONN_REMOTE_ADDR", V_CLIENT, NULL},
    {"REMOTE_HOST", V_REMOTE_HOST, NULL},
    {"REMOTE_USER", V_EMPTY, NULL},
    {"REMOTE_IDENT", V_EMPTY, NULL},
    {"AUTH_TYPE", V_EMPTY, NULL},
    {"SERVER_ADMIN", V_ADMIN, NULL},
    {"SERVER_NAME", V_NAME, NULL},
    {"SERVER_PORT", V_PORT, NULL},
    {"SERVER_PROTOCOL", V_PROTOCOL, NULL},
    {"SERVER_ADDR", V_LOCAL, NULL},
    {"HTTPS", V_HTTPS, NULL},
    {"HTTP2", V_OFF, NULL},
    {"IPV6", V_IPV6, NULL},
    {"CONTEXT_PREFIX", V_PREFIX, NULL},
    {"CONTEXT_DOCUMENT_ROOT", V_CONTEXT_ROOT, NULL},
    {"HTTP_USER_AGENT", V_HEADER, "User-Agent"},
    {"HTTP_PROXY_CONNECTION", V_HEADER, "Proxy-Connection"},
    {"HTTP_REFERER", V_HEADER, "Referer"},
    {"HTTP_COOKIE", V_HEADER, "Cookie"},
    {"HTTP_FORWARDED", V_HEADER, "Forwarded"},
    {"HTTP_HOST", V_HEADER, "Host"},
    {"HTTP_ACCEPT", V_HEADER, "Accept"},
    {"REMOTE_PORT", V_UNKNOWN, NULL},
    {"LAST_MODIFIED", V_UNKNOWN, NULL},
    {"SCRIPT_USER", V_UNKNOWN, NULL},
    {"SCRIPT_GROUP", V_UNKNOWN, NULL},
    {"REQUEST_LOG_ID", V_UNKNOWN, NULL},
    {"CONN_LOG_ID", V_UNKNOWN, NULL},
    {"SERVER_SOFTWARE", V_UNKNOWN, NULL},
    {"API_VERSION", V_API, NULL},
    {"TIME", V_UNKNOWN, NULL},
    {"TIME_YEAR", V_YEAR, NULL},
    {"TIME_MON", V_UNKNOWN, NULL},
    {"TIME_DAY", V_UNKNOWN, NULL},
    {"TIME_HOUR", V_UNKNOWN, NULL},
    {"TIME_MIN", V_UNKNOWN, NULL},
    {"TIME_SEC", V_UNKNOWN, NULL},
    {"TIME_WDAY", V_UNKNOWN, NULL},
};

static struct sv_value named_unknown(struct ap_run *r, struct sv_slice name)
{
    return unknown_value(sv_arena_printf(r->a, "the value of %%{%.*s}", (int)name.n, name.p));
}

static struct sv_value the_request(struct ap_run *r)
{
    return SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, "%.*s %.*s HTTP/1.1", (int)r->method.n,
                                             r->method.p, (int)r->unparsed.n, r->unparsed.p)));
}

static struct sv_value remote_host(struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "hostnamelookups", NULL);
    if (n && !sv_slice_is_nocase(sv_node_arg(n, 0), "off"))
        return unknown_value("the host name of the client");
    return SV_KNOWN(sv_client_addr(r->req));
}

static struct sv_value admin(struct ap_run *r)
{
    const struct sv_node *n = ap_server_get(r, "serveradmin");
    return SV_KNOWN(n ? sv_node_arg(n, 0) : SV_LIT("[no address given]"));
}

static struct sv_value number(struct ap_run *r, unsigned v)
{
    return SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, "%u", v)));
}

/* Rules about the year mean that of the audit, and the answer says so. */
static struct sv_value this_year(struct ap_run *r)
{
    time_t now = time(NULL);
    struct tm tm;
    if (!localtime_r(&now, &tm))
        return unknown_value("the year");
    if (!r->ans.condition)
        r->ans.condition = sv_arena_printf(r->a, "the year is %d", tm.tm_year + 1900);
    return SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, "%d", tm.tm_year + 1900)));
}

static struct sv_value on_off(bool on)
{
    return on ? SV_KNOWN(SV_LIT("on")) : SV_KNOWN(SV_LIT("off"));
}

static struct sv_value evaluate(struct ap_run *r, size_t i, struct sv_slice name)
{
    switch (table[i].what) {
    case V_METHOD: return SV_KNOWN(r->method);
    case V_SCHEME: return r->tls ? SV_KNOWN(SV_LIT("https")) : SV_KNOWN(SV_LIT("http"));
    case V_URI: return SV_KNOWN(r->uri);
    case V_FILENAME: return SV_KNOWN(r->filename);
    case V_PATH_INFO: return SV_KNOWN(r->path_info);
    case V_QUERY: return SV_KNOWN(r->args);
    case V_SUBREQ: return r->in_subrequest ? SV_KNOWN(SV_LIT("true")) : SV_KNOWN(SV_LIT("false"));
    case V_ROOT: return SV_KNOWN(sv_slice_of(ap_document_root(r)));
    case V_THE_REQUEST: return the_request(r);
    case V_TYPE: return SV_KNOWN(r->content_type);
    case V_HANDLER: return SV_KNOWN(r->handler);
    case V_STATUS: return number(r, r->error_status ? (unsigned)r->error_status : 200);
    case V_CLIENT: return SV_KNOWN(sv_client_addr(r->req));
    case V_REMOTE_HOST: return remote_host(r);
    case V_EMPTY: return SV_KNOWN(SV_LIT(""));
    case V_ADMIN: return admin(r);
    case V_NAME: return SV_KNOWN(ap_server_name(r));
    case V_PORT: return number(r, ap_server_port(r));
    case V_PROTOCOL:
        return r->in_subrequest ? SV_KNOWN(SV_LIT("INCLUDED")) : SV_KNOWN(SV_LIT("HTTP/1.1"));
    case V_HTTPS: return on_off(r->tls);
    case V_IPV6: return on_off(sv_slice_chr(r->req->client, ':') < r->req->client.n);
    case V_OFF: return on_off(false);
    case V_PREFIX: return SV_KNOWN(r->context_prefix);
    case V_CONTEXT_ROOT:
        return SV_KNOWN(r->context_root.n ? r->context_root : sv_slice_of(ap_document_root(r)));
    case V_LOCAL: return r->local.n ? SV_KNOWN(r->local) : named_unknown(r, name);
    case V_API: return SV_KNOWN(SV_LIT("20120211")); /* of all of 2.4 */
    case V_YEAR: return this_year(r);
    case V_UNKNOWN: return named_unknown(r, name);
    case V_HEADER: return ap_header(r, sv_slice_of(table[i].header));
    }
    return named_unknown(r, name);
}

bool ap_var_plain(struct ap_run *r, struct sv_slice name, struct sv_value *ret)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (sv_slice_is_nocase(name, table[i].name)) {
            *ret = evaluate(r, i, name);
            return true;
        }
    }
    return false;
}

struct sv_value ap_ssl_var(struct ap_run *r, struct sv_slice name)
{
    return r->tls ? named_unknown(r, name) : SV_KNOWN(SV_LIT(""));
}

/* mod_rewrite's %{LA-U:name}, and %{LA-F:name} of the same text as a file name: the variable as it
 * will be once the request has been mapped. */
static struct sv_value look_ahead(struct ap_run *r, struct sv_slice name, bool file)
{
    if (r->parent && sv_slice_eq(r->parent->uri, r->uri))
        return SV_KNOWN(SV_LIT(""));
    if (r->expr_depth >= SV_MAX_LOOKUPS)
        return unknown_value("look-aheads inside one another");
    struct ap_run sub = {0};
    struct sv_slice uri = r->filename.n ? r->filename : r->uri;
    r->expr_depth++;
    bool by_name = file && !r->whole_name;
    int status = by_name ? ap_lookup_file(r, uri, &sub) : ap_lookup(r, uri, &sub);
    r->expr_depth--;
    struct sv_value v = unknown_value("the outcome of a look-ahead request");
    if (status > 0)
        (void)ap_var_plain(&sub, name, &v);
    return v;
}

struct sv_value ap_var(struct ap_run *r, struct sv_slice name)
{
    struct sv_value v = SV_KNOWN(SV_LIT(""));
    size_t colon = sv_slice_chr(name, ':');
    if (colon == name.n) {
        (void)ap_var_plain(r, name, &v); /* an unknown name is empty to mod_rewrite */
        return v;
    }
    struct sv_slice kind = sv_slice_sub(name, 0, colon);
    struct sv_slice rest = sv_slice_sub(name, colon + 1, name.n);
    if (sv_slice_is_nocase(kind, "ENV"))
        return ap_env_value(r, rest);
    if (sv_slice_is_nocase(kind, "HTTP"))
        return ap_header(r, rest);
    if (sv_slice_is_nocase(kind, "SSL"))
        return ap_ssl_var(r, rest);
    if (sv_slice_is_nocase(kind, "LA-U"))
        return look_ahead(r, rest, false);
    if (sv_slice_is_nocase(kind, "LA-F"))
        return look_ahead(r, rest, true);
    return v;
}
