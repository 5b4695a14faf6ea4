// SPDX-License-Identifier: Apache-2.0
// SQLite over bytes that were opened already: read only, no other file is ever touched.
#ifndef SV_SCAN_SQLITE_PAGES_H
#define SV_SCAN_SQLITE_PAGES_H

#include "scan/secrets_unpack.h"

#ifdef HAVE_SQLITE
#include <sqlite3.h>

/* One database's own file system, known to SQLite under a name of its own meanwhile. */
struct sv_sqlite_vfs {
    sqlite3_vfs vfs;
    char name[40];
    bool known;
};

/* Opens the database; an SQLite error code. Both structures live until sv_sqlite_close, which must
 * follow whatever this returns. */
int sv_sqlite_open(struct sv_sqlite_vfs *v, struct sv_pages *pages, sqlite3 **ret_db);
void sv_sqlite_close(struct sv_sqlite_vfs *v, sqlite3 *db);
#endif

#endif
