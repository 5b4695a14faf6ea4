// SPDX-License-Identifier: Apache-2.0
// Finds the newest page of each number among a log's committed frames (SQLite's file format, 4).
#include "base/sqlite_wal.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"

enum { LOG_HEAD = 32, FRAME_HEAD = 24 };

static uint32_t big(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static ssize_t read_log(int fd, void *p, size_t n, uint64_t at)
{
    return sv_pages_read_file(&fd, p, n, at);
}

static int by_page(const void *x, const void *y)
{
    const struct sv_wal_frame *a = x, *b = y;
    if (a->page != b->page)
        return a->page < b->page ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static ssize_t read_page(void *ctx, char *p, size_t n, uint64_t at)
{
    const struct sv_wal *w = ctx;
    uint64_t number = at / w->size + 1, inside = at % w->size;
    size_t low = 0, high = w->n;
    n = n < w->size - inside ? n : (size_t)(w->size - inside);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->frames[middle].page < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->n && w->frames[low].page == number
               ? read_log(w->fd, p, n, w->frames[low].at + inside)
               : w->base->read(w->base->ctx, p, n, at);
}

/* Frames up to the last one that ends a transaction, which says how many pages there are then. */
static uint32_t committed(struct sv_wal *w, struct sv_arena *a, const unsigned char *head,
                          uint64_t size)
{
    SV_VEC(struct sv_wal_frame) frames = {0};
    size_t good = 0, kept = 0;
    uint32_t pages = 0;
    for (uint64_t at = LOG_HEAD; at + FRAME_HEAD + w->size <= size; at += FRAME_HEAD + w->size) {
        unsigned char f[FRAME_HEAD];
        if (read_log(w->fd, f, sizeof f, at) != (ssize_t)sizeof f ||
            memcmp(f + 8, head + 16, 8) != 0)
            break; /* of a transaction before the log was begun anew */
        w->more = frames.n == SV_MAX_WAL_FRAMES;
        if (w->more || big(f) == 0)
            break;
        sv_vec_push(a, &frames, (struct sv_wal_frame){big(f), at + FRAME_HEAD});
        if (big(f + 4)) {
            good = frames.n;
            pages = big(f + 4);
        }
    }
    if (good > 1)
        qsort(frames.v, good, sizeof *frames.v, by_page);
    for (size_t i = 0; i < good; i++)
        if (i + 1 == good || frames.v[i + 1].page != frames.v[i].page)
            frames.v[kept++] = frames.v[i];
    w->frames = frames.v;
    w->n = w->more ? 0 : kept;
    return pages;
}

void sv_wal_open(struct sv_wal *w, struct sv_arena *a, struct sv_pages *base, int fd, uint64_t size)
{
    unsigned char log[LOG_HEAD], page[2];
    *w = (struct sv_wal){.base = base, .fd = fd};
    if (read_log(fd, log, sizeof log, 0) != (ssize_t)sizeof log ||
        big(log) >> 1 != 0x377f0682 >> 1 || base->read(base->ctx, (char *)page, 2, 16) != 2)
        return;
    w->size = big(log + 8);
    uint32_t own = (uint32_t)page[0] << 8 | page[1];
    if (w->size != (own == 1 ? 65536 : own) || w->size < 512)
        return;
    uint32_t pages = committed(w, a, log, size);
    w->pages = (struct sv_pages){read_page, w, (uint64_t)pages * w->size};
}
