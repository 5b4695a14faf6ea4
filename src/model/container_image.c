// SPDX-License-Identifier: Apache-2.0
// The official images of nginx, httpd, PHP: templates that they fill in, what they serve unasked.
#include "model/container_image.h"

#include <dirent.h>

#include "base/limits.h"

/* ---- which image, which program ---- */

/* "docker.io/library/nginx:1.27@sha256:..." without the tag and the digest. */
static struct sv_slice image_name(const struct sv_container *c)
{
    struct sv_slice s = c->image.text;
    s = sv_slice_sub(s, 0, sv_slice_chr(s, '@'));
    struct sv_slice base = sv_slice_base(s);
    return sv_slice_sub(s, 0, s.n - base.n + sv_slice_chr(base, ':'));
}

/* Docker's own name for it, and Podman's; what is built here is another image of that name. */
static bool is_official(const struct sv_container *c, const char *program)
{
    static const char *const before[] = {"", "library/", "docker.io/", "docker.io/library/",
                                         "index.docker.io/library/"};
    struct sv_slice name = image_name(c), base = sv_slice_base(name);
    if (c->build_context || c->build_inline || !sv_slice_is(base, program))
        return false;
    struct sv_slice front = sv_slice_sub(name, 0, name.n - base.n);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (sv_slice_is(front, before[i]))
            return true;
    return false;
}

static bool is_entrypoint(struct sv_slice word)
{
    struct sv_slice name = sv_slice_base(word);
    return sv_slice_is(name, "docker-entrypoint.sh") || sv_slice_is(name, "docker-php-entrypoint") ||
           sv_slice_is(name, "entrypoint.sh");
}

/* The image's entrypoint starts the program, with its own configuration: first words of a command,
 * which Podman writes behind the entrypoint. */
static bool starts(const struct sv_container *c, const char *const *programs)
{
    size_t i = 0;
    if (c->entrypoint.n > 1 || (c->entrypoint.n == 1 && !is_entrypoint(c->entrypoint.v[0].text)))
        return false;
    if (c->command.n && is_entrypoint(c->command.v[0].text))
        i++;
    if (i == c->command.n)
        return true;
    bool known = false;
    for (; *programs; programs++)
        known |= sv_slice_is(c->command.v[i].text, *programs);
    while (known && ++i < c->command.n)
        known = !sv_slice_is(c->command.v[i].text, "-c") &&
                !sv_slice_is(c->command.v[i].text, "-f");
    return known;
}

static const char *const nginx_programs[] = {"nginx", "nginx-debug", NULL};
static const char *const httpd_programs[] = {"httpd-foreground", "apache2-foreground", NULL};

/* ---- templates ---- */

static bool touches(const char *target, const char *place)
{
    return sv_path_below(target, place) || sv_path_below(place, target);
}

static struct sv_slice variable(const struct sv_container *c, const char *name, const char *dflt)
{
    struct sv_slice found = sv_slice_of(dflt);
    sv_vec_each(v, &c->env)
    {
        if (sv_slice_is(v->name, name) && v->value.n)
            found = v->value;
    }
    return found;
}

/* A name without a value, which the shell of whoever starts the project may give one. */
static bool is_open(const struct sv_container_var *v)
{
    return v->value.n == 0 && !v->file && v->node && v->node->kind == SV_NODE_VALUE &&
           v->node->n_args && !v->node->args[0].quote &&
           sv_slice_chr(sv_node_arg(v->node, 0), '=') == sv_node_arg(v->node, 0).n;
}

static void take_variables(const struct sv_model_env *env, const struct sv_container *c,
                           struct sv_envsubst_vars *ret)
{
    struct sv_slice filter = variable(c, "NGINX_ENVSUBST_FILTER", "");
    struct sv_err err;
    struct sv_regex *re = filter.n ? sv_regex_get(env->regexes, filter, 0, &err) : NULL;
    sv_vec_each(v, &c->env)
    {
        if (is_open(v) || (re && sv_regex_match(re, v->name, 0, NULL) != SV_MATCH_YES))
            continue;
        sv_vec_push(env->arena, &ret->values, v->value);
        *sv_map_at(env->arena, &ret->names, v->name) = (uint32_t)ret->values.n;
    }
}

/* The folder as the script takes it, clean. */
static const char *folder(const struct sv_model_env *env, const struct sv_container *c,
                          const char *name, const char *dflt)
{
    struct sv_slice s = variable(c, name, dflt);
    return sv_path_join(env->arena, "/", sv_arena_copy(env->arena, s).p);
}

bool sv_image_may_have_templates(const struct sv_container *c)
{
    bool elsewhere = variable(c, "NGINX_ENVSUBST_TEMPLATE_DIR", "").n;
    sv_vec_each(m, &c->mounts)
    {
        if (m->target && (elsewhere || touches(m->target, "/etc/nginx/templates")))
            return true;
    }
    return false;
}

/* The image of nginx or one that is built on it; those of others have scripts of their own. The
 * script writes nothing where it may not. */
static bool fills_in(const struct sv_container *c, const char *out)
{
    struct sv_slice name = image_name(c), user = c->user.text;
    bool built = c->build_context || c->build_inline;
    bool unprivileged = sv_slice_is(sv_slice_base(name), "nginx-unprivileged");
    const struct sv_container_mount *m = sv_container_mount_of(c, out);
    if (!built && !unprivileged && !sv_slice_is(sv_slice_base(name), "nginx"))
        return false;
    if (sv_slice_find(name, "bitnami/") < name.n || sv_slice_find(name, "linuxserver/") < name.n)
        return false;
    if (m && m->read_only)
        return false;
    if (user.n && !m && !built && !unprivileged && !sv_slice_is(user, "root") &&
        !sv_slice_starts(user, "root:") && !sv_slice_is(user, "0") && !sv_slice_starts(user, "0:"))
        return false;
    return starts(c, nginx_programs);
}

struct templates {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_envsubst_vars vars;
    const char *dir, *out;
    struct sv_slice suffix;
    size_t *io_bytes;
    struct sv_image_templates *ret;
};

/* "/etc/nginx/templates/a/b.conf.template" becomes "/etc/nginx/conf.d/a/b.conf". False if no more
 * are to be read. */
static bool template(struct templates *t, const char *path)
{
    struct sv_arena *a = t->sx->arena;
    struct sv_slice text, rest = sv_slice_of(path + strlen(t->dir));
    struct sv_envsubst made = {0};
    const char *host = sv_fs_outside(t->env->fs, a, path);
    bool cut = false;
    if (*t->io_bytes > SV_MAX_CONFIG_TOTAL || t->ret->made.n >= SV_MAX_TEMPLATES) {
        sv_diag_path(t->env->diags, SV_DIAG_ERROR, host,
                     "too many templates: this one and those behind it were not read");
        return false;
    }
    int rc = sv_fs_read(t->env->fs, a, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    *t->io_bytes += rc < 0 ? 0 : text.n;
    bool good = rc == 0 && !cut && sv_envsubst(t->sx, host, text, &t->vars, &made);
    *t->io_bytes += made.pieces.cap * 2 * sizeof *made.pieces.v; /* as it grew */
    if (!good) {
        sv_diag_path(t->env->diags, SV_DIAG_ERROR, host, "%s",
                     rc < 0 ? strerror(-rc)
                            : "a template of more bytes or variables than are looked at");
        return true;
    }
    *t->io_bytes += sv_source_get(t->env->sources, made.made)->text.n;
    t->sx->n_files++;
    t->sx->n_bytes += text.n;
    rest = sv_slice_sub(rest, strspn(rest.p, "/"), rest.n - t->suffix.n);
    sv_vec_push(a, &t->ret->made, made);
    sv_vec_push(a, &t->ret->files.list,
                (struct sv_nginx_made){sv_path_join(a, t->out, sv_arena_copy(a, rest).p),
                                       made.made});
    return true;
}

static void tell(struct templates *t, const char *path, const char *what)
{
    sv_diag_path(t->env->diags, SV_DIAG_ERROR, sv_fs_outside(t->env->fs, t->sx->arena, path), "%s",
                 what);
}

/* Folders in folders, as `find -follow` goes through them. */
static void look(struct templates *t)
{
    struct sv_paths open = {0};
    struct sv_map seen = {0};
    struct sv_arena *a = t->sx->arena;
    bool told = false;
    sv_vec_push(a, &open.list, t->dir);
    for (size_t i = 0; i < open.list.n; i++) {
        struct sv_dirents entries = {0};
        const char *real;
        if (sv_fs_realpath(t->env->fs, a, open.list.v[i], &real) == 0 &&
            (*sv_map_at(a, &seen, sv_slice_of(real)))++)
            continue; /* links may go in circles */
        (void)sv_fs_list(t->env->fs, a, open.list.v[i], &entries);
        sv_vec_each(e, &entries.list)
        {
            const char *path = sv_path_join(a, open.list.v[i], e->name);
            struct stat st;
            int rc = sv_fs_stat(t->env->fs, path, &st);
            if (rc < 0 && sv_fs_is_gap(rc))
                tell(t, path, strerror(-rc));
            if (rc < 0)
                continue;
            if (S_ISDIR(st.st_mode) && open.list.n < SV_MAX_TEMPLATE_FOLDERS) {
                sv_vec_push(a, &open.list, path);
            } else if (S_ISDIR(st.st_mode) && !told) {
                tell(t, path, "too many folders of templates: this one and others were not read");
                told = true;
            }
            struct sv_slice name = sv_slice_of(e->name);
            if (!S_ISREG(st.st_mode) || name.n < t->suffix.n ||
                memcmp(name.p + name.n - t->suffix.n, t->suffix.p, t->suffix.n) != 0)
                continue;
            if (!template(t, path))
                return;
        }
    }
}

void sv_image_templates(const struct sv_model_env *env, struct sv_syntax *sx,
                        const struct sv_container *c, size_t *io_bytes,
                        struct sv_image_templates *ret)
{
    struct templates t = {.env = env, .sx = sx, .io_bytes = io_bytes, .ret = ret};
    t.dir = folder(env, c, "NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates");
    t.out = folder(env, c, "NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx/conf.d");
    t.suffix = variable(c, "NGINX_ENVSUBST_TEMPLATE_SUFFIX", ".template");
    if (!sv_image_may_have_templates(c) || !fills_in(c, t.out))
        return;
    take_variables(env, c, &t.vars);
    look(&t);
}

/* ---- stock configurations ---- */

/* Debian's apache2 as php:*-apache has it, with its docker-php.conf: .htaccess files count; no
 * folder above the one that is served has any. */
#define PHP_APACHE                                                                                 \
    "ServerRoot \"/etc/apache2\"\n"                                                               \
    "Listen 80\n"                                                                                  \
    "LoadModule mpm_prefork_module modules/mod_mpm_prefork.so\n"                                   \
    "LoadModule php_module modules/libphp.so\n"                                                    \
    "LoadModule access_compat_module modules/mod_access_compat.so\n"                               \
    "LoadModule alias_module modules/mod_alias.so\n"                                               \
    "LoadModule auth_basic_module modules/mod_auth_basic.so\n"                                     \
    "LoadModule authn_core_module modules/mod_authn_core.so\n"                                     \
    "LoadModule authn_file_module modules/mod_authn_file.so\n"                                     \
    "LoadModule authz_core_module modules/mod_authz_core.so\n"                                     \
    "LoadModule authz_host_module modules/mod_authz_host.so\n"                                     \
    "LoadModule authz_user_module modules/mod_authz_user.so\n"                                     \
    "LoadModule autoindex_module modules/mod_autoindex.so\n"                                       \
    "LoadModule deflate_module modules/mod_deflate.so\n"                                           \
    "LoadModule dir_module modules/mod_dir.so\n"                                                   \
    "LoadModule env_module modules/mod_env.so\n"                                                   \
    "LoadModule filter_module modules/mod_filter.so\n"                                             \
    "LoadModule mime_module modules/mod_mime.so\n"                                                 \
    "LoadModule negotiation_module modules/mod_negotiation.so\n"                                   \
    "LoadModule setenvif_module modules/mod_setenvif.so\n"                                         \
    "LoadModule unixd_module modules/mod_unixd.so\n"                                               \
    "User www-data\n"                                                                              \
    "Group www-data\n"                                                                             \
    "<Directory />\n"                                                                              \
    "    AllowOverride None\n"                                                                     \
    "    Options FollowSymLinks\n"                                                                 \
    "    Require all denied\n"                                                                     \
    "</Directory>\n"                                                                               \
    "DocumentRoot \"/var/www/html\"\n"                                                            \
    "<Directory \"/var/www/html\">\n"                                                             \
    "    AllowOverride All\n"                                                                      \
    "    Require all granted\n"                                                                    \
    "</Directory>\n"                                                                               \
    "DirectoryIndex index.php index.html\n"                                                        \
    "<FilesMatch \"^\\.ht\">\n"                                                                   \
    "    Require all denied\n"                                                                     \
    "</FilesMatch>\n"                                                                              \
    "<FilesMatch \"\\.php$\">\n"                                                                  \
    "    SetHandler application/x-httpd-php\n"                                                     \
    "</FilesMatch>\n"

/* What decides of the files that the images bring (nginx 1.27, httpd 2.4.62, PHP 8.3); names, types
 * and error pages make no difference to who reads what. */
static const struct sv_image_stock stocks[] = {
    {SV_SITE_NGINX, "/etc/nginx/conf.d/default.conf", "/usr/share/nginx/html",
     "server {\n"
     "    listen 80;\n"
     "    location / {\n"
     "        root /usr/share/nginx/html;\n"
     "        index index.html index.htm;\n"
     "    }\n"
     "}\n"},
    {SV_SITE_APACHE, "/usr/local/apache2/conf/httpd.conf", "/usr/local/apache2/htdocs",
     "ServerRoot \"/usr/local/apache2\"\n"
     "Listen 80\n"
     "LoadModule mpm_event_module modules/mod_mpm_event.so\n"
     "LoadModule authz_host_module modules/mod_authz_host.so\n"
     "LoadModule authz_core_module modules/mod_authz_core.so\n"
     "LoadModule access_compat_module modules/mod_access_compat.so\n"
     "LoadModule headers_module modules/mod_headers.so\n"
     "LoadModule unixd_module modules/mod_unixd.so\n"
     "LoadModule autoindex_module modules/mod_autoindex.so\n"
     "LoadModule dir_module modules/mod_dir.so\n"
     "LoadModule alias_module modules/mod_alias.so\n"
     "User www-data\n"
     "Group www-data\n"
     "<Directory />\n"
     "    AllowOverride none\n"
     "    Require all denied\n"
     "</Directory>\n"
     "DocumentRoot \"/usr/local/apache2/htdocs\"\n"
     "<Directory \"/usr/local/apache2/htdocs\">\n"
     "    Options Indexes FollowSymLinks\n"
     "    AllowOverride None\n"
     "    Require all granted\n"
     "</Directory>\n"
     "DirectoryIndex index.html\n"
     "<Files \".ht*\">\n"
     "    Require all denied\n"
     "</Files>\n"},
    {SV_SITE_APACHE, "/etc/apache2/apache2.conf", "/var/www/html", PHP_APACHE},
    {SV_SITE_APACHE, "/etc/apache2/apache2.conf", "/var/www/html",
     PHP_APACHE "LoadModule rewrite_module modules/mod_rewrite.so\n"
                "LoadModule expires_module modules/mod_expires.so\n"},
};

/* Which of them the image has. `tag` is a part of its tag, `not_tags` are none: the
 * plain tags of WordPress and Joomla are built on php:*-apache, those of PHP are not. */
static const struct {
    const char *image, *tag, *not_tags[3];
    const struct sv_image_stock *stock;
} images[] = {
    {"nginx", NULL, {NULL}, &stocks[0]},
    {"httpd", NULL, {NULL}, &stocks[1]},
    {"php", "apache", {NULL}, &stocks[2]},
    {"wordpress", NULL, {"fpm", "cli", NULL}, &stocks[3]},
    {"joomla", NULL, {"fpm", "cli", NULL}, &stocks[3]},
};

static const struct sv_image_stock *stock_of(const struct sv_container *c)
{
    struct sv_slice text = c->image.text;
    text = sv_slice_base(sv_slice_sub(text, 0, sv_slice_chr(text, '@')));
    struct sv_slice tag = sv_slice_sub(text, sv_slice_chr(text, ':'), text.n);
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        bool fits = is_official(c, images[i].image) &&
                    (!images[i].tag || sv_slice_find(tag, images[i].tag) < tag.n);
        for (const char *const *t = images[i].not_tags; fits && *t; t++)
            fits = sv_slice_find(tag, *t) == tag.n;
        if (fits)
            return images[i].stock;
    }
    return NULL;
}

/* Volumes that are not known count, too: they hold what somebody put there. */
static bool is_configured(const struct sv_container *c, enum sv_site_kind kind)
{
    static const char *const nginx[] = {"/etc/nginx/nginx.conf", "/etc/nginx/conf.d",
                                        "/etc/nginx/templates", NULL};
    static const char *const httpd[] = {"/usr/local/apache2/conf", "/etc/apache2", NULL};
    sv_vec_each(m, &c->mounts)
    {
        for (const char *const *p = kind == SV_SITE_NGINX ? nginx : httpd; *p; p++)
            if (m->target && touches(m->target, *p))
                return true;
    }
    sv_vec_each(f, &c->secret_files)
    {
        if (!f->secret)
            return true; /* configs: of a compose file, wherever they are put */
    }
    return c->kind == SV_CONTAINER_COMPOSE && sv_node_find(c->node, "configs");
}

static bool is_published(const struct sv_container *c, unsigned port)
{
    sv_vec_each(p, &c->ports)
    {
        if (p->port == port && !p->udp)
            return true;
    }
    return sv_slice_is(c->network.text, "host");
}

const struct sv_container_mount *sv_image_stock_mount(const struct sv_container *c,
                                                      const struct sv_image_stock *stock)
{
    const struct sv_container_mount *m = sv_container_mount_of(c, stock->folder);
    for (size_t i = 0; !m && i < c->mounts.n; i++) {
        const struct sv_container_mount *below = &c->mounts.v[i];
        if ((below->source || below->volume) && below->target &&
            sv_path_below(below->target, stock->folder))
            m = below;
    }
    return m;
}

const struct sv_image_stock *sv_image_stock(const struct sv_container *c)
{
    const struct sv_image_stock *s = stock_of(c);
    bool whole = s && starts(c, s->kind == SV_SITE_NGINX ? nginx_programs : httpd_programs) &&
                 !is_configured(c, s->kind) && is_published(c, 80) && sv_image_stock_mount(c, s);
    return whole ? s : NULL;
}
