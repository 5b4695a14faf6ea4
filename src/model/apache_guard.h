// SPDX-License-Identifier: Apache-2.0
// What a section of httpd says about access, read without a request.
#ifndef SV_MODEL_APACHE_GUARD_H
#define SV_MODEL_APACHE_GUARD_H

#include "syntax/node.h"

enum sv_guard {
    SV_GUARD_NONE,     /* says nothing about access */
    SV_GUARD_GRANTS,   /* lets everyone in */
    SV_GUARD_RESTRICTS, /* lets some in: addresses, users, an environment variable */
    SV_GUARD_DENIES,   /* lets nobody in */
};

/* Of the section's own directives: Require with its containers (mod_authz_core), else Order, Allow
 * and Deny (mod_access_compat). Sections inside of it are not looked at, but for Limit. *ret_node
 * (may be NULL) gets the line that says it. */
enum sv_guard sv_apache_guard(const struct sv_node *section, const struct sv_node **ret_node);

#endif
