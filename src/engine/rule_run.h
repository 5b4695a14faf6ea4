// SPDX-License-Identifier: Apache-2.0
// A compiled directive rule and how it runs; private to the engine.
#ifndef SV_ENGINE_RULE_RUN_H
#define SV_ENGINE_RULE_RUN_H

#include "engine/check.h"

struct sv_rule_case {
    const char *directive;
    const char *unset; /* speaks only where no level sets the directive: its default; or NULL */
    const char *message, *fix;
    struct sv_regex *match, *not, *in, *not_in; /* each may be NULL */
    enum sv_severity severity;
    bool only_tls;     /* only where some listener speaks TLS */
};

struct sv_rule {
    struct sv_check check;
    SV_VEC(struct sv_rule_case) cases; /* the first that fits a directive speaks */
};

void sv_rule_run(struct sv_ctx *cx, const struct sv_subject *s);

#endif
