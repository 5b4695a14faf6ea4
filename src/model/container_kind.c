// SPDX-License-Identifier: Apache-2.0
// Which engine runs a container, for whom, and what is in it.
#include "model/container_kind.h"

#include "base/fs.h"

bool sv_container_is_podman(const struct sv_container *c)
{
    return c->kind == SV_CONTAINER_PODMAN || c->kind == SV_CONTAINER_QUADLET ||
           (c->twin && c->twin->kind == SV_CONTAINER_PODMAN);
}

/* Podman's and Docker's data in a home, Quadlet units in one or below .../users (for each user). */
static bool is_of_a_user(const char *path)
{
    return !sv_path_below(path, "/root") &&
           (strstr(path, "/.local/share/") || strstr(path, "/.config/containers/") ||
            strstr(path, "/containers/systemd/users/"));
}

bool sv_container_is_rootless(const struct sv_container *c)
{
    return is_of_a_user(c->config) || (c->twin && sv_container_is_made(c->twin) &&
                                       is_of_a_user(c->twin->config));
}

struct sv_slice sv_image_program(struct sv_slice image)
{
    struct sv_slice name = sv_slice_base(sv_slice_sub(image, 0, sv_slice_chr(image, '@')));
    return sv_slice_sub(name, 0, sv_slice_chr(name, ':'));
}
