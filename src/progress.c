// SPDX-License-Identifier: Apache-2.0
// Draws and erases the progress line.
#include "progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/escape.h"

enum { DELAY_MS = 500, REDRAW_MS = 100, NO_WIDTH = 79 };

static long ms_between(const struct timespec *a, const struct timespec *b)
{
    return (long)(b->tv_sec - a->tv_sec) * 1000 + (b->tv_nsec - a->tv_nsec) / 1000000;
}

unsigned sv_terminal_width(int fd)
{
    struct winsize size = {0};
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void sv_progress_start(struct sv_progress *p, enum sv_progress_when when)
{
    unsigned width = sv_terminal_width(STDERR_FILENO);
    *p = (struct sv_progress){
        .on = when == SV_PROGRESS_ALWAYS || (when == SV_PROGRESS_AUTO && isatty(STDERR_FILENO)),
        .delay_ms = when == SV_PROGRESS_ALWAYS ? 0 : DELAY_MS,
        .width = width > 20 ? width - 1 : NO_WIDTH,
    };
    clock_gettime(CLOCK_MONOTONIC, &p->began);
}

void sv_progress_tick(void *progress, const char *path)
{
    struct sv_progress *p = progress;
    struct timespec now;
    if (!p || !p->on)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ms_between(&p->began, &now) < (long)p->delay_ms ||
        (p->drawn && ms_between(&p->last, &now) < REDRAW_MS))
        return;
    /* A path is cut at its front, where it says least; bytes above ASCII could be cut in two. */
    _cleanup_buf_ struct sv_buf text = {0};
    sv_escape_text(&text, sv_slice_of(path));
    size_t room = p->width - sizeof "Looking at ", from = text.n > room ? text.n - room : 0;
    while (from < text.n && ((unsigned char)text.p[from] & 0xc0) == 0x80)
        from++;
    fprintf(stderr, "\rLooking at %s\033[K", text.n ? text.p + from : "");
    p->drawn = true;
    p->last = now;
}

void sv_progress_end(struct sv_progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->on = p->drawn = false;
}
