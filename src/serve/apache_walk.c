// SPDX-License-Identifier: Apache-2.0
// The directory walk (ap_directory_walk): folder by folder, links, .htaccess, the file itself.
#include <errno.h>

#include "serve/apache_options.h"
#include "serve/apache_sections.h"

struct walk {
    struct ap_run *r;
    struct ap_opts opts;
    const struct sv_scope *opts_level; /* the last that set Options */
    struct sv_override override;
    size_t base;          /* levels of the servers: all that a refused request has */
    struct sv_slice name; /* the whole file name */
    size_t n;             /* how much of it the walk has reached */
    size_t section;       /* the next of the server's Directory sections */
    size_t parts;         /* slashes of the folder reached, its closing one too */
};

/* What stat(2) says to the worker: 0 or an errno. */
static int worker_stat(struct ap_run *r, const char *path, bool follow, struct stat *ret)
{
    const struct sv_site *site = r->site;
    int rc = follow ? sv_fs_stat(site->fs, path, ret) : sv_fs_lstat(site->fs, path, ret);
    if (site->worker_known) {
        /* Of a link only the folder it stands in counts. */
        const char *asked = follow ? path : sv_path_dir(r->a, path);
        struct sv_access_answer acc = sv_access_check(site->fs, r->a, &site->worker, asked,
                                                      follow ? 0 : SV_RIGHT_SEARCH);
        if (acc.access == SV_ACCESS_NO && acc.error)
            return acc.error;
    }
    return rc < 0 ? -rc : 0;
}

static const char *reached(const struct walk *w)
{
    return sv_arena_copy(w->r->a, sv_slice_sub(w->name, 0, w->n)).p;
}

/* The folder reached, with its closing slash. */
static const char *folder(const struct walk *w)
{
    bool slash = w->n && w->name.p[w->n - 1] == '/';
    return sv_arena_printf(w->r->a, "%.*s%s", (int)w->n, w->name.p, slash ? "" : "/");
}

static void merge(struct walk *w, const struct sv_scope *level, const char *dir, bool htaccess)
{
    if (ap_opts_merge(&w->opts, level))
        w->opts_level = level;
    ap_override_merge(&w->override, level);
    ap_push_level(w->r, level, dir, htaccess);
}

/* A section's name as httpd keeps it, with a closing slash. */
static const char *section_dir(struct sv_arena *a, const struct sv_scope *s)
{
    bool slash = s->name.n && s->name.p[s->name.n - 1] == '/';
    return sv_arena_printf(a, "%.*s%s", (int)s->name.n, s->name.p, slash ? "" : "/");
}

static size_t count_slashes(struct sv_slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '/';
    return n;
}

static bool matches(const struct sv_scope *s, struct sv_slice own, struct sv_slice dir)
{
    if (s->match == SV_MATCH_GLOB)
        return sv_glob_match_path(own, dir);
    return sv_slice_eq(own, dir);
}

/* Plain sections stand in the order of their parts, so that one pass down the path meets each. */
static void merge_sections(struct walk *w, struct sv_slice dir)
{
    const sv_scope_vec *list = &w->r->server->directories;
    for (; w->section < list->n; w->section++) {
        const struct sv_scope *s = list->v[w->section];
        if (s->match == SV_MATCH_REGEX)
            return;
        struct sv_slice own = sv_slice_of(section_dir(w->r->a, s));
        if (count_slashes(own) > w->parts)
            return;
        if (matches(s, own, dir))
            merge(w, s, own.p, false);
    }
}

static enum ap_step refuse(struct walk *w, int status, const struct sv_node *why)
{
    ap_why(w->r, why);
    w->r->levels.n = w->base;
    return ap_status(w->r, status);
}

/* Depth is bounded by the parser's limit on open blocks. */
static bool good_conditions(struct ap_run *r, const struct sv_node *parent)
{
    sv_node_each(n, parent)
    {
        bool asks = sv_node_is(n, "if") || sv_node_is(n, "elseif");
        if (n->kind == SV_NODE_BLOCK && asks && !ap_expr_valid(r, ap_condition_of(r->a, n)))
            return false;
        if (n->kind == SV_NODE_BLOCK && !good_conditions(r, n))
            return false;
    }
    return true;
}

static enum ap_step merge_htaccess(struct walk *w, const char *dir)
{
    const struct sv_override *o = &w->override;
    if (!o->mask && !o->unset && !o->nonfatal_override && !o->nonfatal_unknown && !o->list)
        return AP_OK;
    const struct sv_node *names = ap_server_get(w->r, "accessfilename");
    struct sv_slice bare = sv_slice_sub(sv_slice_of(dir), 0, strlen(dir) - 1);
    struct sv_htaccess *ht =
        sv_apache_htaccess(w->r->site, names ? names->body : SV_LIT(".htaccess"),
                           sv_arena_copy(w->r->a, bare).p);
    if (!ht)
        return AP_OK;
    sv_vec_push(w->r->a, &w->r->ans.htaccess, ht->path);
    if (ht->error)
        return refuse(w, 403, o->node);
    const struct sv_verdict *v = ht->bad ? NULL : sv_apache_judge(w->r->site, ht, o);
    if (!v || v->bad) {
        ap_why(w->r, o->node);
        return refuse(w, 500, v ? v->bad : ht->bad);
    }
    if (ht->expressions == SV_EXPR_UNSEEN)
        ht->expressions = good_conditions(w->r, ht->scope->node) ? SV_EXPR_GOOD : SV_EXPR_BAD;
    if (ht->expressions == SV_EXPR_BAD && o->mask)
        return refuse(w, 500, NULL);
    if (v->unknown) {
        ap_why(w->r, v->unknown);
        return ap_unknown(w->r, sv_arena_printf(w->r->a, "%.*s, of a module that is not known",
                                                (int)v->unknown->name.n, v->unknown->name.p));
    }
    merge(w, v->scope, dir, true);
    return AP_OK;
}

static bool takes_links_unseen(const struct walk *w)
{
    return (w->opts.value & (AP_OPT_SYM_OWNER | AP_OPT_SYM_LINKS)) == AP_OPT_SYM_LINKS;
}

/* resolve_symlink(): *st becomes the target's. */
static bool follow_link(struct walk *w, struct stat *st)
{
    struct stat target;
    if (!(w->opts.value & (AP_OPT_SYM_OWNER | AP_OPT_SYM_LINKS)) ||
        worker_stat(w->r, reached(w), true, &target) != 0)
        return false;
    if ((w->opts.value & AP_OPT_SYM_OWNER) && target.st_uid != st->st_uid)
        return false;
    *st = target;
    return true;
}

/* Goes on by one segment; false if the name is used up or nothing but a slash was left. */
static bool next_segment(struct walk *w)
{
    if (w->n == w->name.n)
        return false;
    size_t from = w->n + (w->name.p[w->n] == '/');
    size_t end = from + sv_slice_chr(sv_slice_sub(w->name, from, w->name.n), '/');
    w->n = end;
    return end > from;
}

/* AP_OK: the walk goes on below; AP_DECLINED: it ends here. *ret_error: as lstat(2) told. */
static enum ap_step look_at(struct walk *w, struct stat *ret_st, int *ret_error)
{
    *ret_error = worker_stat(w->r, reached(w), false, ret_st);
    if (*ret_error == ENOENT)
        return AP_DECLINED;
    const struct sv_node *options = w->opts_level ? sv_scope_own_last(w->opts_level, "options")
                                                  : NULL;
    if (*ret_error)
        return refuse(w, 403, NULL);
    if (S_ISLNK(ret_st->st_mode) && !follow_link(w, ret_st))
        return refuse(w, 403, options);
    if (S_ISREG(ret_st->st_mode))
        return AP_DECLINED;
    return S_ISDIR(ret_st->st_mode) ? AP_OK : refuse(w, 403, NULL);
}

static enum ap_step descend(struct walk *w)
{
    struct ap_run *r = w->r;
    for (;;) {
        const char *dir = folder(w);
        merge_sections(w, sv_slice_of(dir));
        enum ap_step s = merge_htaccess(w, dir);
        if (s == AP_DONE || s == AP_REDIRECT)
            return s;
        if (!next_segment(w))
            return AP_OK;
        w->parts++;
        if (r->has_file && takes_links_unseen(w))
            continue;
        struct stat st;
        int error;
        s = look_at(w, &st, &error);
        if (s == AP_OK)
            continue;
        if (s == AP_DECLINED && !r->has_file) {
            r->has_file = error == 0;
            r->file_error = error;
            if (!error)
                r->st = st;
        }
        return s == AP_DECLINED ? AP_OK : s;
    }
}

static void merge_expressions(struct walk *w)
{
    const sv_scope_vec *list = &w->r->server->directories;
    for (; w->section < list->n; w->section++) {
        const struct sv_scope *s = list->v[w->section];
        if (s->match == SV_MATCH_REGEX && ap_section_regex(w->r, s, w->r->filename))
            merge(w, s, section_dir(w->r->a, s), false);
    }
}

/* The stat that comes first; a file with a closing slash counts as not there. */
static void stat_file(struct ap_run *r)
{
    const char *path = sv_arena_copy(r->a, r->filename).p;
    r->file_error = worker_stat(r, path, true, &r->st);
    bool slash = r->filename.n > 1 && r->filename.p[r->filename.n - 1] == '/';
    if (!r->file_error && slash && !S_ISDIR(r->st.st_mode))
        r->file_error = ENOTDIR;
    r->has_file = r->file_error == 0;
    if (r->file_error && r->site->worker_known && r->site->worker.view) {
        struct sv_access_answer acc =
            sv_access_check(r->site->fs, r->a, &r->site->worker, path, SV_RIGHT_READ);
        if (acc.hidden)
            sv_answer_hidden(r->a, &r->ans, acc.hidden);
    }
}

/* The folder whose sections a request with this file name is under, as httpd remembers it. */
static struct sv_slice dir_of(struct sv_slice name)
{
    while (name.n && name.p[name.n - 1] != '/')
        name.n--;
    return name;
}

static void remember(struct ap_run *r, size_t base)
{
    bool dir = r->has_file && S_ISDIR(r->st.st_mode);
    r->walked_server = r->server;
    r->walked_dir = dir ? r->filename : dir_of(r->filename);
    r->n_walked = r->levels.n - base;
    r->walked = sv_arena_alloc(r->a, (r->n_walked + 1) * sizeof *r->walked);
    if (r->n_walked)
        memcpy(r->walked, r->levels.v + base, r->n_walked * sizeof *r->walked);
}

/* A file in the folder where the request before has ended gets that folder's configuration: the
 * walk does not try its own name on the sections, and of links only the file itself counts. */
static enum ap_step walk_again(struct walk *w)
{
    struct ap_run *r = w->r;
    struct stat st;
    bool file = r->has_file && S_ISREG(r->st.st_mode);
    bool dir = r->has_file && S_ISDIR(r->st.st_mode) && r->path_info.n == 0;
    struct sv_slice entry = file ? dir_of(r->filename) : r->filename;
    if (dir && entry.p[entry.n - 1] != '/')
        entry = sv_slice_of(sv_arena_printf(r->a, "%.*s/", (int)entry.n, entry.p));
    if ((!file && !dir) || r->walked_server != r->server || r->walked_dir.n == 0 ||
        !sv_slice_eq(entry, r->walked_dir))
        return AP_DECLINED;
    for (size_t i = 0; i < r->n_walked; i++)
        merge(w, r->walked[i].scope, r->walked[i].dir, r->walked[i].in_htaccess);
    w->n = w->name.n;
    const char *name = sv_arena_copy(r->a, r->filename).p;
    if (!(w->opts.value & AP_OPT_SYM_LINKS) && worker_stat(r, name, false, &st) == 0 &&
        S_ISLNK(st.st_mode) && !follow_link(w, &st))
        return refuse(w, 403, NULL);
    return AP_OK;
}

enum ap_step ap_directory_walk(struct ap_run *r)
{
    struct walk w = {.r = r, .base = r->levels.n, .opts = ap_opts_default(), .n = 1, .parts = 1,
                     .name = r->filename,
                     .override = {.unset = true, .options = ~0u}};
    if (r->filename.n == 0 || r->filename.p[0] != '/')
        return AP_OK;
    for (size_t i = 0; i < w.base; i++)
        if (ap_opts_merge(&w.opts, r->levels.v[i].scope))
            w.opts_level = r->levels.v[i].scope;
    stat_file(r);
    enum ap_step s = walk_again(&w);
    if (s != AP_DECLINED)
        return s;
    s = descend(&w);
    struct sv_slice rest = sv_slice_sub(w.name, w.n, w.name.n);
    if (rest.n)
        r->path_info = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)rest.n, rest.p,
                                                   (int)r->path_info.n, r->path_info.p));
    r->filename = sv_arena_copy(r->a, sv_slice_sub(w.name, 0, w.n));
    if (s == AP_DONE || s == AP_REDIRECT)
        return s;
    merge_expressions(&w);
    remember(r, w.base);
    return AP_OK;
}
