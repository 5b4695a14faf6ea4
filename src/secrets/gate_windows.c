// SPDX-License-Identifier: Apache-2.0
// Chooses each keyword's two windows and their buckets, and fills the gate's tables; runs at build
// time.
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "secrets/gate.h"
#include "secrets/pairs.h"

/* Bytes are told apart by six of their bits. */
enum { SIX = 64, SIX_PAIRS = SIX * SIX, ANY = SIX, ROUNDS = 4, LEAST_KNOWN = 41 };

/* A place that a bucket lets through costs a glance, a window that stands there five times as
 * much. */
static const float share_cost = 5;

struct bucket {
    uint16_t used[SV_GATE_PARTS][SIX_PAIRS]; /* by how many windows each pair is allowed */
    float share[SV_GATE_PARTS];              /* of a text's pairs that are */
    float passing; /* of the commonest runs of four, what it lets through */
    float cost;
};
struct making {
    const struct sv_gate_key *keys;
    struct bucket buckets[SV_GATE_BUCKETS];
    struct four {
        uint16_t pair[SV_GATE_PARTS];
        uint32_t share;
    } fours[SV_GATE_PARTS][SV_N_FOURS]; /* the commonest runs, in the order of either pair */
    uint16_t begin[SV_GATE_PARTS][SIX_PAIRS + 1]; /* where there those with each pair begin */
    bool thorough;
};
struct window {
    struct sv_gate_window w;
    float alone; /* the share of places that a bucket of its own would let through */
};

static int by_four(const void *x, const void *y)
{
    const struct sv_four *a = x, *b = y;
    return (a->four > b->four) - (a->four < b->four);
}

/* The bytes of the window that begins at `at`, as far as they are the keyword's, folded. */
static uint32_t folded(const struct sv_gate_key *k, size_t at, size_t n)
{
    unsigned char four[SV_GATE_WINDOW] = {0};
    memcpy(four, k->text + at, n);
    uint32_t fp = sv_gate_fold(sv_gate_load(four));
    return n < SV_GATE_WINDOW ? fp & 0xffffff : fp;
}

/* Of a million places, how many these four bytes stand at, without regard to case: counted if they
 * are common, else guessed from their pairs. */
static double share_of(const struct sv_gate_key *k, size_t at)
{
    const unsigned char *p = (const unsigned char *)k->text + at;
    const struct sv_four want = {folded(k, at, SV_GATE_WINDOW), 0};
    const struct sv_four *known = bsearch(&want, sv_fours, SV_N_FOURS, sizeof want, by_four);
    if (known)
        return known->share;
    double guess = sv_byte_share[sv_gate_lower(p[0])] + 1;
    for (size_t i = 1; i < SV_GATE_WINDOW; i++)
        guess *= exp2(-sv_pair_cost[sv_pair_class(sv_gate_lower(p[i - 1]))]
                                   [sv_pair_class(sv_gate_lower(p[i]))] /
                      10.0);
    return guess < LEAST_KNOWN ? guess : LEAST_KNOWN;
}

/* Both cases of a letter are alike, and nothing else that is printable but "@`", "[{", "\\|", "]}",
 * "^~"; pairs.h counts so. */
static unsigned six_of(unsigned char c)
{
    return (c & 0x1fu) | (c >> 1 & 0x20u);
}

/* Six bits of the byte `i` of the window, or ANY. */
static unsigned six(const struct making *m, const struct sv_gate_window *w, int i)
{
    const struct sv_gate_key *k = &m->keys[w->key];
    int at = w->at + i;
    return at >= 0 && at < k->n ? six_of((unsigned char)k->text[at]) : ANY;
}

static uint16_t pair_of(const struct sv_four *f, unsigned part)
{
    return (uint16_t)(six_of(f->four >> 16 * part & 255) +
                      SIX * six_of(f->four >> (16 * part + 8) & 255));
}

enum change { ASK, ADD, TAKE };

/* How much of a text's pairs the window adds to those that the bucket allows. */
static float allow(const struct making *m, struct bucket *b, const struct sv_gate_window *w,
                   unsigned part, enum change change)
{
    unsigned x = six(m, w, 2 * (int)part), y = six(m, w, 2 * (int)part + 1);
    float more = 0;
    for (unsigned first = x == ANY ? 0 : x; first <= (x == ANY ? ANY - 1 : x); first++) {
        for (unsigned second = y == ANY ? 0 : y; second <= (y == ANY ? ANY - 1 : y); second++) {
            unsigned pair = first + SIX * second;
            if (change == TAKE)
                b->used[part][pair]--;
            if (!b->used[part][pair])
                more += (float)sv_two_share[pair] / 1e6f;
            if (change == ADD)
                b->used[part][pair]++;
        }
    }
    return more;
}

static bool is_of(const struct making *m, const struct sv_gate_window *w, unsigned part,
                  uint16_t pair)
{
    unsigned x = six(m, w, 2 * (int)part), y = six(m, w, 2 * (int)part + 1);
    return (x == ANY || x == pair % SIX) && (y == ANY || y == pair / SIX);
}

/* What the bucket would let through of the commonest runs of four, were the window in it. */
static float passing(const struct making *m, const struct bucket *b,
                     const struct sv_gate_window *w)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < SV_N_FOURS; i++) {
        const struct four *f = &m->fours[0][i];
        if ((b->used[0][f->pair[0]] || (w && is_of(m, w, 0, f->pair[0]))) &&
            (b->used[1][f->pair[1]] || (w && is_of(m, w, 1, f->pair[1]))))
            sum += f->share;
    }
    return (float)sum / 1e6f;
}

/* The same; if all bytes of the window are known, by looking at those runs alone that have a pair
 * of it. */
static float passing_with(const struct making *m, const struct bucket *b,
                          const struct sv_gate_window *w)
{
    uint32_t sum = 0;
    uint16_t pair[SV_GATE_PARTS];
    if (w->known != SV_GATE_FOUR)
        return passing(m, b, w);
    for (unsigned part = 0; part < SV_GATE_PARTS; part++)
        pair[part] = (uint16_t)(six(m, w, 2 * (int)part) + SIX * six(m, w, 2 * (int)part + 1));
    for (unsigned part = 0; part < SV_GATE_PARTS; part++) {
        unsigned other = 1 - part;
        uint16_t here = pair[part];
        for (size_t i = m->begin[part][here]; !b->used[part][here] && i < m->begin[part][here + 1];
             i++) {
            const struct four *f = &m->fours[part][i];
            bool both = f->pair[other] == pair[other];
            if (b->used[other][f->pair[other]] || (both && part == 0))
                sum += f->share;
        }
    }
    return b->passing + (float)sum / 1e6f;
}

/* What the bucket costs with the window in it: what it lets through by chance, and of common
 * texts. */
static float cost_with(const struct making *m, struct bucket *b, const struct sv_gate_window *w,
                       float enough)
{
    float chance = (b->share[0] + allow(m, b, w, 0, ASK)) * (b->share[1] + allow(m, b, w, 1, ASK));
    return m->thorough && chance < enough ? chance + passing_with(m, b, w) : chance;
}

static void change(struct making *m, const struct window *w, enum change c)
{
    struct bucket *b = &m->buckets[w->w.bucket];
    for (unsigned part = 0; part < SV_GATE_PARTS; part++) {
        float more = allow(m, b, &w->w, part, c);
        b->share[part] += c == TAKE ? -more : more;
    }
    b->passing = m->thorough ? passing(m, b, NULL) : 0;
    b->cost = b->share[0] * b->share[1] + b->passing;
}

/* The bytes that are known are the keyword's; the window of a short one has only one place. */
static bool fits(const struct sv_gate_key *k, int at, struct sv_gate_window *ret)
{
    if (at >= 0 && at + SV_GATE_WINDOW <= k->n)
        ret->known = SV_GATE_FOUR;
    else if (k->n <= SV_GATE_WINDOW && at >= 0 && at + SV_GATE_LEAST == k->n)
        ret->known = SV_GATE_HEAD;
    else if (k->n <= SV_GATE_WINDOW && at == -1) /* a byte before the keyword is not known */
        ret->known = SV_GATE_TAIL;
    else
        return false;
    ret->fp = folded(k, at < 0 ? 0 : (size_t)at,
                     ret->known == SV_GATE_FOUR ? SV_GATE_WINDOW : SV_GATE_LEAST);
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
        float share = one.known == SV_GATE_FOUR && k->n > SV_GATE_WINDOW
                          ? share_cost * (float)share_of(k, (size_t)at) / 1e6f
                          : 0;
        for (uint8_t i = 0; i < SV_GATE_BUCKETS; i++) {
            struct bucket *b = &m->buckets[i];
            float more = cost_with(m, b, &one, least + b->cost) - b->cost + share;
            if (more < least) {
                least = more;
                best.w = one;
                best.w.bucket = i;
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
        w[i].alone = m->buckets[one.w.bucket].cost;
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

// ---- tables ----

static void mark(uint8_t *bits, uint32_t hash)
{
    bits[hash >> 3] |= (uint8_t)(1u << (hash & 7));
}

/* To the head of its chain, and to those of its kind. */
static void list(struct sv_gate_window *w, size_t index, uint16_t *heads,
                 uint8_t *const seen[SV_GATE_KNOWN])
{
    uint16_t *head = &heads[sv_gate_window_hash(w->fp, w->known)];
    w->next = *head;
    *head = (uint16_t)(index + 1);
    mark(seen[w->known], sv_gate_hash(w->fp, w->known == SV_GATE_FOUR ? SV_GATE_FOUR_BITS
                                                                      : SV_GATE_BESIDE_BITS));
}

/* The first bytes of the keyword as one number, and which of their bits count. */
static void set_first(struct sv_gate_window *w, const struct sv_gate_key *k)
{
    unsigned char first[sizeof w->first] = {0}, care[sizeof w->care] = {0};
    for (size_t i = 0; i < sizeof first && i < k->n; i++) {
        unsigned char lower = sv_gate_lower((unsigned char)k->text[i]);
        first[i] = (unsigned char)k->text[i];
        care[i] = k->nocase && lower >= 'a' && lower <= 'z' ? UINT8_MAX ^ 0x20 : UINT8_MAX;
    }
    memcpy(&w->first, first, sizeof first);
    memcpy(&w->care, care, sizeof care);
}

/* Whether the keyword allows the byte `c` at `at`, which may be beside it. */
static bool allows(const struct sv_gate_key *k, int at, unsigned c)
{
    if (at < 0 || at >= k->n)
        return true;
    unsigned char want = (unsigned char)k->text[at];
    return c == want || (k->nocase && sv_gate_lower((unsigned char)c) == sv_gate_lower(want));
}

/* Of each pair of bytes that may be a part of the window. */
static void fill(uint32_t *pairs, const struct sv_gate_window *w, const struct sv_gate_key *k)
{
    for (int part = 0; part < SV_GATE_PARTS; part++) {
        uint32_t one = 1u << (w->bucket + part * SV_GATE_BUCKETS);
        int at = w->at + 2 * part;
        for (unsigned x = 0; x <= UINT8_MAX; x++)
            for (unsigned y = 0; allows(k, at, x) && y <= UINT8_MAX; y++)
                if (allows(k, at + 1, y))
                    pairs[x | y << 8] |= one;
    }
}

/* Sorted by counting, once by the first pairs and once by the last ones. */
static void count_fours(struct making *m)
{
    for (unsigned part = 0; part < SV_GATE_PARTS; part++) {
        uint16_t *begin = m->begin[part], at[SIX_PAIRS];
        for (size_t i = 0; i < SV_N_FOURS; i++)
            begin[pair_of(&sv_fours[i], part) + 1]++;
        for (size_t p = 0; p < SIX_PAIRS; p++)
            begin[p + 1] = (uint16_t)(begin[p + 1] + begin[p]);
        memcpy(at, begin, sizeof at);
        for (size_t i = 0; i < SV_N_FOURS; i++)
            m->fours[part][at[pair_of(&sv_fours[i], part)]++] =
                (struct four){{pair_of(&sv_fours[i], 0), pair_of(&sv_fours[i], 1)},
                              sv_fours[i].share};
    }
}

static void choose(struct making *m, struct window *all, size_t n, bool thorough)
{
    m->thorough = thorough;
    count_fours(m);
    for (size_t i = 0; i < n; i++)
        all[i].w = (struct sv_gate_window){.key = (uint16_t)(i / 2), .at = (int8_t)(i % 2)};
    settle_all(m, all, n);
}

void sv_gate_build_windows(struct sv_gate_tables *t, bool thorough)
{
    struct sv_arena work = {0}, *a = &t->arena;
    struct making *m = sv_new(&work, struct making);
    size_t n = 2 * t->n_keys;
    struct window *all = sv_new_n(&work, struct window, n + 1);
    struct sv_gate_window *windows = sv_new_n(a, struct sv_gate_window, n + 1);
    uint32_t *pairs = sv_new_n(a, uint32_t, SV_GATE_PAIRS);
    uint16_t *heads = sv_new_n(a, uint16_t, 1 << SV_GATE_WINDOW_BITS);
    uint8_t *const seen[SV_GATE_KNOWN] = {
        [SV_GATE_FOUR] = sv_arena_alloc(a, 1 << (SV_GATE_FOUR_BITS - 3)),
        [SV_GATE_HEAD] = sv_arena_alloc(a, 1 << (SV_GATE_BESIDE_BITS - 3)),
        [SV_GATE_TAIL] = sv_arena_alloc(a, 1 << (SV_GATE_BESIDE_BITS - 3))};
    m->keys = t->keys;
    choose(m, all, n, thorough);
    for (size_t i = 0; i < n; i++) {
        struct sv_gate_window *w = &windows[i];
        *w = all[i].w;
        set_first(w, &t->keys[w->key]);
        list(w, i, heads, seen);
        fill(pairs, w, &t->keys[w->key]);
        t->reach = w->at > t->reach ? (uint8_t)w->at : t->reach;
    }
    t->windows = windows;
    t->pairs = pairs;
    t->heads = heads;
    t->four = seen[SV_GATE_FOUR];
    t->head = seen[SV_GATE_HEAD];
    t->tail = seen[SV_GATE_TAIL];
    sv_arena_clear(&work);
}
