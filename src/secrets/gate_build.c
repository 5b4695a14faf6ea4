// SPDX-License-Identifier: Apache-2.0
// Makes the gate's tables: keywords, their fingerprints, the hash that leads from one to the other.
#include <float.h>
#include <math.h>

#include "secrets/gate.h"
#include "secrets/pairs.h"

enum { MAX_KEYWORD = 255, LEAST_KNOWN = 70, MIXTURES = 40 };

/* The tables while they are made; of the arena of those that they become. */
struct making {
    struct sv_arena *arena;
    struct sv_gate_key *keys;
    size_t n_keys;
    uint16_t *refs;
    uint16_t (*heads)[1 << SV_GATE_HASH_BITS];
    uint8_t (*seen)[1 << (SV_GATE_SEEN_BITS - 3)];
};

/* A key of four bytes or more has this fingerprint already. */
static bool taken(const struct making *t, uint32_t fp)
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

/* Counted if it is common, else guessed from its pairs. */
double sv_gate_share(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    const struct sv_four want = {sv_gate_fold(sv_gate_load_n(p, SV_GATE_FP)), 0};
    const struct sv_four *known = bsearch(&want, sv_fours, SV_N_FOURS, sizeof want, by_four);
    if (known)
        return known->share;
    double guess = sv_byte_share[sv_gate_lower(p[0])] + 1;
    for (size_t i = 1; i < SV_GATE_FP; i++)
        guess *= exp2(-sv_pair_cost[sv_pair_class(sv_gate_lower(p[i - 1]))]
                                   [sv_pair_class(sv_gate_lower(p[i]))] /
                      10.0);
    return guess < LEAST_KNOWN ? guess : LEAST_KNOWN;
}

static uint32_t fingerprint(const struct sv_gate_key *k, size_t at)
{
    const unsigned char *p = (const unsigned char *)k->text + at;
    uint32_t fp = sv_gate_fold(sv_gate_load_n(p, k->fp_n));
    return k->fp_n < SV_GATE_FP ? fp & 0xffffff : fp;
}

/* The rarest four bytes; a place that is looked at anyway costs less than one more fingerprint,
 * which shares its bucket with others and so lets mixtures through. */
static void choose_fingerprint(const struct making *t, struct sv_gate_key *k)
{
    double best = DBL_MAX;
    k->fp_n = k->n < SV_GATE_FP ? k->n : SV_GATE_FP;
    for (size_t at = 0; at + k->fp_n <= k->n; at++) {
        uint32_t fp = fingerprint(k, at);
        double cost = 0;
        if (k->n > SV_GATE_FP)
            cost = taken(t, fp) ? sv_gate_share(k->text + at) / 4
                                : sv_gate_share(k->text + at) + MIXTURES;
        if (cost < best) {
            best = cost;
            k->at = (uint8_t)at;
            k->fp = fp;
        }
    }
}

/* The first bytes as one number, and which of their bits count. */
static void set_first(struct sv_gate_key *k)
{
    unsigned char first[sizeof k->first] = {0}, care[sizeof k->care] = {0};
    for (size_t i = 0; i < sizeof first && i < k->n; i++) {
        unsigned char lower = sv_gate_lower((unsigned char)k->text[i]);
        first[i] = (unsigned char)k->text[i];
        care[i] = k->nocase && lower >= 'a' && lower <= 'z' ? UINT8_MAX ^ 0x20 : UINT8_MAX;
    }
    memcpy(&k->first, first, sizeof first);
    memcpy(&k->care, care, sizeof care);
}

static bool same_key(const struct sv_gate_key *a, const struct sv_gate_key *b)
{
    struct sv_slice x = {a->text, a->n}, y = {b->text, b->n};
    return a->fp == b->fp && a->nocase == b->nocase &&
           (a->nocase ? sv_slice_eq_nocase(x, y) : sv_slice_eq(x, y));
}

/* To the head of its chain. */
static void hash(struct making *t, struct sv_gate_key *k, size_t index)
{
    bool four = k->fp_n == SV_GATE_FP;
    uint16_t *head = &t->heads[four][sv_gate_hash(k->fp, SV_GATE_HASH_BITS)];
    uint32_t bit = sv_gate_hash(k->fp, SV_GATE_SEEN_BITS);
    t->seen[four][bit >> 3] |= (uint8_t)(1u << (bit & 7));
    k->next = *head;
    *head = (uint16_t)(index + 1);
}

/* The key's index. */
static size_t intern(struct making *t, struct sv_gate_key *k)
{
    uint16_t head = t->heads[k->fp_n == SV_GATE_FP][sv_gate_hash(k->fp, SV_GATE_HASH_BITS)];
    for (uint16_t i = head; i; i = t->keys[i - 1].next)
        if (same_key(&t->keys[i - 1], k))
            return i - 1u;
    t->keys[t->n_keys] = *k;
    hash(t, &t->keys[t->n_keys], t->n_keys);
    return t->n_keys++;
}

/* The fingerprints have been chosen anew. */
static void hash_again(struct making *t)
{
    memset(t->heads, 0, 2 * sizeof *t->heads);
    memset(t->seen, 0, 2 * sizeof *t->seen);
    for (size_t i = 0; i < t->n_keys; i++) {
        struct sv_gate_key *k = &t->keys[i];
        k->fp = fingerprint(k, k->at);
        hash(t, k, i);
    }
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
static void intern_all(struct making *t, const struct sv_secret_rule *rules, size_t n,
                       uint16_t *key_of, bool are_long)
{
    size_t i = 0;
    for (size_t r = 0; r < n; r++) {
        for (const char *const *w = rules[r].keywords; *w; w++, i++) {
            size_t length = strlen(*w);
            if ((length > SV_GATE_FP) != are_long)
                continue;
            if (length < SV_GATE_LEAST || length > MAX_KEYWORD)
                abort(); /* the table of rules is wrong; the tests show it */
            struct sv_gate_key k = {
                .text = *w, .n = (uint8_t)length, .nocase = rules[r].flags & SV_RULE_NOCASE};
            set_first(&k);
            choose_fingerprint(t, &k);
            key_of[i] = (uint16_t)intern(t, &k);
            t->keys[key_of[i]].n_refs++;
        }
    }
}

/* Two passes: which key each keyword is, then the rules of each key side by side. */
static void build_keys(struct making *t, const struct sv_secret_rule *rules, size_t n)
{
    size_t total = count_keywords(rules, n);
    if (total > UINT16_MAX || n > UINT16_MAX)
        abort();
    t->keys = sv_new_n(t->arena, struct sv_gate_key, total + 1);
    t->refs = sv_new_n(t->arena, uint16_t, total + 1);
    uint16_t *key_of = sv_new_n(t->arena, uint16_t, total + 1);
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

void sv_gate_index(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n,
                   bool thorough)
{
    struct sv_arena *a = &t->arena;
    struct making m = {.arena = a,
                       .heads = sv_arena_alloc(a, 2 * sizeof *m.heads),
                       .seen = sv_arena_alloc(a, 2 * sizeof *m.seen)};
    build_keys(&m, rules, n);
    sv_gate_settle(m.keys, m.n_keys, thorough);
    hash_again(&m);
    t->keys = m.keys;
    t->n_keys = m.n_keys;
    t->refs = m.refs;
    t->heads = (const uint16_t(*)[1 << SV_GATE_HASH_BITS])m.heads;
    t->seen = (const uint8_t(*)[1 << (SV_GATE_SEEN_BITS - 3)])m.seen;
}

bool sv_gate_build(struct sv_gate_tables *t, enum sv_gate gate, const struct sv_secret_rule *rules,
                   size_t n)
{
    if (!sv_gate_choose(t, gate))
        return false;
    sv_gate_index(t, rules, n, false);
    if (t->gate == SV_GATE_PORTABLE)
        t->dfa = sv_gate_dfa_build(&t->arena, t->keys, t->n_keys);
    else if (t->gate == SV_GATE_AVX2 || t->gate == SV_GATE_SSSE3)
        t->pairs = sv_gate_pairs_build(&t->arena, t->keys, t->n_keys, false);
    else
        t->nibbles = sv_gate_nibbles_build(&t->arena, t->keys, t->n_keys);
    return true;
}
