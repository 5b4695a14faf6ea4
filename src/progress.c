// SPDX-License-Identifier: Apache-2.0
// Draws and erases the progress line, with blanks and carriage returns that every terminal knows.
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/escape.h"

enum { DELAY_MS = 500, REDRAW_MS = 100, NO_WIDTH = 80, MIN_PATH = 8, MAX_WIDTH = 10000 };

static long ms_between(const struct timespec *a, const struct timespec *b)
{
    return (long)(b->tv_sec - a->tv_sec) * 1000 + (b->tv_nsec - a->tv_nsec) / 1000000;
}

unsigned sv_terminal_width(int fd)
{
    struct winsize size = {0};
    unsigned long long columns;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    if (sv_slice_u64(sv_slice_of(getenv("COLUMNS")), &columns) && columns <= MAX_WIDTH)
        return (unsigned)columns;
    return 0;
}

/* A path is cut at its front, where it says least. */
static struct sv_slice cut(struct sv_slice s, size_t room)
{
    for (size_t columns = sv_columns(s), n; columns > room; s = sv_slice_sub(s, n, s.n)) {
        for (n = 1; n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
            n++;
        columns -= sv_columns(sv_slice_sub(s, 0, n));
    }
    return s;
}

static void draw(struct sv_progress *p, struct sv_slice line)
{
    _cleanup_buf_ struct sv_buf out = {0};
    size_t columns = sv_columns(line);
    sv_buf_addc(&out, '\r');
    sv_buf_add(&out, line);
    if (p->drawn > columns)
        sv_buf_printf(&out, "%*s", (int)(p->drawn - columns), "");
    if (!line.n)
        sv_buf_addc(&out, '\r');
    fwrite(out.p, 1, out.n, stderr);
    p->drawn = columns;
}

static void at(struct sv_watch *watch, const char *path)
{
    struct sv_progress *p = (struct sv_progress *)watch;
    struct timespec now;
    if (!p->on)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ms_between(&p->began, &now) < (long)p->delay_ms ||
        (p->drawn && ms_between(&p->last, &now) < REDRAW_MS))
        return;
    p->last = now;
    pid_t owner = tcgetpgrp(STDERR_FILENO);
    if (owner >= 0 && owner != getpgrp())
        return; /* in the background someone else's line stands there */
    _cleanup_buf_ struct sv_buf line = {0}, text = {0};
    unsigned width = sv_terminal_width(STDERR_FILENO);
    sv_buf_adds(&line, "Looking at ");
    /* The last column stays free: some terminals go to the next line when it is filled. */
    size_t room = (width ? width : NO_WIDTH) - 1, used = line.n;
    if (room < used + MIN_PATH)
        return;
    sv_escape_text(&text, sv_slice_of(path));
    sv_buf_add(&line, cut(sv_buf_slice(&text), room - used));
    draw(p, sv_buf_slice(&line));
}

void sv_progress_start(struct sv_progress *p, enum sv_progress_when when)
{
    *p = (struct sv_progress){
        .watch = {at},
        .on = when == SV_PROGRESS_ALWAYS || (when == SV_PROGRESS_AUTO && isatty(STDERR_FILENO)),
        .delay_ms = when == SV_PROGRESS_ALWAYS ? 0 : DELAY_MS,
    };
    clock_gettime(CLOCK_MONOTONIC, &p->began);
}

void sv_progress_end(struct sv_progress *p)
{
    if (p->drawn)
        draw(p, SV_LIT(""));
    p->on = false;
}
