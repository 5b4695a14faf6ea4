// SPDX-License-Identifier: Apache-2.0
// Gives libarchive the bytes of one layer, within bounds, and searches those behind its end.
#ifdef HAVE_LIBARCHIVE
#include "scan/secrets_layer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"

/* ---- where the bytes come from ---- */

static ssize_t read_file(struct sv_layer *l, uint64_t at, char *p, size_t n)
{
    ssize_t r;
    do
        r = pread(l->u->fd, p, n, (off_t)at);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

/* A number of so many digits. */
static unsigned long long number(const char *p, size_t n, int base)
{
    char text[16];
    memcpy(text, p, n);
    text[n] = 0;
    return strtoull(text, NULL, base);
}

/* libarchive takes as much memory as a name says it needs before it looks whether there are so many
 * bytes: a length of 4 GiB stands in the 110 bytes of a cpio header, one of 1 GiB in the 60 of ar's
 * for its table of names. */
static bool long_name(enum sv_kind kind, const char *p, size_t n)
{
    enum { CPIO = 110, CPIO_NAME = 94, AR = 60, AR_NAME = 48 };
    static const char table[] = "//              ";
    const char *end = p + n;
    bool cpio = kind == SV_KIND_CPIO;
    while ((p = memmem(p, (size_t)(end - p), cpio ? "07070" : table, cpio ? 5 : 16))) {
        if (end - p < (cpio ? CPIO : AR))
            return false;
        if (cpio ? (p[5] == '1' || p[5] == '2') && number(p + CPIO_NAME, 8, 16) > SV_MAX_PATH
                 : p[AR - 2] == '`' && number(p + AR_NAME, 10, 10) > SV_MAX_MEMBER_HEAD)
            return true;
        p++;
    }
    return false;
}

bool sv_layer_fits(struct sv_layer *l)
{
    enum { MIB = 1 << 20 };
    uint64_t need = l->window.need, used = need < l->out ? need : l->out;
    if (need <= SV_MAX_UNPACK_WINDOW && (!need || sv_unpack_holds(l->u, l->depth, used)))
        return true;
    snprintf(l->refused, sizeof l->refused,
             "it needs %llu MiB of memory, more than the %d that are used for it",
             (unsigned long long)(need + MIB - 1) / MIB, SV_MAX_UNPACK_MEMORY / MIB);
    return false;
}

/* What would take more memory than a file is worth. A stream whose window is too wide is read for
 * as long as what came out of it is short: a window holds no more than that. */
static bool refuses(struct sv_layer *l, const char *p, size_t n)
{
    bool zip = l->kind == SV_KIND_ZIP;
    size_t before = (size_t)(p - l->buffer) < l->have - n ? 0 : l->have - n;
    before = before < 128 ? before : 128; /* a header that began in the last block */
    if ((l->kind == SV_KIND_CPIO || l->kind == SV_KIND_AR) &&
        long_name(l->kind, p - before, n + before))
        snprintf(l->refused, sizeof l->refused, "a name of too many bytes in a header");
    if (l->heading && (zip ? l->seeks && !l->streams && l->headed > SV_MAX_ZIP_DIRECTORY
                           : l->kind > SV_KIND_ZIP && l->headed > SV_MAX_MEMBER_HEAD))
        snprintf(l->refused, sizeof l->refused, "a header that is too long");
    l->crowded |= zip && !l->begun && l->refused[0];
    sv_window_feed(&l->window, l->kind, p, n);
    return !sv_layer_fits(l) || l->refused[0] != 0;
}

la_ssize_t sv_layer_give(struct archive *a, void *ctx, const void **ret)
{
    struct sv_layer *l = ctx;
    char *p = l->buffer + SV_LAYER_KEPT;
    size_t kept = l->have < SV_LAYER_KEPT ? l->have : SV_LAYER_KEPT;
    if (l->wrapping.n) {
        la_ssize_t n = (la_ssize_t)l->wrapping.n;
        *ret = l->wrapping.p;
        l->wrapping.n = 0;
        return n;
    }
    *ret = p;
    if (l->u->stop || l->refused[0])
        return 0;
    if (kept)
        memmove(p - kept, l->end - kept, kept);
    ssize_t n = l->seeks ? read_file(l, l->at, p, SV_LAYER_BLOCK)
                         : l->from.read(l->from.ctx, p, SV_LAYER_BLOCK);
    l->end = p + (n > 0 ? n : 0);
    l->have = kept + (n > 0 ? (size_t)n : 0);
    if (n > 0) {
        l->at += (uint64_t)n;
        l->headed += l->heading ? (uint64_t)n : 0;
        if (refuses(l, p, (size_t)n)) {
            l->lib->archive_set_error(a, EFBIG, "%s", l->refused);
            return ARCHIVE_FATAL;
        }
    }
    if (n < 0)
        l->lib->archive_set_error(a, (int)-n, "%s", strerror((int)-n));
    return n < 0 ? ARCHIVE_FATAL : n;
}

la_int64_t sv_layer_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    struct sv_layer *l = ctx;
    la_int64_t base = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)l->at
                                           : (la_int64_t)l->u->size, to;
    (void)a;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    l->at = (uint64_t)to;
    return to;
}

la_int64_t sv_layer_skip(struct archive *a, void *ctx, la_int64_t n)
{
    struct sv_layer *l = ctx;
    (void)a;
    if (n < 0 || l->at > l->u->size || (uint64_t)n > l->u->size - l->at)
        return 0; /* reading finds the end */
    l->at += (uint64_t)n;
    return n;
}

/* ---- what stands behind the end ---- */

struct rest {
    struct sv_layer *l;
    uint64_t at;   /* in the file */
    const char *p; /* else: what was read already */
    size_t n;
};

static ssize_t read_rest(void *ctx, char *p, size_t n)
{
    struct rest *r = ctx;
    if (r->l->seeks) {
        ssize_t got = read_file(r->l, r->at, p, n);
        r->at += got > 0 ? (uint64_t)got : 0;
        return got;
    }
    if (!r->n)
        return r->l->from.read(r->l->from.ctx, p, n);
    n = n < r->n ? n : r->n;
    memcpy(p, r->p, n);
    r->p += n;
    r->n -= n;
    return (ssize_t)n;
}

/* Blocks of tar are filled up with zeros, those of tapes too. False at the end. */
static bool pass_zeros(struct rest *r, char *byte, uint64_t *passed)
{
    ssize_t n;
    while ((n = read_rest(r, byte, 1)) == 1 && *byte == 0) {
        static const char zeros[4096];
        size_t run = 0;
        ++*passed;
        if (!r->l->seeks) {
            while (run < r->n && r->p[run] == 0)
                run++;
            r->p += run;
            r->n -= run;
        } else {
            char block[sizeof zeros];
            off_t data = lseek(r->l->u->fd, (off_t)r->at, SEEK_DATA);
            if (data < 0 && errno == ENXIO)
                return false;
            run = data > (off_t)r->at ? (size_t)(data - (off_t)r->at) : 0;
            r->at += run;
            *passed += run;
            run = 0;
            if (read_file(r->l, r->at, block, sizeof block) == sizeof block &&
                memcmp(block, zeros, sizeof block) == 0)
                run = sizeof block;
            r->at += run;
        }
        *passed += run;
        if (*passed > SV_MAX_SECRET_FILE)
            return false;
    }
    return n == 1;
}

/* Somebody may have appended a second archive, a script's data, or notes. */
void sv_layer_behind(struct sv_layer *l)
{
    struct sv_arena a = {0};
    la_int64_t used = l->lib->archive_filter_bytes(l->a, -1);
    struct rest r = {.l = l, .at = used < 0 ? l->at : (uint64_t)used};
    uint64_t passed = 0;
    char byte;
    if (l->u->stop || used < 0 || (uint64_t)used > l->at)
        return;
    if (!l->seeks) {
        r.n = (size_t)(l->at - (uint64_t)used);
        if (r.n > l->have) {
            sv_unpack_skip(l->u, l->member, "what follows the %s is not searched",
                           sv_kind_name(l->kind));
            return;
        }
        r.p = l->end - r.n;
    }
    if (pass_zeros(&r, &byte, &passed)) {
        struct sv_peeked all = {.rest = {read_rest, &r}, .head = &byte, .n = 1};
        struct sv_bytes_from bytes = {sv_read_peeked, &all};
        const char *name = sv_unpack_bytes_name(&a, l->member, (uint64_t)used + passed);
        if (l->kind == SV_KIND_ZIP) /* its list comes first */
            sv_unpack_again(l->u, bytes, name, false);
        else
            sv_unpack_member(l->u, bytes, name, l->depth + 1);
    } else if (passed > SV_MAX_SECRET_FILE) {
        sv_unpack_skip(l->u, l->member, "more than 1 GiB of zeros behind the %s; what follows them "
                                        "is not searched", sv_kind_name(l->kind));
    }
    sv_arena_clear(&a);
}
#endif
