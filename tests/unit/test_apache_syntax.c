// SPDX-License-Identifier: Apache-2.0
// Words, modules, the table of directives, and the limits of Apache's syntax.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/apache_directive.h"

struct setup {
    struct sv_arena a;
    struct sv_sources sources;
    struct sv_diags diags;
    struct sv_syntax sx;
    struct sv_apache_tree tree;
};

static void parse(struct setup *s, struct sv_slice text, const char *env)
{
    *s = (struct setup){0};
    s->sources.arena = s->diags.arena = &s->a;
    s->sx = (struct sv_syntax){.arena = &s->a, .sources = &s->sources, .diags = &s->diags};
    uint32_t file = sv_source_add(&s->sources, "/etc/apache2/apache2.conf", text);
    uint32_t envvars =
        env ? sv_source_add(&s->sources, "/etc/apache2/envvars", sv_slice_of(env)) : 0;
    sv_apache_parse(&s->sx, file, envvars, &s->tree);
}

static void test_words(void **state)
{
    static const char *const want[] = {"a", "b c", "d\\\"e", "f\\", "", "g'h", "i  "};
    struct sv_arena a = {0};
    struct sv_slice rest = SV_LIT("  a \"b c\" 'd\\\"e' f\\\\ \"\" g'h 'i  ");
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_true(sv_slice_is(sv_apache_word(&a, &rest), want[i]));
    assert_int_equal(rest.n, 0);
    assert_int_equal(sv_apache_word(&a, &rest).n, 0);
    sv_arena_clear(&a);
}

static void test_modules(void **state)
{
    struct setup s;
    (void)state;
    parse(&s, SV_LIT("LoadModule rewrite_module x.so\nLoadModule mpm_event_module y.so\n"), NULL);
    assert_true(s.tree.modules_known);
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("mod_rewrite.c")));
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("rewrite_module")));
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("event.c")));
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("http_core.c")));
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("mod_log_config.c")));
    assert_false(sv_apache_has_module(&s.tree, SV_LIT("mod_ssl.c")));
    assert_false(sv_apache_has_module(&s.tree, SV_LIT("mod_REWRITE.c")));
    assert_false(sv_apache_has_foreign_module(&s.a, &s.tree));
    assert_non_null(sv_apache_directive_in(&s.tree, SV_LIT("rewriterule"), false));
    assert_null(sv_apache_directive_in(&s.tree, SV_LIT("sslengine"), false));
    sv_arena_clear(&s.a);
    parse(&s, SV_LIT("ServerName x\n"), NULL);
    assert_false(s.tree.modules_known);
    assert_true(sv_apache_has_module(&s.tree, SV_LIT("mod_ssl.c")));
    sv_arena_clear(&s.a);
}

static void test_directives(void **state)
{
    const struct sv_apache_directive *d = sv_apache_directive(SV_LIT("RewriteRule"), false);
    (void)state;
    assert_string_equal(d->module, "mod_rewrite.c");
    assert_int_equal(d->override, SV_APACHE_FILEINFO);
    d = sv_apache_directive(SV_LIT("directory"), true);
    assert_int_equal(d->where, SV_APACHE_OUTSIDE);
    assert_int_equal(d->override, 0);
    assert_int_equal(sv_apache_directive(SV_LIT("options"), false)->override, SV_APACHE_OPTIONS);
    assert_string_equal(sv_apache_directive(SV_LIT("MinSpareServers"), false)->module, "mpm");
    assert_string_equal(sv_apache_directive(SV_LIT("AssignUserID"), false)->module, "itk.c");
    assert_null(sv_apache_directive(SV_LIT("directory"), false));
    assert_null(sv_apache_directive(SV_LIT("MinSpareServer"), false));
    assert_null(sv_apache_directive(SV_LIT("nope"), false));
    assert_null(sv_apache_directive((struct sv_slice){"", 0}, true));
}

static void test_environment(void **state)
{
    struct setup s;
    (void)state;
    parse(&s, SV_LIT("User ${A}\n"),
          "if [ -z \"$X\" ]; then B='b c'; elif true; then B=no; else B=no; fi\n"
          "export A=\"${B:-d} ${N:-e}\" # not this\nunset B; C=$(rm -rf /)\n");
    assert_true(sv_slice_is(s.tree.root->first->body, "b c e"));
    assert_int_equal(s.tree.environment.n, 1);
    sv_arena_clear(&s.a);
}

static void test_macro_spans(void **state)
{
    struct setup s;
    (void)state;
    parse(&s, SV_LIT("<Macro M $a>\n  ServerAdmin $a\n</Macro>\nUse M x\n"), NULL);
    const struct sv_node *use = sv_node_find(s.tree.root, "use");
    assert_true(sv_node_is(use->next, "serveradmin"));
    assert_ptr_equal(use->next->included_by, use);
    assert_int_equal(sv_span_pos(&s.sources, use->next->head).line, 2);
    assert_true(sv_slice_is(sv_node_arg(use->next, 0), "x"));
    sv_arena_clear(&s.a);
}

static void test_limits(void **state)
{
    struct setup s;
    struct sv_buf text = {0};
    (void)state;
    for (int i = 0; i < 5000; i++)
        sv_buf_adds(&text, "<Directory /x>\n");
    parse(&s, sv_buf_slice(&text), NULL);
    assert_int_equal(s.diags.list.n, 1);
    sv_arena_clear(&s.a);
    sv_buf_reset(&text);
    sv_buf_adds(&text, "Define A0 0123456789\n");
    for (int i = 0; i < 60; i++)
        sv_buf_printf(&text, "Define A%d ${A%d}${A%d}\n", i + 1, i, i);
    parse(&s, sv_buf_slice(&text), NULL);
    assert_true(s.a.total < 8 << 20);
    assert_int_equal(s.diags.list.n, 1);
    sv_arena_clear(&s.a);
    sv_buf_reset(&text);
    sv_buf_adds(&text, "<Macro M0>\nServerName x\n</Macro>\n");
    for (int i = 0; i < 70; i++)
        sv_buf_printf(&text, "<Macro M%d>\nUse M%d\n</Macro>\n", i + 1, i);
    sv_buf_adds(&text, "Use M70\n");
    parse(&s, sv_buf_slice(&text), NULL);
    assert_int_equal(s.diags.list.n, 1);
    sv_arena_clear(&s.a);
    sv_buf_clear(&text);
}

static void test_sniff(void **state)
{
    (void)state;
    assert_true(sv_apache_sniff(SV_LIT("# x\n<VirtualHost *:80>\n")));
    assert_true(sv_apache_sniff(SV_LIT("RewriteEngine On\nRewriteRule a b\n")));
    assert_false(sv_apache_sniff(SV_LIT("server {\n    listen 80;\n}\n")));
    assert_false(sv_apache_sniff(SV_LIT("<html>\n<body>\n</body>\n")));
    assert_false(sv_apache_sniff(SV_LIT("include /etc/ld.so.conf.d/*.conf\n")));
    assert_false(sv_apache_sniff(SV_LIT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),       cmocka_unit_test(test_modules),
        cmocka_unit_test(test_directives),  cmocka_unit_test(test_environment),
        cmocka_unit_test(test_macro_spans), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sniff),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
