// SPDX-License-Identifier: Apache-2.0
// Secrets in httpd's configuration and in its log formats, and password files that have URLs.
#include "base/limits.h"
#include "engine/relay.h"
#include "model/apache.h"
#include "scan/log_format.h"
#include "secrets/value.h"
#include "syntax/apache.h"

/* ---- apache.secret-in-config ---- */

struct secret {
    struct sv_slice name, value;
};

/* The password of "scheme://user:password@host". */
static bool in_url(struct sv_slice url, struct secret *ret)
{
    size_t scheme = sv_slice_find(url, "://");
    if (scheme == url.n)
        return false;
    struct sv_slice rest = sv_slice_sub(url, scheme + 3, url.n);
    struct sv_slice authority = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    size_t at = sv_slice_chr(authority, '@'), colon = sv_slice_chr(authority, ':');
    if (at == authority.n || colon > at)
        return false;
    *ret = (struct secret){SV_LIT("password of the URL"),
                           sv_slice_sub(authority, colon + 1, at)};
    return ret->value.n > 0 && !sv_value_is_placeholder(ret->value);
}

static bool of_words(const struct sv_node *n, uint32_t name, struct secret *ret)
{
    if (n->n_args < name + 2)
        return false;
    *ret = (struct secret){sv_node_arg(n, name), sv_node_arg(n, name + 1)};
    struct sv_slice cred = sv_value_credentials(ret->value);
    if (cred.n) {
        ret->value = cred;
        return true;
    }
    return sv_slice_find(ret->value, "%{") == ret->value.n &&
           sv_value_is_secret(ret->name, ret->value);
}

/* RequestHeader set NAME VALUE, Header set NAME VALUE; "always" may stand first. */
static uint32_t header_name(const struct sv_node *n)
{
    return sv_slice_is_nocase(sv_node_arg(n, 0), "always") ||
                   sv_slice_is_nocase(sv_node_arg(n, 0), "early")
               ? 2
               : 1;
}

/* DBDParams "host=... pass=...": the assignment with a secret's name. */
static bool in_params(struct sv_slice text, struct secret *ret)
{
    while (text.n) {
        size_t end = 0;
        while (end < text.n && text.p[end] != ' ' && text.p[end] != ',')
            end++;
        struct sv_slice word = sv_slice_sub(text, 0, end);
        size_t eq = sv_slice_chr(word, '=');
        *ret = (struct secret){sv_slice_sub(word, 0, eq), sv_slice_sub(word, eq + 1, word.n)};
        bool named = sv_name_is_secret(ret->name) || sv_slice_is(ret->name, "pass");
        if (named && ret->value.n && !sv_value_is_placeholder(ret->value))
            return true;
        text = sv_slice_sub(text, end + 1, text.n);
    }
    return false;
}

/* PassEnv NAME: what envvars gives the variable. */
static bool passed(const struct sv_subject *s, struct secret *ret)
{
    for (uint32_t i = 0; i < s->node->n_args; i++) {
        sv_vec_each(v, &s->site->apache->tree.environment)
        {
            *ret = (struct secret){v->name, v->value};
            if (sv_slice_eq(v->name, sv_node_arg(s->node, i)) &&
                sv_value_is_secret(v->name, v->value))
                return true;
        }
    }
    return false;
}

static bool whole_value(const struct sv_node *n, const char *name, struct secret *ret)
{
    *ret = (struct secret){sv_slice_of(name), sv_node_arg(n, n->n_args - 1)};
    return n->n_args && ret->value.n && !sv_slice_starts(ret->value, "exec:") &&
           !sv_value_is_placeholder(ret->value);
}

static bool secret_of(const struct sv_subject *s, struct secret *ret)
{
    const struct sv_node *n = s->node;
    if (sv_node_is(n, "passenv"))
        return passed(s, ret);
    if (sv_node_is(n, "dbdparams"))
        return in_params(sv_node_arg(n, 0), ret);
    if (sv_node_is(n, "header") || sv_node_is(n, "requestheader"))
        return of_words(n, header_name(n), ret);
    if (sv_node_is(n, "authldapbindpassword"))
        return whole_value(n, "AuthLDAPBindPassword", ret);
    if (sv_node_is(n, "sessioncryptopassphrase"))
        return whole_value(n, "SessionCryptoPassphrase", ret);
    if (sv_node_is(n, "proxypass") || sv_node_is(n, "balancermember") ||
        sv_node_is(n, "proxypassmatch")) {
        for (uint32_t i = 0; i < n->n_args; i++)
            if (in_url(sv_node_arg(n, i), ret))
                return true;
        return in_params(n->body, ret);
    }
    return of_words(n, 0, ret) || in_url(sv_node_arg(n, 1), ret);
}

/* ---- a key that is lent to everyone ---- */

struct relaying {
    struct sv_ctx *cx;
    const struct sv_scope *header; /* the level that sets the header */
    size_t looked, asked;
    struct sv_relay found;
};

/* The header is in force for what the directive passes on: set for the server, for the address that
 * it is passed to, or for a path; *io_path becomes the one that both are about. */
static bool is_in_force(const struct sv_scope *header, struct sv_slice target,
                        struct sv_slice *io_path)
{
    struct sv_slice own = header->name;
    if (header->kind == SV_SCOPE_SERVER)
        return true;
    if (header->kind == SV_SCOPE_PROXY && header->match == SV_MATCH_PREFIX) {
        own = sv_slice_sub(own, 0, sv_slice_chr(own, '*'));
        return sv_slice_eq(sv_slice_sub(target, 0, own.n), own);
    }
    if (header->kind != SV_SCOPE_LOCATION || header->match != SV_MATCH_PREFIX)
        return false;
    bool longer = own.n > io_path->n;
    struct sv_slice outer = longer ? *io_path : own, inner = longer ? own : *io_path;
    bool below = sv_slice_eq(sv_slice_sub(inner, 0, outer.n), outer) &&
                 (inner.n == outer.n || sv_slice_ends(outer, "/") || inner.p[outer.n] == '/');
    *io_path = inner;
    return below;
}

/* ProxyPass /ai/ https://api.example.com/, or without a path in <Location /ai/>. */
static bool lends(struct relaying *r, const struct sv_vhost *v, const struct sv_scope *at,
                  const struct sv_node *pass)
{
    bool inner = at->kind == SV_SCOPE_LOCATION;
    struct sv_slice path = inner ? at->name : sv_node_arg(pass, 0);
    struct sv_slice target = sv_node_arg(pass, inner ? 0 : 1);
    struct sv_arena *a = sv_ctx_arena(r->cx);
    if (++r->looked > SV_MAX_RELAYS_LOOKED || path.n == 0 || path.p[0] != '/' ||
        !sv_relay_is_foreign(target) || !is_in_force(r->header, target, &path) ||
        ++r->asked > SV_MAX_RELAYS_ASKED)
        return false;
    const char *url = sv_uri_escape(a, path);
    struct sv_answer ans = sv_ctx_ask(r->cx, v, url);
    if (ans.outcome != SV_OUT_PROXIED || ans.condition)
        return false;
    r->found = (struct sv_relay){
        .where = sv_arena_printf(a, "%s%s", sv_ctx_origin(r->cx, v), url),
        .section = sv_arena_printf(a, "<Location \"%.*s\">", (int)path.n, path.p),
        .pass = pass, .target = target,
        .advice = "AuthType with Require valid-user, or Require ip."};
    return true;
}

static bool find_relay(struct relaying *r, const struct sv_site *site, const struct sv_vhost *own)
{
    sv_vec_each(it, &site->scopes)
    {
        const struct sv_scope *at = *it;
        const struct sv_vhost *v = at->vhost;
        bool in_it = own && (v == own || own->apache->is_main);
        if (!v || !in_it || (at->kind != SV_SCOPE_SERVER && at->kind != SV_SCOPE_LOCATION) ||
            (at->kind == SV_SCOPE_LOCATION && at->match != SV_MATCH_PREFIX) ||
            !sv_scope_own(at, "proxypass") || !sv_vhost_on_network(v))
            continue;
        sv_node_each(n, at->node)
        {
            if (sv_node_is(n, "proxypass") && lends(r, v, at, n))
                return true;
        }
    }
    return false;
}

static void tell_relay(struct sv_ctx *cx, const struct sv_subject *s, const struct secret *secret,
                       struct sv_finding *f)
{
    static const char *const sets[] = {"set", "add", "append", "merge", "setifempty"};
    struct relaying r = {.cx = cx, .header = s->scope};
    uint32_t at = header_name(s->node);
    bool set = false;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        set |= sv_slice_is_nocase(sv_node_arg(s->node, at - 1), sets[i]);
    if (!sv_node_is(s->node, "requestheader") || !set || !s->scope || s->node->n_args != at + 2)
        return;
    if (find_relay(&r, s->site, s->vhost))
        sv_finding_relay(cx, f, &r.found, secret->name, secret->value);
    else if (r.looked > SV_MAX_RELAYS_LOOKED || r.asked > SV_MAX_RELAYS_ASKED)
        sv_relay_skip(cx, s->node);
}

static void run_config(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct secret secret;
    const char *path = sv_span_path(sv_ctx_sources(cx), s->node->head);
    uint32_t line = sv_span_pos(sv_ctx_sources(cx), s->node->head).line;
    if (!secret_of(s, &secret) || sv_ctx_reported(cx, s->node))
        return;
    if (sv_node_is(s->node, "header") && sv_ctx_file_finding(cx, "web.sent-secret", path) &&
        sv_ctx_secret_reported(cx, path, line, ""))
        return; /* strangers get it */
    struct sv_finding *f =
        sv_report_config_secret(cx, "httpd", s->node, secret.name, secret.value);
    if (sv_node_is(s->node, "passenv")) {
        struct sv_arena *a = sv_ctx_arena(cx);
        f->message = sv_arena_printf(a, "PassEnv gives every script of this server %s",
                                     sv_secret_words(a, secret.name, secret.value));
        sv_finding_fix(cx, f, "Say PassEnv in the <Directory> or <Location> of the scripts that need it, or not at "
                              "all.\n%s", sv_secret_change(a, secret.value));
    }
    tell_relay(cx, s, &secret, f);
}

static const char *const config_directives[] = {
    "setenv", "define", "passenv", "requestheader", "header", "proxypass", "proxypassmatch",
    "balancermember", "authldapbindpassword", "dbdparams", "sessioncryptopassphrase",
    "php_value", "php_admin_value", "fcgidinitialenv", "wsgisetenv", NULL};
static const char *const config_refs[] = {"https://httpd.apache.org/docs/2.4/env.html", NULL};

const struct sv_check sv_check_apache_secret_in_config = {
    SV_CHECK_HEADER,
    .id = "apache.secret-in-config",
    .servers = SV_SITE_APACHE,
    .title = "A secret stands in the configuration",
    .why = "Configuration files are readable by every local user unless their mode says otherwise, and "
           "they are copied into repositories, backups and support tickets. What SetEnv sets is also "
           "shown by every script that prints its environment. A proxy that adds a key to requests for somebody else's "
           "server and asks nobody who he is lends it to everyone.",
    .fix = "A file of its own with mode 0600, included where it is needed.",
    .bad = "SetEnv DB_PASSWORD ...",
    .good = "# mode 0600, owned by root:\nInclude /etc/apache2/private/shop-env.conf",
    .refs = config_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .joins = true,
    .directives = config_directives,
    .run = run_config,
};

/* ---- apache.secret-in-log-format ---- */

/* The line that writes a log in the format of that name. */
static const struct sv_node *used_by(const struct sv_site *site, struct sv_slice nick)
{
    sv_vec_each(s, &site->scopes)
    {
        sv_node_each(n, (*s)->node)
        {
            if ((sv_node_is(n, "customlog") || sv_node_is(n, "globallog")) &&
                sv_slice_eq(sv_node_arg(n, 1), nick))
                return n;
        }
    }
    return NULL;
}

static void run_log(struct sv_ctx *cx, const struct sv_subject *s)
{
    bool custom = sv_node_is(s->node, "customlog"), error = sv_node_is(s->node, "errorlogformat");
    struct sv_slice format = error ? s->node->body : sv_node_arg(s->node, custom);
    struct sv_slice item = sv_apache_format_culprit(format);
    if (item.n == 0)
        return;
    const struct sv_node *log = s->node;
    if (sv_node_is(s->node, "logformat"))
        log = s->node->n_args > 1 ? used_by(s->site, sv_node_arg(s->node, 1)) : s->node;
    if (!log)
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_MEDIUM, s->node, "%.*s writes credentials of every request into %s: who reads the log, or a copy "
        "of it, can act as the users", (int)item.n, item.p,
        sv_node_is(log, "customlog") ? sv_arena_copy(sv_ctx_arena(cx), sv_node_arg(log, 0)).p
                                     : "the log");
    if (log != s->node)
        sv_finding_evidence(cx, f, log);
    sv_finding_fix(cx, f, "Take %.*s out of the format, and delete the logs that hold it.",
                   (int)item.n, item.p);
}

static const char *const log_directives[] = {"logformat", "customlog", "errorlogformat", NULL};
static const char *const log_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats", NULL};

const struct sv_check sv_check_apache_secret_in_log_format = {
    SV_CHECK_HEADER,
    .id = "apache.secret-in-log-format",
    .servers = SV_SITE_APACHE,
    .title = "The log records credentials",
    .why = "Authorization headers and cookies in a log outlive the session, and logs are read by more "
           "people and programs than the application's database.",
    .fix = "Log no credentials.",
    .bad = "CustomLog /var/log/apache2/a.log \"%h %r %{Authorization}i\"",
    .good = "CustomLog /var/log/apache2/a.log \"%h %l %u %t %r %>s %b\"",
    .refs = log_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = log_directives,
    .run = run_log,
};

/* ---- apache.htpasswd-served ---- */

static void run_password_file(struct sv_ctx *cx, const struct sv_subject *s)
{
    const char *path = sv_arena_copy(sv_ctx_arena(cx), sv_node_arg(s->node, 0)).p;
    if (path[0] != '/')
        path = sv_path_join(sv_ctx_arena(cx), s->site->apache->tree.server_root, path);
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, path);
    if (routes->list.n == 0 || sv_ctx_reported(cx, s->node))
        return;
    struct sv_finding *f =
        sv_report_at(cx, SV_HIGH, s->node, "the password file of this section is downloadable at %s",
                     routes->list.v[0].url);
    sv_vec_each(r, &routes->list)
    {
        sv_finding_route(cx, f, s->site, r);
    }
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *to = sv_path_join(a, sv_path_dir(a, s->site->config), sv_path_base(path));
    struct sv_slice name = sv_span_text(sv_ctx_sources(cx), s->node->head);
    name.n = s->node->name.n;
    sv_finding_fix(cx, f, "mv %s %s\nand at %s:%u: %.*s %s\nChange the passwords.",
                   sv_shell_quote(a, path), sv_shell_quote(a, to),
                   sv_span_path(sv_ctx_sources(cx), s->node->head),
                   sv_span_pos(sv_ctx_sources(cx), s->node->head).line, (int)name.n, name.p,
                   sv_apache_quoted(a, sv_slice_of(to)));
}

static const char *const password_directives[] = {"authuserfile", "authgroupfile",
                                                  "authdigestfile", NULL};
static const char *const password_refs[] = {
    "https://httpd.apache.org/docs/2.4/mod/mod_authn_file.html#authuserfile", NULL};

const struct sv_check sv_check_apache_htpasswd_served = {
    SV_CHECK_HEADER,
    .id = "apache.htpasswd-served",
    .servers = SV_SITE_APACHE,
    .title = "A password file is downloadable",
    .why = "Password hashes can be tried offline at great speed; weak passwords fall within minutes.",
    .fix = "Keep password files outside of every served folder.",
    .bad = "DocumentRoot /srv/www\n<Location /admin>\n    AuthUserFile /srv/www/passwords\n</Location>",
    .good = "DocumentRoot /srv/www\n"
            "<Location /admin>\n    AuthUserFile /etc/apache2/passwords\n</Location>",
    .refs = password_refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .yields = true,
    .directives = password_directives,
    .run = run_password_file,
};
