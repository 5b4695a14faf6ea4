// SPDX-License-Identifier: Apache-2.0
// The Dockerfiles of services and those that lie by themselves, each with its .dockerignore.
#include <errno.h>

#include "base/limits.h"
#include "model/image.h"

/* ---- .dockerignore ---- */

static void read_ignore(const struct sv_model_env *env, struct sv_image *im,
                        struct sv_image_folder *folder)
{
    struct sv_arena *a = env->arena;
    struct sv_slice text;
    bool main = folder == &im->context;
    bool podman = sv_slice_starts(sv_slice_of(sv_path_base(im->dockerfile)), "Containerfile");
    const char *const names[] = {
        main ? sv_arena_printf(a, "%s.dockerignore", im->dockerfile) : NULL,
        podman ? sv_path_join(a, folder->path, ".containerignore") : NULL,
        sv_path_join(a, folder->path, ".dockerignore"),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool cut = false;
        int rc = names[i] ? sv_fs_read(env->fs, a, names[i], SV_MAX_DOCKERFILE_BYTES, &text, &cut)
                          : -ENOENT;
        if (sv_fs_is_absent(rc))
            continue;
        folder->ignore_file = names[i];
        if (rc < 0 || cut)
            sv_diag_path(env->diags, SV_DIAG_ERROR, names[i], "%s",
                         rc < 0 ? strerror(-rc) : "too long; the rest was not read");
        if (rc < 0)
            return;
        im->cost += 16 * text.n; /* each byte may become a token */
        sv_docker_ignore_parse(a, text, env->diags, sv_source_add(env->sources, names[i], text),
                               &folder->ignore);
        return;
    }
}

/* ---- shares ---- */

/* "/srv/shop" of "/srv/shop/api/Dockerfile", "/var/www/shop", "/home/alice": what one project, or
 * one person, can fill with files. */
static struct sv_slice project_of(const char *dockerfile)
{
    struct sv_slice path = sv_slice_of(dockerfile);
    size_t parts = 2, end = 0;
    if (sv_path_below(dockerfile, "/etc") || sv_path_below(dockerfile, "/var"))
        parts = sv_path_below(dockerfile, "/etc") ? 4 : 3;
    for (size_t i = 1; i < path.n && parts > 0; i++)
        if (path.p[i] == '/') {
            end = i;
            parts--;
        }
    return sv_slice_sub(path, 0, end);
}

static struct sv_image_project *share_of(const struct sv_model_env *env, struct sv_images *all,
                                         const char *dockerfile)
{
    struct sv_slice name = project_of(dockerfile);
    uint32_t *at = sv_map_at(env->arena, &all->by_name, name);
    if (*at == 0) {
        struct sv_image_project *p = sv_new(env->arena, struct sv_image_project);
        p->path = sv_arena_copy(env->arena, name).p;
        sv_vec_push(env->arena, &all->projects, p);
        *at = (uint32_t)all->projects.n;
    }
    return all->projects.v[*at - 1];
}

/* Says once that the project, or the machine, has too much of them. */
static bool is_full(const struct sv_model_env *env, const char *dockerfile, struct sv_images *all)
{
    struct sv_image_project *p = share_of(env, all, dockerfile);
    if (all->list.n >= SV_MAX_IMAGES)
        return true;
    if (all->cost > SV_MAX_DOCKER_TOTAL) {
        if (!all->told)
            sv_diag_path(env->diags, SV_DIAG_ERROR, dockerfile,
                         "this and what follows is not read: too long Dockerfiles on this machine");
        all->told = true;
        return true;
    }
    if (p->cost <= SV_MAX_DOCKER_PROJECT && p->images < SV_MAX_PROJECT_IMAGES)
        return false;
    if (!p->told)
        sv_diag_path(env->diags, SV_DIAG_ERROR, dockerfile,
                     "this and what follows below %s is not read: too many or too long Dockerfiles",
                     p->path);
    p->told = true;
    return true;
}

static void finish(const struct sv_model_env *env, struct sv_image *im, struct sv_images *ret)
{
    im->project = share_of(env, ret, im->dockerfile);
    sv_image_read(env, im);
    if (im->context.path)
        read_ignore(env, im, &im->context);
    sv_vec_each(folder, &im->named)
    {
        read_ignore(env, im, *folder);
    }
    sv_vec_push(env->arena, &ret->list, im);
    im->cost += 64 * im->file->words;
    ret->cost += im->cost;
    im->project->cost += im->cost;
    im->project->images++;
}

/* ---- what is there ---- */

/* What was read of it for another service. */
static const struct sv_dockerfile *read_before(const struct sv_images *all, const char *dockerfile)
{
    sv_vec_each(im, &all->list)
    {
        bool own = (*im)->container && (*im)->container->build_inline;
        if (!own && strcmp((*im)->dockerfile, dockerfile) == 0)
            return (*im)->file;
    }
    return NULL;
}

static struct sv_image *begin(const struct sv_model_env *env, const char *dockerfile,
                              const char *context, const struct sv_container *c)
{
    struct sv_image *im = sv_new(env->arena, struct sv_image);
    *im = (struct sv_image){.dockerfile = dockerfile, .container = c, .context.path = context};
    return im;
}

static bool is_known(const struct sv_images *all, const char *dockerfile, const char *context,
                     const struct sv_container *c)
{
    sv_vec_each(im, &all->list)
    {
        struct sv_slice old = {"", 0};
        if ((*im)->container)
            old = (*im)->container->build_target;
        if (strcmp((*im)->dockerfile, dockerfile) == 0 &&
            (!c || (strcmp((*im)->context.path ? (*im)->context.path : "", context) == 0 &&
                    sv_slice_eq(old, c->build_target))))
            return true;
    }
    return false;
}

void sv_image_load(const struct sv_model_env *env, struct sv_syntax *sx, const char *dockerfile,
                   const char *context, const struct sv_container *c, struct sv_images *ret)
{
    struct sv_image *im = begin(env, dockerfile, context, c);
    struct sv_slice text;
    bool cut = false;
    if (is_known(ret, dockerfile, context, c) || is_full(env, dockerfile, ret))
        return;
    im->file = read_before(ret, dockerfile);
    if (im->file) {
        finish(env, im, ret);
        return;
    }
    int rc = sv_fs_read(env->fs, sx->arena, dockerfile, SV_MAX_DOCKERFILE_BYTES, &text, &cut);
    if (sv_fs_is_absent(rc))
        return;
    if (rc < 0 || cut) {
        sv_diag_path(env->diags, SV_DIAG_ERROR, dockerfile, "%s", cut ? "too long" : strerror(-rc));
        return;
    }
    im->file = sv_dockerfile_parse(sx, sv_source_add(env->sources, dockerfile, text), 0);
    sx->n_files++;
    sx->n_bytes += text.n;
    im->cost = text.n;
    sv_vec_push(env->arena, &ret->files, dockerfile);
    finish(env, im, ret);
}

/* dockerfile_inline: of a compose file. Empty lines in front give its own lines their numbers. */
static void load_inline(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_container *c, struct sv_images *ret)
{
    struct sv_image *im = begin(env, c->config, c->build_context, c);
    const struct sv_node *n = c->build_inline;
    struct sv_slice text = sv_node_arg(n, 0);
    uint32_t above = sv_span_pos(env->sources, n->span).line;
    char *all = sv_arena_alloc(sx->arena, above + text.n + 1);
    memset(all, '\n', above);
    memcpy(all + above, text.p, text.n);
    uint32_t file = sv_source_add(env->sources, sv_span_path(env->sources, n->span),
                                  (struct sv_slice){all, above + text.n});
    im->file = sv_dockerfile_parse(sx, file, above);
    im->cost = above + text.n;
    finish(env, im, ret);
}

void sv_images_find(const struct sv_model_env *env, struct sv_syntax *sx,
                    const struct sv_containers *containers, struct sv_images *ret)
{
    sv_vec_each(it, &containers->list)
    {
        const struct sv_container *c = *it;
        if (c->build_inline && c->build_context) {
            if (!is_full(env, c->config, ret))
                load_inline(env, sx, c, ret);
        } else if (c->dockerfile) {
            sv_image_load(env, sx, c->dockerfile, c->build_context, c, ret);
        }
    }
    sv_vec_each(path, &containers->dockerfiles)
    {
        sv_image_load(env, sx, *path, sv_path_dir(env->arena, *path), NULL, ret);
    }
    if (ret->list.n >= SV_MAX_IMAGES)
        sv_diag_path(env->diags, SV_DIAG_ERROR, ret->list.v[0]->dockerfile,
                     "too many Dockerfiles on this machine: not all were read");
}
