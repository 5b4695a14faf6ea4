// SPDX-License-Identifier: Apache-2.0
// Reads passwords out of servers' files by their grammar: where a password is short, quoted or has
// spaces, only its place says what it is.
#ifndef SV_SECRETS_READERS_H
#define SV_SECRETS_READERS_H

#include "secrets/search.h"

/* Which rows of the table of readers a name may fit, for the many names that fit none: chains in
 * the table's order, by a hash of the first two bytes of a row's name, of one that begins with '*'
 * of its last two, or by neither. A row's number is 1 + its place; 0 ends a chain. */
enum { SV_READERS_MOST = 255, SV_READER_ENDS = 256, SV_READER_OPEN = 512, SV_READER_CHAINS };
struct sv_reader_index {
    uint8_t first[SV_READER_CHAINS], next[SV_READERS_MOST + 1];
};
void sv_readers_index(struct sv_reader_index *ret);

/* Adds the secrets of a whole text that the path says how to read; of other texts, nothing. Values
 * are unescaped, slices of the text or of `a`; offsets are those of the first byte as written. */
void sv_readers_run(struct sv_arena *a, const struct sv_reader_index *index, struct sv_slice path,
                    struct sv_slice text, struct sv_secret_hits *out);

/* Adds a file that a unit hands over as a credential, as a whole: a line, not what has a grammar of
 * its own, nor, of an encrypted one, what is encrypted. */
struct sv_reading;
void sv_read_credential(struct sv_reading *r, bool encrypted);

/* For the grammars. */
struct sv_reading {
    struct sv_arena *a;
    struct sv_slice text;
    struct sv_secret_hits *out;
    size_t base;    /* where the text begins in the file */
    bool by_place;  /* values of the text at hand, unescaped, all begin at `place` */
    size_t place;
};
enum sv_reading_flags {
    SV_READ_RAW = 1,    /* the value is the rest of the line: quotes and '#' are part of it */
    SV_READ_NOCASE = 2, /* keys match without regard to case */
    SV_READ_COLON = 4,  /* "key: value" and "key value" are assignments too */
    SV_READ_NAMES = 8,  /* every name that says password or token is a key */
    SV_READ_WORD = 16,  /* the value is one word or quoted */
    SV_READ_COMMA = 32, /* words end at commas too */
    SV_READ_DRAWN = 512, /* the names say little: a value without a digit, or a path, is none */
    SV_READ_HASH = 64, /* how comments begin in code: this and the next */
    SV_READ_SLASH = 128,
    SV_READ_DASH = 256,
    SV_READ_LOGIN = 2048, /* the value is "user:password" */
    SV_READ_SEMI = 1024,
};
struct sv_line_grammar {
    const char *keys; /* between spaces, one at each end too: " password pass ", " *_auth " */
    const char *rule;
    unsigned flags;
    unsigned words, colons; /* so many stand before the value */
    const char *first; /* sv_read_words, _fields: of lines that begin so; _assignments: sections
                          whose names are in it, " [client] [x] " */
};
/* Notes the value unless it is empty, a placeholder or a reference to one kept elsewhere. */
void sv_reading_note(struct sv_reading *r, const char *rule, struct sv_slice value, size_t offset);
/* The line that begins at *at, without its end; *at moves behind it. */
struct sv_slice sv_reading_line(const struct sv_reading *r, size_t *at);
/* A quoted value that begins `from`, or one that ends at a comment. */
struct sv_slice sv_reading_value(struct sv_reading *r, struct sv_slice from);
bool sv_reading_is_key(const struct sv_line_grammar *g, struct sv_slice name);

/* read_names.c: the name says that the value is a password or a token, and it may be one. */
bool sv_reading_names_secret(struct sv_slice name, struct sv_slice value);
/* A template's filling, a reference, a hash: exact words and whole forms only. */
bool sv_reading_is_filler(struct sv_slice value);
/* "str, None, false": what kind of option it is, whether one must set it: a schema of sssd. */
bool sv_reading_is_option_type(struct sv_slice value);
/* The passwords of a database's connection string. */
void sv_reading_connection(struct sv_reading *r, struct sv_slice text);

void sv_read_assignments(struct sv_reading *r, const struct sv_line_grammar *g); /* key = value */
void sv_read_directives(struct sv_reading *r, const struct sv_line_grammar *g);  /* key value */
void sv_read_fields(struct sv_reading *r, const struct sv_line_grammar *g); /* a:b:value */
void sv_read_netrc(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_dotenv(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_words(struct sv_reading *r, const struct sv_line_grammar *g); /* ... key value ... */
void sv_read_redis_users(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_whole(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_hex32(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_urls(struct sv_reading *r, const struct sv_line_grammar *g); /* keys: what is before */
void sv_read_code(struct sv_reading *r, const struct sv_line_grammar *g);
/* read_command.c: what stands behind Exec*= of a unit. */
void sv_read_commands(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_xml(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_csv(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_json(struct sv_reading *r, const struct sv_line_grammar *g);
void sv_read_yaml(struct sv_reading *r, const struct sv_line_grammar *g);

/* readers_table.c */
struct sv_reader {
    const char *folder; /* what the path ends in before the name, or "/part/" of it; NULL: any */
    const char *name;   /* of the file; one '*' stands for anything */
    void (*read)(struct sv_reading *r, const struct sv_line_grammar *g);
    struct sv_line_grammar g;
    const char *holds; /* a word without which the file is another kind's, or NULL */
};
extern const struct sv_reader sv_readers[];
extern const size_t sv_n_readers;

#endif
