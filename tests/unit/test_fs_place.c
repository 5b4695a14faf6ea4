// SPDX-License-Identifier: Apache-2.0
// Where paths lead: the same by remembered folders and lists as by a walk, and with few questions.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs those before it */
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs_walk.h"
#include "root_dir.h"

/* The reader's own questions to the kernel about entries, counted. */
static unsigned questions;

int fstatat(int dir, const char *restrict name, struct stat *restrict st, int flags)
{
    int (*real)(int, const char *, struct stat *, int) =
        (int (*)(int, const char *, struct stat *, int))dlsym(RTLD_NEXT, "fstatat");
    questions++;
    return real(dir, name, st, flags);
}

int openat(int dir, const char *name, int flags, ...)
{
    int (*real)(int, const char *, int) =
        (int (*)(int, const char *, int))dlsym(RTLD_NEXT, "openat");
    questions++;
    return real(dir, name, flags);
}

/* ---- the same as a walk ---- */

static const char *random_path(char *buf, size_t size, bool link)
{
    static const char *const parts[] = {"a", "b", "c", "d", "f", "g", "..", ".", ""};
    int n = 0, depth = 1 + rand() % 5;
    buf[0] = '\0';
    for (int i = 0; i < depth; i++) {
        int of = rand() % 20;
        const char *part = parts[of < 17 ? rand() % 6 : 6 + rand() % 3];
        n += snprintf(buf + n, size - (size_t)n, "%s%s", i || !link || rand() % 3 == 0 ? "/" : "",
                      link && i == 0 && rand() % 2 ? ".." : part);
    }
    return buf[0] ? buf : "a";
}

static void plant(const char *root)
{
    char cmd[1024], at[128], to[128];
    for (int i = 0; i < 60; i++) {
        (void)random_path(at, sizeof at, false);
        (void)random_path(to, sizeof to, true);
        snprintf(cmd, sizeof cmd, "cd %s && cd ./%s 2>/dev/null && case $PWD in %s*) "
                 "n=$(printf abcdfg | cut -c%d); test -e $n || test -L $n || %s;; esac; true", root,
                 at + 1, root, 1 + rand() % 6,
                 i % 3 == 0 ? "mkdir $n" : i % 3 == 1 ? "echo x$PWD >$n" : "ln -s \"$TO\" $n");
        setenv("TO", to, 1);
        assert_int_equal(system(cmd), 0);
    }
}

static void compare(struct sv_fs *fs, struct sv_fs *walks, const char *path)
{
    struct sv_arena a = {0};
    struct stat expected = {0}, expected_end = {0};
    const char *real = "", *expected_real = "";
    struct sv_slice text = {"", 0}, expected_text = {"", 0};
    struct sv_dirents list = {0}, expected_list = {0};
    int rc[6] = {sv_fs_lstat(walks, path, &expected),
                 sv_fs_realpath(walks, &a, path, &expected_real),
                 sv_fs_read(walks, &a, path, 100, &expected_text, NULL),
                 sv_fs_list(walks, &a, path, &expected_list), 0,
                 sv_fs_stat(walks, path, &expected_end)};
    int dir = sv_fs_open_dir(walks, path);
    rc[4] = dir < 0 ? dir : 0;
    if (dir >= 0)
        close(dir);
    for (int round = 0; round < 2; round++) {
        struct stat st = {0}, end = {0};
        assert_int_equal(sv_fs_lstat(fs, path, &st), rc[0]);
        assert_int_equal(st.st_ino, expected.st_ino);
        assert_int_equal(sv_fs_realpath(fs, &a, path, &real), rc[1]);
        assert_string_equal(real, expected_real);
        assert_int_equal(sv_fs_read(fs, &a, path, 100, &text, NULL), rc[2]);
        assert_int_equal(text.n, expected_text.n);
        assert_memory_equal(text.p, expected_text.p, text.n);
        assert_int_equal(sv_fs_list(fs, &a, path, &list), rc[3]);
        assert_int_equal(list.list.n, expected_list.list.n);
        dir = sv_fs_open_dir(fs, path);
        assert_int_equal(dir < 0 ? dir : 0, rc[4]);
        if (dir >= 0)
            close(dir);
        assert_int_equal(sv_fs_stat(fs, path, &end), rc[5]);
        assert_int_equal(end.st_ino, expected_end.st_ino);
    }
    sv_arena_clear(&a);
}

/* Random trees full of links, and each path in them by remembered folders and by walks alone. */
static void test_same(void **state)
{
    char root[256], cmd[512], path[128];
    srand(1);
    for (int tree = 0; tree < 6; tree++) {
        snprintf(root, sizeof root, "%s/same%d", (const char *)*state, tree);
        snprintf(cmd, sizeof cmd, "mkdir %s", root);
        assert_int_equal(system(cmd), 0);
        plant(root);
        struct sv_fs *fs = sv_fs_new(root, NULL);
        for (int i = 0; i < 400; i++) {
            struct sv_fs *walks = sv_fs_new(root, NULL);
            walks->near.no_openat2 = true;
            compare(fs, walks, random_path(path, sizeof path, false));
            sv_fs_free(walks);
        }
        sv_fs_free(fs);
    }
}

/* ---- what changes meanwhile ---- */

static void test_changes(void **state)
{
    char cmd[512];
    struct sv_arena a = {0};
    struct sv_slice text;
    struct stat st;
    struct sv_dirents entries = {0};
    snprintf(cmd, sizeof cmd, "cd %s && mkdir x && cd x && echo 1 >file && echo 2 >link && "
             "echo 3 >fifo && echo 4 >gone && ln -s file was && mkfifo was_fifo && mkdir folder",
             (const char *)*state);
    assert_int_equal(system(cmd), 0);
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    assert_int_equal(sv_fs_list(fs, &a, "/x", &entries), 0);
    assert_int_equal(entries.list.n, 7);
    snprintf(cmd, sizeof cmd, "cd %s/x && rm link fifo gone was was_fifo && ln -s /etc/hosts link && "
             "mkfifo fifo && echo 55 >was && echo 66 >was_fifo && rmdir folder && echo 7 >folder && "
             "echo 8 >new", (const char *)*state);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sv_fs_read(fs, &a, "/x/file", 100, &text, NULL), 0);
    assert_int_equal(text.n, 2);
    /* A link that was a file is followed, but not out of the root. */
    assert_int_equal(sv_fs_read(fs, &a, "/x/link", 100, &text, NULL), -ENOENT);
    /* A FIFO that was a file is not waited for, and a file that was a FIFO is read. */
    assert_int_equal(sv_fs_read(fs, &a, "/x/fifo", 100, &text, NULL), -EINVAL);
    assert_int_equal(sv_fs_read(fs, &a, "/x/was_fifo", 100, &text, NULL), 0);
    assert_int_equal(text.n, 3);
    assert_int_equal(sv_fs_read(fs, &a, "/x/gone", 100, &text, NULL), -ENOENT);
    assert_int_equal(sv_fs_read(fs, &a, "/x/was", 100, &text, NULL), 0);
    assert_int_equal(text.n, 3);
    assert_int_equal(sv_fs_read(fs, &a, "/x/folder", 100, &text, NULL), 0);
    /* The moment that is looked at is that of the list. */
    assert_int_equal(sv_fs_stat(fs, "/x/new", &st), -ENOENT);
    sv_fs_free(fs);
    sv_arena_clear(&a);
}

/* ---- few questions ---- */

static void test_names(void **state)
{
    char cmd[512], name[32];
    snprintf(cmd, sizeof cmd, "cd %s && mkdir -p usr/bin few/.config/a && cd usr/bin && "
             "for i in $(seq 600); do : >\"a name that takes some room in a folder $i\"; done; "
             "ln -s usr/bin ../../bin; : >.netrc", (const char *)*state);
    assert_int_equal(system(cmd), 0);
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    assert_int_equal(sv_fs_enter(fs, "/few/"), 0);
    assert_int_equal(sv_fs_enter(fs, "/bin"), 0);
    assert_int_equal(sv_fs_enter(fs, "/none"), -ENOENT);
    assert_int_equal(sv_fs_enter(fs, "/usr/bin/.netrc"), -ENOTDIR);
    assert_true(sv_fs_may_have(fs, "/few/", ".config/a/b"));
    assert_true(sv_fs_may_have(fs, "/bin", ".netrc"));
    assert_true(sv_fs_may_have(fs, "/", "few"));
    assert_false(sv_fs_may_have(fs, "/bin", ".netrc2"));
    assert_false(sv_fs_may_have(fs, "/none", ".netrc"));
    questions = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, ".n%d/x", i);
        assert_false(sv_fs_may_have(fs, "/few", name));
    }
    assert_int_equal(questions, 0);
    sv_fs_free(fs);
}

/* A folder that a link leads to, and one that is not there, are looked for once. */
static void test_folders(void **state)
{
    char cmd[512], path[64];
    struct stat st;
    struct sv_arena a = {0};
    struct sv_slice text;
    snprintf(cmd, sizeof cmd, "cd %s && mkdir -p deep/lib && ln -s deep/lib lib && cd lib && "
             "for i in $(seq 40); do echo >f$i; done; mkdir -p $(seq -s/ 30) && "
             "echo yes >$(seq -s/ 30)/f", (const char *)*state);
    assert_int_equal(system(cmd), 0);
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    assert_int_equal(sv_fs_stat(fs, "/lib/f1", &st), 0);
    questions = 0;
    for (int i = 2; i <= 40; i++) {
        snprintf(path, sizeof path, "/lib/f%d", i);
        assert_int_equal(sv_fs_stat(fs, path, &st), 0);
    }
    assert_int_equal(questions, 39);
    assert_int_equal(sv_fs_stat(fs, "/lib/none/deeper/x", &st), -ENOENT);
    questions = 0;
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "/lib/none/deeper/%d", i);
        assert_int_equal(sv_fs_stat(fs, path, &st), -ENOENT);
    }
    assert_int_equal(questions, 0);
    /* More folders behind a link than are asked in turn. */
    assert_int_equal(sv_fs_read(fs, &a, "/lib/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/"
                                "22/23/24/25/26/27/28/29/30/f", 10, &text, NULL), 0);
    assert_int_equal(text.n, 4);
    sv_fs_free(fs);
    sv_arena_clear(&a);
}

static int make(void **state)
{
    return root_dir_make(state, "true");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_folders),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, root_dir_remove);
}
