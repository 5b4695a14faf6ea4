// SPDX-License-Identifier: Apache-2.0
// State of one configuration's load; private to the nginx syntax files.
#ifndef SV_SYNTAX_NGINX_INTERNAL_H
#define SV_SYNTAX_NGINX_INTERNAL_H

#include "syntax/nginx.h"

struct ngx_loaded {
    const char *path;
    uint32_t file; /* source id, 0: could not be read (diagnosed) */
};

/* A load in progress: files read once, the stack of includes, the parts of a dump. */
struct ngx_load {
    struct sv_syntax *sx;
    const char *conf_dir;
    const struct sv_nginx_made_files *made; /* they are `loaded` from the beginning; or NULL */
    bool dump; /* includes are answered from `loaded` alone */
    SV_VEC(struct ngx_loaded) loaded;
    const char *stack[64];
    unsigned depth;
    unsigned followed; /* includes so far: files that include each other twice multiply */
};

/* Parses into `parent`; `load` may be NULL (includes are not followed). */
void ngx_parse_into(struct sv_syntax *sx, struct ngx_load *load, uint32_t file,
                    struct sv_node *parent, struct sv_node *included_by);
/* Resolves one include directive: the files' directives are appended to its parent. */
void ngx_include(struct ngx_load *load, struct sv_node *include);

#endif
