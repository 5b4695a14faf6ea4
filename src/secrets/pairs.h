// SPDX-License-Identifier: Apache-2.0
// Statistics of ordinary source and text: which bytes are rare, which characters follow which.
#ifndef SV_SECRETS_PAIRS_H
#define SV_SECRETS_PAIRS_H

#include <stdint.h>

enum { SV_PAIR_UPPER = 26, SV_PAIR_DIGIT = 52, SV_PAIR_OTHER = 53, SV_PAIR_CLASSES = 54 };

/* -10 * log2 of the chance that the second class follows the first; a digit stands for one of
 * ten. Classes: a-z, A-Z, digits, all other bytes. */
extern const uint8_t sv_pair_cost[SV_PAIR_CLASSES][SV_PAIR_CLASSES];
/* Of a million bytes, how many are this one (at least 1). */
extern const uint32_t sv_byte_share[256];
/* The commonest runs of four bytes, each byte | 0x20, little-endian, in order; of a million. */
struct sv_four {
    uint32_t four, share;
};
enum { SV_N_FOURS = 2900 };
extern const struct sv_four sv_fours[SV_N_FOURS];

/* Of a million pairs of bytes, how many are these two, by six bits of each (six_of() in
 * gate_windows.c): first + 64 * second. */
extern const uint32_t sv_two_share[64 * 64];

static inline unsigned sv_pair_class(unsigned char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return SV_PAIR_UPPER + (c - 'A');
    return c >= '0' && c <= '9' ? SV_PAIR_DIGIT : SV_PAIR_OTHER;
}

#endif
