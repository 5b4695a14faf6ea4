// SPDX-License-Identifier: Apache-2.0
// Arithmetic of httpd's Options and AllowOverride, one section after another.
#ifndef SV_SERVE_APACHE_OPTIONS_H
#define SV_SERVE_APACHE_OPTIONS_H

#include "serve/apache.h"

/* Options of a section or of the merge of several; `relative`: only + and - so far. */
struct ap_opts {
    unsigned value, add, remove;
    bool relative;
};
/* What holds before any section. */
struct ap_opts ap_opts_default(void);
/* Merges the Options lines of one more level; true if there were any. */
bool ap_opts_merge(struct ap_opts *o, const struct sv_scope *level);

/* Merges AllowOverride and AllowOverrideList of one more level. */
void ap_override_merge(struct sv_override *o, const struct sv_scope *level);

#endif
