// SPDX-License-Identifier: Apache-2.0
// Unpacks with libarchive, one layer at a time: a filter or a format, nothing that it guesses.
#include "scan/secrets_unpack.h"

#ifdef HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#include "base/limits.h"

enum {
    BLOCK = 64 << 10,  /* read at once */
    MAX_HOLE = 4096,   /* zeros that stand for a hole of a sparse member */
    MAX_EMPTY = 10000, /* blocks without a byte in a row */
};

/* One thing that is packed: a compressed stream or an archive, in the file or in a member. */
struct layer {
    struct sv_unpack *u;
    struct sv_bytes_from from; /* unless it seeks */
    bool seeks;                /* it is the file itself */
    bool streams;              /* a zip whose list at the end is too long to be kept */
    enum sv_kind kind;
    const char *member;
    unsigned depth;
    struct archive *a;
    uint64_t at, listed; /* where in the file; bytes read before the first member */
    bool begun, crowded;
    bool broken; /* not a byte could be unpacked, which libarchive takes for an empty stream */
    char tail[8]; /* the last bytes that were read */
    char buffer[BLOCK];
};

/* ---- where the bytes come from ---- */

static void keep_tail(struct layer *l, size_t n)
{
    size_t fresh = n < sizeof l->tail ? n : sizeof l->tail;
    memmove(l->tail, l->tail + fresh, sizeof l->tail - fresh);
    memcpy(l->tail + sizeof l->tail - fresh, l->buffer + n - fresh, fresh);
}

static la_ssize_t give(struct archive *a, void *ctx, const void **ret)
{
    struct layer *l = ctx;
    ssize_t n;
    *ret = l->buffer;
    if (l->u->stop)
        return 0;
    if (!l->seeks) {
        n = l->from.read(l->from.ctx, l->buffer, BLOCK);
    } else {
        do
            n = pread(l->u->fd, l->buffer, BLOCK, (off_t)l->at);
        while (n < 0 && errno == EINTR);
        n = n < 0 ? -errno : n;
    }
    if (n > 0) {
        keep_tail(l, (size_t)n);
        l->at += (uint64_t)n;
        l->listed += l->begun ? 0 : (uint64_t)n;
    }
    l->crowded = l->kind == SV_KIND_ZIP && l->seeks && !l->streams &&
                 l->listed > SV_MAX_ZIP_DIRECTORY;
    if (l->crowded)
        n = -EFBIG;
    if (n < 0)
        archive_set_error(a, (int)-n, "%s", strerror((int)-n));
    return n < 0 ? ARCHIVE_FATAL : n;
}

static la_int64_t seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    struct layer *l = ctx;
    la_int64_t base = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)l->at
                                           : (la_int64_t)l->u->size, to;
    (void)a;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    l->at = (uint64_t)to;
    return to;
}

static la_int64_t jump(struct archive *a, void *ctx, la_int64_t n)
{
    struct layer *l = ctx;
    (void)a;
    if (n < 0 || l->at > l->u->size || (uint64_t)n > l->u->size - l->at)
        return 0; /* reading finds the end */
    l->at += (uint64_t)n;
    return n;
}

/* ---- one member ---- */

struct member {
    struct layer *l;
    const char *p;
    size_t n, zeros;
    la_int64_t at; /* where the next block is to begin */
    unsigned empty;
    bool end;
    const char *error;
};

/* The next block. What stands in front of a hole and behind it is not one text. */
static void next_block(struct member *m)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = m->at;
    int rc = archive_read_data_block(m->l->a, &p, &n, &at);
    if (rc == ARCHIVE_EOF || !sv_unpack_afford(m->l->u, n)) {
        m->end = true;
        return;
    }
    if (rc != ARCHIVE_OK && rc != ARCHIVE_RETRY) {
        const char *text = archive_error_string(m->l->a);
        m->error = text ? text : "damaged";
        m->end = rc != ARCHIVE_WARN || n == 0;
        if (m->end)
            return;
    }
    m->end = n == 0 && ++m->empty > MAX_EMPTY;
    if (n == 0)
        return;
    m->empty = 0;
    m->p = p;
    m->n = n;
    if (at > m->at)
        m->zeros = at - m->at < MAX_HOLE ? (size_t)(at - m->at) : MAX_HOLE;
    m->at = at + (la_int64_t)n;
}

static ssize_t read_member(void *ctx, char *p, size_t n)
{
    struct member *m = ctx;
    while (!m->n && !m->end)
        next_block(m);
    if (m->zeros) {
        n = n < m->zeros ? n : m->zeros;
        memset(p, 0, n);
        m->zeros -= n;
        return (ssize_t)n;
    }
    n = n < m->n ? n : m->n;
    if (!n)
        return 0;
    memcpy(p, m->p, n);
    m->p += n;
    m->n -= n;
    return (ssize_t)n;
}

static bool compressed(enum sv_kind kind)
{
    return kind <= SV_KIND_LZ4;
}

static const char *name_of(struct layer *l, struct archive_entry *e, struct sv_arena *a)
{
    const char *name = archive_entry_pathname(e);
    if (compressed(l->kind))
        return l->member; /* its content has no name of its own */
    if (!name)
        name = archive_entry_pathname_utf8(e);
    if (!name)
        name = sv_arena_printf(a, "member %zu", l->u->members);
    return sv_arena_printf(a, "%s%s%.*s", l->member ? l->member : "", l->member ? SV_MEMBER_IN : "",
                           SV_MAX_MEMBER_NAME, name);
}

/* Skipping inflates where a zip does not say how long a member is: it is counted like reading. */
static void drain(struct member *m)
{
    while (!m->end)
        next_block(m);
    m->error = NULL;
}

static void member(struct layer *l, struct archive_entry *e)
{
    struct sv_arena a = {0};
    struct member m = {.l = l};
    const char *name = name_of(l, e, &a);
    unsigned type = archive_entry_filetype(e);
    const char *own = archive_entry_pathname(e);
    bool index = l->kind == SV_KIND_AR && own && *own == '/'; /* names of its members and symbols */
    if (archive_entry_is_encrypted(e) > 0) {
        sv_unpack_skip(l->u, name, "encrypted");
        m.end = true;
    } else if (index || (type != 0 && type != AE_IFREG)) {
        m.end = true;
    } else if (name && sv_irrelevant_name(sv_slice_of(name))) {
        l->u->s->found.irrelevant++;
    } else {
        sv_unpack_member(l->u, (struct sv_bytes_from){read_member, &m}, name, l->depth + 1);
        if (m.error)
            sv_unpack_skip(l->u, name, "cannot be unpacked to its end: %s", m.error);
        l->u->opened |= m.at > 0 || !m.error;
    }
    if (l->kind == SV_KIND_ZIP && (!l->seeks || l->streams))
        drain(&m);
    sv_arena_clear(&a);
}

/* ---- one layer ---- */

/* A filter that the library does not have built in would start a program: never used. */
static int add_filter(struct archive *a, enum sv_kind kind)
{
    static const struct {
        int (*support)(struct archive *);
        int code;
    } filters[] = {
        [SV_KIND_GZIP] = {archive_read_support_filter_gzip, ARCHIVE_FILTER_GZIP},
        [SV_KIND_BZIP2] = {archive_read_support_filter_bzip2, ARCHIVE_FILTER_BZIP2},
        [SV_KIND_XZ] = {archive_read_support_filter_xz, ARCHIVE_FILTER_XZ},
        [SV_KIND_ZSTD] = {archive_read_support_filter_zstd, ARCHIVE_FILTER_ZSTD},
        [SV_KIND_LZ4] = {archive_read_support_filter_lz4, ARCHIVE_FILTER_LZ4},
    };
    int rc = filters[kind].support(a);
    return rc == ARCHIVE_OK ? archive_read_append_filter(a, filters[kind].code) : rc;
}

static int add_format(struct archive *a, const struct layer *l)
{
    switch (l->kind) {
    case SV_KIND_ZIP:
        return l->seeks && !l->streams ? archive_read_support_format_zip(a)
                                       : archive_read_support_format_zip_streamable(a);
    case SV_KIND_TAR:
        return archive_read_support_format_tar(a);
    case SV_KIND_CPIO:
        return archive_read_support_format_cpio(a);
    case SV_KIND_AR:
        return archive_read_support_format_ar(a);
    default:
        archive_read_support_format_empty(a);
        return archive_read_support_format_raw(a);
    }
}

static bool open_layer(struct layer *l)
{
    l->a = archive_read_new();
    if (!l->a)
        abort(); /* as an arena does */
    if (compressed(l->kind) && add_filter(l->a, l->kind) != ARCHIVE_OK) {
        sv_unpack_skip(l->u, l->member, "this build's libarchive cannot unpack %s",
                       sv_kind_name(l->kind));
        return false;
    }
    if (add_format(l->a, l) == ARCHIVE_OK) {
        archive_read_set_read_callback(l->a, give);
        archive_read_set_callback_data(l->a, l);
        if (l->seeks) {
            archive_read_set_seek_callback(l->a, seek);
            archive_read_set_skip_callback(l->a, jump);
        }
        l->broken = archive_read_open1(l->a) != ARCHIVE_OK || archive_errno(l->a) != 0;
    }
    return true;
}

/* gzip ends where its stream does; what somebody appended is not of it. */
static bool something_behind(const struct layer *l)
{
    char rest[BLOCK / 16];
    la_int64_t used = archive_filter_bytes(l->a, -1);
    if (!compressed(l->kind) || !l->seeks || l->u->stop || used < 0)
        return false;
    ssize_t n = pread(l->u->fd, rest, sizeof rest, (off_t)used);
    for (ssize_t i = 0; i < n; i++)
        if (rest[i] != 0)
            return true;
    return false;
}

/* libarchive takes a gzip stream that is cut inside of its checksum and length for an empty one.
 * Those of an empty one are zeros. */
static bool cut_at_end(const struct layer *l)
{
    static const char zeros[sizeof l->tail];
    return l->kind == SV_KIND_GZIP && memcmp(l->tail, zeros, sizeof zeros) != 0;
}

static void members(struct layer *l)
{
    struct archive_entry *e;
    int rc, again = 0;
    while (!l->u->stop && (rc = archive_read_next_header(l->a, &e)) != ARCHIVE_EOF) {
        if (l->crowded)
            return;
        if (rc == ARCHIVE_RETRY && ++again < MAX_EMPTY)
            continue;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
            const char *text = archive_error_string(l->a);
            sv_unpack_skip(l->u, l->member, "%s that cannot be unpacked%s: %s",
                           sv_kind_name(l->kind), l->begun ? " to its end" : "",
                           text ? text : "damaged");
            return;
        }
        l->begun = true;
        if (++l->u->members > SV_MAX_MEMBERS) {
            l->u->stop = "holds more members than are looked at; the rest is not searched";
            return;
        }
        member(l, e);
    }
    if (!l->begun && (l->broken || cut_at_end(l)) && !l->u->stop) {
        sv_unpack_skip(l->u, l->member, "%s that cannot be unpacked: damaged or cut off",
                       sv_kind_name(l->kind));
        return;
    }
    bool behind = something_behind(l);
    if (behind)
        sv_unpack_skip(l->u, l->member, "what follows the compressed data is not searched");
    l->u->opened |= !l->begun && !behind; /* empty, and that is all of it */
}

void sv_unpack_archive(struct sv_unpack *u, struct sv_bytes_from from, bool seeks,
                       enum sv_kind kind, const char *member, unsigned depth)
{
    struct sv_arena a = {0};
    struct layer *l = sv_new(&a, struct layer);
    *l = (struct layer){.u = u, .from = from, .seeks = seeks, .kind = kind, .member = member,
                        .depth = depth};
    if (open_layer(l))
        members(l);
    archive_read_free(l->a);
    if (l->crowded) {
        /* The other way to read a zip: from its beginning, each member as it comes. */
        *l = (struct layer){.u = u, .seeks = true, .streams = true, .kind = kind,
                            .member = member, .depth = depth};
        if (open_layer(l))
            members(l);
        archive_read_free(l->a);
    }
    sv_arena_wipe(&a);
}
#else
void sv_unpack_archive(struct sv_unpack *u, struct sv_bytes_from from, bool seeks,
                       enum sv_kind kind, const char *member, unsigned depth)
{
    (void)seeks;
    (void)depth;
    sv_unpack_skip(u, member, "%s: this build was made without libarchive and cannot look into it",
                   sv_kind_name(kind));
    if (from.read)
        sv_unpack_search(u, from, member);
}
#endif
