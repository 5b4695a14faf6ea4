// SPDX-License-Identifier: Apache-2.0
// Include and IncludeOptional: files, folders and patterns, in httpd's order.
#include <dirent.h>
#include <errno.h>

#include "base/limits.h"
#include "syntax/apache_internal.h"

struct job {
    struct ap_parser *p;
    struct sv_node *include;
    bool optional;
};

static void fail(struct job *j, const char *fmt, const char *path, const char *why)
{
    ap_complain(j->p, SV_DIAG_ERROR, j->include->head, fmt, path, why);
}

uint32_t ap_file_of(struct ap_load *load, const char *path, int *ret_error)
{
    struct sv_syntax *sx = load->sx;
    struct sv_slice text;
    bool cut = false;
    struct ap_loaded *l = ap_map_get(&load->files, sv_slice_of(path));
    if (l) {
        *ret_error = l->error;
        return l->file;
    }
    l = sv_new(sx->arena, struct ap_loaded);
    l->path = sv_arena_strdup(sx->arena, path);
    sv_watch_at(sx->watch, path);
    l->error = sx->n_files >= SV_MAX_CONFIG_FILES || sx->n_bytes >= SV_MAX_CONFIG_TOTAL
                   ? -EFBIG
                   : sv_fs_read(sx->fs, sx->arena, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    if (l->error >= 0) {
        l->error = 0;
        l->file = sv_source_add(sx->sources, sv_fs_outside(sx->fs, sx->arena, l->path),
                                text);
        sx->n_files++;
        sx->n_bytes += text.n;
        if (cut)
            sv_diag_path(sx->diags, SV_DIAG_ERROR, path, "longer than %d MiB; the rest is not read",
                         SV_MAX_CONFIG_BYTES >> 20);
    }
    ap_map_put(sx->arena, &load->files, sv_slice_of(l->path), l);
    *ret_error = l->error;
    return l->file;
}

/* A file may include itself if a condition stops that; one that comes back to itself with nothing
 * changed since will do so for ever. */
static bool runs_in_circles(const struct ap_load *load, const char *path)
{
    for (unsigned i = 0; i < load->depth; i++)
        if (strcmp(load->stack[i].path, path) == 0 &&
            (load->too_deep || load->stack[i].changes == load->changes))
            return true;
    return false;
}

static void include_file(struct job *j, const char *path)
{
    struct ap_load *load = j->p->load;
    int error = 0;
    if (runs_in_circles(load, path)) {
        fail(j, "%s includes itself; this include is not followed%s", path, "");
        return;
    }
    if (load->depth >= SV_APACHE_INCLUDE_DEPTH) {
        if (!load->too_deep)
            fail(j, "includes are nested too deeply; httpd stops here%s%s", "", "");
        load->too_deep = true;
        return;
    }
    if (++load->includes > SV_MAX_CONFIG_FILES) {
        if (load->includes == SV_MAX_CONFIG_FILES + 1)
            fail(j, "too many files are included; %s is the first that is not read%s", path, "");
        return;
    }
    uint32_t file = ap_file_of(load, path, &error);
    if (file) {
        load->stack[load->depth++] = (struct ap_on_stack){path, load->changes};
        ap_parse_file(load, file, j->include->parent, j->include);
        load->depth--;
    } else if (!j->optional || !sv_fs_is_absent(error)) {
        fail(j, "cannot include %s: %s", path,
             error == -EINVAL ? "not a regular file" : strerror(-error));
    }
}

/* A folder stands for all files in it and below, hidden ones too. */
static void include_path(struct job *j, const char *path, unsigned depth)
{
    struct ap_load *load = j->p->load;
    struct sv_dirents entries = {0};
    struct stat st;
    if (sv_fs_stat(load->sx->fs, path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        include_file(j, path);
        return;
    }
    if (depth >= SV_APACHE_FOLDER_DEPTH) {
        fail(j, "folders are nested too deeply in %s for httpd to include them%s", path, "");
        return;
    }
    if (++load->listed > SV_APACHE_LISTED) {
        if (load->listed == SV_APACHE_LISTED + 1)
            fail(j, "too many folders are included; %s is the first that is not read%s", path, "");
        return;
    }
    int rc = sv_fs_list(load->sx->fs, load->sx->arena, path, &entries);
    if (rc < 0)
        fail(j, "cannot read the folder %s: %s", path, strerror(-rc));
    sv_watch_at(load->sx->watch, path);
    sv_vec_each (e, &entries.list) {
        include_path(j, sv_path_join(load->sx->arena, path, e->name), depth + 1);
    }
}

/* apr_fnmatch_test() */
static bool has_magic(struct sv_slice s)
{
    bool open = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '*' || s.p[i] == '?' || (s.p[i] == ']' && open))
            return true;
        open |= s.p[i] == '[';
        i += s.p[i] == '\\';
    }
    return false;
}

static bool is_dir(struct job *j, const char *path)
{
    struct stat st;
    return sv_fs_stat(j->p->sx->fs, path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void include_pattern(struct job *j, const char *dir, struct sv_slice rest, unsigned depth)
{
    struct ap_load *load = j->p->load;
    struct sv_arena *a = load->sx->arena;
    struct sv_dirents entries = {0};
    size_t n = sv_slice_chr(rest, '/');
    struct sv_slice part = sv_slice_sub(rest, 0, n);
    bool last = n == rest.n;
    rest = sv_slice_sub(rest, n + 1, rest.n);
    if (!has_magic(part)) {
        const char *path = part.n ? sv_path_join(a, dir, sv_arena_copy(a, part).p) : dir;
        if (last)
            include_path(j, path, 0);
        else if (depth < SV_MAX_WALK_DEPTH)
            include_pattern(j, path, rest, depth + 1);
        return;
    }
    sv_watch_at(load->sx->watch, dir);
    if (++load->listed > SV_APACHE_LISTED) {
        if (load->listed == SV_APACHE_LISTED + 1)
            fail(j, "patterns lead to too many folders; %s is the first that is not read%s", dir, "");
        return;
    }
    int rc = sv_fs_list(load->sx->fs, a, dir, &entries);
    if (rc < 0) {
        if (!j->optional)
            fail(j, "cannot read the folder %s: %s", dir, strerror(-rc));
        return;
    }
    unsigned hits = 0;
    sv_vec_each (e, &entries.list) {
        if ((e->name[0] == '.' && part.p[0] != '.') || !sv_glob_match(part, sv_slice_of(e->name)))
            continue;
        const char *path = sv_path_join(a, dir, e->name);
        if (!last && !is_dir(j, path))
            continue;
        hits++;
        if (last)
            include_path(j, path, 0);
        else if (depth < SV_MAX_WALK_DEPTH)
            include_pattern(j, path, rest, depth + 1);
    }
    if (!hits && !j->optional)
        fail(j, "nothing matches \"%s\" in %s; httpd refuses that, unlike with IncludeOptional",
             ap_shown(j->p, part), dir);
}

void ap_include(struct ap_parser *p, struct sv_node *n, bool optional)
{
    struct ap_load *load = p->load;
    struct job j = {.p = p, .include = n, .optional = optional};
    struct sv_slice arg = sv_node_arg(n, 0);
    if (n->n_args != 1 || arg.n == 0 || arg.n >= SV_MAX_PATH) {
        ap_complain(p, SV_DIAG_ERROR, n->head, "one file name or pattern was expected after \"%s\"",
                    ap_shown(p, n->name));
        return;
    }
    if (!load->sx->fs || load->includes > SV_MAX_CONFIG_FILES)
        return;
    const char *path = sv_path_join(load->sx->arena, load->tree->server_root,
                                    sv_arena_copy(load->sx->arena, arg).p);
    if (!has_magic(sv_slice_of(path)))
        include_path(&j, path, 0);
    else
        include_pattern(&j, "/", sv_slice_of(path + 1), 0);
}
