// SPDX-License-Identifier: Apache-2.0
// The rules' patterns, compiled: by the build where it could, else when they are first needed.
#ifndef SV_SECRETS_PATTERN_H
#define SV_SECRETS_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "secrets/rule.h"

/* The pattern by its text; the caller frees it. NULL if it is none. */
pcre2_code *sv_pattern_compile(const struct sv_secret_rule *rule);

/* What pcre2serialize(3) makes of all sv_secret_rules: PCRE2 of another version, or built in
 * another way, takes none of it. Made by build-aux/gen-patterns.c, for to compile one takes as long
 * as to search some 20 KB. Each is a stream of its own, with PCRE2's tables of characters: one of
 * them all would be half as long, but is decoded as a whole, in 0.4 ms a thread, where most runs
 * need a few patterns at half a microsecond each. */
struct sv_patterns {
    const char *version; /* PCRE2_CONFIG_VERSION */
    unsigned link_size;  /* PCRE2_CONFIG_LINKSIZE */
    const uint8_t *bytes;
    const uint32_t *ends; /* of each rule's; one of no bytes was not compiled */
};
extern const struct sv_patterns sv_patterns_built;

/* True if the PCRE2 at hand is the one that the build had. */
bool sv_patterns_usable(const struct sv_patterns *p);
/* That of a rule of sv_secret_rules, by its place; the caller frees it. NULL if there is none. */
pcre2_code *sv_patterns_load(const struct sv_patterns *p, size_t index);

#endif
