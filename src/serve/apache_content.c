// SPDX-License-Identifier: Apache-2.0
// Type checking and fixups: what the file is, and who changes the answer before a handler runs.
#include <errno.h>

#include "serve/apache_names.h"

enum ap_step ap_type_checker(struct ap_run *r)
{
    enum ap_step s = AP_DECLINED;
    if (ap_module(r, "mod_negotiation.c"))
        s = ap_multiviews(r);
    if (s == AP_DECLINED && ap_module(r, "mod_mime.c"))
        s = ap_mime(r);
    return s;
}

/* SetHandler and ForceType, which come before every other fixup. */
static enum ap_step override_type(struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "forcetype", NULL);
    struct sv_slice type = n ? sv_node_arg(n, 0) : (struct sv_slice){"", 0};
    if (type.n && !sv_slice_is_nocase(type, "none")) {
        r->content_type = type;
        r->type_node = n;
    }
    n = ap_get(r, "sethandler", NULL);
    if (!n)
        return AP_DECLINED;
    struct sv_value v = {sv_node_arg(n, 0), NULL};
    if (sv_slice_find(v.s, "%{") < v.s.n)
        v = ap_expr_string(r, v.s);
    if (v.why)
        return ap_unknown(r, v.why);
    if (v.s.n && !sv_slice_is_nocase(v.s, "none")) {
        r->handler = v.s;
        r->handler_node = n;
    }
    return AP_DECLINED;
}

static void output_filters(struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "setoutputfilter", NULL);
    if (n)
        ap_add_filters(r, sv_node_arg(n, 0));
    if (!ap_module(r, "mod_include.c"))
        return;
    if (sv_slice_is(r->handler, "server-parsed")) {
        r->handler = SV_LIT("default-handler");
        r->ssi = true;
        return;
    }
    const struct sv_node *hack = ap_get(r, "xbithack", NULL);
    struct sv_slice v = hack ? sv_node_arg(hack, 0) : SV_LIT("off");
    if (!sv_slice_is_nocase(v, "off") && r->has_file && (r->st.st_mode & S_IXUSR) &&
        sv_slice_starts(r->content_type, "text/html"))
        r->ssi = true;
}

/* mod_speling looks for a name that is nearly right; it answers with a redirect. */
static enum ap_step spelling(struct ap_run *r)
{
    struct stat st;
    if (r->has_file || r->proxied || !ap_module(r, "mod_speling.c") ||
        !ap_flag(r, "checkspelling", false))
        return AP_DECLINED;
    const char *dir = sv_path_dir(r->a, sv_arena_copy(r->a, r->filename).p);
    if (sv_fs_stat(r->site->fs, dir, &st) < 0)
        return AP_DECLINED;
    ap_why(r, ap_get(r, "checkspelling", NULL));
    return ap_unknown(r, "which name CheckSpelling finds");
}

static bool ends(enum ap_step s)
{
    return s == AP_DONE || s == AP_REDIRECT;
}

/* Hooks of the same rank run in the order in which their modules were loaded. */
static bool loaded_before(const struct ap_run *r, const char *one, const char *other)
{
    sv_vec_each(m, &r->site->apache->tree.modules)
    {
        if (sv_slice_is(m->file, other))
            return false;
        if (sv_slice_is(m->file, one))
            return true;
    }
    return false;
}

/* [T=] and [H=] of mod_rewrite. */
static void force_type(struct ap_run *r)
{
    if (r->forced_type.n)
        r->content_type = r->forced_type;
    if (r->forced_handler.n) {
        r->handler = r->forced_handler;
        r->handler_node = r->forced_node;
        r->pending = false; /* it takes the place of the redirect-handler */
    }
}

enum ap_step ap_fixups(struct ap_run *r)
{
    enum ap_step s = override_type(r);
    if (!ends(s) && ap_module(r, "mod_rewrite.c")) {
        int error = r->error_status;
        const char *before = r->proxied;
        s = ap_rewrite_fixup(r);
        if (s == AP_REDIRECT && r->error_status == error) {
            /* httpd's "redirect-handler": the other fixups still have their say. */
            r->pending = true;
            r->handler = SV_LIT("redirect-handler");
            s = AP_OK;
        } else if (r->proxied != before && !ends(s)) {
            r->handler = SV_LIT("proxy-server");
        }
    }
    if (!ends(s) && ap_module(r, "mod_env.c"))
        ap_mod_env(r);
    if (!ends(s) && ap_module(r, "mod_alias.c"))
        s = ap_alias_fixup(r);
    if (!ends(s))
        s = spelling(r);
    bool rewrite_first = loaded_before(r, "mod_rewrite.c", "mod_dir.c");
    if (!ends(s) && rewrite_first)
        force_type(r);
    if (!ends(s) && ap_module(r, "mod_dir.c"))
        s = ap_dir_fixup(r);
    if (!ends(s) && !rewrite_first)
        force_type(r);
    if (!ends(s))
        output_filters(r);
    return ends(s) ? s : AP_OK;
}

/* ---- opening ---- */

int ap_open_error(struct ap_run *r, const char *path)
{
    struct stat st;
    int rc = sv_fs_stat(r->site->fs, path, &st);
    if (rc < 0)
        return -rc;
    if (!r->site->worker_known)
        return 0;
    struct sv_access_answer acc =
        sv_access_check(r->site->fs, r->a, &r->site->worker, path, SV_RIGHT_READ);
    return acc.access == SV_ACCESS_NO ? acc.error ? acc.error : EACCES : 0;
}

enum ap_step ap_refused(struct ap_run *r, const char *path, int error)
{
    struct sv_access_answer acc = {.access = SV_ACCESS_NO};
    if (r->site->worker_known)
        acc = sv_access_check(r->site->fs, r->a, &r->site->worker, path, SV_RIGHT_READ);
    if (acc.hidden)
        sv_answer_hidden(r->a, &r->ans, acc.hidden);
    if (error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG)
        return ap_status(r, 404);
    if (acc.blocker && !acc.hidden) {
        r->ans.worker_denied = true;
        sv_vec_push(r->a, &r->ans.why,
                    (struct sv_why){.text = sv_slice_of(sv_arena_printf(
                                        r->a, "user %s may not read %s", r->site->worker.user,
                                        acc.blocker))});
    }
    return ap_status(r, 403);
}
