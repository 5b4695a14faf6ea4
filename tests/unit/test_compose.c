// SPDX-License-Identifier: Apache-2.0
// Compose's variables and .env, and YAML's aliases within their bounds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/compose.h"
#include "syntax/yaml.h"

static void test_expand(void **state)
{
    static const char *const cases[][2] = {
        {"$A", "one"}, {"${A}", "one"}, {"${A}x$A.", "onexone."}, {"${N}", "${N}"}, {"$N", "$N"},
        {"${N:-d}", "d"}, {"${N-d}", "d"}, {"${E:-d}", "d"}, {"${E-d}", ""}, {"${A:-d}", "one"},
        {"${A:+o}", "o"}, {"${N:+o}", ""}, {"${E+o}", "o"}, {"${A:?m}", "one"}, {"$$A", "$A"},
        {"${N:-${A}}", "one"}, {"${N:-${M:-z}}", "z"}, {"$", "$"}, {"${", "${"}, {"${}", "${}"},
        {"a$1b", "a$1b"},
    };
    struct sv_arena a = {0};
    struct sv_dotenv vars = {0};
    (void)state;
    sv_dotenv_parse(&a, SV_LIT("A=one\nE=\n"), &vars);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_slice got = sv_compose_expand(&a, sv_slice_of(cases[i][0]), &vars);
        if (!sv_slice_is(got, cases[i][1]))
            print_message("%s: %.*s\n", cases[i][0], (int)got.n, got.p);
        assert_true(sv_slice_is(got, cases[i][1]));
    }
    sv_arena_clear(&a);
}

static void test_dotenv(void **state)
{
    static const struct {
        const char *name, *value;
        unsigned line;
    } want[] = {{"A", "1", 2}, {"B", "two words", 3}, {"C", "$A raw", 4}, {"D", "x\ny", 5},
                {"E", "v", 7}, {"F", "a#b", 8}, {"G", "1-1", 9}, {"H", "", 10}, {"I", "y", 11}};
    struct sv_arena a = {0};
    struct sv_dotenv vars = {0};
    (void)state;
    sv_dotenv_parse(&a, SV_LIT("# comment\nA=1\nexport B=\"two words\" # c\nC='$A raw'\n"
                               "D=\"x\ny\"\nE=v   # comment\nF=a#b\nG=${A}-$A\nH=\nI: y\nnonsense\n=x\n"), &vars);
    assert_int_equal(vars.list.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < vars.list.n; i++) {
        assert_true(sv_slice_is(vars.list.v[i].name, want[i].name));
        assert_true(sv_slice_is(vars.list.v[i].value, want[i].value));
        assert_int_equal(vars.list.v[i].line, want[i].line);
    }
    sv_arena_clear(&a);
}

static struct sv_node *parse(struct sv_arena *a, struct sv_diags *diags, struct sv_slice text)
{
    struct sv_sources *sources = sv_new(a, struct sv_sources);
    struct sv_syntax sx = {.arena = a, .sources = sources, .diags = diags};
    sources->arena = a;
    return sv_yaml_parse_foreign(&sx, sv_source_add(sources, "/x", text));
}

static void test_yaml(void **state)
{
    struct sv_arena a = {0};
    struct sv_diags diags = {.arena = &a};
    (void)state;
    struct sv_node *root = parse(&a, &diags, SV_LIT("b: &b {k: 1, j: 2}\nc: &c {k: 3, l: 4}\n"
                                                    "m: {<<: [*b, *c], j: 5}\nn: *b\n"));
    assert_non_null(root);
    struct sv_node *m = sv_node_find(root->first, "m"), *n = sv_node_find(root->first, "n");
    assert_true(sv_slice_is(sv_node_arg(sv_node_find(m, "k"), 0), "1"));
    assert_true(sv_slice_is(sv_node_arg(sv_node_find(m, "j"), 0), "5"));
    assert_true(sv_slice_is(sv_node_arg(sv_node_find(m, "l"), 0), "4"));
    assert_true(sv_slice_is(sv_node_arg(sv_node_find(n, "j"), 0), "2"));
    assert_int_equal(diags.list.n, 0);
    root = parse(&a, &diags, SV_LIT("a: 1\na: 2\n"));
    assert_true(sv_slice_is(sv_node_arg(sv_node_find_last(root->first, "a"), 0), "2"));
    assert_int_equal(diags.list.n, 1);
    sv_arena_clear(&a);
}

/* Each document is a child; those before a fault stay, and anchors end with their document. */
static void test_documents(void **state)
{
    static const struct {
        const char *text;
        unsigned documents, faults;
    } cases[] = {
        {"", 0, 0},
        {"a: 1\n", 1, 0},
        {"---\na: 1\n---\n---\nb: 2\n...\n", 3, 0},
        {"a: &x 1\n---\nb: *x\n", 1, 1},
        {"a: 1\n---\nb: 2\n---\nc: [3\n", 2, 1},
        {"a: [1\n---\nb: 2\n", 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_arena a = {0};
        struct sv_diags diags = {.arena = &a};
        struct sv_sources sources = {.arena = &a};
        struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
        struct sv_node *root =
            sv_yaml_parse_documents(&sx, sv_source_add(&sources, "/x", sv_slice_of(cases[i].text)));
        unsigned n = 0;
        for (struct sv_node *d = root ? root->first : NULL; d; d = d->next)
            n++;
        assert_int_equal(n, cases[i].documents);
        assert_int_equal(diags.list.n, cases[i].faults);
        sv_arena_clear(&a);
    }
}

/* Ten lists of ten aliases each stand for ten thousand million values. */
static void test_bomb(void **state)
{
    struct sv_arena a = {0};
    struct sv_diags diags = {.arena = &a};
    _cleanup_buf_ struct sv_buf text = {0};
    (void)state;
    sv_buf_adds(&text, "a0: &a0 x\n");
    for (int i = 1; i < 11; i++) {
        sv_buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            sv_buf_printf(&text, "*a%d, ", i - 1);
        sv_buf_adds(&text, "]\n");
    }
    assert_null(parse(&a, &diags, sv_buf_slice(&text)));
    assert_int_equal(diags.list.n, 1);
    assert_null(parse(&a, &diags, SV_LIT("a: &a [*a]\n")));
    assert_null(parse(&a, &diags, SV_LIT("a: &a\n  <<: *a\n")));
    assert_null(parse(&a, &diags, SV_LIT("a: *nothing\n")));
    sv_arena_clear(&a);
}

/* What is mounted at a place replaces what was; nothing is known of a mount without a place. */
static void test_mounts(void **state)
{
    static const struct sv_container_mount given[] = {
        {.source = "/a"}, {.source = "/b", .target = "/x"}, {.source = "/c"},
        {.source = "/d", .target = ""}, {.source = "/e", .target = "/x"},
        {.source = "/f", .target = ""},
    };
    static const char *const want[] = {"/a", "/e", "/c", "/d", "/f"};
    struct sv_arena a = {0};
    struct sv_compose_index x = {0};
    struct sv_container c = {0};
    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (i == 4)
            x = (struct sv_compose_index){0}; /* as after another list */
        sv_compose_add_mount(&a, &x, &c, given[i]);
    }
    assert_int_equal(c.mounts.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < c.mounts.n; i++)
        assert_string_equal(c.mounts.v[i].source, want[i]);
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_dotenv),
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_mounts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
