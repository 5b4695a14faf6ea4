// SPDX-License-Identifier: Apache-2.0
// The literal gate: one pass over a text that finds where a rule's keyword may stand.
#ifndef SV_SECRETS_GATE_H
#define SV_SECRETS_GATE_H

#include "base/arena.h"
#include "secrets/rule.h"
#include "secrets/search.h"

/* Every keyword is known to the gate by a fingerprint: four rare bytes in a row, or all of a
 * keyword of three. A gate reports each place where a fingerprint may begin, in order and once,
 * without regard to case; sv_gate_look then compares the keywords themselves. All gates may report
 * too much, none too little. The tables are constant once built, and may be shared by threads. */
enum { SV_GATE_BLOCK = 16 << 10, SV_GATE_FP = 4, SV_GATE_BUCKETS = 8, SV_GATE_GROUPS = 4,
       SV_GATE_LEAST = 3, SV_GATE_STROKE = 8, SV_GATE_ROOM = SV_GATE_BLOCK + SV_GATE_STROKE };

struct sv_gate_key {
    const char *text;
    uint64_t first, care; /* the first eight bytes, if there are, and their bits that count */
    uint32_t fp;       /* the folded fingerprint */
    uint16_t next;     /* in its chain: 1 + index, 0: none */
    uint16_t refs;     /* the first of its rules in sv_gate_tables.refs ... */
    uint16_t n_refs;   /* ... and how many follow each other */
    uint8_t n, at;     /* length; where in it the fingerprint begins */
    uint8_t fp_n;      /* 3 or 4 */
    bool nocase;
    uint8_t bucket;    /* of the SIMD gates */
};

/* A state is a row of `next`. Those in which a fingerprint ends have the bit `ends`, so that one
 * test of four joined states tells that none of them does; rows between are never used. */
struct sv_gate_dfa {
    uint8_t class[256]; /* 0: in no fingerprint */
    unsigned shift;     /* a row has 1 << shift entries */
    unsigned ends;
    size_t n_ending;    /* states in which one ends: the rows from `ends` on */
    const uint16_t *next;
    const uint8_t *lengths; /* of the state: bit 0, one of three bytes ends here; bit 1, of four */
};
struct sv_gate_nibbles { /* which buckets a byte's halves allow, at each place of a fingerprint */
    _Alignas(16) uint8_t lo[SV_GATE_GROUPS][SV_GATE_FP][16];
    _Alignas(16) uint8_t hi[SV_GATE_GROUPS][SV_GATE_FP][16];
    uint8_t whole[SV_GATE_GROUPS][SV_GATE_FP][128]; /* the same by whole bytes: fewer mixtures */
};

enum { SV_GATE_HASH_BITS = 11, SV_GATE_SEEN_BITS = 16 };

/* For gates that look at every second place only. A keyword is known by two windows of four bytes,
 * one at an even and one at an odd distance from its start, so that wherever it stands one of them
 * is looked at. Those of short keywords reach a byte beyond them. */
enum sv_gate_known { SV_GATE_FOUR, SV_GATE_HEAD, SV_GATE_TAIL, SV_GATE_KNOWN }; /* all, the first
                                                     three, the last three bytes are a keyword's */
enum { SV_GATE_SIX = 64, SV_GATE_PAIRS = SV_GATE_SIX * SV_GATE_SIX };
enum { SV_GATE_WINDOW_BITS = 13, SV_GATE_BESIDE_BITS = 14 };
struct sv_gate_window {
    uint32_t fp;   /* the known bytes, folded */
    uint16_t key;
    uint16_t next; /* in its chain: 1 + index, 0: none */
    int8_t at;     /* where it begins, from the keyword's start */
    uint8_t known; /* enum sv_gate_known */
};
struct sv_gate_pairs {
    /* Buckets that allow two bytes, by six bits of each: as a window's first ones in the low half,
     * as its last ones in the high half. */
    uint16_t of[SV_GATE_PAIRS];
    const struct sv_gate_window *windows;
    size_t n_windows;
    uint16_t heads[1 << SV_GATE_WINDOW_BITS]; /* chains, by sv_gate_window_hash */
    /* The windows as bits, a first glance: sparse. */
    uint8_t four[1 << (SV_GATE_SEEN_BITS - 3)];
    uint8_t beside[2][1 << (SV_GATE_BESIDE_BITS - 3)]; /* heads, tails */
    uint8_t reach; /* no window begins further from its keyword's fingerprint */
};

struct sv_gate_tables {
    struct sv_arena arena; /* of tables that were made at run time */
    enum sv_gate gate;
    const struct sv_gate_key *keys;
    size_t n_keys;
    const uint16_t *refs;
    const uint16_t (*heads)[1 << SV_GATE_HASH_BITS]; /* 1 + key; [0]: fingerprints of 3 bytes,
                                                        [1]: of 4 */
    const uint8_t (*seen)[1 << (SV_GATE_SEEN_BITS - 3)]; /* the same as bits, sparse: a first
                                                            glance */
    const struct sv_gate_nibbles *nibbles; /* of the gates AVX-512 and NEON */
    const struct sv_gate_pairs *pairs;     /* SSSE3, AVX2 */
    const struct sv_gate_dfa *dfa;         /* portable */
};

/* The tables of the rules that are compiled in, for every gate: made by build-aux/gen-gate.c, so
 * that no run makes them anew. A copy with a gate chosen is for use. */
extern const struct sv_gate_tables sv_gate_built;
/* SV_GATE_BEST becomes the best of this machine's. False if it lacks the gate. */
bool sv_gate_choose(struct sv_gate_tables *t, enum sv_gate gate);

/* gate_build.c: of any rules. False if this machine lacks the gate. Zeroed before; cleared by
 * sv_arena_clear(&t->arena). */
bool sv_gate_build(struct sv_gate_tables *t, enum sv_gate gate,
                   const struct sv_secret_rule *rules, size_t n);
/* The part that all gates share. `thorough` takes a good while, for fewer false alarms. */
void sv_gate_index(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n,
                   bool thorough);
/* Of a million places, how many these four bytes stand at, without regard to case. */
double sv_gate_share(const char *text);

/* search.c: a search over tables of these rules; the tables' arena becomes its own. */
struct sv_search *sv_search_new_tables(const struct sv_gate_tables *t,
                                       const struct sv_secret_rule *rules, size_t n);

/* Places in text.p[from, from + n) where a fingerprint may begin, as offsets from `from`; `out` has
 * room for SV_GATE_STROKE more than n, and n is at most SV_GATE_BLOCK. Reads nothing outside the
 * text. */
size_t sv_gate_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                   uint16_t *out);
/* The next key after `key` (NULL: the first) that stands in the text with its fingerprint at `at`;
 * *ret_start is where it begins. */
const struct sv_gate_key *sv_gate_look(const struct sv_gate_tables *t, struct sv_slice text,
                                       size_t at, const struct sv_gate_key *key, size_t *ret_start);

/* gate_buckets.c: `settle` chooses `at` and `bucket` of each key. */
void sv_gate_settle(struct sv_gate_key *keys, size_t n, bool thorough);
const struct sv_gate_nibbles *sv_gate_nibbles_build(struct sv_arena *a,
                                                    const struct sv_gate_key *keys, size_t n);
/* gate_windows.c: of keys that have settled. */
const struct sv_gate_pairs *sv_gate_pairs_build(struct sv_arena *a, const struct sv_gate_key *keys,
                                                size_t n, bool thorough);
/* gate_pairs.c, of the gates SSSE3 and AVX2; places as those of sv_gate_run, and only such at which
 * a whole keyword stands. */
size_t sv_gate_pairs_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from,
                         size_t n, uint16_t *out);
/* gate_dfa.c */
struct sv_gate_dfa *sv_gate_dfa_build(struct sv_arena *a, const struct sv_gate_key *keys, size_t n);
size_t sv_gate_dfa_run(const struct sv_gate_dfa *d, struct sv_slice text, size_t from, size_t n,
                       uint16_t *out);
/* gate_simd.c, of the gate AVX-512, or NEON, and of no other; the machine has it. */
size_t sv_gate_simd_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                        uint16_t *out);

/* As the hash of a fingerprint sees bytes: letters of both cases alike, and some others too. */
static inline uint32_t sv_gate_fold(uint32_t four)
{
    return four | 0x20202020u;
}
static inline uint32_t sv_gate_hash(uint32_t fp, unsigned bits)
{
    return (fp * 2654435761u) >> (32 - bits);
}
/* Six bits of a byte: both cases of a letter are alike, and nothing else that is printable but
 * "@`", "[{", "\\|", "]}", "^~". */
static inline unsigned sv_gate_six(unsigned char c)
{
    return (c & 0x1fu) | (c >> 1 & 0x20u);
}
static inline uint32_t sv_gate_window_hash(uint32_t fp, unsigned known)
{
    return sv_gate_hash(fp + known, SV_GATE_WINDOW_BITS);
}
static inline unsigned char sv_gate_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}
/* Little-endian on every machine, so that masking off the fourth byte means the same. */
static inline uint32_t sv_gate_load(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
/* The same of `n` bytes, 3 or 4. */
static inline uint32_t sv_gate_load_n(const unsigned char *p, size_t n)
{
    unsigned char four[SV_GATE_FP] = {p[0], p[1], p[2], n > 3 ? p[3] : 0};
    return sv_gate_load(four);
}

/* The first bytes tell that the key does not begin the text: where most fail. */
static inline bool sv_gate_differs(const struct sv_gate_key *k, struct sv_slice text)
{
    uint64_t first;
    if (text.n < sizeof first)
        return false;
    memcpy(&first, text.p, sizeof first);
    return ((first ^ k->first) & k->care) != 0;
}
/* Whether the key stands in the text with its fingerprint at `at`. */
static inline bool sv_gate_stands(const struct sv_gate_key *k, struct sv_slice text, size_t at)
{
    if (at < k->at || text.n - (at - k->at) < k->n)
        return false;
    struct sv_slice here = {text.p + at - k->at, text.n - (at - k->at)};
    if (sv_gate_differs(k, here))
        return false;
    for (size_t i = here.n < sizeof k->first ? 0 : sizeof k->first; i < k->n; i++) {
        unsigned char want = (unsigned char)k->text[i], is = (unsigned char)here.p[i];
        if (is != want && !(k->nocase && sv_gate_lower(is) == sv_gate_lower(want)))
            return false;
    }
    return true;
}

#endif
