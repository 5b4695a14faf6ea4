// SPDX-License-Identifier: Apache-2.0
// Chooses each keyword's fingerprint and its bucket in the SIMD gates' tables; runs at build time.
#include <float.h>

#include "secrets/gate.h"
#include "secrets/pairs.h"

enum { BUCKETS = SV_GATE_BUCKETS * SV_GATE_GROUPS, ROUNDS = 8 };

/* A place that a bucket lets through costs a glance, a fingerprint that stands there five times as
 * much. Moves that gain less than a thousandth are none, so that they come to an end. */
static const float share_cost = 5, enough = 0.999f;

enum { FIRST_HIGH = 2, LAST_HIGH = 7 }; /* high halves of printable ASCII */

/* How common the bytes are whose high half is h and whose low half is in a set, by halves of that
 * set: so that the chance of a bucket's mask is a dozen additions. */
struct shares {
    float low[LAST_HIGH + 1][2][256];
};
struct bucket {
    uint16_t lo[SV_GATE_FP], hi[SV_GATE_FP];
    float at[SV_GATE_FP]; /* the chance that a byte passes this place */
    float chance;         /* that four do */
    bool used;
};
static void count_shares(struct shares *s)
{
    for (unsigned h = FIRST_HIGH; h <= LAST_HIGH; h++)
        for (unsigned half = 0; half < 2; half++)
            for (unsigned set = 1; set < 256; set++) {
                unsigned first = (unsigned)__builtin_ctz(set);
                s->low[h][half][set] = s->low[h][half][set & (set - 1)] +
                                       (float)sv_byte_share[h << 4 | half << 3 | first] / 1e6f;
            }
}

static float passes(const struct shares *s, uint16_t lo, uint16_t hi)
{
    float p = 0;
    for (unsigned h = FIRST_HIGH; h <= LAST_HIGH; h++)
        if (hi >> h & 1)
            p += s->low[h][0][lo & 255] + s->low[h][1][lo >> 8];
    return p;
}

/* Where everything is while keywords are moved. */
struct making {
    struct shares shares;
    struct bucket buckets[BUCKETS];
    float costs[BUCKETS];
    bool thorough;
};

static void add(struct bucket *b, const struct shares *s, const struct sv_gate_key *key)
{
    b->chance = 1;
    for (size_t k = 0; k < SV_GATE_FP; k++) {
        uint16_t lo = UINT16_MAX, hi = UINT16_MAX;
        if (k < key->fp_n) {
            unsigned c = (unsigned char)key->text[key->at + k];
            lo = (uint16_t)(b->lo[k] | 1u << (c & 15));
            hi = (uint16_t)(b->hi[k] | 1u << (c >> 4));
            /* The cases of a letter differ in the high half alone. */
            if (key->nocase && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
                hi = (uint16_t)(hi | 1u << ((c ^ 0x20) >> 4));
        }
        if (lo != b->lo[k] || hi != b->hi[k])
            b->at[k] = lo == UINT16_MAX && hi == UINT16_MAX ? 1 : passes(s, lo, hi);
        b->lo[k] = lo;
        b->hi[k] = hi;
        b->chance *= b->at[k];
    }
    b->used = true;
}

/* What of the commonest runs of four gets through. */
static float passing(const struct bucket *b)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < SV_N_FOURS; i++) {
        uint32_t four = sv_fours[i].four;
        bool in = true;
        for (size_t k = 0; k < SV_GATE_FP && in; k++, four >>= 8) {
            unsigned c = four & 255, high = 1u << (c >> 4);
            if (c < 'a' || c > 'z')
                high |= 1u << ((c ^ 0x20) >> 4); /* what it was before it was folded */
            in = (b->lo[k] >> (c & 15) & 1) && (b->hi[k] & high);
        }
        sum += in ? sv_fours[i].share : 0;
    }
    return (float)sum / 1e6f;
}

static float cost_of(const struct making *m, const struct bucket *b)
{
    return !b->used ? 0 : m->thorough ? b->chance + passing(b) : b->chance;
}

static float share_of(const struct sv_gate_key *key, size_t at)
{
    return key->n > SV_GATE_FP ? share_cost * (float)sv_gate_share(key->text + at) / 1e6f : 0;
}

/* The bucket as it is without one of its keys. */
static struct bucket without(const struct shares *s, const struct sv_gate_key *keys, size_t n,
                             const struct sv_gate_key *key)
{
    struct bucket b = {0};
    for (size_t i = 0; i < n; i++)
        if (&keys[i] != key && keys[i].bucket == key->bucket)
            add(&b, s, &keys[i]);
    return b;
}

struct home {
    struct bucket bucket; /* with the key in it */
    float more;           /* what that costs */
    uint8_t at, which;
};

/* The best bucket for the key with its fingerprint at `at`, if it is better than *best. */
static void try_at(const struct making *m, struct sv_gate_key key, uint8_t at, struct home *best)
{
    float share = share_of(&key, at);
    bool empty = false; /* the empty ones are alike */
    key.at = at;
    if (share >= best->more)
        return;
    for (uint8_t i = 0; i < BUCKETS; i++) {
        struct bucket after = m->buckets[i];
        if (!after.used && empty)
            continue;
        empty |= !after.used;
        add(&after, &m->shares, &key);
        if (after.chance - m->buckets[i].chance + share >= best->more)
            continue;
        float more = cost_of(m, &after) - m->costs[i] + share;
        if (more < best->more)
            *best = (struct home){after, more, at, i};
    }
}

static void settle(struct making *m, struct sv_gate_key *key, const struct home *home)
{
    key->at = home->at;
    key->bucket = home->which;
    m->buckets[home->which] = home->bucket;
    m->costs[home->which] = cost_of(m, &home->bucket);
}

/* Takes the key out of its bucket and puts it where it does least harm; false if that is where it
 * was. */
static bool move(struct making *m, struct sv_gate_key *keys, size_t n, struct sv_gate_key *key)
{
    struct bucket before = m->buckets[key->bucket];
    float cost = m->costs[key->bucket];
    uint8_t was = key->bucket, was_at = key->at;
    m->buckets[was] = without(&m->shares, keys, n, key);
    m->costs[was] = cost_of(m, &m->buckets[was]);
    float more = cost - m->costs[was] + share_of(key, was_at);
    struct home best = {before, more * enough, was_at, was};
    for (uint8_t at = 0; at + key->fp_n <= key->n; at++)
        try_at(m, *key, at, &best);
    settle(m, key, &best);
    return best.which != was || best.at != was_at;
}

struct candidate {
    struct sv_gate_key *key;
    float chance; /* of a bucket of its own */
};

static int by_chance(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    return a->chance != b->chance ? (a->chance < b->chance) - (a->chance > b->chance)
                                  : (a->key > b->key) - (a->key < b->key);
}

void sv_gate_settle(struct sv_gate_key *keys, size_t n, bool thorough)
{
    struct sv_arena work = {0};
    struct making *m = sv_new(&work, struct making);
    struct candidate *c = sv_new_n(&work, struct candidate, n + 1);
    count_shares(&m->shares);
    m->thorough = thorough;
    for (size_t i = 0; i < n; i++) {
        struct bucket alone = {0};
        add(&alone, &m->shares, &keys[i]);
        c[i] = (struct candidate){&keys[i], alone.chance};
    }
    /* Common ones first: they get buckets of their own, and rare ones join them. */
    qsort(c, n, sizeof *c, by_chance);
    for (size_t i = 0; i < n; i++) {
        struct home best = {.more = FLT_MAX};
        try_at(m, *c[i].key, c[i].key->at, &best);
        settle(m, c[i].key, &best);
    }
    bool moved = thorough;
    for (unsigned round = 0; round < ROUNDS && moved; round++) {
        moved = false;
        for (size_t i = 0; i < n; i++)
            moved |= move(m, keys, n, c[i].key);
    }
    sv_arena_clear(&work);
}

// ---- tables ----

static void mark(struct sv_gate_nibbles *t, const struct sv_gate_key *key)
{
    size_t bucket = key->bucket;
    uint8_t bit = (uint8_t)(1u << bucket % SV_GATE_BUCKETS);
    for (size_t k = 0; k < SV_GATE_FP; k++) {
        uint8_t *row = t->whole[bucket / SV_GATE_BUCKETS][k];
        if (k >= key->fp_n) {
            for (size_t c = 0; c < sizeof t->whole[0][0]; c++)
                row[c] |= bit;
            continue;
        }
        unsigned c = (unsigned char)key->text[key->at + k] & 127u;
        row[c] |= bit;
        if (key->nocase && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            row[c ^ 0x20] |= bit;
    }
}

const struct sv_gate_nibbles *sv_gate_nibbles_build(struct sv_arena *a,
                                                    const struct sv_gate_key *keys, size_t n)
{
    struct sv_gate_nibbles *t = sv_new(a, struct sv_gate_nibbles);
    struct sv_arena work = {0};
    struct making *m = sv_new(&work, struct making);
    count_shares(&m->shares);
    for (size_t i = 0; i < n; i++) {
        add(&m->buckets[keys[i].bucket], &m->shares, &keys[i]);
        mark(t, &keys[i]);
    }
    for (size_t b = 0; b < BUCKETS; b++) {
        size_t g = b / SV_GATE_BUCKETS;
        unsigned bit = 1u << b % SV_GATE_BUCKETS;
        for (size_t k = 0; k < SV_GATE_FP; k++) {
            for (unsigned h = 0; h < 16; h++) {
                t->lo[g][k][h] |= (uint8_t)(m->buckets[b].lo[k] >> h & 1 ? bit : 0);
                t->hi[g][k][h] |= (uint8_t)(m->buckets[b].hi[k] >> h & 1 ? bit : 0);
            }
        }
    }
    sv_arena_clear(&work);
    return t;
}
