// SPDX-License-Identifier: Apache-2.0
// Unit tests: which threads search, and when they end.
#include <setjmp.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "scan/folder_stack.h"
#include "scan/secrets.h"
#include "root_dir.h"

static unsigned alone; /* tasks, while no search is under way */

static unsigned tasks(void)
{
    DIR *d = opendir("/proc/self/task");
    unsigned n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* A task may be seen for a moment after its thread was joined. */
static void await_tasks(unsigned n)
{
    for (unsigned i = 0; tasks() > n && i < 60000; i++)
        usleep(1000);
    assert_int_equal(tasks(), n);
}

struct counting {
    struct sv_watch watch;
    unsigned most;
};

static void count(struct sv_watch *w, const char *path)
{
    struct counting *c = (struct counting *)w;
    unsigned n = tasks();
    (void)path;
    c->most = n > c->most ? n : c->most;
}

static void *nothing(void *arg)
{
    return arg;
}

/* A sanitizer's own thread begins with the first one of the program. */
static int make_tree(void **state)
{
    pthread_t first;
    if (pthread_create(&first, NULL, nothing, NULL) != 0 || pthread_join(first, NULL) != 0)
        return -1;
    int rc = root_dir_make(state, "mkdir etc srv && echo a=b >etc/a && "
                                  "for i in 0 1 2 3 4 5 6 7 8 9; do "
                                  "for k in 0 1 2 3 4 5 6 7 8 9; do "
                                  "mkdir srv/$i$k && echo a=b >srv/$i$k/f; done; done");
    alone = tasks();
    return rc;
}

/* Two threads: once that of /etc has ended, another one takes its place. */
static void test_after_ahead(void **state)
{
    struct sv_err err;
    struct sv_arena a = {0};
    struct sv_secret_found srv = {0}, etc = {0};
    struct counting c = {.watch = {count}};
    struct sv_fs *fs = sv_fs_new(*state, &err);
    assert_non_null(fs);
    struct sv_searchers *all = sv_searchers_new(fs, *state, 2);
    sv_scan_ahead(all, "/etc");
    await_tasks(alone);
    assert_int_equal(sv_scan_secrets(&(struct sv_secret_scan){.searchers = all, .n_paths = 1,
                                                              .paths = (const char *[]){"/srv"},
                                                              .watch = &c.watch},
                                     &a, &srv, &err), 0);
    assert_int_equal(srv.files, 100);
    assert_int_equal(c.most, alone + 1);
    assert_int_equal(sv_scan_secrets(&(struct sv_secret_scan){.searchers = all, .n_paths = 1,
                                                              .paths = (const char *[]){"/etc"},
                                                              .ahead = true},
                                     &a, &etc, &err), 0);
    assert_int_equal(etc.files, 1);
    sv_searchers_free(all);
    sv_fs_free(fs);
    sv_arena_clear(&a);
}

/* A search that nobody goes on with, whose thread is inside of a folder that has others in it. */
static void test_stop(void **state)
{
    struct sv_folder_stack s;
    (void)state;
    sv_folders_open(&s);
    sv_folders_push(&s, "/etc", 0, false);
    free(sv_folders_pop(&s));
    sv_folders_push(&s, "/etc/a", 1, false);
    sv_folders_stop(&s);
    sv_folders_push(&s, "/etc/b", 1, false);
    assert_null(sv_folders_pop(&s));
    sv_folders_done(&s);
    assert_null(sv_folders_pop(&s));
    sv_folders_close(&s);
}

/* A search that was begun and is given up. */
static void test_given_up(void **state)
{
    struct sv_err err;
    struct sv_fs *fs = sv_fs_new(*state, &err);
    assert_non_null(fs);
    for (unsigned i = 0; i < 20; i++) {
        struct sv_searchers *all = sv_searchers_new(fs, *state, 4);
        sv_scan_ahead(all, "/srv");
        usleep(200 * i);
        sv_searchers_free(all);
        await_tasks(alone);
    }
    sv_fs_free(fs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_after_ahead),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_given_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_tree, root_dir_remove);
}
