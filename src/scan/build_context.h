// SPDX-License-Identifier: Apache-2.0
// What COPY and ADD take from the build contexts on disk, and the secrets in it.
#ifndef SV_SCAN_BUILD_CONTEXT_H
#define SV_SCAN_BUILD_CONTEXT_H

#include "model/image.h"
#include "scan/secrets.h"

/* A file with secrets in it, or the .git folder of a repository. */
struct sv_taken {
    const char *path; /* on the host */
    bool repository;
    bool kept;        /* it is in the image that is built */
    bool named;       /* the COPY names it, by itself or with a pattern that is not just "*" */
    const struct sv_secret_place *places; /* shared by all that take the file */
    size_t n; /* those that count: no examples, nothing public */
};

/* What one COPY takes. */
struct sv_context_take {
    const struct sv_image_stage *stage;
    const struct sv_image_copy *copy;
    const struct sv_image_source *source;
    const char *top; /* the folder's, links resolved; NULL: it was not walked */
    bool whole; /* all of the context: "COPY . x", "COPY * x" */
    SV_VEC(struct sv_taken) files;
};

/* One image with all that its instructions take. */
struct sv_context {
    const struct sv_image *image;
    SV_VEC(struct sv_context_take *) takes;
    const struct sv_secret_place *own; /* secrets in the Dockerfile itself */
    size_t n_own;
};
struct sv_contexts {
    SV_VEC(struct sv_context) list; /* one an image, in their order */
    uint64_t entries;
    struct sv_secret_found secrets;
};

/* Walks each context with its .dockerignore, at most SV_MAX_CONTEXT_ENTRIES of one and
 * SV_MAX_CONTEXTS_ENTRIES of all, of which one project has a part (SV_CONTEXT_SHARE); what that
 * leaves out is a diagnostic. Folders of other people's
 * packages are not searched. Links are copied as links: what they point to is not looked at. */
int sv_scan_contexts(const struct sv_model_env *env, const struct sv_images *images,
                     const struct sv_secret_scan *how, struct sv_contexts *ret,
                     struct sv_err *err);

#endif
