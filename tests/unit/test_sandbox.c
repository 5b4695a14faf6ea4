// SPDX-License-Identifier: Apache-2.0
// Confinement: what a child may and may not do once it is inside.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox.h"

static char top[64], inside[96], outside[96], out[96];

static int make(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/srvaudit-unit-%d", (int)getpid());
    snprintf(inside, sizeof inside, "%s/in", top);
    snprintf(outside, sizeof outside, "%s/other", top);
    snprintf(out, sizeof out, "%s/out", top);
    const char *dirs[] = {top, inside, outside, out};
    for (size_t i = 0; i < 4; i++) {
        char file[128];
        if (mkdir(dirs[i], 0755) < 0)
            return -1;
        snprintf(file, sizeof file, "%s/f", dirs[i]);
        close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    return 0;
}

static int drop(void **state)
{
    char command[160];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", top);
    return system(command) == 0 ? 0 : -1;
}

static bool opens(const char *dir, const char *name, int flags)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The number of the first thing that is not as it should be; 0 if all is. */
static int inside_child(void)
{
    char *const argv[] = {"true", NULL}, *const envp[] = {NULL};
    unsigned lacks = sv_sandbox_enter(
        &(struct sv_sandbox){.root = inside, .output_dir = out});
    if (!opens(inside, "f", O_RDONLY))
        return 1;
    if (!opens(out, "new", O_WRONLY | O_CREAT))
        return 2;
    if (!(lacks & SV_UNCONFINED_LANDLOCK)) {
        if (opens(outside, "f", O_RDONLY))
            return 3;
        if (opens(inside, "f", O_WRONLY) || opens(inside, "new", O_WRONLY | O_CREAT))
            return 4;
    }
    if (!(lacks & SV_UNCONFINED_SECCOMP)) {
        if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
            return 5;
        if (execve("/bin/true", argv, envp) == 0 || errno != EPERM)
            return 6;
    }
    return 0;
}

static void test_confined(void **state)
{
    int status = -1;
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(inside_child());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(sv_sandbox_lacks(0), "");
    assert_string_equal(sv_sandbox_lacks(SV_UNCONFINED_LANDLOCK | SV_UNCONFINED_SECCOMP),
                        "Landlock, seccomp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_confined, make, drop),
        cmocka_unit_test(test_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
