// SPDX-License-Identifier: Apache-2.0
// A whole configuration: main file, envvars, what is built in; and .htaccess files.
#include <errno.h>

#include "base/limits.h"
#include "syntax/apache_internal.h"

static bool exists(struct sv_syntax *sx, const char *dir, const char *name)
{
    struct stat st;
    return sx->fs && sv_fs_stat(sx->fs, sv_path_join(sx->arena, dir, name), &st) == 0;
}

/* The folder that was compiled in as ServerRoot: with Debian that of apache2.conf, elsewhere the
 * one above conf/. A site's own file lies deeper than the main one. */
static const char *default_root(struct sv_syntax *sx, const char *path)
{
    const char *own = sv_path_dir(sx->arena, path);
    for (const char *dir = own;; dir = sv_path_dir(sx->arena, dir)) {
        if (strcmp(sv_path_base(dir), "conf") == 0)
            return sv_path_dir(sx->arena, dir);
        if (exists(sx, dir, "apache2.conf") || exists(sx, dir, "httpd.conf") ||
            exists(sx, dir, "conf/httpd.conf"))
            return dir;
        if (strcmp(dir, "/") == 0)
            return own;
    }
}

static bool is_debian(struct sv_syntax *sx, const char *path)
{
    return strcmp(sv_path_base(path), "apache2.conf") == 0 ||
           exists(sx, sv_path_dir(sx->arena, path), "mods-available");
}

static void take_preset(struct ap_load *load)
{
    struct sv_apache_tree *t = load->tree;
    sv_vec_each (m, &load->preset->modules) {
        sv_vec_push(load->sx->arena, &t->modules, *m);
    }
    t->server_root = load->preset->server_root;
    t->modules_known = load->preset->modules_known;
}

static void collect(struct ap_load *load)
{
    struct sv_arena *a = load->sx->arena;
    if (load->preset)
        sv_vec_each (d, &load->preset->defines) {
            if (!ap_map_get(&load->names, d->name))
                sv_vec_push(a, &load->tree->defines, *d);
        }
    sv_vec_each(v, &load->names.values)
    {
        if (*v)
            sv_vec_push(a, &load->tree->defines, *(struct sv_apache_var *)*v);
    }
    if (load->preset)
        sv_vec_each (e, &load->preset->environment) {
            if (!ap_map_get(&load->env, e->name))
                sv_vec_push(a, &load->tree->environment, *e);
        }
    sv_vec_each(v, &load->env.values)
    {
        if (*v)
            sv_vec_push(a, &load->tree->environment, *(struct sv_apache_var *)*v);
    }
}

static void read_tree(struct ap_load *load, uint32_t file, const char *path, bool all_modules)
{
    struct sv_apache_tree *t = load->tree;
    const struct sv_source *src = sv_source_get(load->sx->sources, file);
    *t = (struct sv_apache_tree){.server_root = default_root(load->sx, path),
                                 .modules_known = !all_modules};
    if (load->preset)
        take_preset(load);
    else
        ap_modules_built_in(load);
    t->root = sv_new(load->sx->arena, struct sv_node);
    t->root->kind = SV_NODE_ROOT;
    t->root->span = (struct sv_span){file, 0, (uint32_t)src->text.n};
    load->stack[load->depth++] = (struct ap_on_stack){path, 0};
    ap_parse_file(load, file, t->root, NULL);
    load->depth--;
}

/* Forgets what a first reading found out, but not the files it read. */
static void forget(struct ap_load *load)
{
    struct ap_load kept = {.sx = load->sx,
                           .tree = load->tree,
                           .preset = load->preset,
                           .files = load->files,
                           .env = load->env,
                           .debian = load->debian,
                           .packaged = load->packaged};
    *load = kept;
}

/* All of it: the first reading takes the modules for known, the second finds a fragment. */
static void read_all(struct ap_load *load, uint32_t file, const char *path)
{
    struct sv_syntax *sx = load->sx;
    size_t diags = sx->diags->list.n, nodes = sx->n_nodes;
    load->debian = is_debian(sx, path);
    load->packaged = load->debian || sv_path_below(path, "/etc/httpd");
    read_tree(load, file, path, false);
    if (!load->saw_module && !load->preset) {
        sx->diags->list.n = diags;
        sx->n_nodes = nodes;
        forget(load);
        read_tree(load, file, path, true);
    }
    if (!load->preset)
        ap_check_names(load);
    collect(load);
}

int sv_apache_load(struct sv_syntax *sx, const char *path, const char *envvars,
                   const struct sv_apache_tree *preset, struct sv_apache_tree *ret)
{
    struct ap_load load = {.sx = sx, .tree = ret, .preset = preset};
    const char *dir = sv_path_dir(sx->arena, path);
    int error = 0;
    *ret = (struct sv_apache_tree){.root = sv_new(sx->arena, struct sv_node),
                                   .server_root = default_root(sx, path)};
    ret->root->kind = SV_NODE_ROOT;
    uint32_t file = ap_file_of(&load, path, &error);
    if (!file)
        return error;
    envvars = envvars ? envvars : sv_path_join(sx->arena, dir, "envvars");
    uint32_t env = ap_file_of(&load, envvars, &error);
    if (env)
        ap_environment(&load, env);
    else if (!sv_fs_is_absent(error))
        sv_diag_path(sx->diags, SV_DIAG_ERROR, envvars, "cannot be read: %s", strerror(-error));
    read_all(&load, file, path);
    return 0;
}

void sv_apache_parse(struct sv_syntax *sx, uint32_t file, uint32_t envvars,
                     struct sv_apache_tree *ret)
{
    struct ap_load load = {.sx = sx, .tree = ret};
    if (envvars)
        ap_environment(&load, envvars);
    read_all(&load, file, sv_source_get(sx->sources, file)->path);
}

struct sv_node *sv_apache_parse_htaccess(struct sv_syntax *sx, const struct sv_apache_tree *server,
                                         uint32_t file, const struct sv_node **ret_broken)
{
    struct sv_apache_tree tree = {.server_root = server->server_root,
                                  .modules = server->modules,
                                  .modules_known = server->modules_known};
    struct ap_load load = {.sx = sx, .tree = &tree, .preset = server};
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    const struct sv_source *src = sv_source_get(sx->sources, file);
    root->kind = SV_NODE_ROOT;
    root->span = (struct sv_span){file, 0, (uint32_t)src->text.n};
    struct ap_parser p = {.load = &load, .sx = sx, .block = root, .base = root, .htaccess = true};
    struct ap_input in = {.file = file, .text = src->text};
    sv_vec_push(sx->arena, &p.inputs, in);
    ap_parse(&p);
    if (ret_broken)
        *ret_broken = p.broken;
    return root;
}
