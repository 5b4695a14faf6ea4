// SPDX-License-Identifier: Apache-2.0
// Takes each byte that comes out of a stream before its fault, where libarchive takes whole blocks.
#include "scan/secrets_damaged.h"

#include <errno.h>

#include "base/late.h"
#include "base/limits.h"

enum { PIECE = 16 << 10 };

/* The packed bytes, and how far they were followed. */
struct packed {
    struct sv_unpack *u;
    struct sv_from_file file;
    uint64_t out;
    unsigned depth;
    bool eof, end; /* of the packed bytes; of what comes out */
    char piece[PIECE];
};

/* The next ones, once the last ones are used up. */
static size_t more(struct packed *b)
{
    ssize_t n = b->eof ? 0 : sv_read_on(&b->file, b->piece, sizeof b->piece);
    b->eof = n <= 0;
    return b->eof ? 0 : (size_t)n;
}

static ssize_t came_out(struct packed *b, size_t n)
{
    b->out += n;
    b->end |= !sv_unpack_afford(b->u, n);
    return (ssize_t)n;
}

/* ---- gzip ---- */

#ifdef HAVE_ZLIB
#include <zlib.h>

struct gzip {
    struct packed b;
    z_stream z;
};

static ssize_t read_gzip(void *ctx, char *p, size_t n)
{
    struct gzip *g = ctx;
    z_stream *z = &g->z;
    z->next_out = (Bytef *)p;
    z->avail_out = (uInt)n;
    while (!g->b.end && z->avail_out == n) {
        if (!z->avail_in) {
            z->next_in = (Bytef *)g->b.piece;
            z->avail_in = (uInt)more(&g->b);
        }
        int rc = inflate(z, Z_NO_FLUSH);
        if (rc == Z_STREAM_END) /* another one may follow */
            rc = inflateReset(z);
        g->b.end = rc != Z_OK;
    }
    return came_out(&g->b, n - z->avail_out);
}

static bool search_gzip(struct sv_unpack *u, unsigned depth)
{
    enum { GZIP = 16 + 15 }; /* zlib's "windowBits" */
    struct gzip g = {.b = {.u = u, .file = {u->fd, 0}, .depth = depth}};
    if (inflateInit2(&g.z, GZIP) != Z_OK)
        return false;
    (void)sv_unpack_named(u, (struct sv_bytes_from){read_gzip, &g}, NULL, depth + 1);
    inflateEnd(&g.z);
    explicit_bzero(g.b.piece, sizeof g.b.piece);
    return g.b.out > 0;
}
#else
static bool search_gzip(struct sv_unpack *u, unsigned depth)
{
    (void)u, (void)depth, (void)more, (void)came_out;
    return false;
}
#endif

/* ---- xz ---- */

#ifdef HAVE_LIBLZMA
#include <lzma.h>

#define SV_LZMA_STREAM(F) F(lzma_stream_decoder) F(lzma_code) F(lzma_memusage) F(lzma_end)
SV_LATE(lzma_streams, SV_LIBLZMA, SV_LZMA_STREAM)

struct xz {
    struct packed b;
    struct lzma_streams lib;
    lzma_stream s;
};

/* A window holds no more than what came out. */
static bool fits(struct xz *x)
{
    uint64_t need = x->lib.lzma_memusage(&x->s);
    return sv_unpack_holds(x->b.u, x->b.depth, need < x->b.out ? need : x->b.out);
}

static ssize_t read_xz(void *ctx, char *p, size_t n)
{
    struct xz *x = ctx;
    x->s.next_out = (uint8_t *)p;
    x->s.avail_out = n;
    x->b.end |= !fits(x);
    while (!x->b.end && x->s.avail_out == n) {
        if (!x->s.avail_in) {
            x->s.next_in = (uint8_t *)x->b.piece;
            x->s.avail_in = more(&x->b);
        }
        x->b.end = x->lib.lzma_code(&x->s, x->b.eof ? LZMA_FINISH : LZMA_RUN) != LZMA_OK;
    }
    return came_out(&x->b, n - x->s.avail_out);
}

static bool search_xz(struct sv_unpack *u, unsigned depth)
{
    struct xz x = {.b = {.u = u, .file = {u->fd, 0}, .depth = depth}, .s = LZMA_STREAM_INIT};
    if (!lzma_streams_load(&x.lib) ||
        x.lib.lzma_stream_decoder(&x.s, SV_MAX_UNPACK_WINDOW + (1 << 20), LZMA_CONCATENATED) !=
            LZMA_OK)
        return false;
    (void)sv_unpack_named(u, (struct sv_bytes_from){read_xz, &x}, NULL, depth + 1);
    x.lib.lzma_end(&x.s);
    u->windows[depth] = 0;
    explicit_bzero(x.b.piece, sizeof x.b.piece);
    return x.b.out > 0;
}
#else
static bool search_xz(struct sv_unpack *u, unsigned depth)
{
    (void)u, (void)depth;
    return false;
}
#endif

bool sv_damaged_search(struct sv_unpack *u, enum sv_kind kind, unsigned depth)
{
    bool any = kind == SV_KIND_GZIP ? search_gzip(u, depth)
                                    : kind == SV_KIND_XZ && search_xz(u, depth);
    u->opened |= any;
    return any;
}
