// SPDX-License-Identifier: Apache-2.0
// State of one request while it runs through httpd's hooks.
#ifndef SV_SERVE_APACHE_RUN_H
#define SV_SERVE_APACHE_RUN_H

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
    const char *virtual_root; /* of VirtualDocumentRoot, or NULL */
    bool rewrite_end;    /* RewriteRule [END]: holds for all internal redirects that follow */
    struct sv_slice forced_type, forced_handler; /* RewriteRule [T=] and [H=] */
    const struct sv_node *forced_node;
    bool whole_name;     /* a per-directory rule sees the whole file name */
    bool expr_failed;    /* httpd gave up on an expression */
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

#endif
