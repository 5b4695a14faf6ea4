// SPDX-License-Identifier: Apache-2.0
// The JSON reader: values, positions, escapes, and what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "syntax/json.h"

static struct sv_node *parse(struct sv_arena *a, struct sv_sources *sources, struct sv_diags *diags,
                             const char *text)
{
    struct sv_syntax sx = {.arena = a, .sources = sources, .diags = diags};
    *sources = (struct sv_sources){.arena = a};
    return sv_json_parse(&sx, sv_source_add(sources, "x.json", sv_slice_of(text)));
}

static void test_values(void **state)
{
    struct sv_arena a = {0};
    struct sv_sources sources;
    struct sv_node *root =
        parse(&a, &sources, NULL, "\xef\xbb\xbf{\"a\": [1, true, null, -1.5e3],\n \"b\": {\"c\": \"x\"}}");
    (void)state;
    assert_non_null(root);
    struct sv_node *list = sv_node_find(root->first, "a");
    assert_int_equal(list->kind, SV_NODE_LIST);
    assert_true(sv_slice_is(sv_node_arg(list->last, 0), "-1.5e3"));
    struct sv_node *c = sv_node_find(sv_node_find(root->first, "b"), "c");
    assert_true(sv_slice_is(sv_node_arg(c, 0), "x"));
    assert_int_equal(sv_span_pos(&sources, c->args[0].span).line, 2);
    assert_int_equal(sv_span_pos(&sources, c->args[0].span).column, 13);
    sv_arena_clear(&a);
}

static void test_escapes(void **state)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"\"\\u0041\\n\\/\"", "A\n/"},
        {"\"\\u00e9\"", "\xc3\xa9"},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"\\ud83dx\"", "\xef\xbf\xbdx"},
        {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A"},
        {"\"\\\"\\\\\"", "\"\\"},
    };
    struct sv_arena a = {0};
    struct sv_sources sources;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_node *root = parse(&a, &sources, NULL, cases[i].json);
        assert_non_null(root);
        assert_string_equal(sv_node_arg(root->first, 0).p, cases[i].text);
    }
    sv_arena_clear(&a);
}

static void test_refused(void **state)
{
    static const char *const cases[] = {
        "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "[1 2]", "\"abc", "\"\\x\"", "\"\\u12\"",
        "\"a\nb\"", "1 2", "tru", "]", "{\"a\":1]", "\"\\", "\"\\u"};
    struct sv_arena a = {0};
    struct sv_sources sources;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_diags diags = {.arena = &a};
        assert_null(parse(&a, &sources, &diags, cases[i]));
        assert_int_equal(diags.list.n, 1);
    }
    char deep[4001];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_null(parse(&a, &sources, NULL, deep));
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
