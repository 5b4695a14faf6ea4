// SPDX-License-Identifier: Apache-2.0
// The Apache half of serve, as its dispatcher sees it.
#ifndef SV_SERVE_APACHE_ANSWER_H
#define SV_SERVE_APACHE_ANSWER_H

#include "serve/answer.h"

struct sv_answer sv_apache_answer(const struct sv_site *site, struct sv_arena *a,
                                  const struct sv_request *req);
/* 0: this httpd does not listen where the request goes; 1: it does; 2: and knows the name. */
int sv_apache_fit(const struct sv_site *site, struct sv_arena *a, const struct sv_request *req);
void sv_apache_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret);

#endif
