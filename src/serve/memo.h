// SPDX-License-Identifier: Apache-2.0
// What follows from a site's configuration alone, worked out when it is first asked for.
#ifndef SV_SERVE_MEMO_H
#define SV_SERVE_MEMO_H

#include "base/map.h"
#include "serve/answer.h"

/* Mappings by a folder: the first one's place in the list plus one, and from each the next. */
struct sv_by_folder {
    struct sv_map first;
    uint32_t *next;
};

/* An alias that is glued to the rest of the URL with a slash too few: names that lie beside its
 * folder have URLs. `above` NULL: none has. */
struct sv_alias_gap {
    const char *above;      /* the folder that they lie in */
    const char *begins;     /* "": all of them, as PREFIX../NAME; else the longer ones that do */
    const char *dir;        /* the alias's own folder, without links; NULL with `begins` */
    struct sv_slice prefix; /* of the URL */
    /* try_files or rewrite, where these put what the expression took below a root; else NULL */
    const struct sv_node *by;
};

/* A path with variables that a rule leads to. */
struct sv_template {
    const struct sv_scope *scope;
    struct sv_slice text, pattern; /* the pattern took the variables from the URI */
    size_t fixed;                  /* so much of the text stands before the first variable */
};
struct sv_reverse_level {
    const struct sv_scope *scope;
    size_t end; /* its templates are those before, from the end of the level before */
};

/* Which mappings and levels can have to do with a file. */
struct sv_reverse_index {
    struct sv_by_folder dir;    /* the mapping's own folder */
    struct sv_by_folder real;   /* what it is where a link leads elsewhere */
    struct sv_by_folder above;  /* the folder that /x../ climbs to */
    const char **real_dirs;     /* of each mapping; NULL: no link on the way */
    struct sv_alias_gap *gaps;  /* of each mapping */
    SV_VEC(uint32_t) variables; /* mappings with variables: they fit many folders */
    SV_VEC(struct sv_reverse_level) levels; /* that can yield a file by rewrite or try_files */
    SV_VEC(struct sv_template) templates; /* of the rules among the mappings, then of the levels */
    size_t n_rules;
    struct sv_by_folder fixed; /* what templates begin with; "/" for those with nothing */
    bool raw_guards; /* conditions look at the URL as it was sent */
};

/* Links beside the served files that lead elsewhere. */
struct sv_inner_link {
    const struct sv_mapping *mapping;
    const char *path, *real; /* the link, and what it is */
};
struct sv_inner_links {
    SV_VEC(struct sv_inner_link) list;
    struct sv_by_folder real;
};

/* A link to a regular file, of those that the walk of the served folders met. */
struct sv_file_link {
    const char *path;
    const struct sv_file_link *next; /* to the same file */
};
struct sv_file_links {
    SV_VEC(const struct sv_file_link *) list; /* of each file the latest one */
    struct sv_map real;                       /* place in the list plus one, by what they lead to */
};

/* A line that hands requests on: of those below `from`, with `to` in its place; from.p NULL: which
 * ones only an expression tells. */
struct sv_proxying {
    const struct sv_vhost *vhost;
    struct sv_slice from, to;
};

/* Where a request goes. */
struct sv_selected {
    const struct sv_listen_group *group; /* NULL: nothing listens there */
    const struct sv_vhost *named;        /* httpd: the virtual host that has the name; or NULL */
    struct sv_slice local;               /* the address that the connection came to, or empty */
};
struct sv_selections {
    struct sv_map asked; /* port, scheme, address and name: place in the list plus one */
    SV_VEC(struct sv_selected) list;
};

/* httpd: the Alias lines of one server, ScriptAlias and expressions among them. */
struct sv_alias_lines {
    SV_VEC(const struct sv_node *) list;
    struct sv_map plain;      /* the first place plus one by the text, each slash once */
    SV_VEC(uint32_t) regexes; /* places plus one of expressions */
};

struct sv_rewrite_level;

struct sv_site_memo {
    bool has_mappings, has_proxying;
    struct sv_mappings mappings;
    struct sv_reverse_index *reverse;
    struct sv_inner_links *links;
    struct sv_paths *hidden;
    struct sv_file_links file_links;
    SV_VEC(struct sv_proxying) proxying; /* in file order */
    const struct sv_vhost *proxying_any; /* the last server with a line of an expression */
    struct sv_selections selections;
    struct sv_alias_lines **aliases; /* by the id of the server's level */
    struct sv_map rewrite_at; /* apache_rewrite_list.c: by the level's address, place plus one */
    SV_VEC(struct sv_rewrite_level *) rewrites;
};

/* The memory is the site's own. */
struct sv_site_memo *sv_site_memo(const struct sv_site *site);
const struct sv_mappings *sv_site_mappings(const struct sv_site *site);
const struct sv_reverse_index *sv_reverse_index(const struct sv_site *site);
const struct sv_inner_links *sv_inner_links(const struct sv_site *site); /* reads the folders */

/* Folders at the top of served ones whose names begin with a dot, but for .well-known. */
const struct sv_paths *sv_hidden_folders(const struct sv_site *site);

/* select.c: what was found for the port, scheme and local address of `req` and this host, or, with
 * *ret_new, room for it. NULL: too much was asked for. Valid until the next call. */
struct sv_selected *sv_selected(const struct sv_site *site, const struct sv_request *req,
                                struct sv_slice host, bool *ret_new);

/* Both as the site sees them; what leads to `real` from now on has the link's URLs as well. */
void sv_site_add_file_link(const struct sv_site *site, const char *path, const char *real);
const struct sv_file_link *sv_site_file_links(const struct sv_site *site, const char *real);

/* alias_gap.c: what one mapping hands out beside its folder, if it does; made once for each. */
bool sv_alias_gap_of(const struct sv_site *site, const struct sv_mapping *m,
                     struct sv_alias_gap *ret);
/* The same of one of the site's own list of mappings, NULL: nothing. */
const struct sv_alias_gap *sv_alias_gap(const struct sv_site *site, const struct sv_mapping *m);
/* True if that may be what leads to the file: a glance, before its URLs are worked out. */
bool sv_may_be_beside_alias(const struct sv_site *site, const char *path);
/* The mapping out of whose folder this URL leads; NULL: it leads to what was meant to be served. */
const struct sv_mapping *sv_route_leaves_alias(const struct sv_route *r);
/* True if that is so of this URL, or, behind a proxy of this host, looks so. */
bool sv_route_is_way_out(const struct sv_route *r);

/* Places of mappings in ascending order, each once. */
struct sv_places_found {
    SV_VEC(uint32_t) list;
};
/* Adds those whose folder is the path or a beginning of it: one that ends at any byte, or only
 * where a component of the path ends. */
void sv_folder_find(const struct sv_by_folder *x, struct sv_arena *a, const char *path,
                    bool every_byte, struct sv_places_found *ret);
void sv_folder_sort(struct sv_places_found *io);
/* To be called from the last of the `n` to the first: chains then run in the list's order. */
void sv_folder_put(struct sv_arena *a, struct sv_by_folder *x, struct sv_slice dir, uint32_t i,
                   size_t n);
/* templates.c: fills in the templates, once the levels are known. */
void sv_reverse_templates(const struct sv_site *site, struct sv_reverse_index *x);

#endif
