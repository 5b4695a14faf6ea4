// SPDX-License-Identifier: Apache-2.0
// Web servers in containers: configurations that are mounted into one, read as the container sees
// them.
#include "discover.h"
#include "base/limits.h"
#include "model/config_file.h"
#include "model/apache.h"
#include "model/container_image.h"
#include "syntax/nginx.h"

struct found {
    struct sv_run *run;
    const struct sv_container *c;
    struct sv_fs *fs; /* the container's view */
    const struct sv_image_templates *templates;
};

static struct sv_syntax syntax_of(const struct found *f)
{
    return (struct sv_syntax){.arena = &f->run->trees, .sources = &f->run->sources,
                              .diags = &f->run->diags, .fs = f->fs,
                              .watch = &f->run->progress.watch};
}

static struct sv_model_env env_of(const struct found *f)
{
    struct sv_run *run = f->run;
    return (struct sv_model_env){&run->model,  f->fs,        &run->sources,
                                 &run->diags, run->regexes, run->ids};
}

static bool is_file(const struct found *f, const char *path)
{
    struct stat st;
    return sv_fs_stat(f->fs, path, &st) == 0 && S_ISREG(st.st_mode);
}

static void add(const struct found *f, struct sv_site *site, const struct sv_syntax *sx,
                const char *config)
{
    struct sv_run *run = f->run;
    site->host = &run->host;
    sv_site_take_container(site, f->c, config);
    sv_vec_push(&run->model, &run->host.sites, site);
    sv_vec_push(run->result.arena, &run->result.configs,
                (struct sv_config_seen){site->config, sv_site_kind_name(site->kind)});
    run->result.files += sx->n_files;
    run->result.bytes += sx->n_bytes;
}

/* ---- nginx ---- */

/* A tree that templates are part of, at their lines. */
static void add_nginx(const struct found *f, struct sv_node *root, const char *path,
                      const struct sv_syntax *sx)
{
    struct sv_model_env env = env_of(f);
    sv_envsubst_settle(root, f->templates->made.v, f->templates->made.n);
    struct sv_site *site = sv_model_from_nginx(&env, root, path);
    add(f, site, sx, sv_span_path(&f->run->sources, root->span));
}

static bool nginx_main(const struct found *f)
{
    static const char *const places[] = {"/etc/nginx/nginx.conf",
                                         "/usr/local/openresty/nginx/conf/nginx.conf",
                                         "/opt/bitnami/nginx/conf/nginx.conf",
                                         "/usr/local/nginx/conf/nginx.conf"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct sv_syntax sx = syntax_of(f);
        int error;
        struct sv_node *root =
            is_file(f, places[i]) ? sv_nginx_load(&sx, places[i], &f->templates->files, &error)
                                  : NULL;
        if (!root)
            continue;
        add_nginx(f, root, places[i], &sx);
        return true;
    }
    return false;
}

/* The image's own nginx.conf includes these. */
static void nginx_fragments(const struct found *f)
{
    static const char *const patterns[] = {"/etc/nginx/conf.d/*.conf", "/etc/nginx/http.d/*.conf",
                                           "/etc/nginx/sites-enabled/*",
                                           "/opt/bitnami/nginx/conf/server_blocks/*.conf",
                                           "/config/nginx/site-confs/*.conf"};
    struct sv_paths files = {0};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct sv_paths some = {0};
        struct sv_model_env env = env_of(f);
        sv_config_glob(&env, patterns[i], &some);
        sv_nginx_made_match(&f->run->trees, &f->templates->files, patterns[i], &some);
        sv_vec_each(path, &some.list)
        {
            if (sv_nginx_is_made(&f->templates->files, *path) || is_file(f, *path))
                sv_vec_push(&f->run->trees, &files.list, *path);
        }
    }
    if (files.list.n == 0)
        return;
    struct sv_syntax sx = syntax_of(f);
    struct sv_node *root =
        sv_nginx_load_fragments(&sx, "/etc/nginx", &files, &f->templates->files);
    if (root->first)
        add_nginx(f, root, files.list.v[0], &sx);
}

/* ---- httpd ---- */

static bool httpd_file(const struct found *f, const char *path)
{
    struct sv_syntax sx = syntax_of(f);
    struct sv_model_env env = env_of(f);
    struct sv_apache_tree tree;
    if (!is_file(f, path) || sv_apache_load(&sx, path, NULL, NULL, &tree) < 0)
        return false;
    add(f, sv_model_from_apache(&env, &tree, path), &sx,
        sv_fs_outside(f->fs, env.arena, path));
    return true;
}

static bool httpd_main(const struct found *f)
{
    static const char *const places[] = {"/usr/local/apache2/conf/httpd.conf",
                                         "/etc/apache2/apache2.conf", "/etc/apache2/httpd.conf",
                                         "/etc/httpd/conf/httpd.conf",
                                         "/opt/bitnami/apache/conf/httpd.conf"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (httpd_file(f, places[i]))
            return true;
    return false;
}

static void httpd_fragments(const struct found *f)
{
    static const char *const patterns[] = {"/etc/apache2/sites-enabled/*.conf",
                                           "/etc/apache2/sites-available/*.conf",
                                           "/etc/apache2/conf.d/*.conf", "/etc/httpd/conf.d/*.conf",
                                           "/usr/local/apache2/conf/extra/*.conf",
                                           "/opt/bitnami/apache/conf/vhosts/*.conf"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct sv_paths some = {0};
        struct sv_model_env env = env_of(f);
        sv_config_glob(&env, patterns[i], &some);
        sv_vec_each(path, &some.list)
        {
            (void)httpd_file(f, *path);
        }
        if (some.list.n)
            return;
    }
}

/* ---- images ---- */

/* A configuration that no file of the host holds: it stands where its folder is mounted. */
static void stock_site(const struct found *f, const struct sv_image_stock *stock)
{
    const struct sv_container_mount *m = sv_image_stock_mount(f->c, stock);
    struct sv_syntax sx = syntax_of(f);
    struct sv_model_env env = env_of(f);
    uint32_t file = sv_source_add(&f->run->sources, f->c->config, sv_slice_of(stock->text));
    struct sv_apache_tree tree;
    struct sv_site *site = NULL;
    sx.fs = NULL;
    switch (stock->kind) {
    case SV_SITE_NGINX: {
        struct sv_node *root = sv_nginx_parse(&sx, file);
        sv_node_stand_at(root, m->node->head);
        site = sv_model_from_nginx(&env, root, stock->path);
        break;
    }
    case SV_SITE_APACHE:
        sv_apache_parse(&sx, file, 0, &tree);
        sv_node_stand_at(tree.root, m->node->head);
        site = sv_model_from_apache(&env, &tree, stock->path);
        break;
    }
    site->host = &f->run->host;
    site->stock = m->node;
    site->stock_path = stock->path;
    sv_site_take_container(site, f->c, f->c->config);
    sv_vec_push(&f->run->model, &f->run->host.sites, site);
    sv_vec_push(f->run->result.arena, &f->run->result.configs,
                (struct sv_config_seen){site->config, sv_site_kind_name(site->kind)});
}

/* A folder of the host where web servers serve from, in a container whose server nobody knows. */
static void tell_unknown(const struct found *f)
{
    static const char *const roots[] = {"/var/www", "/usr/share/nginx/html", "/usr/share/httpd",
                                        "/usr/local/apache2/htdocs", "/usr/share/caddy"};
    bool published = sv_slice_is(f->c->network.text, "host");
    sv_vec_each(p, &f->c->ports)
    {
        published |= !p->udp;
    }
    sv_vec_each(m, &f->c->mounts)
    {
        const char *from = m->source ? m->source : m->volume;
        struct stat st;
        for (size_t i = 0; published && from && m->target && i < sizeof roots / sizeof *roots; i++)
            if (sv_path_below(m->target, roots[i]) && sv_fs_stat(f->run->fs, from, &st) == 0 &&
                S_ISDIR(st.st_mode)) {
                sv_result_skip(&f->run->result, f->c->config, "the web server in the container %s is not "
                               "known: what it serves of %s, mounted at %s, was not looked at",
                               f->c->name, from, m->target);
                return;
            }
    }
}

/* An engine's container and the service that it was made from see the same: once is enough. */
static bool is_told_by_twin(const struct sv_container *c)
{
    return sv_container_is_made(c) && c->twin;
}

/* Something is mounted where the files looked for above may lie. A view of a container's files
 * takes some 25 KB, and most containers are given nothing but their data. */
static bool may_be_configured(const struct sv_container *c)
{
    static const char *const places[] = {"/etc", "/usr/local", "/opt", "/config"};
    if (sv_image_may_have_templates(c))
        return true;
    sv_vec_each(m, &c->mounts)
    {
        for (size_t i = 0; m->target && i < sizeof places / sizeof *places; i++)
            if (sv_path_below(m->target, places[i]) || sv_path_below(places[i], m->target))
                return true;
    }
    return false;
}

static void servers(struct found *f, const struct sv_image_stock *stock, size_t *io_bytes)
{
    struct sv_syntax sx = syntax_of(f);
    struct sv_model_env env = env_of(f);
    struct sv_image_templates templates = {0};
    size_t sites = f->run->host.sites.n;
    sv_image_templates(&env, &sx, f->c, io_bytes, &templates);
    f->templates = &templates;
    f->run->result.files += sx.n_files;
    f->run->result.bytes += sx.n_bytes;
    if (!nginx_main(f))
        nginx_fragments(f);
    if (!httpd_main(f))
        httpd_fragments(f);
    if (stock && f->run->host.sites.n == sites)
        stock_site(f, stock);
}

void sv_discover_containers(struct sv_run *run)
{
    const struct sv_containers *all = run->host.containers;
    struct sv_model_env env = {&run->model,  run->fs,      &run->sources,
                               &run->diags, run->regexes, run->ids};
    size_t first = run->host.sites.n, vhosts = 0, template_bytes = 0;
    for (size_t i = 0; i < all->list.n; i++) {
        const struct sv_container *c = all->list.v[i];
        struct found f = {.run = run, .c = c};
        for (; first < run->host.sites.n; first++)
            vhosts += run->host.sites.v[first]->vhosts.n;
        if (vhosts > SV_MAX_VIEW_VHOSTS) {
            sv_result_skip(&run->result, c->config, "the web servers of %s and of the containers behind "
                           "it are not looked at: too many virtual hosts", c->name);
            break;
        }
        size_t sites = run->host.sites.n;
        const struct sv_image_stock *stock = is_told_by_twin(c) ? NULL : sv_image_stock(c);
        if (!is_told_by_twin(c) && (stock || may_be_configured(c)))
            f.fs = sv_container_view(&env, c);
        if (f.fs)
            servers(&f, stock, &template_bytes);
        if (!is_told_by_twin(c) && run->host.sites.n == sites)
            tell_unknown(&f);
    }
}
