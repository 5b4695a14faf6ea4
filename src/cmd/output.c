// SPDX-License-Identifier: Apache-2.0
// Writes the report of a finished run to where the options say, and gives the exit status.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "cmd/cmd.h"
#include "report/writer.h"
#include "run.h"

static bool use_color(const struct sv_options *o)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (o->color != SV_COLOR_AUTO)
        return o->color == SV_COLOR_ALWAYS;
    return !o->output && isatty(STDOUT_FILENO) && !(no && *no) &&
           !(term && strcmp(term, "dumb") == 0);
}

static int write_all(int fd, struct sv_slice s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -errno;
        s = sv_slice_sub(s, (size_t)n, s.n);
    }
    return 0;
}

/* "/dev/fd/N" and its like name what is open already: the descriptor, or -1. */
static int open_already(const char *path)
{
    char *end;
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    if (strncmp(path, "/dev/fd/", 8) != 0 || path[8] < '0' || path[8] > '9')
        return -1;
    long fd = strtol(path + 8, &end, 10);
    return *end || fd > INT_MAX ? -1 : (int)fd;
}

/* A pipe of somebody else's would hand the report to them. */
static int open_own(const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 ||
        (!S_ISCHR(st.st_mode) && !(S_ISFIFO(st.st_mode) && st.st_uid == geteuid()))) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    (void)fcntl(fd, F_SETFL, 0);
    return fd;
}

/* What is no file is written to: a file renamed onto /dev/null would take its place for the whole
 * machine. No link is followed. False for a path that is none of these; *ret_fd is negative, and
 * errno tells, if it is one that cannot be opened. */
static bool open_device(const char *path, int *ret_fd)
{
    struct stat st;
    int fd = open_already(path);
    if (fd >= 0) {
        *ret_fd = dup(fd);
        return true;
    }
    if (lstat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
        return false;
    if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode))
        *ret_fd = open_own(path);
    else
        errno = S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
    return true;
}

/* Beside the file and renamed into place, readable by its owner alone. */
static int replace_file(const char *path, struct sv_slice s)
{
    struct sv_arena a = {0};
    const char *tmp = sv_arena_printf(&a, "%s.%d.tmp", path, (int)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -errno : write_all(fd, s);
    if (fd >= 0 && close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && rename(tmp, path) < 0)
        rc = -errno;
    if (rc < 0 && fd >= 0)
        (void)unlink(tmp);
    sv_arena_clear(&a);
    return rc;
}

static int write_file(const char *path, struct sv_slice s)
{
    int fd = -1, rc;
    if (open_device(path, &fd))
        rc = fd < 0 ? -errno : write_all(fd, s);
    else
        rc = replace_file(path, s);
    if (fd >= 0 && close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc < 0)
        fprintf(stderr, "srvaudit: cannot write the report to %s: %s\n", path, strerror(-rc));
    return rc;
}

static int status_of(const struct sv_run *run)
{
    const struct sv_options *o = run->options;
    for (int i = o->fail_on; !o->never_fail && i <= SV_CRITICAL; i++)
        if (run->result.count[i])
            return 1;
    return run->result.skipped.n ? 3 : 0;
}

static unsigned ms_since(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)((now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000);
}

int sv_cmd_output(struct sv_run *run, const struct timespec *began)
{
    const struct sv_options *o = run->options;
    _cleanup_buf_ struct sv_buf out = {0};
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct sv_report r = {
        .result = &run->result,
        .host = host,
        .root = o->root,
        .paths = o->paths,
        .n_paths = o->n_paths,
        .started = time(NULL),
        .duration_ms = ms_since(began),
        .min_severity = o->min_severity,
        .verbose = o->verbose,
        .inventory = o->inventory,
        .color = use_color(o),
        .width = o->output ? 0 : sv_terminal_width(STDOUT_FILENO),
        .not_confined = sv_sandbox_lacks(run->unconfined),
    };
    sv_vec_each(s, &run->host.sites)
    {
        /* httpd's main server counts where no <VirtualHost> is written. */
        size_t n = (*s)->vhosts.n;
        r.n_vhosts += (unsigned)((*s)->kind == SV_SITE_APACHE && n > 1 ? n - 1 : n);
    }
    r.n_containers = run->host.containers ? (unsigned)run->host.containers->list.n : 0;
    r.n_units = run->host.units ? (unsigned)run->host.units->list.n : 0;
    if (o->json)
        sv_report_json(&r, &out);
    else
        sv_report_text(&r, &out);
    int rc = 0;
    if (o->output)
        rc = write_file(o->output, sv_buf_slice(&out));
    else if (!o->quiet)
        rc = write_all(STDOUT_FILENO, sv_buf_slice(&out));
    return rc < 0 ? 2 : status_of(run);
}
