// SPDX-License-Identifier: Apache-2.0
// The gate's tables: keywords, their fingerprints, and the hash that leads from one to the other.
#include "secrets/gate.h"

#include <float.h>
#include <math.h>

#include "secrets/pairs.h"

enum { MIN_KEYWORD = 3, MAX_KEYWORD = 255, LEAST_KNOWN = 70, MIXTURES = 40 };

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static uint32_t load(const unsigned char *p, size_t n)
{
    unsigned char four[SV_GATE_FP] = {p[0], p[1], p[2], n > 3 ? p[3] : 0};
    return sv_gate_load(four);
}

/* A key of four bytes or more has this fingerprint already. */
static bool taken(const struct sv_gate_tables *t, uint32_t fp)
{
    uint16_t i = t->heads[1][sv_gate_hash(fp, SV_GATE_HASH_BITS)];
    while (i && t->keys[i - 1].fp != fp)
        i = t->keys[i - 1].next;
    return i != 0;
}

static int by_four(const void *x, const void *y)
{
    const struct sv_four *a = x, *b = y;
    return (a->four > b->four) - (a->four < b->four);
}

/* Of a million places, how many a fingerprint stands at: counted if it is common, else guessed from
 * its pairs. */
static double share(const unsigned char *p, uint32_t fp)
{
    const struct sv_four want = {fp, 0};
    const struct sv_four *known = bsearch(&want, sv_fours, SV_N_FOURS, sizeof want, by_four);
    if (known)
        return known->share;
    double guess = sv_byte_share[lower(p[0])] + 1;
    for (size_t i = 1; i < SV_GATE_FP; i++)
        guess *= exp2(-sv_pair_cost[sv_pair_class(lower(p[i - 1]))][sv_pair_class(lower(p[i]))] /
                      10.0);
    return guess < LEAST_KNOWN ? guess : LEAST_KNOWN;
}

/* The rarest four bytes; a place that is looked at anyway costs less than one more fingerprint,
 * which shares its bucket with others and so lets mixtures through. */
static void choose_fingerprint(const struct sv_gate_tables *t, struct sv_gate_key *k)
{
    const unsigned char *text = (const unsigned char *)k->text;
    double best = DBL_MAX;
    k->fp_n = k->n < SV_GATE_FP ? k->n : SV_GATE_FP;
    for (size_t at = 0; at + k->fp_n <= k->n; at++) {
        uint32_t fp = sv_gate_fold(load(text + at, k->fp_n));
        if (k->fp_n < SV_GATE_FP)
            fp &= 0xffffff;
        double cost = 0;
        if (k->n > SV_GATE_FP)
            cost = taken(t, fp) ? share(text + at, fp) / 4 : share(text + at, fp) + MIXTURES;
        if (cost < best) {
            best = cost;
            k->at = (uint8_t)at;
            k->fp = fp;
        }
    }
}

static bool same_key(const struct sv_gate_key *a, const struct sv_gate_key *b)
{
    struct sv_slice x = {a->text, a->n}, y = {b->text, b->n};
    return a->fp == b->fp && a->nocase == b->nocase &&
           (a->nocase ? sv_slice_eq_nocase(x, y) : sv_slice_eq(x, y));
}

/* The key's index; a new one goes to the head of its chain. */
static size_t intern(struct sv_gate_tables *t, struct sv_gate_key *k)
{
    uint16_t *head = &t->heads[k->fp_n == SV_GATE_FP][sv_gate_hash(k->fp, SV_GATE_HASH_BITS)];
    for (uint16_t i = *head; i; i = t->keys[i - 1].next)
        if (same_key(&t->keys[i - 1], k))
            return i - 1u;
    uint32_t bit = sv_gate_hash(k->fp, SV_GATE_SEEN_BITS);
    t->seen[k->fp_n == SV_GATE_FP][bit >> 3] |= (uint8_t)(1u << (bit & 7));
    k->next = *head;
    t->keys[t->n_keys++] = *k;
    *head = (uint16_t)t->n_keys;
    return t->n_keys - 1;
}

static size_t count_keywords(const struct sv_secret_rule *rules, size_t n)
{
    size_t count = 0;
    for (size_t r = 0; r < n; r++)
        for (const char *const *k = rules[r].keywords; *k; k++)
            count++;
    return count;
}

/* Short keywords have no choice of a fingerprint: they come first, that long ones share theirs. */
static void intern_all(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n,
                       uint16_t *key_of, bool are_long)
{
    size_t i = 0;
    for (size_t r = 0; r < n; r++) {
        for (const char *const *w = rules[r].keywords; *w; w++, i++) {
            size_t length = strlen(*w);
            if ((length > SV_GATE_FP) != are_long)
                continue;
            if (length < MIN_KEYWORD || length > MAX_KEYWORD)
                abort(); /* the table of rules is wrong; the tests show it */
            struct sv_gate_key k = {
                .text = *w, .n = (uint8_t)length, .nocase = rules[r].flags & SV_RULE_NOCASE};
            choose_fingerprint(t, &k);
            key_of[i] = (uint16_t)intern(t, &k);
            t->keys[key_of[i]].n_refs++;
        }
    }
}

/* Two passes: which key each keyword is, then the rules of each key side by side. */
static void build_keys(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n)
{
    size_t total = count_keywords(rules, n);
    if (total > UINT16_MAX || n > UINT16_MAX)
        abort();
    t->keys = sv_new_n(&t->arena, struct sv_gate_key, total + 1);
    t->refs = sv_new_n(&t->arena, uint16_t, total + 1);
    uint16_t *key_of = sv_new_n(&t->arena, uint16_t, total + 1);
    intern_all(t, rules, n, key_of, false);
    intern_all(t, rules, n, key_of, true);
    uint16_t next = 0;
    for (size_t k = 0; k < t->n_keys; k++) {
        t->keys[k].refs = next;
        next = (uint16_t)(next + t->keys[k].n_refs);
        t->keys[k].n_refs = 0;
    }
    size_t i = 0;
    for (size_t r = 0; r < n; r++) {
        for (const char *const *w = rules[r].keywords; *w; w++) {
            struct sv_gate_key *k = &t->keys[key_of[i++]];
            t->refs[k->refs + k->n_refs++] = (uint16_t)r;
        }
    }
}

static enum sv_gate best(void)
{
    static const enum sv_gate order[] = {SV_GATE_AVX512, SV_GATE_AVX2, SV_GATE_SSSE3, SV_GATE_NEON};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (sv_gate_simd_has(order[i]))
            return order[i];
    return SV_GATE_PORTABLE;
}

bool sv_gate_build(struct sv_gate_tables *t, enum sv_gate gate, const struct sv_secret_rule *rules,
                   size_t n)
{
    t->gate = gate == SV_GATE_BEST ? best() : gate;
    if (t->gate != SV_GATE_PORTABLE && !sv_gate_simd_has(t->gate))
        return false;
    build_keys(t, rules, n);
    if (t->gate == SV_GATE_PORTABLE)
        t->dfa = sv_gate_dfa_build(&t->arena, t->keys, t->n_keys);
    else
        sv_gate_nibbles_build(&t->nibbles, t->keys, t->n_keys);
    return true;
}

size_t sv_gate_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                   uint16_t *out)
{
    if (t->gate == SV_GATE_PORTABLE)
        return sv_gate_dfa_run(t->dfa, text, from, n, out);
    return sv_gate_simd_run(t, text, from, n, out);
}

static bool stands(const struct sv_gate_key *k, struct sv_slice text, size_t at)
{
    if (at < k->at || text.n - (at - k->at) < k->n)
        return false;
    const unsigned char *here = (const unsigned char *)text.p + at - k->at;
    /* Most places fail at the first byte: no call is worth its price. */
    for (size_t i = 0; i < k->n; i++) {
        unsigned char want = (unsigned char)k->text[i];
        if (here[i] != want && !(k->nocase && lower(here[i]) == lower(want)))
            return false;
    }
    return true;
}

const struct sv_gate_key *sv_gate_look(const struct sv_gate_tables *t, struct sv_slice text,
                                       size_t at, const struct sv_gate_key *key, size_t *ret_start)
{
    const unsigned char *p = (const unsigned char *)text.p + at;
    if (text.n - at < MIN_KEYWORD)
        return NULL;
    bool four = text.n - at >= SV_GATE_FP;
    uint32_t fp = sv_gate_fold(load(p, four ? SV_GATE_FP : MIN_KEYWORD));
    unsigned kind = key ? key->fp_n == SV_GATE_FP : four;
    uint16_t i = key ? key->next
                     : t->heads[kind][sv_gate_hash(kind ? fp : fp & 0xffffff, SV_GATE_HASH_BITS)];
    for (;; kind = 0, i = t->heads[0][sv_gate_hash(fp & 0xffffff, SV_GATE_HASH_BITS)]) {
        for (; i; i = t->keys[i - 1].next) {
            const struct sv_gate_key *k = &t->keys[i - 1];
            if (k->fp == (kind ? fp : fp & 0xffffff) && stands(k, text, at)) {
                *ret_start = at - k->at;
                return k;
            }
        }
        if (!kind)
            return NULL;
    }
}
