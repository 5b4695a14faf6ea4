// SPDX-License-Identifier: Apache-2.0
// Which engine runs a container, for whom, and what is in its image by the image's name.
#ifndef SV_MODEL_CONTAINER_KIND_H
#define SV_MODEL_CONTAINER_KIND_H

#include "model/container.h"

/* Podman runs it, which has no daemon and no group: made by it, or described for it. */
bool sv_container_is_podman(const struct sv_container *c);
/* An engine that is not root's runs it: its files are in a user's folders. */
bool sv_container_is_rootless(const struct sv_container *c);
/* "traefik" of "ghcr.io/a/traefik:v3@sha256:...". */
struct sv_slice sv_image_program(struct sv_slice image);

#endif
