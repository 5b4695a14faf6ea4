// SPDX-License-Identifier: Apache-2.0
// The literal gate: one pass over a text that finds where the rules' keywords stand.
#ifndef SV_SECRETS_GATE_H
#define SV_SECRETS_GATE_H

#include "base/arena.h"
#include "secrets/rule.h"
#include "secrets/search.h"

/* A text is looked at by pairs of bytes, at every second place. A keyword is known by two windows
 * of two pairs, one at an even and one at an odd distance from its start, so that wherever it
 * stands one of them is looked at; those of short keywords reach a byte beyond them. Windows share
 * buckets: a table says of each pair in which buckets it may begin a window, and in which it may
 * end one, and two answers in a row that have a bucket in common make a place worth a closer look.
 * The tables are constant once built, and may be shared by threads. */
enum { SV_GATE_LEAST = 3, SV_GATE_WINDOW = 4, SV_GATE_BLOCK = 16 << 10 };
enum { SV_GATE_BUCKETS = 16, SV_GATE_PARTS = 2, SV_GATE_PAIRS = 1 << 16 };
enum { SV_GATE_WINDOW_BITS = 13, SV_GATE_FOUR_BITS = 16, SV_GATE_BESIDE_BITS = 14 };

struct sv_gate_key {
    const char *text;
    uint16_t refs;   /* the first of its rules in sv_gate_tables.refs ... */
    uint16_t n_refs; /* ... and how many follow each other */
    uint8_t n;       /* length */
    bool nocase;
};

enum sv_gate_known { SV_GATE_FOUR, SV_GATE_HEAD, SV_GATE_TAIL, SV_GATE_KNOWN }; /* all, the first
                                                     three, the last three bytes are a keyword's */
struct sv_gate_window {
    uint64_t first, care; /* the keyword's first eight bytes, if there are, and which bits count */
    uint32_t fp;          /* the known bytes, folded */
    uint16_t key;
    uint16_t next;  /* in its chain: 1 + index, 0: none */
    int8_t at;      /* where it begins, from the keyword's start: -1 or more */
    uint8_t known;  /* enum sv_gate_known */
    uint8_t bucket;
};

struct sv_gate_tables {
    struct sv_arena arena; /* of tables that were made at run time */
    const struct sv_gate_key *keys;
    size_t n_keys;
    const uint16_t *refs;
    const struct sv_gate_window *windows; /* two of each key */
    /* Of two bytes, little-endian: the buckets in which they may begin a window in the low half,
     * those in which they may end one in the high half. */
    const uint32_t *pairs; /* SV_GATE_PAIRS */
    const uint16_t *heads; /* chains of windows, by sv_gate_window_hash */
    /* The windows as bits, a first glance: sparse. By hashes of all four bytes, and of the three
     * that are known of heads, of tails. */
    const uint8_t *four, *head, *tail;
    uint8_t reach; /* no window begins further than this behind its keyword's start */
};

/* The tables of the rules that are compiled in: made by build-aux/gen-gate.c, so that no run makes
 * them anew. */
extern const struct sv_gate_tables sv_gate_built;

/* gate_build.c: of any rules. `thorough` takes a good while, for fewer false alarms. Zeroed before;
 * cleared by sv_arena_clear(&t->arena). */
void sv_gate_build(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n,
                   bool thorough);
/* gate_windows.c, of the keys: the rest of the tables. */
void sv_gate_build_windows(struct sv_gate_tables *t, bool thorough);

/* search.c: a search over tables of these rules; the tables' arena becomes its own. */
struct sv_search *sv_search_new_tables(const struct sv_gate_tables *t,
                                       const struct sv_secret_rule *rules, size_t n);

struct sv_gate_hit {
    uint16_t at; /* where the keyword begins, from the block's start */
    uint16_t key;
};
struct sv_gate_hits { /* zeroed before the first run, which takes memory as it needs it */
    struct sv_gate_hit *v;
    size_t n, cap;
};
/* The keywords that begin in text.p[from, from + n), in order; n is at most SV_GATE_BLOCK. Reads
 * nothing outside the text. */
void sv_gate_run(const struct sv_gate_tables *t, struct sv_slice text, size_t from, size_t n,
                 struct sv_gate_hits *hits);

/* gate_pairs.c: where windows begin that end in p[0, n) and that the table lets through, n a
 * multiple of SV_GATE_EIGHT and at most SV_GATE_STRETCH; in order, at even distances from p.
 * `places` has room for SV_GATE_EIGHT more than half of n. */
enum { SV_GATE_EIGHT = 8, SV_GATE_STRETCH = 4096 };
size_t sv_gate_pairs(const uint32_t *pairs, const unsigned char *p, size_t n, uint16_t *places);

/* As the hash of a window sees bytes: letters of both cases alike, and some others too. */
static inline uint32_t sv_gate_fold(uint32_t four)
{
    return four | 0x20202020u;
}
static inline uint32_t sv_gate_hash(uint32_t fp, unsigned bits)
{
    return (fp * 2654435761u) >> (32 - bits);
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

#endif
