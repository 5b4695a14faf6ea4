// SPDX-License-Identifier: Apache-2.0
// Templates filled in as gettext's envsubst does, and the way back to their lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "syntax/envsubst.h"
#include "syntax/nginx.h"

struct env {
    struct sv_arena a;
    struct sv_sources sources;
    struct sv_diags diags;
    struct sv_syntax sx;
    struct sv_envsubst_vars vars;
};

static void begin(struct env *e)
{
    static const char *const set[][2] = {{"A", "one"}, {"EMPTY", ""}, {"_b2", "x\ny"},
                                         {"WORDS", "a b; root /made; location /x"}};
    *e = (struct env){0};
    e->sources.arena = e->diags.arena = &e->a;
    e->sx = (struct sv_syntax){.arena = &e->a, .sources = &e->sources, .diags = &e->diags};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        sv_vec_push(&e->a, &e->vars.values, sv_slice_of(set[i][1]));
        *sv_map_at(&e->a, &e->vars.names, sv_slice_of(set[i][0])) = (uint32_t)e->vars.values.n;
    }
}

static void test_names(void **state)
{
    /* What `envsubst '${A} ${EMPTY} ${_b2}'` prints, but for the newline in a value. */
    static const char *const cases[][2] = {
        {"", ""},
        {"no names", "no names"},
        {"$A ${A} $A;$A/${A}${A}", "one one one;one/oneone"},
        {"$AB ${AB} $a ${a} $host", "$AB ${AB} $a ${a} $host"},
        {"$$A \\$A", "$one \\one"},
        {"${A $A} ${} $ ${A", "${A one} ${} $ ${A"},
        {"[$EMPTY][${EMPTY}]", "[][]"},
        {"$_b2 ${1A} $1A", "x y ${1A} $1A"},
        {"${A-x} ${A:-x}", "${A-x} ${A:-x}"},
        {"$A", "one"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct env e;
        struct sv_envsubst made;
        begin(&e);
        assert_true(sv_envsubst(&e.sx, "/t", sv_slice_of(cases[i][0]), &e.vars, &made));
        assert_string_equal(sv_source_get(&e.sources, made.made)->text.p, cases[i][1]);
        assert_string_equal(sv_source_get(&e.sources, made.raw)->text.p, cases[i][0]);
        sv_arena_clear(&e.a);
    }
}

/* Each directive's text is the template's, whatever a name stands for. */
static void test_places(void **state)
{
    static const char text[] = "# $A\nserver {\n  listen ${A}80;\n  $EMPTY server_name x$A;\n"
                               "  $WORDS {\n    alias /y;\n  }\n}\n";
    static const struct {
        const char *name, *text;
        unsigned line;
    } want[] = {
        {"server", "server {", 2},       {"listen", "listen ${A}80", 3},
        {"server_name", "server_name x$A", 4}, {"a", "$WORDS", 5},
        {"root", "$WORDS", 5},           {"location", "$WORDS {", 5},
        {"alias", "alias /y", 6},
    };
    struct env e;
    struct sv_envsubst made;
    size_t i = 0;
    (void)state;
    begin(&e);
    assert_true(sv_envsubst(&e.sx, "/t", sv_slice_of(text), &e.vars, &made));
    struct sv_node *root = sv_nginx_parse(&e.sx, made.made);
    sv_envsubst_settle(root, &made, 1);
    assert_int_equal(e.diags.list.n, 0);
    for (struct sv_node *n = root->first; n; n = n->first ? n->first : n->next ? n->next
                                                                  : n->parent->next) {
        assert_true(i < sizeof want / sizeof *want);
        assert_true(sv_node_is(n, want[i].name));
        assert_int_equal(n->head.file, made.raw);
        assert_string_equal(sv_node_head_text(&e.sources, &e.a, n).p, want[i].text);
        assert_int_equal(sv_span_pos(&e.sources, n->head).line, want[i].line);
        i++;
    }
    assert_int_equal(i, sizeof want / sizeof *want);
    sv_arena_clear(&e.a);
}

/* Of several templates each span goes to its own, and one of no template stays. */
static void test_several(void **state)
{
    struct env e;
    struct sv_envsubst made[3];
    (void)state;
    begin(&e);
    for (size_t i = 0; i < 3; i++)
        assert_true(sv_envsubst(&e.sx, "/t", SV_LIT("$A;\n"), &e.vars, &made[i]));
    uint32_t plain = sv_source_add(&e.sources, "/p", SV_LIT("one;\n"));
    for (size_t i = 0; i < 4; i++) {
        struct sv_node *root = sv_nginx_parse(&e.sx, i < 3 ? made[i].made : plain);
        sv_envsubst_settle(root, made, 3);
        assert_int_equal(root->first->head.file, i < 3 ? made[i].raw : plain);
        assert_string_equal(sv_node_head_text(&e.sources, &e.a, root->first).p,
                            i < 3 ? "$A" : "one");
    }
    sv_arena_clear(&e.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_several),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
