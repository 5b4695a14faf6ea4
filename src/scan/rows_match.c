// SPDX-License-Identifier: Apache-2.0
// Which row of the table a path belongs to.
#include "scan/rows.h"

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

const struct sv_file_row *sv_row_for(struct sv_slice path)
{
    if (path.n == 0 || precompressed(path))
        return NULL;
    for (size_t i = 0; i < sv_file_rows_n; i++) {
        const struct sv_file_row *row = &sv_file_rows[i];
        struct sv_slice pattern = sv_slice_of(row->pattern);
        if (!last_fits(pattern, path))
            continue;
        struct sv_slice name = row->root_only ? path : tail(path, pattern);
        if (sv_glob_match(pattern, name))
            return row;
    }
    return NULL;
}

const struct sv_file_row *sv_row_for_script(struct sv_slice name)
{
    static const struct sv_file_row row = {"*.php", "phpsrc", NULL, SV_CAT_SCRIPT, 3, false, false};
    return sv_slice_ends(name, ".php") || sv_slice_ends(name, ".phtml") ? &row : NULL;
}
