// SPDX-License-Identifier: Apache-2.0
// What the hooks that turn a URI into a file name share; private to the Apache half of serve.
#ifndef SV_SERVE_APACHE_NAMES_H
#define SV_SERVE_APACHE_NAMES_H

#include "serve/apache.h"

/* apache_alias.c: the Alias lines of a server's level, and the place plus one of the first plain
 * one that takes the URI; 0: none. */
const struct sv_alias_lines *ap_alias_lines(const struct sv_site *site, const struct sv_scope *s);
uint32_t ap_alias_plain(struct sv_arena *a, const struct sv_alias_lines *x, struct sv_slice uri);
size_t ap_alias_match(struct sv_slice uri, struct sv_slice fake);
const char *ap_document_root(const struct ap_run *r); /* absolute, without a trailing slash */
struct sv_slice ap_pregsub(struct sv_arena *a, struct sv_slice text, const struct sv_match *m);

/* ---- apache_error.c ---- */
bool ap_is_url(struct sv_slice s); /* with a scheme and an authority */

/* ---- apache_proxy.c ---- */
enum ap_step ap_proxy_early(struct ap_run *r);     /* ProxyPass with mapping= */
enum ap_step ap_proxy_translate(struct ap_run *r); /* ProxyPass, ProxyPassMatch, ProxyRequests */
/* Ends a request that is handed over to `url`: 500 if no module speaks its scheme. */
enum ap_step ap_hand_over(struct ap_run *r, struct sv_slice url);

/* ---- apache_upstream.c ---- */
/* Where that goes, or NULL if the backend does not speak HTTP. */
const struct sv_upstream *ap_upstream(struct ap_run *r, struct sv_slice url);
/* The first BalancerMember of <Proxy balancer://name>, or the URL itself. */
struct sv_slice ap_balanced(const struct ap_run *r, struct sv_slice url);

/* ---- apache_proxied.c ---- */
/* The answer of the backend at `url`, from an audited server if there is one. */
enum ap_step ap_proxied(struct ap_run *r, struct sv_slice url);

/* ---- apache_userdir.c ---- */
enum ap_step ap_userdir(struct ap_run *r);
enum ap_step ap_vhost_alias(struct ap_run *r);
/* Modules outside httpd's own tree that claim URLs: WSGIScriptAlias, JkMount, ... */
enum ap_step ap_foreign_translate(struct ap_run *r);

/* ---- apache_translate.c ---- */
/* mod_alias in the fixups: Redirect of Directory, Location and .htaccess. */
enum ap_step ap_alias_fixup(struct ap_run *r);

/* ---- apache_mime.c ---- */
enum ap_step ap_mime(struct ap_run *r); /* find_ct(): type, handler, encoding by extensions */

/* Names of SetOutputFilter and AddOutputFilter: notes INCLUDES and programs. */
void ap_add_filters(struct ap_run *r, struct sv_slice list);

/* ---- apache_multi.c ---- */
enum ap_step ap_multiviews(struct ap_run *r);
enum ap_step ap_type_map(struct ap_run *r); /* the type-map handler */

/* ---- apache_dir.c ---- */
enum ap_step ap_dir_fixup(struct ap_run *r);

/* ---- apache_content.c ---- */
/* Ends with 403 or 404 for a file that cannot be opened, naming who may not read it. */
enum ap_step ap_refused(struct ap_run *r, const char *path, int error);
/* 0, or the errno that the worker's open(2) gives. */
int ap_open_error(struct ap_run *r, const char *path);

#endif
