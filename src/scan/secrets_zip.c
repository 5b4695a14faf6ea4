// SPDX-License-Identifier: Apache-2.0
// Follows a zip's list of members (APPNOTE.TXT, 4.3 to 4.5) to the bytes that it leaves out.
#include "scan/secrets_zip.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/pages.h"
#include "scan/secrets_small.h"
#include "scan/secrets_window.h"

enum {
    LOCAL = 30,      /* bytes of a member's own header, without its name */
    ENTRY = 46,      /* ... of its entry in the list */
    DESCRIPTOR = 24, /* ... at most of what may follow it */
    NEAR = 4096,
};

struct zip {
    struct sv_unpack *u;
    struct sv_arena a;
    uint64_t list, end; /* where the list begins; the record behind it */
    uint64_t behind;    /* where that and its comment end */
    uint64_t shift;     /* what the list's offsets do not know: something was put before */
    size_t bytes, entries;
    SV_VEC(struct sv_zip_extent) members;
    struct sv_slice memory; /* a zip that is packed in something; empty: u->fd */
    const char *member;     /* its name for people */
    uint64_t size;
    uint64_t followed;      /* bytes of members passed on the way to their windows */
    char near[NEAR];        /* what was read last: the headers of small members follow each other */
    uint64_t near_at;
    size_t near_n;
};

static uint64_t little(const char *p, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | (unsigned char)p[n];
    return v;
}

static ssize_t read_some(const struct zip *z, uint64_t at, char *p, size_t n)
{
    if (z->memory.n) {
        struct sv_slice part = sv_slice_sub(z->memory, (size_t)at, (size_t)at + n);
        memcpy(p, part.p, part.n);
        return (ssize_t)part.n;
    }
    return sv_pages_read_file(&z->u->fd, p, n, at);
}

static bool read_at(const struct zip *z, uint64_t at, char *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = at + got < z->size ? read_some(z, at + got, p + got, n - got) : 0;
        if (r <= 0)
            return false;
        got += (size_t)r;
    }
    return true;
}

/* A member's own header. */
static bool read_local(struct zip *z, uint64_t at, char p[LOCAL])
{
    if (z->memory.n)
        return read_at(z, at, p, LOCAL);
    if (at < z->near_at || at + LOCAL > z->near_at + z->near_n) {
        ssize_t r = at < z->size ? read_some(z, at, z->near, sizeof z->near) : 0;
        z->near_at = at;
        z->near_n = r > 0 ? (size_t)r : 0;
        if (z->near_n < LOCAL)
            return read_at(z, at, p, LOCAL);
    }
    memcpy(p, z->near + (at - z->near_at), LOCAL);
    return true;
}

/* ---- the list ---- */

/* The record of a zip with more than 65,535 members or 4 GiB stands before the usual one. */
static bool large(struct zip *z, uint64_t *offset, uint64_t *bytes)
{
    enum { LOCATOR = 20, RECORD = 56 };
    char p[RECORD];
    if (z->end < LOCATOR || !read_at(z, z->end - LOCATOR, p, LOCATOR) ||
        memcmp(p, "PK\6\7", 4) != 0)
        return false;
    uint64_t at = little(p + 8, 8);
    if (at > z->end || !read_at(z, at, p, RECORD) || memcmp(p, "PK\6\6", 4) != 0)
        return false;
    *bytes = little(p + 40, 8);
    *offset = little(p + 48, 8);
    z->entries = (size_t)little(p + 32, 8);
    z->end = at;
    return true;
}

static bool find_list(struct zip *z)
{
    uint64_t size = z->size, n = size < SV_KIND_TAIL ? size : SV_KIND_TAIL;
    char *p = sv_arena_alloc(&z->a, (size_t)n + 1);
    struct sv_slice tail = {p, (size_t)n};
    if (!read_at(z, size - n, p, tail.n))
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

/* The window that a member's own bytes ask for, if it is packed in a way that has one: each of its
 * blocks may ask for another. Between their headers nothing is read. */
static void note_window(struct zip *z, unsigned method, uint64_t at, uint64_t to)
{
    enum { LZMA = 14, ZSTD = 93, XZ = 95 };
    struct sv_window w = {0};
    char part[2048];
    if (z->memory.n || (method != LZMA && method != ZSTD && method != XZ))
        return;
    while (at < to && (method != LZMA || w.need == 0)) {
        size_t n = to - at < sizeof part ? (size_t)(to - at) : sizeof part;
        if (!read_at(z, at, part, n))
            return;
        z->followed += n;
        if (z->followed > 2 * z->size) /* members that share their bytes: no packer makes them */
            w.need = UINT64_MAX;
        else if (method == LZMA) /* a version, a length, three numbers in a byte, the dictionary */
            w.need = n > 9 ? little(part + 5, 4) : 1;
        else
            sv_window_feed(&w, method == XZ ? SV_KIND_XZ : SV_KIND_ZSTD, part, n);
        at += n;
        at += w.skip < to - at ? w.skip : to - at;
        w.skip = 0;
        if (w.need == UINT64_MAX)
            break;
    }
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
        !read_local(z, from, local) || memcmp(local, "PK\3\4", 4) != 0)
        return;
    to = from + LOCAL + little(local + 26, 2) + little(local + 28, 2);
    uint64_t data = to;
    if (__builtin_add_overflow(to, packed, &to) || to > z->list)
        to = z->list;
    note_window(z, (unsigned)little(local + 8, 2), data, to);
    sv_vec_push(&z->a, &z->members, (struct sv_zip_extent){from, to, entry});
}

static int by_place(const void *x, const void *y)
{
    const struct sv_zip_extent *a = x, *b = y;
    return (a->from > b->from) - (a->from < b->from);
}

static bool read_list(struct zip *z)
{
    char *p = sv_arena_alloc(&z->a, z->bytes + 1);
    struct sv_slice rest = {p, z->bytes};
    if (!read_at(z, z->list, p, rest.n))
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
    const struct zip *z;
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
    ssize_t r = read_some(g->z, g->at, p, left < n ? (size_t)left : n);
    g->at += r > 0 ? (uint64_t)r : 0;
    return r;
}

/* Members that the list does not name are read one after the other; an empty list ends them. */
static void search_gap(struct zip *z, uint64_t from, uint64_t to, unsigned depth)
{
    static const char empty_list[SV_KIND_ZIP_END] = "PK\5\6";
    struct sv_arena a = {0};
    char head[4096];
    size_t n = to - from < sizeof head ? (size_t)(to - from) : sizeof head, zeros = 0;
    struct gap g = {.z = z, .at = from, .to = to};
    if (z->u->stop || !read_at(z, from, head, n))
        return;
    while (zeros < n && head[zeros] == 0)
        zeros++;
    if (zeros == to - from || (n <= DESCRIPTOR && memcmp(head, "PK\7\10", 4) == 0))
        return;
    const char *name = sv_unpack_bytes_name(&a, z->member, from);
    if (memmem(head, n, "PK\3\4", 4) && depth <= SV_MAX_ARCHIVE_DEPTH) {
        g.end = (struct sv_slice){empty_list, sizeof empty_list};
        sv_unpack_archive(z->u, (struct sv_bytes_from){read_gap, &g}, false, SV_KIND_ZIP, name,
                          depth + 1);
    }
    g = (struct gap){.z = z, .at = from, .to = to};
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
        if (m->from > at && (at == 0 || m->from - at > DESCRIPTOR) && ++gaps <= SV_MAX_ZIP_GAPS)
            search_gap(z, at, m->from, depth);
        at = m->to > at ? m->to : at;
    }
    if (gaps > SV_MAX_ZIP_GAPS) {
        sv_unpack_skip(z->u, z->member,
                       "a zip with more than %d gaps between its members; %zu more are %s",
                       SV_MAX_ZIP_GAPS, gaps - SV_MAX_ZIP_GAPS,
                       z->memory.n ? "passed over" : "only searched as they stand");
        z->u->bytes |= !z->memory.n;
    }
    if (z->list > at)
        search_gap(z, at, z->list, depth);
    search_gap(z, z->list, z->behind, SV_MAX_ARCHIVE_DEPTH + 1);
    if (z->size > z->behind) {
        struct gap g = {.z = z, .at = z->behind, .to = z->size};
        const char *name = sv_unpack_bytes_name(&z->a, z->member, z->behind);
        sv_unpack_member(z->u, (struct sv_bytes_from){read_gap, &g}, name, depth + 1);
    }
}

bool sv_zip_unlisted(struct sv_unpack *u, unsigned depth, bool *ret_done)
{
    struct zip z = {.u = u, .size = u->size};
    bool listed = find_list(&z) && read_list(&z);
    if (listed)
        search_gaps(&z, depth);
    *ret_done = listed && !z.shift && z.members.n == z.entries && !u->bytes && !u->stop &&
                sv_small_zip(u, z.members.v, z.members.n, depth);
    sv_arena_wipe(&z.a);
    return listed;
}

size_t sv_zip_unlisted_packed(struct sv_unpack *u, struct sv_slice bytes, const char *member,
                              unsigned depth)
{
    struct zip z = {.u = u, .memory = bytes, .member = member, .size = bytes.n};
    size_t first = 0;
    if (bytes.n && find_list(&z) && read_list(&z)) {
        search_gaps(&z, depth);
        first = z.members.n ? (size_t)z.members.v[0].from : 0;
    } else if (bytes.n) {
        search_gap(&z, 0, bytes.n, SV_MAX_ARCHIVE_DEPTH + 1);
    }
    sv_arena_wipe(&z.a);
    return first;
}
