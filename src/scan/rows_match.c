// SPDX-License-Identifier: Apache-2.0
// Which row of the table a path belongs to.
#include "scan/rows.h"

#include <limits.h>

/* Most specific first: the first row that fits a path decides. */
#define SV_ROW(next, last, ...) __VA_ARGS__,
#define SV_CHAIN(key, first)
static const struct sv_file_row rows[] = {
#include "rows_data.h"
};
#undef SV_ROW
#undef SV_CHAIN
enum { ROWS = sizeof rows / sizeof *rows };

/* Which rows a path may fit at all: chains by what begins one of its components or ends it. */
enum { SV_ROW_ANY = 2 * (UCHAR_MAX + 1), KEYS };
#define SV_ROW_BEGINS(c) (unsigned char)(c)
#define SV_ROW_ENDS(c) (UCHAR_MAX + 1 + (unsigned char)(c))
#define SV_ROW(next, last, ...) {next, last},
#define SV_CHAIN(key, first)
static const struct link {
    uint16_t next;      /* 1 + its place; 0: the end */
    unsigned char last; /* byte of the path; 0: any */
} links[] = {
#include "rows_data.h"
};
#undef SV_ROW
#undef SV_CHAIN
#define SV_ROW(next, last, ...)
#define SV_CHAIN(key, first) [key] = first,
static const uint16_t chains[KEYS] = {
#include "rows_data.h"
};
#undef SV_ROW
#undef SV_CHAIN

/* The last components of `path`, as many as the pattern has. */
static struct sv_slice tail(struct sv_slice path, struct sv_slice pattern)
{
    size_t parts = 1, i = path.n;
    for (size_t k = 0; k < pattern.n; k++)
        parts += pattern.p[k] == '/';
    while (i > 0) {
        if (path.p[i - 1] == '/' && --parts == 0)
            break;
        i--;
    }
    return sv_slice_sub(path, i, path.n);
}

static bool precompressed(struct sv_slice name)
{
    static const char *const ends[] = {".js.gz", ".css.gz", ".svg.gz", ".html.gz", ".json.gz",
                                       ".js.map.gz", ".xml.gz", ".txt.gz"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    return false;
}

/* A pattern that begins with %h: each host's name, and its first label without "www.". */
static bool host_fits(struct sv_slice pattern, struct sv_slice name,
                      const struct sv_host_names *hosts)
{
    struct sv_slice rest = sv_slice_sub(pattern, 2, pattern.n);
    if (!hosts || name.n <= rest.n ||
        !sv_slice_eq(sv_slice_sub(name, name.n - rest.n, name.n), rest))
        return false;
    struct sv_slice stem = sv_slice_sub(name, 0, name.n - rest.n);
    sv_vec_each(h, &hosts->list)
    {
        struct sv_slice host = sv_slice_starts(*h, "www.") ? sv_slice_sub(*h, 4, h->n) : *h;
        if (sv_slice_eq_nocase(stem, *h) || sv_slice_eq_nocase(stem, host) ||
            sv_slice_eq_nocase(stem, sv_slice_sub(host, 0, sv_slice_chr(host, '.'))))
            return true;
    }
    return false;
}

/* A bit a row: chains are in order, and what is in one of several is found in that of all rows. */
struct row_set {
    uint64_t bits[ROWS / 64 + 1];
};

static void add_chain(struct row_set *set, size_t key, unsigned char last)
{
    for (size_t i = chains[key]; i; i = links[i - 1].next)
        if (!links[i - 1].last || links[i - 1].last == last)
            set->bits[(i - 1) / 64] |= UINT64_C(1) << (i - 1) % 64;
}

static struct row_set rows_of(struct sv_slice path)
{
    struct row_set set = {0};
    unsigned char last = (unsigned char)path.p[path.n - 1];
    add_chain(&set, SV_ROW_ANY, last);
    add_chain(&set, SV_ROW_ENDS(last), last);
    for (size_t i = 0; i < path.n; i++)
        if (i == 0 || path.p[i - 1] == '/')
            add_chain(&set, SV_ROW_BEGINS(path.p[i]), last);
    return set;
}

/* The first row of the set from `from` on, or ROWS. */
static size_t next_of(const struct row_set *set, size_t from)
{
    uint64_t mask = ~UINT64_C(0) << from % 64;
    for (size_t k = from / 64; k < sizeof set->bits / sizeof *set->bits; k++, mask = ~UINT64_C(0))
        if (set->bits[k] & mask)
            return 64 * k + (size_t)__builtin_ctzll(set->bits[k] & mask);
    return ROWS;
}

static const struct sv_file_row *find(size_t from, struct sv_slice path, bool is_dir,
                                      const struct sv_host_names *hosts)
{
    const struct row_set set = rows_of(path);
    for (size_t i = next_of(&set, from); i < ROWS; i = next_of(&set, i + 1)) {
        const struct sv_file_row *row = &rows[i];
        if (row->is_dir != is_dir)
            continue;
        struct sv_slice pattern = sv_slice_of(row->pattern);
        struct sv_slice name = row->root_only ? path : tail(path, pattern);
        if (sv_slice_starts(pattern, "%h") ? host_fits(pattern, name, hosts)
                                           : sv_glob_match(pattern, name))
            return row;
    }
    return NULL;
}

const struct sv_file_row *sv_row_for(struct sv_slice path, const struct sv_host_names *hosts)
{
    return path.n == 0 || precompressed(path) ? NULL : find(0, path, false, hosts);
}

const struct sv_file_row *sv_row_after(const struct sv_file_row *row, struct sv_slice path,
                                       const struct sv_host_names *hosts)
{
    bool of_table = row >= rows && row < rows + ROWS && !row->is_dir;
    return of_table ? find((size_t)(row - rows) + 1, path, false, hosts) : NULL;
}

const struct sv_file_row *sv_row_for_folder(struct sv_slice path)
{
    return path.n == 0 ? NULL : find(0, path, true, NULL);
}

const struct sv_file_row *sv_row_for_script(struct sv_slice name)
{
    static const struct sv_file_row row = {"*.php", "phpsrc", SV_CAT_SCRIPT, SV_HIGH, false, false};
    return sv_slice_ends(name, ".php") || sv_slice_ends(name, ".phtml") ? &row : NULL;
}

const struct sv_file_row *sv_row_for_small_script(const struct stat *st)
{
    enum { SMALL = 1024 };
    static const struct sv_file_row row = {"*.php", "phpinfoalone", SV_CAT_PHPINFO, SV_HIGH, false,
                                           false};
    return S_ISREG(st->st_mode) && st->st_size <= SMALL ? &row : NULL;
}
