// SPDX-License-Identifier: Apache-2.0
// A text that may not be known before the request runs.
#ifndef SV_SERVE_VALUE_H
#define SV_SERVE_VALUE_H

#include "base/slice.h"

struct sv_value {
    struct sv_slice s;
    const char *why; /* NULL: known; else the variable or directive that nothing decides */
};
#define SV_KNOWN(...) ((struct sv_value){.s = (__VA_ARGS__)})

/* Three-valued truth for conditions. */
enum sv_truth { SV_FALSE, SV_TRUE, SV_MAYBE };

static inline enum sv_truth sv_truth_of(bool b)
{
    return b ? SV_TRUE : SV_FALSE;
}

#endif
