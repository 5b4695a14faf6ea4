// SPDX-License-Identifier: Apache-2.0
// logrotate's configuration (logrotate(8)): which logs, and the mode of a fresh one.
#ifndef SV_MODEL_LOGROTATE_H
#define SV_MODEL_LOGROTATE_H

#include "base/slice.h"
#include "base/vec.h"

struct sv_logrotate_block {
    SV_VEC(struct sv_slice) patterns; /* absolute, glob(3) */
    unsigned mode;                    /* of create; 0: none is given */
    uint32_t line;                    /* of create, or of the block */
};
struct sv_logrotate {
    SV_VEC(struct sv_logrotate_block) blocks;
};
/* Slices of the text. A create outside of all blocks is the default of those behind it; scripts
 * are passed over. */
void sv_logrotate_parse(struct sv_arena *a, struct sv_slice text, struct sv_logrotate *ret);

#endif
