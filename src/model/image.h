// SPDX-License-Identifier: Apache-2.0
// Images as Dockerfiles build them: stages, what is set in them, what is copied into them.
#ifndef SV_MODEL_IMAGE_H
#define SV_MODEL_IMAGE_H

#include "model/container.h"
#include "syntax/dockerfile.h"

/* Where a stage or a COPY takes files from, if not from another stage. */
enum { SV_IMAGE_CONTEXT = -1, SV_IMAGE_ELSEWHERE = -2, SV_IMAGE_FOLDER = -3 };

struct sv_image_value {
    const struct sv_docker_step *step; /* ENV, ARG or LABEL */
    struct sv_slice name, value; /* as it takes effect; what only the build knows is empty */
    bool known;                  /* there is nothing such in it */
    const struct sv_node *node;
};
struct sv_image_source {
    struct sv_slice path; /* below the context or the other stage's "/", cleaned; ".": all of it */
    bool known;
    const struct sv_node *node;
};
/* A folder that files are taken from, with what its .dockerignore keeps out. */
struct sv_image_folder {
    struct sv_slice name; /* under additional_contexts; empty: the build context itself */
    const char *path;     /* on the host; NULL: not on this machine */
    const char *ignore_file; /* NULL: there is none */
    struct sv_docker_ignore ignore;
};
struct sv_image_copy {
    const struct sv_docker_step *step; /* COPY, ADD; FROM a folder; RUN with a mount */
    int from; /* a stage, or one of the above */
    const struct sv_image_folder *folder; /* SV_IMAGE_CONTEXT, SV_IMAGE_FOLDER; else NULL */
    SV_VEC(struct sv_image_source) sources;
    const char *to; /* absolute, in the image; NULL: not known */
    bool to_folder;
    struct sv_docker_ignore exclude;
};
struct sv_image_stage {
    struct sv_slice name; /* behind AS; may be empty */
    int parent;           /* that it is built upon: a stage, or SV_IMAGE_ELSEWHERE */
    const struct sv_node *node;
    SV_VEC(struct sv_image_value) values;
    SV_VEC(struct sv_image_copy *) copies;
    SV_VEC(const struct sv_docker_step *) steps; /* all of them */
    bool final;             /* the one that is built, or one that it is built upon */
    SV_VEC(const char *) kept; /* of another one: the paths that end up in the image */
};
/* What all below one folder ("/srv/shop", "/home/alice") have used up, so that they leave the
 * others their part. */
struct sv_image_project {
    const char *path;
    size_t cost, images;
    bool told; /* that it had its share */
    uint64_t entries, compared, taken, ignored; /* scan/build_context.c: as for all contexts */
};
struct sv_image {
    const char *dockerfile; /* the file that describes it; a compose file where it stands in one */
    struct sv_image_folder context;
    SV_VEC(struct sv_image_folder *) named; /* additional_contexts that it takes from */
    const struct sv_container *container; /* the service that it is built for, or NULL */
    const struct sv_dockerfile *file;
    SV_VEC(struct sv_image_value) global; /* ARG before the first FROM */
    SV_VEC(struct sv_image_stage *) stages;
    size_t cost; /* in bytes: its text, its words */
    struct sv_image_project *project;
};
struct sv_images {
    SV_VEC(struct sv_image *) list;
    SV_VEC(const char *) files; /* that were read */
    size_t cost; /* what counts for SV_MAX_DOCKER_TOTAL */
    bool told;   /* that it is reached */
    SV_VEC(struct sv_image_project *) projects;
    struct sv_map by_name; /* their paths: number + 1 */
};

/* image.c: stages and what they keep, of an image whose file was read. */
void sv_image_read(const struct sv_model_env *env, struct sv_image *io);
/* image_find.c: one Dockerfile with its build context. `c` (may be NULL) is the service whose build
 * it is: its arguments and target count. A file that is not there is passed over. */
void sv_image_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *dockerfile,
                   const char *context, const struct sv_container *c, struct sv_images *ret);
/* What the services build, and the Dockerfiles that lie beside them and by themselves; each once.
 * At most SV_MAX_IMAGES, and SV_MAX_PROJECT_IMAGES of one project. */
void sv_images_find(const struct sv_model_env *env, struct sv_syntax *sx,
                    const struct sv_containers *containers, struct sv_images *ret);
/* image_mount.c: what a RUN step copies out of a folder that --mount=type=bind brings for it. */
struct sv_image_lift {
    const struct sv_docker_pair *flag;
    struct sv_slice from; /* of the mount; empty: the build context */
    const char *path;     /* absolute, below what is mounted from there */
    const char *to;       /* absolute, in the image; NULL: not known */
    bool to_folder;
};
struct sv_image_lifts {
    SV_VEC(struct sv_image_lift) list;
    bool cut;        /* at SV_MAX_IMAGE_LIFTS, mounts or what is copied; at SV_MAX_PATH and
                        SV_MAX_DOCKER_EXPANDED: of paths in its commands */
    size_t compared; /* paths with mounts */
    size_t made;     /* bytes of paths: set it to those of the Dockerfile's earlier texts */
};
/* The cp, install, mv, rsync and `cat ... >` of its lines, as far as no variable decides; `workdir`
 * may be NULL: not known, then relative paths count for nothing. */
void sv_image_lifted(struct sv_arena *a, const struct sv_docker_step *run, const char *workdir,
                     struct sv_image_lifts *ret);

/* True if what stands at this path of the stage is in the image that is built. */
bool sv_image_keeps(const struct sv_image_stage *stage, const char *path);

#endif
