// SPDX-License-Identifier: Apache-2.0
// What the settings of a log write into it: items of formats, levels.
#ifndef SV_SCAN_LOG_FORMAT_H
#define SV_SCAN_LOG_FORMAT_H

#include "model/logs.h"

/* The first item of a format that writes credentials down ("$http_authorization",
 * "%{Cookie}i"), as it is written; empty if there is none. */
struct sv_slice sv_nginx_format_culprit(const struct sv_node *log_format);
struct sv_slice sv_apache_format_culprit(struct sv_slice format);
/* Of a log with its format: the item above or, if there is none, the one that writes the query of
 * the URL ("$request", "%r"); the other way round with *io_query, which then tells which it is.
 * Empty if the format has neither. */
struct sv_slice sv_log_culprit(const struct sv_log *log, bool *io_query);
/* The line that makes an error log hold requests: a debug or trace level, mod_dumpio; or NULL. */
const struct sv_node *sv_log_verbose(const struct sv_log *log);

#endif
