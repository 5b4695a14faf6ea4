// SPDX-License-Identifier: Apache-2.0
// Unit tests of places in source maps, and of what a front end's names and folders say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "scan/public_env.h"
#include "scan/sourcemap.h"

static struct sv_arena arena;

static void at(const char *map, const char *mark, const char *source, unsigned line,
               unsigned column)
{
    struct sv_source_place p;
    struct sv_slice text = sv_slice_of(map);
    if (!sv_sourcemap_locate(&arena, text, sv_slice_find(text, mark), &p))
        fail_msg("not located: %s", map);
    assert_string_equal(p.source, source);
    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
}

static void test_places(void **state)
{
    (void)state;
    at("{\"version\":3,\"sources\":[\"a.js\",\"b.js\"],\"sourcesContent\":[\"x\",\"one\\ntwo "
       "HERE\"]}",
       "HERE", "b.js", 2, 5);
    at("{\"sourcesContent\":[null,\"\\\"q\\\\n\\\" HERE\"], \"sources\" : [\"a.js\",\"b.js\"]}",
       "HERE", "b.js", 1, 7);
    at("{\"sourceRoot\":\"webpack://shop\",\"sources\":[\"src/"
       "a.js\"],\"sourcesContent\":[\"HERE\"]}",
       "HERE", "webpack://shop/src/a.js", 1, 1);
    at("{\"sections\":[{\"map\":{\"sources\":[\"a.js\"],\"sourcesContent\":[\"x\"]}},"
       "{\"map\":{\"sources\":[\"b.js\"],\"sourcesContent\":[\"\\nHERE\"]}}]}",
       "HERE", "b.js", 2, 1);
    at("{\"sources\":[\"\"],\"sourcesContent\":[\"HERE\"]}", "HERE", "a source without a name", 1,
       1);
    at("{\"sourcesContent\":[\"HERE\"", "HERE", "a source without a name", 1, 1); /* cut off */
    at("{\"x\":\"\\\"sourcesContent\\\":[\",\"sources\":[\"a\"],\"sourcesContent\":[\"HERE\"]}",
       "HERE", "a", 1, 1);
}

static void test_elsewhere(void **state)
{
    static const char *const maps[] = {
        "{\"sources\":[\"HERE\"],\"sourcesContent\":[\"x\"]}",
        "{\"sourcesContent\":[\"x\"],\"names\":[\"HERE\"]}",
        "var x = 'HERE'",
        "HERE",
        "{\"sourcesContent\":\"HERE\"}",
        "[[[[[[\"sourcesContent\":[ HERE",
    };
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        struct sv_source_place p;
        struct sv_slice text = sv_slice_of(maps[i]);
        assert_false(sv_sourcemap_locate(&arena, text, sv_slice_find(text, "HERE"), &p));
        assert_false(sv_sourcemap_locate(&arena, text, text.n, &p));
    }
}

static bool browser(const char *text)
{
    struct sv_slice s = sv_slice_of(text);
    return sv_is_browser_key(s, sv_slice_find(s, "VALUE"));
}

static void test_names(void **state)
{
    (void)state;
    assert_true(browser("{mixpanelToken:\"VALUE\"}"));
    assert_true(browser("data-site-key='VALUE'"));
    assert_true(browser("{\\\"clientToken\\\": \\\"VALUE\\\"}"));
    assert_false(browser("{apiKey:\"VALUE\"}"));
    assert_false(browser("{mixpanelSecret:\"VALUE\"}"));
    assert_false(browser("{anonymous:1,\"apiToken\":\"VALUE\"}"));
    assert_false(browser("VALUE"));
    assert_false(browser(""));
}

static int clear(void **state)
{
    (void)state;
    sv_arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_places, clear),
        cmocka_unit_test_teardown(test_elsewhere, clear),
        cmocka_unit_test_teardown(test_names, clear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
