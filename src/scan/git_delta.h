// SPDX-License-Identifier: Apache-2.0
// Objects of a git pack that are written as changes to others (gitformat-pack(5), "Deltified
// representation"); private to scan.
#ifndef SV_SCAN_GIT_DELTA_H
#define SV_SCAN_GIT_DELTA_H

#include "base/arena.h"
#include "scan/secrets_stream.h"

enum {
    SV_GIT_COMMIT = 1, SV_GIT_TREE, SV_GIT_BLOB, SV_GIT_TAG,
    SV_GIT_OFS_DELTA = 6, SV_GIT_REF_DELTA,
    SV_GIT_BASES = 256, /* objects that are kept */
};

struct sv_git_object {
    unsigned type;
    size_t n;
    uint64_t base; /* of an OFS_DELTA: where it begins */
};

/* Objects that others may be changes to, the latest used ones: at most SV_MAX_GIT_BASES bytes. */
struct sv_git_bases {
    struct sv_git_base {
        uint64_t at, used;
        unsigned type; /* 0: the place is free */
        char *p;
        size_t n;
    } list[SV_GIT_BASES];
    size_t bytes;
    uint64_t clock;
    /* The content of the stream that begins there, in the arena; NULL: it cannot be had. May be
     * NULL itself: then only what is kept is known. */
    char *(*read)(void *ctx, struct sv_arena *a, uint64_t at, struct sv_git_object *ret);
    void *ctx;
};
/* Keeps a copy; of a tree only that it is one. */
void sv_git_keep(struct sv_git_bases *b, uint64_t at, unsigned type, struct sv_slice text);
void sv_git_forget(struct sv_git_bases *b); /* wipes all */
/* The object at `at` that `delta` makes of another: its type, and unless it is a tree its text,
 * which is valid until the next call. 0 if the other is not to be had, too large, or the delta is
 * none. */
unsigned sv_git_resolve(struct sv_git_bases *b, uint64_t at, const struct sv_git_object *o,
                        struct sv_slice delta, struct sv_slice *ret);

/* A delta read as a stream: the text that it adds, on lines of its own where the other object's
 * stands between. */
struct sv_git_added {
    struct sv_bytes_from from;
    enum { SV_GIT_SIZES, SV_GIT_OP, SV_GIT_COPY, SV_GIT_ADD } state;
    unsigned sizes, n; /* sizes that were read; bytes left of the operation */
    bool apart;
};
ssize_t sv_git_read_added(void *added, char *p, size_t n);
/* Reads a slice, which shrinks. */
ssize_t sv_slice_read(void *slice, char *p, size_t n);

#endif
