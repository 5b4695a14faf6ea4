// SPDX-License-Identifier: Apache-2.0
// Which row of the table a path belongs to.
#include "scan/rows.h"

#include <limits.h>

/* Most specific first: the first row that fits a path decides. */
#define SV_ROW(key, last, ...) __VA_ARGS__,
static const struct sv_file_row rows[] = {
#include "rows_data.h"
};
#undef SV_ROW

/* What a path must have for a row, so that most are passed over without a look at their patterns:
 * a component that begins with a byte, or the byte anywhere; its last byte (0: any). */
struct need {
    uint16_t key;
    unsigned char last;
};
enum { SV_ROW_ANY = 2 * (UCHAR_MAX + 1), KEYS };
#define SV_ROW_BEGINS(c) (unsigned char)(c)
#define SV_ROW_HAS(c) (UCHAR_MAX + 1 + (unsigned char)(c))
#define SV_ROW(key, last, ...) {key, last},
static const struct need needs[] = {
#include "rows_data.h"
};
#undef SV_ROW

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

enum { ROWS = sizeof rows / sizeof *rows };

static void keys_of(struct sv_slice path, bool ret_keys[KEYS])
{
    ret_keys[SV_ROW_ANY] = true;
    for (size_t i = 0; i < path.n; i++) {
        ret_keys[SV_ROW_HAS(path.p[i])] = true;
        if (i == 0 || path.p[i - 1] == '/')
            ret_keys[SV_ROW_BEGINS(path.p[i])] = true;
    }
}

static const struct sv_file_row *find(size_t from, struct sv_slice path, bool is_dir,
                                      const struct sv_host_names *hosts)
{
    const unsigned char last = (unsigned char)path.p[path.n - 1];
    bool keys[KEYS] = {0};
    keys_of(path, keys);
    for (size_t i = from; i < ROWS; i++) {
        const struct sv_file_row *row = &rows[i];
        if (!keys[needs[i].key] || (needs[i].last && needs[i].last != last) ||
            row->is_dir != is_dir)
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
