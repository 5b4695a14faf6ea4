// SPDX-License-Identifier: Apache-2.0
// JSON, YAML and TOML as people leave them lying about, with comments, cut off, several in a file:
// a small tree of names and texts, each with its place.
#ifndef SV_SECRETS_DOC_H
#define SV_SECRETS_DOC_H

#include "base/arena.h"
#include "base/slice.h"

enum sv_doc_kind { SV_DOC_TEXT, SV_DOC_MAP, SV_DOC_LIST };

struct sv_doc {
    enum sv_doc_kind kind;
    struct sv_slice name; /* of a map's entry */
    struct sv_slice text; /* SV_DOC_TEXT: unescaped, without quotes */
    size_t offset;        /* of the text in the file */
    struct sv_doc *parent, *first, *last, *next;
};

/* Lists whose items are the documents of the text, in order; never NULL. What is not understood is
 * left out, so that a text with errors gives what stands around them. At most SV_MAX_DOC_NODES
 * nodes, SV_MAX_DOC_DEPTH deep. Unlike syntax/json.h, which refuses what is no JSON. */
struct sv_doc *sv_doc_json(struct sv_arena *a, struct sv_slice text);
/* Block style, with flow sequences and maps of one line left as texts. */
struct sv_doc *sv_doc_yaml(struct sv_arena *a, struct sv_slice text);
/* What stands on one line: strings of several lines are left out. */
struct sv_doc *sv_doc_toml(struct sv_arena *a, struct sv_slice text);

/* The first entry of that name in a map, or NULL. */
struct sv_doc *sv_doc_get(const struct sv_doc *map, const char *name);
/* Its text; empty if it has none. */
struct sv_slice sv_doc_text(const struct sv_doc *map, const char *name);
/* The next node in document order below `root`, or NULL. */
struct sv_doc *sv_doc_after(const struct sv_doc *root, struct sv_doc *n);

#define sv_doc_each(it, node)                                                                      \
    for (struct sv_doc *it = (node) ? (node)->first : NULL; it; it = it->next)

/* For the two readers: a new last child of `parent`; NULL if there are too many nodes. */
struct sv_doc_maker {
    struct sv_arena *arena;
    size_t nodes;
};
struct sv_doc *sv_doc_add(struct sv_doc_maker *m, struct sv_doc *parent, enum sv_doc_kind kind,
                          struct sv_slice name);

#endif
