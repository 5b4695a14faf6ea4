// SPDX-License-Identifier: Apache-2.0
// Images as Dockerfiles build them: stages, what is set in them, what is copied into them.
#ifndef SV_MODEL_IMAGE_H
#define SV_MODEL_IMAGE_H

#include "model/container.h"
#include "syntax/dockerfile.h"

/* Where a stage or a COPY takes files from, if not from another stage. */
enum { SV_IMAGE_CONTEXT = -1, SV_IMAGE_ELSEWHERE = -2 };

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
struct sv_image_copy {
    const struct sv_docker_step *step;
    int from; /* a stage, or one of the above */
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
    const char *context;    /* folder on the host; NULL: not on this machine */
    const struct sv_container *container; /* the service that it is built for, or NULL */
    const struct sv_dockerfile *file;
    SV_VEC(struct sv_image_value) global; /* ARG before the first FROM */
    SV_VEC(struct sv_image_stage *) stages;
    const char *ignore_file; /* NULL: there is none */
    struct sv_docker_ignore ignore;
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
/* True if what stands at this path of the stage is in the image that is built. */
bool sv_image_keeps(const struct sv_image_stage *stage, const char *path);

#endif
