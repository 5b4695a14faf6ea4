// SPDX-License-Identifier: Apache-2.0
// Reads what Podman's SQLite database says of containers: one JSON text each.
#include "model/podman_db.h"

#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/sqlite.h"
#include "base/sqlite_wal.h"
#include "model/config_file.h"

static const char unknown[] = "published ports, labels and networks of its containers are not known";

#ifdef HAVE_SQLITE
static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define _cleanup_fd_ __attribute__((cleanup(close_fd)))

/* NULL, or what was left out. */
static const char *take(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_libsqlite *lib, sqlite3_stmt *st, struct sv_podman_db *ret)
{
    struct sv_slice id = sv_slice_of((const char *)lib->sqlite3_column_text(st, 0));
    struct sv_slice json = {(const char *)lib->sqlite3_column_text(st, 1),
                            (size_t)lib->sqlite3_column_bytes(st, 1)};
    if (ret->configs.n >= SV_MAX_CONTAINERS)
        return "more containers than are looked at";
    if (json.n > SV_MAX_CONTAINER_BYTES || sx->n_bytes + json.n > SV_MAX_CONTAINER_TOTAL)
        return "more of containers than is looked at";
    sx->n_bytes += json.n;
    sv_vec_push(env->arena, &ret->configs, sv_arena_copy(sx->arena, json));
    *sv_map_at(env->arena, &ret->rows, sv_arena_copy(env->arena, id)) = (uint32_t)ret->configs.n;
    return NULL;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c > 127;
}

/* A column that is made of others has the word AS in front of how: each row could cost seconds. */
static bool computes(struct sv_slice sql)
{
    for (size_t i = 0; i + 1 < sql.n; i++)
        if (sv_slice_is_nocase(sv_slice_sub(sql, i, i + 2), "as") &&
            (i == 0 || !in_word(sql.p[i - 1])) && (i + 2 == sql.n || !in_word(sql.p[i + 2])))
            return true;
    return false;
}

/* A table as Podman makes it, no view and no virtual table; NULL, or what is wrong. */
static const char *judge(const struct sv_libsqlite *lib, sqlite3 *db)
{
    static const char sql[] = "SELECT sql FROM sqlite_master WHERE type = 'table' AND rootpage > 0 "
                              "AND name = 'ContainerConfig' COLLATE NOCASE";
    sqlite3_stmt *st = NULL;
    const char *wrong = NULL;
    int rc = lib->sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = lib->sqlite3_step(st);
    if (rc == SQLITE_DONE)
        wrong = "it has no table of containers";
    else if (rc != SQLITE_ROW)
        wrong = sv_sqlite_words(lib, rc);
    else if (lib->sqlite3_column_type(st, 0) != SQLITE_TEXT ||
             computes((struct sv_slice){(const char *)lib->sqlite3_column_text(st, 0),
                                        (size_t)lib->sqlite3_column_bytes(st, 0)}))
        wrong = "its table of containers is none of Podman's";
    lib->sqlite3_finalize(st);
    return wrong;
}

static const char *rows(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_libsqlite *lib, sqlite3 *db, struct sv_podman_db *ret)
{
    static const char sql[] = "SELECT ID, JSON FROM ContainerConfig WHERE typeof(ID) = 'text' AND "
                              "typeof(JSON) = 'text' AND length(ID) <= 256";
    sqlite3_stmt *st = NULL;
    const char *cut = judge(lib, db);
    if (cut)
        return cut;
    int rc = lib->sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = SQLITE_ROW;
    while (rc == SQLITE_ROW && !cut) {
        rc = lib->sqlite3_step(st);
        cut = rc == SQLITE_ROW ? take(env, sx, lib, st, ret) : NULL;
    }
    lib->sqlite3_finalize(st);
    return cut || rc == SQLITE_DONE ? cut : sv_sqlite_words(lib, rc);
}

static void read_db(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                    uint64_t *io_steps, struct sv_podman_db *ret)
{
    struct stat st, log;
    struct sv_arena own = {0};
    struct sv_wal wal = {0};
    struct sv_sqlite_vfs vfs;
    sqlite3 *db = NULL;
    _cleanup_fd_ int fd = sv_fs_open(env->fs, path, &st);
    _cleanup_fd_ int more =
        fd < 0 ? -1 : sv_fs_open(env->fs, sv_arena_printf(env->arena, "%s-wal", path), &log);
    if (fd < 0) {
        sv_diag_path(env->diags, SV_DIAG_ERROR, path, "%s: %s", strerror(-fd), unknown);
        return;
    }
    struct sv_pages file = {sv_pages_read_file, &fd, (uint64_t)st.st_size}, *pages = &file;
    if (more >= 0)
        sv_wal_open(&wal, &own, &file, more, (uint64_t)log.st_size);
    if (wal.more)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path,
                     "the database's log is too long: what was written last is not known");
    pages = wal.n ? &wal.pages : pages;
    const char *wrong = "the database is too large";
    if (*io_steps >= SV_MAX_PODMAN_TOTAL) {
        wrong = "the databases of others took too long";
    } else if (pages->size <= SV_MAX_PODMAN_DB) {
        int rc = sv_sqlite_open(&vfs, pages, SV_MAX_PODMAN_STEPS, &db);
        wrong = rc == SQLITE_OK ? rows(env, sx, &vfs.lib, db, ret) : sv_sqlite_error(&vfs, rc);
        sv_sqlite_close(&vfs, db);
        *io_steps += vfs.steps;
    }
    sv_arena_clear(&own);
    ret->whole = !wrong && !wal.more;
    if (wrong)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path, "%s: %s", wrong, unknown);
    ret->path = path;
    sx->n_files++;
}
#else
static void read_db(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                    uint64_t *io_steps, struct sv_podman_db *ret)
{
    (void)sx, (void)io_steps, (void)ret;
    sv_diag_path(env->diags, SV_DIAG_ERROR, path, "this build was made without SQLite: %s",
                 unknown);
}
#endif

void sv_podman_db_read(const struct sv_model_env *env, struct sv_syntax *sx, const char *top,
                       uint64_t *io_steps, struct sv_podman_db *ret)
{
    static const char *const names[] = {"db.sql", "libpod/db.sql"};
    *ret = (struct sv_podman_db){0};
    for (size_t i = 0; i < sizeof names / sizeof *names && !ret->path; i++) {
        const char *path = sv_path_join(env->arena, top, names[i]);
        if (sv_config_there(env, path, NULL))
            read_db(env, sx, path, io_steps, ret);
    }
    ret->other =
        sv_config_there(env, sv_path_join(env->arena, top, "libpod/bolt_state.db"), NULL);
}
