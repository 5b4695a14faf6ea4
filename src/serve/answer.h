// SPDX-License-Identifier: Apache-2.0
// serve_answer: what a server replies to one request, with which file, by which lines.
#ifndef SV_SERVE_ANSWER_H
#define SV_SERVE_ANSWER_H

#include "model/server.h"

enum sv_outcome {
    SV_OUT_FILE,
    SV_OUT_LISTING,
    SV_OUT_REDIRECT,
    SV_OUT_DENIED,
    SV_OUT_AUTH,
    SV_OUT_NOT_FOUND,
    SV_OUT_RETURN,
    SV_OUT_PROXIED,
    SV_OUT_HANDLER,
    SV_OUT_ERROR,
    SV_OUT_UNKNOWN,
};
const char *sv_outcome_name(enum sv_outcome o); /* CONTRACT spelling */

struct sv_request {
    struct sv_slice method; /* "GET" */
    struct sv_slice host;   /* as sent, without port; may be empty */
    struct sv_slice host_header; /* the whole Host header; empty: `host`, and `port` if need be */
    bool https;
    unsigned port;          /* 80 / 443 if the URL names none */
    unsigned outer_port;    /* the published port of a container that leads to `port`, or 0 */
    struct sv_slice target; /* raw request target: path and query as sent */
    struct sv_slice client; /* IP text, or empty: a stranger whose address no rule names */
    struct sv_slice local;  /* local address the connection came to, or a unix socket's path; or
                               empty: from the host if that is an IP address, else any */
    unsigned hops;          /* proxies of this host that it came through */
};

struct sv_why {
    struct sv_span span;
    struct sv_slice text; /* head of the deciding directive, one line */
};

/* Where a proxied request goes, as far as the configuration fixes it. */
struct sv_upstream {
    struct sv_slice address; /* an address, a name, or a socket's path */
    bool is_unix, https;
    unsigned port;
    struct sv_slice host;    /* the Host that the backend sees */
    struct sv_slice target;  /* the raw target that it sees */
    struct sv_slice client_header; /* the header that carries the client's address, or empty */
};

struct sv_answer {
    enum sv_outcome outcome;
    int status;               /* 0: null in JSON */
    const char *file;         /* file whose bytes are the body, or NULL */
    const char *location;     /* redirect target as sent, or NULL */
    const char *unknown;      /* for SV_OUT_UNKNOWN: what could not be known */
    const char *if_let_in;    /* for SV_OUT_UNKNOWN: the file, if a program that decides lets in */
    bool undecided;           /* for SV_OUT_UNKNOWN: only that program's decision is not known */
    const char *condition;    /* answer holds only if ... ; NULL: holds for everyone */
    const struct sv_vhost *vhost;
    const struct sv_scope *scope; /* the location (or server) that produced the content */
    const struct sv_site *site;   /* the server that the client talks to */
    const struct sv_upstream *upstream; /* outcome PROXIED: where to, or NULL if not fixed */
    const struct sv_site *behind; /* the audited server of this host that answers in the end */
    const struct sv_vhost *behind_vhost; /* ... its virtual host, and what it was asked for */
    struct sv_slice behind_target;
    bool trusted_proxy; /* ... to which the client looked like this host itself */
    bool auth_needed;         /* auth_basic guards it (outcome AUTH) */
    bool beyond_limits;       /* an own bound (regular expressions, lengths) was hit on the way */
    bool worker_denied;       /* denied because the worker may not read the file */
    SV_VEC(struct sv_why) why;
    SV_VEC(const char *) htaccess; /* the .htaccess files that httpd read for it */
};

/* A copy whose texts are in `a`; `like` (may be NULL), an answer whose texts are there, lends those
 * that are the same. */
struct sv_answer sv_answer_copy(struct sv_arena *a, const struct sv_answer *ans,
                                const struct sv_answer *like);
/* Names the setting of the server's unit that hides a file from it. */
void sv_answer_hidden(struct sv_arena *a, struct sv_answer *ans, const struct sv_hidden *h);
/* Parses an absolute http/https URL (target kept raw). Negative errno with err. */
int sv_request_from_url(struct sv_arena *a, struct sv_slice url, struct sv_request *ret,
                        struct sv_err *err);

/* A GET that selects this virtual host on this socket (by its first plain name, else the address),
 * from a stranger; `target` is borrowed. */
struct sv_request sv_request_to(struct sv_arena *a, const struct sv_vhost *v,
                                const struct sv_listen *l, const char *target);
const char *sv_request_url(struct sv_arena *a, const struct sv_request *q);

/* Runs the request. Memory of the answer comes from `a`, which may be cleared afterwards. */
struct sv_answer sv_serve_answer(const struct sv_site *site, struct sv_arena *a,
                                 const struct sv_request *req);
/* fronts.c: requests to servers of this host that may be handed to `back` as `target`: candidates,
 * from the prefixes of proxy_pass and ProxyPass, for the caller to prove. */
struct sv_front {
    const struct sv_site *site;
    const struct sv_vhost *vhost;
    struct sv_request request;
};
struct sv_fronts {
    SV_VEC(struct sv_front) list;
};
void sv_serve_fronts(const struct sv_site *back, struct sv_arena *a, struct sv_slice target,
                     struct sv_fronts *ret);
/* chain.c: hands a request to io_answer->upstream if an audited server of this host listens there,
 * and makes its answer that of the front, with the redirect as the backend sent it. False, and the
 * answer stays as it is, if there is none. */
bool sv_serve_follow(const struct sv_site *site, struct sv_arena *a, const struct sv_request *req,
                     struct sv_answer *io_answer);
/* The port that the Host header names, "" if it names none. */
struct sv_slice sv_request_host_port(struct sv_arena *a, const struct sv_request *q);
/* The Host header, from a client whose URL has this host and port if it is not given. */
struct sv_slice sv_request_host(struct sv_arena *a, const struct sv_request *q);
/* A request from the network to a port that a container publishes becomes one to the port in it. */
void sv_request_enter(const struct sv_site *site, struct sv_request *io);
/* The site of several that listens where the request goes; NULL if none does. */
const struct sv_site *sv_serve_pick(struct sv_site *const *sites, size_t n,
                                    const struct sv_request *req);

/* One URL that yields a file, proved by running it. */
struct sv_route {
    const char *url;
    struct sv_answer answer;
};
/* route.c: the server that has the file (behind a proxy of this host, the one that it hands over
 * to), and the path that this one is asked for, decoded as servers compare it. */
const struct sv_vhost *sv_route_holder(const struct sv_route *r);
struct sv_slice sv_route_path(struct sv_arena *a, const struct sv_route *r);
struct sv_routes {
    SV_VEC(struct sv_route) list;
    SV_VEC(struct sv_route) blocked; /* candidates that a rule or mode refuses: the best few */
    SV_VEC(struct sv_route) handed;  /* candidates that a program answers: the best few */
    SV_VEC(struct sv_route) open;    /* candidates whose answer is unknown: the best few */
};
/* Every URL (one per vhost and mapping) whose answer is this file. `client` as in sv_request. */
void sv_serve_reverse(const struct sv_site *site, struct sv_arena *a, const char *file,
                      struct sv_slice client, struct sv_routes *ret);

/* Folders that a site maps URLs to: roots and aliases with constant values (for variables, the
 * constant folder before the first one). */
struct sv_mapping {
    const struct sv_scope *scope; /* the level that sets it */
    struct sv_node *node;         /* root or alias directive; NULL: the build's default root */
    const char *dir;              /* absolute, lexically clean */
    struct sv_slice value;        /* as configured; "" for the build's default */
    struct sv_slice uri_prefix;   /* what of the URI the folder replaces ("" for root) */
    struct sv_slice pattern;      /* the expression that $1 in the value comes from, or empty */
    bool is_alias, exact;         /* exact: no variable in the value */
    bool repeats;                 /* nginx: a root that an earlier one gave the same server */
    SV_VEC(const struct sv_vhost *) vhosts; /* that it is in force for */
};
struct sv_mappings {
    SV_VEC(struct sv_mapping) list;
    SV_VEC(struct sv_mapping) rules; /* rewrites to paths: only for reverse, not served as such */
};
/* The lists are made once and stay the site's. */
void sv_serve_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret);

/* Decodes and normalises a raw path as nginx does (ngx_http_parse_complex_uri): 0, or 400. */
int sv_uri_normalise(struct sv_arena *a, struct sv_slice raw, bool merge_slashes,
                     struct sv_slice *ret_uri, struct sv_slice *ret_args);
/* Percent-encodes what a URL path cannot hold. */
const char *sv_uri_escape(struct sv_arena *a, struct sv_slice path);

#endif
