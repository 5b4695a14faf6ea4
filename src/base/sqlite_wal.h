// SPDX-License-Identifier: Apache-2.0
// A database's pages as its write-ahead log has them.
#ifndef SV_BASE_SQLITE_WAL_H
#define SV_BASE_SQLITE_WAL_H

#include "base/arena.h"
#include "base/pages.h"

struct sv_wal_frame {
    uint32_t page;
    uint64_t at; /* of its bytes in the log */
};
struct sv_wal {
    struct sv_pages *base;
    struct sv_pages pages; /* what is to be read */
    int fd;
    uint32_t size; /* of a page */
    size_t n;      /* 0: the log says nothing */
    bool more;     /* than SV_MAX_WAL_FRAMES: it is not used */
    struct sv_wal_frame *frames; /* by page, each once */
};

/* Reads the opened log of `size` bytes; memory comes from `a`. A log that is damaged or of another
 * database is as good as none. */
void sv_wal_open(struct sv_wal *ret, struct sv_arena *a, struct sv_pages *base, int fd,
                 uint64_t size);

#endif
