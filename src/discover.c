// SPDX-License-Identifier: Apache-2.0
// Finding configurations below a path, and reading them into sites.
#include "discover.h"

#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "model/apache.h"
#include "model/config_file.h"
#include "model/container.h"
#include "model/engine_config.h"
#include "model/host_files.h"
#include "model/image.h"
#include "model/log_programs.h"
#include "model/supervisor.h"
#include "model/web_user.h"

enum found { NOTHING = 0, NGINX = SV_SITE_NGINX, APACHE = SV_SITE_APACHE };

static struct sv_syntax syntax_of(struct sv_run *run)
{
    return (struct sv_syntax){.arena = &run->trees, .sources = &run->sources, .diags = &run->diags,
                              .fs = run->fs, .watch = &run->progress.watch};
}

static void add_site(struct sv_run *run, struct sv_site *site, const struct sv_syntax *sx)
{
    site->host = &run->host;
    sv_vec_push(&run->model, &run->host.sites, site);
    sv_vec_push(run->result.arena, &run->result.configs,
                (struct sv_config_seen){site->config, sv_site_kind_name(site->kind)});
    run->result.files += sx->n_files;
    run->result.bytes += sx->n_bytes;
}

static struct sv_model_env env_of(struct sv_run *run)
{
    return (struct sv_model_env){&run->model,  run->fs,      &run->sources,
                                 &run->diags, run->regexes, run->ids};
}

static void load_nginx(struct sv_run *run, const char *path)
{
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    int error = 0;
    struct sv_node *root = sv_nginx_load(&sx, path, NULL, &error);
    if (root)
        add_site(run, sv_model_from_nginx(&env, root, path), &sx);
    else
        sv_result_skip(&run->result, path, "%s", strerror(-error));
}

static bool is_file(struct sv_run *run, const char *path)
{
    struct sv_model_env env = env_of(run);
    return sv_config_there(&env, path, NULL);
}

static bool looks_like(struct sv_run *run, const char *path, bool (*sniff)(struct sv_slice))
{
    struct sv_slice text;
    return sv_fs_read(run->fs, &run->trees, path, SV_MAX_CONTENT_HEAD, &text, NULL) == 0 &&
           sniff(text);
}

/* httpd's main files below a folder; of one line the first that is there counts. */
static const char *const httpd_files[][3] = {
    {"apache2.conf", "httpd.conf", "conf/httpd.conf"},
    {"apache2/apache2.conf", "apache2/httpd.conf", NULL},
    {"httpd/conf/httpd.conf", "httpd/httpd.conf", NULL},
};

static const char *httpd_file(struct sv_run *run, const char *dir, size_t line)
{
    for (size_t i = 0; i < 3 && httpd_files[line][i]; i++) {
        const char *path = sv_path_join(&run->trees, dir, httpd_files[line][i]);
        if (is_file(run, path) && looks_like(run, path, sv_apache_sniff))
            return path;
    }
    return NULL;
}

/* The tree of the main file that a fragment belongs to: from the folder above, or its conf. */
static bool load_preset(struct sv_run *run, const char *path, struct sv_apache_tree *ret)
{
    struct sv_syntax sx = syntax_of(run);
    const char *dir = sv_path_dir(&run->trees, path);
    if (sv_slice_ends(sv_slice_of(path), "/httpd.conf") ||
        sv_slice_ends(sv_slice_of(path), "/apache2.conf"))
        return false;
    for (int above = 0; above < 2; above++) {
        const char *main_file = httpd_file(run, dir, 0);
        if (main_file)
            return sv_apache_load(&sx, main_file, NULL, NULL, ret) == 0;
        dir = sv_path_dir(&run->trees, dir);
    }
    return false;
}

static void load_apache(struct sv_run *run, const char *path, const char *envvars,
                        const struct sv_apache_tree *preset)
{
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    struct sv_apache_tree tree;
    int rc = sv_apache_load(&sx, path, envvars, preset, &tree);
    if (rc == 0)
        add_site(run, sv_model_from_apache(&env, &tree, path), &sx);
    else
        sv_result_skip(&run->result, path, "%s", strerror(-rc));
}

/* ---- units ---- */

/* The units of the machine, or the one file; once. */
static void load_units(struct sv_run *run, const char *file)
{
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    struct sv_units *units = sv_new(&run->model, struct sv_units);
    if (run->host.units)
        return;
    if (file)
        sv_units_load_file(&env, &sx, file, units);
    else
        sv_units_load(&env, &sx, units);
    run->host.units = units;
    sv_vec_each(dir, &units->dirs)
    {
        sv_vec_push(run->result.arena, &run->result.configs,
                    (struct sv_config_seen){*dir, "systemd"});
    }
    run->result.files += sx.n_files;
    run->result.bytes += sx.n_bytes;
}

static void read_with(struct sv_run *run, const struct sv_syntax *sx, const char *const *files,
                      size_t n, const char *kind)
{
    for (size_t i = 0; i < n; i++)
        sv_vec_push(run->result.arena, &run->result.configs,
                    (struct sv_config_seen){files[i], kind});
    run->result.files += sx->n_files;
    run->result.bytes += sx->n_bytes;
}

/* What the projects build, or the one Dockerfile; once. */
static void load_images(struct sv_run *run, const char *file)
{
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    struct sv_images *images = sv_new(&run->model, struct sv_images);
    if (run->images || run->options->sites_only)
        return;
    if (file)
        sv_image_load(&env, &sx, file, sv_path_dir(&run->model, file), NULL, images);
    else
        sv_images_find(&env, &sx, run->host.containers, images);
    run->images = images;
    read_with(run, &sx, images->files.v, images->files.n, "dockerfile");
}

static bool is_engine_file(const char *path)
{
    const char *base = sv_path_base(path);
    return strcmp(base, "config.v2.json") == 0 || strcmp(base, "hostconfig.json") == 0;
}

static const char *kind_of_container_file(const char *path)
{
    struct sv_slice base = sv_slice_of(sv_path_base(path));
    bool unit = sv_quadlet_is_name(base) || sv_slice_ends(base, ".conf");
    if (sv_slice_ends(base, ".json") && !is_engine_file(path))
        return "podman";
    return is_engine_file(path) ? "docker" : unit ? "quadlet" : "compose";
}

/* The machine's containers, or those of the one file; once. */
static void load_containers(struct sv_run *run, const char *file)
{
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    struct sv_containers *all = sv_new(&run->model, struct sv_containers);
    if (run->host.containers)
        return;
    if (file && strcmp(sv_path_base(file), "daemon.json") == 0) {
        struct sv_engine_config *engine = sv_new(&run->model, struct sv_engine_config);
        sv_engine_config_daemon(&env, &sx, file, engine);
        all->engine = engine;
    } else if (file && sv_quadlet_is_name(sv_slice_of(sv_path_base(file))))
        sv_quadlet_load(&env, &sx, file, all);
    else if (file && is_engine_file(file))
        sv_engine_load(&env, &sx, sv_path_dir(&run->model, file), all);
    else if (file)
        sv_compose_load(&env, &sx, file, all);
    else
        sv_containers_find(&env, &sx, &run->host, all);
    run->host.containers = all;
    sv_discover_containers(run);
    for (size_t i = 0; all->engine && i < all->engine->files.n; i++)
        sv_vec_push(run->result.arena, &run->result.configs,
                    (struct sv_config_seen){all->engine->files.v[i], "docker"});
    sv_vec_each(path, &all->files)
    {
        sv_vec_push(run->result.arena, &run->result.configs,
                    (struct sv_config_seen){*path, kind_of_container_file(*path)});
    }
    run->result.files += sx.n_files;
    run->result.bytes += sx.n_bytes;
    load_images(run, NULL);
}

/* php-fpm and supervisord, which start programs as units do; once. */
static void load_managers(struct sv_run *run)
{
    struct sv_syntax sx = syntax_of(run), sx2 = sx;
    struct sv_model_env env = env_of(run);
    struct sv_php *php = sv_new(&run->model, struct sv_php);
    struct sv_supervisor *supervisor = sv_new(&run->model, struct sv_supervisor);
    sv_php_load(&env, &sx, run->host.units, php);
    sv_supervisor_load(&env, &sx2, run->host.units, supervisor);
    run->host.php = php;
    run->host.supervisor = supervisor;
    read_with(run, &sx, php->files.v, php->files.n, "php-fpm");
    read_with(run, &sx2, supervisor->files.v, supervisor->files.n, "supervisord");
}

/* Behind the units, which name logs, too. */
static void load_log_programs(struct sv_run *run)
{
    struct sv_model_env env = env_of(run);
    struct sv_log_settings *settings = sv_new(&run->model, struct sv_log_settings);
    struct sv_logs *names = sv_new(&run->model, struct sv_logs);
    sv_log_programs_read(&env, run->host.units, settings, names);
    run->host.log_settings = run->log_settings = settings;
    run->host.log_names = run->log_names = names;
}

/* /etc stands for the whole machine; so do the folders of its units. */
static bool try_units(struct sv_run *run, const char *dir)
{
    struct sv_model_env env = env_of(run);
    bool top = strcmp(dir, "/etc") == 0 || strcmp(dir, "/etc/systemd") == 0 ||
               strcmp(dir, "/etc/systemd/system") == 0;
    if (run->options->sites_only) {
        if (strcmp(dir, "/etc") == 0)
            load_containers(run, NULL); /* servers in them */
        return false;
    }
    run->host.whole |= strcmp(dir, "/etc") == 0;
    if (top)
        load_units(run, NULL);
    if (strcmp(dir, "/etc") == 0 && !run->host.files) {
        struct sv_host_files *files = sv_new(&run->model, struct sv_host_files);
        sv_host_files_find(&env, files);
        run->host.files = files;
        load_managers(run);
        load_containers(run, NULL);
        load_log_programs(run);
    }
    return top && run->host.units->list.n > 0;
}

/* ---- one file ---- */

static enum found kind_of(struct sv_run *run, const char *path)
{
    const char *base = sv_path_base(path);
    bool httpd = strcmp(base, "httpd.conf") == 0 || strcmp(base, "apache2.conf") == 0;
    if (strcmp(base, "nginx.conf") == 0)
        return NGINX;
    if (httpd && looks_like(run, path, sv_apache_sniff))
        return APACHE;
    if (looks_like(run, path, sv_nginx_sniff))
        return NGINX;
    return looks_like(run, path, sv_apache_sniff) ? APACHE : NOTHING;
}

static void load_fragment(struct sv_run *run, const char *path)
{
    struct sv_apache_tree preset;
    bool known = load_preset(run, path, &preset);
    load_apache(run, path, NULL, known ? &preset : NULL);
}

static void load_file(struct sv_run *run, const char *path)
{
    if (sv_unit_is_name(sv_slice_of(sv_path_base(path))))
        load_units(run, path);
    else if (sv_compose_is_name(sv_slice_of(sv_path_base(path))) || is_engine_file(path) ||
             sv_quadlet_is_name(sv_slice_of(sv_path_base(path))) ||
             strcmp(sv_path_base(path), "daemon.json") == 0)
        load_containers(run, path);
    else if (sv_dockerfile_is_name(sv_slice_of(sv_path_base(path))))
        load_images(run, path);
    else if (kind_of(run, path) == APACHE)
        load_fragment(run, path);
    else
        load_nginx(run, path); /* which tells what it does not understand */
}

/* ---- folders ---- */

/* Files named nginx.conf in folders of that name, where distributions and builds put them. */
static bool try_nginx(struct sv_run *run, const char *dir)
{
    static const char *const places[] = {"nginx.conf", "nginx/nginx.conf",
                                         "openresty/nginx.conf", "angie/angie.conf"};
    bool found = false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path = sv_path_join(&run->trees, dir, places[i]);
        if (!is_file(run, path))
            continue;
        load_nginx(run, path);
        found = true;
    }
    return found;
}

static bool try_apache(struct sv_run *run, const char *dir)
{
    /* Builds that keep nothing in /etc: they count as part of what /etc stands for. */
    static const char *const elsewhere[] = {"/usr/local/apache2", "/usr/local/etc/apache24",
                                            "/opt/bitnami/apache"};
    bool found = false;
    for (size_t i = 0; i < sizeof httpd_files / sizeof *httpd_files; i++) {
        const char *path = httpd_file(run, dir, i);
        if (path)
            load_apache(run, path, NULL, NULL);
        found |= path != NULL;
    }
    for (size_t i = 0; strcmp(dir, "/etc") == 0 && i < sizeof elsewhere / sizeof *elsewhere; i++) {
        const char *path = httpd_file(run, elsewhere[i], 0);
        if (path)
            load_apache(run, path, NULL, NULL);
        found |= path != NULL;
    }
    return found;
}

/* A folder of fragments (conf.d, sites-enabled): each file on its own. */
static void try_fragments(struct sv_run *run, const char *dir)
{
    struct sv_dirents entries = {0};
    struct sv_apache_tree preset;
    bool asked = false, known = false;
    int rc = sv_fs_list(run->fs, &run->trees, dir, &entries);
    if (rc < 0) {
        sv_result_skip(&run->result, dir, "%s", strerror(-rc));
        return;
    }
    sv_vec_each(e, &entries.list)
    {
        const char *path = sv_path_join(&run->trees, dir, e->name);
        if (e->type == DT_DIR || !is_file(run, path))
            continue;
        if (!sv_slice_ends(sv_slice_of(e->name), ".conf") &&
            strcmp(sv_path_base(dir), "sites-enabled") != 0)
            continue;
        enum found kind = kind_of(run, path);
        if (kind == NGINX) {
            load_nginx(run, path);
        } else if (kind == APACHE) {
            known = asked ? known : load_preset(run, path, &preset);
            asked = true;
            load_apache(run, path, NULL, known ? &preset : NULL);
        }
    }
}

/* ---- copies ---- */

/* What the includes of a site read outside of the folder, or NULL. httpd's may lead to the folders
 * of other packages; what gives a copy away is that they lead to another server root. */
static const char *outside(const struct sv_run *run, const struct sv_site *site, const char *dir)
{
    sv_vec_each(s, &run->sources.list)
    {
        const char *path = (*s)->path;
        bool other = !sv_path_below(path, dir) && !sv_path_below(path, "/usr/share/nginx");
        if (site->kind == SV_SITE_APACHE)
            other = other && sv_path_below(path, site->prefix) &&
                    !sv_path_below(dir, site->prefix) && !sv_path_below(site->config, site->prefix);
        if (other)
            return path;
    }
    return NULL;
}

/* A copy of a configuration whose includes name the original: what they read is not the copy. */
static void tell_includes_outside(struct sv_run *run, const char *dir)
{
    bool nginx_only = true;
    sv_vec_each(site, &run->host.sites)
    {
        nginx_only &= (*site)->kind == SV_SITE_NGINX;
    }
    sv_vec_each(site, &run->host.sites)
    {
        if (!sv_path_below((*site)->config, dir) ||
            ((*site)->kind == SV_SITE_NGINX && !nginx_only))
            continue;
        const char *path = outside(run, *site, dir);
        if (!path)
            continue;
        sv_result_skip(&run->result, dir, "an include leads out of this folder, to %s; if this is a "
                       "copy of another system's files, give its top with --root", path);
        return;
    }
}

static bool try_main_files(struct sv_run *run, const char *dir)
{
    bool nginx = try_nginx(run, dir);
    return try_apache(run, dir) || nginx;
}

/* The top of a system: its /etc, or, for an unpacked one, a word about --root. */
static bool try_top(struct sv_run *run, const char *path)
{
    struct stat st;
    const char *etc = sv_path_join(&run->trees, path, "etc");
    if (strcmp(path, "/") == 0) {
        bool servers = try_main_files(run, etc);
        return try_units(run, etc) || servers;
    }
    if (sv_fs_stat(run->fs, sv_path_join(&run->trees, etc, "passwd"), &st) < 0)
        return false;
    sv_result_skip(&run->result, path, "this is the top of another system; give it with --root");
    return true;
}

/* A folder with a compose project in it, or with a Dockerfile alone. */
static bool try_project(struct sv_run *run, const char *dir)
{
    static const char *const names[] = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                        "docker-compose.yaml"};
    static const char *const dockerfiles[] = {"Dockerfile", "Containerfile"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = sv_path_join(&run->trees, dir, names[i]);
        if (is_file(run, path)) {
            load_containers(run, path);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof dockerfiles / sizeof *dockerfiles; i++) {
        const char *path = sv_path_join(&run->trees, dir, dockerfiles[i]);
        if (is_file(run, path)) {
            load_images(run, path);
            return true;
        }
    }
    return false;
}

int sv_discover(struct sv_run *run, const char *path)
{
    struct stat st;
    int rc = sv_fs_stat(run->fs, path, &st);
    if (rc < 0)
        return rc;
    if (S_ISREG(st.st_mode)) {
        load_file(run, path);
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        sv_result_skip(&run->result, path, "not a regular file or folder");
        return 0;
    }
    bool servers = try_main_files(run, path);
    if (servers)
        tell_includes_outside(run, path); /* before the units, which lie elsewhere by right */
    if (!try_units(run, path) && !servers && !try_top(run, path) && !try_project(run, path))
        try_fragments(run, path);
    return 0;
}

void sv_discover_workers(struct sv_run *run)
{
    struct sv_diags aside = {.arena = &run->trees}; /* of units that nobody asked about */
    struct sv_syntax sx = syntax_of(run);
    struct sv_model_env env = env_of(run);
    struct sv_units *units = NULL;
    sx.diags = env.diags = &aside;
    sv_vec_each(site, &run->host.sites)
    {
        if (!sv_path_below((*site)->config, "/etc") || (*site)->container)
            continue;
        if (!run->host.units && !units) {
            units = sv_new(&run->model, struct sv_units);
            sv_units_load(&env, &sx, units);
        }
        sv_site_take_unit(*site, run->host.units ? run->host.units : units);
    }
    sv_web_users_find(&run->model, &run->host);
}
