// SPDX-License-Identifier: Apache-2.0
// Dockerfiles: instructions with their words and places, variables, lists of what is kept out.
#ifndef SV_SYNTAX_DOCKERFILE_H
#define SV_SYNTAX_DOCKERFILE_H

#include "syntax/node.h"

enum sv_docker_op {
    SV_DOCKER_UNKNOWN, /* no instruction that there is */
    SV_DOCKER_ADD,
    SV_DOCKER_ARG,
    SV_DOCKER_CMD,
    SV_DOCKER_COPY,
    SV_DOCKER_ENTRYPOINT,
    SV_DOCKER_ENV,
    SV_DOCKER_EXPOSE,
    SV_DOCKER_FROM,
    SV_DOCKER_HEALTHCHECK,
    SV_DOCKER_LABEL,
    SV_DOCKER_MAINTAINER,
    SV_DOCKER_ONBUILD, /* only where nothing can stand behind it; else the step says onbuild */
    SV_DOCKER_RUN,
    SV_DOCKER_SHELL,
    SV_DOCKER_STOPSIGNAL,
    SV_DOCKER_USER,
    SV_DOCKER_VOLUME,
    SV_DOCKER_WORKDIR,
};

/* Texts are as they stand, with quotes, escapes and variables, lines joined; those of a JSON form
 * are unescaped. Nodes (SV_NODE_VALUE, the text as argument 0) say where they stand. */
struct sv_docker_word {
    struct sv_slice text;
    struct sv_node *node;
};
struct sv_docker_pair {
    struct sv_slice name, value;
    bool set; /* there is a "=": "ARG X" is not set, "ARG X=" is, to nothing */
    struct sv_node *node;
};
struct sv_docker_heredoc {
    struct sv_slice name, text; /* of the lines between, tabs of <<- still there */
    bool expand;                /* its name was not quoted: variables count */
    struct sv_node *node;       /* of the lines between */
};

struct sv_docker_step {
    enum sv_docker_op op;
    struct sv_node *node; /* the whole instruction, with its heredocs */
    bool onbuild;         /* runs where the image is built upon */
    bool json;            /* the exec form */
    SV_VEC(struct sv_docker_pair) flags; /* "--from=x": name "from" */
    SV_VEC(struct sv_docker_word) words; /* of lists and of the exec form */
    SV_VEC(struct sv_docker_pair) pairs; /* ENV, ARG, LABEL */
    SV_VEC(struct sv_docker_heredoc) heredocs; /* RUN, COPY, ADD */
    struct sv_slice rest; /* all behind the flags */
};

/* Arena-owned. */
struct sv_dockerfile {
    struct sv_node *root;
    char escape; /* '\\' or '`' */
    SV_VEC(struct sv_docker_step) steps;
    size_t words; /* of all of them, as far as they were read */
};

/* Parses one text that was added to the sources, from byte `from` on (0: all of it; a Dockerfile
 * may stand in another file). Never fails: what Docker would refuse is a diagnostic, and reading
 * goes on with the next instruction. Bounded by SV_MAX_DOCKER_WORDS.
 * Facts: the Dockerfile reference, and for its corners BuildKit's frontend/dockerfile/parser. */
struct sv_dockerfile *sv_dockerfile_parse(struct sv_syntax *sx, uint32_t file, size_t from);
/* "--from=x": x; NULL: no such flag. The last one counts. */
const struct sv_docker_pair *sv_docker_flag(const struct sv_docker_step *s, const char *name);
/* A name that people give to such files: Dockerfile, Containerfile, Dockerfile.prod,
 * api.Dockerfile; templates, backups and ignore lists are none. */
bool sv_dockerfile_is_name(struct sv_slice name);

/* dockerfile_expand.c */
struct sv_docker_var {
    struct sv_slice name, value;
    bool known; /* false: who builds gives it */
};
struct sv_docker_vars {
    SV_VEC(struct sv_docker_var) list;
};
void sv_docker_set(struct sv_arena *a, struct sv_docker_vars *vars, struct sv_docker_var v);
const struct sv_docker_var *sv_docker_get(const struct sv_docker_vars *vars, struct sv_slice name);

enum sv_docker_expansion {
    SV_DOCKER_WHOLE,   /* the text is what Docker makes of it */
    SV_DOCKER_PARTLY,  /* a variable in it is not known: it counts as empty here */
    SV_DOCKER_REFUSED, /* Docker gives up: bad substitution, open quote */
    SV_DOCKER_LARGE,   /* more than SV_MAX_SUBST_BYTES would come out */
};
/* Removes quotes and escapes and replaces variables ($x, ${x}, :- - :+ + :? ? # ## % %% / //).
 * One that is not set is empty. */
enum sv_docker_expansion sv_docker_expand(struct sv_arena *a, struct sv_slice text, char escape,
                                          const struct sv_docker_vars *vars,
                                          struct sv_slice *ret);

/* dockerignore.c: the rules of .dockerignore (moby/patternmatcher) and of COPY --exclude. */
struct sv_docker_ignore_rule;
struct sv_docker_ignore {
    SV_VEC(struct sv_docker_ignore_rule *) rules;
    bool exceptions; /* there is a "!" */
};
/* Reads a list, one pattern a line. `file` (0: none) is where diagnostics point to; at most
 * SV_MAX_IGNORE_RULES count. */
void sv_docker_ignore_parse(struct sv_arena *a, struct sv_slice text, struct sv_diags *diags,
                            uint32_t file, struct sv_docker_ignore *ret);
/* One pattern more, as --exclude gives it; false where Docker refuses it. */
bool sv_docker_ignore_add(struct sv_arena *a, struct sv_slice pattern,
                          struct sv_docker_ignore *ret);
/* True if the path ("a/b", no slash in front) is kept out: the last pattern that fits it or a
 * folder above it counts. Steps are added to *work; beyond SV_MAX_IGNORE_WORK nothing is kept
 * out, which callers tell. */
bool sv_docker_ignored(const struct sv_docker_ignore *ig, struct sv_slice path, uint64_t *work);

#endif
