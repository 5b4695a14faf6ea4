// SPDX-License-Identifier: Apache-2.0
// The rules that are compiled in: their patterns tried, and the tables that the build made of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "secrets/gate.h"
#include "secrets/pattern.h"
#include "secrets/value.h"

/* Each keyword is found, and each pattern compiles when tried. */
static void test_compiled_in(void **state)
{
    (void)state;
    struct sv_arena a = {0};
    struct sv_secret_hits hits;
    struct sv_search *s = sv_search_new();
    for (size_t r = 0; r < sv_n_secret_rules; r++) {
        for (const char *const *k = sv_secret_rules[r].keywords; *k; k++) {
            assert_true(sv_search_gate(s, sv_slice_of(*k)));
            sv_search_text(s, &a, sv_slice_of(*k), &hits);
            assert_int_equal(hits.limits, 0);
        }
    }
    sv_search_free(s);
    sv_arena_clear(&a);
}

/* What is followed by no assignment is not tried: wherever a rule's own pattern finds one behind a
 * name, the search finds it too. */
static void test_assignments(void **state)
{
    static const char *const ways[] = {
        "=", " = ", ":", ": \"", "\": \"", "'] = '", "\\\":\\\"", " => '", " := ", ":-",
        "    =    ", "\t:\t", "%3D", "</name><value>", ",\n  \"value\": \"", "\", \"", "_VALUE=",
        "value ", "_1_old.x-y = ", ": Optional[str] = ", ": str = '", ">", "\" value=\"",
        "\n    value: ", " ", " is ", "(", ") = ", "; ", " that = ", "\xc2\xa0= ", "::", "=\x60",
        ": &str = \"", "                              value="};
    static const char value[] = "q7Rk2LmX9vTz4WbY8sHd3KcN5pJf6GnA";
    struct sv_arena a = {0};
    struct sv_search *s = sv_search_new();
    size_t found = 0, rules_n = 0;
    pcre2_match_data *data = pcre2_match_data_create(32, NULL);
    (void)state;
    for (size_t r = 0; r < sv_n_secret_rules; r++) {
        const struct sv_secret_rule *rule = &sv_secret_rules[r];
        if (!(rule->flags & SV_RULE_ASSIGNS))
            continue;
        rules_n++;
        pcre2_code *code = sv_pattern_compile(rule);
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
            char text[400];
            struct sv_secret_hits hits;
            bool there = false;
            int n = snprintf(text, sizeof text, "\n%s%s%s\n", rule->keywords[0], ways[w], value);
            sv_search_text(s, &a, (struct sv_slice){text, (size_t)n}, &hits);
            sv_vec_each (h, &hits.list)
                there |= sv_slice_find(h->value, value) < h->value.n;
            if (pcre2_match(code, (PCRE2_SPTR)text, (PCRE2_SIZE)n, 1, 0, data, NULL) < 0)
                continue;
            found += there;
            assert_true(there);
        }
        pcre2_code_free(code);
    }
    assert_true(rules_n > 15 && found > 200);
    pcre2_match_data_free(data);
    sv_search_free(s);
    sv_arena_clear(&a);
}

/* By comparison with every keyword: what sv_value_rule() finds by the gate. */
static const struct sv_secret_rule *rule_of(struct sv_slice value)
{
    const struct sv_secret_rule *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        const struct sv_secret_rule *r = &sv_secret_rules[i];
        if (!r->prefix || (r->flags & (SV_RULE_NOCASE | SV_RULE_GENERIC | SV_RULE_LINE)))
            continue;
        for (const char *const *k = r->keywords; *k; k++) {
            size_t n = strlen(*k);
            if (n > longest && n <= r->prefix && sv_slice_starts(value, *k)) {
                best = r;
                longest = n;
            }
        }
    }
    return best;
}

static void test_value_rule(void **state)
{
    size_t known = 0;
    (void)state;
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        for (const char *const *k = sv_secret_rules[i].keywords; *k; k++) {
            char text[300];
            for (size_t cut = 0; cut < 3; cut++) {
                size_t n = strlen(*k) - (cut == 1);
                int length = snprintf(text, sizeof text, "%s%.*s%s", cut == 2 ? "x" : "", (int)n,
                                      *k, cut == 1 ? "" : "AbCd0123");
                struct sv_slice value = {text, (size_t)length};
                assert_ptr_equal(sv_value_rule(value), rule_of(value));
                known += rule_of(value) != NULL;
            }
        }
    }
    assert_true(known > 200);
    assert_null(sv_value_rule((struct sv_slice){"", 0}));
}

#ifdef SV_GATE_TABLES
/* What the build made of the rules is what a run would make of them. */
static void test_built_tables(void **state)
{
    struct sv_gate_tables t = {0};
    const struct sv_gate_tables *built = &sv_gate_built;
    size_t refs = 0;
    (void)state;
    sv_gate_build(&t, sv_secret_rules, sv_n_secret_rules, true);
    assert_true(t.n_keys > 500);
    assert_int_equal(built->n_keys, t.n_keys);
    for (size_t i = 0; i < t.n_keys; i++) {
        const struct sv_gate_key *a = &built->keys[i], *b = &t.keys[i];
        assert_string_equal(a->text, b->text);
        assert_true(a->refs == b->refs && a->n_refs == b->n_refs && a->n == b->n &&
                    a->nocase == b->nocase);
        refs += b->n_refs;
    }
    for (size_t i = 0; i < 2 * t.n_keys; i++) {
        const struct sv_gate_window *a = &built->windows[i], *b = &t.windows[i];
        assert_true(a->first == b->first && a->care == b->care && a->fp == b->fp &&
                    a->key == b->key && a->next == b->next && a->at == b->at &&
                    a->known == b->known && a->bucket == b->bucket);
    }
    assert_int_equal(built->reach, t.reach);
    assert_memory_equal(built->refs, t.refs, refs * sizeof *t.refs);
    assert_memory_equal(built->pairs, t.pairs, SV_GATE_PAIRS * sizeof *t.pairs);
    assert_memory_equal(built->heads, t.heads, sizeof *t.heads << SV_GATE_WINDOW_BITS);
    assert_memory_equal(built->four, t.four, 1 << (SV_GATE_FOUR_BITS - 3));
    assert_memory_equal(built->head, t.head, 1 << (SV_GATE_BESIDE_BITS - 3));
    assert_memory_equal(built->tail, t.tail, 1 << (SV_GATE_BESIDE_BITS - 3));
    sv_arena_clear(&t.arena);
}

/* What the build compiled is what the text compiles to, and no other PCRE2 takes it. */
static void test_built_patterns(void **state)
{
    struct sv_patterns other = sv_patterns_built;
    (void)state;
    assert_true(sv_patterns_usable(&sv_patterns_built));
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        size_t from = i ? sv_patterns_built.ends[i - 1] : 0;
        size_t size = sv_patterns_built.ends[i] - from;
        pcre2_code *code = sv_secret_rules[i].pattern ? sv_pattern_compile(&sv_secret_rules[i])
                                                      : NULL;
        pcre2_code *loaded = sv_patterns_load(&sv_patterns_built, i);
        const pcre2_code *list[] = {code};
        uint8_t *bytes;
        PCRE2_SIZE n;
        assert_true(!code == !loaded && !code == !size);
        if (!code)
            continue;
        assert_int_equal(pcre2_serialize_encode(list, 1, &bytes, &n, NULL), 1);
        assert_int_equal(n, size);
        assert_memory_equal(bytes, sv_patterns_built.bytes + from, n);
        pcre2_serialize_free(bytes);
        pcre2_code_free(code);
        pcre2_code_free(loaded);
    }
    other.version = "10.0 1999-01-01";
    assert_false(sv_patterns_usable(&other));
    other = sv_patterns_built;
    other.link_size++;
    assert_false(sv_patterns_usable(&other));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiled_in),  cmocka_unit_test(test_assignments),
        cmocka_unit_test(test_value_rule),
#ifdef SV_GATE_TABLES
        cmocka_unit_test(test_built_tables), cmocka_unit_test(test_built_patterns),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
