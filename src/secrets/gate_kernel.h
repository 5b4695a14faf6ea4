// SPDX-License-Identifier: Apache-2.0
// The SIMD gate's inner loop, included once for each instruction set with its operations defined.
//
// Each of the eight buckets of a group is a bit. A fingerprint's four bytes are looked up by their
// halves in tables of sixteen bytes; a bit that survives all eight lookups names a bucket one of
// whose fingerprints may stand there. No include guard: KERNEL, TARGET, VEC, WIDTH, LOAD, SHUFFLE,
// TABLE, HIGH, LOW, AND, OR, MASK (a bit for each byte that is not zero), COUNT (of its bits) and
// PER_BYTE (bits of the mask a byte) are the includer's.

TARGET static size_t KERNEL(const struct sv_gate_nibbles *t, const unsigned char *p, size_t n,
                            uint16_t *out)
{
    VEC lo[SV_GATE_GROUPS][SV_GATE_FP], hi[SV_GATE_GROUPS][SV_GATE_FP];
    size_t found = 0;
    UNROLL
    for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            lo[g][k] = TABLE(t->lo[g][k]);
            hi[g][k] = TABLE(t->hi[g][k]);
        }
    }
    for (size_t i = 0; i < n; i += WIDTH) {
        VEC bits[SV_GATE_GROUPS], any;
        UNROLL
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            VEC v = LOAD(p + i + k), high = HIGH(v), low = LOW(v, k == SV_GATE_FP - 1);
            UNROLL
            for (size_t g = 0; g < SV_GATE_GROUPS; g++) {
                VEC both = AND(SHUFFLE(lo[g][k], low), SHUFFLE(hi[g][k], high));
                bits[g] = k ? AND(bits[g], both) : both;
            }
        }
        any = bits[0];
        UNROLL
        for (size_t g = 1; g < SV_GATE_GROUPS; g++)
            any = OR(any, bits[g]);
        uint64_t mask = MASK(any);
        if (!mask)
            continue;
        /* Eight at a stroke whether there are so many or not: a loop's end would be guessed wrong
         * each time. The highest bit is nobody's and keeps the mask from being empty. */
        size_t end = found + COUNT(mask);
        UNROLL
        for (size_t k = 0; k < SV_GATE_STROKE; k++) {
            out[found + k] =
                (uint16_t)(i + (size_t)__builtin_ctzll(mask | 1ull << 63) / PER_BYTE);
            mask &= mask - 1;
        }
        for (found += SV_GATE_STROKE; found < end; mask &= mask - 1)
            out[found++] = (uint16_t)(i + (size_t)__builtin_ctzll(mask) / PER_BYTE);
        found = end;
    }
    return found;
}

#undef KERNEL
#undef TARGET
#undef VEC
#undef WIDTH
#undef LOAD
#undef SHUFFLE
#undef TABLE
#undef HIGH
#undef LOW
#undef AND
#undef OR
#undef MASK
#undef COUNT
#undef PER_BYTE
