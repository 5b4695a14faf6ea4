// SPDX-License-Identifier: Apache-2.0
// Which secrets of a file are known already when its bytes are searched again as they stand:
// behind a damaged header, or between the rows of a database; private to scan.
#ifndef SV_SCAN_SECRETS_AGAIN_H
#define SV_SCAN_SECRETS_AGAIN_H

#include "scan/secrets.h"

struct sv_again {
    struct sv_arena *a;
    const struct sv_secret_found *found;
    size_t first, n;
    const char **ids; /* sorted; NULL until a value is asked about: most bytes hold none */
    bool glued; /* bytes of a database: what follows a value is no end of it */
};

/* The secrets of all places there are by now, from `first` on. Memory comes from `a`, which
 * outlives it, as `found` does. */
struct sv_again sv_again_of(struct sv_arena *a, const struct sv_secret_found *found, size_t first,
                            bool glued);
/* The value is one of them, or where values are glued begins with one. */
bool sv_again_known(struct sv_again *again, struct sv_arena *scratch, struct sv_slice value);

#endif
