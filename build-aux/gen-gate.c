// SPDX-License-Identifier: Apache-2.0
// Prints the tables of the gate over all rules as C.
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
        printf("\", %u, %u, %u, %u},\n", k->refs, k->n_refs, k->n, k->nocase);
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

static void windows(const struct sv_gate_tables *t)
{
    printf("static const struct sv_gate_window windows[] = {\n");
    for (size_t i = 0; i < 2 * t->n_keys; i++) {
        const struct sv_gate_window *w = &t->windows[i];
        printf("{%" PRIu64 "u, %" PRIu64 "u, %u, %u, %u, %d, %u, %u},\n", w->first, w->care,
               (unsigned)w->fp, w->key, w->next, w->at, w->known, w->bucket);
    }
    printf("};\n");
}

#define TABLE(type, name, v, n)                                                                    \
    do {                                                                                           \
        printf("static const " type " " name "[] = ");                                             \
        NUMBERS(v, n);                                                                             \
        printf(";\n");                                                                             \
    } while (0)

int main(void)
{
    struct sv_gate_tables t = {0};
    printf("/* Written by build-aux/gen-gate.c. */\n");
    sv_gate_build(&t, sv_secret_rules, sv_n_secret_rules, true);
    keys(&t);
    windows(&t);
    TABLE("uint16_t", "refs", t.refs, count_refs(&t));
    TABLE("uint32_t", "pairs", t.pairs, (size_t)SV_GATE_PAIRS);
    TABLE("uint16_t", "heads", t.heads, (size_t)1 << SV_GATE_WINDOW_BITS);
    TABLE("uint8_t", "four", t.four, (size_t)1 << (SV_GATE_FOUR_BITS - 3));
    TABLE("uint8_t", "head", t.head, (size_t)1 << (SV_GATE_BESIDE_BITS - 3));
    TABLE("uint8_t", "tail", t.tail, (size_t)1 << (SV_GATE_BESIDE_BITS - 3));
    printf("const struct sv_gate_tables sv_gate_built = {\n"
           ".keys = keys, .n_keys = %zu, .windows = windows, .refs = refs, .pairs = pairs,\n"
           ".heads = heads, .four = four, .head = head, .tail = tail, .reach = %u};\n",
           t.n_keys, t.reach);
    sv_arena_clear(&t.arena);
    return fflush(stdout) != 0 || ferror(stdout);
}
