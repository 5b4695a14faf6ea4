// SPDX-License-Identifier: Apache-2.0
// What the parts of httpd's access control say to one another.
#ifndef SV_SERVE_APACHE_AUTHZ_H
#define SV_SERVE_APACHE_AUTHZ_H

#include "serve/apache.h"

/* authz_status of mod_auth.h, and what nothing decides. */
enum ap_grant {
    AP_NEUTRAL,
    AP_GRANTED,
    AP_REFUSED,
    AP_NO_USER,
    AP_BROKEN, /* an error while it is decided: 500 */
    AP_UNDECIDED,
};

struct ap_authz {
    enum ap_grant grant;
    const struct sv_node *node; /* the line that decides, or NULL */
    const char *why;            /* AP_UNDECIDED: what is not known */
};

/* apache_require.c: one Require line or its provider alias. */
struct ap_authz ap_require(struct ap_run *r, const struct sv_node *n);
/* apache_compat.c: Order, Allow and Deny of mod_access_compat. GRANTED or REFUSED. */
struct ap_authz ap_compat(struct ap_run *r);
enum ap_satisfy { AP_SATISFY_ALL, AP_SATISFY_ANY };
enum ap_satisfy ap_satisfies(const struct ap_run *r, const struct sv_node **ret_node);

bool ap_same_method(const struct ap_run *r, struct sv_slice name);
/* True if a <Limit> or <LimitExcept> covers the request's method. */
bool ap_limits_method(const struct ap_run *r, const struct sv_node *section);
/* An address, network, mask or part of an address, as apr_ipsubnet_create() reads it. */
bool ap_subnet_holds(const struct ap_run *r, struct sv_slice text);
bool ap_client_is_local(const struct ap_run *r);
/* A host name: what the client's address would have to resolve to. */
enum sv_truth ap_client_host(const struct ap_run *r, struct sv_slice name, bool forward);

#endif
