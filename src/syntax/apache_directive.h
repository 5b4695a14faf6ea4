// SPDX-License-Identifier: Apache-2.0
// The directives that come with httpd 2.4: of which module, where allowed, under which override.
#ifndef SV_SYNTAX_APACHE_DIRECTIVE_H
#define SV_SYNTAX_APACHE_DIRECTIVE_H

#include "syntax/apache.h"

/* In the server's own files. */
enum sv_apache_where {
    SV_APACHE_ANYWHERE,
    SV_APACHE_OUTSIDE, /* not in <Directory>, <Files>, <Location>, <If> and what counts as these */
    SV_APACHE_INSIDE,  /* only there */
};

/* The words of AllowOverride that admit a directive to .htaccess files; none: never admitted. */
enum sv_apache_override {
    SV_APACHE_AUTHCONFIG = 1,
    SV_APACHE_FILEINFO = 2,
    SV_APACHE_INDEXES = 4,
    SV_APACHE_LIMIT = 8,
    SV_APACHE_OPTIONS = 16,
    SV_APACHE_ANY_OVERRIDE = 32, /* each of them, only not None */
};

struct sv_apache_directive {
    const char *name;   /* in lower case; a section with '<' before it */
    const char *module; /* its file, "mod_rewrite.c"; "mpm": each of the MPMs */
    unsigned char where, override;
};

/* By a node's name; `section` tells <Proxy> from Proxy. NULL: none that comes with httpd. A few
 * belong to more than one module: the others follow in the array. */
const struct sv_apache_directive *sv_apache_directive(struct sv_slice name, bool section);
/* The same, of a module that is in; NULL also if it is not. */
const struct sv_apache_directive *sv_apache_directive_in(const struct sv_apache_tree *t,
                                                         struct sv_slice name, bool section);
/* True if a module is in that does not come with httpd: it may bring directives of its own. */
bool sv_apache_has_foreign_module(struct sv_arena *a, const struct sv_apache_tree *t);

#endif
