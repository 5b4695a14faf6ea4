// SPDX-License-Identifier: Apache-2.0
// How httpd's sections match, shared by the walks.
#ifndef SV_SERVE_APACHE_SECTIONS_H
#define SV_SERVE_APACHE_SECTIONS_H

#include "serve/apache.h"

/* Matches a section's expression; named groups go to the environment as MATCH_NAME. */
bool ap_section_regex(struct ap_run *r, const struct sv_scope *s, struct sv_slice text);

/* The condition is the section's argument, with or without quotes around the whole. */
struct sv_slice ap_condition_of(struct sv_arena *a, const struct sv_node *n);

/* Slashes once each, as paths of <Location> and Alias lines are compared. */
struct sv_slice ap_merge_slashes(struct sv_arena *a, struct sv_slice s);

#endif
