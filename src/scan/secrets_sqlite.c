// SPDX-License-Identifier: Apache-2.0
// Reads the rows of a SQLite database as lines "column=value"; nothing of it is run or written.
#include "scan/secrets_unpack.h"

#ifdef HAVE_SQLITE
#include <strings.h>

#include "base/limits.h"
#include "base/sqlite.h"
#include "base/sqlite_wal.h"

/* A row ends with a record separator: what counts as lines of a table are its rows. */
#define ROW_END "\x1e\n"

/* ---- rows as text ---- */

/* What comes next. The last three are of a row whose one column names what the other one holds. */
enum part { NEXT_ROW, NAME, EQUALS, VALUE, LINE_END, PAIR_EQUALS, PAIR_VALUE, PAIR_END };

struct rows {
    struct sv_unpack *u;
    const struct sv_libsqlite *lib;
    sqlite3_stmt *st;
    int rc, column;
    int key, value; /* columns of a table of settings; -1: it is none */
    enum part part; /* what comes behind `text` */
    struct sv_slice text;
};

static struct sv_slice value_of(const struct rows *r, int column)
{
    const void *p = r->lib->sqlite3_column_type(r->st, column) == SQLITE_BLOB
                        ? r->lib->sqlite3_column_blob(r->st, column)
                        : (const void *)r->lib->sqlite3_column_text(r->st, column);
    size_t n = p ? (size_t)r->lib->sqlite3_column_bytes(r->st, column) : 0;
    return (struct sv_slice){p ? p : "", n};
}

/* A column of settings' names or of their values, as programs call them. */
static bool called(const char *column, const char *const *words, size_t n)
{
    size_t length = strlen(column);
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(words[i]);
        if (length >= m && strcasecmp(column + length - m, words[i]) == 0 &&
            (length == m || column[length - m - 1] == '_'))
            return true;
    }
    return false;
}

/* wp_options (option_name, option_value), usermeta (meta_key, meta_value), config (name, value). */
static void find_pair(struct rows *r)
{
    static const char *const keys[] = {"name", "key", "option", "setting", "variable", "path",
                                       "parameter", "param", "property", "item", "k"};
    static const char *const values[] = {"value", "val", "content", "data", "v"};
    int n = r->lib->sqlite3_column_count(r->st);
    r->key = r->value = -1;
    for (int i = 0; i < n; i++) {
        const char *name = r->lib->sqlite3_column_name(r->st, i);
        if (!name)
            continue;
        if (r->key < 0 && called(name, keys, sizeof keys / sizeof *keys))
            r->key = i;
        else if (r->value < 0 && called(name, values, sizeof values / sizeof *values))
            r->value = i;
    }
}

enum { MAX_NAME = 128 };

/* A row's name and value as one assignment, unless the name is no name or the value is empty. */
static bool has_pair(const struct rows *r)
{
    if (r->key < 0 || r->value < 0 || r->lib->sqlite3_column_type(r->st, r->key) != SQLITE_TEXT ||
        r->lib->sqlite3_column_type(r->st, r->value) == SQLITE_NULL)
        return false;
    struct sv_slice name = value_of(r, r->key);
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ')
            return false;
    return name.n > 0 && name.n <= MAX_NAME;
}

/* Goes on to the next column that holds something, or to the row's end. */
static void next_column(struct rows *r)
{
    int n = r->lib->sqlite3_column_count(r->st);
    while (r->column < n && r->lib->sqlite3_column_type(r->st, r->column) == SQLITE_NULL)
        r->column++;
    if (r->column < n) {
        r->part = EQUALS;
        r->text = sv_slice_of(r->lib->sqlite3_column_name(r->st, r->column));
    } else if (has_pair(r)) {
        r->part = PAIR_EQUALS;
        r->text = value_of(r, r->key);
    } else {
        r->part = NEXT_ROW;
        r->text = SV_LIT(ROW_END);
    }
}

static void next_part(struct rows *r)
{
    switch (r->part) {
    case NEXT_ROW:
        r->rc = r->lib->sqlite3_step(r->st);
        r->column = 0;
        r->part = NAME;
        break;
    case NAME:
        next_column(r);
        break;
    case EQUALS:
        r->text = SV_LIT("=");
        r->part = VALUE;
        break;
    case VALUE:
        r->text = value_of(r, r->column);
        r->part = LINE_END;
        break;
    case LINE_END:
        r->text = SV_LIT("\n");
        r->column++;
        r->part = NAME;
        break;
    case PAIR_EQUALS:
        r->text = SV_LIT("=");
        r->part = PAIR_VALUE;
        break;
    case PAIR_VALUE:
        r->text = value_of(r, r->value);
        r->part = PAIR_END;
        break;
    case PAIR_END:
        r->text = SV_LIT("\n" ROW_END);
        r->part = NEXT_ROW;
        break;
    }
}

static ssize_t read_rows(void *ctx, char *p, size_t n)
{
    struct rows *r = ctx;
    size_t done = 0;
    while (done < n) {
        while (!r->text.n && r->rc == SQLITE_ROW)
            next_part(r);
        if (!r->text.n)
            break;
        size_t part = r->text.n < n - done ? r->text.n : n - done;
        memcpy(p + done, r->text.p, part);
        done += part;
        r->text = sv_slice_sub(r->text, part, r->text.n);
    }
    return sv_unpack_afford(r->u, done) ? (ssize_t)done : 0;
}

/* ---- tables ---- */

static int search_table(struct sv_unpack *u, const struct sv_libsqlite *lib, sqlite3 *db,
                        const char *table, const char *member)
{
    struct sv_arena a = {0};
    struct rows r = {.u = u, .lib = lib, .rc = SQLITE_ROW};
    char *sql = lib->sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    int rc = sql ? lib->sqlite3_prepare_v2(db, sql, -1, &r.st, NULL) : SQLITE_NOMEM;
    lib->sqlite3_free(sql);
    if (rc == SQLITE_OK) {
        find_pair(&r);
        const char *name = sv_arena_printf(&a, "%s%stable %.*s", member ? member : "",
                                           member ? SV_MEMBER_IN : "", SV_MAX_MEMBER_NAME, table);
        sv_unpack_rows(u, (struct sv_bytes_from){read_rows, &r}, name);
        rc = r.rc == SQLITE_ROW && u->stop ? SQLITE_DONE : r.rc;
    }
    lib->sqlite3_finalize(r.st);
    sv_arena_clear(&a);
    return rc;
}

typedef SV_VEC(const char *) names;

/* Virtual tables and views have no page of their own: they are what programs make of the others. */
static int list_tables(const struct sv_libsqlite *lib, sqlite3 *db, struct sv_arena *a, names *ret)
{
    static const char sql[] =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0";
    sqlite3_stmt *st = NULL;
    int rc = lib->sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    sv_vec_push(a, ret, "sqlite_master");
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = lib->sqlite3_step(st);
        const char *name = rc == SQLITE_ROW ? (const char *)lib->sqlite3_column_text(st, 0) : NULL;
        if (name && ret->n >= SV_MAX_SQLITE_TABLES)
            rc = SQLITE_FULL;
        else if (name)
            sv_vec_push(a, ret, sv_arena_strdup(a, name));
    }
    lib->sqlite3_finalize(st);
    return rc;
}

static bool search_tables(struct sv_unpack *u, const struct sv_libsqlite *lib, sqlite3 *db,
                          const char *member)
{
    struct sv_arena a = {0};
    names tables = {0};
    int rc = list_tables(lib, db, &a, &tables);
    bool good = rc == SQLITE_DONE;
    if (!good)
        sv_unpack_skip(u, member, "a SQLite database whose tables cannot be read (%s); its bytes are "
                                  "searched as they stand", sv_sqlite_words(lib, rc));
    sv_vec_each(t, &tables)
    {
        if (!good || u->stop)
            break;
        rc = search_table(u, lib, db, *t, member);
        good = rc == SQLITE_DONE;
        if (!good)
            sv_unpack_skip(u, member, "a SQLite database: table %.*s cannot be read to its end (%s); "
                                      "the bytes of all are searched as they stand",
                           SV_MAX_MEMBER_NAME, *t, sv_sqlite_words(lib, rc));
    }
    sv_arena_clear(&a);
    return good;
}

bool sv_unpack_sqlite(struct sv_unpack *u, struct sv_pages *pages, const char *member)
{
    struct sv_sqlite_vfs vfs;
    sqlite3 *db = NULL;
    bool good = false;
    struct sv_arena a = {0};
    struct sv_wal wal = {0};
    if (!member && u->wal >= 0)
        sv_wal_open(&wal, &a, pages, u->wal, u->wal_size);
    if (wal.more)
        sv_unpack_skip(u, member, "the database's log is too long; only its bytes are searched");
    pages = wal.n ? &wal.pages : pages;
    if (pages->size > SV_MAX_SQLITE) {
        sv_unpack_skip(u, member, "a SQLite database of more than 1 GiB; its bytes are searched as "
                                  "they stand");
        sv_arena_clear(&a);
        return false;
    }
    int rc = sv_sqlite_open(&vfs, pages, SV_MAX_SQLITE_STEPS, &db);
    if (rc == SQLITE_OK) {
        good = search_tables(u, &vfs.lib, db, member);
    } else {
        sv_unpack_skip(u, member, "a SQLite database that cannot be opened (%s); its bytes are "
                                  "searched as they stand",
                       sv_sqlite_error(&vfs, rc));
    }
    sv_sqlite_close(&vfs, db);
    sv_arena_clear(&a);
    return good;
}
#else
bool sv_unpack_sqlite(struct sv_unpack *u, struct sv_pages *pages, const char *member)
{
    (void)pages;
    sv_unpack_skip(u, member, "a SQLite database: this build was made without SQLite; its bytes are "
                              "searched as they stand");
    return false;
}
#endif
