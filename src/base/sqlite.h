// SPDX-License-Identifier: Apache-2.0
// SQLite over bytes that were opened already: read only, no other file is ever touched.
#ifndef SV_BASE_SQLITE_H
#define SV_BASE_SQLITE_H

#include <stdbool.h>

#include "base/pages.h"

/* sqlite_schema.c: false if there are more tables, indices and triggers, or longer ones, than
 * SQLite reads in a moment: SV_MAX_SQLITE_SCHEMA, SV_MAX_SQLITE_ENTRIES. */
bool sv_sqlite_schema_fits(struct sv_pages *pages);

#ifdef HAVE_SQLITE
#include <sqlite3.h>

#include "base/late.h"

#define SV_SQLITE_FUNCTIONS(F)                                                            \
    F(sqlite3_threadsafe) F(sqlite3_vfs_register) F(sqlite3_vfs_unregister)               \
    F(sqlite3_open_v2) F(sqlite3_close) F(sqlite3_limit) F(sqlite3_db_config)             \
    F(sqlite3_exec) F(sqlite3_set_authorizer) F(sqlite3_progress_handler)                 \
    F(sqlite3_errstr) F(sqlite3_mprintf) F(sqlite3_free) F(sqlite3_prepare_v2)            \
    F(sqlite3_step) F(sqlite3_finalize) F(sqlite3_column_count) F(sqlite3_column_name)    \
    F(sqlite3_column_type) F(sqlite3_column_bytes) F(sqlite3_column_text) F(sqlite3_column_blob)
SV_LATE(sv_libsqlite, SV_LIBSQLITE3, SV_SQLITE_FUNCTIONS)

/* One database's own file system, known to SQLite under a name of its own meanwhile. */
struct sv_sqlite_vfs {
    struct sv_libsqlite lib;
    bool loaded; /* the library is there */
    sqlite3_vfs vfs;
    char name[40];
    bool known;
    uint64_t steps, max_steps; /* of SQLite's machine: so far, at most */
};

/* Opens the database, which may be hostile: nothing but reading is allowed, values, the schema and
 * work are bounded (SV_MAX_SQLITE_VALUE, sv_sqlite_schema_fits, `max_steps`, which is counted in
 * ten thousands). An SQLite error code, SQLITE_TOOBIG for the schema; both structures live until
 * sv_sqlite_close, which must follow whatever this returns. */
int sv_sqlite_open(struct sv_sqlite_vfs *v, struct sv_pages *pages, uint64_t max_steps,
                   sqlite3 **ret_db);
void sv_sqlite_close(struct sv_sqlite_vfs *v, sqlite3 *db);
/* What an error code of the library's functions, or of sv_sqlite_open, means; static. */
const char *sv_sqlite_words(const struct sv_libsqlite *lib, int code);
const char *sv_sqlite_error(const struct sv_sqlite_vfs *v, int code);
#endif

#endif
