// SPDX-License-Identifier: Apache-2.0
// Follows a zip's list of members (APPNOTE.TXT, 4.3 to 4.5) to the bytes that it leaves out.
#include "scan/secrets_zip.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/secrets_window.h"

enum {
    LOCAL = 30,      /* bytes of a member's own header, without its name */
    ENTRY = 46,      /* ... of its entry in the list */
    DESCRIPTOR = 24, /* ... at most of what may follow it */
    LOOKED_AT = 64 << 10,
};

struct extent {
    uint64_t from, to;
};

struct zip {
    struct sv_unpack *u;
    struct sv_arena a;
    uint64_t list, end; /* where the list begins; the record behind it */
    uint64_t behind;    /* where that and its comment end */
    uint64_t shift;     /* what the list's offsets do not know: something was put before */
    size_t bytes, entries;
    SV_VEC(struct extent) members;
};

static uint64_t little(const char *p, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | (unsigned char)p[n];
    return v;
}

static bool read_at(const struct sv_unpack *u, uint64_t at, char *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(u->fd, p + got, n - got, (off_t)(at + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        got += (size_t)r;
    }
    return true;
}

/* ---- the list ---- */

/* The record of a zip with more than 65,535 members or 4 GiB stands before the usual one. */
static bool large(struct zip *z, uint64_t *offset, uint64_t *bytes)
{
    enum { LOCATOR = 20, RECORD = 56 };
    char p[RECORD];
    if (z->end < LOCATOR || !read_at(z->u, z->end - LOCATOR, p, LOCATOR) ||
        memcmp(p, "PK\6\7", 4) != 0)
        return false;
    uint64_t at = little(p + 8, 8);
    if (at > z->end || !read_at(z->u, at, p, RECORD) || memcmp(p, "PK\6\6", 4) != 0)
        return false;
    *bytes = little(p + 40, 8);
    *offset = little(p + 48, 8);
    z->entries = (size_t)little(p + 32, 8);
    z->end = at;
    return true;
}

static bool find_list(struct zip *z)
{
    uint64_t size = z->u->size, n = size < SV_KIND_TAIL ? size : SV_KIND_TAIL;
    char *p = sv_arena_alloc(&z->a, (size_t)n + 1);
    struct sv_slice tail = {p, (size_t)n};
    if (!read_at(z->u, size - n, p, tail.n))
        return false;
    size_t at = sv_kind_zip_end(tail);
    if (at == tail.n)
        return false;
    const char *end = tail.p + at;
    uint64_t bytes = little(end + 12, 4), offset = little(end + 16, 4);
    z->end = size - n + at;
    z->behind = z->end + SV_KIND_ZIP_END + little(end + 20, 2);
    z->entries = (size_t)little(end + 10, 2);
    (void)large(z, &offset, &bytes);
    if (bytes > z->end || bytes > SV_MAX_ZIP_DIRECTORY || offset > z->end - bytes)
        return false;
    z->list = z->end - bytes;
    z->shift = z->list - offset;
    z->bytes = (size_t)bytes;
    return true;
}

/* Numbers that do not fit stand in a field of their own, those that do not are left out there. */
static void extended(struct sv_slice extra, uint64_t *unpacked, uint64_t *packed, uint64_t *offset)
{
    uint64_t *const fields[] = {unpacked, packed, offset};
    while (extra.n >= 4) {
        size_t n = (size_t)little(extra.p + 2, 2);
        struct sv_slice field = sv_slice_sub(extra, 4, 4 + n);
        if (little(extra.p, 2) == 1)
            for (size_t i = 0; i < 3; i++)
                if (*fields[i] == UINT32_MAX && field.n >= 8) {
                    *fields[i] = little(field.p, 8);
                    field = sv_slice_sub(field, 8, field.n);
                }
        extra = sv_slice_sub(extra, 4 + n, extra.n);
    }
}

/* The window that a member's own bytes ask for, if it is packed in a way that has one. */
static void note_window(struct zip *z, unsigned method, uint64_t at)
{
    enum { LZMA = 14, ZSTD = 93, XZ = 95 };
    struct sv_window w = {0};
    char head[1100] = "";
    if ((method != LZMA && method != ZSTD && method != XZ) ||
        !read_at(z->u, at, head, z->list - at < sizeof head ? (size_t)(z->list - at) : sizeof head))
        return;
    if (method == LZMA) /* a version, a length, three numbers in a byte, the dictionary */
        w.need = little(head + 5, 4);
    else
        sv_window_feed(&w, method == XZ ? SV_KIND_XZ : SV_KIND_ZSTD, head, sizeof head);
    if (w.need > z->u->zip_window)
        z->u->zip_window = w.need;
}

/* Where the member's header and data are; nothing if there is no such header. */
static void add_member(struct zip *z, const char *entry, struct sv_slice extra)
{
    char local[LOCAL];
    uint64_t unpacked = little(entry + 24, 4), packed = little(entry + 20, 4);
    uint64_t from = little(entry + 42, 4), to;
    extended(extra, &unpacked, &packed, &from);
    if (__builtin_add_overflow(from, z->shift, &from) || from > z->list ||
        !read_at(z->u, from, local, sizeof local) || memcmp(local, "PK\3\4", 4) != 0)
        return;
    to = from + LOCAL + little(local + 26, 2) + little(local + 28, 2);
    if (to < z->list)
        note_window(z, (unsigned)little(local + 8, 2), to);
    if (__builtin_add_overflow(to, packed, &to) || to > z->list)
        to = z->list;
    sv_vec_push(&z->a, &z->members, (struct extent){from, to});
}

static int by_place(const void *x, const void *y)
{
    const struct extent *a = x, *b = y;
    return (a->from > b->from) - (a->from < b->from);
}

static bool read_list(struct zip *z)
{
    char *p = sv_arena_alloc(&z->a, z->bytes + 1);
    struct sv_slice rest = {p, z->bytes};
    if (!read_at(z->u, z->list, p, rest.n))
        return false;
    while (rest.n >= ENTRY && memcmp(rest.p, "PK\1\2", 4) == 0) {
        size_t name = (size_t)little(rest.p + 28, 2), extra = (size_t)little(rest.p + 30, 2);
        size_t all = ENTRY + name + extra + (size_t)little(rest.p + 32, 2);
        if (all > rest.n)
            return false;
        add_member(z, rest.p, sv_slice_sub(rest, ENTRY + name, ENTRY + name + extra));
        rest = sv_slice_sub(rest, all, rest.n);
    }
    if (z->members.n > 1)
        qsort(z->members.v, z->members.n, sizeof *z->members.v, by_place);
    return z->entries == 0 || z->members.n;
}

/* ---- what it leaves out ---- */

struct gap {
    struct sv_unpack *u;
    uint64_t at, to;
    struct sv_slice end; /* what is given behind it */
};

static ssize_t read_gap(void *ctx, char *p, size_t n)
{
    struct gap *g = ctx;
    uint64_t left = g->to - g->at;
    if (!left) {
        n = n < g->end.n ? n : g->end.n;
        if (n == 0)
            return 0;
        memcpy(p, g->end.p, n);
        g->end = sv_slice_sub(g->end, n, g->end.n);
        return (ssize_t)n;
    }
    ssize_t r;
    do
        r = pread(g->u->fd, p, left < n ? (size_t)left : n, (off_t)g->at);
    while (r < 0 && errno == EINTR);
    g->at += r > 0 ? (uint64_t)r : 0;
    return r < 0 ? -errno : r;
}

/* Members that the list does not name are read one after the other; an empty list ends them. */
static void search_gap(struct zip *z, uint64_t from, uint64_t to, unsigned depth)
{
    static const char empty_list[SV_KIND_ZIP_END] = "PK\5\6";
    struct sv_arena a = {0};
    char head[4096];
    size_t n = to - from < sizeof head ? (size_t)(to - from) : sizeof head, zeros = 0;
    struct gap g = {.u = z->u, .at = from, .to = to};
    if (z->u->stop || !read_at(z->u, from, head, n))
        return;
    while (zeros < n && head[zeros] == 0)
        zeros++;
    if (zeros == to - from || (n <= DESCRIPTOR && memcmp(head, "PK\7\10", 4) == 0))
        return;
    const char *name = sv_unpack_bytes_name(&a, NULL, from);
    if (memmem(head, n, "PK\3\4", 4) && depth <= SV_MAX_ARCHIVE_DEPTH) {
        g.end = (struct sv_slice){empty_list, sizeof empty_list};
        sv_unpack_archive(z->u, (struct sv_bytes_from){read_gap, &g}, false, SV_KIND_ZIP, name,
                          depth + 1);
    }
    g = (struct gap){.u = z->u, .at = from, .to = to};
    sv_unpack_again(z->u, (struct sv_bytes_from){read_gap, &g}, name, false);
    sv_arena_clear(&a);
}

static void search_gaps(struct zip *z, unsigned depth)
{
    uint64_t at = 0;
    size_t gaps = 0;
    sv_vec_each(m, &z->members)
    {
        /* Without a mark of its own a descriptor is three numbers. */
        if (m->from > at && (at == 0 || m->from - at > DESCRIPTOR)) {
            if (++gaps > SV_MAX_ZIP_GAPS) {
                z->u->bytes = true;
                return;
            }
            search_gap(z, at, m->from, depth);
        }
        at = m->to > at ? m->to : at;
    }
    if (z->list > at)
        search_gap(z, at, z->list, depth);
    search_gap(z, z->list, z->behind, SV_MAX_ARCHIVE_DEPTH + 1);
    if (z->u->size > z->behind) {
        struct gap g = {.u = z->u, .at = z->behind, .to = z->u->size};
        const char *name = sv_unpack_bytes_name(&z->a, NULL, z->behind);
        sv_unpack_member(z->u, (struct sv_bytes_from){read_gap, &g}, name, depth + 1);
    }
}

bool sv_zip_unlisted(struct sv_unpack *u, unsigned depth)
{
    struct zip z = {.u = u};
    bool listed = find_list(&z) && read_list(&z);
    if (listed)
        search_gaps(&z, depth);
    sv_arena_wipe(&z.a);
    return listed;
}
