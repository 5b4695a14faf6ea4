// SPDX-License-Identifier: Apache-2.0
// Searches one file for secrets: is it worth opening, and where does it hold bytes?
#include "scan/secrets_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "scan/constants.h"
#include "scan/media.h"
#include "scan/program.h"
#include "scan/secrets_unpack.h"
#include "scan/sqlite_carve.h"

static ssize_t read_fd(void *ctx, char *p, size_t n)
{
    ssize_t r;
    do
        r = read(*(int *)ctx, p, n);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

/* Holes of a sparse file are not read: a file of 4 GiB may have a page of data. */
static enum sv_stream_end search_sparse(struct sv_stream *f, int fd)
{
    off_t at = 0;
    while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
        off_t hole = lseek(fd, at, SEEK_HOLE);
        if (hole <= at || lseek(fd, at, SEEK_SET) != at)
            break;
        f->base = (uint64_t)at;
        enum sv_stream_end end =
            sv_stream_search(f, (struct sv_bytes_from){read_fd, &fd}, (uint64_t)hole);
        if (end != SV_STREAM_DONE)
            return end;
        at = hole;
    }
    return SV_STREAM_DONE;
}

/* What was written into a program is no code. The name may be of one that is read at once. */
static enum sv_stream_end search_program(struct sv_stream *f, int fd)
{
    struct sv_program p;
    sv_program_of(fd, f->size, &p);
    f->whole = false;
    f->size = 0; /* it was read to where it is one */
    for (size_t i = 0; i < p.n; i++) {
        if (lseek(fd, (off_t)p.ranges[i].from, SEEK_SET) < 0)
            return SV_STREAM_STOPPED;
        f->base = p.ranges[i].from;
        enum sv_stream_end end =
            sv_stream_search(f, (struct sv_bytes_from){read_fd, &fd}, p.ranges[i].to);
        if (end != SV_STREAM_DONE)
            return end;
    }
    return SV_STREAM_DONE;
}

/* A program that runs with its owner's or its group's rights, whatever its name ends in. Without
 * the group's x the second bit means another thing (fcntl(2), mandatory locking). */
static void note_setid(struct sv_searcher *s, int dir, const char *name, const char *path,
                       const struct stat *st)
{
    bool user = st->st_mode & S_ISUID;
    bool group = (st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP);
    struct stat now;
    char head[4];
    if (!S_ISREG(st->st_mode) || !(user || group) || !(st->st_mode & 0111))
        return;
    int fd = sv_fs_open_in(dir, name, &now);
    bool program = fd < 0 || (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
                              memcmp(head, "\x7f" "ELF", sizeof head) == 0);
    if (fd >= 0)
        close(fd);
    if (program) /* or it could not be read: then its mode speaks for itself */
        sv_vec_push(&s->results, &s->found.setid,
                    (struct sv_setid_file){sv_arena_strdup(&s->results, path), st->st_mode,
                                           st->st_uid, st->st_gid});
}

/* ---- a database and the files beside it ---- */

/* What was written and is not in the database yet, and what was in it before. */
static const char *const beside[] = {"-wal", "-journal"};

static bool is_database(int fd)
{
    char head[SV_KIND_HEAD];
    ssize_t n = pread(fd, head, sizeof head, 0);
    return n > 0 && sv_kind_of((struct sv_slice){head, (size_t)n}) == SV_KIND_SQLITE;
}

/* The file is searched together with the database whose it is. */
static bool of_database(int dir, const char *name)
{
    struct sv_slice all = sv_slice_of(name);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        struct stat st;
        char base[NAME_MAX + 1];
        if (!sv_slice_ends(all, beside[i]) || all.n > NAME_MAX)
            continue;
        size_t n = all.n - strlen(beside[i]);
        memcpy(base, name, n);
        base[n] = 0;
        int fd = n ? sv_fs_open_in(dir, base, &st) : -1;
        bool is = fd >= 0 && is_database(fd);
        if (fd >= 0)
            close(fd);
        if (is)
            return true;
    }
    return false;
}

static int open_beside(int dir, const char *name, const char *end, struct stat *ret)
{
    char text[NAME_MAX + 1];
    int n = snprintf(text, sizeof text, "%s%s", name, end);
    return n > 0 && (size_t)n < sizeof text ? sv_fs_open_in(dir, text, ret) : -ENAMETOOLONG;
}

/* The bytes of a file of which members or rows were searched: what those do not hold. */
static void search_again(struct sv_stream *f, struct sv_bytes_from from, bool glued)
{
    struct sv_arena a = {0};
    struct sv_again again = sv_again_of(&a, &f->s->found, f->first, glued);
    f->again = &again;
    f->whole = false;
    f->base = 0;
    f->line = 1;
    f->line_at = 0;
    (void)sv_stream_search(f, from, UINT64_MAX);
    f->again = NULL;
    sv_arena_clear(&a);
}

static void search_pages(struct sv_stream *f, int fd, struct sv_slice header,
                         enum sv_carve_file file)
{
    struct sv_arena a = {0};
    struct sv_carve c = sv_carve_begin(&a, (struct sv_bytes_from){read_fd, &fd}, header, file);
    f->size = 0; /* more comes than the file has */
    if (lseek(fd, 0, SEEK_SET) == 0)
        search_again(f, (struct sv_bytes_from){sv_read_carved, &c}, true);
    sv_arena_wipe(&a);
}

static void search_beside(const struct sv_stream *database, struct sv_slice header, int dir,
                          const char *name)
{
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        struct sv_arena a = {0};
        struct stat st;
        struct sv_stream f = {.s = database->s, .line = 1, .first = database->first,
                              .earlier = database->earlier + database->hits};
        int fd = open_beside(dir, name, beside[i], &st);
        if (fd == -ENOENT)
            continue;
        f.path = sv_arena_printf(&a, "%s%s", database->path, beside[i]);
        if (fd < 0) {
            if (fd != -ELOOP && fd != -EINVAL)
                sv_stream_skip(&f, strerror(-fd));
        } else {
            f.s->found.files++;
            search_pages(&f, fd, header, i == 0 ? SV_CARVE_LOG : SV_CARVE_JOURNAL);
            close(fd);
            sv_stream_finish(&f);
        }
        sv_arena_clear(&a);
    }
}

/* ---- one file ---- */

/* Few files are longer than the buffer; only those are asked for their end by themselves. */
static bool ends_like_zip(int fd, uint64_t size)
{
    char tail[4096];
    ssize_t n = size > SV_SEARCHER_BUFFER
                    ? pread(fd, tail, sizeof tail, (off_t)(size - sizeof tail)) : 0;
    return n > 0 && sv_kind_ends_zip((struct sv_slice){tail, (size_t)n});
}

/* What its name promises; *ret_appended: with other bytes behind it. */
static bool is_media(int fd, uint64_t size, bool *ret_appended)
{
    char head[SV_MEDIA_HEAD], tail[SV_MEDIA_TAIL];
    ssize_t n = pread(fd, head, sizeof head, 0);
    struct sv_slice begin = {head, n < 0 ? 0 : (size_t)n};
    if (!sv_is_media(begin))
        return false;
    n = size > sizeof tail ? pread(fd, tail, sizeof tail, (off_t)(size - sizeof tail)) : 0;
    *ret_appended = !sv_media_is_whole(begin, (struct sv_slice){tail, n < 0 ? 0 : (size_t)n}, size);
    return true;
}

static void database(struct sv_stream *f, int dir, const char *name, int fd)
{
    struct stat st = {0};
    char head[SV_KIND_HEAD];
    int wal = open_beside(dir, name, "-wal", &st);
    ssize_t n = pread(fd, head, sizeof head, 0);
    (void)sv_unpack_file(f, fd, f->size, wal < 0 ? -1 : wal, (uint64_t)st.st_size);
    if (wal >= 0)
        close(wal);
    struct sv_slice header = {head, n < 0 ? 0 : (size_t)n};
    search_pages(f, fd, header, SV_CARVE_DATABASE); /* what was deleted */
    search_beside(f, header, dir, name);
}

static void unpack(struct sv_stream *f, int dir, const char *name, int fd)
{
    if (f->kind == SV_KIND_SQLITE)
        database(f, dir, name, fd);
    else if (!sv_unpack_file(f, fd, f->size, -1, 0) && lseek(fd, 0, SEEK_SET) == 0)
        /* A damaged archive, or a text that only begins like one. */
        search_again(f, (struct sv_bytes_from){read_fd, &fd}, false);
}

void sv_search_entry(struct sv_searcher *s, int dir, const char *name, const char *path,
                     bool listed)
{
    struct sv_stream f = {.s = s, .path = path, .line = 1, .whole = true,
                          .first = s->found.list.n};
    struct stat st;
    if (sv_constants_of_package(sv_slice_of(path))) {
        s->found.irrelevant++;
        if (sv_fs_lstat_in(dir, name, &st) == 0)
            note_setid(s, dir, name, path, &st);
        return;
    }
    if (listed && of_database(dir, name))
        return;
    int fd = sv_fs_open_in(dir, name, &st);
    if (fd < 0) {
        if (fd != -ENOENT && fd != -ELOOP && fd != -EINVAL)
            sv_stream_skip(&f, strerror(-fd));
        if (sv_fs_lstat_in(dir, name, &st) == 0)
            note_setid(s, dir, name, path, &st);
        return;
    }
    note_setid(s, dir, name, path, &st);
    f.size = (uint64_t)st.st_size;
    if (sv_media_name(sv_slice_of(name)) && is_media(fd, f.size, &f.appended) && !f.appended) {
        s->found.irrelevant++;
        close(fd);
        return;
    }
    s->found.files++;
    f.zip_end = ends_like_zip(fd, f.size);
    bool sparse = (uint64_t)st.st_blocks * 512 + SV_SECRET_CHUNK < (uint64_t)st.st_size;
    struct sv_bytes_from from = {read_fd, &fd};
    struct sv_constants constants;
    if (sv_constants_of(sv_slice_of(name), from, &constants))
        from = (struct sv_bytes_from){sv_read_constants, &constants};
    enum sv_stream_end end =
        sparse ? search_sparse(&f, fd) : sv_stream_search(&f, from, UINT64_MAX);
    if (end == SV_STREAM_PACKED)
        unpack(&f, dir, name, fd);
    if (f.program && !f.member && !sv_is_packaged_program(path))
        end = search_program(&f, fd);
    close(fd);
    if (end == SV_STREAM_IRRELEVANT)
        s->found.irrelevant++;
    sv_stream_finish(&f);
}

/* ---- the thread's own things ---- */

int sv_searcher_open(struct sv_searcher *s)
{
    *s = (struct sv_searcher){.search = sv_search_new(),
                              .buffer = malloc(SV_SEARCHER_BUFFER)};
    sv_readers_index(&s->readers);
    return s->search && s->buffer ? 0 : -ENOMEM;
}

void sv_searcher_reset(struct sv_searcher *s)
{
    s->found = (struct sv_secret_found){0};
    sv_arena_clear(&s->results);
    sv_arena_wipe(&s->scratch);
}

void sv_searcher_close(struct sv_searcher *s)
{
    sv_search_free(s->search);
    if (s->buffer)
        explicit_bzero(s->buffer, s->used);
    free(s->buffer);
    free(s->archives);
    sv_arena_clear(&s->results);
    sv_arena_wipe(&s->scratch);
}
