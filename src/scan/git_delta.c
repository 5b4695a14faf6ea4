// SPDX-License-Identifier: Apache-2.0
// Applies deltas, keeps what they are applied to.
#include "scan/git_delta.h"

#include <stdlib.h>

#include "base/limits.h"

ssize_t sv_slice_read(void *slice, char *p, size_t n)
{
    struct sv_slice *s = slice;
    n = n < s->n ? n : s->n;
    memcpy(p, s->p, n);
    *s = sv_slice_sub(*s, n, s->n);
    return (ssize_t)n;
}

/* ---- what is kept ---- */

static void drop(struct sv_git_bases *b, struct sv_git_base *x)
{
    if (x->p)
        explicit_bzero(x->p, x->n);
    free(x->p);
    b->bytes -= x->n;
    *x = (struct sv_git_base){0};
}

static struct sv_git_base *find(struct sv_git_bases *b, uint64_t at)
{
    for (size_t i = 0; i < SV_GIT_BASES; i++)
        if (b->list[i].type && b->list[i].at == at) {
            b->list[i].used = ++b->clock;
            return &b->list[i];
        }
    return NULL;
}

/* A free place, or that of the one that was not used for the longest time. */
static struct sv_git_base *oldest(struct sv_git_bases *b, bool taken)
{
    struct sv_git_base *best = NULL;
    for (size_t i = 0; i < SV_GIT_BASES; i++) {
        struct sv_git_base *x = &b->list[i];
        if (!x->type && !taken)
            return x;
        if (x->type && (!best || x->used < best->used))
            best = x;
    }
    return best;
}

void sv_git_keep(struct sv_git_bases *b, uint64_t at, unsigned type, struct sv_slice text)
{
    size_t n = type == SV_GIT_TREE ? 0 : text.n;
    if (find(b, at))
        return;
    while (b->bytes && b->bytes + n > SV_MAX_GIT_BASES)
        drop(b, oldest(b, true));
    struct sv_git_base *x = oldest(b, false);
    if (x->type)
        drop(b, x);
    char *p = malloc(n + 1);
    if (!p)
        return;
    memcpy(p, text.p, n);
    *x = (struct sv_git_base){.at = at, .used = ++b->clock, .type = type, .p = p, .n = n};
    b->bytes += n;
}

void sv_git_forget(struct sv_git_bases *b)
{
    for (size_t i = 0; i < SV_GIT_BASES; i++)
        drop(b, &b->list[i]);
}

/* ---- applying ---- */

static bool number(struct sv_slice *d, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; d->n && shift < 57; shift += 7) {
        unsigned char c = (unsigned char)d->p[0];
        *d = sv_slice_sub(*d, 1, d->n);
        *ret |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

/* Offset and size of a copy: the bits of its first byte say which bytes of them follow. */
static bool copied(struct sv_slice *d, unsigned op, struct sv_slice base, struct sv_slice *ret)
{
    uint64_t at = 0, n = 0;
    for (unsigned bit = 0; bit < 7; bit++) {
        if (!(op >> bit & 1))
            continue;
        if (d->n == 0)
            return false;
        uint64_t c = (unsigned char)d->p[0];
        *d = sv_slice_sub(*d, 1, d->n);
        if (bit < 4)
            at |= c << 8 * bit;
        else
            n |= c << 8 * (bit - 4);
    }
    n = n ? n : 0x10000;
    *ret = (struct sv_slice){base.p + at, (size_t)n};
    return at <= base.n && n <= base.n - at;
}

static bool apply(struct sv_arena *a, struct sv_slice base, struct sv_slice d, struct sv_slice *ret)
{
    uint64_t from, to;
    if (!number(&d, &from) || !number(&d, &to) || from != base.n || to > SV_MAX_GIT_OBJECT)
        return false;
    char *out = sv_arena_alloc(a, to + 1);
    size_t n = 0;
    while (d.n) {
        unsigned op = (unsigned char)d.p[0];
        struct sv_slice part;
        d = sv_slice_sub(d, 1, d.n);
        if (op & 0x80) {
            if (!copied(&d, op, base, &part))
                return false;
        } else {
            part = sv_slice_sub(d, 0, op);
            d = sv_slice_sub(d, op, d.n);
            if (op == 0 || part.n < op)
                return false;
        }
        if (part.n > to - n)
            return false;
        memcpy(out + n, part.p, part.n);
        n += part.n;
    }
    *ret = (struct sv_slice){out, n};
    return n == to;
}

/* The links of a chain from the one that is asked for down to one that is kept or whole. */
struct chain {
    struct {
        uint64_t at;
        struct sv_slice delta;
    } link[SV_MAX_GIT_CHAIN];
    size_t n;
    unsigned type; /* of what is at its end, */
    struct sv_slice text;
};

static bool follow(struct sv_git_bases *b, struct sv_arena *a, uint64_t at, struct chain *c)
{
    for (size_t bytes = 0;;) {
        struct sv_git_object o;
        const struct sv_git_base *kept = find(b, at);
        if (kept) {
            c->type = kept->type;
            c->text = (struct sv_slice){kept->p, kept->n};
            return true;
        }
        const char *data = b->read ? b->read(b->ctx, a, at, &o) : NULL;
        if (!data || (bytes += o.n) > SV_MAX_GIT_BASES || o.type == SV_GIT_REF_DELTA)
            return false;
        if (o.type != SV_GIT_OFS_DELTA) {
            c->type = o.type;
            c->text = (struct sv_slice){data, o.n};
            sv_git_keep(b, at, o.type, c->text);
            return true;
        }
        if (o.base >= at || c->n == SV_MAX_GIT_CHAIN)
            return false;
        c->link[c->n].at = at;
        c->link[c->n++].delta = (struct sv_slice){data, o.n};
        at = o.base;
    }
}

unsigned sv_git_resolve(struct sv_git_bases *b, uint64_t at, const struct sv_git_object *o,
                        struct sv_slice delta, struct sv_slice *ret)
{
    struct sv_arena a = {0};
    struct chain *c = sv_new(&a, struct chain);
    unsigned type = 0;
    c->link[c->n].at = at;
    c->link[c->n++].delta = delta;
    if (o->base < at && follow(b, &a, o->base, c)) {
        bool good = true;
        for (size_t i = c->n; good && i > 0; i--) {
            if (c->type != SV_GIT_TREE)
                good = apply(&a, c->text, c->link[i - 1].delta, &c->text);
            if (good)
                sv_git_keep(b, c->link[i - 1].at, c->type, c->text);
        }
        const struct sv_git_base *made = good ? find(b, at) : NULL;
        if (made) {
            *ret = (struct sv_slice){made->p, made->n};
            type = made->type;
        }
    }
    sv_arena_wipe(&a);
    return type;
}

/* ---- what a delta adds ---- */

/* How many bytes of offset and size follow. */
static unsigned copy_length(unsigned char op)
{
    unsigned n = 0;
    for (unsigned bit = 1; bit < 0x80; bit <<= 1)
        n += (op & bit) != 0;
    return n;
}

static size_t one_byte(struct sv_git_added *d, unsigned char c, char *out)
{
    size_t n = 0;
    switch (d->state) {
    case SV_GIT_SIZES:
        d->sizes += !(c & 0x80);
        d->state = d->sizes < 2 ? SV_GIT_SIZES : SV_GIT_OP;
        break;
    case SV_GIT_OP:
        d->n = c & 0x80 ? copy_length(c) : c;
        d->apart |= (c & 0x80) != 0;
        d->state = !d->n ? SV_GIT_OP : c & 0x80 ? SV_GIT_COPY : SV_GIT_ADD;
        break;
    case SV_GIT_COPY:
        d->state = --d->n ? SV_GIT_COPY : SV_GIT_OP;
        break;
    case SV_GIT_ADD:
        if (d->apart)
            out[n++] = '\n';
        out[n++] = (char)c;
        d->apart = false;
        d->state = --d->n ? SV_GIT_ADD : SV_GIT_OP;
        break;
    }
    return n;
}

ssize_t sv_git_read_added(void *added, char *p, size_t n)
{
    struct sv_git_added *d = added;
    char piece[4096];
    size_t out = 0;
    ssize_t got = 1;
    while (out == 0 && got > 0 && n >= 2) {
        got = d->from.read(d->from.ctx, piece, n / 2 < sizeof piece ? n / 2 : sizeof piece);
        for (ssize_t i = 0; i < got; i++)
            out += one_byte(d, (unsigned char)piece[i], p + out);
    }
    return (ssize_t)out;
}
