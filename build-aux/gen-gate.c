// SPDX-License-Identifier: Apache-2.0
// Prints the tables of the gate over all rules, for every kind of gate, as C.
#include <inttypes.h>
#include <stdio.h>

#include "secrets/gate.h"

enum { A_LINE = 16 };

/* "{1,2,3}"; a number with no comma after it is the last. */
#define NUMBERS(v, n)                                                                              \
    do {                                                                                           \
        putchar('{');                                                                              \
        for (size_t i_ = 0; i_ < (n); i_++)                                                        \
            printf("%u,%s", (unsigned)(v)[i_], i_ % A_LINE == A_LINE - 1 ? "\n" : "");             \
        putchar('}');                                                                              \
    } while (0)

static void keys(const struct sv_gate_tables *t)
{
    printf("static const struct sv_gate_key keys[] = {\n");
    for (size_t i = 0; i < t->n_keys; i++) {
        const struct sv_gate_key *k = &t->keys[i];
        printf("{\"");
        for (size_t c = 0; c < k->n; c++)
            printf("\\%03o", (unsigned)(unsigned char)k->text[c]);
        printf("\", %" PRIu64 "u, %" PRIu64 "u, %u, %u, %u, %u, %u, %u, %u, %u, %u},\n", k->first,
               k->care, (unsigned)k->fp, k->next, k->refs, k->n_refs, k->n, k->at, k->fp_n,
               k->nocase, k->bucket);
    }
    printf("};\n");
}

static size_t count_refs(const struct sv_gate_tables *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_keys; i++)
        n += t->keys[i].n_refs;
    return n;
}

static void hashes(const struct sv_gate_tables *t)
{
    printf("static const uint16_t refs[] = ");
    NUMBERS(t->refs, count_refs(t));
    printf(";\nstatic const uint16_t heads[2][1 << SV_GATE_HASH_BITS] = {\n");
    for (size_t kind = 0; kind < 2; kind++) {
        NUMBERS(t->heads[kind], sizeof *t->heads / sizeof **t->heads);
        printf(",\n");
    }
    printf("};\nstatic const uint8_t seen[2][1 << (SV_GATE_SEEN_BITS - 3)] = {\n");
    for (size_t kind = 0; kind < 2; kind++) {
        NUMBERS(t->seen[kind], sizeof *t->seen);
        printf(",\n");
    }
    printf("};\n");
}

#define GROUPS(name, rows)                                                                         \
    do {                                                                                           \
        printf("." name " = {");                                                                   \
        for (size_t g = 0; g < SV_GATE_GROUPS; g++) {                                              \
            printf("{");                                                                           \
            for (size_t k = 0; k < SV_GATE_FP; k++) {                                              \
                NUMBERS((rows)[g][k], sizeof(rows)[g][k]);                                         \
                printf(",\n");                                                                     \
            }                                                                                      \
            printf("},\n");                                                                        \
        }                                                                                          \
        printf("},\n");                                                                            \
    } while (0)

static void nibbles(const struct sv_gate_nibbles *n)
{
    printf("static const struct sv_gate_nibbles nibbles = {\n");
    GROUPS("lo", n->lo);
    GROUPS("hi", n->hi);
    GROUPS("whole", n->whole);
    printf("};\n");
}

static void windows(const struct sv_gate_pairs *g)
{
    printf("static const struct sv_gate_window windows[] = {\n");
    for (size_t i = 0; i < g->n_windows; i++) {
        const struct sv_gate_window *w = &g->windows[i];
        printf("{%u, %u, %u, %d, %u},\n", (unsigned)w->fp, w->key, w->next, w->at, w->known);
    }
    printf("};\nstatic const struct sv_gate_pairs pairs = {.of = ");
    NUMBERS(g->of, SV_GATE_PAIRS);
    printf(",\n.windows = windows, .n_windows = %zu, .reach = %u, .heads = ", g->n_windows,
           g->reach);
    NUMBERS(g->heads, sizeof g->heads / sizeof *g->heads);
    printf(",\n.four = ");
    NUMBERS(g->four, sizeof g->four);
    printf(",\n.beside = {");
    for (size_t k = 0; k < 2; k++) {
        NUMBERS(g->beside[k], sizeof g->beside[k]);
        printf(",\n");
    }
    printf("}};\n");
}

/* Rows that no state has are left to be zero. */
static void dfa(const struct sv_gate_dfa *d)
{
    size_t width = (size_t)1 << d->shift;
    printf("static const uint16_t next[] = {\n");
    for (size_t s = 0; s < d->ends + d->n_ending; s++) {
        const uint16_t *row = d->next + s * width;
        for (size_t c = 0; c < width; c++)
            if (row[c])
                printf("[%zu] = %u,%s", s * width + c, row[c], c % A_LINE == 0 ? "\n" : "");
    }
    printf("[%zu] = 0};\nstatic const uint8_t lengths[] = ", (d->ends + d->n_ending) * width - 1);
    NUMBERS(d->lengths, d->n_ending);
    printf(";\nstatic const struct sv_gate_dfa dfa = {.class = ");
    NUMBERS(d->class, sizeof d->class);
    printf(",\n.shift = %u, .ends = %u, .n_ending = %zu, .next = next, .lengths = lengths};\n",
           d->shift, d->ends, d->n_ending);
}

int main(void)
{
    struct sv_gate_tables t = {0};
    printf("/* Written by build-aux/gen-gate.c. */\n");
    sv_gate_index(&t, sv_secret_rules, sv_n_secret_rules, true);
    keys(&t);
    hashes(&t);
    nibbles(sv_gate_nibbles_build(&t.arena, t.keys, t.n_keys));
    windows(sv_gate_pairs_build(&t.arena, t.keys, t.n_keys, true));
    dfa(sv_gate_dfa_build(&t.arena, t.keys, t.n_keys));
    printf("const struct sv_gate_tables sv_gate_built = {\n"
           ".keys = keys, .n_keys = %zu, .refs = refs, .heads = heads, .seen = seen,\n"
           ".nibbles = &nibbles, .pairs = &pairs, .dfa = &dfa};\n", t.n_keys);
    sv_arena_clear(&t.arena);
    return fflush(stdout) != 0 || ferror(stdout);
}
