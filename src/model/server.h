// SPDX-License-Identifier: Apache-2.0
// The server model: sites, listeners, virtual hosts and scopes, each linked to its syntax node.
#ifndef SV_MODEL_SERVER_H
#define SV_MODEL_SERVER_H

#include "base/identity.h"
#include "base/map.h"
#include "base/regex.h"
#include "syntax/node.h"

/* Bits, so that a check can say which servers it is about. */
enum sv_site_kind { SV_SITE_NGINX = 1, SV_SITE_APACHE = 2 };
const char *sv_site_kind_name(enum sv_site_kind kind); /* "nginx", "apache" */

enum sv_scope_kind {
    SV_SCOPE_HTTP,
    SV_SCOPE_SERVER,
    SV_SCOPE_LOCATION,
    SV_SCOPE_IF,           /* `if` in a server or location: a hidden location of nginx; <If> */
    SV_SCOPE_LIMIT_EXCEPT, /* limit_except; <LimitExcept> */
    SV_SCOPE_LIMIT,        /* <Limit> */
    SV_SCOPE_DIRECTORY,    /* <Directory>, <DirectoryMatch> */
    SV_SCOPE_FILES,        /* <Files>, <FilesMatch> */
    SV_SCOPE_PROXY,        /* <Proxy>, <ProxyMatch> */
    SV_SCOPE_HTACCESS,     /* a .htaccess file, part of no list but its folder's */
};

enum sv_location_match {
    SV_MATCH_PREFIX,       /* location /x */
    SV_MATCH_PREFIX_STOP,  /* location ^~ /x */
    SV_MATCH_EXACT,        /* location = /x */
    SV_MATCH_REGEX,        /* location ~ x */
    SV_MATCH_REGEX_NOCASE, /* location ~* x */
    SV_MATCH_NAMED,        /* location @x */
    SV_MATCH_GLOB,         /* httpd: a name with wildcards */
};

/* The locations of one level where they are many: names to the place in `locations` plus one. */
struct sv_location_index {
    struct sv_map exact, prefix;
    SV_VEC(struct sv_scope *) regexes; /* file order; those that compile */
};

/* One level of configuration. Values are not copied here: sv_scope_get() and friends look them up
 * with the server's inheritance rule for that directive, so the node that sets it is known. */
struct sv_scope {
    enum sv_scope_kind kind;
    enum sv_location_match match;
    struct sv_node *node;
    struct sv_scope *parent; /* NULL for http and for httpd's main server */
    struct sv_site *site;
    struct sv_vhost *vhost;  /* NULL for http */
    struct sv_slice name;    /* location text (literal, regex or @name) */
    struct sv_regex *regex;  /* regex locations; NULL if it does not compile (diagnosed) */
    SV_VEC(struct sv_scope *) locations; /* direct nested locations, <Files>: file order */
    SV_VEC(struct sv_scope *) ifs;       /* direct if, limit_except, <Limit>: file order */
    struct sv_location_index *index;     /* nginx: of `locations`; NULL: they are few */
    struct sv_name_index *names; /* of the node's children; NULL: so few that each is asked */
    /* httpd: the children that every request asks for, each list with NULL behind it; NULL: none */
    const struct sv_node **of_rewrite, **of_authz;
    uint32_t id; /* index in site->scopes: file order */
    bool rewrites; /* holds if, set, rewrite, return, break or a Lua rewrite */
    bool proxies;  /* holds a directive that can hand a request on to another server */
};

struct sv_listen {
    struct sv_slice addr;   /* "0.0.0.0", "::" , an address, or a unix socket's path */
    bool is_unix, ipv6, wildcard;
    bool ssl, default_server;
    bool any_port;          /* httpd: an address without a port; one entry a port listened on */
    unsigned port;          /* 0 for unix */
    struct sv_node *node;   /* NULL: the implicit listen (*:80, or *:8000 if not root) */
    bool inside;            /* in a container with a network of its own */
    const struct sv_container_port *published; /* ... the way in from the host's network; or NULL */
    struct sv_vhost *vhost;
};

struct sv_server_name {
    struct sv_slice text; /* as written, lower case unless a regex */
    struct sv_regex *regex;
    struct sv_span span;
};

struct sv_apache;
struct sv_apache_server;

struct sv_vhost {
    struct sv_site *site;
    struct sv_apache_server *apache; /* NULL for nginx */
    struct sv_scope *scope;
    SV_VEC(struct sv_listen) listens;
    SV_VEC(struct sv_server_name) names;
    const char *label; /* first real name, or "default server" style text for people */
};

/* All virtual hosts that answer on one address:port, in file order. */
struct sv_listen_group {
    struct sv_slice addr;
    bool is_unix, ipv6, wildcard, ssl;
    unsigned port;
    struct sv_vhost *default_vhost;
    SV_VEC(struct sv_vhost *) vhosts;
    struct sv_name_table *names; /* NULL for httpd */
};

struct sv_site_memo;
struct sv_host; /* model/host.h */

/* One server program with its configuration. */
struct sv_site {
    const struct sv_host *host; /* NULL: alone */
    enum sv_site_kind kind;
    const char *config;   /* main configuration file, as seen inside the root */
    struct sv_node *root;
    struct sv_apache *apache; /* NULL for nginx */
    struct sv_scope *http; /* NULL: no http block, or httpd */
    SV_VEC(struct sv_vhost *) vhosts;
    SV_VEC(struct sv_scope *) scopes; /* all of them, file order */
    SV_VEC(struct sv_listen_group *) groups;
    struct sv_map group_at; /* place in `groups` plus one, by port and address */
    struct sv_cred worker; /* who opens the files */
    bool worker_known;
    const char *prefix;    /* build prefix for relative paths: /usr/share/nginx on Debian */
    const char *conf_dir;
    const struct sv_container *container; /* that it runs in, or NULL; `fs` is its view then */
    const struct sv_node *stock; /* it is its image's own: the mount of what it serves; or NULL */
    const char *stock_path;      /* ... and where the image has it */
    struct sv_arena *arena;
    struct sv_fs *fs;
    struct sv_sources *sources;
    struct sv_diags *diags;
    struct sv_regex_pool *regexes;
    struct sv_identity_db *ids;
    struct sv_site_memo *memo; /* serve/memo.h: what follows from the above; NULL until asked for */
};

/* Everything a model is built with; all borrowed. */
struct sv_model_env {
    struct sv_arena *arena;
    struct sv_fs *fs;
    struct sv_sources *sources;
    struct sv_diags *diags;
    struct sv_regex_pool *regexes;
    struct sv_identity_db *ids;
};

/* Builds the model from a loaded tree. A fragment (bare server or location blocks, or a conf.d
 * file without http) is wrapped so that it can be asked too. Never NULL. */
struct sv_site *sv_model_from_nginx(const struct sv_model_env *env, struct sv_node *root,
                                    const char *config);

/* The directive `name` that is in force in `scope`, by nginx's rule: the nearest level that sets
 * it (the last one there), walking up to http. *ret_scope (may be NULL) gets that level. */
struct sv_node *sv_scope_get(const struct sv_scope *scope, const char *name,
                             const struct sv_scope **ret_scope);
/* The nearest level that holds any of the NULL-terminated names: for lists that a level replaces
 * as a whole (allow and deny, index, error_page, add_header, ...). NULL if none. */
const struct sv_scope *sv_scope_list(const struct sv_scope *scope, const char *const *names);
/* First / last directive of that name in exactly this level. */
struct sv_node *sv_scope_own(const struct sv_scope *scope, const char *name);
struct sv_node *sv_scope_own_last(const struct sv_scope *scope, const char *name);
/* The group of this port and address; NULL if there is none, as of an address that httpd does not
 * listen on. */
const struct sv_listen_group *sv_listen_group(const struct sv_site *site,
                                              const struct sv_listen *l);
/* A unix socket, a loopback address, a container's port that is not published to the network. */
bool sv_listen_is_local(const struct sv_listen *l);
/* `on`/`off` flags with the default. */
bool sv_scope_flag(const struct sv_scope *scope, const char *name, bool dflt);
/* The level that all others inherit from: nginx's http block, httpd's main server; NULL if none. */
const struct sv_scope *sv_site_top(const struct sv_site *site);
/* nginx: the server's own level and all below it, one after the other in site->scopes. */
struct sv_scopes {
    struct sv_scope *const *v;
    size_t n;
};
struct sv_scopes sv_vhost_scopes(const struct sv_vhost *v);
/* False if it listens on loopback addresses and sockets of the file system alone. */
bool sv_vhost_on_network(const struct sv_vhost *v);
/* Nearest enclosing location or server (skips if and limit_except). */
const struct sv_scope *sv_scope_location(const struct sv_scope *scope);
/* The words between the parentheses of an `if`: how many, 4 for more than three. */
unsigned sv_condition_words(const struct sv_node *n, struct sv_slice ret_w[3]);
/* The map, geo or split_clients block that gives the variable (name without "$"), or NULL. */
struct sv_node *sv_site_table(const struct sv_site *site, struct sv_slice name);
/* "location ~ \.php$" style text for people. */
const char *sv_scope_text(struct sv_arena *a, const struct sv_scope *scope);
/* The worker-visible absolute path of a configured one: relative to the build prefix. */
const char *sv_site_path(const struct sv_site *site, struct sv_arena *a, struct sv_slice path);

#endif
