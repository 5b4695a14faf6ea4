// SPDX-License-Identifier: Apache-2.0
// What stands around a value: a comment, a piece of documentation, the code of a program, prose.
#ifndef SV_SCAN_CONTEXT_H
#define SV_SCAN_CONTEXT_H

#include "base/arena.h"
#include "base/vec.h"
#include "secrets/search.h"

struct sv_range {
    size_t from, to;
};
/* The documentation in one piece of a program; zero-initialised for each piece. */
struct sv_docs {
    bool known;
    SV_VEC(struct sv_range) list; /* by offset */
};

/* The place is in a comment, as far as the line's first characters and XML's marks tell. Those of a
 * page switch nothing off: they are sent with it. */
bool sv_in_comment(struct sv_slice piece, size_t at, bool html);

/* The place is in a docstring of Python, POD of Perl, a block of Ruby's that documents, a comment
 * of C and its like that begins a line, or a here-document whose tag says that it is an example.
 * `name` says which language. In a package all of Python's strings of many lines count: nobody
 * edits those there. */
bool sv_in_docs(struct sv_docs *d, struct sv_arena *a, struct sv_slice piece, size_t at,
                struct sv_slice name, bool packaged);

/* The value is an expression, a name of the program's own, words, or a line of a block: for rules
 * that have only a name or a setting to go by. */
bool sv_is_no_value(struct sv_slice text, const struct sv_secret_hit *hit);

/* The place is in the help that MariaDB and MySQL keep of their statements: as SQL, one topic a
 * line, or in the files of that table. */
bool sv_in_help_topic(struct sv_slice text, size_t at, struct sv_slice name);

/* A JSON file of a program's messages in one language, as MediaWiki and its kin begin theirs: the
 * texts under "password" are for people. */
bool sv_is_messages(struct sv_slice head);

/* The value stands behind a name that says it is an example, as in descriptions of an API. */
bool sv_is_named_example(struct sv_slice text, size_t at);

/* place_name.c: the key or variable that the value is given to, a part of the text, if it says that
 * it is a secret; empty: none does, or it may be a secret itself. `at`: where the value begins. */
struct sv_slice sv_place_name(struct sv_slice text, size_t at);

#endif
