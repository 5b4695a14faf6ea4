// SPDX-License-Identifier: Apache-2.0
// Makes the gate's tables: the keywords of all rules, each once, and which rules have them.
#include <stdlib.h>

#include "secrets/gate.h"

enum { MAX_KEYWORD = 255 };

struct making {
    struct sv_gate_key *keys;
    size_t n_keys;
};

static bool same_key(const struct sv_gate_key *a, const struct sv_gate_key *b)
{
    struct sv_slice x = {a->text, a->n}, y = {b->text, b->n};
    return a->nocase == b->nocase &&
           (a->nocase ? sv_slice_eq_nocase(x, y) : sv_slice_eq(x, y));
}

/* The key's index. */
static size_t intern(struct making *m, const struct sv_gate_key *k)
{
    for (size_t i = 0; i < m->n_keys; i++)
        if (same_key(&m->keys[i], k))
            return i;
    m->keys[m->n_keys] = *k;
    return m->n_keys++;
}

static size_t count_keywords(const struct sv_secret_rule *rules, size_t n)
{
    size_t count = 0;
    for (size_t r = 0; r < n; r++)
        for (const char *const *k = rules[r].keywords; *k; k++)
            count++;
    return count;
}

/* Two passes: which key each keyword is, then the rules of each key side by side. */
void sv_gate_build(struct sv_gate_tables *t, const struct sv_secret_rule *rules, size_t n,
                   bool thorough)
{
    size_t total = count_keywords(rules, n), i = 0;
    uint16_t next = 0;
    if (total > UINT16_MAX / 2 || n > UINT16_MAX)
        abort();
    struct making m = {.keys = sv_new_n(&t->arena, struct sv_gate_key, total + 1)};
    uint16_t *refs = sv_new_n(&t->arena, uint16_t, total + 1);
    uint16_t *key_of = sv_new_n(&t->arena, uint16_t, total + 1);
    for (size_t r = 0; r < n; r++) {
        for (const char *const *w = rules[r].keywords; *w; w++) {
            size_t length = strlen(*w);
            if (length < SV_GATE_LEAST || length > MAX_KEYWORD)
                abort(); /* the table of rules is wrong; the tests show it */
            struct sv_gate_key k = {
                .text = *w, .n = (uint8_t)length, .nocase = rules[r].flags & SV_RULE_NOCASE};
            key_of[i] = (uint16_t)intern(&m, &k);
            m.keys[key_of[i++]].n_refs++;
        }
    }
    for (size_t k = 0; k < m.n_keys; k++) {
        m.keys[k].refs = next;
        next = (uint16_t)(next + m.keys[k].n_refs);
        m.keys[k].n_refs = 0;
    }
    i = 0;
    for (size_t r = 0; r < n; r++) {
        for (const char *const *w = rules[r].keywords; *w; w++) {
            struct sv_gate_key *k = &m.keys[key_of[i++]];
            refs[k->refs + k->n_refs++] = (uint16_t)r;
        }
    }
    t->keys = m.keys;
    t->n_keys = m.n_keys;
    t->refs = refs;
    sv_gate_build_windows(t, thorough);
}
