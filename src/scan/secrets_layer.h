// SPDX-License-Identifier: Apache-2.0
// One layer of a packed file as libarchive reads it: the bytes it is given, those that it leaves;
// private to scan.
#ifndef SV_SCAN_SECRETS_LAYER_H
#define SV_SCAN_SECRETS_LAYER_H

#include <archive.h>
#include <archive_entry.h>

#include "base/late.h"
#include "scan/secrets_unpack.h"
#include "scan/secrets_window.h"

#define SV_LIBARCHIVE_FUNCTIONS(F)                                                        \
    F(archive_read_new) F(archive_read_free) F(archive_read_open1)                        \
    F(archive_read_next_header) F(archive_read_data_block) F(archive_read_data_skip)      \
    F(archive_read_append_filter) F(archive_read_set_read_callback)                       \
    F(archive_read_set_seek_callback) F(archive_read_set_skip_callback)                   \
    F(archive_read_set_callback_data) F(archive_read_support_filter_gzip)                 \
    F(archive_read_support_filter_bzip2) F(archive_read_support_filter_xz)                \
    F(archive_read_support_filter_zstd) F(archive_read_support_filter_lz4)                \
    F(archive_read_support_format_zip) F(archive_read_support_format_zip_streamable)      \
    F(archive_read_support_format_tar) F(archive_read_support_format_cpio)                \
    F(archive_read_support_format_ar) F(archive_read_support_format_raw)                  \
    F(archive_read_support_format_empty) F(archive_format_name) F(archive_filter_bytes)   \
    F(archive_errno) F(archive_error_string) F(archive_set_error)                         \
    F(archive_entry_pathname) F(archive_entry_pathname_utf8) F(archive_entry_filetype)    \
    F(archive_entry_is_encrypted)
SV_LATE(sv_libarchive, SV_LIBARCHIVE, SV_LIBARCHIVE_FUNCTIONS)

enum {
    SV_LAYER_BLOCK = 64 << 10, /* read at once */
    SV_LAYER_KEPT = 8 << 10,   /* of what was read before: libarchive may not have used all of it */
};

/* One thing that is packed: a compressed stream or an archive, in the file or in a member. */
struct sv_layer {
    struct sv_unpack *u;
    struct sv_bytes_from from; /* unless it seeks */
    bool seeks;                /* it is the file itself */
    bool streams;              /* a zip whose list at the end is too long to be kept */
    struct sv_slice wrapping;  /* given before the bytes: they are a member of a zip */
    enum sv_kind kind;
    const char *member;
    unsigned depth;
    const struct sv_libarchive *lib;
    struct archive *a;
    uint64_t at;       /* where in the file, or how much of the stream was read */
    uint64_t headed;   /* bytes read for the header that is being read */
    uint64_t out;      /* bytes that came out */
    bool begun, heading;
    bool inside;       /* of a member, whose bytes come next */
    bool crowded;      /* a zip's list is too long to be kept */
    bool odd;          /* headers were passed over */
    bool cut;          /* a compressed stream that has no end */
    bool broken; /* not a byte could be unpacked, which libarchive takes for an empty stream */
    struct sv_window window;
    char refused[120]; /* why no more bytes are given */
    size_t have;       /* of the buffer, from its end */
    char *end;         /* of what was read into it */
    char buffer[SV_LAYER_KEPT + SV_LAYER_BLOCK];
};

/* libarchive's callbacks; the context is the layer. What would take more memory than a file is
 * worth is refused: l->refused says why. */
la_ssize_t sv_layer_give(struct archive *a, void *layer, const void **ret);
la_int64_t sv_layer_seek(struct archive *a, void *layer, la_int64_t offset, int whence);
la_int64_t sv_layer_skip(struct archive *a, void *layer, la_int64_t n);

/* False if the stream's window, as far as it is filled, holds too much; l->refused says so. */
bool sv_layer_fits(struct sv_layer *l);

/* Searches what stands behind the end of the archive or stream. */
void sv_layer_behind(struct sv_layer *l);

/* Only the content of such a stream is packed, it has no members with names. */
static inline bool sv_layer_compressed(enum sv_kind kind)
{
    return kind <= SV_KIND_LZ4;
}

#endif
