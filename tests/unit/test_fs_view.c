// SPDX-License-Identifier: Apache-2.0
// Views: a container's paths, with its mounts over each other, its links, and what its image holds.
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs those before it */
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "root_dir.h"

/* The reader's own calls; with `untyped`, those of a file system that knows no types of entries. */
static bool untyped;
/* ... and with `broken`, those of a disk that can be read no further than the first entries. */
static bool broken;
static unsigned listings;
long syscall(long number, ...)
{
    va_list list;
    va_start(list, number);
    long arg[6];
    for (size_t i = 0; i < 6; i++)
        arg[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_getdents64 && broken && listings++) {
        errno = EIO;
        return -1;
    }
    long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long got = real(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
    char *buffer = number == SYS_getdents64 && untyped ? (char *)arg[1] : NULL;
    for (long at = 0; buffer && at < got;) {
        unsigned short size;
        memcpy(&size, buffer + at + 16, sizeof size); /* d_ino, d_off, d_reclen, d_type */
        buffer[at + 18] = DT_UNKNOWN;
        at += size;
    }
    return got;
}

/* A list that ends early is an error, by whichever way the folder was found, and never kept. */
static void test_broken(void **state)
{
    static const char *const paths[] = {"/srv/shop/public", "/lnk/public"};
    struct sv_arena a = {0};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct sv_fs *fs = sv_fs_new(*state, NULL);
        struct sv_dirents cut = {0}, whole = {0};
        broken = true;
        listings = 0;
        assert_int_equal(sv_fs_list(fs, &a, paths[i], &cut), -EIO);
        broken = false;
        assert_int_equal(sv_fs_list(fs, &a, paths[i], &whole), 0);
        assert_true(whole.list.n > 3);
        sv_fs_free(fs);
    }
    sv_arena_clear(&a);
}

/* Only a folder has a folder above. */
static void test_file_above(void **state)
{
    static const char *const paths[] = {"/srv/up/g/../g", "/srv/up/g/..", "/srv/up/g/.",
                                        "/srv/up/g/../../up/g"};
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    struct sv_fs *view = sv_fs_view(fs, (struct sv_fs_mount[]){{"/srv", "/srv"}}, 1);
    struct sv_arena a = {0};
    struct stat st;
    const char *real;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(sv_fs_stat(fs, paths[i], &st), -ENOTDIR);
        assert_int_equal(sv_fs_open(fs, paths[i], &st), -ENOTDIR);
        assert_int_equal(sv_fs_realpath(fs, &a, paths[i], &real), -ENOTDIR);
        assert_int_equal(sv_fs_stat(view, paths[i], &st), -ENOTDIR);
    }
    sv_arena_clear(&a);
    sv_fs_free(fs);
}

static int make_root(void **state)
{
    return root_dir_make(
        state,
        "mkdir -p srv/shop/public/a srv/up root && echo one >srv/shop/public/f && echo "
        "three >srv/up/g && echo secret >root/key && ln -s /root/key srv/shop/public/abs && ln -s "
        "../../../root/key srv/shop/public/rel && ln -s /html/f srv/shop/public/own && ln -s "
        "srv/shop lnk && ln -s /etc out");
}

static const struct sv_fs_mount mounts[] = {
    {"/html", "/lnk/public"},
    {"/html/a/up", "/srv/up"}, /* over the other, at a place that is not there */
    {"/conf/x.conf", "/srv/up/g"},
    {"/gone", "/srv/nothing"},
    {"/etc2", "/out"},
};

static void test_paths(void **state)
{
    struct sv_arena a = {0};
    struct sv_slice text;
    struct stat st;
    const char *real;
    struct sv_fs *base = sv_fs_new(*state, NULL);
    struct sv_fs *fs = sv_fs_view(base, mounts, sizeof mounts / sizeof *mounts);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(sv_fs_read(fs, &a, "/html/f", 100, &text, NULL), 0);
        assert_int_equal(text.n, 4);
        assert_int_equal(sv_fs_read(fs, &a, "/html/a/up/g", 100, &text, NULL), 0);
        assert_int_equal(text.n, 6);
        assert_int_equal(sv_fs_read(fs, &a, "/html/a/up/../../f", 100, &text, NULL), 0);
        assert_int_equal(sv_fs_read(fs, &a, "/conf/x.conf", 100, &text, NULL), 0);
        assert_int_equal(sv_fs_read(fs, &a, "/html/own", 100, &text, NULL), 0);
        assert_int_equal(text.n, 4);
        /* The host's /root is not the container's, and /etc not this machine's. */
        assert_int_equal(sv_fs_read(fs, &a, "/html/abs", 100, &text, NULL), -ENOENT);
        assert_int_equal(sv_fs_read(fs, &a, "/html/rel", 100, &text, NULL), -ENOENT);
        assert_int_equal(sv_fs_read(fs, &a, "/root/key", 100, &text, NULL), -ENOENT);
        assert_int_equal(sv_fs_stat(fs, "/etc2/passwd", &st), -ENOENT);
        assert_int_equal(sv_fs_stat(fs, "/gone", &st), -ENOENT);
        assert_int_equal(sv_fs_read(fs, &a, "/../../html/../html/f", 100, &text, NULL), 0);
    }
    assert_int_equal(sv_fs_realpath(fs, &a, "/html/own", &real), 0);
    assert_string_equal(real, "/html/f");
    assert_int_equal(sv_fs_stat(fs, "/conf", &st), 0); /* leads to a mount */
    assert_true(S_ISDIR(st.st_mode));
    sv_fs_free(base);
    sv_arena_clear(&a);
}

static void test_unseen(void **state)
{
    struct sv_arena a = {0};
    struct stat st;
    struct sv_fs *base = sv_fs_new(*state, NULL);
    struct sv_fs *fs = sv_fs_view(base, mounts, sizeof mounts / sizeof *mounts);
    (void)sv_fs_stat(fs, "/html/none", &st); /* a mount says what is there, and what is not */
    assert_null(sv_fs_unseen(fs));
    (void)sv_fs_stat(fs, "/conf/.htaccess", &st);
    assert_null(sv_fs_unseen(fs));
    (void)sv_fs_stat(fs, "/usr/share/x", &st);
    assert_string_equal(sv_fs_unseen(fs), "/usr");
    sv_fs_unseen_forget(fs);
    assert_null(sv_fs_unseen(fs));
    assert_false(sv_fs_is_view(base));
    assert_null(sv_fs_unseen(base));
    sv_fs_free(base);
    sv_arena_clear(&a);
}

static void test_inside_and_outside(void **state)
{
    struct sv_arena a = {0};
    struct sv_paths found = {0};
    struct sv_dirents entries = {0};
    struct sv_fs *base = sv_fs_new(*state, NULL);
    struct sv_fs *fs = sv_fs_view(base, mounts, sizeof mounts / sizeof *mounts);
    assert_string_equal(sv_fs_outside(fs, &a, "/html/f"), "/lnk/public/f");
    assert_string_equal(sv_fs_outside(fs, &a, "/html/a/up/g"), "/srv/up/g");
    assert_string_equal(sv_fs_outside(fs, &a, "/usr/x"), "/usr/x");
    assert_string_equal(sv_fs_outside(base, &a, "/html/f"), "/html/f");
    sv_fs_inside(fs, &a, "/srv/up/g", &found);
    assert_int_equal(found.list.n, 2); /* by its folder, and by itself */
    found = (struct sv_paths){0};
    sv_fs_inside(fs, &a, "/srv/shop/public/f", &found);
    assert_int_equal(found.list.n, 1);
    assert_string_equal(found.list.v[0], "/html/f");
    found = (struct sv_paths){0};
    sv_fs_inside(fs, &a, "/root/key", &found);
    assert_int_equal(found.list.n, 0);
    sv_fs_mounted_below(fs, &a, "/html", &found);
    assert_int_equal(found.list.n, 1);
    assert_int_equal(sv_fs_list(fs, &a, "/", &entries), 0);
    assert_int_equal(entries.list.n, 4); /* html, conf, gone, etc2: nothing of the host's */
    assert_string_equal(entries.list.v[0].name, "conf");
    assert_int_equal(entries.list.v[0].type, DT_DIR); /* leads to a mount */
    assert_string_equal(entries.list.v[3].name, "html");
    assert_int_equal(entries.list.v[3].type, DT_DIR);
    entries = (struct sv_dirents){0};
    assert_int_equal(sv_fs_list(fs, &a, "/html/a", &entries), 0);
    assert_int_equal(entries.list.n, 1);
    assert_int_equal(entries.list.v[0].type, DT_DIR);
    entries = (struct sv_dirents){0};
    assert_int_equal(sv_fs_list(fs, &a, "/conf", &entries), 0);
    assert_int_equal(entries.list.n, 1);
    assert_int_equal(entries.list.v[0].type, DT_REG); /* one that is mounted alone */
    sv_fs_free(base);
    sv_arena_clear(&a);
}

/* XFS made without ftype, some FUSE and network file systems: every entry is of no known type. */
static void test_untyped(void **state)
{
    static const unsigned char types[] = {DT_DIR, DT_LNK, DT_REG, DT_LNK, DT_LNK};
    struct sv_arena a = {0};
    struct sv_dirents entries = {0};
    struct sv_fs *base = sv_fs_new(*state, NULL);
    struct sv_fs *fs = sv_fs_view(base, mounts, sizeof mounts / sizeof *mounts);
    untyped = true;
    assert_int_equal(sv_fs_list(base, &a, "/srv/shop/public", &entries), 0);
    for (size_t round = 0; round < 2; round++) {
        assert_int_equal(entries.list.n, sizeof types);
        for (size_t i = 0; i < sizeof types; i++)
            assert_int_equal(entries.list.v[i].type, types[i]); /* a, abs, f, own, rel */
        entries = (struct sv_dirents){0};
        assert_int_equal(sv_fs_list(fs, &a, "/html", &entries), 0);
    }
    untyped = false;
    sv_fs_free(base);
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_file_above),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_inside_and_outside),
        cmocka_unit_test(test_untyped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_root, root_dir_remove);
}
