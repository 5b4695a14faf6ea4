// SPDX-License-Identifier: Apache-2.0
// What git keeps: packs (gitformat-pack(5)) and loose objects, each object a zlib stream.
#include "scan/secrets_git.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

#include "base/limits.h"
#include "scan/git_delta.h"

enum {
    INPUT = 32 << 10,
    PIECE = 4096,
    PACK_HEAD = 12,    /* "PACK", version, number of objects */
    HASH = 20,         /* of a base; */
    HASH_256 = 32,     /* ... in a repository with SHA-256 */
    OBJECT_HEAD = 64, /* no object's own bytes before its stream are more */
};

struct source {
    struct sv_unpack *u;
    struct sv_bytes_from from;
    z_stream z;        /* its input is the buffer's unused part */
    uint64_t used;     /* bytes before that part */
    bool dry;          /* the source ended */
    bool ended, broken; /* the stream that is being inflated */
    unsigned char in[INPUT];
};

/* ---- bytes ---- */

/* True if n bytes, at most OBJECT_HEAD, stand at z.next_in. */
static bool need(struct source *s, size_t n)
{
    while (s->z.avail_in < n && !s->dry) {
        memmove(s->in, s->z.next_in, s->z.avail_in);
        s->z.next_in = s->in;
        ssize_t got = s->from.read(s->from.ctx, (char *)s->in + s->z.avail_in,
                                   INPUT - s->z.avail_in);
        s->dry = got <= 0;
        s->z.avail_in += got > 0 ? (uInt)got : 0;
    }
    return s->z.avail_in >= n;
}

static void use(struct source *s, size_t n)
{
    s->z.next_in += n;
    s->z.avail_in -= (uInt)n;
    s->used += n;
}

/* CMF and FLG of RFC 1950. */
static bool begins_stream(const unsigned char *p)
{
    return (p[0] & 0x0f) == 8 && ((unsigned)p[0] << 8 | p[1]) % 31 == 0;
}

static ssize_t inflated(void *ctx, char *p, size_t n)
{
    struct source *s = ctx;
    size_t got = 0;
    while (got == 0 && n && !s->ended && !s->u->stop) {
        if (!need(s, 1)) {
            s->broken = s->ended = true;
            break;
        }
        uInt before = s->z.avail_in;
        s->z.next_out = (Bytef *)p;
        s->z.avail_out = (uInt)(n > INPUT ? INPUT : n);
        size_t room = s->z.avail_out;
        int rc = inflate(&s->z, Z_NO_FLUSH);
        s->used += before - s->z.avail_in;
        got = room - s->z.avail_out;
        s->broken = rc != Z_OK && rc != Z_STREAM_END;
        s->ended = s->broken || rc == Z_STREAM_END;
    }
    return sv_unpack_afford(s->u, got) ? (ssize_t)got : 0;
}

static void begin_stream(struct source *s)
{
    s->ended = s->broken = false;
    (void)inflateReset(&s->z);
}

/* To the end of the stream, whatever was read of it. */
static bool drain(struct source *s)
{
    char piece[PIECE];
    while (inflated(s, piece, sizeof piece) > 0)
        ;
    return s->ended && !s->broken;
}

/* ---- packs ---- */

struct packed {
    struct source s;
    struct sv_git_bases bases;
    const char *member;
    unsigned depth;
    unsigned partly; /* deltas of which only what they add was searched */
    /* What was found in this file so far, and how many places that were. */
    struct sv_arena known;
    struct sv_again again;
    size_t n_known;
    char *data; /* SV_MAX_GIT_OBJECT bytes */
};

struct head {
    unsigned type;
    uint64_t size;   /* of the stream's content */
    uint64_t before; /* OFS_DELTA: how far before this object its base begins */
};

/* What stands before an object's stream; false if that is none. */
static bool object_head(struct source *s, struct head *ret)
{
    size_t n = 0;
    unsigned shift = 4;
    (void)need(s, OBJECT_HEAD);
    size_t have = s->z.avail_in;
    const unsigned char *p = s->z.next_in;
    *ret = (struct head){.type = have ? p[0] >> 4 & 7 : 0, .size = have ? p[0] & 15 : 0};
    for (; n < have && (p[n] & 0x80) && shift < 57; shift += 7)
        ret->size |= (uint64_t)(p[++n < have ? n : 0] & 0x7f) << shift;
    n++;
    if (ret->type == SV_GIT_OFS_DELTA) {
        uint64_t v = n < have ? p[n] & 0x7f : 0;
        for (; n < have && (p[n] & 0x80) && v >> 50 == 0; n++)
            v = (v + 1) << 7 | (p[n + 1 < have ? n + 1 : n] & 0x7f);
        ret->before = v;
        n++;
    } else if (ret->type == SV_GIT_REF_DELTA) {
        bool sha1 = n + HASH + 2 <= have && begins_stream(p + n + HASH);
        n += sha1 ? HASH : HASH_256;
    }
    if (ret->type == 0 || ret->type == 5 || n + 2 > have || !begins_stream(p + n))
        return false;
    use(s, n);
    return true;
}

/* The next stream as a whole; false if it is longer than it says, or damaged. */
static bool whole_stream(struct source *s, char *p, size_t size)
{
    char more;
    size_t n = 0;
    ssize_t got = 1;
    for (begin_stream(s); n < size && got > 0; n += got > 0 ? (size_t)got : 0)
        got = inflated(s, p + n, size - n);
    return n == size && inflated(s, &more, 1) == 0 && s->ended && !s->broken;
}

/* One object of an opened pack, read where it stands: its stream's content, or NULL. */
static char *read_at(void *ctx, struct sv_arena *a, uint64_t at, struct sv_git_object *ret)
{
    struct packed *k = ctx;
    struct sv_from_file from = {k->s.u->fd, at};
    struct source *s = sv_new(a, struct source);
    struct head h;
    char *data = NULL;
    *s = (struct source){.u = k->s.u, .from = {sv_read_on, &from}};
    s->z.next_in = s->in;
    if (inflateInit(&s->z) != Z_OK)
        return NULL;
    if (object_head(s, &h) && h.size <= SV_MAX_GIT_OBJECT && h.before < at) {
        data = sv_arena_alloc(a, h.size + 1);
        *ret = (struct sv_git_object){.type = h.type, .n = h.size, .base = at - h.before};
        if (!whole_stream(s, data, h.size))
            data = NULL;
    }
    (void)inflateEnd(&s->z);
    return data;
}

/* What stood in an object before is not listed again: versions of a file are alike. */
static void search(struct packed *k, struct sv_bytes_from from, bool nests, const char *name)
{
    struct sv_unpack *u = k->s.u;
    struct sv_again *outer = u->again;
    if (!k->n_known || k->n_known != u->s->found.list.n + 1) {
        sv_arena_clear(&k->known);
        k->again = sv_again_of(&k->known, &u->s->found, u->first, false);
        k->n_known = u->s->found.list.n + 1;
    }
    u->again = &k->again;
    if (nests)
        sv_unpack_member(u, from, name, k->depth + 1);
    else
        sv_unpack_search(u, from, name);
    u->again = outer;
}

static void search_text(struct packed *k, unsigned type, struct sv_slice text, const char *name)
{
    if (type != SV_GIT_TREE) /* which holds names and hashes */
        search(k, (struct sv_bytes_from){sv_slice_read, &text}, type == SV_GIT_BLOB, name);
}

/* An object that fits into memory: true if it was read, whatever it held. */
static bool small(struct packed *k, const struct head *h, uint64_t at, const char *name)
{
    struct sv_slice stream = {k->data, (size_t)h->size};
    struct sv_git_object o = {.type = h->type, .n = (size_t)h->size, .base = at - h->before};
    if (!whole_stream(&k->s, k->data, (size_t)h->size))
        return false;
    if (h->type < SV_GIT_OFS_DELTA) {
        sv_git_keep(&k->bases, at, h->type, stream);
        search_text(k, h->type, stream, name);
        return true;
    }
    struct sv_slice text;
    unsigned type = h->type == SV_GIT_OFS_DELTA && h->before < at
                        ? sv_git_resolve(&k->bases, at, &o, stream, &text) : 0;
    if (type) {
        search_text(k, type, text, name);
    } else {
        struct sv_git_added added = {.from = {sv_slice_read, &stream}};
        k->partly++;
        search(k, (struct sv_bytes_from){sv_git_read_added, &added}, false, name);
    }
    return true;
}

/* One that does not: as it comes. */
static bool large(struct packed *k, const struct head *h, const char *name)
{
    struct sv_git_added added = {.from = {inflated, &k->s}};
    begin_stream(&k->s);
    if (h->type >= SV_GIT_OFS_DELTA) {
        k->partly++;
        search(k, (struct sv_bytes_from){sv_git_read_added, &added}, false, name);
    } else if (h->type != SV_GIT_TREE) {
        search(k, (struct sv_bytes_from){inflated, &k->s}, h->type == SV_GIT_BLOB, name);
    }
    return drain(&k->s);
}

static bool object(struct packed *k, uint64_t at)
{
    struct sv_arena a = {0};
    struct sv_unpack *u = k->s.u;
    struct head h;
    bool good = false;
    const char *name = sv_arena_printf(&a, "%s%sgit object at byte %llu", k->member ? k->member : "",
                                       k->member ? SV_MEMBER_IN : "", (unsigned long long)at);
    if (++u->members > SV_MAX_MEMBERS)
        u->stop = "holds more objects than are looked at; the rest is not searched";
    else if (object_head(&k->s, &h))
        good = h.size <= SV_MAX_GIT_OBJECT ? small(k, &h, at, name) : large(k, &h, name);
    sv_arena_clear(&a);
    return good;
}

static void pack(struct packed *k)
{
    struct sv_unpack *u = k->s.u;
    uint32_t count = 0;
    if (!need(&k->s, PACK_HEAD)) {
        sv_unpack_skip(u, k->member, "a git pack that is cut off");
        return;
    }
    for (size_t i = 8; i < PACK_HEAD; i++)
        count = count << 8 | k->s.z.next_in[i];
    use(&k->s, PACK_HEAD);
    u->opened = true;
    for (uint32_t i = 0; i < count && !u->stop; i++) {
        uint64_t at = k->s.used;
        if (object(k, at) || u->stop)
            continue;
        sv_unpack_skip(u, k->member, "a git pack, damaged at byte %llu; object %u of %u and what "
                       "follows is not searched", (unsigned long long)at, i + 1, count);
        break;
    }
    if (k->partly)
        sv_unpack_skip(u, k->member, "of %u changes to large or absent git objects only what they add is "
                       "searched", k->partly);
}

/* ---- both ---- */

void sv_unpack_git(struct sv_unpack *u, struct sv_bytes_from from, enum sv_kind kind,
                   const char *member, unsigned depth)
{
    struct sv_arena a = {0};
    struct packed *k = sv_new(&a, struct packed);
    struct source *s = &k->s;
    *s = (struct source){.u = u, .from = from};
    s->z.next_in = s->in;
    k->member = member;
    k->depth = depth;
    if (inflateInit(&s->z) != Z_OK) {
        sv_unpack_skip(u, member, "no memory to unpack it");
    } else if (kind == SV_KIND_GIT_PACK) {
        k->data = sv_arena_alloc(&a, SV_MAX_GIT_OBJECT + 1);
        k->bases.read = depth == 1 && !member ? read_at : NULL; /* else nothing is read twice */
        k->bases.ctx = k;
        pack(k);
        sv_git_forget(&k->bases);
        sv_arena_wipe(&k->known);
    } else {
        u->opened = true;
        sv_unpack_member(u, (struct sv_bytes_from){inflated, s}, member, depth + 1);
        if (!u->stop && !drain(s))
            sv_unpack_skip(u, member, "a git object that is damaged or cut off; what came before is "
                                      "searched");
    }
    (void)inflateEnd(&s->z);
    sv_arena_wipe(&a);
}

bool sv_git_is_object(struct sv_slice head)
{
    static const char *const types[] = {"blob ", "commit ", "tag "};
    char text[8] = "";
    z_stream z = {.next_in = (Bytef *)(uintptr_t)head.p, .avail_in = (uInt)head.n,
                  .next_out = (Bytef *)text, .avail_out = sizeof text};
    if (head.n < 2 || !begins_stream((const unsigned char *)head.p) || inflateInit(&z) != Z_OK)
        return false;
    (void)inflate(&z, Z_SYNC_FLUSH);
    (void)inflateEnd(&z);
    struct sv_slice got = {text, sizeof text - z.avail_out};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (sv_slice_starts(got, types[i]))
            return true;
    return false;
}
#else
void sv_unpack_git(struct sv_unpack *u, struct sv_bytes_from from, enum sv_kind kind,
                   const char *member, unsigned depth)
{
    (void)depth;
    sv_unpack_skip(u, member, "%s: this build was made without zlib and cannot look into it",
                   sv_kind_name(kind));
    if (from.read)
        sv_unpack_search(u, from, member);
}

/* As git's usual settings begin one; nothing else of a server does. */
bool sv_git_is_object(struct sv_slice head)
{
    return head.n >= 2 && memcmp(head.p, "\x78\x01", 2) == 0;
}
#endif
