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

/* Of a million places, how many a fingerprint stands at: counted if it is common, else guessed from
 * its pairs. */
static double share(const unsigned char *p, uint32_t fp)
{
    const struct sv_four want = {fp, 0};
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

/* The rarest four bytes; a place that is looked at anyway costs less than one more fingerprint,
 * which shares its bucket with others and so lets mixtures through. */
static void choose_fingerprint(const struct making *t, struct sv_gate_key *k)
{
    const unsigned char *text = (const unsigned char *)k->text;
    double best = DBL_MAX;
    k->fp_n = k->n < SV_GATE_FP ? k->n : SV_GATE_FP;
    for (size_t at = 0; at + k->fp_n <= k->n; at++) {
        uint32_t fp = sv_gate_fold(sv_gate_load_n(text + at, k->fp_n));
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
static size_t intern(struct making *t, struct sv_gate_key *k)
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

void sv_gate_index(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n)
{
    struct sv_arena *a = &t->arena;
    struct making m = {.arena = a,
                       .heads = sv_arena_alloc(a, 2 * sizeof *m.heads),
                       .seen = sv_arena_alloc(a, 2 * sizeof *m.seen)};
    build_keys(&m, rules, n);
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
    sv_gate_index(t, rules, n);
    if (t->gate == SV_GATE_PORTABLE)
        t->dfa = sv_gate_dfa_build(&t->arena, t->keys, t->n_keys);
    else
        t->nibbles = sv_gate_nibbles_build(&t->arena, t->keys, t->n_keys);
    return true;
}
