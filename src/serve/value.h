// SPDX-License-Identifier: Apache-2.0
// A text that may not be known before the request runs.
#ifndef SV_SERVE_VALUE_H
#define SV_SERVE_VALUE_H

#include "base/slice.h"

struct sv_value {
    struct sv_slice s;
    const char *why; /* NULL: known; else the variable or directive that nothing decides */
};

/* Three-valued truth for conditions. */
enum sv_truth { SV_FALSE, SV_TRUE, SV_MAYBE };

#endif
