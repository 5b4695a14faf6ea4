// SPDX-License-Identifier: Apache-2.0
// Reads the tables of an ELF file (elf(5)) as far as they say where its constants are.
#include "scan/program.h"

#include <string.h>
#include <unistd.h>

enum { ORDER = 5, TYPE = 16, CORE = 4, MAX_SEGMENTS = 64, LOAD = 1, EXECUTE = 1, WRITE = 2 };

/* Where things stand in the files of one class. */
struct layout {
    size_t word;                                /* bytes of an offset */
    size_t phoff, phentsize;                    /* in the header; a count behind the size */
    size_t header, entry;                       /* sizes */
    size_t flags, offset, filesz;               /* in a program header */
};
static const struct layout layouts[] = {
    {4, 28, 42, 52, 32, 24, 4, 16},
    {8, 32, 54, 64, 56, 4, 8, 32},
};

struct reader {
    const struct layout *l;
    bool big;
};

/* Big-endian files begin with the other byte. */
static bool is_core(struct sv_slice head)
{
    bool big = head.n > ORDER && head.p[ORDER] == 2;
    return head.n > TYPE + 1 && head.p[TYPE + big] == CORE && head.p[TYPE + !big] == 0;
}

bool sv_is_program(struct sv_slice head)
{
    return sv_slice_starts(head, "\x7f" "ELF") && !is_core(head);
}

bool sv_is_packaged_program(const char *path)
{
    static const char *const folders[] = {
        "usr/bin/",      "usr/sbin/",    "usr/lib/",       "usr/lib32/",     "usr/lib64/",
        "usr/libexec/",  "usr/games/",   "lib/x86_64-",    "lib/aarch64-",   "site-packages/",
        "dist-packages/", "node_modules/", "toolchains/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *at = path;
        while ((at = strstr(at, folders[i]))) {
            if (at == path || at[-1] == '/')
                return true;
            at++;
        }
    }
    return false;
}

static uint64_t number(const struct reader *r, const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[r->big ? i : n - 1 - i];
    return v;
}

static bool read_at(int fd, uint64_t at, char *p, size_t n)
{
    return at <= INT64_MAX - n && pread(fd, p, n, (off_t)at) == (ssize_t)n;
}

/* Overlapping ranges become one. */
static void add(struct sv_program *p, uint64_t from, uint64_t to)
{
    size_t i = p->n;
    if (from >= to)
        return;
    while (i > 0 && p->ranges[i - 1].from > from)
        i--;
    if (i > 0 && p->ranges[i - 1].to >= from) {
        i--;
        p->ranges[i].to = to > p->ranges[i].to ? to : p->ranges[i].to;
    } else {
        memmove(p->ranges + i + 1, p->ranges + i, (p->n - i) * sizeof *p->ranges);
        p->ranges[i].from = from;
        p->ranges[i].to = to;
        p->n++;
    }
    while (i + 1 < p->n && p->ranges[i + 1].from <= p->ranges[i].to) {
        uint64_t end = p->ranges[i + 1].to;
        p->ranges[i].to = end > p->ranges[i].to ? end : p->ranges[i].to;
        memmove(p->ranges + i + 1, p->ranges + i + 2, (p->n - i - 2) * sizeof *p->ranges);
        p->n--;
    }
}

/* The segments, with code or without; *io_end is where the last of them ends. False: cut off. */
static bool segments(const struct reader *r, const char *table, size_t n, bool code, uint64_t size,
                     struct sv_program *ret, uint64_t *io_end)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = table + i * r->l->entry;
        uint64_t from = number(r, p + r->l->offset, r->l->word);
        uint64_t filesz = number(r, p + r->l->filesz, r->l->word);
        if (number(r, p, 4) != LOAD)
            continue;
        if (from > size || filesz > size - from)
            return false;
        *io_end = from + filesz > *io_end ? from + filesz : *io_end;
        if (code || !(number(r, p + r->l->flags, 4) & EXECUTE))
            add(ret, from, from + filesz);
    }
    return true;
}

/* Constants have a segment of their own, as ld does it since 2018; else they are in the code's. */
static bool are_apart(const struct reader *r, const char *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = table + i * r->l->entry;
        if (number(r, p, 4) == LOAD && !(number(r, p + r->l->flags, 4) & (EXECUTE | WRITE)))
            return true;
    }
    return false;
}

static bool by_tables(int fd, uint64_t size, struct sv_program *ret)
{
    char head[64], table[MAX_SEGMENTS * 56];
    if (!read_at(fd, 0, head, sizeof head) || head[4] < 1 || head[4] > 2)
        return false;
    const struct reader r = {&layouts[head[4] - 1], head[ORDER] == 2};
    const struct layout *l = r.l;
    size_t n = number(&r, head + l->phentsize + 2, 2);
    uint64_t end = 0;
    if (n == 0 || n > MAX_SEGMENTS || number(&r, head + l->phentsize, 2) != l->entry ||
        !read_at(fd, number(&r, head + l->phoff, l->word), table, n * l->entry) ||
        !segments(&r, table, n, !are_apart(&r, table, n), size, ret, &end))
        return false;
    add(ret, end, size);
    return ret->n > 0;
}

void sv_program_of(int fd, uint64_t size, struct sv_program *ret)
{
    *ret = (struct sv_program){0};
    if (by_tables(fd, size, ret))
        return;
    ret->n = 1;
    ret->ranges[0].from = 0;
    ret->ranges[0].to = size;
}
