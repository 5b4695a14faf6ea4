// SPDX-License-Identifier: Apache-2.0
// Searches one file: is it worth reading, and which secrets are in it, piece by piece.
#include "scan/secrets_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "secrets/redact.h"

enum {
    CONTEXT = 64, /* bytes before a piece, for patterns that look behind */
    BUFFER = CONTEXT + SV_SECRET_OVERLAP + SV_SECRET_CHUNK,
};

/* ---- files that hold pictures, sound or programs ---- */

static bool irrelevant_name(struct sv_slice name)
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

/* First bytes that only such files have; a text that is only called .png is read. */
static bool irrelevant_bytes(struct sv_slice head)
{
    static const struct {
        const char *bytes;
        size_t n, at;
    } magic[] = {
        {"\x7f" "ELF", 4, 0},        {"\x89PNG\r\n", 6, 0},  {"\xff\xd8\xff", 3, 0},
        {"GIF8", 4, 0},              {"WEBP", 4, 8},         {"\0\0\1\0", 4, 0},
        {"wOFF", 4, 0},              {"wOF2", 4, 0},         {"\0\1\0\0\0", 5, 0},
        {"OTTO", 4, 0},              {"ID3", 3, 0},          {"ftyp", 4, 4},
        {"OggS", 4, 0},              {"fLaC", 4, 0},         {"\x1a\x45\xdf\xa3", 4, 0},
        {"\xde\x12\x04\x95", 4, 0},  {"BM", 2, 0},           {"II*\0", 4, 0},
        {"MM\0*", 4, 0},             {"RIFF", 4, 0},         {"\r\r\n", 3, 1},
    };
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (head.n >= magic[i].at + magic[i].n &&
            memcmp(head.p + magic[i].at, magic[i].bytes, magic[i].n) == 0)
            return true;
    return false;
}

/* ---- one file ---- */

struct file {
    struct sv_searcher *s;
    const char *path;  /* kept with the results once something was found */
    bool kept;
    uint64_t base;     /* offset of the piece in the file */
    uint64_t counted;  /* up to where lines were counted */
    uint32_t line;
    uint64_t line_at;  /* where that line begins */
    uint64_t read;
    size_t hits, limits;
};

static const char *kept_path(struct file *f)
{
    if (!f->kept)
        f->path = sv_arena_strdup(&f->s->results, f->path);
    f->kept = true;
    return f->path;
}

static void skip(struct file *f, const char *reason)
{
    sv_vec_push(&f->s->results, &f->s->found.skipped,
                (struct sv_secret_skip){kept_path(f), reason});
}

/* Moves the line count on to an offset of the piece. */
static void count_lines(struct file *f, struct sv_slice piece, uint64_t to)
{
    const char *p = piece.p + (f->counted - f->base), *end = piece.p + (to - f->base);
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        p++;
        f->line++;
        f->line_at = f->base + (uint64_t)(p - piece.p);
    }
    f->counted = to;
}

enum { LOOK_BACK = 4096 };

/* Where the last `mark` before `at` begins, 0 if there is none near. */
static size_t last_before(struct sv_slice piece, size_t at, const char *mark)
{
    size_t from = at > LOOK_BACK ? at - LOOK_BACK : 0, found = 0;
    for (struct sv_slice rest = sv_slice_sub(piece, from, at); rest.n;) {
        size_t next = sv_slice_find(rest, mark);
        if (next == rest.n)
            break;
        found = (size_t)(rest.p - piece.p) + next + 1;
        rest = sv_slice_sub(rest, next + 1, rest.n);
    }
    return found;
}

/* The place is in a comment, as far as the line's first characters and XML's marks tell. */
static bool commented(struct sv_slice piece, size_t at)
{
    static const char *const marks[] = {"#", ";", "//", "*", "<!--", "--"};
    size_t from = at;
    while (from > 0 && at - from < LOOK_BACK && piece.p[from - 1] != '\n')
        from--;
    struct sv_slice line = sv_slice_trim(sv_slice_sub(piece, from, at));
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (sv_slice_starts(line, marks[i]))
            return true;
    return last_before(piece, at, "<!--") > last_before(piece, at, "-->");
}

/* A name of a program's own: letters alone, or words that name a secret rather than being one. */
static bool is_identifier(struct sv_slice v)
{
    static const char *const words[] = {"passw", "pwd", "token", "secret", "key"};
    bool digits = false;
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        digits |= isdigit(c) != 0;
        if (!isalnum(c) && !strchr("_.:>-[]()^", c))
            return false;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (sv_slice_is_nocase(sv_slice_sub(v, i, i + strlen(words[k])), words[k]))
                return true;
    }
    return !digits;
}

/* A token with a prefix of its own is one wherever it stands; what a name or a setting makes one
 * must look the part. */
static bool is_weak(struct sv_slice piece, const struct sv_secret_hit *hit)
{
    bool generic = hit->rule->flags & SV_RULE_GENERIC;
    if (hit->rule->prefix)
        return false;
    if (generic && (is_identifier(hit->value) || !sv_looks_random(hit->value)))
        return true;
    return commented(piece, hit->offset);
}

static void note(struct file *f, struct sv_slice piece, const struct sv_secret_hit *hit)
{
    struct sv_arena *a = &f->s->results;
    uint64_t at = f->base + hit->offset;
    if (++f->hits > SV_MAX_SECRET_HITS)
        return;
    if (at > f->counted)
        count_lines(f, piece, at);
    sv_vec_push(a, &f->s->found.list,
                (struct sv_secret_place){
                    .path = kept_path(f),
                    .rule = hit->rule,
                    .redacted = sv_redact(a, hit->rule->id, hit->value),
                    .id = sv_secret_id(a, hit->value),
                    .offset = at,
                    .line = f->line,
                    .column = (uint32_t)(at - f->line_at) + 1,
                    .checksum_bad = hit->checksum_bad,
                    .placeholder = hit->placeholder,
                    .weak = is_weak(piece, hit),
                });
}

/* Hits that begin in [from, to): what begins later is found again in the next piece, whole. */
static void search_piece(struct file *f, struct sv_slice piece, size_t from, size_t to)
{
    struct sv_secret_hits hits = {0};
    sv_search_text(f->s->search, &f->s->scratch, piece, &hits);
    f->limits += hits.limits;
    sv_vec_each(h, &hits.list)
    {
        if (h->offset >= from && h->offset < to)
            note(f, piece, h);
    }
    if (f->base + to > f->counted)
        count_lines(f, piece, f->base + to);
    sv_arena_wipe(&f->s->scratch);
}

static ssize_t fill(int fd, char *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(fd, p + got, n - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

/* A run of bytes of the file, [f->base, end). The buffer holds [context | what the last piece left
 * | new bytes]. False: nothing more of this file is worth reading. */
static bool search_extent(struct file *f, int fd, uint64_t end_at)
{
    char *buffer = f->s->buffer;
    size_t have = 0, from = 0;
    for (bool end = false; !end;) {
        uint64_t left = end_at - f->base - have;
        size_t want = BUFFER - have;
        ssize_t got = fill(fd, buffer + have, left < want ? (size_t)left : want);
        if (got < 0) {
            skip(f, strerror((int)-got));
            return false;
        }
        if (f->base == 0 && have == 0 &&
            irrelevant_bytes((struct sv_slice){buffer, (size_t)got})) {
            f->s->found.irrelevant++;
            return false;
        }
        have += (size_t)got;
        f->read += (uint64_t)got;
        f->s->found.bytes += (uint64_t)got;
        bool enough = f->read >= SV_MAX_SECRET_FILE;
        end = have < BUFFER || enough || f->base + have == end_at;
        size_t to = end ? have : have - SV_SECRET_OVERLAP;
        search_piece(f, (struct sv_slice){buffer, have}, from, to);
        if (enough)
            skip(f, "more than 1 GiB; the rest is not searched");
        if (end)
            return !enough;
        memmove(buffer, buffer + to - CONTEXT, have - to + CONTEXT);
        f->base += to - CONTEXT;
        have = have - to + CONTEXT;
        from = CONTEXT;
    }
    return true;
}

/* Holes of a sparse file are not read: a file of 4 GiB may have a page of data. */
static void search_sparse(struct file *f, int fd)
{
    off_t at = 0;
    while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
        off_t hole = lseek(fd, at, SEEK_HOLE);
        if (hole <= at || lseek(fd, at, SEEK_SET) != at)
            return;
        f->base = f->counted = (uint64_t)at;
        if (!search_extent(f, fd, (uint64_t)hole))
            return;
        at = hole;
    }
}

void sv_search_entry(struct sv_searcher *s, int dir, const char *name, const char *path)
{
    struct file f = {.s = s, .path = path, .line = 1};
    struct stat st;
    if (irrelevant_name(sv_slice_of(name))) {
        s->found.irrelevant++;
        return;
    }
    int fd = sv_fs_open_in(dir, name, &st);
    if (fd < 0) {
        if (fd != -ENOENT && fd != -ELOOP && fd != -EINVAL)
            skip(&f, strerror(-fd));
        return;
    }
    s->found.files++;
    if ((uint64_t)st.st_blocks * 512 + SV_SECRET_CHUNK < (uint64_t)st.st_size)
        search_sparse(&f, fd);
    else
        (void)search_extent(&f, fd, UINT64_MAX);
    close(fd);
    if (f.limits)
        skip(&f, "a pattern gave up at its work limit; a secret may be missed");
    if (f.hits > SV_MAX_SECRET_HITS)
        skip(&f, "more secrets than are listed");
}

/* ---- the thread's own things ---- */

int sv_searcher_open(struct sv_searcher *s)
{
    *s = (struct sv_searcher){.search = sv_search_new(SV_GATE_BEST), .buffer = malloc(BUFFER)};
    return s->search && s->buffer ? 0 : -ENOMEM;
}

void sv_searcher_close(struct sv_searcher *s)
{
    sv_search_free(s->search);
    if (s->buffer)
        explicit_bzero(s->buffer, BUFFER);
    free(s->buffer);
    sv_arena_clear(&s->results);
    sv_arena_wipe(&s->scratch);
}
