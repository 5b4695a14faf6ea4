// SPDX-License-Identifier: Apache-2.0
// Tells secrets that were found in a member or a row from those that only the raw bytes show.
#include "scan/secrets_again.h"

#include <stdlib.h>

#include "secrets/redact.h"

enum {
    MIN_VALUE = 8,  /* no rule calls less a secret */
    MAX_GLUED = 512, /* longer values are keys, which have an end of their own */
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct sv_again sv_again_of(struct sv_arena *a, const struct sv_secret_found *found, size_t first,
                            bool glued)
{
    return (struct sv_again){.a = a, .found = found, .first = first,
                             .n = found->list.n - first, .glued = glued};
}

static void sort(struct sv_again *again)
{
    again->ids = sv_new_n(again->a, const char *, again->n);
    for (size_t i = 0; i < again->n; i++)
        again->ids[i] = again->found->list.v[again->first + i].id;
    qsort(again->ids, again->n, sizeof *again->ids, by_text);
}

static bool known(struct sv_again *again, const char *id)
{
    if (again->n && !again->ids)
        sort(again);
    return again->n && bsearch(&id, again->ids, again->n, sizeof *again->ids, by_text);
}

bool sv_again_known(struct sv_again *again, struct sv_arena *scratch, struct sv_slice value)
{
    if (known(again, sv_secret_id(scratch, value)))
        return true;
    if (!again->glued || !again->n || value.n > MAX_GLUED)
        return false;
    for (size_t n = value.n; n-- > MIN_VALUE;)
        if (known(again, sv_secret_id(scratch, sv_slice_sub(value, 0, n))))
            return true;
    return false;
}
