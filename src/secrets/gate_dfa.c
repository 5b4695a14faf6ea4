// SPDX-License-Identifier: Apache-2.0
// The portable gate: an Aho-Corasick automaton over byte classes, four places of a text at a time.
#include "secrets/gate.h"

enum { STREAMS = 4, LONE = 256 };

struct trie {
    uint16_t *child; /* rows by class, as in `next`; 0: none */
    unsigned shift;
    uint16_t *fail, *order; /* order: breadth first */
    uint8_t *lengths;
    size_t n;
};

static void number_classes(struct sv_gate_dfa *d, const struct sv_gate_key *keys, size_t n)
{
    unsigned classes = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < keys[i].fp_n; j++) {
            unsigned char c = (unsigned char)keys[i].text[keys[i].at + j];
            c = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
            if (!d->class[c])
                d->class[c] = (uint8_t)classes++;
        }
    }
    for (unsigned c = 'A'; c <= 'Z'; c++)
        d->class[c] = d->class[c | 0x20];
    while ((1u << d->shift) < classes)
        d->shift++;
}

static void fill_trie(struct trie *t, const struct sv_gate_dfa *d, const struct sv_gate_key *keys,
                      size_t n)
{
    t->n = 1;
    for (size_t i = 0; i < n; i++) {
        uint16_t s = 0;
        for (size_t j = 0; j < keys[i].fp_n; j++) {
            unsigned class = d->class[(unsigned char)keys[i].text[keys[i].at + j]];
            uint16_t *to = &t->child[((size_t)s << t->shift) + class];
            if (!*to)
                *to = (uint16_t)t->n++;
            s = *to;
        }
        t->lengths[s] |= keys[i].fp_n == SV_GATE_FP ? 2 : 1;
    }
}

/* Completes the transitions: a missing child is the fail state's. */
static void link_trie(struct trie *t)
{
    size_t head = 0, tail = 0;
    t->order[tail++] = 0;
    while (head < tail) {
        uint16_t s = t->order[head++], fail = t->fail[s];
        t->lengths[s] |= t->lengths[fail] & 1;
        uint16_t *child = t->child + ((size_t)s << t->shift);
        const uint16_t *others = t->child + ((size_t)fail << t->shift);
        for (unsigned c = 1; c < 1u << t->shift; c++) {
            uint16_t to = child[c], other = s ? others[c] : 0;
            if (to) {
                t->fail[to] = other;
                t->order[tail++] = to;
            } else {
                child[c] = other;
            }
        }
    }
}

static void lay_out(struct sv_gate_dfa *d, struct sv_arena *a, const struct trie *t)
{
    unsigned classes = 1u << d->shift, plain = 0, ending = 0;
    uint16_t *row = sv_new_n(a, uint16_t, t->n);
    for (size_t s = 0; s < t->n; s++)
        row[s] = (uint16_t)(t->lengths[s] ? ending++ : plain++);
    d->ends = 1;
    while (d->ends < plain || d->ends < ending)
        d->ends <<= 1;
    if (d->ends > UINT16_MAX / 2)
        abort(); /* more than 30,000 states: no table of rules is that large */
    uint16_t *next = sv_new_n(a, uint16_t, (size_t)(d->ends + ending) << d->shift);
    uint8_t *lengths = sv_new_n(a, uint8_t, ending + 1);
    for (size_t s = 0; s < t->n; s++) {
        if (t->lengths[s]) {
            lengths[row[s]] = t->lengths[s];
            row[s] = (uint16_t)(row[s] + d->ends);
        }
    }
    for (size_t s = 0; s < t->n; s++)
        for (unsigned c = 0; c < classes; c++)
            next[((size_t)row[s] << d->shift) + c] = row[t->child[(s << t->shift) + c]];
    d->n_ending = ending;
    d->next = next;
    d->lengths = lengths;
}

struct sv_gate_dfa *sv_gate_dfa_build(struct sv_arena *a, const struct sv_gate_key *keys, size_t n)
{
    struct sv_gate_dfa *d = sv_new(a, struct sv_gate_dfa);
    struct sv_arena work = {0};
    size_t most = n * SV_GATE_FP + 1;
    if (most > UINT16_MAX)
        abort();
    number_classes(d, keys, n);
    struct trie t = {.child = sv_new_n(&work, uint16_t, most << d->shift),
                     .shift = d->shift,
                     .fail = sv_new_n(&work, uint16_t, most),
                     .order = sv_new_n(&work, uint16_t, most),
                     .lengths = sv_new_n(&work, uint8_t, most)};
    fill_trie(&t, d, keys, n);
    link_trie(&t);
    lay_out(d, a, &t);
    sv_arena_clear(&work);
    return d;
}

struct sink {
    uint16_t *out;
    size_t n;
    long last; /* a place may be found by both lengths, one byte apart */
};

/* `end` is the offset of a fingerprint's last byte from the block's start. */
static void put(struct sink *s, uint8_t lengths, long end, long limit)
{
    for (int length = 4; length >= 3; length--) {
        long at = end - length + 1;
        if ((lengths >> (length - 3) & 1) && at > s->last && at < limit) {
            s->out[s->n++] = (uint16_t)at;
            s->last = at;
        }
    }
}

/* Fingerprints that begin in [from, to); the automaton starts anew, so none begins earlier. */
static size_t run_one(const struct sv_gate_dfa *d, const unsigned char *p, size_t from, size_t to,
                      size_t end, uint16_t *out)
{
    struct sink sink = {out, 0, (long)from - 1};
    unsigned s = 0;
    size_t stop = end - to < SV_GATE_FP - 1 ? end : to + SV_GATE_FP - 1;
    for (size_t i = from; i < stop; i++) {
        s = d->next[((size_t)s << d->shift) + d->class[p[i]]];
        if (s & d->ends)
            put(&sink, d->lengths[s - d->ends], (long)i, (long)to);
    }
    return sink.n;
}

/* Four quarters in step (three bytes follow the last one): the steps of one automaton wait for each
 * other, those of four do not. */
static size_t run_four(const struct sv_gate_dfa *d, const unsigned char *p, size_t n, uint16_t *out)
{
    size_t quarter = n / STREAMS, total = 0;
    unsigned shift = d->shift, ends = d->ends, s[STREAMS] = {0};
    struct sink sinks[STREAMS];
    for (size_t k = 0; k < STREAMS; k++)
        sinks[k] = (struct sink){out + k * quarter, 0, (long)(k * quarter) - 1};
    const unsigned char *p0 = p, *p1 = p + quarter, *p2 = p1 + quarter, *p3 = p2 + quarter;
    const uint16_t *next = d->next;
    for (size_t i = 0; i < quarter + SV_GATE_FP - 1; i++) {
        s[0] = next[(s[0] << shift) + d->class[p0[i]]];
        s[1] = next[(s[1] << shift) + d->class[p1[i]]];
        s[2] = next[(s[2] << shift) + d->class[p2[i]]];
        s[3] = next[(s[3] << shift) + d->class[p3[i]]];
        if (!((s[0] | s[1] | s[2] | s[3]) & ends))
            continue;
        for (size_t k = 0; k < STREAMS; k++)
            if (s[k] & ends)
                put(&sinks[k], d->lengths[s[k] - ends], (long)(k * quarter + i),
                    (long)((k + 1) * quarter));
    }
    for (size_t k = 0; k < STREAMS; k++) {
        memmove(out + total, sinks[k].out, sinks[k].n * sizeof *out);
        total += sinks[k].n;
    }
    return total;
}

size_t sv_gate_dfa_run(const struct sv_gate_dfa *d, struct sv_slice text, size_t from, size_t n,
                       uint16_t *out)
{
    const unsigned char *p = (const unsigned char *)text.p + from;
    size_t end = text.n - from, done = 0, total = 0;
    if (n >= LONE) {
        /* The fourth quarter, too, looks at what follows it. */
        done = (n + SV_GATE_FP <= end ? n : n - SV_GATE_FP) / STREAMS * STREAMS;
        total = run_four(d, p, done, out);
    }
    return total + run_one(d, p, done, n, end, out + total);
}
