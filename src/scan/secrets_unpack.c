// SPDX-License-Identifier: Apache-2.0
// What the members of a packed file are, how much of them is looked at, and what is said about it.
#include "scan/secrets_unpack.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "scan/constants.h"
#include "scan/samples.h"
#include "scan/secrets_git.h"
#include "scan/secrets_zip.h"
#include "scan/sqlite_carve.h"

/* ---- one file's account ---- */

bool sv_unpack_is_sample(const struct sv_unpack *u, const char *member)
{
    static const char mark[] = SV_MEMBER_IN;
    struct sv_arena a = {0};
    const char *last = member;
    if (u->sample || !member)
        return u->sample;
    char *inside = sv_arena_printf(&a, "%s/%s", u->path, member);
    for (char *at = inside; (at = strstr(at, mark)); at++) {
        memmove(at + 1, at + sizeof mark - 1, strlen(at + sizeof mark - 1) + 1);
        *at = '/';
    }
    for (const char *at; (at = strstr(last, mark));)
        last = at + sizeof mark - 1;
    last += strncmp(last, "./", 2) == 0 ? 2 : *last == '/';
    bool sample = sv_is_package_sample(inside) ||
                  sv_is_package_sample(sv_arena_printf(&a, "/%s", last));
    sv_arena_clear(&a);
    return sample;
}

static struct sv_stream stream_of(const struct sv_unpack *u, const char *member)
{
    return (struct sv_stream){.s = u->s, .path = u->path, .path_kept = u->path_kept,
                              .member = member, .line = 1, .sample = u->sample, .archive = u,
                              .earlier = u->hits, .again = u->again};
}

static void settle(struct sv_unpack *u, const struct sv_stream *f)
{
    u->path = f->path;
    u->path_kept = f->path_kept;
    u->hits += f->hits;
    if (u->hits > SV_MAX_SECRET_HITS && !u->stop)
        u->stop = ""; /* the stream said it */
}

void sv_unpack_skip(struct sv_unpack *u, const char *member, const char *fmt, ...)
{
    struct sv_arena a = {0};
    va_list ap;
    if (u->stop || u->told || ++u->skips > SV_MAX_MEMBER_SKIPS)
        return;
    struct sv_stream f = stream_of(u, member);
    va_start(ap, fmt);
    sv_stream_skip(&f, sv_arena_vprintf(&a, fmt, ap));
    va_end(ap);
    settle(u, &f);
    sv_arena_clear(&a);
}

bool sv_unpack_afford(struct sv_unpack *u, uint64_t n)
{
    if (u->stop)
        return false;
    u->out += n;
    if (u->out > (uint64_t)SV_MAX_UNPACKED << 20)
        u->stop = "unpacks to more than is searched of one file; the rest is not searched";
    else if (u->out > SV_MAX_UNPACKED_FREE && u->out / SV_MAX_UNPACK_RATIO > u->size)
        u->stop = "unpacks to far more than its size, as bombs do; the rest is not searched";
    return !u->stop;
}

/* ---- one member ---- */

ssize_t sv_read_peeked(void *ctx, char *p, size_t n)
{
    struct sv_peeked *k = ctx;
    size_t left = k->n - k->at;
    if (!left)
        return k->rest.read(k->rest.ctx, p, n);
    n = n < left ? n : left;
    memcpy(p, k->head + k->at, n);
    k->at += n;
    return (ssize_t)n;
}

static void search(struct sv_unpack *u, struct sv_bytes_from from, const char *member, bool rows)
{
    struct sv_stream f = stream_of(u, member);
    f.rows = rows;
    if (sv_stream_search(&f, from, UINT64_MAX) == SV_STREAM_IRRELEVANT)
        u->s->found.irrelevant++;
    sv_stream_finish(&f);
    settle(u, &f);
}

void sv_unpack_search(struct sv_unpack *u, struct sv_bytes_from from, const char *member)
{
    search(u, from, member, false);
}

void sv_unpack_rows(struct sv_unpack *u, struct sv_bytes_from from, const char *member)
{
    search(u, from, member, true);
}

void sv_unpack_again(struct sv_unpack *u, struct sv_bytes_from from, const char *member, bool glued)
{
    struct sv_arena a = {0};
    struct sv_again again = sv_again_of(&a, &u->s->found, u->first, glued);
    struct sv_again *outer = u->again;
    bool told = u->told;
    u->again = &again;
    u->told = true;
    search(u, from, member, false);
    u->again = outer;
    u->told = told;
    sv_arena_clear(&a);
}

const char *sv_unpack_bytes_name(struct sv_arena *a, const char *member, uint64_t at)
{
    return sv_arena_printf(a, "%s%sbytes from %llu on", member ? member : "",
                           member ? SV_MEMBER_IN : "", (unsigned long long)at);
}

bool sv_unpack_holds(struct sv_unpack *u, unsigned depth, uint64_t bytes)
{
    uint64_t sum = 0;
    u->windows[depth] = bytes;
    for (size_t i = 0; i < sizeof u->windows / sizeof *u->windows; i++)
        sum += u->windows[i];
    if (sum > SV_UNPACK_OWN_MEMORY && !u->alone && u->s->memory) {
        pthread_mutex_lock(u->s->memory);
        u->alone = true;
    }
    return sum <= SV_MAX_UNPACK_MEMORY;
}

static ssize_t read_memory(void *ctx, char *p, size_t n, uint64_t at)
{
    const struct sv_slice *s = ctx;
    struct sv_slice part = sv_slice_sub(*s, (size_t)at, (size_t)at + n);
    memcpy(p, part.p, part.n);
    return (ssize_t)part.n;
}

/* A database in an archive is read into memory first, for its pages stand anywhere in it. */
static void packed_database(struct sv_unpack *u, struct sv_bytes_from from, const char *member)
{
    struct sv_arena a = {0};
    char *p = sv_arena_alloc(&a, SV_MAX_SQLITE_MEMBER + 1);
    ssize_t n = sv_bytes_fill(from, p, SV_MAX_SQLITE_MEMBER + 1);
    struct sv_peeked k = {.rest = from, .head = p, .n = n < 0 ? 0 : (size_t)n};
    struct sv_slice all = {p, k.n};
    if (n > SV_MAX_SQLITE_MEMBER)
        sv_unpack_skip(u, member, "a SQLite database, too large to be read inside of an archive; "
                                  "only its bytes as they stand are searched");
    else
        (void)sv_unpack_sqlite(u, &(struct sv_pages){read_memory, &all, all.n}, member);
    /* What was deleted still stands in the pages. */
    struct sv_carve c = sv_carve_begin(&a, (struct sv_bytes_from){sv_read_peeked, &k},
                                       sv_slice_sub(all, 0, SV_KIND_HEAD), SV_CARVE_DATABASE);
    sv_unpack_again(u, (struct sv_bytes_from){sv_read_carved, &c}, member, true);
    sv_arena_wipe(&a);
}

/* A zip in an archive: its list, which stands at its end, says what no member holds. */
static void packed_zip(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                       unsigned depth)
{
    struct sv_arena a = {0};
    char *p = sv_arena_room(&a, SV_MAX_ZIP_MEMBER + 1);
    ssize_t n = sv_bytes_fill(from, p, SV_MAX_ZIP_MEMBER + 1);
    struct sv_peeked k = {.rest = from, .head = p, .n = n < 0 ? 0 : (size_t)n};
    if (n > SV_MAX_ZIP_MEMBER)
        sv_unpack_skip(u, member, "a large zip inside of an archive: what stands between its "
                                  "members is not searched");
    else
        k.at = sv_zip_unlisted_packed(u, (struct sv_slice){p, k.n}, member, depth);
    sv_unpack_archive(u, (struct sv_bytes_from){sv_read_peeked, &k}, false, SV_KIND_ZIP, member,
                      depth);
    sv_arena_wipe(&a);
}

void sv_unpack_member(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                      unsigned depth)
{
    char head[SV_KIND_HEAD];
    ssize_t n = sv_bytes_fill(from, head, sizeof head);
    struct sv_peeked k = {.rest = from, .head = head, .n = n < 0 ? 0 : (size_t)n};
    struct sv_bytes_from all = {sv_read_peeked, &k};
    enum sv_kind kind = sv_kind_of((struct sv_slice){head, k.n});
    if (kind == SV_KIND_PLAIN)
        sv_unpack_search(u, all, member);
    else if (kind == SV_KIND_SQLITE)
        packed_database(u, all, member);
    else if (kind >= SV_KIND_RAR || depth > SV_MAX_ARCHIVE_DEPTH) {
        sv_unpack_skip(u, member, kind >= SV_KIND_RAR
                                      ? "an archive of the kind %s, which is not looked into"
                                      : "%s inside of too many archives; it is not unpacked",
                       sv_kind_name(kind));
        sv_unpack_search(u, all, member);
    } else if (kind == SV_KIND_GIT_PACK || kind == SV_KIND_GIT_OBJECT)
        sv_unpack_git(u, all, kind, member, depth);
    else if (kind == SV_KIND_ZIP)
        packed_zip(u, all, member, depth);
    else
        sv_unpack_archive(u, all, false, kind, member, depth);
}

bool sv_unpack_named(struct sv_unpack *u, struct sv_bytes_from from, const char *member,
                     unsigned depth)
{
    struct sv_constants constants;
    struct sv_slice name = sv_slice_of(member);
    if (member && sv_constants_of_package(name)) {
        u->s->found.irrelevant++;
        return false;
    }
    if (member && sv_constants_of(name, from, &constants))
        from = (struct sv_bytes_from){sv_read_constants, &constants};
    sv_unpack_member(u, from, member, depth);
    return true;
}

/* ---- one file ---- */

ssize_t sv_read_on(void *ctx, char *p, size_t n)
{
    struct sv_from_file *f = ctx;
    ssize_t r = sv_pages_read_file(&f->fd, p, n, f->at);
    f->at += r > 0 ? (uint64_t)r : 0;
    return r;
}

static void file(struct sv_unpack *u, enum sv_kind kind)
{
    struct sv_from_file from = {u->fd, 0};
    struct sv_pages pages = {sv_pages_read_file, &u->fd, u->size};
    if (kind >= SV_KIND_RAR)
        sv_unpack_skip(u, NULL, "an archive of the kind %s, which is not looked into",
                       sv_kind_name(kind));
    else if (kind == SV_KIND_GIT_PACK || kind == SV_KIND_GIT_OBJECT)
        sv_unpack_git(u, (struct sv_bytes_from){sv_read_on, &from}, kind, NULL, 1);
    else if (kind == SV_KIND_SQLITE)
        u->opened = sv_unpack_sqlite(u, &pages, NULL);
    else
        sv_unpack_archive(u, (struct sv_bytes_from){0}, true, kind, NULL, 1);
}

bool sv_unpack_file(struct sv_stream *f, int fd, uint64_t size, int wal, uint64_t wal_size)
{
    struct sv_unpack u = {.s = f->s, .path = f->path, .path_kept = f->path_kept,
                          .sample = f->sample, .fd = fd, .size = size, .first = f->first,
                          .wal = wal, .wal_size = wal_size};
    file(&u, f->kind);
    if (u.alone)
        pthread_mutex_unlock(u.s->memory);
    const char *stop = u.stop;
    size_t more = u.skips > SV_MAX_MEMBER_SKIPS ? u.skips - SV_MAX_MEMBER_SKIPS : 0;
    u.stop = NULL;
    u.skips = 0;
    if (more)
        sv_unpack_skip(&u, NULL, "%zu more members were skipped", more);
    if (stop && *stop)
        sv_unpack_skip(&u, NULL, "%s", stop);
    f->path = u.path;
    f->path_kept = u.path_kept;
    f->earlier = u.hits;
    return u.opened && !u.bytes;
}
