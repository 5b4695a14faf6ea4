// SPDX-License-Identifier: Apache-2.0
// Secrets among the words of a command line: every local user can read those of a process.
#ifndef SV_SECRETS_COMMAND_H
#define SV_SECRETS_COMMAND_H

#include "base/arena.h"
#include "base/vec.h"

struct sv_command_secret {
    struct sv_slice name;  /* "--password", "PGPASSWORD", "password of the URL" */
    struct sv_slice value; /* part of one of the words */
};
struct sv_command_secrets {
    SV_VEC(struct sv_command_secret) list;
    bool cut; /* SV_MAX_COMMAND_WORDS left words out */
};

/* words[0] is the program. Looks at options with a secret's name, at the options of programs that
 * are known to take a password, assignments, headers, passwords of URLs and tokens of known kinds;
 * a word behind "-c" of a shell is looked into. References ("$X", "%h") and placeholders are no
 * secrets. Values are slices of the words; the list lives in `a`. */
void sv_command_secrets(struct sv_arena *a, const struct sv_slice *words, size_t n,
                        struct sv_command_secrets *ret);
/* The words of a line as a shell would cut it, quotes removed, nothing expanded; ";", "|" and "&"
 * are words of their own. At most SV_MAX_COMMAND_WORDS. */
struct sv_words {
    SV_VEC(struct sv_slice) list;
    bool cut; /* there were more */
};
void sv_shell_words(struct sv_arena *a, struct sv_slice line, struct sv_words *ret);
/* The same for a whole line, which may hold several commands. */
void sv_command_line_secrets(struct sv_arena *a, struct sv_slice line,
                             struct sv_command_secrets *ret);

#endif
