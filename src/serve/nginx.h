// SPDX-License-Identifier: Apache-2.0
// State of one request while it runs through nginx's phases; private to the nginx half of serve.
#ifndef SV_SERVE_NGINX_H
#define SV_SERVE_NGINX_H

#include "base/limits.h"
#include "serve/answer.h"
#include "serve/client.h"
#include "serve/value.h"

struct ngx_var {
    struct sv_slice name;
    struct sv_value value;
};

/* What happens after a phase. */
enum ngx_step {
    NGX_NEXT,            /* go on with the following phase */
    NGX_FIND,            /* the URI was rewritten: look for a location again */
    NGX_SERVER_REWRITE,  /* internal redirect */
    NGX_LOCATION,        /* named location: its own rewrite phase comes next */
    NGX_DONE,            /* the answer is complete */
};

struct ngx_run {
    const struct sv_site *site;
    struct sv_arena *a;
    const struct sv_request *req;
    const struct sv_listen_group *group;
    const struct sv_vhost *vhost;
    const struct sv_scope *scope;         /* configuration in force (nginx: r->loc_conf) */
    const struct sv_scope *handler_scope; /* level whose content handler is set, or NULL */
    const struct sv_node *handler;
    struct sv_slice host;                 /* lower case, without port and trailing dot */
    struct sv_slice local;                /* address the connection came to, as far as known */
    struct sv_slice uri, args;
    bool internal, valid_location, add_uri_to_alias, error_page, quoted;
    int uri_changes;
    int err_status;
    struct sv_match caps; /* of the last regular expression that matched */
    SV_VEC(struct ngx_var) vars;
    unsigned var_depth;
    const char *undecided; /* what a program decides about access; NULL: nothing so far */
    struct sv_answer ans;
};

/* nginx_vars.c: variables and texts with variables. */
struct sv_value ngx_var_get(struct ngx_run *r, struct sv_slice name);
void ngx_var_set(struct ngx_run *r, struct sv_slice name, struct sv_value v);
struct sv_value ngx_expand(struct ngx_run *r, struct sv_slice text);
bool ngx_has_vars(struct sv_slice text);
/* Matches and, on success, sets the captures and the variables of named groups. */
enum sv_match_result ngx_regex(struct ngx_run *r, struct sv_regex *re, struct sv_slice text);
/* The first server_name; of ".x" it is "x". */
struct sv_slice ngx_server_name(const struct ngx_run *r);
/* Answers "unknown", naming why. */
enum ngx_step ngx_unknown(struct ngx_run *r, const char *why);

/* nginx_map.c: map, geo and split_clients blocks. False if none defines the variable. */
bool ngx_map_value(struct ngx_run *r, struct sv_slice name, struct sv_value *ret);

/* nginx_select.c: listener, virtual host. */
bool ngx_select(struct ngx_run *r);

/* nginx_locate.c */
enum ngx_step ngx_find_location(struct ngx_run *r);
void ngx_enter(struct ngx_run *r, const struct sv_scope *scope); /* r->loc_conf = ... */

/* nginx_rewrite.c: set, if, rewrite, return, break of one level, in order. */
enum ngx_step ngx_rewrite_phase(struct ngx_run *r, const struct sv_scope *level);

/* nginx_access.c: allow/deny, auth_basic, auth_request, satisfy. */
enum ngx_step ngx_access_phase(struct ngx_run *r);

/* nginx_content.c: try_files, handlers, index, autoindex, static. */
enum ngx_step ngx_try_files(struct ngx_run *r);
enum ngx_step ngx_content_phase(struct ngx_run *r);

/* nginx_upstream.c: where the proxy_pass in force sends the request; NULL if that is not fixed. */
const struct sv_upstream *ngx_upstream(struct ngx_run *r);

/* nginx_proxied.c: the answer of proxy_pass, from the audited server behind it if there is one. */
enum ngx_step ngx_proxied(struct ngx_run *r);

/* nginx_path.c: URI to path, and what open(2) and stat(2) would say to the worker. */
struct ngx_path {
    const char *path;    /* NULL: unknown, see why; status 500 if `error` */
    const char *why;
    bool is_alias;       /* alias in force (literal or regex) */
    bool regex_alias;
    size_t alias_len;    /* bytes of the URI that a literal alias replaces */
    bool error;          /* alias where the URI was rewritten: 500 */
};
struct ngx_path ngx_map_path(struct ngx_run *r);
struct ngx_path ngx_root_path(struct ngx_run *r); /* only root or alias itself */
struct ngx_file {
    int error; /* 0 or errno */
    bool is_dir, is_file, is_exec;
    const char *blocker;
    const struct sv_hidden *hidden;
};
/* `open`: the worker must also be able to read it (regular files and folders). */
struct ngx_file ngx_stat(struct ngx_run *r, const char *path, bool open);

/* nginx_error.c: status to outcome, error_page. */
enum ngx_step ngx_finalise(struct ngx_run *r, int status);
bool ngx_has_page(struct ngx_run *r, int status); /* an error_page is in force for it */
/* The path with the scheme, name and port of the server before it, if that is wanted. */
const char *ngx_absolute(struct ngx_run *r, struct sv_slice to);
enum sv_outcome ngx_outcome_of(int status); /* of an answer that is nginx's own */
enum ngx_step ngx_internal_redirect(struct ngx_run *r, struct sv_slice uri, struct sv_slice args);
enum ngx_step ngx_named_location(struct ngx_run *r, struct sv_slice name);
/* The answer is this outcome with `status`, or the status an error_page forces. */
enum ngx_step ngx_send(struct ngx_run *r, enum sv_outcome outcome, int status);
/* Redirect: `to` as configured, made absolute as the header filter does. */
enum ngx_step ngx_redirect(struct ngx_run *r, int status, struct sv_slice to);

/* nginx.c: the lines that decide; ngx_escape_uri() for a path, or for arguments. */
void ngx_why(struct ngx_run *r, const struct sv_node *node);
struct sv_slice ngx_escape(struct sv_arena *a, struct sv_slice s, bool args);

#endif
