// SPDX-License-Identifier: Apache-2.0
// What the official images of nginx and httpd do of their own when no line of the host says it.
#ifndef SV_MODEL_CONTAINER_IMAGE_H
#define SV_MODEL_CONTAINER_IMAGE_H

#include "model/container.h"
#include "syntax/envsubst.h"
#include "syntax/nginx.h"

/* ---- templates of nginx's image ---- */

/* The files below /etc/nginx/templates, as docker-entrypoint.d/20-envsubst-on-templates.sh makes
 * configurations of them in /etc/nginx/conf.d, with the container's variables. */
struct sv_image_templates {
    struct sv_nginx_made_files files;
    SV_VEC(struct sv_envsubst) made; /* to be settled behind the parsing */
};
/* True if the container's mounts may bring any. */
bool sv_image_may_have_templates(const struct sv_container *c);
/* env->fs is the container's view. *io_bytes are those of all containers so far, of which
 * SV_MAX_CONFIG_TOTAL are read. */
void sv_image_templates(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_container *c, size_t *io_bytes,
                        struct sv_image_templates *ret);

/* ---- stock configurations ---- */

struct sv_image_stock {
    enum sv_site_kind kind;
    const char *path;   /* of the configuration in the image */
    const char *folder; /* that it serves */
    const char *text;
};
/* The configuration of the container's image if that is the official nginx, httpd or php:*-apache
 * (or WordPress or Joomla, which are built on that), runs what it runs by default, publishes the
 * port, has a folder of the host where it serves from, and no mount over its configuration; NULL
 * otherwise. */
const struct sv_image_stock *sv_image_stock(const struct sv_container *c);
/* The mount that brings what it serves. */
const struct sv_container_mount *sv_image_stock_mount(const struct sv_container *c,
                                                      const struct sv_image_stock *stock);

#endif
