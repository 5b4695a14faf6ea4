// SPDX-License-Identifier: Apache-2.0
// Who makes the body: the proxy, a program, a page of httpd's own, a listing, or the plain file.
#include <errno.h>

#include "serve/apache_names.h"

enum kind {
    OWN_PAGE,  /* status 200, made by the module */
    SCRIPT,    /* needs ExecCGI and a file */
    PROGRAM,   /* answers for any path below */
    PHP,       /* needs a file */
    AS_IS,
    TYPE_MAP,
};

static const struct {
    const char *handler; /* a name, or a content type */
    const char *modules[3];
    enum kind kind;
} table[] = {
    {"server-status", {"mod_status.c"}, OWN_PAGE},
    {"application/x-httpd-status", {"mod_status.c"}, OWN_PAGE},
    {"server-info", {"mod_info.c"}, OWN_PAGE},
    {"balancer-manager", {"mod_proxy_balancer.c"}, OWN_PAGE},
    {"ldap-status", {"mod_ldap.c"}, OWN_PAGE},
    {"cgi-script", {"mod_cgi.c", "mod_cgid.c"}, SCRIPT},
    {"application/x-httpd-cgi", {"mod_cgi.c", "mod_cgid.c"}, SCRIPT},
    {"fcgid-script", {"mod_fcgid.c"}, SCRIPT},
    {"fastcgi-script", {"mod_fastcgi.c"}, SCRIPT},
    {"wsgi-script", {"mod_wsgi.c"}, SCRIPT},
    {"perl-script", {"mod_perl.c"}, PROGRAM},
    {"modperl", {"mod_perl.c"}, PROGRAM},
    {"lua-script", {"mod_lua.c"}, PROGRAM},
    {"jakarta-servlet", {"mod_jk.c"}, PROGRAM},
    {"mod_python", {"mod_python.c"}, PROGRAM},
    {"php-script", {"mod_php.c", "mod_php7.c", "mod_php5.c"}, PHP},
    {"php7-script", {"mod_php7.c"}, PHP},
    {"php5-script", {"mod_php5.c"}, PHP},
    {"application/x-httpd-php", {"mod_php.c", "mod_php7.c", "mod_php5.c"}, PHP},
    {"application/x-httpd-php-source", {"mod_php.c", "mod_php7.c", "mod_php5.c"}, PHP},
    {"send-as-is", {"mod_asis.c"}, AS_IS},
    {"httpd/send-as-is", {"mod_asis.c"}, AS_IS},
    {"imap-file", {"mod_imagemap.c"}, AS_IS},
    {"application/x-httpd-imap", {"mod_imagemap.c"}, AS_IS},
    {"type-map", {"mod_negotiation.c"}, TYPE_MAP},
    {"application/x-type-map", {"mod_negotiation.c"}, TYPE_MAP},
};

static bool is_dir(const struct ap_run *r)
{
    return r->has_file && S_ISDIR(r->st.st_mode);
}

static const char *path_of(struct ap_run *r)
{
    return sv_arena_copy(r->a, r->filename).p;
}

/* AcceptPathInfo: -1 not set, else off or on. */
static int accepts_path_info(const struct ap_run *r)
{
    const struct sv_node *n = ap_get(r, "acceptpathinfo", NULL);
    struct sv_slice v = n ? sv_node_arg(n, 0) : SV_LIT("default");
    return sv_slice_is_nocase(v, "on") ? 1 : sv_slice_is_nocase(v, "off") ? 0 : -1;
}

static enum ap_step script(struct ap_run *r)
{
    if (!(ap_options(r) & AP_OPT_EXECCGI) && !r->scripted)
        return ap_status(r, 403);
    if (r->unread) /* there is no request to tell the program of */
        return ap_status(r, 400);
    if (!r->has_file)
        return ap_status(r, 404);
    if (is_dir(r))
        return ap_status(r, 403);
    if (accepts_path_info(r) == 0 && r->path_info.n)
        return ap_status(r, 404);
    struct sv_slice name = r->handler.n ? r->handler : r->content_type;
    bool cgi = sv_slice_is(name, "cgi-script") || sv_slice_is(name, "application/x-httpd-cgi");
    if (cgi && !(r->st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
        return ap_status(r, 500);
    return ap_send(r, SV_OUT_HANDLER, 0);
}

/* php_flag engine off: the file goes out as it is. */
static bool php_is_off(struct ap_run *r)
{
    static const char *const names[] = {"php_flag", "php_admin_flag"};
    const struct sv_node *off = NULL;
    sv_vec_each(l, &r->levels)
    {
        for (size_t k = 0; k < 2; k++)
            for (const struct sv_node *n = NULL; (n = ap_own_next(l->scope, names[k], n));)
                if (sv_slice_is_nocase(sv_node_arg(n, 0), "engine"))
                    off = sv_slice_is_nocase(sv_node_arg(n, 1), "on") ||
                                  sv_slice_is(sv_node_arg(n, 1), "1")
                              ? NULL
                              : n;
    }
    ap_why(r, off);
    return off != NULL;
}

static enum ap_step by_kind(struct ap_run *r, enum kind kind)
{
    switch (kind) {
    case OWN_PAGE:
        return ap_send(r, SV_OUT_HANDLER, 200);
    case SCRIPT:
        return script(r);
    case PROGRAM:
        return ap_send(r, SV_OUT_HANDLER, 0);
    case PHP:
        if (php_is_off(r))
            return AP_DECLINED;
        if (!r->has_file || is_dir(r))
            return ap_status(r, is_dir(r) ? 403 : 404);
        return ap_send(r, SV_OUT_HANDLER, 0);
    case AS_IS:
        if (!r->has_file || is_dir(r))
            return ap_status(r, 404);
        return ap_send(r, SV_OUT_HANDLER, 0);
    case TYPE_MAP:
        if (is_dir(r)) /* where it opens, it holds nothing */
            return ap_open_error(r, path_of(r)) ? ap_refused(r, path_of(r), EACCES)
                                                : ap_status(r, 406);
        return r->has_file ? ap_type_map(r) : AP_DECLINED;
    }
    return AP_DECLINED;
}

static enum ap_step by_name(struct ap_run *r, struct sv_slice name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!sv_slice_is(name, table[i].handler))
            continue;
        for (size_t k = 0; k < 3 && table[i].modules[k]; k++)
            if (ap_module(r, table[i].modules[k])) {
                ap_why(r, r->handler_node ? r->handler_node : r->type_node);
                return by_kind(r, table[i].kind);
            }
    }
    return AP_DECLINED;
}

/* ---- mod_autoindex ---- */

static enum ap_step listing(struct ap_run *r)
{
    const char *path = path_of(r);
    if (!(ap_options(r) & AP_OPT_INDEXES))
        return ap_status(r, 403);
    ap_why(r, ap_get(r, "options", NULL));
    int error = ap_open_error(r, path);
    if (error)
        return ap_refused(r, path, EACCES);
    return ap_send(r, SV_OUT_LISTING, 200);
}

/* ---- mod_actions ---- */

static const struct sv_node *action_for(const struct ap_run *r, struct sv_slice name)
{
    const struct sv_node *found = NULL;
    sv_vec_each(l, &r->levels)
    {
        for (const struct sv_node *n = NULL; (n = ap_own_next(l->scope, "action", n));)
            if (sv_slice_eq_nocase(sv_node_arg(n, 0), name))
                found = n;
    }
    return found;
}

static const struct sv_node *script_for_get(const struct ap_run *r)
{
    const struct sv_node *found = NULL;
    sv_vec_each(l, &r->levels)
    {
        for (const struct sv_node *n = NULL; (n = ap_own_next(l->scope, "script", n));)
            if (sv_slice_is(sv_node_arg(n, 0), "GET"))
                found = n;
    }
    return found;
}

static enum ap_step action(struct ap_run *r, struct sv_slice name)
{
    const struct sv_node *n = name.n ? action_for(r, name) : NULL;
    struct sv_slice to = n ? sv_node_arg(n, 1) : (struct sv_slice){"", 0};
    if (n && !sv_slice_is_nocase(sv_node_arg(n, 2), "virtual") && !r->has_file)
        return ap_status(r, 404);
    if (!n && r->args.n && (n = script_for_get(r))) {
        if (r->prev && r->prev->prev)
            return AP_DECLINED;
        to = sv_node_arg(n, 1);
    }
    if (!n || to.n == 0)
        return AP_DECLINED;
    ap_why(r, n);
    struct sv_slice esc = ap_escape_path(r->a, r->uri);
    const char *sep = ap_query_mark(r);
    return ap_redirect_internally(
        r, sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s%s%.*s", (int)to.n, to.p, (int)esc.n, esc.p,
                                       sep, (int)r->args.n, r->args.p)));
}

/* ---- the default handler ---- */

/* mod_include changes nothing in a file without its tags. */
static bool has_ssi_tags(struct ap_run *r, const char *path)
{
    struct sv_slice text;
    if (ap_server_get(r, "ssistarttag") || r->st.st_size > SV_MAX_CONTENT_HEAD ||
        sv_fs_read(r->site->fs, r->a, path, SV_MAX_CONTENT_HEAD, &text, NULL) < 0)
        return true;
    return sv_slice_find(text, "<!--#") < text.n;
}

static enum ap_step plain_file(struct ap_run *r)
{
    const char *path = path_of(r);
    if (!sv_slice_is(r->method, "GET") && !sv_slice_is(r->method, "HEAD"))
        return ap_status(r, 405);
    if (!r->has_file || is_dir(r))
        return ap_status(r, 404);
    if (accepts_path_info(r) != 1 && r->path_info.n)
        return ap_status(r, 404);
    if (S_ISFIFO(r->st.st_mode))
        return ap_unknown(r, "what a FIFO gives");
    int error = ap_open_error(r, path);
    if (error || S_ISSOCK(r->st.st_mode))
        return ap_refused(r, path, error ? EACCES : ENXIO);
    ap_why(r, r->mapped_by);
    if (r->filter)
        return ap_unknown(r, r->filter);
    if (r->ssi && (ap_options(r) & AP_OPT_INCLUDES) && ap_module(r, "mod_include.c") &&
        has_ssi_tags(r, path)) {
        ap_why(r, r->handler_node);
        return ap_send(r, SV_OUT_HANDLER, 0);
    }
    if (!S_ISREG(r->st.st_mode))
        return ap_unknown(r, "what a device gives");
    r->ans.file = path;
    return ap_send(r, SV_OUT_FILE, 200);
}

/* SetHandler "proxy:fcgi://..." */
static bool forced_proxy(const struct ap_run *r)
{
    return !r->proxied && sv_slice_starts(r->handler, "proxy:") && ap_module(r, "mod_proxy.c");
}

enum ap_step ap_handler(struct ap_run *r)
{
    if (r->proxied) {
        ap_why(r, r->handler_node);
        return ap_hand_over(r, sv_slice_of(r->proxied));
    }
    if (forced_proxy(r)) {
        ap_why(r, r->handler_node);
        /* The backend is asked for the file's path, as PHP-FPM wants it. */
        return ap_hand_over(r, sv_slice_of(sv_arena_printf(
                                   r->a, "%.*s%.*s", (int)r->handler.n - 6, r->handler.p + 6,
                                   (int)r->filename.n, r->filename.p)));
    }
    struct sv_slice name = r->handler.n ? r->handler : r->content_type;
    name = sv_slice_trim(sv_slice_sub(name, 0, sv_slice_chr(name, ';')));
    enum ap_step s = by_name(r, name);
    if (s == AP_DECLINED && sv_slice_is(name, "httpd/unix-directory") &&
        ap_module(r, "mod_autoindex.c"))
        s = is_dir(r) ? listing(r) : AP_DECLINED;
    if (s == AP_DECLINED && ap_module(r, "mod_actions.c"))
        s = action(r, r->handler.n ? name : r->content_type);
    return s == AP_DECLINED ? plain_file(r) : s;
}
