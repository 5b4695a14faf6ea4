// SPDX-License-Identifier: Apache-2.0
// Unit tests: which log a rotated file belongs to, and which files the budget leaves.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "scan/logs.h"

static void test_names(void **state)
{
    static const char *const cases[][2] = {
        {"/v/access.log", "/v/access.log"},
        {"/v/access.log.1", "/v/access.log"},
        {"/v/access.log.14.gz", "/v/access.log"},
        {"/v/access.log-20260131.xz", "/v/access.log"},
        {"/v/access.log-20260131-1769817600", "/v/access.log-1769817600"},
        {"/v/access.log.2026-01-31", "/v/access.log"},
        {"/v/access_log.2026.01.31.zst", "/v/access_log"},
        {"/v/app-2026-01-31.log", "/v/app.log"},
        {"/v/access.1769817600", "/v/access"},
        {"/v/Xorg.0.log.old", "/v/Xorg.0.log"},
        {"/v/a/20260131", "/v/a/20260131"},
        {"/v/postgresql-17-main.log", "/v/postgresql-17-main.log"},
        {"/v/.1", "/v/.1"},
        {"/v/4711", "/v/4711"},
        {"/v/job-12345678.log", "/v/job-12345678.log"},
    };
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(sv_log_family_name(&a, cases[i][0]), cases[i][1]);
    sv_arena_clear(&a);
}

static void write_log(const char *root, const char *name, time_t when)
{
    char path[128];
    struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
    assert_true(snprintf(path, sizeof path, "%s/var/log/%s", root, name) > 0);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 100; i++)
        assert_true(fputs("GET /index.html HTTP/1.1\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void remove_all(const char *root, const char *const *names, size_t n)
{
    char path[128];
    for (size_t i = 0; i < n; i++) {
        assert_true(snprintf(path, sizeof path, "%s%s", root, names[i]) > 0);
        assert_int_equal(remove(path), 0);
    }
}

/* 2,500 bytes each: the two newest are read, the oldest is named as left out. */
static void test_budget(void **state)
{
    static const char *const names[] = {"/var/log/a.log", "/var/log/a.log.1", "/var/log/a.log.2",
                                        "/var/log", "/var", ""};
    char root[] = "/tmp/srvaudit-logs-XXXXXX", path[64];
    struct sv_arena a = {0};
    struct sv_err err;
    struct sv_log_found found = {0};
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_true(snprintf(path, sizeof path, "%s/var", root) > 0);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_true(snprintf(path, sizeof path, "%s/var/log", root) > 0);
    assert_int_equal(mkdir(path, 0755), 0);
    write_log(root, "a.log.2", 1000);
    write_log(root, "a.log", 3000);
    write_log(root, "a.log.1", 2000);
    struct sv_fs *fs = sv_fs_new(root, &err);
    assert_non_null(fs);
    struct sv_searchers *searchers = sv_searchers_new(fs, root, 2);
    struct sv_log_scan scan = {.fs = fs, .searchers = searchers, .whole_host = true,
                               .budget = 4000};
    assert_int_equal(sv_scan_logs(&scan, &a, &found, &err), 0);
    assert_int_equal(found.secrets.files, 2);
    assert_int_equal(found.secrets.skipped.n, 1);
    assert_string_equal(found.secrets.skipped.v[0].path, "/var/log/a.log.2");
    sv_searchers_free(searchers);
    sv_fs_free(fs);
    sv_arena_clear(&a);
    remove_all(root, names, sizeof names / sizeof *names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_budget),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
