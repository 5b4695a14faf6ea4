// SPDX-License-Identifier: Apache-2.0
// The inventory: one finding for each distinct secret, with every place that it stands in.
#ifndef SV_ENGINE_INVENTORY_H
#define SV_ENGINE_INVENTORY_H

#include "base/identity.h"
#include "engine/finding.h"
#include "model/host.h"
#include "scan/secrets.h"

struct sv_inventory {
    struct sv_result *result; /* findings are added; their memory comes from its arena */
    struct sv_fs *fs;
    struct sv_identity_db *ids;
    const struct sv_host *host; /* borrowed; empty where nothing but files was looked for */
    const struct sv_secret_found *found; /* borrowed while it runs */
    const char *only, *skip;             /* globs over "secrets.<rule>", or NULL */
};

/* The severity says who can read the secret where it is easiest: any local user is high, some other
 * user medium, its owner alone low, root alone info. Examples and keys of a sandbox are info; what
 * is public by design is left out. */
void sv_inventory_findings(const struct sv_inventory *in);
/* Do these globs, each may be NULL, leave a rule to look for? */
bool sv_inventory_any(const char *only, const char *skip);
/* The descriptor of the findings named "secrets.<rule>", for explain; NULL for another name. */
const struct sv_check *sv_inventory_check(struct sv_arena *a, const char *id);

#endif
