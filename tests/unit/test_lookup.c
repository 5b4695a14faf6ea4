// SPDX-License-Identifier: Apache-2.0
// Unit tests of hash tables and of patterns.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka wants the first four above.
#include <cmocka.h>

#include "base/map.h"
#include "base/regex.h"

/* Keys that the same slot of a table hashed by FNV-1a awaits: in a keyed one they lie apart, and a
 * hash that is put together byte by byte finds them. */
static void test_map(void **state)
{
    enum { KEYS = 1024, SLOTS = 4 * KEYS };
    static char keys[KEYS][16];
    struct sv_arena a = {0};
    struct sv_map m = {0};
    (void)state;
    assert_int_equal(sv_map_find(&m, sv_slice_of("x")), 0);
    for (unsigned i = 0, n = 0; n < KEYS; i++) {
        snprintf(keys[n], sizeof keys[n], "/srv/%u", i);
        uint32_t h = sv_hash(sv_slice_of(keys[n]));
        if (((h ^ h >> 15) & (SLOTS - 1)) == 0)
            n++;
    }
    for (uint32_t i = 0; i < KEYS; i++)
        *sv_map_at(&a, &m, sv_slice_of(keys[i])) = i + 1;
    for (uint32_t i = 0; i < KEYS; i++) {
        uint64_t h = sv_map_hash_start(&m);
        for (const char *p = keys[i]; *p; p++)
            h = sv_map_hash_add(&m, h, *p);
        assert_int_equal(sv_map_find(&m, sv_slice_of(keys[i])), i + 1);
        assert_int_equal(sv_map_find_hashed(&m, sv_slice_of(keys[i]), h), i + 1);
    }
    assert_int_equal(sv_map_find(&m, sv_slice_of("/srv/x")), 0);
    for (uint32_t i = 0, run = 0; i < m.size; i++) {
        run = m.entries[i].key.p ? run + 1 : 0;
        assert_true(run < KEYS / 4);
    }
    sv_arena_clear(&a);
}

/* The answers are the same before and after a pattern is translated. */
static void test_regex(void **state)
{
    struct sv_regex_pool *pool = sv_regex_pool_new();
    struct sv_err err;
    struct sv_match m;
    struct sv_regex *re = sv_regex_get(pool, SV_LIT("(?:a|b)+c(\\d)"), SV_REGEX_NOCASE, &err);
    struct sv_regex *hostile = sv_regex_get(pool, SV_LIT("^(?:(?:a+)+)+$"), 0, &err);
    (void)state;
    assert_non_null(re);
    assert_non_null(hostile);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(sv_regex_match(re, SV_LIT("xxABac7"), i % 3, &m), SV_MATCH_YES);
        assert_int_equal(m.start, 2);
        assert_true(sv_slice_is(m.group[1], "7"));
        assert_int_equal(sv_regex_match(re, SV_LIT("ababc"), 0, &m), SV_MATCH_NO);
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sv_regex_match(hostile, SV_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
                                        0, NULL), SV_MATCH_LIMIT);
    assert_null(sv_regex_get(pool, SV_LIT("(a"), 0, &err));
    sv_regex_pool_free(pool);
}

/* What stands behind "^" is compared before PCRE2 is asked: the answers are PCRE2's. */
static void test_regex_literal(void **state)
{
    static const struct {
        const char *pattern, *text;
        unsigned flags;
        bool fits;
    } cases[] = {
        {"^/a/b", "/a/bc", 0, true},      {"^/a/b", "/a/cb", 0, false},
        {"^/a/b", "/a/", 0, false},       {"^/a/b", "", 0, false},
        {"^/ab?c", "/ac", 0, true},       {"^/ab*c", "/ac", 0, true},
        {"^/ab{0}c", "/ac", 0, true},     {"^/ab+c", "/abbc", 0, true},
        {"^/ab{2}c", "/abbc", 0, true},   {"^a|b", "b", 0, true},
        {"^(a|b)c", "bc", 0, true},       {"^/a(?:x|y)", "/ay", 0, true},
        {"^/ab(?#x)?c", "/ac", 0, true},  {"^/ab\\E?c", "/ac", 0, true},
        {"^/ab\\Q\\E*c", "/ac", 0, true}, {"^/A", "/ab", SV_REGEX_NOCASE, true},
        {"^/a(?i)B", "/ab", 0, true},     {"^(?i)/A", "/a", 0, true},
        {"^b", "a\nb", SV_REGEX_MULTILINE, true},
        {"^b", "a\nb", 0, false},         {"^/a\\.b", "/a.b", 0, true},
        {"^/a.b", "/axb", 0, true},       {"/a", "x/a", 0, true},
        {"^a$", "a\n", 0, true},          {"^", "x", 0, true},
    };
    struct sv_regex_pool *pool = sv_regex_pool_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_err err;
        struct sv_regex *re =
            sv_regex_get(pool, sv_slice_of(cases[i].pattern), cases[i].flags, &err);
        assert_non_null(re);
        if ((sv_regex_match(re, sv_slice_of(cases[i].text), 0, NULL) == SV_MATCH_YES) !=
            cases[i].fits)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
    }
    sv_regex_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_regex_literal),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
