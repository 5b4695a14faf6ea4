// SPDX-License-Identifier: Apache-2.0
// Includes and dumps: which files a configuration pulls in, in nginx's order.
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "syntax/nginx_internal.h"

static const char DUMP_MARK[] = "# configuration file ";

/* What stands in a mark's line up to the colon, or empty if the line is no mark. */
static struct sv_slice mark_path(struct sv_slice line)
{
    line = sv_slice_trim(line);
    if (!sv_slice_starts(line, DUMP_MARK) || line.p[line.n - 1] != ':')
        return (struct sv_slice){"", 0};
    struct sv_slice path = sv_slice_sub(line, sizeof DUMP_MARK - 1, line.n - 1);
    return path.n && path.p[0] == '/' ? path : (struct sv_slice){"", 0};
}

/* The first mark must come before the first directive: a configuration that only quotes a mark in
 * a comment is no dump, and nothing before the mark may get lost. (stderr may come first.) */
bool sv_nginx_is_dump(struct sv_slice text)
{
    struct sv_slice head = sv_slice_sub(text, 0, SV_MAX_CONTENT_HEAD);
    for (size_t i = 0; i < head.n;) {
        struct sv_slice rest = sv_slice_sub(head, i, head.n);
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        i += line.n + 1;
        if (mark_path(line).n)
            return sv_slice_find(text, "http") < text.n;
        line = sv_slice_trim(line);
        if (line.n && line.p[0] != '#' && !sv_slice_starts(line, "nginx: "))
            return false;
    }
    return false;
}

static void split_dump(struct ngx_load *load, struct sv_slice text)
{
    struct sv_arena *a = load->sx->arena;
    struct sv_slice path = {"", 0};
    size_t from = 0, i = 0;
    load->dump = true;
    while (i <= text.n) {
        struct sv_slice rest = sv_slice_sub(text, i, text.n);
        struct sv_slice next = mark_path(sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n')));
        if (next.n || i == text.n) {
            if (path.n) {
                const char *name = sv_arena_copy(a, path).p;
                struct sv_slice part = sv_arena_copy(a, sv_slice_sub(text, from, i));
                uint32_t file = sv_source_add(load->sx->sources, name, part);
                sv_vec_push(a, &load->loaded, (struct ngx_loaded){name, file});
            }
            path = next;
            from = i + sv_slice_chr(rest, '\n') + 1;
        }
        if (i == text.n)
            break;
        i += sv_slice_chr(rest, '\n') + 1;
        i = i > text.n ? text.n : i;
    }
}

/* Reads a file once; later includes of it share the text. 0: not readable, diagnosed at `at`. */
static uint32_t file_of(struct ngx_load *load, const char *path, struct sv_span at)
{
    struct sv_syntax *sx = load->sx;
    struct sv_slice text;
    bool cut = false;
    sv_vec_each(l, &load->loaded)
    {
        if (strcmp(l->path, path) == 0)
            return l->file;
    }
    uint32_t file = 0;
    sv_watch_at(sx->watch, path);
    sv_fs_unseen_forget(sx->fs);
    int rc = load->dump ? -ENOENT
             : sx->n_files >= SV_MAX_CONFIG_FILES || sx->n_bytes >= SV_MAX_CONFIG_TOTAL
                 ? -EFBIG
                 : sv_fs_read(sx->fs, sx->arena, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    if (rc < 0) {
        /* What a container's image brings (mime.types, fastcgi_params) cannot be read. */
        sv_diag_at(sx->diags, sv_fs_unseen(sx->fs) ? SV_DIAG_NOTE : SV_DIAG_ERROR, at,
                   "cannot include %s: %s", path,
                   rc == -EINVAL ? "not a regular file" : strerror(-rc));
    } else {
        file = sv_source_add(sx->sources, sv_fs_outside(sx->fs, sx->arena, path), text);
        sx->n_files++;
        sx->n_bytes += text.n;
        if (cut)
            sv_diag_path(sx->diags, SV_DIAG_ERROR, path, "longer than %d MiB; the rest is not read",
                         SV_MAX_CONFIG_BYTES >> 20);
    }
    sv_vec_push(sx->arena, &load->loaded, (struct ngx_loaded){path, file});
    return file;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump_glob(struct ngx_load *load, const char *pattern, struct sv_paths *ret)
{
    sv_vec_each(l, &load->loaded)
    {
        if (sv_glob_match(sv_slice_of(pattern), sv_slice_of(l->path)))
            sv_vec_push(load->sx->arena, &ret->list, l->path);
    }
    if (ret->list.n)
        qsort(ret->list.v, ret->list.n, sizeof *ret->list.v, by_path);
}

bool sv_nginx_is_made(const struct sv_nginx_made_files *made, const char *path)
{
    sv_vec_each(m, &made->list)
    {
        if (strcmp(m->path, path) == 0)
            return true;
    }
    return false;
}

void sv_nginx_made_match(struct sv_arena *a, const struct sv_nginx_made_files *made,
                         const char *pattern, struct sv_paths *io)
{
    size_t found = io->list.n, kept = 0;
    sv_vec_each(m, &made->list)
    {
        if (sv_glob_match_path(sv_slice_of(pattern), sv_slice_of(m->path)))
            sv_vec_push(a, &io->list, m->path);
    }
    if (io->list.n == found)
        return;
    qsort(io->list.v, io->list.n, sizeof *io->list.v, by_path);
    for (size_t i = 0; i < io->list.n; i++)
        if (kept == 0 || strcmp(io->list.v[kept - 1], io->list.v[i]) != 0)
            io->list.v[kept++] = io->list.v[i];
    io->list.n = kept;
}

static void take_made(struct ngx_load *load)
{
    for (size_t i = 0; load->made && i < load->made->list.n; i++) {
        const struct sv_nginx_made *m = &load->made->list.v[i];
        sv_vec_push(load->sx->arena, &load->loaded, (struct ngx_loaded){m->path, m->file});
    }
}

static bool on_stack(const struct ngx_load *load, const char *path)
{
    for (unsigned i = 0; i < load->depth; i++)
        if (strcmp(load->stack[i], path) == 0)
            return true;
    return false;
}

static void include_one(struct ngx_load *load, struct sv_node *include, const char *path)
{
    if (load->followed >= SV_MAX_CONFIG_FILES) {
        if (load->followed++ == SV_MAX_CONFIG_FILES)
            sv_diag_at(load->sx->diags, SV_DIAG_ERROR, include->head,
                       "more than %d includes; this one and those behind it are not followed",
                       SV_MAX_CONFIG_FILES);
        return;
    }
    load->followed++;
    if (on_stack(load, path)) {
        sv_diag_at(load->sx->diags, SV_DIAG_ERROR, include->head,
                   "%s includes itself; this include is not followed", path);
        return;
    }
    if (load->depth >= SV_MAX_INCLUDE_DEPTH) {
        sv_diag_at(load->sx->diags, SV_DIAG_ERROR, include->head,
                   "includes are nested more than %d deep", SV_MAX_INCLUDE_DEPTH);
        return;
    }
    uint32_t file = file_of(load, path, include->head);
    if (!file)
        return;
    load->stack[load->depth++] = path;
    ngx_parse_into(load->sx, load, file, include->parent, include);
    load->depth--;
}

void ngx_include(struct ngx_load *load, struct sv_node *include)
{
    struct sv_slice arg = sv_node_arg(include, 0);
    const char *pattern =
        sv_path_join(load->sx->arena, load->conf_dir, sv_arena_copy(load->sx->arena, arg).p);
    if (strpbrk(pattern, "*?[") == NULL) {
        include_one(load, include, pattern);
        return;
    }
    struct sv_paths paths = {0};
    if (load->dump)
        dump_glob(load, pattern, &paths);
    else if (sv_fs_glob(load->sx->fs, load->sx->arena, pattern, &paths) < 0)
        sv_diag_at(load->sx->diags, SV_DIAG_ERROR, include->head, "cannot expand this pattern");
    if (load->made && !load->dump)
        sv_nginx_made_match(load->sx->arena, load->made, pattern, &paths);
    sv_vec_each(p, &paths.list)
    {
        include_one(load, include, *p);
    }
}

/* Relative names begin at the folder of the main file; for a site's own file, which lies deeper, at
 * the nearest folder above that holds an nginx.conf. */
static const char *conf_dir(struct sv_syntax *sx, const char *path)
{
    const char *own = sv_path_dir(sx->arena, path);
    struct stat st;
    for (const char *dir = own; strcmp(dir, "/") != 0; dir = sv_path_dir(sx->arena, dir))
        if (sv_fs_stat(sx->fs, sv_path_join(sx->arena, dir, "nginx.conf"), &st) == 0)
            return dir;
    return own;
}

struct sv_node *sv_nginx_load(struct sv_syntax *sx, const char *path,
                              const struct sv_nginx_made_files *made, int *ret_error)
{
    struct ngx_load load = {.sx = sx, .conf_dir = conf_dir(sx, path), .made = made};
    struct sv_slice text;
    bool cut = false;
    sv_watch_at(sx->watch, path);
    int rc = sv_fs_read(sx->fs, sx->arena, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    if (rc < 0) {
        *ret_error = rc;
        return NULL;
    }
    uint32_t file;
    const char *main_path = path;
    sx->n_files++;
    sx->n_bytes += text.n;
    if (sv_nginx_is_dump(text)) {
        split_dump(&load, text);
        if (load.loaded.n) {
            main_path = load.loaded.v[0].path;
            load.conf_dir = sv_path_dir(sx->arena, main_path);
        }
    }
    if (load.loaded.n) {
        file = load.loaded.v[0].file;
    } else {
        load.dump = false;
        take_made(&load);
        file = sv_source_add(sx->sources, sv_fs_outside(sx->fs, sx->arena, path), text);
    }
    if (cut)
        sv_diag_path(sx->diags, SV_DIAG_ERROR, path, "longer than %d MiB; the rest is not read",
                     SV_MAX_CONFIG_BYTES >> 20);
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    root->kind = SV_NODE_ROOT;
    root->span = (struct sv_span){file, 0, (uint32_t)text.n};
    load.stack[load.depth++] = main_path;
    ngx_parse_into(sx, &load, file, root, NULL);
    return root;
}

struct sv_node *sv_nginx_load_fragments(struct sv_syntax *sx, const char *conf_dir,
                                        const struct sv_paths *paths,
                                        const struct sv_nginx_made_files *made)
{
    struct ngx_load load = {.sx = sx, .conf_dir = conf_dir, .made = made};
    struct sv_node *root = sv_new(sx->arena, struct sv_node);
    root->kind = SV_NODE_ROOT;
    take_made(&load);
    sv_vec_each(path, &paths->list)
    {
        uint32_t file = file_of(&load, *path, root->span);
        if (!file)
            continue;
        if (!root->span.file)
            root->span = (struct sv_span){file, 0, 0};
        load.stack[load.depth++] = *path;
        ngx_parse_into(sx, &load, file, root, NULL);
        load.depth--;
    }
    return root;
}
