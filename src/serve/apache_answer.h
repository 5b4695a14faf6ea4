// SPDX-License-Identifier: Apache-2.0
// The Apache half of serve, as its dispatcher sees it.
#ifndef SV_SERVE_APACHE_ANSWER_H
#define SV_SERVE_APACHE_ANSWER_H

#include "serve/answer.h"

struct sv_answer sv_apache_answer(const struct sv_site *site, struct sv_arena *a,
                                  const struct sv_request *req);
/* True if this httpd listens where the request goes. */
bool sv_apache_listens(const struct sv_site *site, const struct sv_request *req);
void sv_apache_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret);

#endif
