// SPDX-License-Identifier: Apache-2.0
// Reads passwords out of servers' files by their grammar: where a password is short, quoted or has
// spaces, only its place says what it is.
#ifndef SV_SECRETS_READERS_H
#define SV_SECRETS_READERS_H

#include "secrets/search.h"

/* Adds the secrets of a whole text that the path says how to read; of other texts, nothing. Values
 * are unescaped, slices of the text or of `a`; offsets are those of the first byte as written. */
void sv_readers_run(struct sv_arena *a, struct sv_slice path, struct sv_slice text,
                    struct sv_secret_hits *out);

/* For the grammars. */
struct sv_reading {
    struct sv_arena *a;
    struct sv_slice text;
    struct sv_secret_hits *out;
};
enum sv_reading_flags {
    SV_READ_RAW = 1,    /* the value is the rest of the line: quotes and '#' are part of it */
    SV_READ_NOCASE = 2, /* keys match without regard to case */
};
struct sv_line_grammar {
    const char *keys; /* between spaces, one at each end too: " password pass " */
    const char *rule;
    unsigned flags;
    unsigned words, colons; /* sv_read_fields: so many stand before the value */
};
/* Notes the value unless it is empty, a placeholder or a reference to one kept elsewhere. */
void sv_reading_note(struct sv_reading *r, const char *rule, struct sv_slice value, size_t offset);
/* The line that begins at *at, without its end; *at moves behind it. */
struct sv_slice sv_reading_line(const struct sv_reading *r, size_t *at);
/* A quoted value that begins `from`, or one that ends at a comment. */
struct sv_slice sv_reading_value(struct sv_reading *r, struct sv_slice from);

void sv_read_assignments(struct sv_reading *r, const struct sv_line_grammar *g); /* key = value */
void sv_read_directives(struct sv_reading *r, const struct sv_line_grammar *g);  /* key value */
void sv_read_fields(struct sv_reading *r, const struct sv_line_grammar *g); /* a:b:value */
void sv_read_netrc(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_dotenv(struct sv_reading *r, const struct sv_line_grammar *g);

#endif
