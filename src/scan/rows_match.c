// SPDX-License-Identifier: Apache-2.0
// Which row of the table a path belongs to.
#include "scan/rows.h"

#include <limits.h>

/* Most specific first: the first row that fits a path decides. */
static const struct sv_file_row rows[] = {
#include "rows_data.h"
};

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

/* Most names fail on their last literal character, before any glob is tried. */
static bool last_fits(struct sv_slice pattern, struct sv_slice path)
{
    char c = pattern.p[pattern.n - 1];
    return c == '*' || c == ']' || c == '?' || c == path.p[path.n - 1];
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

enum { ROWS = sizeof rows / sizeof *rows };

/* Which bytes the path has, and with which of them its components begin. */
struct bytes_of {
    bool any[UCHAR_MAX + 1], first[UCHAR_MAX + 1];
};

static struct bytes_of bytes_of(struct sv_slice path)
{
    struct bytes_of b = {0};
    for (size_t i = 0; i < path.n; i++) {
        b.any[(unsigned char)path.p[i]] = true;
        if (i == 0 || path.p[i - 1] == '/')
            b.first[(unsigned char)path.p[i]] = true;
    }
    return b;
}

static bool is_literal(char c)
{
    return c && c != '*' && c != '?' && c != '[' && c != '\\' && c != '%';
}

/* A pattern is compared from the beginning of a component on. */
static bool first_fits(const struct bytes_of *b, const char *pattern)
{
    unsigned char c = (unsigned char)pattern[0], next = c ? (unsigned char)pattern[1] : 0;
    if (c == '*')
        return !is_literal((char)next) || b->any[next];
    return !is_literal((char)c) || b->first[c];
}

static const struct sv_file_row *find(size_t from, struct sv_slice path, bool is_dir,
                                      const struct sv_host_names *hosts)
{
    const struct bytes_of bytes = bytes_of(path);
    for (size_t i = from; i < ROWS; i++) {
        const struct sv_file_row *row = &rows[i];
        if (!first_fits(&bytes, row->pattern))
            continue;
        struct sv_slice pattern = sv_slice_of(row->pattern);
        if (row->is_dir != is_dir || !last_fits(pattern, path))
            continue;
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
