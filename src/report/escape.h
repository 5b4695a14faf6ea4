// SPDX-License-Identifier: Apache-2.0
// Untrusted text made safe for a terminal or for JSON.
#ifndef SV_REPORT_ESCAPE_H
#define SV_REPORT_ESCAPE_H

#include "base/buf.h"

/* Control characters as \xHH, invalid UTF-8 as U+FFFD. */
void sv_escape_text(struct sv_buf *out, struct sv_slice s);
/* Columns that text takes on a terminal, rather too many than too few. */
size_t sv_columns(struct sv_slice s);
/* With the quotes around it (RFC 8259). */
void sv_escape_json(struct sv_buf *out, struct sv_slice s);
bool sv_is_utf8(struct sv_slice s);

#endif
