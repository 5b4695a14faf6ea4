// SPDX-License-Identifier: Apache-2.0
// How large a database's schema is, before SQLite reads all of it at once: its own tables of names
// are lists from some thousand entries on, and it takes minutes over a hostile 10 MiB.
// Source: SQLite's file format, 1.3 to 1.6 (sqlite.org/fileformat2.html).
#include "base/sqlite.h"

#include "base/arena.h"
#include "base/limits.h"

enum { HEADER = 100, INTERIOR = 5, LEAF = 13, MAX_DEPTH = 20 };

struct count {
    unsigned char *buffers[MAX_DEPTH + 1]; /* one page each: those on the way from the top */
    struct sv_arena a;
    struct sv_pages *pages;
    size_t size; /* of a page */
    size_t seen; /* pages */
    uint64_t bytes, entries;
};

static uint32_t be(const unsigned char *p, unsigned n)
{
    uint32_t v = 0;
    while (n--)
        v = v << 8 | *p++;
    return v;
}

/* A number of up to nine bytes in [p, end). */
static uint64_t number(const unsigned char *p, const unsigned char *end)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 9 && p < end; i++, p++) {
        v = i == 8 ? v << 8 | *p : v << 7 | (*p & 0x7f);
        if (!(*p & 0x80))
            break;
    }
    return v;
}

static bool is_over(const struct count *c)
{
    return c->bytes > SV_MAX_SQLITE_SCHEMA || c->entries > SV_MAX_SQLITE_ENTRIES ||
           c->seen > SV_MAX_SQLITE_ENTRIES;
}

/* One page of the tree of names and all below it; page 1 begins with the file's header. */
static void page(struct count *c, uint32_t number_of, unsigned depth)
{
    if (number_of == 0 || depth > MAX_DEPTH || is_over(c))
        return;
    if (!c->buffers[depth])
        c->buffers[depth] = (unsigned char *)sv_arena_alloc(&c->a, c->size);
    unsigned char *p = c->buffers[depth];
    size_t head = number_of == 1 ? HEADER : 0;
    uint64_t at = (uint64_t)(number_of - 1) * c->size;
    c->seen++;
    if (sv_pages_fill(c->pages, (char *)p, c->size, at) <= 0)
        return;
    bool inner = p[head] == INTERIOR;
    if (!inner && p[head] != LEAF)
        return;
    size_t n = be(p + head + 3, 2), list = head + (inner ? 12 : 8);
    for (size_t i = 0; i < n && list + 2 * i + 2 <= c->size && !is_over(c); i++) {
        size_t cell = be(p + list + 2 * i, 2) & (c->size - 1); /* as SQLite does */
        if (inner && cell + 4 <= c->size) {
            page(c, be(p + cell, 4), depth + 1);
        } else if (!inner && cell < c->size) {
            uint64_t size = number(p + cell, p + c->size);
            c->bytes += size < SV_MAX_SQLITE_SCHEMA ? size : SV_MAX_SQLITE_SCHEMA;
            c->entries++;
        }
    }
    if (inner)
        page(c, be(p + head + 8, 4), depth + 1);
}

bool sv_sqlite_schema_fits(struct sv_pages *pages)
{
    struct count c = {.pages = pages};
    unsigned char head[HEADER];
    if (sv_pages_fill(pages, (char *)head, sizeof head, 0) != (ssize_t)sizeof head)
        return true; /* which is no database */
    c.size = be(head + 16, 2);
    c.size = c.size == 1 ? 65536 : c.size;
    if (c.size < 512 || (c.size & (c.size - 1)))
        return true;
    page(&c, 1, 0);
    sv_arena_clear(&c.a);
    return !is_over(&c);
}
