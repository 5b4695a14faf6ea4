// SPDX-License-Identifier: Apache-2.0
// The nginx half of serve, as its dispatcher sees it.
#ifndef SV_SERVE_NGINX_ANSWER_H
#define SV_SERVE_NGINX_ANSWER_H

#include "serve/answer.h"

struct sv_answer sv_nginx_answer(const struct sv_site *site, struct sv_arena *a,
                                 const struct sv_request *req);
/* 0: this nginx does not listen where the request goes; 1: it does; 2: and knows the name. */
int sv_nginx_fit(const struct sv_site *site, const struct sv_request *req);

#endif
