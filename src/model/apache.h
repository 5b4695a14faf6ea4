// SPDX-License-Identifier: Apache-2.0
// What the server model holds of an Apache httpd beside the common part: modules, section lists.
#ifndef SV_MODEL_APACHE_H
#define SV_MODEL_APACHE_H

#include "model/server.h"
#include "syntax/apache.h"

typedef SV_VEC(struct sv_scope *) sv_scope_vec;

/* Options, in the server's own terms. */
enum ap_option {
    AP_OPT_INDEXES = 1,
    AP_OPT_INCLUDES = 2,
    AP_OPT_SYM_LINKS = 4,
    AP_OPT_EXECCGI = 8,
    AP_OPT_INC_WITH_EXEC = 16,
    AP_OPT_SYM_OWNER = 32,
    AP_OPT_MULTI = 64,
};

/* The main server or a virtual host. The section lists are complete: the main server's sections
 * stand before the virtual host's own, and the folders are in the order in which httpd merges them
 * (ap_core_reorder_directories: plain ones by the number of their parts, then the expressions). */
struct sv_apache_server {
    struct sv_vhost *vhost;
    const struct sv_scope *main_scope; /* the main server's level; vhost->scope for itself */
    sv_scope_vec directories, locations, files, ifs, proxies;
    const struct sv_node *document_root; /* NULL: the build's htdocs */
    bool is_main;
};

struct sv_mime_types;

struct sv_apache {
    struct sv_apache_tree tree;
    struct sv_apache_server *main;
    SV_VEC(struct sv_node *) listens; /* Listen directives */
    struct sv_htaccess_cache *htaccess; /* one entry a folder, filled by requests */
    struct sv_mime_types *types; /* of TypesConfig, read by the first request that asks */
    const char *version;                /* "2.4" */
};

/* apr_fnmatch_test(): what makes a name a pattern. */
bool sv_apache_has_wildcard(struct sv_slice s);

/* One <VirtualHost> can have several addresses: each is a listen of the vhost; one without a port
 * (any_port) gives a listen for every port that is listened on. The main server's listens are the
 * Listen directives; where there are none, as in one vhost's file, the vhosts' own ports count.
 * site->groups has one group for each address set of a port, as httpd looks them up: the exact
 * addresses, and a wildcard whose only member may be the main server. Never NULL. vhosts.v[0] is
 * the main server; its sections' scopes have it as their vhost. name of Directory sections: clean,
 * without a trailing slash but for "/"; of plain Files and Location sections: as written. A
 * <Limit>'s directives belong to the level around it, for its methods. */
struct sv_site *sv_model_from_apache(const struct sv_model_env *env,
                                     const struct sv_apache_tree *tree, const char *config);

/* A folder's .htaccess file, read and parsed once. */
struct sv_htaccess {
    struct sv_scope *scope;    /* its level, children as in a Directory section; NULL: none */
    const struct sv_node *bad; /* the first directive that cannot be read at all, or NULL */
    int error;                 /* 0, or the errno of reading it: 403 for everything below */
    const char *path;
    enum { SV_EXPR_UNSEEN, SV_EXPR_GOOD, SV_EXPR_BAD } expressions; /* of its <If> sections */
    struct sv_verdict *verdicts; /* one for each AllowOverride that it was asked under */
};
/* The first of AccessFileName's names that the folder (absolute path without a trailing slash, ""
 * for the root) holds; NULL if there is none. The scope's vhost is NULL: hosts share folders. */
struct sv_htaccess *sv_apache_htaccess(const struct sv_site *site, struct sv_slice names,
                                       const char *dir);

/* AllowOverride and AllowOverrideList in force for a folder. */
enum { SV_OVERRIDE_ALL = 31 };
struct sv_override {
    unsigned mask; /* enum sv_apache_override */
    bool unset;    /* never set: None, but the files are read all the same */
    bool nonfatal_override, nonfatal_unknown;
    unsigned options;            /* enum ap_option bits that Options may name */
    const struct sv_node *list;  /* AllowOverrideList, or NULL */
    const struct sv_node *node;  /* AllowOverride, or NULL */
};
/* What httpd makes of a .htaccess file under an override. */
struct sv_verdict {
    struct sv_verdict *next;
    struct sv_override override;
    const struct sv_node *bad;     /* refused: 500 for the whole folder */
    const struct sv_node *unknown; /* of a module that is not known */
    const struct sv_scope *scope;  /* the level without what Nonfatal= skips */
};
const struct sv_verdict *sv_apache_judge(const struct sv_site *site, struct sv_htaccess *ht,
                                         const struct sv_override *override);
/* Bits of one word of Options, 0 for None and for what is no option. */
unsigned sv_apache_option(struct sv_slice word);
/* The authorization providers of httpd's own modules: the module's file, or NULL. */
const char *sv_apache_provider(struct sv_slice name);

#endif
