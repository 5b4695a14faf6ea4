// SPDX-License-Identifier: Apache-2.0
// A file system for SQLite that holds one file, which never changes: no journal, no log, no locks.
#include "base/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

#ifdef HAVE_SQLITE
struct file {
    sqlite3_file base;
    const struct sv_pages *pages;
};

/* ---- the file ---- */

static int x_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *p, int n, sqlite3_int64 at)
{
    if (n < 0 || at < 0)
        return SQLITE_IOERR_READ;
    ssize_t got = sv_pages_fill(((struct file *)base)->pages, p, (size_t)n, (uint64_t)at);
    return got < 0 ? SQLITE_IOERR_READ : got < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    (void)f, (void)p, (void)n, (void)at;
    return SQLITE_READONLY;
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    (void)f, (void)n;
    return SQLITE_READONLY;
}

static int x_int(sqlite3_file *f, int n)
{
    (void)f, (void)n;
    return SQLITE_OK;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)((struct file *)base)->pages->size;
    return SQLITE_OK;
}

static int x_reserved(sqlite3_file *f, int *ret)
{
    (void)f;
    *ret = 0;
    return SQLITE_OK;
}

static int x_control(sqlite3_file *f, int op, void *p)
{
    (void)f, (void)op, (void)p;
    return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *f)
{
    (void)f;
    return 4096;
}

static int x_character(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_int,
    .xFileSize = x_size,
    .xLock = x_int,
    .xUnlock = x_int,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_character,
};

/* ---- the file system ---- */

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct file *f = (struct file *)base;
    (void)name;
    f->base.pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return SQLITE_CANTOPEN;
    f->base.pMethods = &methods;
    f->pages = vfs->pAppData;
    if (ret_flags)
        *ret_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return SQLITE_OK;
}

static int x_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_READONLY;
}

static int x_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs, (void)name, (void)flags;
    *ret = 0;
    return SQLITE_OK;
}

static int x_path(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
    (void)vfs;
    size_t len = strlen(name) + 1;
    if (n < 0 || len > (size_t)n)
        return SQLITE_CANTOPEN;
    memcpy(ret, name, len);
    return SQLITE_OK;
}

static int x_random(sqlite3_vfs *vfs, int n, char *p)
{
    (void)vfs;
    memset(p, 0, (size_t)n); /* only names of files that are never made need it */
    return n;
}

static int x_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int x_time(sqlite3_vfs *vfs, double *ret)
{
    (void)vfs;
    *ret = 2451545; /* no row depends on the day */
    return SQLITE_OK;
}

static int x_error(sqlite3_vfs *vfs, int n, char *p)
{
    (void)vfs;
    if (n > 0)
        *p = 0;
    return 0;
}

/* ---- a database that may be hostile ---- */

static int authorize(void *ctx, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
    (void)ctx, (void)a, (void)b, (void)c, (void)d;
    /* Functions stand in generated columns; those that do more than compute are refused there. */
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION
               ? SQLITE_OK
               : SQLITE_DENY;
}

enum { STEPS_AT_ONCE = 10000 };

static int progress(void *ctx)
{
    struct sv_sqlite_vfs *v = ctx;
    v->steps += STEPS_AT_ONCE;
    return v->steps > v->max_steps;
}

static void confine(const struct sv_libsqlite *lib, sqlite3 *db, struct sv_sqlite_vfs *v)
{
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, SV_MAX_SQLITE_VALUE}, {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},             {SQLITE_LIMIT_COMPOUND_SELECT, 2},
        {SQLITE_LIMIT_VDBE_OP, 100000},             {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},            {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
#endif
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        lib->sqlite3_limit(db, limits[i][0], limits[i][1]);
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        lib->sqlite3_db_config(db, switches[i][0], switches[i][1], (int *)NULL);
    lib->sqlite3_exec(db, "PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
                          "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
    lib->sqlite3_set_authorizer(db, authorize, NULL);
    lib->sqlite3_progress_handler(db, STEPS_AT_ONCE, progress, v);
}

int sv_sqlite_open(struct sv_sqlite_vfs *v, struct sv_pages *pages, uint64_t max_steps,
                   sqlite3 **ret_db)
{
    *v = (struct sv_sqlite_vfs){
        .vfs = {
            .iVersion = 1,
            .szOsFile = sizeof(struct file),
            .mxPathname = 64,
            .pAppData = pages,
            .xOpen = x_open,
            .xDelete = x_delete,
            .xAccess = x_access,
            .xFullPathname = x_path,
            .xRandomness = x_random,
            .xSleep = x_sleep,
            .xCurrentTime = x_time,
            .xGetLastError = x_error,
        },
        .max_steps = max_steps,
    };
    v->loaded = sv_libsqlite_load(&v->lib);
    if (!v->loaded || !v->lib.sqlite3_threadsafe())
        return SQLITE_MISUSE;
    if (!sv_sqlite_schema_fits(pages))
        return SQLITE_TOOBIG;
    snprintf(v->name, sizeof v->name, "srvaudit-%p", (void *)v);
    v->vfs.zName = v->name;
    int rc = v->lib.sqlite3_vfs_register(&v->vfs, 0);
    v->known = rc == SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = v->lib.sqlite3_open_v2(
            "database", ret_db,
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, v->name);
    if (rc == SQLITE_OK)
        confine(&v->lib, *ret_db, v);
    return rc;
}

void sv_sqlite_close(struct sv_sqlite_vfs *v, sqlite3 *db)
{
    if (db)
        v->lib.sqlite3_close(db);
    if (v->known)
        v->lib.sqlite3_vfs_unregister(&v->vfs);
}

const char *sv_sqlite_words(const struct sv_libsqlite *lib, int code)
{
    return code == SQLITE_TOOBIG      ? "its schema, or a value, is too large"
           : code == SQLITE_INTERRUPT ? "reading it takes too long"
                                      : lib->sqlite3_errstr(code);
}

const char *sv_sqlite_error(const struct sv_sqlite_vfs *v, int code)
{
    return v->loaded ? sv_sqlite_words(&v->lib, code) : SV_LATE_REASON("SQLite's library", "");
}
#endif
