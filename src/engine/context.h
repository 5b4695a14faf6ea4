// SPDX-License-Identifier: Apache-2.0
// What stands behind the opaque context of a check; private to the engine.
#ifndef SV_ENGINE_CONTEXT_H
#define SV_ENGINE_CONTEXT_H

#include <limits.h>

#include "base/map.h"
#include "engine/dispatch.h"
#include "engine/finding_index.h"

struct sv_route_cache {
    const struct sv_site *site;
    const char *file;
    struct sv_routes routes;
};

struct sv_ctx {
    const struct sv_dispatch *d;
    /* Those of its checks that want a kind, NULL-terminated, by the kind's bit; NULL: so far no
     * subject was of it. */
    const struct sv_check *const *by_kind[CHAR_BIT * sizeof(enum sv_subject_kind)];
    const struct sv_check *check; /* running now */
    struct sv_route_cache *routes; /* of the last file: its checks ask one after another */
    struct sv_map reported;        /* check and place of each finding at a directive */
    struct sv_fs *fs;              /* whose paths the subject has: a container's, or the host's */
    struct sv_finding_index index; /* of the findings so far */
    uint32_t made;                 /* how many findings there were, also those dropped since */
    struct sv_arena scratch;       /* answers, until the check returns */
};

/* `# srvaudit: ignore ID (reason)` on the span's first line or the one above. */
void sv_suppress(struct sv_ctx *cx, struct sv_finding *f, struct sv_span span);

#endif
