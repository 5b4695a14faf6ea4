// SPDX-License-Identifier: Apache-2.0
// Searches one file for secrets: is it worth opening, and where does it hold bytes?
#include "scan/secrets_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "scan/secrets_unpack.h"

/* Pictures, sound and programs. */
bool sv_irrelevant_name(struct sv_slice name)
{
    static const char *const ends[] = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".avif",
                                       ".bmp", ".tif", ".tiff", ".woff", ".woff2", ".ttf", ".otf",
                                       ".eot", ".mp3", ".mp4", ".m4a", ".webm", ".ogg", ".oga",
                                       ".ogv", ".wav", ".flac", ".avi", ".mov", ".mkv", ".mo",
                                       ".pyc", ".pyo"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return false;
}

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

void sv_search_entry(struct sv_searcher *s, int dir, const char *name, const char *path)
{
    struct sv_stream f = {.s = s, .path = path, .line = 1, .whole = true};
    struct stat st;
    if (sv_irrelevant_name(sv_slice_of(name))) {
        s->found.irrelevant++;
        if (sv_fs_lstat_in(dir, name, &st) == 0)
            note_setid(s, dir, name, path, &st);
        return;
    }
    int fd = sv_fs_open_in(dir, name, &st);
    if (fd < 0) {
        if (fd != -ENOENT && fd != -ELOOP && fd != -EINVAL)
            sv_stream_skip(&f, strerror(-fd));
        if (sv_fs_lstat_in(dir, name, &st) == 0)
            note_setid(s, dir, name, path, &st);
        return;
    }
    note_setid(s, dir, name, path, &st);
    s->found.files++;
    f.size = (uint64_t)st.st_size;
    bool sparse = (uint64_t)st.st_blocks * 512 + SV_SECRET_CHUNK < (uint64_t)st.st_size;
    enum sv_stream_end end =
        sparse ? search_sparse(&f, fd)
               : sv_stream_search(&f, (struct sv_bytes_from){read_fd, &fd}, UINT64_MAX);
    if (end == SV_STREAM_PACKED && !sv_unpack_file(&f, fd, (uint64_t)st.st_size)) {
        /* A damaged archive, or a text that only begins like one. */
        f.whole = false;
        end = lseek(fd, 0, SEEK_SET) < 0
                  ? SV_STREAM_DONE
                  : sv_stream_search(&f, (struct sv_bytes_from){read_fd, &fd}, UINT64_MAX);
    }
    close(fd);
    if (end == SV_STREAM_IRRELEVANT)
        s->found.irrelevant++;
    sv_stream_finish(&f);
}

/* ---- the thread's own things ---- */

int sv_searcher_open(struct sv_searcher *s)
{
    *s = (struct sv_searcher){.search = sv_search_new(SV_GATE_BEST),
                              .buffer = malloc(SV_SEARCHER_BUFFER)};
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
    sv_arena_clear(&s->results);
    sv_arena_wipe(&s->scratch);
}
