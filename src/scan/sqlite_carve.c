// SPDX-License-Identifier: Apache-2.0
// Finds records by their own arithmetic (SQLite's file format, 1.5 and 2.1): the sizes that a
// header tells add up to the record's length.
#include "scan/sqlite_carve.h"

enum {
    MIN_PAGE = 512,
    MAX_PAGE = 65536,
    MIN_VALUE = 8,   /* no rule calls less a secret */
    MAX_COLUMNS = 256,
    FREE_HEAD = 4,   /* what a deleted record's first bytes are written over with */
};

struct column {
    size_t from, n;
    bool text;
};

/* ---- the arithmetic ---- */

/* A number of up to nine bytes; 0 bytes if it does not end in time. */
static size_t varint(struct sv_slice s, size_t at, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 9 && at + i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[at + i];
        v = i == 8 ? v << 8 | c : v << 7 | (c & 0x7f);
        if (!(c & 0x80) || i == 8) {
            *ret = v;
            return i + 1;
        }
    }
    return 0;
}

/* A serial type's bytes; 10 and 11 are in no file. */
static bool size_of(uint64_t type, uint64_t *ret)
{
    static const unsigned char sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    *ret = type >= 12 ? (type - 12) / 2 : type < sizeof sizes ? sizes[type] : 0;
    return type != 10 && type != 11;
}

struct record {
    struct column columns[MAX_COLUMNS];
    size_t n, end;
    uint64_t sum; /* bytes of the values */
};

/* One more column, whose type stands at `at`: its bytes there. 0 if it is none, or if the values
 * would be longer than `most`. */
static size_t add_column(struct sv_slice page, size_t at, uint64_t most, struct record *r)
{
    uint64_t type, size;
    size_t n = varint(page, at, &type);
    if (n == 0 || r->n == MAX_COLUMNS || !size_of(type, &size) || size > most - r->sum)
        return 0;
    r->columns[r->n++] = (struct column){(size_t)r->sum, (size_t)size, type >= 12};
    r->sum += size;
    return n;
}

/* The columns that a header's types [at, end) tell, whose values have `most` bytes. */
static bool read_types(struct sv_slice page, size_t at, size_t end, uint64_t most, struct record *r)
{
    r->n = 0;
    r->sum = 0;
    while (at < end) {
        size_t n = add_column(page, at, most, r);
        if (n == 0 || at + n > end)
            return false;
        at += n;
    }
    return r->sum == most;
}

/* A cell: its length, in tables the row's number, then the record. */
static bool cell(struct sv_slice page, size_t at, bool numbered, struct record *r)
{
    uint64_t length, row, head;
    size_t n = varint(page, at, &length);
    if (n == 0 || length < MIN_VALUE || length > INT32_MAX)
        return false;
    at += n;
    if (numbered) {
        n = varint(page, at, &row);
        if (n == 0)
            return false;
        at += n;
    }
    n = varint(page, at, &head);
    if (n == 0 || head <= n || head > length || head > page.n - at)
        return false;
    if (!read_types(page, at + n, at + (size_t)head, length - head, r))
        return false;
    for (size_t i = 0; i < r->n; i++)
        r->columns[i].from += at + (size_t)head;
    r->end = at + (size_t)length;
    return true;
}

/* A deleted record has lost its length, its row's number and some of its header. How much of that
 * there was is tried: what is left must fill the place exactly. */
static bool deleted(struct sv_slice page, size_t at, size_t size, struct record *r)
{
    for (size_t lost = FREE_HEAD; lost < 2 * FREE_HEAD; lost++) {
        size_t end = at + lost, n;
        r->n = 0;
        r->sum = 0;
        while (end < at + size && (n = add_column(page, end, size, r))) {
            end += n;
            if (end + r->sum < at + size)
                continue;
            if (end >= at + size || end + r->sum > at + size)
                break;
            for (size_t i = 0; i < r->n; i++)
                r->columns[i].from += end;
            return true;
        }
    }
    return false;
}

/* ---- one page ---- */

static void add(struct sv_carve *c, const char *p, size_t n)
{
    n = n < c->room - c->n ? n : c->room - c->n;
    memcpy(c->text + c->n, p, n);
    c->n += n;
}

/* Values of which something stands in another page are left out. */
static void add_record(struct sv_carve *c, struct sv_slice page, const struct record *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct column *k = &r->columns[i];
        if (!k->text || k->n < MIN_VALUE || k->from + k->n > page.n)
            continue;
        add(c, page.p + k->from, k->n);
        add(c, "\n", 1);
    }
}

static size_t two(struct sv_slice s, size_t at)
{
    return at + 2 <= s.n ? (size_t)(unsigned char)s.p[at] << 8 | (unsigned char)s.p[at + 1] : 0;
}

static void add_deleted(struct sv_carve *c, struct sv_slice page)
{
    struct record r;
    size_t at = two(page, 1), next;
    for (; at && at + FREE_HEAD <= page.n; at = next) {
        size_t size = two(page, at + 2);
        if (size >= FREE_HEAD && size <= page.n - at && deleted(page, at, size, &r))
            add_record(c, page, &r);
        next = two(page, at);
        if (next < at + size || next <= at)
            break; /* they are in order and no part of each other */
    }
}

static bool of_table(struct sv_slice page)
{
    static const char kinds[] = {2, 5, 10, 13};
    return page.n && memchr(kinds, page.p[0], sizeof kinds);
}

static void carve(struct sv_carve *c, struct sv_slice page)
{
    struct record r;
    if (!of_table(page)) {
        add(c, &(char){SV_CARVE_CUT}, 1);
        return;
    }
    add(c, "\n", 1);
    for (size_t at = 0; at < page.n;) {
        if (cell(page, at, true, &r) || cell(page, at, false, &r)) {
            add_record(c, page, &r);
            at = r.end;
        } else {
            at++;
        }
    }
    add_deleted(c, page);
}

static bool next_page(struct sv_carve *c)
{
    size_t want = c->head ? c->head : c->step;
    ssize_t n = sv_bytes_fill(c->from, c->text, want);
    c->at = 0;
    c->n = n > 0 ? (size_t)n : 0;
    if (!c->head && c->n == c->step && c->n >= c->page) {
        /* A copy of the page is not needed: what is added comes behind it. */
        carve(c, sv_slice_sub((struct sv_slice){c->text, c->n}, c->step - c->page, c->step));
    }
    c->head = 0;
    return c->n > 0;
}

/* ---- all of them ---- */

struct sv_carve sv_carve_begin(struct sv_arena *a, struct sv_bytes_from from,
                               struct sv_slice header, enum sv_carve_file file)
{
    /* A frame's header stands before its page; a journal has the page's number there and a sum
     * behind, which is taken for the beginning of the next one. */
    static const struct {
        size_t head, more;
    } files[] = {[SV_CARVE_DATABASE] = {0, 0}, [SV_CARVE_LOG] = {32, 24},
                 [SV_CARVE_JOURNAL] = {512 - 4, 8}};
    size_t page = two(header, 16);
    page = page == 1 ? MAX_PAGE : page < MIN_PAGE ? MIN_PAGE : page;
    struct sv_carve c = {.from = from, .page = page, .head = files[file].head,
                         .step = page + files[file].more, .room = 3 * (page + 64)};
    c.text = sv_arena_alloc(a, c.room);
    return c;
}

ssize_t sv_read_carved(void *ctx, char *p, size_t n)
{
    struct sv_carve *c = ctx;
    if (c->at == c->n && !next_page(c))
        return 0;
    n = n < c->n - c->at ? n : c->n - c->at;
    memcpy(p, c->text + c->at, n);
    c->at += n;
    return (ssize_t)n;
}
