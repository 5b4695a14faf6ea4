// SPDX-License-Identifier: Apache-2.0
// Chooses each keyword's two windows and their buckets for gates of pairs; runs at build time.
#include <float.h>

#include "secrets/gate.h"
#include "secrets/pairs.h"

enum { ROUNDS = 4, ANY = SV_GATE_SIX };

/* A place that a bucket lets through costs a glance, a window that stands there five times as
 * much. */
static const float share_cost = 5;

struct bucket {
    uint16_t used[2][SV_GATE_PAIRS]; /* by how many windows each pair is allowed */
    float share[2];                  /* of a text's pairs that are */
    float cost;
};
struct making {
    const struct sv_gate_key *keys;
    struct bucket buckets[SV_GATE_BUCKETS];
    uint16_t first[SV_N_FOURS], last[SV_N_FOURS]; /* pairs of the commonest runs of four */
    bool thorough;
};
struct window {
    struct sv_gate_window w;
    uint8_t bucket;
    float alone; /* the share of places that a bucket of its own would let through */
};

/* Six bits of the byte `i` of the window, or ANY. */
static unsigned six(const struct making *m, const struct sv_gate_window *w, int i)
{
    const struct sv_gate_key *k = &m->keys[w->key];
    int at = w->at + i;
    return at >= 0 && at < k->n ? sv_gate_six((unsigned char)k->text[at]) : ANY;
}

enum change { ASK, ADD, TAKE };

/* How much of a text's pairs the window adds to those that the bucket allows. */
static float allow(const struct making *m, struct bucket *b, const struct sv_gate_window *w,
                   unsigned half, enum change change)
{
    unsigned x = six(m, w, 2 * (int)half), y = six(m, w, 2 * (int)half + 1);
    float more = 0;
    for (unsigned first = x == ANY ? 0 : x; first <= (x == ANY ? ANY - 1 : x); first++) {
        for (unsigned second = y == ANY ? 0 : y; second <= (y == ANY ? ANY - 1 : y); second++) {
            unsigned pair = first + SV_GATE_SIX * second;
            if (change == TAKE)
                b->used[half][pair]--;
            if (!b->used[half][pair])
                more += (float)sv_two_share[pair] / 1e6f;
            if (change == ADD)
                b->used[half][pair]++;
        }
    }
    return more;
}

static bool is_of(const struct making *m, const struct sv_gate_window *w, unsigned half,
                  uint16_t pair)
{
    unsigned x = six(m, w, 2 * (int)half), y = six(m, w, 2 * (int)half + 1);
    return (x == ANY || x == pair % SV_GATE_SIX) && (y == ANY || y == pair / SV_GATE_SIX);
}

/* What the bucket lets through of the commonest runs of four, were the window in it. */
static float passing(const struct making *m, const struct bucket *b,
                     const struct sv_gate_window *w)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < SV_N_FOURS; i++) {
        uint16_t x = m->first[i], y = m->last[i];
        if ((b->used[0][x] || (w && is_of(m, w, 0, x))) &&
            (b->used[1][y] || (w && is_of(m, w, 1, y))))
            sum += sv_fours[i].share;
    }
    return (float)sum / 1e6f;
}

/* What the bucket costs with the window in it. */
static float cost_with(const struct making *m, struct bucket *b, const struct sv_gate_window *w,
                       float enough)
{
    float chance = (b->share[0] + allow(m, b, w, 0, ASK)) * (b->share[1] + allow(m, b, w, 1, ASK));
    return m->thorough && chance < enough ? chance + passing(m, b, w) : chance;
}

static void change(struct making *m, const struct window *w, enum change c)
{
    struct bucket *b = &m->buckets[w->bucket];
    for (unsigned half = 0; half < 2; half++) {
        float more = allow(m, b, &w->w, half, c);
        b->share[half] += c == TAKE ? -more : more;
    }
    b->cost = b->share[0] * b->share[1] + (m->thorough ? passing(m, b, NULL) : 0);
}

/* The bytes that are known are the keyword's; the window of a short one has only one place. */
static bool fits(const struct sv_gate_key *k, int at, struct sv_gate_window *ret)
{
    const char *p = at < 0 ? k->text : k->text + at; /* a byte before the keyword is not known */
    if (at >= 0 && at + SV_GATE_FP <= k->n) {
        ret->known = SV_GATE_FOUR;
        ret->fp = sv_gate_fold(sv_gate_load_n((const unsigned char *)p, SV_GATE_FP));
    } else if (k->n <= SV_GATE_FP && at >= 0 && at + SV_GATE_LEAST == k->n) {
        ret->known = SV_GATE_HEAD;
        ret->fp = sv_gate_fold(sv_gate_load_n((const unsigned char *)p, SV_GATE_LEAST)) & 0xffffff;
    } else if (k->n <= SV_GATE_FP && at == -1) {
        ret->known = SV_GATE_TAIL;
        ret->fp = sv_gate_fold(sv_gate_load_n((const unsigned char *)p, SV_GATE_LEAST)) &
                  0xffffff;
    } else {
        return false;
    }
    ret->at = (int8_t)at;
    return true;
}

/* Puts the window where it does least harm, its start as even or odd as it is. */
static void settle(struct making *m, struct window *w)
{
    const struct sv_gate_key *k = &m->keys[w->w.key];
    struct window best = *w;
    float least = FLT_MAX;
    for (int at = (w->w.at & 1) ? -1 : 0; at < k->n && at <= INT8_MAX; at += 2) {
        struct sv_gate_window one = w->w;
        if (!fits(k, at, &one))
            continue;
        float share = one.known == SV_GATE_FOUR && k->n > SV_GATE_FP
                          ? share_cost * (float)sv_gate_share(k->text + at) / 1e6f
                          : 0;
        for (uint8_t i = 0; i < SV_GATE_BUCKETS; i++) {
            struct bucket *b = &m->buckets[i];
            float more = cost_with(m, b, &one, least + b->cost) - b->cost + share;
            if (more < least) {
                least = more;
                best.w = one;
                best.bucket = i;
            }
        }
    }
    *w = best;
    change(m, w, ADD);
}

static int by_chance(const void *x, const void *y)
{
    const struct window *a = x, *b = y;
    if (a->alone != b->alone)
        return (a->alone < b->alone) - (a->alone > b->alone);
    return a->w.key != b->w.key ? (a->w.key > b->w.key) - (a->w.key < b->w.key)
                                : (a->w.at > b->w.at) - (a->w.at < b->w.at);
}

/* Common ones first: they get buckets of their own, and rare ones join them. */
static void settle_all(struct making *m, struct window *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct window one = w[i];
        settle(m, &one);
        w[i].alone = m->buckets[one.bucket].share[0] * m->buckets[one.bucket].share[1];
        change(m, &one, TAKE);
    }
    qsort(w, n, sizeof *w, by_chance);
    memset(m->buckets, 0, sizeof m->buckets);
    for (size_t i = 0; i < n; i++)
        settle(m, &w[i]);
    for (unsigned round = 0; m->thorough && round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            change(m, &w[i], TAKE);
            settle(m, &w[i]);
        }
    }
}

static void mark(uint8_t *bits, uint32_t hash)
{
    bits[hash >> 3] |= (uint8_t)(1u << (hash & 7));
}

static void list(struct sv_gate_pairs *g, const struct sv_gate_key *keys,
                 struct sv_gate_window *w, size_t index)
{
    uint16_t *head = &g->heads[sv_gate_window_hash(w->fp, w->known)];
    int apart = w->at - keys[w->key].at;
    w->next = *head;
    *head = (uint16_t)(index + 1);
    g->reach = (uint8_t)(apart > g->reach ? apart : -apart > g->reach ? -apart : g->reach);
    if (w->known == SV_GATE_FOUR)
        mark(g->four, sv_gate_hash(w->fp, SV_GATE_SEEN_BITS));
    else
        mark(g->beside[w->known - SV_GATE_HEAD], sv_gate_hash(w->fp, SV_GATE_BESIDE_BITS));
}

const struct sv_gate_pairs *sv_gate_pairs_build(struct sv_arena *a, const struct sv_gate_key *keys,
                                                size_t n, bool thorough)
{
    struct sv_arena work = {0};
    struct making *m = sv_new(&work, struct making);
    struct window *all = sv_new_n(&work, struct window, 2 * n + 1);
    struct sv_gate_pairs *g = sv_new(a, struct sv_gate_pairs);
    struct sv_gate_window *windows = sv_new_n(a, struct sv_gate_window, 2 * n + 1);
    m->keys = keys;
    m->thorough = thorough;
    for (size_t i = 0; i < SV_N_FOURS; i++) {
        uint32_t four = sv_fours[i].four;
        m->first[i] = (uint16_t)(sv_gate_six(four & 255) +
                                 SV_GATE_SIX * sv_gate_six(four >> 8 & 255));
        m->last[i] = (uint16_t)(sv_gate_six(four >> 16 & 255) +
                                SV_GATE_SIX * sv_gate_six(four >> 24));
    }
    for (size_t i = 0; i < 2 * n; i++)
        all[i].w = (struct sv_gate_window){.key = (uint16_t)(i / 2), .at = (int8_t)(i % 2)};
    settle_all(m, all, 2 * n);
    for (size_t i = 0; i < 2 * n; i++) {
        windows[i] = all[i].w;
        list(g, keys, &windows[i], i);
    }
    for (size_t b = 0; b < SV_GATE_BUCKETS; b++)
        for (size_t pair = 0; pair < SV_GATE_PAIRS; pair++)
            g->of[pair] |= (uint16_t)((m->buckets[b].used[0][pair] ? 1u << b : 0) |
                                      (m->buckets[b].used[1][pair] ? 256u << b : 0));
    g->windows = windows;
    g->n_windows = 2 * n;
    sv_arena_clear(&work);
    return g;
}
