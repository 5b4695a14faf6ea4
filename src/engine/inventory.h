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
    struct sv_slice client;    /* as in sv_request: from where a stranger asks */
    const struct sv_secret_found *found; /* borrowed while it runs */
    const char *only, *skip;             /* globs over "secrets.<rule>", or NULL */
};

/* inventory_urls.c: a URL by which strangers get the file, of the first server that hands it out;
 * NULL: none does, or it was not asked: each file is asked for once, and no more files than
 * SV_MAX_INVENTORY_ASKED. Zero-initialise. */
struct sv_inventory_urls {
    struct sv_map known; /* by path, the place in the list plus one */
    SV_VEC(const char *) list;
    size_t asked, looked;   /* files put to servers; folders of servers that were looked at */
    size_t left;            /* files that no server was asked for any more */
    const char *first_left; /* ... the first of them */
};
const char *sv_inventory_url(const struct sv_inventory *in, struct sv_inventory_urls *io,
                             const char *path);
/* Says in the coverage how many files were left out; nothing if none was. */
void sv_inventory_urls_left(const struct sv_inventory *in, const struct sv_inventory_urls *urls);

/* The severity says who can read the secret where it is easiest: a stranger over the network is
 * critical, any local user high, some other user medium, its owner alone low, root alone info; of a
 * password's hash less. Examples and keys of a sandbox are info; what is public by design is left
 * out. */
void sv_inventory_findings(const struct sv_inventory *in);
/* Do these globs, each may be NULL, leave a rule to look for? */
bool sv_inventory_any(const char *only, const char *skip);
/* The descriptor of the findings named "secrets.<rule>", for explain; NULL for another name. */
const struct sv_check *sv_inventory_check(struct sv_arena *a, const char *id);

#endif
