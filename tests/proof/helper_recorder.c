// SPDX-License-Identifier: Apache-2.0
// Stands in for srvaudit in the tests: runs it, hands its output on, keeps a copy of all it wrote.
//
// SRVAUDIT_PROGRAM is the program, SRVAUDIT_WRITTEN the folder of the copies. What goes to a
// terminal is left to it (the tests keep that themselves): a pipe in between would change what is
// written. The files that options name are copied when the program has ended. What cannot be kept
// is an error.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 125, BLOCK = 65536, STREAMS = 2 };

struct stream {
    int from, to, copy; /* the program's pipe; what was to be written to; the copy. -1: none */
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
    exit(FAILED);
}

/* A new file of the folder; every run has names of its own. */
static int new_copy(const char *kind)
{
    char path[4096];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(path, sizeof path, "%s/%d.%lld.%09ld.%s", getenv("SRVAUDIT_WRITTEN"), (int)getpid(),
             (long long)now.tv_sec, now.tv_nsec, kind);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        fail(path);
    return fd;
}

static bool put(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static void note_arguments(char **argv)
{
    int fd = new_copy("arguments");
    for (char **p = argv; *p; p++)
        if (!put(fd, *p, strlen(*p) + 1))
            fail("arguments");
    close(fd);
}

/* The file that this argument and the next one tell the program to write, or NULL. */
static const char *written_file(char **arg)
{
    static const char *const options[] = {"-o", "--output", "--state", "--baseline"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t n = strlen(options[i]);
        if (strcmp(*arg, options[i]) == 0)
            return arg[1];
        if (strncmp(*arg, options[i], n) == 0 && ((*arg)[n] == '=' || n == 2))
            return *arg + n + ((*arg)[n] == '=');
    }
    return NULL;
}

static void copy_file(const char *path)
{
    static char block[BLOCK];
    struct stat st;
    ssize_t n;
    int from = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (from < 0 || fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
        return; /* refused by the program, too, or never made */
    int to = new_copy("file");
    while ((n = read(from, block, sizeof block)) > 0)
        if (!put(to, block, (size_t)n))
            fail("copy");
    close(from);
    close(to);
}

/* Until the program has closed its ends. A reader that went away is the program's to notice. */
static void hand_on(struct stream *s)
{
    static char block[BLOCK];
    for (;;) {
        struct pollfd p[STREAMS];
        for (size_t i = 0; i < STREAMS; i++)
            p[i] = (struct pollfd){.fd = s[i].from, .events = POLLIN};
        if (s[0].from < 0 && s[1].from < 0)
            return;
        if (poll(p, STREAMS, -1) < 0 && errno != EINTR)
            fail("poll");
        for (size_t i = 0; i < STREAMS; i++) {
            if (s[i].from < 0 || !p[i].revents)
                continue;
            ssize_t n = read(s[i].from, block, sizeof block);
            if (n > 0 && !put(s[i].copy, block, (size_t)n))
                fail("copy");
            if (n <= 0 || !put(s[i].to, block, (size_t)n)) {
                close(s[i].from);
                s[i].from = -1;
            }
        }
    }
}

static _Noreturn void become(const char *program, char **argv)
{
    argv[0] = (char *)program;
    execv(program, argv);
    fail(program);
}

/* The pipes of the child, -1 where the descriptor is left as it is. */
static void open_streams(struct stream *s, int *ends)
{
    struct stat st[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        int pipe_ends[2], fd = i + 1;
        s[i] = (struct stream){-1, fd, -1};
        ends[i] = -1;
        if (fstat(fd, &st[i]) < 0 || isatty(fd))
            continue;
        bool same = i == 1 && st[0].st_ino == st[1].st_ino && st[0].st_dev == st[1].st_dev;
        if (same && ends[0] >= 0) {
            ends[1] = ends[0]; /* one pipe for both keeps the order */
            continue;
        }
        if (pipe2(pipe_ends, O_CLOEXEC) < 0)
            fail("pipe");
        s[i].from = pipe_ends[0];
        ends[i] = pipe_ends[1];
        s[i].copy = new_copy(fd == 1 ? "stdout" : "stderr");
    }
}

int main(int argc, char **argv)
{
    const char *program = getenv("SRVAUDIT_PROGRAM");
    struct stream s[STREAMS];
    int ends[STREAMS], status;
    (void)argc;
    if (!program || !getenv("SRVAUDIT_WRITTEN"))
        fail("SRVAUDIT_PROGRAM and SRVAUDIT_WRITTEN");
    note_arguments(argv);
    if (isatty(1))
        close(new_copy("terminal"));
    if (isatty(1) && isatty(2))
        become(program, argv);
    open_streams(s, ends);
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that runs out of time ends both */
        for (int i = 0; i < STREAMS; i++)
            if (ends[i] >= 0 && dup2(ends[i], i + 1) < 0)
                fail("dup2");
        become(program, argv);
    }
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    if (ends[1] != ends[0])
        close(ends[1]);
    hand_on(s);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("wait");
    for (char **p = argv + 1; *p; p++) {
        const char *path = written_file(p);
        if (path)
            copy_file(path);
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}
