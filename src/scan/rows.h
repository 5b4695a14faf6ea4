// SPDX-License-Identifier: Apache-2.0
// The table of sensitive names and the signatures that its rows ask for; private to scan.
#ifndef SV_SCAN_ROWS_H
#define SV_SCAN_ROWS_H

#include "scan/file.h"

/* The row for a path below a mapping's folder ("sub/.env"), or NULL. `hosts` (may be NULL) are the
 * names that a pattern's %h stands for. */
struct sv_host_names {
    SV_VEC(struct sv_slice) list;
};
const struct sv_file_row *sv_row_for(struct sv_slice path, const struct sv_host_names *hosts);
/* The next row that fits, when the content spoke against `row`. */
const struct sv_file_row *sv_row_after(const struct sv_file_row *row, struct sv_slice path,
                                       const struct sv_host_names *hosts);
/* The same for a folder. */
const struct sv_file_row *sv_row_for_folder(struct sv_slice path);

/* The row for scripts that have none of their own, or NULL if this is no script's name. */
const struct sv_file_row *sv_row_for_script(struct sv_slice name);
/* Of one without a row of its own: a small one may do nothing but show PHP's configuration. */
const struct sv_file_row *sv_row_for_small_script(const struct stat *st);

/* Looks at the content: sets confirm, what, severity and secrets. */
void sv_confirm_content(struct sv_arena *a, struct sv_file *f, struct sv_slice head,
                        bool truncated);

#endif
