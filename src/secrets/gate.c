// SPDX-License-Identifier: Apache-2.0
// The gate's use: which of the gates a machine has, and which keywords stand where one points.
#include "secrets/gate.h"

/* Whether this machine has a gate's instructions. */
static bool has(enum sv_gate gate)
{
    switch (gate) {
#if defined(__x86_64__) || defined(__i386__)
    case SV_GATE_AVX512:
        return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
    case SV_GATE_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    case SV_GATE_SSSE3:
        return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
#elif defined(__aarch64__)
    case SV_GATE_NEON: /* part of every one that runs Linux */
        return true;
#endif
    default:
        return gate == SV_GATE_PORTABLE;
    }
}

static enum sv_gate best(void)
{
    static const enum sv_gate order[] = {SV_GATE_AVX512, SV_GATE_AVX2, SV_GATE_SSSE3, SV_GATE_NEON};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (has(order[i]))
            return order[i];
    return SV_GATE_PORTABLE;
}

bool sv_gate_choose(struct sv_gate_tables *t, enum sv_gate gate)
{
    t->gate = gate == SV_GATE_BEST ? best() : gate;
    return has(t->gate);
}

size_t sv_gate_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                   uint16_t *out)
{
    if (t->gate == SV_GATE_PORTABLE)
        return sv_gate_dfa_run(t->dfa, text, from, n, out);
    if (t->gate == SV_GATE_AVX2 || t->gate == SV_GATE_SSSE3)
        return sv_gate_pairs_run(t, text, from, n, out);
    return sv_gate_simd_run(t, text, from, n, out);
}

const struct sv_gate_key *sv_gate_look(const struct sv_gate_tables *t, struct sv_slice text,
                                       size_t at, const struct sv_gate_key *key, size_t *ret_start)
{
    const unsigned char *p = (const unsigned char *)text.p + at;
    if (text.n - at < SV_GATE_LEAST)
        return NULL;
    bool four = text.n - at >= SV_GATE_FP;
    uint32_t fp = sv_gate_fold(sv_gate_load_n(p, four ? SV_GATE_FP : SV_GATE_LEAST));
    unsigned kind = key ? key->fp_n == SV_GATE_FP : four;
    uint16_t i = key ? key->next
                     : t->heads[kind][sv_gate_hash(kind ? fp : fp & 0xffffff, SV_GATE_HASH_BITS)];
    for (;; kind = 0, i = t->heads[0][sv_gate_hash(fp & 0xffffff, SV_GATE_HASH_BITS)]) {
        for (; i; i = t->keys[i - 1].next) {
            const struct sv_gate_key *k = &t->keys[i - 1];
            if (k->fp == (kind ? fp : fp & 0xffffff) && sv_gate_stands(k, text, at)) {
                *ret_start = at - k->at;
                return k;
            }
        }
        if (!kind)
            return NULL;
    }
}
