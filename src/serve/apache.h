// SPDX-License-Identifier: Apache-2.0
// The hooks that a request runs through in httpd's order; private to the Apache half of serve.
#ifndef SV_SERVE_APACHE_H
#define SV_SERVE_APACHE_H

#include "serve/apache_run.h"

/* ---- apache.c: the phases ---- */
void ap_why(struct ap_run *r, const struct sv_node *node); /* the line is one that decides */
/* A lookup sub-request (ap_sub_req_lookup_uri; `uri` is encoded and may be relative): runs all
 * phases up to the fixups. The status is 200 if it would be served, -1 if that is unknown (see
 * ret_sub->ans.unknown). */
int ap_lookup(struct ap_run *r, struct sv_slice uri, struct ap_run *ret_sub);
/* The same for a name in the folder of r->filename (ap_sub_req_lookup_dirent). */
int ap_lookup_name(struct ap_run *r, struct sv_slice name, struct ap_run *ret_sub);
/* The same for any file name, relative to that folder (ap_sub_req_lookup_file). */
int ap_lookup_file(struct ap_run *r, struct sv_slice path, struct ap_run *ret_sub);
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
/* Takes r->req apart: false for what httpd refuses before it looks for a virtual host.
 * `unsafe`: a fragment is allowed. */
bool ap_read_request(struct ap_run *r, bool unsafe);
struct sv_slice ap_one_slash(struct sv_slice target); /* the slashes it begins with become one */
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
/* False for what httpd cannot read. */
bool ap_expr_valid(struct ap_run *r, struct sv_slice text);
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
/* SetEnv, PassEnv and UnsetEnv. */
void ap_mod_env(struct ap_run *r);
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
