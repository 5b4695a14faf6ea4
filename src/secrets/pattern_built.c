// SPDX-License-Identifier: Apache-2.0
// The patterns that the build compiled.
#include "secrets/pattern.h"

#ifdef SV_GATE_TABLES
#include "pattern_data.h"
#else
/* Built for another machine: the program that compiles them cannot run. */
const struct sv_patterns sv_patterns_built = {0};
#endif
