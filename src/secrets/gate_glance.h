// SPDX-License-Identifier: Apache-2.0
// A first look at four bytes: whether any keyword's fingerprint may begin there.
#ifndef SV_SECRETS_GATE_GLANCE_H
#define SV_SECRETS_GATE_GLANCE_H

#include "secrets/gate.h"

/* False where no fingerprint begins; the four bytes from `p` on are there. */
static inline bool sv_gate_glance(const struct sv_gate_tables *t, const unsigned char *p)
{
    uint32_t fp = sv_gate_fold(sv_gate_load(p));
    uint32_t four = sv_gate_hash(fp, SV_GATE_SEEN_BITS);
    uint32_t three = sv_gate_hash(fp & 0xffffff, SV_GATE_SEEN_BITS);
    unsigned of_four = t->seen[1][four >> 3] >> (four & 7);
    unsigned of_three = t->seen[0][three >> 3] >> (three & 7);
    return (of_four | of_three) & 1;
}

#endif
