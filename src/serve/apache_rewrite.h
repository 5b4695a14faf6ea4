// SPDX-License-Identifier: Apache-2.0
// What mod_rewrite, the expressions and the variables of the Apache half share among themselves.
#ifndef SV_SERVE_APACHE_REWRITE_H
#define SV_SERVE_APACHE_REWRITE_H

#include "serve/apache.h"

/* ---- apache_vars.c, apache_env.c ---- */
/* The port of ServerName or of <VirtualHost>; 0: neither names one. */
unsigned ap_own_port(const struct ap_run *r);
/* ServerName or an alias of the server that answers. */
bool ap_host_is_server(const struct ap_run *r, struct sv_slice host, unsigned port);
/* A variable without a prefix; false: httpd knows none of that name. */
bool ap_var_plain(struct ap_run *r, struct sv_slice name, struct sv_value *ret);
struct sv_value ap_ssl_var(struct ap_run *r, struct sv_slice name);
/* Of the server's own process; a name that every service has and envvars does not is unknown. */
struct sv_value ap_os_env(struct ap_run *r, struct sv_slice name);
/* The variable, or what the server's own environment holds, or empty. */
struct sv_value ap_env_value(struct ap_run *r, struct sv_slice name);

/* ---- apache_expr.c ---- */
/* As ap_expr_true(), with the captures of the last regular expression that had groups. */
enum sv_truth ap_expr_match(struct ap_run *r, struct sv_slice text, struct sv_match *ret_caps,
                            const char **ret_why);

/* ---- apache_digest.c: in hexadecimal ---- */
struct sv_slice ap_md5(struct sv_arena *a, struct sv_slice s);
struct sv_slice ap_sha1(struct sv_arena *a, struct sv_slice s);

/* ---- apache_rewrite_uri.c: paths and URIs ---- */
/* Bytes of "scheme://" if the text is a full URI, else 0. *ret_query: the scheme has queries. */
size_t ap_uri_scheme(struct sv_slice uri, bool *ret_query);
/* Escapes what follows the host part of a full URI. */
struct sv_slice ap_escape_full_uri(struct sv_arena *a, struct sv_slice uri);
/* Replaces the folder `dir` at the front by `subst`; the text itself if it is not there. */
struct sv_slice ap_replace_prefix(struct sv_arena *a, struct sv_slice text, struct sv_slice dir,
                                  struct sv_slice subst);
struct sv_slice ap_concat(struct sv_arena *a, struct sv_slice x, struct sv_slice y);
/* True if a printed text has neither controls nor blanks (ap_scan_vchar_obstext). */
bool ap_printable(struct sv_slice s);
/* The path as stat(2) would see it; 0 or -errno. */
int ap_stat(struct ap_run *r, struct sv_slice path, struct stat *ret);
/* Tests that conditions and expressions share: d, e, f, s, x, and of links h, l, L. */
bool ap_path_test(struct ap_run *r, char test, struct sv_slice path);
/* -U and -F of RewriteCond and expressions. */
enum sv_truth ap_uri_test(struct ap_run *r, struct sv_slice uri, const char **ret_why);
enum sv_truth ap_file_test(struct ap_run *r, struct sv_slice path, const char **ret_why);

/* ---- apache_rewrite_rule.c: lines to rules ---- */
enum ap_rule_flag {
    AP_R_ESCAPE = 1 << 0, AP_R_NO_PLUS = 1 << 1, AP_R_CHAIN = 1 << 2, AP_R_DROP_PATH_INFO = 1 << 3,
    AP_R_END = 1 << 4, AP_R_STATUS = 1 << 5, AP_R_NO_SUBST = 1 << 6, AP_R_LAST = 1 << 7,
    AP_R_NO_ESCAPE = 1 << 8, AP_R_NEXT = 1 << 9, AP_R_NO_SUBREQ = 1 << 10, AP_R_NOCASE = 1 << 11,
    AP_R_PROXY = 1 << 12, AP_R_PASS = 1 << 13, AP_R_APPEND = 1 << 14, AP_R_DISCARD = 1 << 15,
    AP_R_LAST_MARK = 1 << 16, AP_R_NO_QUERY = 1 << 17, AP_R_REDIRECT = 1 << 18,
    AP_R_NEGATE = 1 << 19, AP_R_ANY_MARK = 1 << 20, AP_R_ANY_PREFIX = 1 << 21,
    AP_R_ESCAPE_CONTROLS = 1 << 22,
};

struct ap_rule {
    const struct sv_node *node;
    struct sv_slice pattern, output; /* the pattern without its '!' */
    unsigned flags, skip, rounds;
    int status;
    struct sv_slice type, handler;
    struct sv_slice escapes, no_escapes; /* of [B=] and [BNE=] */
    SV_VEC(struct sv_slice) env;
    struct sv_regex *re; /* NULL: the pattern cannot be evaluated */
};
struct ap_cond {
    const struct sv_node *node;
    struct sv_slice input, pattern;
    bool nocase, or_next;
};
/* False if httpd would refuse the line. */
bool ap_rule_parse(struct sv_arena *a, const struct sv_node *n, struct ap_rule *ret);
bool ap_cond_parse(const struct sv_node *n, struct ap_cond *ret);

/* ---- apache_rewrite_list.c: which rules are in force ---- */
enum ap_rewrite_option {
    AP_RO_INHERIT = 1, AP_RO_INHERIT_BEFORE = 2, AP_RO_DOWN = 4, AP_RO_DOWN_BEFORE = 8,
    AP_RO_IGNORE = 16, AP_RO_NO_SLASH = 32, AP_RO_ANY_URI = 64, AP_RO_MERGE_BASE = 128,
    AP_RO_NO_CONTEXT = 256, AP_RO_LEGACY_PREFIX = 512,
};
typedef SV_VEC(const struct sv_node *) ap_rule_nodes;
/* Rules with their conditions, as indices into the lines. */
struct ap_rule_list {
    SV_VEC(struct ap_rule) rules;
    SV_VEC(size_t) conds, lines;
    const struct sv_node *bad; /* a line that httpd would refuse, or NULL */
    bool made;
};
struct ap_rewrite_conf {
    bool enabled, enabled_set;
    unsigned options;
    bool options_set;
    struct sv_slice base;      /* RewriteBase; empty: none */
    struct sv_slice directory; /* what is stripped, with its slash; empty: server level */
    ap_rule_nodes lines;       /* RewriteCond and RewriteRule in their order */
    ap_rule_nodes maps;        /* RewriteMap, the strongest first; server level only */
    bool own;                  /* the virtual host has directives of its own */
    struct ap_rule_list *list; /* of the lines, if they are one level's: made when they first run */
};
/* Of the server's own configuration. */
void ap_rewrite_server_conf(struct ap_run *r, struct ap_rewrite_conf *ret);
/* The rules of conf->lines; conf->list keeps them for the next request. */
const struct ap_rule_list *ap_rewrite_rules(struct ap_run *r, const struct ap_rewrite_conf *conf);
/* Of the levels merged so far. */
void ap_rewrite_dir_conf(struct ap_run *r, struct ap_rewrite_conf *ret);

/* ---- apache_rewrite_expand.c ---- */
struct ap_rewriter {
    struct ap_run *r; /* filename, path_info and args are rewritten in place */
    struct ap_rewrite_conf conf;
    struct sv_match rule, cond; /* $N and %N; n == 0: none */
    struct sv_slice dir;        /* per-directory prefix, or empty */
    const struct ap_rule *last; /* the last rule with a substitution */
    bool proxy_request;         /* handed over already when the rules began */
    bool proxy, pass, reduced;  /* [P], [PT]; the URL named this very server */
    int status;                 /* of [R], [F], [G] and of refusals */
    const char *why;            /* AP_RW_UNKNOWN: what could not be known */
};
/* Variables, maps and back references. `rule` (may be NULL) says how the latter are escaped.
 * *ret_mark (may be NULL): a question mark came in that the text itself does not hold. */
struct sv_value ap_rewrite_expand(struct ap_rewriter *w, struct sv_slice text,
                                  const struct ap_rule *rule, bool *ret_mark);
/* apache_rewrite_map.c; an empty `s` with p == NULL: the key is not there. */
struct sv_value ap_rewrite_map(struct ap_rewriter *w, struct sv_slice map, struct sv_slice key);

/* ---- apache_rewrite_cond.c ---- */
enum sv_truth ap_cond_true(struct ap_rewriter *w, const struct ap_cond *c, const char **ret_why);

/* ---- apache_rewrite_apply.c ---- */
enum ap_rewritten {
    AP_RW_NONE,     /* no rule changed anything */
    AP_RW_CHANGED,
    AP_RW_NOESCAPE, /* changed, by a rule with [NE] */
    AP_RW_STATUS,   /* the answer is w->status */
    AP_RW_UNKNOWN,
};
enum ap_rewritten ap_rewrite_list(struct ap_rewriter *w);

#endif
