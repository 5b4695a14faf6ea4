// SPDX-License-Identifier: Apache-2.0
// PCRE2 with limits: compile once, match with bounded work, captures as slices.
#ifndef SV_BASE_REGEX_H
#define SV_BASE_REGEX_H

#include "base/arena.h"
#include "base/diag.h"

struct sv_regex; /* owned by the pool below; patterns are cached by text and flags */
struct sv_regex_pool;

struct sv_regex_pool *sv_regex_pool_new(void);
void sv_regex_pool_free(struct sv_regex_pool *p);

enum {
    SV_REGEX_NOCASE = 1,
    SV_REGEX_MULTILINE = 2,
    SV_REGEX_DOTALL = 4,
    SV_REGEX_DOLLAR_END = 8, /* `$` does not match before a final newline */
    SV_REGEX_HTTPD = SV_REGEX_DOTALL | SV_REGEX_DOLLAR_END, /* RegexDefaultOptions of 2.4 */
};

/* Compiles lazily with JIT where the library has it. NULL and a sentence in err if invalid. */
struct sv_regex *sv_regex_get(struct sv_regex_pool *p, struct sv_slice pattern, unsigned flags,
                              struct sv_err *err);

#define SV_REGEX_GROUPS 32
struct sv_match {
    struct sv_slice group[SV_REGEX_GROUPS]; /* p == NULL: group did not take part */
    unsigned n;                             /* groups of the pattern + 1, at most the above */
    size_t start, end;                      /* of group 0 */
};

enum sv_match_result { SV_MATCH_NO, SV_MATCH_YES, SV_MATCH_LIMIT /* work limit hit: unknown */ };
enum sv_match_result sv_regex_match(struct sv_regex *re, struct sv_slice text, size_t from,
                                    struct sv_match *ret); /* ret may be NULL */
/* Number of a named group, 0 if there is none; names in order for iteration. */
unsigned sv_regex_name(struct sv_regex *re, struct sv_slice name);
unsigned sv_regex_n_groups(struct sv_regex *re);
/* The name of group i, empty if it has none. */
struct sv_slice sv_regex_group_name(struct sv_regex *re, unsigned i);


#endif
