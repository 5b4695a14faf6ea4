// SPDX-License-Identifier: Apache-2.0
// Report writers: the finished result to text or JSON in a buffer.
#ifndef SV_REPORT_WRITER_H
#define SV_REPORT_WRITER_H

#include <time.h>

#include "base/buf.h"
#include "engine/finding.h"

struct sv_report {
    const struct sv_result *result;
    const char *host, *root;
    const char **paths;
    size_t n_paths;
    time_t started;
    unsigned duration_ms;
    enum sv_severity min_severity;
    bool verbose, color;
    bool inventory; /* of secrets: no configuration was looked for */
    unsigned n_vhosts;
    unsigned n_units;         /* of systemd */
    unsigned n_containers;    /* services of compose projects */
    unsigned width;           /* columns that text is broken to; 0: it is not */
    const char *not_confined; /* what the kernel lacked, "" if nothing; told with `verbose` */
};

void sv_report_text(const struct sv_report *r, struct sv_buf *out);
void sv_report_json(const struct sv_report *r, struct sv_buf *out);

#endif
