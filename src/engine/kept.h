// SPDX-License-Identifier: Apache-2.0
// Where a leaking secret is kept besides, in places that nothing is wrong with.
#ifndef SV_ENGINE_KEPT_H
#define SV_ENGINE_KEPT_H

#include "base/identity.h"
#include "engine/finding.h"
#include "model/unit.h"
#include "scan/secrets.h"

struct sv_kept {
    struct sv_result *result; /* finished; evidence is added, its memory comes from its arena */
    struct sv_arena *arena; /* for what is needed meanwhile: environments are read into it */
    struct sv_fs *fs;
    struct sv_identity_db *ids;
    const struct sv_units *units;        /* NULL: none */
    const struct sv_secret_found *found; /* borrowed while it runs */
};

/* Each new finding above low whose secrets `found` has in places that no finding names, gets these
 * as evidence with who can read them: the file is as safe as it was meant to be, and has to be
 * changed too when the secret is. A few a finding, the others counted. */
void sv_tell_kept(const struct sv_kept *in);

#endif
