// SPDX-License-Identifier: Apache-2.0
// SQLite over bytes that were opened already: read only, no other file is ever touched.
#ifndef SV_BASE_SQLITE_H
#define SV_BASE_SQLITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that can be read from anywhere. */
struct sv_pages {
    ssize_t (*read)(void *ctx, char *p, size_t n, uint64_t at); /* or a negative errno */
    void *ctx;
    uint64_t size;
};
/* Reads an opened file; the context is a pointer to its descriptor. */
ssize_t sv_pages_read_file(void *fd, char *p, size_t n, uint64_t at);

#ifdef HAVE_SQLITE
#include <sqlite3.h>

/* One database's own file system, known to SQLite under a name of its own meanwhile. */
struct sv_sqlite_vfs {
    sqlite3_vfs vfs;
    char name[40];
    bool known;
    unsigned turns; /* of SQLite's machine so far */
};

/* Opens the database, which may be hostile: nothing but reading is allowed, values and work are
 * bounded (SV_MAX_SQLITE_VALUE, SV_MAX_SQLITE_STEPS). An SQLite error code; both structures live
 * until sv_sqlite_close, which must follow whatever this returns. */
int sv_sqlite_open(struct sv_sqlite_vfs *v, struct sv_pages *pages, sqlite3 **ret_db);
void sv_sqlite_close(struct sv_sqlite_vfs *v, sqlite3 *db);
#endif

#endif
