// SPDX-License-Identifier: Apache-2.0
// Words as they may be pasted into a shell.
#ifndef SV_BASE_SHELL_H
#define SV_BASE_SHELL_H

#include "base/arena.h"

/* The text as one word of sh(1): as it stands if it is made of harmless characters alone, else in
 * quotes, and on one line. Names of files, users and units come from whoever could create them, and
 * advice is pasted by root. */
const char *sv_shell_quote(struct sv_arena *a, const char *text);
/* The first control character of the text, or its end. */
const char *sv_control(const char *text);
/* The text for people: control characters as \xHH, so that no name begins a line of advice. */
const char *sv_visible(struct sv_arena *a, const char *text);

#endif
