// SPDX-License-Identifier: Apache-2.0
// State of one request while it runs through httpd's hooks; private to the Apache half of serve.
#ifndef SV_SERVE_APACHE_H
#define SV_SERVE_APACHE_H

#include "base/limits.h"
#include "model/apache.h"
#include "serve/answer.h"
#include "serve/value.h"

/* What a hook says. */
enum ap_step {
    AP_DECLINED, /* not mine: the next one */
    AP_OK,       /* mine: this phase is done */
    AP_DONE,     /* the answer is complete */
    AP_REDIRECT, /* internal redirect: run->next holds the new URI; all phases run again */
};

/* One level of the merged per-directory configuration, weakest first. */
struct ap_level {
    const struct sv_scope *scope;
    const char *dir; /* of Directory and .htaccess levels: the folder with its slash, else NULL */
    bool in_htaccess; /* the scope is a .htaccess file or stands in one */
};

struct ap_var {
    struct sv_slice name;
    struct sv_value value;
    bool unset;            /* not set, but only under the condition */
    const char *condition; /* what the request must not send for this to hold, or NULL */
};

/* What the file name's extensions say beside type and handler, for negotiation. */
struct ap_meta {
    SV_VEC(struct sv_slice) strange; /* parts that no directive knows, the base name first */
    bool found;                      /* an extension meant something */
    struct sv_slice languages, encoding, charset;
};

struct ap_run {
    const struct sv_site *site;
    struct sv_arena *a;
    const struct sv_request *req;
    const struct sv_apache_server *server;
    const struct sv_vhost *vhost;
    const struct sv_listen_group *group;
    bool tls;                     /* the socket speaks TLS (req->https: the client does) */
    struct sv_slice local;        /* address that the connection came to; empty: not known */
    struct sv_slice method, host; /* host: lower case, without port and trailing dot */
    struct sv_slice unparsed;     /* request target as sent: %{THE_REQUEST} */
    struct sv_slice uri, args;    /* r->uri (decoded, merged), r->args */
    bool empty_query;             /* there is a '?' with nothing behind it */
    struct sv_slice filename, path_info;
    const char *proxied;  /* "http://..." of httpd's "proxy:" file name: handed over to */
    int file_error;       /* of the directory walk's stat: 0, ENOENT, EACCES, ... */
    struct stat st;       /* valid if file_error is 0 */
    bool has_file;        /* st is set */
    SV_VEC(struct ap_level) levels;
    /* What the last directory walk ended with, for requests that come from this one. */
    const struct sv_apache_server *walked_server;
    struct sv_slice walked_dir; /* with its closing slash, or empty */
    struct ap_level *walked;
    size_t n_walked;
    SV_VEC(struct ap_var) env; /* SetEnvIf, RewriteRule [E=], SetEnv is later than all that asks */
    struct sv_slice handler, content_type; /* empty: not set */
    const struct sv_node *handler_node;
    const struct sv_node *type_node; /* AddType or ForceType behind content_type, or NULL */
    const struct sv_node *mapped_by; /* the directive that gave r->filename */
    struct sv_match caps;    /* of the last <...Match> or RewriteRule */
    struct sv_slice next;    /* AP_REDIRECT: URI with its query */
    unsigned redirects;      /* internal redirects so far */
    int error_status;        /* the status whose ErrorDocument is being served, or 0 */
    int kept_status;         /* of [R] that a later rule made a file of again, or 0 */
    int first_error;         /* the first of the whole request, which loops end with, or 0 */
    const struct ap_run *prev; /* the request before the internal redirect */
    const struct ap_run *parent; /* of a sub-request, or NULL */
    unsigned *lookups;           /* sub-requests left to the whole request */
    size_t env_bytes;            /* values of variables that were set so far */
    bool in_subrequest;
    /* Of Alias, ScriptAlias and UserDir: what of the URI stands for which folder; may be empty. */
    struct sv_slice context_prefix, context_root;
    bool rewrite_end;    /* RewriteRule [END]: holds for all internal redirects that follow */
    struct sv_slice forced_type, forced_handler; /* RewriteRule [T=] and [H=] */
    const struct sv_node *forced_node;
    unsigned expr_depth; /* expressions and look-aheads inside one another */
    struct sv_slice raw;     /* the path still encoded, for the first phase */
    bool unread;             /* refused by its first line: the headers are not read */
    bool absolute;           /* the target was a whole URL */
    bool file_lookup;        /* sub-request for a file: r->filename is given, nothing translates */
    bool scripted;           /* ScriptAlias or VirtualScriptAlias chose the handler */
    bool canonical;          /* r->proxied goes out as it is: nocanon or mapping= */
    bool ssi;                /* INCLUDES is among the output filters */
    const char *filter;      /* an output filter that is a program, or NULL */
    bool pending;            /* a per-directory rule set httpd's redirect-handler: r->next */
    struct ap_meta meta;
    struct sv_answer ans;
};

/* ---- apache.c: the phases ---- */
void ap_why(struct ap_run *r, const struct sv_node *node); /* the line is one that decides */
/* A lookup sub-request (ap_sub_req_lookup_uri; `uri` is encoded and may be relative): runs all
 * phases up to the fixups. The status is 200 if it would be served, -1 if that is unknown (see
 * ret_sub->ans.unknown). */
int ap_lookup(struct ap_run *r, struct sv_slice uri, struct ap_run *ret_sub);
/* The same for a name in the folder of r->filename (ap_sub_req_lookup_dirent). */
int ap_lookup_name(struct ap_run *r, struct sv_slice name, struct ap_run *ret_sub);
/* ap_internal_fast_redirect(): the request goes on with what the sub-request found. */
void ap_become(struct ap_run *r, const struct ap_run *sub);
/* AP_REDIRECT to an encoded URI with its query. */
enum ap_step ap_redirect_internally(struct ap_run *r, struct sv_slice uri);

/* ---- apache_error.c: how a request ends ---- */
/* Answers "unknown", naming why. */
enum ap_step ap_unknown(struct ap_run *r, const char *why);
/* Ends with a status: outcome by status, ErrorDocument followed. */
enum ap_step ap_status(struct ap_run *r, int status);
enum ap_step ap_redirect_to(struct ap_run *r, int status, struct sv_slice location);
/* Ends with this outcome; a status that an ErrorDocument keeps outweighs `status`. */
enum ap_step ap_send(struct ap_run *r, enum sv_outcome outcome, int status);

/* ---- apache_request.c: the target and the Host ---- */
/* ap_normalize_path() on r->raw. 0, or 400. */
int ap_normalise(struct ap_run *r);
/* ap_unescape_url_ex() on r->raw, which becomes r->uri. 0, 400 or 404. */
int ap_unescape(struct ap_run *r);
/* Takes r->req apart: false for what httpd refuses before it looks for a virtual host. */
bool ap_read_request(struct ap_run *r);
struct sv_slice ap_escape_path(struct sv_arena *a, struct sv_slice s); /* ap_os_escape_path */
/* apr_filepath_merge(): joined and cleaned, a closing slash stays. NULL: above the root. */
const char *ap_path_merge(struct sv_arena *a, const char *root, struct sv_slice path);
const char *ap_construct_url(struct ap_run *r, struct sv_slice uri);
const char *ap_query_mark(const struct ap_run *r); /* "?" before r->args, or ""  */
struct sv_slice ap_server_hostname(const struct ap_run *r); /* ServerName, without its port */
/* The ServerName in force: its host and, if it has one, its port, else 0. */
struct sv_slice ap_configured_name(const struct ap_run *r, unsigned *ret_port);

/* ---- apache_select.c: address and name to server ---- */
/* Sets server, vhost, group, tls, host, local; false: nothing listens on that address and port. */
bool ap_select(struct ap_run *r);

/* ---- apache_config.c, apache_options.c: the merged configuration ---- */
/* The node in force of a directive for which the last level that sets it wins, or NULL. */
const struct sv_node *ap_get(const struct ap_run *r, const char *name,
                             const struct ap_level **ret_level);
bool ap_flag(const struct ap_run *r, const char *name, bool dflt);
/* The node in force at server level: the virtual host's, else the main server's. */
const struct sv_node *ap_server_get(const struct ap_run *r, const char *name);
bool ap_module(const struct ap_run *r, const char *name); /* "mod_rewrite.c" */
/* The directive `name` of that level behind `n` (NULL: the first), or NULL. */
const struct sv_node *ap_own_next(const struct sv_scope *s, const char *name,
                                  const struct sv_node *n);
void ap_push_level(struct ap_run *r, const struct sv_scope *scope, const char *dir, bool htaccess);
unsigned ap_options(const struct ap_run *r); /* Options arithmetic over all levels so far */

/* ---- apache_walk.c, apache_sections.c: sections to levels ---- */
enum ap_step ap_location_walk(struct ap_run *r);  /* rebuilds levels: servers, then locations */
enum ap_step ap_directory_walk(struct ap_run *r); /* stat, links, .htaccess; AP_DONE: 403, 500 */
enum ap_step ap_if_walk(struct ap_run *r);
/* All walks, merged in order: servers, Directory and .htaccess, Files, Location, If. */
enum ap_step ap_walk_all(struct ap_run *r);

/* ---- apache_authz.c ---- */
/* Satisfy, Order/Allow/Deny, Require in all its containers, AuthType. AP_OK: may pass. */
enum ap_step ap_access(struct ap_run *r);

/* ---- apache_rewrite.c ---- */
enum ap_step ap_rewrite_server(struct ap_run *r); /* translate_name */
enum ap_step ap_rewrite_fixup(struct ap_run *r);  /* per-directory rules */

/* ---- apache_expr.c ---- */
/* ap_expr of httpd 2.4: the boolean of <If>, Require expr, RewriteCond expr. */
enum sv_truth ap_expr_true(struct ap_run *r, struct sv_slice text, const char **ret_why);
/* The string form ("text %{VAR} ${map:...}"): of Redirect in Location, Header, ErrorDocument. */
struct sv_value ap_expr_string(struct ap_run *r, struct sv_slice text);

/* ---- apache_vars.c, apache_env.c ---- */
/* %{NAME}: server, request, environment and header variables; headers that a plain GET does not
 * carry are empty and the answer gets a condition. */
struct sv_value ap_var(struct ap_run *r, struct sv_slice name);
/* A request header by name without case; as ap_var() if the request does not carry it. */
struct sv_value ap_header(struct ap_run *r, struct sv_slice name);
/* ap_get_server_name_for_url, ap_get_server_port: what self-made redirects name. */
struct sv_slice ap_server_name(const struct ap_run *r);
unsigned ap_server_port(const struct ap_run *r);
/* A set variable may still be unknown (ret->why). Asking can put a condition on the answer. */
bool ap_env_get(struct ap_run *r, struct sv_slice name, struct sv_value *ret);
void ap_env_set(struct ap_run *r, struct sv_slice name, struct sv_value v, const char *condition);
void ap_env_unset(struct ap_run *r, struct sv_slice name);
/* mod_setenvif and BrowserMatch, in the order of the levels or of the server. */
void ap_setenvif(struct ap_run *r, bool server_level);

/* ---- apache_translate.c, apache_proxy.c ---- */
enum ap_step ap_translate(struct ap_run *r); /* rewrite, proxy, alias, userdir, vhost_alias, root */
void ap_proxy_levels(struct ap_run *r);      /* <Proxy> sections behind the servers' levels */
/* ---- apache_content.c, apache_handler.c ---- */
enum ap_step ap_type_checker(struct ap_run *r); /* MultiViews, mod_mime */
enum ap_step ap_fixups(struct ap_run *r);       /* rewrite, per-dir Redirect, mod_dir, Fallback */
enum ap_step ap_handler(struct ap_run *r);      /* CGI, status, info, proxy, autoindex, file */

#endif
