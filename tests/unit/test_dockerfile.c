// SPDX-License-Identifier: Apache-2.0
// Dockerfiles: lines, words, places, heredocs, variables; .dockerignore by a table of cases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/dockerfile.h"

struct parsed {
    struct sv_arena a;
    struct sv_sources sources;
    struct sv_diags diags;
    struct sv_dockerfile *f;
};

static void parse(struct parsed *p, struct sv_slice text)
{
    *p = (struct parsed){0};
    p->sources.arena = p->diags.arena = &p->a;
    struct sv_syntax sx = {.arena = &p->a, .sources = &p->sources, .diags = &p->diags};
    p->f = sv_dockerfile_parse(&sx, sv_source_add(&p->sources, "/Dockerfile", text), 0);
}

static const struct sv_docker_step *step(struct parsed *p, size_t i, enum sv_docker_op op)
{
    assert_true(i < p->f->steps.n);
    assert_int_equal(p->f->steps.v[i].op, op);
    return &p->f->steps.v[i];
}

static void check_text(struct sv_slice got, const char *want)
{
    if (!sv_slice_is(got, want))
        fail_msg("got \"%.*s\"", (int)got.n, got.p);
}

static void check_place(struct parsed *p, const struct sv_node *n, unsigned line, unsigned column)
{
    struct sv_pos pos = sv_span_pos(&p->sources, n->span);
    assert_int_equal(pos.line, line);
    assert_int_equal(pos.column, column);
}

static void test_lines(void **state)
{
    struct parsed p;
    (void)state;
    parse(&p, SV_LIT("\xef\xbb\xbf# syntax=docker/dockerfile:1\r\n# Escape = `\r\n\n# escape=\\\n"
                     "from a AS b\r\nRUN one `\r\n  # between\r\n\r\n  two `  \r\n  three\r\n"
                     "RUN c:\\``\nENV A=1 `\n    B=\"x y\" `\n    C=z` w\nENV old  the rest = of it \n"
                     "LABEL a.b=c\nBOGUS x\n"));
    assert_int_equal(p.f->escape, '`');
    assert_int_equal(step(&p, 0, SV_DOCKER_FROM)->words.n, 3);
    check_text(step(&p, 0, SV_DOCKER_FROM)->words.v[2].text, "b");
    check_text(step(&p, 1, SV_DOCKER_RUN)->rest, "one   two   three");
    check_place(&p, step(&p, 1, SV_DOCKER_RUN)->node, 6, 1);
    check_text(step(&p, 2, SV_DOCKER_RUN)->rest, "c:\\``");
    const struct sv_docker_step *env = step(&p, 3, SV_DOCKER_ENV);
    assert_int_equal(env->pairs.n, 3);
    check_text(env->pairs.v[1].name, "B");
    check_text(env->pairs.v[1].value, "\"x y\"");
    check_place(&p, env->pairs.v[1].node, 13, 5);
    check_text(env->pairs.v[2].value, "z` w");
    check_place(&p, env->pairs.v[2].node, 14, 5);
    check_text(step(&p, 4, SV_DOCKER_ENV)->pairs.v[0].name, "old");
    check_text(step(&p, 4, SV_DOCKER_ENV)->pairs.v[0].value, "the rest = of it");
    step(&p, 5, SV_DOCKER_LABEL);
    assert_int_equal(p.f->steps.n, 6);
    assert_int_equal(p.diags.list.n, 1);
    assert_int_equal(sv_span_pos(&p.sources, p.diags.list.v[0].span).line, 17);
    sv_arena_clear(&p.a);
}

/* A comment, an empty line and an unknown directive end the directives. */
static void test_no_directive(void **state)
{
    static const char *const tops[] = {"# hello\n# escape=`\n", "\n# escape=`\n", "# x=y\n# escape=`\n",
                                       "FROM a\n# escape=`\n"};
    (void)state;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        struct parsed p;
        parse(&p, sv_slice_of(tops[i]));
        assert_int_equal(p.f->escape, '\\');
        sv_arena_clear(&p.a);
    }
}

static void test_forms(void **state)
{
    struct parsed p;
    (void)state;
    parse(&p, SV_LIT("CMD [\"a\", \"b \\\"c\\u00e9\"]\nCMD ['a']\nCMD [\"a\", 1]\nRUN [ -f x ] && y\n"
                     "COPY --from=build --chown=1:1 --link --exclude=*.md --exclude=x [\"a b\", \"c/\"]\n"
                     "COPY \"a b\" c\nHEALTHCHECK --interval=5s CMD [\"h\"]\nHEALTHCHECK NONE\n"
                     "ONBUILD RUN --mount=type=secret,id=x cat\nONBUILD ONBUILD RUN x\nONBUILD FROM x\n"
                     "ARG A B=c D=\nADD --checksum=sha256:x -- --odd /d\nENV X\nENV A=b C\n"));
    assert_true(step(&p, 0, SV_DOCKER_CMD)->json);
    check_text(step(&p, 0, SV_DOCKER_CMD)->words.v[1].text, "b \"c\xc3\xa9");
    check_place(&p, step(&p, 0, SV_DOCKER_CMD)->words.v[1].node, 1, 11);
    assert_false(step(&p, 1, SV_DOCKER_CMD)->json);
    check_text(step(&p, 1, SV_DOCKER_CMD)->rest, "['a']");
    assert_false(step(&p, 2, SV_DOCKER_CMD)->json);
    assert_false(step(&p, 3, SV_DOCKER_RUN)->json);
    const struct sv_docker_step *copy = step(&p, 4, SV_DOCKER_COPY);
    assert_int_equal(copy->flags.n, 5);
    check_text(sv_docker_flag(copy, "from")->value, "build");
    assert_false(sv_docker_flag(copy, "link")->set);
    check_text(sv_docker_flag(copy, "exclude")->value, "x");
    assert_null(sv_docker_flag(copy, "parents"));
    check_text(copy->words.v[0].text, "a b");
    assert_int_equal(step(&p, 5, SV_DOCKER_COPY)->words.n, 3);
    assert_true(step(&p, 6, SV_DOCKER_HEALTHCHECK)->json);
    check_text(step(&p, 7, SV_DOCKER_HEALTHCHECK)->rest, "NONE");
    assert_true(step(&p, 8, SV_DOCKER_RUN)->onbuild);
    check_text(sv_docker_flag(step(&p, 8, SV_DOCKER_RUN), "mount")->value, "type=secret,id=x");
    step(&p, 9, SV_DOCKER_ONBUILD);
    step(&p, 10, SV_DOCKER_ONBUILD);
    const struct sv_docker_step *arg = step(&p, 11, SV_DOCKER_ARG);
    assert_int_equal(arg->pairs.n, 3);
    assert_false(arg->pairs.v[0].set);
    assert_true(arg->pairs.v[2].set);
    check_text(step(&p, 12, SV_DOCKER_ADD)->words.v[0].text, "--odd");
    assert_int_equal(step(&p, 13, SV_DOCKER_ENV)->pairs.n, 0);
    assert_int_equal(step(&p, 14, SV_DOCKER_ENV)->pairs.n, 1);
    assert_int_equal(p.diags.list.n, 4);
    sv_arena_clear(&p.a);
}

static void test_heredocs(void **state)
{
    struct parsed p;
    (void)state;
    parse(&p, SV_LIT("RUN <<EOF cat <<-'T' > /x && echo <<<no\n# kept\nEOF\n\ttwo\n\tT\n"
                     "COPY <<\"A\" <<B /d/\n1\nA\n2\nB\nRUN [\"x\", \"<<EOF\"]\nENV A=<<EOF\nUSER x\n"
                     "ONBUILD RUN <<E\nin\nE\nRUN <<OPEN\nnever ends"));
    const struct sv_docker_step *run = step(&p, 0, SV_DOCKER_RUN);
    const struct sv_docker_step *copy = step(&p, 1, SV_DOCKER_COPY);
    assert_int_equal(run->heredocs.n, 2);
    check_text(run->heredocs.v[0].text, "# kept\n");
    assert_true(run->heredocs.v[0].expand);
    check_text(run->heredocs.v[1].name, "T");
    check_text(run->heredocs.v[1].text, "\ttwo\n");
    assert_false(run->heredocs.v[1].expand);
    check_place(&p, run->heredocs.v[1].node, 4, 1);
    assert_int_equal(copy->heredocs.n, 2);
    check_text(copy->heredocs.v[1].text, "2\n");
    assert_true(step(&p, 2, SV_DOCKER_RUN)->json);
    step(&p, 3, SV_DOCKER_ENV);
    step(&p, 4, SV_DOCKER_USER);
    check_text(step(&p, 5, SV_DOCKER_RUN)->heredocs.v[0].text, "in\n");
    check_text(step(&p, 6, SV_DOCKER_RUN)->heredocs.v[0].text, "never ends");
    assert_int_equal(p.diags.list.n, 1);
    sv_arena_clear(&p.a);
}

static void check_expand(const struct sv_docker_vars *vars, const char *in, const char *want,
                         enum sv_docker_expansion kind)
{
    struct sv_arena a = {0};
    struct sv_slice got;
    if (sv_docker_expand(&a, sv_slice_of(in), '\\', vars, &got) != kind)
        fail_msg("%s", in);
    check_text(got, want);
    sv_arena_clear(&a);
}

static void test_expand(void **state)
{
    static const char *const cases[][2] = {
        {"$A", "one"}, {"${A}x", "onex"}, {"$N.", "."}, {"\\$A", "$A"}, {"'$A'", "$A"},
        {"\"$A b\"", "one b"}, {"\"\\$A \\x\"", "$A \\x"}, {"a\\ b", "a b"}, {"$", "$"},
        {"${N:-d}", "d"}, {"${N-d}", "d"}, {"${E:-d}", "d"}, {"${E-d}", ""}, {"${A:-d}", "one"},
        {"${A:+o}", "o"}, {"${E:+o}", ""}, {"${E+o}", "o"}, {"${N+o}", ""}, {"${A:?m}", "one"},
        {"${N:-${A}/${N:-x}}", "one/x"}, {"${N:-'}'}", "}"},
        {"${P#*/}", "b/c.tar.gz"}, {"${P##*/}", "c.tar.gz"}, {"${P%.*}", "a/b/c.tar"},
        {"${P%%.*}", "a/b/c"}, {"${P%x}", "a/b/c.tar.gz"}, {"${P#a?b}", "/c.tar.gz"},
        {"${P/b/X}", "a/X/c.tar.gz"}, {"${A//e/3}", "on3"}, {"${P//\\//-}", "a-b-c.tar.gz"},
        {"${A:-$U}", "one"},
    };
    static const char *const partly[][2] = {
        {"$U", ""}, {"a${U:-x}", "a"}, {"${N:-$U}", ""}, {"${N:?m}", ""}, {"${U%x}b", "b"},
    };
    static const char *const refused[] = {"${", "${}", "${A", "'a", "\"a", "${A:x}", "${A^}", "${A:"};
    struct sv_arena a = {0};
    struct sv_docker_vars vars = {0};
    (void)state;
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("A"), SV_LIT("zero"), true});
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("A"), SV_LIT("one"), true});
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("E"), SV_LIT(""), true});
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("P"), SV_LIT("a/b/c.tar.gz"), true});
    sv_docker_set(&a, &vars, (struct sv_docker_var){SV_LIT("U"), SV_LIT(""), false});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_expand(&vars, cases[i][0], cases[i][1], SV_DOCKER_WHOLE);
    for (size_t i = 0; i < sizeof partly / sizeof *partly; i++)
        check_expand(&vars, partly[i][0], partly[i][1], SV_DOCKER_PARTLY);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        check_expand(&vars, refused[i], "", SV_DOCKER_REFUSED);
    /* Nesting beyond the bound is refused, not followed. */
    _cleanup_buf_ struct sv_buf deep = {0};
    struct sv_slice got;
    for (int i = 0; i < 100000; i++)
        sv_buf_adds(&deep, "${N:-");
    assert_int_equal(sv_docker_expand(&a, sv_buf_slice(&deep), '\\', &vars, &got),
                     SV_DOCKER_REFUSED);
    sv_arena_clear(&a);
}

/* The patterns, paths that they keep out, and paths that are taken. */
static void test_ignore(void **state)
{
    static const struct {
        const char *list, *out, *in; /* paths between blanks */
    } cases[] = {
        {"", "", "a .env a/b"},
        {"# comment\n\n  \n", "", "#comment a"},
        {" # is one only at the line's start\n", "", "a"},
        {"*/temp*", "some/temporary.txt some/temp some/temp/x", "temp some/dir/temp"},
        {"*/*/temp*", "a/b/temporary", "a/temp temp"},
        {"temp?", "tempa tempb tempa/x", "temp tempab"},
        {"**/*.go", "a.go x/a.go x/y/a.go", "a.go.txt"},
        {"*.md\n!README.md", "a.md", "README.md x/a.md"},
        {"*.md\n!README*.md\nREADME-secret.md", "a.md README-secret.md", "README.md README-x.md"},
        {"*.md\nREADME-secret.md\n!README*.md", "a.md", "README-secret.md README.md"},
        {"/foo/bar\nfoo/bar", "foo/bar foo/bar/x", "bar x/foo/bar"},
        {".env", ".env .env/x", "a/.env .env.local"},
        {".env*", ".env .env.local", "a/.env"},
        {"**/.env", ".env a/.env a/b/.env a/.env/x", "a.env .envx"},
        {"**/.env*", ".env a/.env.local", "x.env"},
        {".git", ".git .git/config .git/a/b", "a/.git .gitignore"},
        {".git/", ".git/config", ".gitx"},
        {"./.git", ".git/config", "a/.git"},
        {"  node_modules  ", "node_modules/a/b", "a/node_modules"},
        {"a/../b", "b b/c", "a"},
        {"a//b", "a/b", "a"},
        {"../x", "", "x a/x"},
        {"**", "a a/b .env", ""},
        {"*", "a a/b .env", ""},
        {"*\n!src", "a .env src2", "src src/a src/a/b"},
        {"*\n!src/keep", "a src/x", "src/keep src/keep/y"},
        {"**\n!src/**", "a", "src/a src/a/b"},
        {"secrets/**", "secrets/a secrets/a/b", "secrets secrets2/a"},
        {"a/**/b", "a/b a/x/b a/x/y/b", "ab a/xb b"},
        {"a**b", "ab axy/b", "axb"},
        {"abc**", "abc abcd abc/d", "ab xabc"},
        {"**foo", "foo afoo x/foo x/afoo", "foox"},
        {"**/foo/**", "foo/a x/foo/a", "foo x/foo"},
        {"[a-c].key", "a.key c.key", "d.key"},
        {"[^a].key", "b.key", "a.key"},
        {"\\*.x", "*.x", "a.x"},
        {"a[b", "", "a ab a[b"},
        {"a\\", "", "a"},
        {"!", "", "a"},
        {"*.pem\n! ca.pem", "a.pem", "ca.pem"},
        {"dir\n!dir/a\ndir/a/b", "dir/x dir/a/b", "dir/a dir/a/c"},
        {"a.b+c(d)", "a.b+c(d)", "aXb+c(d)"},
        {"*.b+c", "x.b+c", "xxb+c x.bbc"},
        {"?.key", "a.key \xc3\xa9.key \xf0\x9f\x94\x91.key \xff.key", "ab.key \xc3\xa9x.key"},
        {"[\xc3\xa0-\xc3\xaf].key", "\xc3\xa9.key", "\xc3.key \xc3\xb0.key a.key"},
        {"[^a].key", "\xc3\xa9.key \xc3.key", "a.key \xc3\xc3.key"},
        {"*\xc3\xa9?", "\xc3\xa9x x\xc3\xa9\xc3\xa9", "\xc3\xa9 \xc3x"},
        {"*\xc3", "x\xff x\xef\xbf\xbd", "x x\xc3\xa9"},
        {"\xed\xa0\x80*", "\xed\xa0\x80 \xff\xfe\xfd", "\xff\xfe"},
        {"[\xc3].key", "", "\xc3.key"},
        {"[b-a]", "", "a b"},
        {"a /", "a a/b", "a\t"},
        {"/\t/a", "/a", "a"},
        {"\xc2\xa0" "a\xe3\x80\x80", "a", "\xc2\xa0" "a"},
        {"*\n/!bang", "a", "bang bang/x"},
        {"*\n./!bang", "a", "bang bang/x"},
        {"*\n! /bang/ ", "a", "bang bang/x"},
        {"*\n!/", "a", ""},
        {"*.a\n!!b", "x.a", "b"},
        {"*^a", "a", "^a x^a"},
        {"^a", "^a", "a"},
        {"*\\^a", "^a x^a", "a"},
        {"\\a*", "", "a \\a"},
        {"\\d*", "", "1 d"},
        {"*\\\xc3\xa9", "", "\xc3\xa9"},
        {"*\\_", "a_", "a"},
        {"[\\d]", "", "1 d"},
        {"[a\\-c]", "a - c", "b"},
        {"[a*]", "", "a *"},
        {"[[:alpha:]]", "", "a :]"},
        {"a]*", "a] a]b", "a"},
        {"\xef\xbb\xbf.env", ".env", "x"},
        {".env\r\n*.pem\r\n", ".env a.pem", "x"},
    };
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_docker_ignore ig = {0};
        uint64_t work = 0;
        sv_docker_ignore_parse(&a, sv_slice_of(cases[i].list), NULL, 0, &ig);
        for (int out = 0; out < 2; out++) {
            struct sv_slice rest = sv_slice_of(out ? cases[i].out : cases[i].in);
            while (rest.n) {
                struct sv_slice path = sv_slice_sub(rest, 0, sv_slice_chr(rest, ' '));
                bool got = sv_docker_ignored(&ig, path, &work);
                if (got != out)
                    print_message("# \"%s\": %.*s\n", cases[i].list, (int)path.n, path.p);
                assert_int_equal(got, out);
                rest = sv_slice_sub(rest, path.n + 1, rest.n);
            }
        }
    }
    sv_arena_clear(&a);
}

/* Refused patterns are told with their line, and work beyond the bound ends. */
static void test_ignore_bounds(void **state)
{
    struct sv_arena a = {0};
    struct sv_diags diags = {.arena = &a};
    struct sv_docker_ignore ig = {0};
    uint64_t work = 0;
    _cleanup_buf_ struct sv_buf list = {0}, path = {0};
    (void)state;
    sv_docker_ignore_parse(&a, SV_LIT("a\n[\n!\n"), &diags, 1, &ig);
    assert_int_equal(ig.rules.n, 1);
    assert_int_equal(diags.list.n, 2);
    for (int i = 0; i < SV_MAX_IGNORE_RULES + 10; i++) {
        for (int k = 0; k < 400; k++)
            sv_buf_adds(&list, "*a");
        sv_buf_addc(&list, '\n');
    }
    for (int k = 0; k < 2000; k++)
        sv_buf_addc(&path, k % 50 ? 'a' : '/');
    ig = (struct sv_docker_ignore){0};
    sv_docker_ignore_parse(&a, sv_buf_slice(&list), &diags, 1, &ig);
    assert_int_equal(ig.rules.n, SV_MAX_IGNORE_RULES);
    assert_int_equal(diags.list.n, 3);
    assert_false(sv_docker_ignored(&ig, sv_buf_slice(&path), &work));
    assert_true(work > SV_MAX_IGNORE_WORK && work < 2ull * SV_MAX_IGNORE_WORK);
    sv_arena_clear(&a);
}

/* Each character between brackets is compared, and counted. */
static void test_ignore_class_work(void **state)
{
    struct sv_arena a = {0};
    struct sv_docker_ignore ig = {0};
    uint64_t work = 0;
    _cleanup_buf_ struct sv_buf list = {0};
    (void)state;
    sv_buf_adds(&list, "*[");
    for (int k = 0; k < 3000; k++)
        sv_buf_addc(&list, 'b');
    sv_buf_adds(&list, "]\n");
    sv_docker_ignore_parse(&a, sv_buf_slice(&list), NULL, 0, &ig);
    assert_false(sv_docker_ignored(&ig, SV_LIT("aaaaaaaaaa"), &work));
    assert_true(work >= 10 * 3000);
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_no_directive),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_heredocs),
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_ignore),
        cmocka_unit_test(test_ignore_bounds),
        cmocka_unit_test(test_ignore_class_work),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
