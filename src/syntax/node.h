// SPDX-License-Identifier: Apache-2.0
// One tree for every configuration format, each node with its place in the source.
#ifndef SV_SYNTAX_NODE_H
#define SV_SYNTAX_NODE_H

#include "base/diag.h"
#include "base/fs.h"
#include "base/source.h"
#include "base/watch.h"

enum sv_node_kind {
    SV_NODE_ROOT,      /* the whole file (or dump); children are the top-level directives */
    SV_NODE_DIRECTIVE, /* name args ; */
    SV_NODE_BLOCK,     /* name args { children } */
    SV_NODE_OPAQUE,    /* name args { foreign text } : Lua, njs; the text is `body` */
    SV_NODE_INACTIVE,  /* httpd: a condition that was false when the file was read */
    SV_NODE_MAP,       /* YAML: children are the entries, each with its key as name */
    SV_NODE_LIST,      /* YAML: children are the items */
    SV_NODE_VALUE,     /* YAML: a scalar; its text is argument 0 */
};

struct sv_arg {
    struct sv_slice value; /* unquoted and unescaped as the server reads it; variables stay raw */
    struct sv_span span;   /* with the quotes */
    char quote;            /* 0, '"' or '\'' */
};

/* Arena-owned. After include resolution the files' directives are spliced in behind the `include`
 * directive as siblings, so that consumers only walk children; the include node itself stays. */
struct sv_node {
    enum sv_node_kind kind;
    struct sv_slice name;
    struct sv_span span;      /* from the name to the `;` or `}` */
    struct sv_span head;      /* from the name to before `{` or `;` */
    struct sv_arg *args;
    uint32_t n_args;
    struct sv_slice body;     /* SV_NODE_OPAQUE; httpd: the text behind the name */
    struct sv_node *parent, *first, *last, *next;
    struct sv_node *included_by; /* the include directive this node came through, or NULL */
};

#define sv_node_each(it, node) for (struct sv_node *it = (node)->first; it; it = it->next)

bool sv_node_is(const struct sv_node *n, const char *name);
/* Argument i's value, or an empty slice. */
struct sv_slice sv_node_arg(const struct sv_node *n, uint32_t i);
/* First / last direct child with that name, or NULL. */
struct sv_node *sv_node_find(const struct sv_node *n, const char *name);
struct sv_node *sv_node_find_last(const struct sv_node *n, const char *name);
void sv_node_append(struct sv_node *parent, struct sv_node *child);
/* Text of the head on one line, blanks folded, at most 200 bytes, control bytes kept. */
struct sv_slice sv_node_head_text(const struct sv_sources *s, struct sv_arena *a,
                                  const struct sv_node *n);

/* What a parse needs and fills. */
struct sv_syntax {
    struct sv_arena *arena;
    struct sv_sources *sources;
    struct sv_diags *diags;
    struct sv_fs *fs;      /* for includes; NULL: includes are not followed */
    struct sv_watch *watch; /* told of each file */
    size_t n_nodes, n_bytes, n_files;
};

#endif
