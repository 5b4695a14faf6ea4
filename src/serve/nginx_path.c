// SPDX-License-Identifier: Apache-2.0
// From URI to file: root, alias, disable_symlinks, and what the worker's open(2) would say.
#include <errno.h>

#include "serve/nginx.h"

static const char *const root_names[] = {"root", "alias", NULL};

/* The last of the two in that level; nginx refuses both in one level. */
static const struct sv_node *root_node(const struct ngx_run *r, const struct sv_scope **ret_level)
{
    const struct sv_scope *level = sv_scope_list(r->scope, root_names);
    *ret_level = level;
    if (!level)
        return NULL;
    const struct sv_node *alias = sv_scope_own(level, "alias");
    return alias ? alias : sv_scope_own(level, "root");
}

struct ngx_path ngx_root_path(struct ngx_run *r)
{
    const struct sv_scope *level;
    const struct sv_node *n = root_node(r, &level);
    struct ngx_path p = {0};
    struct sv_slice text = SV_LIT("html");
    if (n) {
        p.is_alias = sv_node_is(n, "alias");
        const struct sv_scope *loc = sv_scope_location(level);
        if (p.is_alias && loc->kind == SV_SCOPE_LOCATION) {
            p.regex_alias = loc->match == SV_MATCH_REGEX || loc->match == SV_MATCH_REGEX_NOCASE;
            p.alias_len = p.regex_alias ? 0 : loc->name.n;
        }
        text = sv_node_arg(n, 0);
        if (!p.is_alias && text.n && text.p[text.n - 1] == '/')
            text.n--;
    }
    struct sv_value v = ngx_expand(r, text);
    if (v.why) {
        p.why = v.why;
        return p;
    }
    /* An absolute value stays as it is: "" is the file system's root here. */
    bool relative = v.s.n ? v.s.p[0] != '/' : text.n > 0;
    p.path = relative ? sv_arena_printf(r->a, "%s/%.*s", r->site->prefix, (int)v.s.n, v.s.p)
                      : sv_arena_copy(r->a, v.s).p;
    return p;
}

struct ngx_path ngx_map_path(struct ngx_run *r)
{
    struct ngx_path p = ngx_root_path(r);
    if (p.is_alias && !r->valid_location) {
        p.path = NULL;
        p.error = true;
        return p;
    }
    if (!p.path || (p.regex_alias && !r->add_uri_to_alias))
        return p;
    struct sv_slice rest = sv_slice_sub(r->uri, p.alias_len, r->uri.n);
    p.path = sv_arena_printf(r->a, "%s%.*s", p.path, (int)rest.n, rest.p);
    return p;
}

/* The disable_symlinks in force, or NULL if it is off. */
static const struct sv_node *link_mode(const struct ngx_run *r)
{
    const struct sv_node *n = sv_scope_get(r->scope, "disable_symlinks", NULL);
    return n && !sv_slice_is(sv_node_arg(n, 0), "off") ? n : NULL;
}

/* disable_symlinks: 0, or the errno that refuses. Folders of `from=` are not looked at. */
static int link_policy(struct ngx_run *r, const char *path)
{
    const struct sv_node *n = link_mode(r);
    if (!n)
        return 0;
    bool owner = sv_slice_is(sv_node_arg(n, 0), "if_not_owner");
    size_t from = 0;
    for (uint32_t i = 1; i < n->n_args; i++) {
        struct sv_slice arg = sv_node_arg(n, i);
        if (!sv_slice_starts(arg, "from="))
            continue;
        struct sv_value v = ngx_expand(r, sv_slice_sub(arg, 5, arg.n));
        if (!v.why && v.s.n && strncmp(path, v.s.p, v.s.n) == 0)
            from = v.s.n;
    }
    for (size_t i = from + 1; from < strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        struct stat link, target;
        const char *part = sv_arena_copy(r->a, (struct sv_slice){path, i}).p;
        if (sv_fs_lstat(r->site->fs, part, &link) == 0 && S_ISLNK(link.st_mode) &&
            (!owner || (sv_fs_stat(r->site->fs, part, &target) == 0 &&
                        target.st_uid != link.st_uid)))
            /* With `on`, a link in the middle fails as O_DIRECTORY|O_NOFOLLOW does. */
            return path[i] == '\0' || owner ? ELOOP : ENOTDIR;
        if (path[i] == '\0')
            break;
    }
    return 0;
}

struct ngx_file ngx_stat(struct ngx_run *r, const char *path, bool open)
{
    struct ngx_file f = {0};
    struct stat st;
    if (path[0] == '\0')
        path = "/";
    int rc = sv_fs_stat(r->site->fs, path, &st);
    /* Under disable_symlinks nginx opens what it would only stat, folders too. */
    open |= link_mode(r) != NULL;
    f.error = rc < 0 ? -rc : 0;
    if (r->site->worker_known) {
        enum sv_right right = open && rc == 0 ? SV_RIGHT_READ : 0;
        struct sv_access_answer acc =
            sv_access_check(r->site->fs, r->a, &r->site->worker, path, right);
        if (acc.access == SV_ACCESS_NO && acc.error) {
            f.error = acc.error;
            f.blocker = acc.blocker;
            f.hidden = acc.hidden;
        }
    }
    /* The policy is applied on the way, so it speaks before what lies behind a link does. */
    int policy = link_policy(r, path);
    if (policy)
        f.error = policy;
    if (f.error)
        return f;
    size_t n = strlen(path);
    f.is_dir = S_ISDIR(st.st_mode);
    f.is_file = S_ISREG(st.st_mode);
    f.is_exec = (st.st_mode & S_IXUSR) != 0; /* folders too: ngx_is_exec */
    if (!f.is_dir && n > 1 && path[n - 1] == '/')
        f.error = ENOTDIR;
    return f;
}
