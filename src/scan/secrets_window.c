// SPDX-License-Identifier: Apache-2.0
// Frame by frame through xz (its format's description, LZMA2's chunks) and zstd (RFC 8878, 3.1.1).
#include "scan/secrets_window.h"

enum state {
    BEGIN,
    BROKEN, /* not followed any more */
    XZ_STREAM,
    XZ_BLOCK,
    XZ_CHUNK,
    XZ_RECORDS, /* how many the list has */
    XZ_LIST,
    ZSTD_FRAME,
    ZSTD_BLOCK,
};

static void next(struct sv_window *w, enum state state, size_t want, uint64_t skip)
{
    w->state = state;
    w->want = want;
    w->skip = skip;
    w->n = 0;
}

static void asks(struct sv_window *w, uint64_t bytes)
{
    w->need = bytes > w->need ? bytes : w->need;
}

static uint64_t little(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

/* ---- xz ---- */

static void xz_stream(struct sv_window *w)
{
    static const unsigned char checks[] = {0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64};
    enum { HEADER = 12, FLAGS = 7 };
    if (w->n == 4 && little(w->head, 4) == 0) { /* padding between two streams */
        next(w, XZ_STREAM, 4, 0);
    } else if (w->n == 4) {
        w->want = HEADER;
    } else {
        w->check = checks[w->head[FLAGS] & 15];
        next(w, memcmp(w->head, "\xfd" "7zXZ", 6) == 0 ? XZ_BLOCK : BROKEN, 1, 0);
    }
}

/* A number of up to nine bytes; false if it does not end before `end`. */
static bool xz_number(const unsigned char *p, size_t end, size_t *at, uint64_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < 9 && *at < end; i++) {
        unsigned char c = p[(*at)++];
        *ret |= (uint64_t)(c & 0x7f) << (7 * i);
        if (!(c & 0x80))
            return true;
    }
    return false;
}

/* The sizes that may be told, then the filters; LZMA2 has one byte for its dictionary. */
static bool xz_filters(struct sv_window *w)
{
    enum { LZMA2 = 0x21, MAX_BITS = 40, TOLD = 0xc0 };
    const unsigned char *p = w->head;
    size_t at = 2, end = w->n - 4;
    uint64_t id, size;
    for (unsigned flags = p[1] & TOLD; flags; flags = flags << 1 & TOLD)
        if ((flags & 0x80) && !xz_number(p, end, &at, &size))
            return false;
    for (unsigned i = 0; i <= (p[1] & 3u); i++) {
        if (!xz_number(p, end, &at, &id) || !xz_number(p, end, &at, &size) || size > end - at)
            return false;
        if (id == LZMA2 && size == 1 && p[at] <= MAX_BITS)
            asks(w, p[at] == MAX_BITS ? UINT32_MAX : (2ull | (p[at] & 1)) << (p[at] / 2 + 11));
        at += (size_t)size;
    }
    return true;
}

static void xz_block(struct sv_window *w)
{
    if (w->n == 1 && w->head[0] == 0) { /* no block: the list of them */
        w->packed = 1;
        w->fields = 0;
        next(w, XZ_RECORDS, 1, 0);
    } else if (w->n == 1) {
        w->want = ((size_t)w->head[0] + 1) * 4;
    } else {
        w->packed = 0;
        next(w, xz_filters(w) ? XZ_CHUNK : BROKEN, 1, 0);
    }
}

static void xz_chunk(struct sv_window *w)
{
    unsigned char c = w->head[0];
    size_t head = c == 0 ? 1 : c < 3 ? 3 : c < 0xc0 ? 5 : 6;
    if (c > 2 && c < 0x80) {
        next(w, BROKEN, 1, 0);
    } else if (w->n < head) {
        w->want = head;
    } else if (c == 0) {
        w->packed += head;
        next(w, XZ_BLOCK, 1, (0 - w->packed % 4) % 4 + w->check);
    } else {
        size_t at = c < 3 ? 1 : 3;
        uint64_t size = ((uint64_t)w->head[at] << 8 | w->head[at + 1]) + 1;
        w->packed += head + size;
        next(w, XZ_CHUNK, 1, size);
    }
}

/* Two numbers for each block; then padding, a checksum and the stream's last twelve bytes. */
static void xz_list(struct sv_window *w)
{
    size_t at = 0;
    uint64_t v;
    if (!xz_number(w->head, w->n, &at, &v)) {
        w->want = w->n < 9 ? w->n + 1 : w->n;
        if (w->n >= 9)
            next(w, BROKEN, 1, 0);
        return;
    }
    w->packed += w->n;
    w->fields = w->state == XZ_RECORDS ? v * 2 : w->fields - 1;
    if (w->fields)
        next(w, XZ_LIST, 1, 0);
    else
        next(w, XZ_STREAM, 4, (0 - w->packed % 4) % 4 + 4 + 12);
}

/* ---- zstd ---- */

static void zstd_frame(struct sv_window *w)
{
    enum { MAGIC = 4, DESCRIPTOR = 4, SINGLE = 0x20, CHECKSUM = 4 };
    static const unsigned char dictionary[] = {0, 1, 2, 4}, content[] = {0, 2, 4, 8};
    const unsigned char *p = w->head;
    uint64_t magic = little(p, 4);
    if (w->n < MAGIC + 1) {
        w->want = magic >> 4 == 0x184D2A5 ? 8 : MAGIC + 1;
        if (magic >> 4 != 0x184D2A5 && magic != 0xFD2FB528)
            next(w, BROKEN, 1, 0);
        return;
    }
    if (magic != 0xFD2FB528) { /* skippable */
        next(w, ZSTD_FRAME, 4, little(p + 4, 4));
        return;
    }
    bool single = p[DESCRIPTOR] & SINGLE;
    size_t told = p[DESCRIPTOR] >> 6 ? content[p[DESCRIPTOR] >> 6] : single;
    size_t at = DESCRIPTOR + 1 + !single + dictionary[p[DESCRIPTOR] & 3];
    if (w->n < at + told) {
        w->want = at + told;
        return;
    }
    if (single) {
        asks(w, little(p + at, told) + (told == 2 ? 256 : 0));
    } else {
        uint64_t base = 1ull << (10 + (p[DESCRIPTOR + 1] >> 3));
        asks(w, base + base / 8 * (p[DESCRIPTOR + 1] & 7));
    }
    w->check = p[DESCRIPTOR] & 4 ? CHECKSUM : 0;
    next(w, ZSTD_BLOCK, 3, 0);
}

static void zstd_block(struct sv_window *w)
{
    enum { RLE = 1, RESERVED = 3 };
    uint64_t head = little(w->head, 3), type = head >> 1 & 3, size = head >> 3;
    size = type == RLE ? 1 : size;
    if (type == RESERVED)
        next(w, BROKEN, 1, 0);
    else if (head & 1)
        next(w, ZSTD_FRAME, 4, size + w->check);
    else
        next(w, ZSTD_BLOCK, 3, size);
}

/* ---- either ---- */

static void step(struct sv_window *w)
{
    switch ((enum state)w->state) {
    case XZ_STREAM:
        xz_stream(w);
        break;
    case XZ_BLOCK:
        xz_block(w);
        break;
    case XZ_CHUNK:
        xz_chunk(w);
        break;
    case XZ_RECORDS:
    case XZ_LIST:
        xz_list(w);
        break;
    case ZSTD_FRAME:
        zstd_frame(w);
        break;
    case ZSTD_BLOCK:
        zstd_block(w);
        break;
    case BEGIN:
    case BROKEN:
        break;
    }
}

void sv_window_feed(struct sv_window *w, enum sv_kind kind, const char *p, size_t n)
{
    if (w->state == BEGIN)
        next(w, kind == SV_KIND_XZ ? XZ_STREAM : kind == SV_KIND_ZSTD ? ZSTD_FRAME : BROKEN, 4, 0);
    while (n && w->state != BROKEN) {
        size_t part = w->skip ? (w->skip < n ? (size_t)w->skip : n)
                              : (w->want - w->n < n ? w->want - w->n : n);
        if (w->skip) {
            w->skip -= part;
        } else {
            memcpy(w->head + w->n, p, part);
            w->n += part;
        }
        p += part;
        n -= part;
        if (!w->skip && w->n == w->want)
            step(w);
    }
}
