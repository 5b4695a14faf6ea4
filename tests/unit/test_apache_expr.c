// SPDX-License-Identifier: Apache-2.0
// Unit tests: httpd's expressions and SetEnvIf; every outcome was seen on httpd 2.4.71.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/apache_rewrite.h"

struct world {
    char dir[64];
    struct sv_arena a;
    struct sv_sources sources;
    struct sv_diags diags;
    struct sv_regex_pool *pool;
    struct sv_fs *fs;
    struct sv_apache_tree tree;
    struct sv_request req;
    struct ap_run r;
};

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static const char conf[] = "ServerName main.test\nListen 80\n"
                           "SetEnvIf Host main hostmain=yes\n"
                           "SetEnvIf Host (ma)(in) parts=$2-$1 !gone\n"
                           "BrowserMatch MSIE old\n"
                           "SetEnvIf Referer ^$ noref\n"
                           "SetEnvIf hostmain yes twice\n"
                           "SetEnvIfExpr \"%{TIME_HOUR} -gt 12\" afternoon\n"
                           "SetEnvIfNoCase Request_URI A\\.TXT$ text\n"
                           "SetEnvIf ^Ho.t$ main byregex\n";

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char path[128];
    snprintf(w->dir, sizeof w->dir, "/tmp/srvaudit-expr-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(path, sizeof path, "%s/httpd.conf", w->dir);
    write_file(path, conf);
    snprintf(path, sizeof path, "%s/a.txt", w->dir);
    write_file(path, "a\n");
    w->sources.arena = w->diags.arena = &w->a;
    w->pool = sv_regex_pool_new();
    w->fs = sv_fs_new(w->dir, NULL);
    struct sv_syntax sx = {
        .arena = &w->a, .sources = &w->sources, .diags = &w->diags, .fs = w->fs};
    assert_int_equal(sv_apache_load(&sx, "/httpd.conf", NULL, NULL, &w->tree), 0);
    struct sv_model_env env = {&w->a,       w->fs,   &w->sources,
                               &w->diags,   w->pool, sv_identity_load(w->fs, &w->a, &w->diags)};
    struct sv_site *site = sv_model_from_apache(&env, &w->tree, "/httpd.conf");
    w->req = (struct sv_request){.method = SV_LIT("GET"), .host = SV_LIT("main.test"), .port = 80,
                                 .target = SV_LIT("/a.txt?q=1")};
    w->r = (struct ap_run){.site = site, .a = &w->a, .req = &w->req,
                           .server = site->apache->main, .vhost = site->vhosts.v[0],
                           .method = w->req.method, .host = w->req.host,
                           .unparsed = w->req.target, .uri = SV_LIT("/a.txt"),
                           .args = SV_LIT("q=1"), .filename = SV_LIT("/a.txt")};
    ap_setenvif(&w->r, true);
    *state = w;
    return 0;
}

static int drop_world(void **state)
{
    struct world *w = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/httpd.conf", w->dir);
    (void)unlink(path);
    snprintf(path, sizeof path, "%s/a.txt", w->dir);
    (void)unlink(path);
    (void)rmdir(w->dir);
    sv_fs_free(w->fs);
    sv_regex_pool_free(w->pool);
    sv_arena_clear(&w->a);
    free(w);
    return 0;
}

static const char *const yes[] = {
    "true and not false", "false or true", "! false && true", "!(true && false) || false",
    "%{REQUEST_URI} == '/a.txt'", "%{REQUEST_URI} = '/a.txt'", "%{request_uri} == '/a.txt'",
    "'a' . 'b' == 'ab'", "'a'.'b' == 'ab'", "%{QUERY_STRING} =~ /q=(\\d)/ && $1 -eq 1",
    "%{QUERY_STRING} =~ m#q=(\\d)#i && '$1' == '1'",
    "%{QUERY_STRING} =~ /q=(\\d)/ && 'x$1' == 'x1'", "'abc' in { 'x', 'abc' }",
    "'abc' -in { 'x', 'abc' }", "10 -gt 9", "10 gt 9", "'abc' -strmatch 'a*'",
    "'/x/y' -strmatch '/*'", "'ABC' -strcmatch 'a*'", "-n %{QUERY_STRING}", "-T 'On'",
    "-e '/a.txt'", "-f %{REQUEST_FILENAME}", "-d '/'", "req('Host') == 'main.test'",
    "%{HTTP_HOST} == 'main.test'", "%{HTTP:Host} == 'main.test'", "%{REQ:host} == 'main.test'",
    "reqenv('hostmain') == 'yes'", "env('hostmain') == 'yes'", "%{ENV:hostmain} == 'yes'",
    "tolower('ABC') == 'abc'", "toupper('abc') == 'ABC'",
    "escape('a b?/%') == 'a%20b%3f/%25'", "unescape('a%20b') == 'a b'",
    "unescape('a%zz') == ''", "base64('abc') == 'YWJj'", "base64('a') == 'YQ=='",
    "unbase64('YWJj') == 'abc'", "filesize('/a.txt') -eq 2", "file('/a.txt') =~ /^a/",
    "%{HTTPS} == 'off'", "%{SERVER_PORT} == '80'", "%{REQUEST_STATUS} == '200'",
    "%{IS_SUBREQ} == 'false'", "%{THE_REQUEST} == 'GET /a.txt?q=1 HTTP/1.1'",
    "%{HANDLER} == ''", "%{REQUEST_SCHEME} == 'http'",
    "%{tolower:%{HTTP_HOST}} == 'main.test'", "'x%{tolower:AB}y' == 'xaby'",
    "'aXb' =~ /x/i", "'aXb' !~ /x/", "'a.b' =~ /a\\.b/", "'a/b' =~ m#a/b#",
    "%{REQUEST_URI} -in { '/a.txt' }", "1 -eq 01", "'abc' < 'abd'", "-5 -lt 3", "! ! true",
    "%{SERVER_NAME} == 'main.test'", "%{SCRIPT_FILENAME} == %{REQUEST_FILENAME}",
    "note('x') == ''", "%{REMOTE_USER} == ''", "'' == req('X-Nope')",
    "%{ENV:parts} == 'in-ma'", "-z %{ENV:gone}", "-n %{ENV:twice}", "-n %{ENV:text}",
    "-n %{ENV:byregex}", "true || %{TIME_HOUR} -eq 5", "!(false && %{TIME_HOUR} -eq 5)",
    "%{TIME_HOUR} -eq 5 || true", "-R '0.0.0.0/0'",
    "md5('') == 'd41d8cd98f00b204e9800998ecf8427e'",
    "md5('The quick brown fox jumps over the lazy dog, and then it does so once more.') == "
    "'f328ac36abae0356e1a0bfd9ac0b0ff8'",
    "sha1('The quick brown fox jumps over the lazy dog, and then it does so once more.') == "
    "'8161c761c85cf7a496504690faadde6ca97b5986'",
    "sha1('') == 'da39a3ee5e6b4b0d3255bfef95601890afd80709'", "osenv('NOPE') == ''",
    "true || file('/nosuch') == ''",
    "%{TIME_YEAR} -gt 2000", "%{API_VERSION} == '20120211'",
};

static const char *const no[] = {
    "file('/nosuch') =~ /x/ || true", "! file('/nosuch') == ''",
    "'10' > '9'", "'/x/y' -fnmatch '/*'", "-z %{QUERY_STRING}", "-T 'off'", "1 == 01",
    "unescape('a%2fb') == 'a/b'", "'a' == 'b' || 'a' == 'a' && 'b' == 'c'", "'abc' lt 'abd'",
    "!true", "not true", "-R '10.0.0.0/8'", "%{REMOTE_ADDR} -ipmatch '10.1'",
    "%{REMOTE_ADDR} -ipmatch '192.168.0.0/255.255.0.0'", "-d '/a.txt'", "-h '/a.txt'",
    "%{TIME_HOUR} -eq 5 && false", "-n %{ENV:old}", "-n %{HTTP_USER_AGENT}",
};

static const char *const maybe[] = {
    "%{TIME_HOUR} -eq 5", "! %{TIME_HOUR} -eq 5", "%{TIME_HOUR} -eq 5 || false",
    "true && %{REMOTE_PORT} -gt 5", "-n %{ENV:afternoon}", "osenv('PATH') == ''", "%{NOSUCH} == ''",
    "nosuch('x') == ''", "a == a", "'x' in PeerExtList('1.2')", "(%{REQUEST_URI}) == 'x'", "",
    "'a", "'a' =~ /a", "'a' =~ /(/", "true true", "(true", "-q 'x'", "'a' -nosuch 'b'",
    "%{TIME_MON} =~ /2/", "'x' . %{TIME} == 'y'", "'a' in { 'b', %{TIME} }",
};

static void check(struct world *w, const char *const *list, size_t n, enum sv_truth want)
{
    for (size_t i = 0; i < n; i++) {
        const char *why = NULL;
        enum sv_truth t = ap_expr_true(&w->r, sv_slice_of(list[i]), &why);
        if (t != want)
            fail_msg("%s gave %d (%s)", list[i], t, why ? why : "-");
        assert_int_equal(why != NULL, want == SV_MAYBE);
    }
}

static void test_truth(void **state)
{
    struct world *w = *state;
    check(w, yes, sizeof yes / sizeof *yes, SV_TRUE);
    check(w, no, sizeof no / sizeof *no, SV_FALSE);
    check(w, maybe, sizeof maybe / sizeof *maybe, SV_MAYBE);
}

static void test_deep(void **state)
{
    struct world *w = *state;
    char text[4096];
    const char *why = NULL;
    memset(text, '(', sizeof text);
    struct sv_slice s = {text, sizeof text};
    assert_int_equal(ap_expr_true(&w->r, s, &why), SV_MAYBE);
    for (size_t i = 0; i + 11 <= sizeof text; i++)
        memcpy(text + i / 11 * 11, "%{tolower:x", 11);
    assert_int_equal(ap_expr_true(&w->r, s, &why), SV_MAYBE);
    memset(text, '!', sizeof text);
    memcpy(text + sizeof text - 4, "true", 4);
    assert_int_equal(ap_expr_true(&w->r, s, &why), SV_TRUE);
}

static void test_string(void **state)
{
    struct world *w = *state;
    struct sv_value v = ap_expr_string(&w->r, SV_LIT("https://%{HTTP_HOST}%{REQUEST_URI}\\%{x"));
    assert_null(v.why);
    assert_true(sv_slice_is(v.s, "https://main.test/a.txt%{x"));
    v = ap_expr_string(&w->r, SV_LIT("/%{TIME_MON}/x"));
    assert_string_equal(v.why, "the value of %{TIME_MON}");
}

/* Only who asks for a header, or for what a header decided, makes the answer conditional. */
static void test_condition(void **state)
{
    struct world *w = *state;
    struct sv_value v = {.why = NULL};
    assert_null(w->r.ans.condition);
    assert_true(ap_env_get(&w->r, SV_LIT("hostmain"), &v));
    assert_null(w->r.ans.condition);
    assert_false(ap_env_get(&w->r, SV_LIT("old"), &v));
    assert_string_equal(w->r.ans.condition, "the request does not send the header User-Agent");
    w->r.ans.condition = NULL;
    assert_true(ap_env_get(&w->r, SV_LIT("noref"), &v));
    assert_string_equal(w->r.ans.condition, "the request does not send the header Referer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_truth, make_world, drop_world),
        cmocka_unit_test_setup_teardown(test_deep, make_world, drop_world),
        cmocka_unit_test_setup_teardown(test_string, make_world, drop_world),
        cmocka_unit_test_setup_teardown(test_condition, make_world, drop_world),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
