// SPDX-License-Identifier: Apache-2.0
// try_files and the content phase: handlers, index, autoindex and the static file code.
#include <errno.h>

#include "serve/nginx.h"

/* ---- try_files ---- */

/* The path that one argument names, and the part that becomes the URI. */
static bool try_path(struct ngx_run *r, struct sv_slice arg, struct ngx_path *ret_root,
                     struct sv_slice *ret_name, const char **ret_why)
{
    struct ngx_path root = ngx_root_path(r);
    struct sv_value v = ngx_expand(r, arg);
    if (!root.path || v.why) {
        *ret_why = v.why ? v.why : root.why;
        return false;
    }
    if (ngx_has_vars(arg) && root.alias_len && v.s.n >= root.alias_len &&
        r->uri.n >= root.alias_len && memcmp(v.s.p, r->uri.p, root.alias_len) == 0)
        v.s = sv_slice_sub(v.s, root.alias_len, v.s.n);
    *ret_root = root;
    *ret_name = v.s;
    return true;
}

static enum ngx_step try_last(struct ngx_run *r, struct sv_slice arg)
{
    unsigned long long code;
    if (arg.n > 1 && arg.p[0] == '=' && sv_slice_u64(sv_slice_sub(arg, 1, arg.n), &code))
        return ngx_finalise(r, code > 999 ? 500 : (int)code);
    struct ngx_path root;
    struct sv_slice name;
    const char *why = "a try_files target";
    if (!try_path(r, arg, &root, &name, &why))
        return ngx_unknown(r, why);
    if (name.n && name.p[0] == '@')
        return ngx_named_location(r, name);
    size_t q = sv_slice_chr(name, '?');
    return ngx_internal_redirect(r, sv_slice_sub(name, 0, q), sv_slice_sub(name, q + 1, name.n));
}

/* The URI under which a hit goes on (ngx_http_try_files_handler). */
static void try_hit(struct ngx_run *r, const struct ngx_path *root, struct sv_slice name, bool dir)
{
    if (!root->is_alias) {
        r->uri = name;
    } else if (root->regex_alias) {
        if (!dir) {
            r->uri = name;
            r->add_uri_to_alias = true;
        }
    } else {
        r->uri = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)root->alias_len, r->uri.p,
                                             (int)name.n, name.p));
    }
}

enum ngx_step ngx_try_files(struct ngx_run *r)
{
    const struct sv_node *n = sv_scope_own(r->scope, "try_files");
    if (!n || n->n_args < 2)
        return NGX_NEXT;
    ngx_why(r, n);
    for (uint32_t i = 0; i + 1 < n->n_args; i++) {
        struct sv_slice arg = sv_node_arg(n, i), name;
        struct ngx_path root = {0};
        const char *why = "a try_files argument";
        bool dir = arg.n > 1 && arg.p[arg.n - 1] == '/';
        if (dir)
            arg.n--;
        if (ngx_map_path(r).error)
            return ngx_finalise(r, 500);
        if (!try_path(r, arg, &root, &name, &why))
            return ngx_unknown(r, why);
        struct ngx_file f = ngx_stat(
            r, sv_arena_printf(r->a, "%s%.*s", root.path, (int)name.n, name.p), false);
        if (f.error || f.is_dir != dir)
            continue;
        try_hit(r, &root, name, dir);
        return NGX_NEXT;
    }
    return try_last(r, sv_node_arg(n, n->n_args - 1));
}

/* ---- content ---- */

static enum ngx_step handler(struct ngx_run *r)
{
    const struct sv_node *h = r->handler;
    ngx_why(r, h);
    if (sv_node_is(h, "proxy_pass"))
        return ngx_proxied(r);
    if (sv_node_is(h, "grpc_pass") || sv_node_is(h, "memcached_pass"))
        return ngx_send(r, SV_OUT_PROXIED, 0);
    if (sv_slice_ends(h->name, "_pass"))
        return ngx_send(r, SV_OUT_HANDLER, 0);
    if (sv_node_is(h, "stub_status") || sv_node_is(h, "empty_gif"))
        return ngx_send(r, SV_OUT_HANDLER, 200);
    return ngx_unknown(r, sv_arena_printf(r->a, "what %.*s answers", (int)h->name.n, h->name.p));
}

static int status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return 404;
    case EACCES:
    case EPERM:
    case ELOOP:
    case EMLINK:
        return 403;
    default:
        return 500;
    }
}

static enum ngx_step refused(struct ngx_run *r, const struct ngx_file *f)
{
    int status = status_of(f->error);
    if (f->hidden) {
        sv_answer_hidden(r->a, &r->ans, f->hidden);
    } else if (f->error == EACCES) {
        r->ans.worker_denied = true;
        if (f->blocker)
            sv_vec_push(r->a, &r->ans.why,
                        (struct sv_why){.text = sv_slice_of(sv_arena_printf(
                                            r->a, "user %s may not read %s", r->site->worker.user,
                                            f->blocker))});
    }
    return ngx_finalise(r, status);
}

/* One name of the index list. NGX_NEXT: try the following one. */
static enum ngx_step try_index(struct ngx_run *r, struct sv_slice arg, bool *io_dir_tested)
{
    struct sv_value v = ngx_expand(r, arg);
    if (v.why)
        return ngx_unknown(r, v.why);
    if (v.s.n && v.s.p[0] == '/')
        return ngx_internal_redirect(r, v.s, r->args);
    struct ngx_path p = ngx_map_path(r);
    if (!p.path)
        return p.error ? ngx_finalise(r, 500) : ngx_unknown(r, p.why);
    struct ngx_file f =
        ngx_stat(r, sv_arena_printf(r->a, "%s%.*s", p.path, (int)v.s.n, v.s.p), false);
    if (f.error == 0) {
        struct sv_slice uri = sv_slice_of(
            sv_arena_printf(r->a, "%.*s%.*s", (int)r->uri.n, r->uri.p, (int)v.s.n, v.s.p));
        return ngx_internal_redirect(r, uri, r->args);
    }
    if (f.error != ENOENT)
        return refused(r, &f);
    if (!*io_dir_tested) {
        struct ngx_file dir = ngx_stat(r, p.path, false);
        if (dir.error)
            return refused(r, &dir);
        if (!dir.is_dir)
            return ngx_finalise(r, 500);
        *io_dir_tested = true;
    }
    return NGX_NEXT;
}

static enum ngx_step index_phase(struct ngx_run *r)
{
    static const char *const names[] = {"index", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    bool dir_tested = false;
    if (!level)
        return try_index(r, SV_LIT("index.html"), &dir_tested);
    sv_node_each(n, level->node)
    {
        if (!sv_node_is(n, "index"))
            continue;
        for (uint32_t i = 0; i < n->n_args; i++) {
            enum ngx_step s = try_index(r, sv_node_arg(n, i), &dir_tested);
            if (s != NGX_NEXT) {
                ngx_why(r, n);
                return s;
            }
        }
    }
    return NGX_NEXT;
}

static enum ngx_step folder(struct ngx_run *r)
{
    const struct sv_node *random = sv_scope_get(r->scope, "random_index", NULL);
    if (random && sv_slice_is(sv_node_arg(random, 0), "on"))
        return ngx_unknown(r, "random_index");
    enum ngx_step s = index_phase(r);
    if (s != NGX_NEXT)
        return s;
    const struct sv_node *auto_node = sv_scope_get(r->scope, "autoindex", NULL);
    if (!auto_node || !sv_slice_is_nocase(sv_node_arg(auto_node, 0), "on"))
        return ngx_finalise(r, 403);
    struct ngx_path p = ngx_map_path(r);
    if (!p.path)
        return p.error ? ngx_finalise(r, 500) : ngx_unknown(r, p.why);
    ngx_why(r, auto_node);
    /* nginx cuts the last character, which it takes for the slash that an alias may lack. */
    size_t n = strlen(p.path);
    const char *dir = n > 1 ? sv_arena_copy(r->a, (struct sv_slice){p.path, n - 1}).p : p.path;
    struct ngx_file f = ngx_stat(r, dir, true);
    if (f.error == 0 && !f.is_dir)
        f.error = ENOTDIR;
    return f.error ? refused(r, &f) : ngx_send(r, SV_OUT_LISTING, 200);
}

static void why_root(struct ngx_run *r)
{
    static const char *const names[] = {"root", "alias", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    const struct sv_node *alias = level ? sv_scope_own(level, "alias") : NULL;
    if (level)
        ngx_why(r, alias ? alias : sv_scope_own(level, "root"));
}

/* `gzip_static always` looks for the .gz first, whatever the client accepts. */
static bool sent_compressed(struct ngx_run *r, const char *path)
{
    const struct sv_node *n = sv_scope_get(r->scope, "gzip_static", NULL);
    if (!n || !sv_slice_is(sv_node_arg(n, 0), "always"))
        return false;
    const char *gz = sv_arena_printf(r->a, "%s.gz", path);
    struct ngx_file f = ngx_stat(r, gz, true);
    if (f.error || !f.is_file)
        return false;
    ngx_why(r, n);
    why_root(r);
    r->ans.file = gz;
    return true;
}

static enum ngx_step static_file(struct ngx_run *r)
{
    struct ngx_path p = ngx_map_path(r);
    if (!p.path)
        return p.error ? ngx_finalise(r, 500) : ngx_unknown(r, p.why);
    if (sent_compressed(r, p.path))
        return ngx_send(r, SV_OUT_FILE, 200);
    struct ngx_file f = ngx_stat(r, p.path, true);
    if (f.error)
        return refused(r, &f);
    if (f.is_dir) {
        struct sv_slice to = ngx_escape(r->a, r->uri, false);
        const char *sep = r->args.n ? "?" : "";
        why_root(r);
        return ngx_redirect(r, 301,
                            sv_slice_of(sv_arena_printf(r->a, "%.*s/%s%.*s", (int)to.n, to.p, sep,
                                                        (int)r->args.n, r->args.p)));
    }
    if (!f.is_file)
        return ngx_finalise(r, 404);
    why_root(r);
    r->ans.file = p.path;
    return ngx_send(r, SV_OUT_FILE, 200);
}

enum ngx_step ngx_content_phase(struct ngx_run *r)
{
    if (r->handler)
        return handler(r);
    if (!sv_slice_is(r->req->method, "GET") && !sv_slice_is(r->req->method, "HEAD"))
        return ngx_finalise(r, 405);
    if (r->uri.n && r->uri.p[r->uri.n - 1] == '/')
        return folder(r);
    return static_file(r);
}
