// SPDX-License-Identifier: Apache-2.0
// Unpacks with libarchive, one layer at a time: a filter or a format, nothing that it guesses.
#include "scan/secrets_small.h"
#include "scan/secrets_unpack.h"
#include "scan/secrets_zip.h"

/* What needs no library of many formats. *ret_listed: a zip's list could be followed. */
static bool small(struct sv_unpack *u, enum sv_kind kind, unsigned depth, bool *ret_listed)
{
    bool done = kind == SV_KIND_GZIP ? sv_small_gzip(u, depth)
                                     : kind == SV_KIND_XZ && sv_small_xz(u, depth);
    *ret_listed = kind != SV_KIND_ZIP || sv_zip_unlisted(u, depth, &done);
    return done;
}

static void not_unpacked(struct sv_unpack *u, struct sv_bytes_from from, enum sv_kind kind,
                         const char *member, const char *why)
{
    sv_unpack_skip(u, member, "%s: %s", sv_kind_name(kind), why);
    if (from.read)
        sv_unpack_search(u, from, member);
}

#ifdef HAVE_LIBARCHIVE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/secrets_cut.h"
#include "scan/secrets_damaged.h"
#include "scan/secrets_layer.h"

enum {
    MAX_HOLE = 4096,   /* zeros that stand for a hole of a sparse member */
    MAX_EMPTY = 10000, /* blocks without a byte in a row */
};

/* ---- one member ---- */

struct member {
    struct sv_layer *l;
    const char *p;
    size_t n, zeros;
    la_int64_t at; /* where the next block is to begin */
    uint64_t read;
    unsigned empty;
    bool windowed; /* of a zip, with a window that only its own bytes tell */
    bool end;
    const char *error;
};

/* The next block. What stands in front of a hole and behind it is not one text. */
static void next_block(struct member *m)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = m->at;
    if (m->windowed && !sv_unpack_holds(m->l->u, m->l->depth, m->read)) {
        m->error = "it is packed in a way that needs much memory; the rest is not searched";
        m->end = true;
        return;
    }
    if (!sv_layer_fits(m->l)) {
        m->error = m->l->refused;
        m->end = true;
        return;
    }
    int rc = m->l->lib->archive_read_data_block(m->l->a, &p, &n, &at);
    if (rc == ARCHIVE_EOF || !sv_unpack_afford(m->l->u, n)) {
        m->end = true;
        return;
    }
    if (rc != ARCHIVE_OK && rc != ARCHIVE_RETRY) {
        const char *text = m->l->lib->archive_error_string(m->l->a);
        m->error = text ? text : "damaged";
        m->end = rc != ARCHIVE_WARN || n == 0;
        if (m->end)
            return;
    }
    m->l->out += n;
    m->read += n;
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

static const char *name_of(struct sv_layer *l, struct archive_entry *e, struct sv_arena *a)
{
    const char *name = l->lib->archive_entry_pathname(e);
    if (sv_layer_compressed(l->kind))
        return l->member; /* its content has no name of its own */
    if (!name)
        name = l->lib->archive_entry_pathname_utf8(e);
    if (!name)
        name = sv_arena_printf(a, "member %zu", l->u->members);
    if (l->member)
        return sv_arena_printf(a, "%s" SV_MEMBER_IN "%.*s", l->member, SV_MAX_MEMBER_NAME, name);
    return sv_arena_copy(a, (struct sv_slice){name, strnlen(name, SV_MAX_MEMBER_NAME)}).p;
}

/* How a zip's member is packed is told in no other way. */
static bool packed_by(struct sv_layer *l, const char *way)
{
    const char *format = l->kind == SV_KIND_ZIP ? l->lib->archive_format_name(l->a) : NULL;
    return format && strstr(format, way);
}

/* Skipping inflates where a zip does not say how long a member is: it is counted like reading. */
static void drain(struct member *m)
{
    while (!m->end)
        next_block(m);
    m->error = NULL;
}

static void member(struct sv_layer *l, struct archive_entry *e)
{
    struct sv_arena a = {0};
    struct member m = {.l = l};
    const char *name = name_of(l, e, &a);
    unsigned type = l->lib->archive_entry_filetype(e);
    const char *own = l->lib->archive_entry_pathname(e);
    m.windowed = packed_by(l, "lzma") || packed_by(l, "xz") || packed_by(l, "zstd");
    bool index = l->kind == SV_KIND_AR && own && *own == '/'; /* names of its members and symbols */
    if (l->lib->archive_entry_is_encrypted(e) > 0) {
        sv_unpack_skip(l->u, name, "encrypted");
        m.end = true;
    } else if (packed_by(l, "ppmd")) {
        sv_unpack_skip(l->u, name, "packed with PPMd, which is not unpacked");
        m.end = true;
    } else if (m.windowed && (!l->seeks || l->streams ||
                              l->u->zip_window > SV_MAX_UNPACK_WINDOW)) {
        sv_unpack_skip(l->u, name, "packed in a way that may need more memory than is used for it");
        m.end = true;
    } else if (index || (type != 0 && type != AE_IFREG)) {
        m.end = true;
    } else if (sv_unpack_named(l->u, (struct sv_bytes_from){read_member, &m}, name, l->depth + 1)) {
        if (m.error)
            sv_unpack_skip(l->u, name, "cannot be unpacked to its end: %s",
                           l->refused[0] ? l->refused : m.error);
        l->cut |= m.error && sv_layer_compressed(l->kind);
        l->u->opened |= m.at > 0 || !m.error;
    }
    if (l->kind == SV_KIND_ZIP && (!l->seeks || l->streams))
        drain(&m);
    sv_arena_clear(&a);
}

/* ---- one layer ---- */

/* A filter that the library does not have built in would start a program: never used. */
static int add_filter(const struct sv_layer *l)
{
    const struct {
        int (*support)(struct archive *);
        int code;
    } filters[] = {
        [SV_KIND_GZIP] = {l->lib->archive_read_support_filter_gzip, ARCHIVE_FILTER_GZIP},
        [SV_KIND_BZIP2] = {l->lib->archive_read_support_filter_bzip2, ARCHIVE_FILTER_BZIP2},
        [SV_KIND_XZ] = {l->lib->archive_read_support_filter_xz, ARCHIVE_FILTER_XZ},
        [SV_KIND_ZSTD] = {l->lib->archive_read_support_filter_zstd, ARCHIVE_FILTER_ZSTD},
        [SV_KIND_LZ4] = {l->lib->archive_read_support_filter_lz4, ARCHIVE_FILTER_LZ4},
    };
    int rc = filters[l->kind].support(l->a);
    return rc == ARCHIVE_OK ? l->lib->archive_read_append_filter(l->a, filters[l->kind].code) : rc;
}

static int add_format(const struct sv_layer *l)
{
    struct archive *a = l->a;
    switch (l->wrapping.n ? SV_KIND_ZIP : l->kind) {
    case SV_KIND_ZIP:
        return l->seeks && !l->wrapping.n && !l->streams
                   ? l->lib->archive_read_support_format_zip(a)
                   : l->lib->archive_read_support_format_zip_streamable(a);
    case SV_KIND_TAR:
        return l->lib->archive_read_support_format_tar(a);
    case SV_KIND_CPIO:
        return l->lib->archive_read_support_format_cpio(a);
    case SV_KIND_AR:
        return l->lib->archive_read_support_format_ar(a);
    default:
        l->lib->archive_read_support_format_empty(a);
        return l->lib->archive_read_support_format_raw(a);
    }
}

static bool open_layer(struct sv_layer *l)
{
    l->a = l->lib->archive_read_new();
    if (!l->a)
        abort(); /* as an arena does */
    bool filtered = sv_layer_compressed(l->kind) && !l->wrapping.n;
    if (filtered && add_filter(l) != ARCHIVE_OK) {
        sv_unpack_skip(l->u, l->member, "this build's libarchive cannot unpack %s",
                       sv_kind_name(l->kind));
        return false;
    }
    if (add_format(l) == ARCHIVE_OK) {
        l->lib->archive_read_set_read_callback(l->a, sv_layer_give);
        l->lib->archive_read_set_callback_data(l->a, l);
        if (l->seeks) {
            l->lib->archive_read_set_seek_callback(l->a, sv_layer_seek);
            l->lib->archive_read_set_skip_callback(l->a, sv_layer_skip);
        }
        l->heading = true;
        l->broken = l->lib->archive_read_open1(l->a) != ARCHIVE_OK ||
                    l->lib->archive_errno(l->a) != 0;
    }
    return true;
}

/* libarchive takes a gzip stream that is cut inside of its checksum and length for an empty one.
 * Those of an empty one are zeros. */
static bool cut_at_end(const struct sv_layer *l)
{
    static const char zeros[8];
    return l->kind == SV_KIND_GZIP &&
           (l->have < sizeof zeros || memcmp(l->end - sizeof zeros, zeros, sizeof zeros) != 0);
}

/* ... and one whose header it does not know, flags that are reserved: what would be searched behind
 * its end is the stream itself. */
static bool takes_nothing(const struct sv_layer *l)
{
    return sv_layer_compressed(l->kind) && l->lib->archive_filter_bytes(l->a, -1) == 0;
}

/* ---- what is damaged ---- */

/* libarchive's filters give what they unpacked in whole blocks, and none that is begun when the
 * stream is cut off or damaged. What they gave is searched once more. */
static bool read_again(struct sv_layer *l, bool (*read)(struct sv_layer *l))
{
    struct sv_arena a = {0};
    struct sv_unpack *u = l->u;
    if (u->stop || !l->seeks || u->again)
        return false;
    struct sv_again again = sv_again_of(&a, &u->s->found, u->first, false);
    u->again = &again;
    u->told = true;
    bool any = read(l);
    u->again = NULL;
    u->told = false;
    sv_arena_clear(&a);
    return any;
}

static bool read_damaged(struct sv_layer *l)
{
    return sv_damaged_search(l->u, l->kind, l->depth);
}

/* The archive cannot be followed: its bytes are worth a search as they are, but for a stream's. */
static void damaged(struct sv_layer *l, const char *why)
{
    bool stream = sv_layer_compressed(l->kind), some = stream && read_again(l, read_damaged);
    sv_unpack_skip(l->u, l->member, "%s that cannot be unpacked%s: %s", sv_kind_name(l->kind),
                   l->begun || some ? " to its end" : "", why ? why : "damaged");
    l->u->bytes |= l->seeks && !stream;
    l->cut = stream && !some;
}

/* libarchive looks for the next header behind one that it cannot read, and says little of it. */
static void note_odd(struct sv_layer *l, int rc)
{
    const char *text = l->lib->archive_error_string(l->a);
    bool skipped = rc == ARCHIVE_WARN && text && strncmp(text, "Skipped ", 8) == 0;
    if (l->odd || (rc != ARCHIVE_RETRY && !skipped))
        return;
    l->odd = true;
    sv_unpack_skip(l->u, l->member, "%s with a damaged header: %s", sv_kind_name(l->kind),
                   l->seeks ? "what it heads is searched as it stands"
                            : "what it heads is not searched");
    l->u->bytes |= l->seeks;
}

static int next_header(struct sv_layer *l, struct archive_entry **ret)
{
    if (l->inside)
        l->lib->archive_read_data_skip(l->a);
    l->heading = true;
    l->headed = 0;
    int rc = l->lib->archive_read_next_header(l->a, ret);
    l->heading = false;
    l->inside = rc == ARCHIVE_OK || rc == ARCHIVE_WARN;
    return rc;
}

static void members(struct sv_layer *l)
{
    struct archive_entry *e;
    int rc, again = 0;
    while (!l->u->stop && (rc = next_header(l, &e)) != ARCHIVE_EOF) {
        if (l->crowded)
            return;
        note_odd(l, rc);
        if (rc == ARCHIVE_RETRY && ++again < MAX_EMPTY)
            continue;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
            damaged(l, l->refused[0] ? l->refused : l->lib->archive_error_string(l->a));
            return;
        }
        l->begun = true;
        if (++l->u->members > SV_MAX_MEMBERS) {
            l->u->stop = "holds more members than are looked at; the rest is not searched";
            return;
        }
        member(l, e);
    }
    if (!l->begun && (l->broken || cut_at_end(l) || takes_nothing(l)) && !l->u->stop) {
        damaged(l, l->refused[0] ? l->refused : "damaged or cut off");
        return;
    }
    l->u->opened |= !l->begun; /* empty */
    if (l->kind != SV_KIND_ZIP || !l->seeks)
        sv_layer_behind(l);
}

static void unpack(struct sv_layer *l)
{
    if (open_layer(l))
        members(l);
    l->lib->archive_read_free(l->a);
    l->u->windows[l->depth] = 0;
}

/* Its reader of zips gives all there is: the stream becomes a member of one. */
static bool read_cut(struct sv_layer *l)
{
    struct sv_unpack *u = l->u;
    struct sv_cut cut;
    if (!sv_cut_wrap(&cut, l->kind, u->fd))
        return false;
    *l = (struct sv_layer){.u = u, .lib = l->lib, .seeks = true, .kind = l->kind,
                           .member = l->member, .depth = l->depth, .at = cut.from,
                           .wrapping = {cut.head, cut.n}};
    unpack(l);
    return true;
}

/* Once a thread: to look thirty names up takes a tenth of what a small file does. */
static const struct sv_libarchive *library(struct sv_searcher *s)
{
    struct sv_libarchive lib;
    if (s->archives || !sv_libarchive_load(&lib))
        return s->archives;
    s->archives = malloc(sizeof lib);
    if (!s->archives)
        abort();
    *s->archives = lib;
    return s->archives;
}

void sv_unpack_archive(struct sv_unpack *u, struct sv_bytes_from from, bool seeks,
                       enum sv_kind kind, const char *member, unsigned depth)
{
    struct sv_arena a = {0};
    bool listed = true, done = seeks && small(u, kind, depth, &listed);
    const struct sv_libarchive *lib = done ? NULL : library(u->s);
    if (done)
        return;
    if (!lib) {
        not_unpacked(u, from, kind, member,
                     SV_LATE_REASON("libarchive", " to look into it"));
        return;
    }
    struct sv_layer *l = sv_new(&a, struct sv_layer);
    *l = (struct sv_layer){.u = u, .lib = lib, .from = from, .seeks = seeks, .streams = !listed,
                           .kind = kind, .member = member, .depth = depth};
    unpack(l);
    if (l->cut && !read_again(l, read_damaged))
        (void)read_again(l, read_cut);
    if (l->crowded || !listed) {
        /* The other way to read a zip: from its beginning, each member as it comes. */
        if (l->crowded) {
            *l = (struct sv_layer){.u = u, .lib = lib, .seeks = true, .streams = true,
                                   .kind = kind, .member = member, .depth = depth};
            unpack(l);
        }
        u->bytes = true; /* what stands between its members */
    }
    sv_arena_wipe(&a);
}
#else
void sv_unpack_archive(struct sv_unpack *u, struct sv_bytes_from from, bool seeks,
                       enum sv_kind kind, const char *member, unsigned depth)
{
    bool listed;
    if (!seeks || !small(u, kind, depth, &listed))
        not_unpacked(u, from, kind, member,
                     "this build was made without libarchive and cannot look into it");
}
#endif
