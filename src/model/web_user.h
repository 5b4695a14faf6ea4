// SPDX-License-Identifier: Apache-2.0
// As whom requests from the network read files: workers of web servers and pools of PHP.
#ifndef SV_MODEL_WEB_USER_H
#define SV_MODEL_WEB_USER_H

#include "model/host.h"
#include "model/php_fpm.h"

struct sv_web_user {
    struct sv_cred cred;
    const char *what; /* "the web server's user www-data", "PHP's user shop (pool shop)" */
};

/* Each user and group once, servers before pools; root, who needs no right, and unknown ones are
 * left out. */
void sv_web_users_find(struct sv_arena *a, struct sv_host *host);

#endif
