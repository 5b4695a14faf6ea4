// SPDX-License-Identifier: Apache-2.0
// Most packed files of a host are small and sound: those need no library of many formats.
#include "scan/secrets_small.h"

#include <stdlib.h>

#include "base/late.h"
#include "base/limits.h"

/* The whole file, if it is small. */
static bool read_file(const struct sv_unpack *u, struct sv_arena *a, struct sv_slice *ret)
{
    size_t n = 0;
    if (u->size == 0 || u->size > SV_SECRET_CHUNK)
        return false;
    char *p = sv_arena_room(a, (size_t)u->size);
    while (n < u->size) {
        ssize_t r = sv_pages_read_file((void *)(uintptr_t)&u->fd, p + n, (size_t)u->size - n, n);
        if (r <= 0)
            return false;
        n += (size_t)r;
    }
    *ret = (struct sv_slice){p, n};
    return true;
}

static ssize_t read_memory(void *ctx, char *p, size_t n)
{
    struct sv_slice *s = ctx;
    n = n < s->n ? n : s->n;
    memcpy(p, s->p, n);
    *s = sv_slice_sub(*s, n, s->n);
    return (ssize_t)n;
}

static void look_into(struct sv_unpack *u, struct sv_slice bytes, const char *name, unsigned depth)
{
    if (sv_unpack_afford(u, bytes.n))
        (void)sv_unpack_named(u, (struct sv_bytes_from){read_memory, &bytes}, name, depth + 1);
    u->opened = true;
}

/* ---- xz ---- */

#ifdef HAVE_LIBLZMA
#include <lzma.h>

#define SV_LIBLZMA_FUNCTIONS(F) F(lzma_stream_buffer_decode)
SV_LATE(sv_liblzma, SV_LIBLZMA, SV_LIBLZMA_FUNCTIONS)

bool sv_small_xz(struct sv_unpack *u, unsigned depth)
{
    struct sv_arena a = {0};
    struct sv_liblzma lib;
    struct sv_slice packed;
    uint64_t memory = SV_MAX_UNPACK_MEMORY;
    size_t used = 0, n = 0;
    bool done = false;
    if (read_file(u, &a, &packed) && sv_liblzma_load(&lib)) {
        char *text = malloc(SV_SECRET_CHUNK);
        if (!text)
            abort(); /* as an arena does */
        done = lib.lzma_stream_buffer_decode(&memory, 0, NULL, (const uint8_t *)packed.p, &used,
                                             packed.n, (uint8_t *)text, &n,
                                             SV_SECRET_CHUNK) == LZMA_OK &&
               used == packed.n && n;
        u->members += done;
        if (done)
            look_into(u, (struct sv_slice){text, n}, NULL, depth);
        /* Memory that was never written need not come into being. */
        explicit_bzero(text, done ? n : SV_SECRET_CHUNK);
        free(text);
    }
    sv_arena_wipe(&a);
    return done;
}
#else
bool sv_small_xz(struct sv_unpack *u, unsigned depth)
{
    (void)u, (void)depth, (void)read_file, (void)look_into;
    return false;
}
#endif

/* ---- gzip ---- */

#ifdef HAVE_ZLIB
#include <zlib.h>

enum {
    LOCAL = 30, /* bytes of a member's own header, without its name */
    ENTRY = 46, /* ... of its entry in the list */
    STORED = 0, DEFLATED = 8,
    WINDOW = 15, RAW = -WINDOW, GZIP = 16 + WINDOW, /* zlib's "windowBits" */
};

static uint32_t number(const char *p, size_t n)
{
    uint32_t v = 0;
    while (n-- > 0)
        v = v << 8 | (unsigned char)p[n];
    return v;
}

/* What a gzip stream says of its length, at its end; more than SV_SECRET_CHUNK if it says none. */
static uint32_t unpacked_size(struct sv_slice packed)
{
    return packed.n < 4 ? UINT32_MAX : number(packed.p + packed.n - 4, 4);
}

/* All of `packed`, and no more than what is in it; false: something else comes out. */
static bool inflate_all(z_stream *z, struct sv_slice packed, char *to, size_t room, size_t *ret_n)
{
    z->next_in = (Bytef *)(uintptr_t)packed.p;
    z->avail_in = (uInt)packed.n;
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)room;
    if (inflate(z, Z_FINISH) != Z_STREAM_END || z->avail_in)
        return false;
    *ret_n = room - z->avail_out;
    return true;
}

bool sv_small_gzip(struct sv_unpack *u, unsigned depth)
{
    struct sv_arena a = {0};
    struct sv_slice packed;
    z_stream z = {0};
    size_t n = 0, room;
    bool done = false;
    if (read_file(u, &a, &packed) && (room = unpacked_size(packed)) <= SV_SECRET_CHUNK &&
        inflateInit2(&z, GZIP) == Z_OK) {
        char *text = sv_arena_room(&a, room);
        done = inflate_all(&z, packed, text, room, &n) && n;
        inflateEnd(&z);
        u->members += done;
        if (done)
            look_into(u, (struct sv_slice){text, n}, NULL, depth);
    }
    sv_arena_wipe(&a);
    return done;
}

/* ---- zip ---- */

struct member {
    struct sv_slice name, packed, text;
    uint32_t sum, unpacked;
    bool deflated;
};

/* Times and owners, and what marks a .jar: nothing that gives the member another name or size. */
static bool plain_extra(struct sv_slice extra)
{
    while (extra.n >= 4) {
        uint32_t kind = number(extra.p, 2), n = number(extra.p + 2, 2);
        if (kind != 0x5455 && kind != 0x7875 && kind != 0x5855 && kind != 0xcafe)
            return false;
        extra = sv_slice_sub(extra, 4 + n, extra.n);
    }
    return extra.n == 0;
}

/* A file's name that is the same on every system. */
static bool plain_name(struct sv_slice name, bool utf8)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '\\' || name.p[i] == 0x7f || (unsigned char)name.p[i] <= ' ' ||
            ((unsigned char)name.p[i] > 0x7f && !utf8))
            return false;
    return name.n && name.n < SV_MAX_MEMBER_NAME && name.p[name.n - 1] != '/' &&
           sv_slice_find(name, "__MACOSX") == name.n && !sv_slice_starts(sv_slice_base(name), "._");
}

/* Made on Unix and a regular file, or on DOS and no folder. */
static bool is_file(const char *entry)
{
    enum { DOS = 0, UNIX = 3, DOS_FOLDER = 0x10 };
    unsigned system = (unsigned char)entry[5];
    uint32_t attributes = number(entry + 38, 4), type = attributes >> 16 & 0170000;
    return system == UNIX ? type == 0100000 || type == 0
                          : system == DOS && !(attributes & DOS_FOLDER);
}

static bool take_member(struct sv_slice file, const struct sv_zip_extent *at, struct member *ret)
{
    /* How hard it was packed, sizes behind the data, names in UTF-8. */
    enum { FLAGS = 0x2 | 0x4 | 0x8 | 0x800, SIZES_BEHIND = 0x8, UTF8 = 0x800 };
    const char *e = at->entry, *local = file.p + at->from;
    uint32_t flags = number(e + 8, 2), method = number(e + 10, 2), n = number(e + 28, 2);
    uint32_t packed = number(e + 20, 4);
    struct sv_slice rest = sv_slice_sub(file, (size_t)at->from, (size_t)at->to);
    *ret = (struct member){.name = {e + ENTRY, n}, .sum = number(e + 16, 4),
                           .unpacked = number(e + 24, 4), .deflated = method == DEFLATED};
    if ((flags & ~(uint32_t)FLAGS) || (method != STORED && method != DEFLATED) ||
        rest.n < LOCAL + n || !is_file(e) || !plain_name(ret->name, flags & UTF8) ||
        !plain_extra((struct sv_slice){e + ENTRY + n, number(e + 30, 2)}))
        return false;
    uint32_t extra = number(local + 28, 2);
    bool same = number(local + 6, 2) == flags && number(local + 8, 2) == method &&
                number(local + 26, 2) == n && memcmp(local + LOCAL, ret->name.p, n) == 0;
    bool sizes = (flags & SIZES_BEHIND) || (number(local + 14, 4) == ret->sum &&
                                            number(local + 18, 4) == packed &&
                                            number(local + 22, 4) == ret->unpacked);
    if (!same || !sizes || rest.n != LOCAL + n + extra + (uint64_t)packed ||
        !plain_extra(sv_slice_sub(rest, LOCAL + n, LOCAL + n + extra)))
        return false;
    ret->packed = sv_slice_sub(rest, LOCAL + n + extra, rest.n);
    return true;
}

/* What is in it, to `text`; false if it is not what it is said to be. */
static bool unpack(z_stream *z, struct member *m, char *text)
{
    size_t n = m->packed.n;
    if (!m->deflated && n == m->unpacked)
        memcpy(text, m->packed.p, n);
    else if (!m->deflated || inflateReset(z) != Z_OK ||
             !inflate_all(z, m->packed, text, m->unpacked, &n))
        return false;
    m->text = (struct sv_slice){text, n};
    return n == m->unpacked && crc32(0, (const Bytef *)text, (uInt)n) == m->sum;
}

/* The headers of all, and how much is in them together. */
static bool take_all(struct sv_slice file, const struct sv_zip_extent *at, size_t n,
                     struct member *ret, size_t *ret_size)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 && at[i - 1].to > at[i].from) || !take_member(file, &at[i], &ret[i]) ||
            ret[i].unpacked > SV_SECRET_CHUNK - size)
            return false;
        size += ret[i].unpacked;
    }
    *ret_size = size;
    return true;
}

static bool unpack_all(struct member *all, size_t n, char *text)
{
    z_stream z = {0};
    bool good = inflateInit2(&z, RAW) == Z_OK;
    for (size_t i = 0; good && i < n; i++) {
        good = unpack(&z, &all[i], text);
        text += all[i].unpacked;
    }
    inflateEnd(&z);
    return good;
}

/* In the C locale libarchive has no other names than those of ASCII either. */
static const char *name_of(const struct sv_unpack *u, struct sv_arena *a, struct sv_slice name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] > 0x7f)
            return sv_arena_printf(a, "member %zu", u->members);
    return sv_arena_copy(a, name).p;
}

bool sv_small_zip(struct sv_unpack *u, const struct sv_zip_extent *members, size_t n,
                  unsigned depth)
{
    struct sv_arena a = {0};
    struct sv_slice file;
    size_t size;
    bool done = false;
    if (n && read_file(u, &a, &file)) {
        struct member *all = sv_new_n(&a, struct member, n);
        done = take_all(file, members, n, all, &size) &&
               unpack_all(all, n, sv_arena_room(&a, size));
        for (size_t i = 0; done && i < n && !u->stop; i++) {
            struct sv_arena own = {0};
            u->members++;
            look_into(u, all[i].text, name_of(u, &own, all[i].name), depth);
            sv_arena_clear(&own);
        }
    }
    sv_arena_wipe(&a);
    return done;
}
#else
bool sv_small_gzip(struct sv_unpack *u, unsigned depth)
{
    (void)u, (void)depth;
    return false;
}

bool sv_small_zip(struct sv_unpack *u, const struct sv_zip_extent *members, size_t n,
                  unsigned depth)
{
    (void)u, (void)members, (void)n, (void)depth;
    return false;
}
#endif
