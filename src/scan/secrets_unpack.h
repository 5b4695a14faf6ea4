// SPDX-License-Identifier: Apache-2.0
// Looks into one packed file: archives, compressed files and databases, nested; private to scan.
#ifndef SV_SCAN_SECRETS_UNPACK_H
#define SV_SCAN_SECRETS_UNPACK_H

#include "base/limits.h"
#include "base/pages.h"
#include "scan/secrets_again.h"
#include "scan/secrets_kind.h"
#include "scan/secrets_stream.h"

/* Between the name of a member and that of what is packed in it. */
#define SV_MEMBER_IN ", in "

/* One file on disk and what its unpacking has cost so far, all its members together. */
struct sv_unpack {
    struct sv_searcher *s;
    const char *path;
    bool path_kept;   /* with the results */
    bool sample;      /* as of the file's stream */
    int fd;
    uint64_t size;
    uint64_t out;     /* bytes unpacked */
    size_t members, skips, hits;
    size_t first;     /* of the places found so far, the first one of this file */
    const char *stop; /* a limit of the file is reached: why; "": it was said already */
    bool opened;      /* something of it could be read */
    bool bytes;       /* not all of it: what no member holds is to be searched as it is */
    struct sv_again *again; /* only what is new counts */
    bool told;        /* what is read was read before: what it leaves out is in the list */
    /* What the layers that are being read hold in memory, by their depth. */
    uint64_t windows[SV_MAX_ARCHIVE_DEPTH + 2];
    bool alone;       /* this thread may use more memory than its own; no other may meanwhile */
    uint64_t zip_window; /* the most that a member of the file itself, a zip, asks for */
    int wal;          /* a database's write-ahead log, or -1 */
    uint64_t wal_size;
};

/* Searches what is packed in the opened file, whose stream said f->kind; `wal` is a database's log
 * of that size, or -1. False if its bytes are worth a look as they are: not all of it could be
 * read, which is in the list of what was skipped, or it holds more than its members. */
bool sv_unpack_file(struct sv_stream *f, int fd, uint64_t size, int wal, uint64_t wal_size);

/* ---- for those who unpack ---- */

/* Searches one member, or what is packed in it; `member` is its name for people, NULL for the
 * content of the file itself. `depth` counts what it is packed in. */
void sv_unpack_member(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                      unsigned depth);
/* The same for a file in an archive, if its name does not say that it is nothing to look at. */
bool sv_unpack_named(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                     unsigned depth);
/* Searches bytes as they are. */
void sv_unpack_search(struct sv_unpack *u, struct sv_bytes_from from, const char *member);
/* The same for bytes of which members or rows (`glued`) were searched already: what was found there
 * is not listed again. */
void sv_unpack_again(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                     bool glued);
/* The bytes that were looked at, and then the others. */
struct sv_peeked {
    struct sv_bytes_from rest;
    const char *head;
    size_t n, at;
};
ssize_t sv_read_peeked(void *ctx, char *p, size_t n);
/* An opened file from one place on, whatever others read of it. */
struct sv_from_file {
    int fd;
    uint64_t at;
};
ssize_t sv_read_on(void *from_file, char *p, size_t n);
/* "bytes from 1024 on", for people. */
const char *sv_unpack_bytes_name(struct sv_arena *a, const char *member, uint64_t at);
/* A layer of that depth holds so many bytes of memory. False if that is too much, together with
 * the layers around it; waits while another thread uses what all share. */
bool sv_unpack_holds(struct sv_unpack *u, unsigned depth, uint64_t bytes);
/* The same for a table's text, whose rows end with a record separator: they count as its lines. */
void sv_unpack_rows(struct sv_unpack *u, struct sv_bytes_from from, const char *member);
/* Counts n more bytes; false if the file's limits are reached, from then on. */
bool sv_unpack_afford(struct sv_unpack *u, uint64_t n);
/* The member is a package's own example, seen from where the archive lies or as it would be
 * unpacked at the top of a system. */
bool sv_unpack_is_sample(const struct sv_unpack *u, const char *member);
void sv_unpack_skip(struct sv_unpack *u, const char *member, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* secrets_archive.c: all but databases. `seeks`: the bytes are the file itself, u->fd. */
void sv_unpack_archive(struct sv_unpack *u, struct sv_bytes_from from, bool seeks,
                       enum sv_kind kind, const char *member, unsigned depth);

/* secrets_sqlite.c: false if not all rows could be read. */
bool sv_unpack_sqlite(struct sv_unpack *u, struct sv_pages *pages, const char *member);

#endif
