// SPDX-License-Identifier: Apache-2.0
// mod_dir: the slash redirect, DirectoryIndex, FallbackResource.
#include <errno.h>

#include "serve/apache_names.h"

/* DirectoryIndexRedirect: 0 if the index is sent at once. */
static int index_redirect(struct ap_run *r)
{
    static const struct {
        const char *name;
        int status;
    } names[] = {{"off", 0}, {"on", 302}, {"temp", 302}, {"permanent", 301}, {"seeother", 303}};
    const struct sv_node *n = ap_get(r, "directoryindexredirect", NULL);
    unsigned long long code;
    if (!n)
        return 0;
    ap_why(r, n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(sv_node_arg(n, 0), names[i].name))
            return names[i].status;
    return sv_slice_u64(sv_node_arg(n, 0), &code) && code >= 300 && code < 400 ? (int)code : 0;
}

/* One of the names was asked for: what follows. AP_DECLINED: look at the next. */
static enum ap_step judge(struct ap_run *r, struct ap_run *sub, int status, bool index,
                          bool only, int *io_error)
{
    /* Where SetHandler gives a handed-over index another one, it is none. */
    bool proxied = sv_slice_is(sub->handler, "proxy-server");
    if (status < 0)
        return ap_unknown(r, sub->ans.unknown);
    if (status == 200 && (proxied || (sub->has_file && S_ISREG(sub->st.st_mode)))) {
        int redirect = index ? index_redirect(r) : 0;
        if (redirect)
            return ap_redirect_to(r, redirect, sv_slice_of(ap_construct_url(r, sub->uri)));
        ap_become(r, sub);
        return AP_OK;
    }
    if (status / 100 == 3 || (only && (status == 406 || status == 401))) {
        sv_vec_each(w, &sub->ans.why)
        {
            sv_vec_push(r->a, &r->ans.why, *w);
        }
        return status / 100 == 3 && sub->ans.location
                   ? ap_redirect_to(r, status, sv_slice_of(sub->ans.location))
                   : ap_status(r, status);
    }
    if (status != 404 && status != 200) {
        *io_error = status;
        r->ans.worker_denied = sub->ans.worker_denied;
        sv_vec_each(w, &sub->ans.why)
        {
            sv_vec_push(r->a, &r->ans.why, *w);
        }
    }
    return AP_DECLINED;
}

static enum ap_step ask(struct ap_run *r, struct sv_slice name, bool index, bool only,
                        int *io_error)
{
    struct ap_run *sub = sv_new(r->a, struct ap_run);
    if (r->args.n || r->empty_query)
        name = sv_slice_of(sv_arena_printf(r->a, "%.*s?%.*s", (int)name.n, name.p, (int)r->args.n,
                                           r->args.p));
    int status = ap_lookup(r, name, sub);
    return judge(r, sub, status, index, only, io_error);
}

/* FallbackResource; "disabled" switches it off below. */
static enum ap_step fallback(struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "fallbackresource", NULL);
    int error = 0;
    if (!n || sv_slice_is_nocase(sv_node_arg(n, 0), "disabled"))
        return AP_DECLINED;
    enum ap_step s = ask(r, sv_node_arg(n, 0), false, true, &error);
    if (s != AP_DECLINED || error)
        ap_why(r, n);
    return s == AP_DECLINED && error ? ap_status(r, error) : s;
}

typedef SV_VEC(struct sv_slice) name_vec;

/* The nearest level that sets the list; within it "disabled" alone empties it, names add up. */
static const struct sv_node *index_names(const struct ap_run *r, name_vec *ret)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_scope *s = r->levels.v[i].scope;
        const struct sv_node *last = NULL;
        for (const struct sv_node *n = NULL; (n = ap_own_next(s, "directoryindex", n));) {
            last = n;
            if (n->n_args == 1 && sv_slice_is_nocase(sv_node_arg(n, 0), "disabled"))
                ret->n = 0;
            else
                for (uint32_t k = 0; k < n->n_args; k++)
                    sv_vec_push(r->a, ret, sv_node_arg(n, k));
        }
        if (last)
            return last;
    }
    sv_vec_push(r->a, ret, SV_LIT("index.html"));
    return NULL;
}

static enum ap_step slash_redirect(struct ap_run *r)
{
    struct sv_slice esc = ap_escape_path(r->a, ap_one_slash(r->uri));
    const char *sep = ap_query_mark(r);
    const char *to = sv_arena_printf(r->a, "%.*s/%s%.*s", (int)esc.n, esc.p, sep, (int)r->args.n,
                                     r->args.p);
    ap_why(r, r->mapped_by);
    return ap_redirect_to(r, 301, sv_slice_of(ap_construct_url(r, sv_slice_of(to))));
}

static enum ap_step index_of(struct ap_run *r)
{
    name_vec names = {0};
    int error = 0;
    const struct sv_node *node = index_names(r, &names);
    sv_vec_each(name, &names)
    {
        enum ap_step s = ask(r, *name, true, names.n == 1, &error);
        if (s == AP_DECLINED)
            continue;
        ap_why(r, node);
        return s;
    }
    return error ? ap_status(r, error) : AP_DECLINED;
}

enum ap_step ap_dir_fixup(struct ap_run *r)
{
    bool dir = r->has_file && S_ISDIR(r->st.st_mode);
    if (!dir)
        return !r->has_file && r->handler.n == 0 && !r->pending ? fallback(r) : AP_DECLINED;
    bool own_handler = r->handler.n > 0;
    if (!own_handler)
        r->handler = SV_LIT("httpd/unix-directory");
    if (r->path_info.n)
        return AP_DECLINED;
    if (r->uri.n == 0 || r->uri.p[r->uri.n - 1] != '/') {
        if (!ap_flag(r, "directoryslash", true))
            return AP_DECLINED;
        return slash_redirect(r);
    }
    if (r->pending)
        return AP_DECLINED;
    if (own_handler && ap_flag(r, "directorycheckhandler", false))
        return AP_DECLINED;
    /* The look-up of a name that is missing finds the FallbackResource by itself. */
    return index_of(r);
}
