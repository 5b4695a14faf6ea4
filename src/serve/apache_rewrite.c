// SPDX-License-Identifier: Apache-2.0
// mod_rewrite's hooks: server rules translate the URI, directory rules redirect internally.
#include "serve/apache_names.h"
#include "serve/apache_rewrite.h"

static enum ap_step forbid_proxy(struct ap_run *r)
{
    return ap_module(r, "mod_proxy.c") ? AP_OK : ap_status(r, 403);
}

/* A query with raw blanks or controls is refused unless it goes into a redirect. */
static bool bad_query(const struct ap_run *r)
{
    return !ap_printable(r->args);
}

static enum ap_step hand_over(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    enum ap_step s = forbid_proxy(r);
    if (s != AP_OK)
        return s;
    if (bad_query(r))
        return ap_status(r, 403);
    if (w->dir.n == 0 && r->path_info.n)
        r->filename = ap_concat(r->a, r->filename, r->path_info);
    r->proxied = sv_arena_copy(r->a, r->filename).p;
    r->handler = SV_LIT("proxy-server");
    return AP_OK;
}

/* mod_rewrite forgets the error whose document is looked for. */
static enum ap_step end_with_status(struct ap_rewriter *w)
{
    w->r->error_status = 0;
    return ap_status(w->r, w->status);
}

static enum ap_step redirect(struct ap_rewriter *w, enum ap_rewritten how, struct sv_slice old_args)
{
    struct ap_run *r = w->r;
    struct sv_slice to = r->filename, args = r->args;
    if (how != AP_RW_NOESCAPE)
        to = ap_escape_full_uri(r->a, to);
    else if (bad_query(r))
        return ap_status(r, 403);
    if (args.n || r->empty_query) {
        if (how != AP_RW_NOESCAPE && !sv_slice_eq(args, old_args))
            args = ap_escape_path(r->a, args);
        to = ap_concat(r->a, ap_concat(r->a, to, SV_LIT("?")), args);
    }
    int status = w->status >= 300 && w->status < 400 ? w->status : 302;
    r->error_status = 0;
    return ap_redirect_to(r, status, to);
}

/* ---- server rules ---- */

static bool starts(struct sv_slice s, struct sv_slice prefix)
{
    return sv_slice_eq(sv_slice_sub(s, 0, prefix.n), prefix);
}

/* True if the result is a file name as it stands: its first part exists, and the rule itself
 * names that part, allows any, or leads into DocumentRoot (prefix_stat() since 2.4.60). */
static bool is_file_name(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    struct stat st;
    struct sv_slice rest = r->filename;
    while (rest.n && rest.p[0] == '/')
        rest = sv_slice_sub(rest, 1, rest.n);
    struct sv_slice top = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    if (sv_slice_is(top, ".") || sv_slice_is(top, ".."))
        top.n = 0;
    top = ap_concat(r->a, SV_LIT("/"), top);
    if (ap_stat(r, top, &st) < 0)
        return false;
    if (!w->last || w->last->flags & AP_R_ANY_PREFIX || starts(w->last->output, top))
        return true;
    return starts(r->filename, sv_slice_of(ap_document_root(r))) ||
           (r->context_root.n && starts(r->filename, r->context_root));
}

/* "/~user/x" is the user's own home folder, whatever UserDir says. */
static void expand_home(struct ap_run *r)
{
    if (!sv_slice_starts(r->filename, "/~"))
        return;
    struct sv_slice rest = sv_slice_sub(r->filename, 2, r->filename.n);
    size_t slash = sv_slice_chr(rest, '/');
    const char *home = sv_identity_home(r->site->ids, r->a, sv_slice_sub(rest, 0, slash));
    if (home)
        r->filename = ap_concat(r->a, sv_slice_of(home), sv_slice_sub(rest, slash, rest.n));
}

static enum ap_step to_path(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    if (r->filename.n == 0 || r->filename.p[0] != '/')
        return ap_status(r, 400);
    expand_home(r);
    bool reduced = w->reduced && !(w->conf.options & AP_RO_LEGACY_PREFIX);
    bool as_is = !reduced && is_file_name(w);
    if (r->proxied && !as_is)
        return ap_status(r, 403);
    r->proxied = NULL;
    size_t from = 0;
    while (from < r->filename.n && r->filename.p[from] == '/')
        from++;
    struct sv_slice rest = sv_slice_sub(r->filename, from, r->filename.n);
    const char *root = as_is ? "/" : ap_document_root(r);
    const char *path = ap_path_merge(r->a, root, rest);
    if (!sv_path_below(path, root))
        return ap_status(r, 403);
    r->kept_status = w->status;
    r->filename = sv_slice_of(path);
    r->mapped_by = w->last ? w->last->node : NULL;
    return AP_OK;
}

static void script_variables(struct ap_run *r)
{
    struct sv_value url = {.s = r->uri};
    if (!r->prev || !ap_env_get(r, SV_LIT("REDIRECT_SCRIPT_URL"), &url))
        url.s = r->uri;
    ap_env_set(r, SV_LIT("SCRIPT_URL"), url, NULL);
    url.s = sv_slice_of(ap_construct_url(r, url.s));
    ap_env_set(r, SV_LIT("SCRIPT_URI"), url, NULL);
}

static enum ap_step finish_server(struct ap_rewriter *w, enum ap_rewritten how,
                                  struct sv_slice old_args)
{
    struct ap_run *r = w->r;
    bool query;
    if (w->proxy)
        return hand_over(w);
    if (w->pass) {
        if (bad_query(r))
            return ap_status(r, 403);
        if (r->proxied) { /* mod_proxy counts it as its own still, and has no file name for it */
            r->proxied = NULL;
            r->handler = r->filename = SV_LIT("");
            return AP_OK;
        }
        r->uri = r->filename;
        r->filename = SV_LIT("");
        return AP_DECLINED;
    }
    if (ap_uri_scheme(r->filename, &query))
        return redirect(w, how, old_args);
    return bad_query(r) ? ap_status(r, 403) : to_path(w);
}

enum ap_step ap_rewrite_server(struct ap_run *r)
{
    struct ap_rewriter w = {.r = r};
    struct ap_rewrite_conf dir;
    if (!ap_module(r, "mod_rewrite.c"))
        return AP_DECLINED;
    ap_rewrite_dir_conf(r, &dir);
    if (!dir.enabled)
        return AP_DECLINED;
    ap_rewrite_server_conf(r, &w.conf);
    if (!w.conf.own || r->rewrite_end)
        return AP_DECLINED;
    if (!(dir.options & AP_RO_ANY_URI) && (r->uri.n == 0 || r->uri.p[0] != '/'))
        return AP_DECLINED;
    script_variables(r);
    if (w.conf.lines.n == 0)
        return AP_DECLINED;
    struct sv_slice old_name = r->filename, old_args = r->args;
    if (!r->proxied)
        r->filename = r->uri;
    enum ap_rewritten how = ap_rewrite_list(&w);
    switch (how) {
    case AP_RW_NONE: r->filename = old_name; return AP_DECLINED;
    case AP_RW_STATUS: return end_with_status(&w);
    case AP_RW_UNKNOWN: return ap_unknown(r, w.why);
    case AP_RW_CHANGED:
    case AP_RW_NOESCAPE: break;
    }
    return finish_server(&w, how, old_args);
}

/* ---- directory rules ---- */

/* The part of a full URI behind its host gets the folder replaced by RewriteBase. */
static void rebase_full_uri(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    bool query;
    size_t at = ap_uri_scheme(r->filename, &query);
    at += sv_slice_chr(sv_slice_sub(r->filename, at, r->filename.n), '/');
    if (w->conf.base.n == 0 || at + 1 >= r->filename.n)
        return;
    struct sv_slice tail = ap_replace_prefix(r->a, sv_slice_sub(r->filename, at, r->filename.n),
                                             w->dir, w->conf.base);
    r->filename = ap_concat(r->a, sv_slice_sub(r->filename, 0, at), tail);
}

/* From the file name back to a URI: RewriteBase, else DocumentRoot, else the alias. */
static struct sv_slice path_to_uri(struct ap_rewriter *w)
{
    struct ap_run *r = w->r;
    struct sv_slice name = r->filename, uri = name, root = sv_slice_of(ap_document_root(r));
    if (w->conf.base.n)
        uri = ap_replace_prefix(r->a, name, w->dir, w->conf.base);
    else
        uri = ap_replace_prefix(r->a, name, root, SV_LIT("/"));
    if (uri.p != name.p || w->conf.options & AP_RO_NO_CONTEXT)
        return uri;
    return ap_replace_prefix(r->a, name, r->context_root.n ? r->context_root : root,
                             r->context_prefix);
}

static enum ap_step redirect_inside(struct ap_rewriter *w, struct sv_slice old_name)
{
    struct ap_run *r = w->r;
    if (r->filename.n == 0 || r->filename.p[0] != '/')
        return ap_status(r, 400);
    if (bad_query(r))
        return ap_status(r, 403);
    if (sv_slice_eq(r->filename, old_name))
        return AP_OK;
    r->filename = ap_one_slash(r->filename);
    struct sv_slice uri = path_to_uri(w);
    r->proxied = NULL;
    r->kept_status = w->status;
    if (r->args.n || r->empty_query)
        uri = ap_concat(r->a, ap_concat(r->a, uri, SV_LIT("?")), r->args);
    return ap_redirect_internally(r, uri);
}

/* The folder's own name without its slash is mod_dir's. */
static bool without_slash(const struct ap_rewriter *w)
{
    const struct ap_run *r = w->r;
    return !w->proxy_request && !(w->conf.options & AP_RO_NO_SLASH) &&
           r->filename.n + 1 == w->dir.n && starts(w->dir, r->filename);
}

static enum ap_step finish_dir(struct ap_rewriter *w, enum ap_rewritten how,
                               struct sv_slice old_name, struct sv_slice old_args)
{
    bool query;
    if (w->proxy)
        return hand_over(w);
    if (!w->pass && ap_uri_scheme(w->r->filename, &query)) {
        rebase_full_uri(w);
        return redirect(w, how, old_args);
    }
    return redirect_inside(w, old_name);
}

enum ap_step ap_rewrite_fixup(struct ap_run *r)
{
    struct ap_rewriter w = {.r = r};
    struct ap_rewrite_conf server;
    if (!ap_module(r, "mod_rewrite.c"))
        return AP_DECLINED;
    ap_rewrite_dir_conf(r, &w.conf);
    w.dir = w.conf.directory;
    w.proxy_request = r->proxied != NULL;
    if (!w.conf.enabled || w.dir.n == 0 || without_slash(&w) || r->rewrite_end)
        return AP_DECLINED;
    if (!(ap_options(r) & (AP_OPT_SYM_LINKS | AP_OPT_SYM_OWNER)))
        return ap_status(r, 403);
    ap_rewrite_server_conf(r, &server);
    w.conf.maps = server.maps;
    struct sv_slice old_name = r->filename, old_args = r->args, old_info = r->path_info;
    r->whole_name = !starts(r->filename, w.dir);
    if (w.proxy_request)
        r->filename = ap_concat(r->a, SV_LIT("proxy:"), sv_slice_of(r->proxied));
    enum ap_rewritten how = ap_rewrite_list(&w);
    switch (how) {
    case AP_RW_NONE:
        r->filename = old_name;
        r->path_info = old_info;
        return AP_DECLINED;
    case AP_RW_STATUS: return end_with_status(&w);
    case AP_RW_UNKNOWN: return ap_unknown(r, w.why);
    case AP_RW_CHANGED:
    case AP_RW_NOESCAPE: break;
    }
    return finish_dir(&w, how, old_name, old_args);
}
