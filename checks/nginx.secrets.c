// SPDX-License-Identifier: Apache-2.0
// Secrets in the configuration itself, and secrets that a log format writes down.
#include "base/limits.h"
#include "engine/relay.h"
#include "scan/log_format.h"
#include "secrets/value.h"

/* ---- nginx.secret-in-config ---- */

static bool is_literal(struct sv_slice v)
{
    return sv_slice_chr(v, '$') == v.n;
}

/* The name and the value that a directive sets; for `if`, what it compares with. */
static bool assignment(const struct sv_node *n, struct sv_slice *ret_name,
                       struct sv_slice *ret_value)
{
    struct sv_slice w[3];
    if (sv_node_is(n, "if")) {
        if (sv_condition_words(n, w) != 3 || !sv_slice_ends(w[1], "="))
            return false;
        *ret_name = w[0];
        *ret_value = w[2];
        return true;
    }
    if (sv_node_is(n, "env")) {
        struct sv_slice text = sv_node_arg(n, 0);
        size_t eq = sv_slice_chr(text, '=');
        *ret_name = sv_slice_sub(text, 0, eq);
        *ret_value = sv_slice_sub(text, eq + 1, text.n);
        return eq < text.n;
    }
    *ret_name = sv_node_arg(n, 0);
    *ret_value = sv_node_arg(n, 1);
    return n->n_args >= 2;
}

static size_t dollars(struct sv_slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '$';
    return n;
}

/* A value comes from a container's environment: the template holds its name alone. */
static bool is_filled_in(struct sv_ctx *cx, const struct sv_node *n)
{
    size_t meant = dollars(n->name);
    for (uint32_t i = 0; i < n->n_args; i++)
        meant += dollars(sv_node_arg(n, i));
    return dollars(sv_span_text(sv_ctx_sources(cx), n->head)) > meant;
}

/* ---- a key that is lent to everyone ---- */

/* A location that sends the header on to somebody else's server and lets everyone in. */
struct relay {
    const struct sv_vhost *vhost;
    const struct sv_scope *location;
    const struct sv_node *pass;
};

/* For one header: locations that pass on, and those of them that the server was asked about. */
struct tries {
    size_t looked, asked;
};

/* Something asks who it is, or may: what a script or a condition decides is not known. */
static bool is_guarded(const struct sv_scope *at)
{
    static const char *const asks[] = {"auth_basic", "auth_request", "auth_jwt", "auth_digest",
                                       "auth_pam", "auth_ldap", "ssl_verify_client", "js_access",
                                       "access_by_lua_block", "access_by_lua_file", "access_by_lua",
                                       "rewrite_by_lua_block", "rewrite_by_lua_file",
                                       "auth_oidc", "secure_link", "internal"};
    static const char *const lists[] = {"allow", "deny", NULL};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        const struct sv_node *n = sv_scope_get(at, asks[i], NULL);
        if (n && !sv_slice_is(sv_node_arg(n, 0), "off"))
            return true;
    }
    const struct sv_scope *list = sv_scope_list(at, lists);
    if (list && sv_scope_own(list, "deny"))
        return true;
    for (const struct sv_scope *s = at; s; s = s->parent)
        if (sv_scope_own(s, "if") || sv_scope_own(s, "return") || s->kind == SV_SCOPE_IF)
            return true;
    return false;
}

/* Proved by a request where the location's text is one that can be asked for. */
static bool lets_in(struct sv_ctx *cx, const struct sv_vhost *v, const struct sv_scope *loc)
{
    if (loc->kind != SV_SCOPE_LOCATION || loc->match >= SV_MATCH_REGEX)
        return true;
    const char *target = sv_uri_escape(sv_ctx_arena(cx), loc->name);
    return sv_ctx_ask(cx, v, target).outcome == SV_OUT_PROXIED;
}

static bool is_within(const struct sv_scope *at, const struct sv_scope *outer)
{
    while (at && at != outer)
        at = at->parent;
    return at != NULL;
}

/* In the scopes of one server for which this header is in force, that is the level that sets it and
 * those in it. */
static bool find_in(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *v,
                    struct tries *tries, struct relay *ret)
{
    static const char *const headers[] = {"proxy_set_header", NULL};
    struct sv_scopes all = sv_vhost_scopes(v);
    size_t from = s->vhost ? s->scope->id - v->scope->id : 0;
    for (size_t i = from; i < all.n && is_within(all.v[i], s->scope); i++) {
        const struct sv_scope *at = all.v[i];
        const struct sv_node *pass = at->proxies ? sv_scope_own(at, "proxy_pass") : NULL;
        if (pass && ++tries->looked > SV_MAX_RELAYS_LOOKED)
            return false;
        if (!pass || sv_scope_list(at, headers) != s->scope)
            continue;
        if (!sv_relay_is_foreign(sv_node_arg(pass, 0)) || is_guarded(at))
            continue;
        if (++tries->asked > SV_MAX_RELAYS_ASKED)
            return false;
        if (!lets_in(cx, v, at))
            continue;
        *ret = (struct relay){v, at, pass};
        return true;
    }
    return false;
}

static bool find_relay(struct sv_ctx *cx, const struct sv_subject *s, struct relay *ret)
{
    struct tries tries = {0};
    sv_vec_each(it, &s->site->vhosts)
    {
        if ((!s->vhost || s->vhost == *it) && sv_vhost_on_network(*it) &&
            find_in(cx, s, *it, &tries, ret))
            return true;
    }
    if (tries.looked > SV_MAX_RELAYS_LOOKED || tries.asked > SV_MAX_RELAYS_ASKED)
        sv_relay_skip(cx, s->node);
    return false;
}

/* Who uses it does not even have to read it. */
static void tell_relay(struct sv_ctx *cx, const struct sv_subject *s, struct sv_slice name,
                       struct sv_slice value, struct sv_finding *f)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct relay r;
    if (!sv_node_is(s->node, "proxy_set_header") || !s->scope || !find_relay(cx, s, &r))
        return;
    bool plain = r.location->kind == SV_SCOPE_LOCATION && r.location->match < SV_MATCH_REGEX;
    const char *where =
        plain ? sv_arena_printf(a, "%s%s", sv_ctx_origin(cx, r.vhost),
                                sv_uri_escape(a, r.location->name))
              : sv_scope_text(a, r.location);
    struct sv_relay relay = {
        .where = where, .section = sv_scope_text(a, r.location), .pass = r.pass,
        .target = sv_node_arg(r.pass, 0),
        .advice = "auth_request with your application's login, auth_basic, or allow and deny all; and "
                  "limit_req, so that one client cannot use it up."};
    sv_finding_relay(cx, f, &relay, name, value);
}

/* Strangers get it: web.sent-secret. */
static bool is_sent(struct sv_ctx *cx, const struct sv_node *n)
{
    const char *path = sv_span_path(sv_ctx_sources(cx), n->head);
    const struct sv_finding *f = sv_ctx_file_finding(cx, "web.sent-secret", path);
    return f && sv_ctx_secret_reported(cx, path, sv_span_pos(sv_ctx_sources(cx), n->head).line, "");
}

static void run_config(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice name, value;
    if (sv_node_is(s->node, "map")) {
        /* map $http_x_api_key $allowed { "the key itself" 1; } */
        struct sv_slice source = sv_node_arg(s->node, 0);
        sv_node_each(n, s->node)
        {
            if (n->name.n && n->name.p[0] != '~' && sv_value_is_secret(source, n->name) &&
                !is_filled_in(cx, n))
                sv_report_config_secret(cx, "nginx", n, source, n->name);
        }
        return;
    }
    if (!assignment(s->node, &name, &value) || value.n == 0 || !is_literal(value) ||
        is_filled_in(cx, s->node))
        return;
    struct sv_slice cred = sv_value_credentials(value);
    if (cred.n)
        value = cred;
    else if (!sv_value_is_secret(name, value))
        return;
    if (sv_node_is(s->node, "add_header") && is_sent(cx, s->node))
        return;
    tell_relay(cx, s, name, value, sv_report_config_secret(cx, "nginx", s->node, name, value));
}

static const char *const config_directives[] = {"set",              "if",          "map",
                                                "proxy_set_header", "fastcgi_param", "uwsgi_param",
                                                "scgi_param",       "grpc_set_header", "env",
                                                "add_header",       "secure_link_secret", NULL};
static const char *const config_refs[] = {
    "https://nginx.org/en/docs/ngx_core_module.html#include", NULL};

const struct sv_check sv_check_nginx_secret_in_config = {
    SV_CHECK_HEADER,
    .id = "nginx.secret-in-config", .servers = SV_SITE_NGINX,
    .title = "A secret stands in the configuration",
    .why = "Configuration files are readable by every local user unless their mode says otherwise, and "
           "they are copied into repositories, backups and support tickets. A location that sends a key on to "
           "somebody else's server and asks nobody who he is lends it to everyone.",
    .fix = "A file of its own with mode 0600, included where it is needed; a location that asks who it is.",
    .bad = "proxy_set_header Authorization \"Bearer ...\";",
    .good = "include /etc/nginx/private/upstream-auth.conf;   # mode 0600",
    .refs = config_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE | SV_ON_MAIN,
    .joins = true,
    .directives = config_directives,
    .run = run_config,
};

/* ---- nginx.secret-in-log-format ---- */

static const struct sv_node *used_by(const struct sv_site *site, struct sv_slice format)
{
    sv_vec_each(s, &site->scopes)
    {
        sv_node_each(n, (*s)->node)
        {
            if (sv_node_is(n, "access_log") && sv_slice_eq(sv_node_arg(n, 1), format))
                return n;
        }
    }
    return NULL;
}

static void run_log(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice var = sv_nginx_format_culprit(s->node);
    const struct sv_node *log = var.n ? used_by(s->site, sv_node_arg(s->node, 0)) : NULL;
    if (!log)
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_MEDIUM, s->node,
                     "$%.*s writes credentials of every request into %.*s: who reads the log, or a copy of "
                     "it, can act as the users", (int)var.n, var.p, (int)sv_node_arg(log, 0).n,
                     sv_node_arg(log, 0).p);
    sv_finding_evidence(cx, f, log);
    sv_finding_fix(cx, f, "Take $%.*s out of the format, and delete the logs that hold it.",
                   (int)var.n, var.p);
}

static const char *const log_directives[] = {"log_format", NULL};
static const char *const log_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format", NULL};

const struct sv_check sv_check_nginx_secret_in_log_format = {
    SV_CHECK_HEADER,
    .id = "nginx.secret-in-log-format", .servers = SV_SITE_NGINX,
    .title = "The access log records credentials",
    .why = "Authorization headers, cookies and request bodies in a log outlive the session, and logs are "
           "read by more people and programs than the application's database.",
    .fix = "Log no credentials.",
    .bad = "log_format full '$remote_addr \"$request\" $http_authorization';\naccess_log /var/log/a.log full;",
    .good = "log_format short '$remote_addr \"$request\" $status';\naccess_log /var/log/a.log short;",
    .refs = log_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = log_directives,
    .run = run_log,
};

/* ---- nginx.error-log-debug ---- */

/* The level debug for these clients, whatever error_log says. */
static void run_events(struct sv_ctx *cx, const struct sv_subject *s)
{
    sv_node_each(n, s->node)
    {
        struct sv_slice clients = sv_node_arg(n, 0);
        if (!sv_node_is(n, "debug_connection") || !sv_slice_ends(clients, "/0"))
            continue;
        struct sv_finding *f = sv_report_at(
            cx, SV_MEDIUM, n,
            "debug_connection %.*s writes the headers of every request, cookies and passwords too, "
            "into the error log", (int)clients.n, clients.p);
        sv_finding_fix(cx, f, "Take debug_connection out, and delete what was logged until now.");
    }
}

static void run_debug(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (sv_node_is(s->node, "events")) {
        run_events(cx, s);
        return;
    }
    struct sv_slice file = sv_node_arg(s->node, 0), level = sv_node_arg(s->node, 1);
    if (!sv_slice_is(level, "debug") && !sv_slice_is(level, "debug_http"))
        return; /* debug_core, debug_event and the like show no requests */
    struct sv_finding *f = sv_report_at(
        cx, SV_MEDIUM, s->node,
        "at the level %.*s the headers of every request, cookies and passwords too, go to %.*s",
        (int)level.n, level.p, (int)file.n, file.p);
    sv_finding_fix(cx, f, "error_log %.*s warn;\nand delete what was logged until now.",
                   (int)file.n, file.p);
}

static const char *const debug_directives[] = {"error_log", "events", NULL};
static const char *const debug_refs[] = {"https://nginx.org/en/docs/debugging_log.html", NULL};

const struct sv_check sv_check_nginx_error_log_debug = {
    SV_CHECK_HEADER,
    .id = "nginx.error-log-debug", .servers = SV_SITE_NGINX,
    .title = "The error log records whole requests",
    .why = "An nginx that is built with --with-debug, as Debian's is, writes each header that it reads or "
           "sends into a log of this level: Authorization, Cookie and Set-Cookie too.",
    .fix = "The level warn or error; for one visitor's problem debug_connection with that one address.",
    .bad = "error_log /tmp/error.log debug;",
    .good = "error_log /tmp/error.log warn;",
    .refs = debug_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE | SV_ON_MAIN,
    .directives = debug_directives,
    .run = run_debug,
};
