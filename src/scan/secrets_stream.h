// SPDX-License-Identifier: Apache-2.0
// One stream of bytes (a file, a part of one, a member of an archive) that a thread searches piece
// by piece; private to scan.
#ifndef SV_SCAN_SECRETS_STREAM_H
#define SV_SCAN_SECRETS_STREAM_H

#include <sys/types.h>

#include "scan/context.h"
#include "scan/secrets_file.h"
#include "scan/secrets_kind.h"

struct sv_unpack;
struct sv_stream {
    struct sv_searcher *s;
    const char *path;   /* the file's name for people; kept with the results once it is needed */
    const char *member; /* what of the file this is, as "config/.env" of an archive; NULL: all */
    bool path_kept, member_kept;
    uint64_t base;    /* offset of the piece in the stream */
    uint64_t counted; /* up to where lines were counted */
    uint32_t line;    /* from 1: set it at the beginning */
    uint64_t line_at; /* where that line begins */
    uint64_t covered; /* up to where the secrets so far reach */
    uint64_t size;    /* of a regular file that is read whole; 0: unknown */
    uint64_t read;    /* bytes so far, of all extents */
    size_t hits, limits;
    size_t earlier;     /* hits of the same file's other members */
    size_t first;       /* of the places found so far, the first one of this file */
    struct sv_again *again; /* bytes that were searched in other words: only what is new */
    bool messages;      /* texts for people, of a program in one language */
    bool html;          /* a page: comments go to visitors, too */
    bool sample;        /* in a package's own example */
    const struct sv_unpack *archive; /* the member is of; NULL: of none */
    bool whole;         /* a file, not a part: one that is packed is not searched as it is */
    bool zip_end;       /* whole, and its last bytes are those of a zip */
    bool appended;      /* a picture with other bytes behind it */
    bool program;       /* it was passed over as one */
    bool rows;          /* a record separator ends what is counted as a line */
    enum sv_kind kind;  /* what that is */
    struct sv_docs docs; /* of the piece */
    bool undecoded;     /* views that a bound left out */
};

/* Gives up to n bytes: how many, 0 at the end, or a negative errno. */
struct sv_bytes_from {
    ssize_t (*read)(void *ctx, char *p, size_t n);
    void *ctx;
};
enum sv_stream_end {
    SV_STREAM_DONE,
    SV_STREAM_IRRELEVANT, /* pictures, sound, programs: nothing was searched */
    SV_STREAM_PACKED,     /* f->kind says how: nothing was searched */
    SV_STREAM_STOPPED,    /* unreadable or too long; it is in the list of what was skipped */
};

/* Reads until p is full, the source ends or fails: how many bytes, which count whatever came behind
 * them; a negative errno if there are none. */
ssize_t sv_bytes_fill(struct sv_bytes_from from, char *p, size_t n);
/* Searches the bytes from f->base on, until `end_at` or the source's end. The thread's buffer is in
 * use meanwhile. */
enum sv_stream_end sv_stream_search(struct sv_stream *f, struct sv_bytes_from from,
                                    uint64_t end_at);
/* Lists the stream under what was not read, or not all of it. */
void sv_stream_skip(struct sv_stream *f, const char *reason);
/* Says what the search left out; once, behind the last extent. */
void sv_stream_finish(struct sv_stream *f);

#endif
