// SPDX-License-Identifier: Apache-2.0
// One request through httpd's hooks, in the order of ap_process_request_internal() (request.c).
#include "serve/apache.h"

#include "serve/apache_answer.h"
#include "serve/apache_names.h"
#include "syntax/apache_directive.h"

void ap_why(struct ap_run *r, const struct sv_node *node)
{
    if (!node)
        return;
    sv_vec_each(it, &r->ans.why)
    {
        if (it->span.file == node->span.file && it->span.start == node->span.start)
            return;
    }
    /* A line that is no directive may be one of a file of passwords, by a link .htaccess. */
    bool known = sv_apache_directive(node->name, node->kind != SV_NODE_DIRECTIVE);
    sv_vec_push(r->a, &r->ans.why,
                (struct sv_why){node->head,
                                known ? sv_node_head_text(r->site->sources, r->a, node)
                                      : sv_slice_of(sv_apache_shown(r->a, node->name))});
}

/* A vector whose array another request shares must grow into memory of its own. */
#define UNSHARE(vec) ((vec)->cap = (vec)->n)

/* The walks that give the configuration in force before anything is translated. */
static enum ap_step walk_location_and_if(struct ap_run *r)
{
    enum ap_step s = ap_location_walk(r);
    if (s == AP_OK || s == AP_DECLINED)
        s = ap_if_walk(r);
    return s;
}

static bool ends(enum ap_step s)
{
    return s == AP_DONE || s == AP_REDIRECT;
}

/* A handed-over request skips the file system, but <Proxy> sections hold for it. */
static enum ap_step proxy_walk(struct ap_run *r)
{
    enum ap_step s = walk_location_and_if(r);
    if (!ends(s))
        ap_proxy_levels(r);
    return s;
}

/* r->per_dir_config as it is before any walk. */
static void server_levels(struct ap_run *r)
{
    const struct sv_scope *top = r->server->main_scope, *own = r->vhost->scope;
    r->levels.n = 0;
    if (top)
        ap_push_level(r, top, NULL, false);
    if (own != top)
        ap_push_level(r, own, NULL, false);
}

static enum ap_step from_uri_to_file(struct ap_run *r)
{
    server_levels(r);
    int status = ap_normalise(r);
    if (status)
        return ap_status(r, status);
    enum ap_step s = ap_proxy_early(r);
    if (ends(s))
        return s;
    if (s == AP_DECLINED)
        status = ap_unescape(r);
    if (status)
        return ap_status(r, status);
    s = walk_location_and_if(r);
    if (!ends(s))
        s = ap_translate(r);
    return s;
}

/* Everything up to the handler. */
static enum ap_step phases(struct ap_run *r)
{
    enum ap_step s = r->file_lookup ? AP_OK : from_uri_to_file(r);
    if (ends(s))
        return s;
    if (r->proxied) {
        s = proxy_walk(r);
    } else {
        r->levels.n = 0;
        s = ap_walk_all(r);
    }
    if (ends(s))
        return s;
    if (!r->in_subrequest)
        ap_setenvif(r, false);
    s = ap_access(r);
    if (!ends(s))
        s = ap_type_checker(r);
    if (!ends(s))
        s = ap_fixups(r);
    if (!ends(s) && r->pending && !r->in_subrequest)
        s = AP_REDIRECT;
    return s;
}

/* ---- internal redirects ---- */

static void rename_env(struct ap_run *r, const struct ap_run *prev)
{
    r->env.v = NULL;
    r->env.n = r->env.cap = 0;
    sv_vec_each(e, &prev->env)
    {
        const char *name = sv_arena_printf(r->a, "REDIRECT_%.*s", (int)e->name.n, e->name.p);
        sv_vec_push(r->a, &r->env, (struct ap_var){.name = sv_slice_of(name), .value = e->value,
                                   .unset = e->unset, .condition = e->condition});
    }
    int status = prev->error_status ? prev->error_status : 200;
    const char *text = sv_arena_printf(r->a, "%d", status);
    ap_env_set(r, SV_LIT("REDIRECT_STATUS"), (struct sv_value){sv_slice_of(text), NULL}, NULL);
}

/* The state of a request that begins: only what belongs to the connection stays. */
static void start_again(struct ap_run *r, struct sv_slice target)
{
    target = ap_one_slash(sv_slice_sub(target, 0, sv_slice_chr(target, '#')));
    size_t q = sv_slice_chr(target, '?');
    r->raw = sv_slice_sub(target, 0, q);
    r->args = sv_slice_sub(target, q + 1, target.n);
    r->empty_query = q + 1 == target.n;
    r->uri = r->raw;
    r->filename = r->path_info = r->handler = r->content_type = (struct sv_slice){"", 0};
    r->context_prefix = r->context_root = r->forced_type = r->forced_handler = r->filename;
    r->handler_node = r->type_node = r->mapped_by = r->forced_node = NULL;
    r->whole_name = false;
    r->proxied = r->virtual_root = NULL;
    r->file_error = 0;
    r->has_file = r->scripted = r->ssi = r->canonical = r->pending = r->file_lookup = false;
    r->filter = NULL;
    r->next = (struct sv_slice){"", 0};
    r->levels.v = NULL;
    r->levels.n = r->levels.cap = 0;
    r->caps = (struct sv_match){.n = 0};
    r->meta = (struct ap_meta){.found = false};
}

enum ap_step ap_redirect_internally(struct ap_run *r, struct sv_slice uri)
{
    r->next = uri;
    return AP_REDIRECT;
}

/* ap_internal_redirect(): a new request; its predecessor stays for variables. */
static enum ap_step follow(struct ap_run *r)
{
    struct ap_run *prev = sv_new(r->a, struct ap_run);
    *prev = *r;
    start_again(r, sv_arena_copy(r->a, prev->next));
    if (r->raw.n == 0)
        r->raw = r->uri = SV_LIT("/");
    r->prev = prev;
    r->redirects = prev->redirects + 1;
    if (r->kept_status) { /* to the next request it is an error like any other */
        r->error_status = r->kept_status;
        r->kept_status = 0;
    }
    rename_env(r, prev);
    ap_setenvif(r, true);
    return phases(r);
}

/* LimitInternalRecursion, at most what the model follows. */
static unsigned recursion_limit(const struct ap_run *r)
{
    const struct sv_node *n = ap_server_get(r, "limitinternalrecursion");
    unsigned long long v;
    bool set = n && sv_slice_u64(sv_node_arg(n, 0), &v) && v > 0 && v < SV_MAX_APACHE_REDIRECTS;
    return set ? (unsigned)v : SV_MAX_APACHE_REDIRECTS;
}

static void run(struct ap_run *r, enum ap_step s)
{
    for (;;) {
        if (!ends(s))
            s = ap_handler(r);
        if (s != AP_REDIRECT)
            break;
        if (r->redirects >= recursion_limit(r)) {
            r->redirects = SV_MAX_APACHE_REDIRECTS + 1;
            (void)ap_status(r, 500);
            break;
        }
        s = follow(r);
    }
}

/* ---- sub-requests ---- */

static int finish_lookup(struct ap_run *sub, enum ap_step s)
{
    if (s == AP_DONE)
        return sub->ans.outcome == SV_OUT_UNKNOWN ? -1 : sub->ans.status;
    return 200;
}

static unsigned depth_of(const struct ap_run *r)
{
    unsigned n = 0;
    for (; r && n <= SV_MAX_APACHE_REDIRECTS; r = r->parent)
        n++;
    return n;
}

static bool begin_lookup(struct ap_run *r, struct ap_run *ret_sub)
{
    *ret_sub = *r;
    ret_sub->parent = r;
    ret_sub->in_subrequest = true;
    ret_sub->rewrite_end = false;
    ret_sub->kept_status = 0;
    ret_sub->ans = (struct sv_answer){.outcome = SV_OUT_ERROR, .status = 500};
    UNSHARE(&ret_sub->env);
    if (depth_of(r) > SV_MAX_APACHE_REDIRECTS)
        return false;
    /* Many folders deep, each sub-request looking for more: the whole work is bounded too. */
    unsigned *budget = r->lookups;
    if (!budget || *budget == 0)
        return false;
    --*budget;
    return true;
}

int ap_lookup(struct ap_run *r, struct sv_slice uri, struct ap_run *ret_sub)
{
    if (!begin_lookup(r, ret_sub))
        return 500;
    if (uri.n == 0 || uri.p[0] != '/') {
        struct sv_slice dir = r->uri;
        while (dir.n && dir.p[dir.n - 1] != '/')
            dir.n--;
        dir = ap_escape_path(r->a, dir);
        const char *full = sv_arena_printf(r->a, "%.*s%s%.*s", (int)dir.n, dir.p,
                                           dir.n ? "" : "/", (int)uri.n, uri.p);
        uri = sv_slice_of(full);
    }
    start_again(ret_sub, uri);
    return finish_lookup(ret_sub, phases(ret_sub));
}

int ap_lookup_name(struct ap_run *r, struct sv_slice name, struct ap_run *ret_sub)
{
    struct sv_slice dir = r->filename, udir = r->uri;
    if (!begin_lookup(r, ret_sub))
        return 500;
    while (dir.n && dir.p[dir.n - 1] != '/')
        dir.n--;
    while (udir.n && udir.p[udir.n - 1] != '/')
        udir.n--;
    struct sv_slice args = r->args;
    start_again(ret_sub, (struct sv_slice){"", 0});
    ret_sub->args = args;
    ret_sub->uri = sv_slice_of(
        sv_arena_printf(r->a, "%.*s%.*s", (int)udir.n, udir.p, (int)name.n, name.p));
    ret_sub->filename = sv_slice_of(
        sv_arena_printf(r->a, "%.*s%.*s", (int)dir.n, dir.p, (int)name.n, name.p));
    ret_sub->file_lookup = true;
    return finish_lookup(ret_sub, phases(ret_sub));
}

int ap_lookup_file(struct ap_run *r, struct sv_slice path, struct ap_run *ret_sub)
{
    size_t dir = r->filename.n, udir = r->uri.n;
    if (!begin_lookup(r, ret_sub))
        return 500;
    while (dir && r->filename.p[dir - 1] != '/')
        dir--;
    while (udir && r->uri.p[udir - 1] != '/')
        udir--;
    struct sv_slice folder = sv_slice_sub(r->filename, 0, dir);
    const char *root = dir ? sv_arena_copy(r->a, folder).p : "/";
    struct sv_slice name = sv_slice_of(ap_path_merge(r->a, root, path));
    struct sv_slice last = sv_slice_sub(name, dir, name.n);
    bool beside = name.n > dir && sv_slice_eq(sv_slice_sub(name, 0, dir), folder) &&
                  sv_slice_chr(last, '/') == last.n;
    struct sv_slice uri = {"", 0};
    if (beside)
        uri = sv_slice_of(
            sv_arena_printf(r->a, "%.*s%.*s", (int)udir, r->uri.p, (int)last.n, last.p));
    start_again(ret_sub, (struct sv_slice){"", 0});
    ret_sub->uri = uri;
    ret_sub->filename = name;
    ret_sub->file_lookup = true;
    return finish_lookup(ret_sub, phases(ret_sub));
}

void ap_become(struct ap_run *r, const struct ap_run *sub)
{
    struct ap_run old = *r;
    *r = *sub;
    r->ans = old.ans;
    sv_vec_each(w, &sub->ans.why)
    {
        sv_vec_push(r->a, &r->ans.why, *w);
    }
    r->in_subrequest = old.in_subrequest;
    r->parent = old.parent;
    r->file_lookup = old.file_lookup;
    r->prev = old.prev;
    r->redirects = old.redirects;
    r->error_status = old.error_status;
    r->kept_status = old.kept_status;
    r->scripted |= old.scripted;
    if (r->forced_type.n == 0)
        r->forced_type = old.forced_type;
    if (r->forced_handler.n == 0) {
        r->forced_handler = old.forced_handler;
        r->forced_node = old.forced_node;
    }
    r->walked_server = old.walked_server;
    r->walked_dir = old.walked_dir;
    r->walked = old.walked;
    r->n_walked = old.n_walked;
}

/* ---- the whole ---- */

/* HttpProtocolOptions Unsafe of the address's first host lets '#' pass in the first line. */
static bool lets_pass(const struct ap_run *r)
{
    const struct sv_vhost *v = r->group->default_vhost;
    const struct sv_scope *top = v->apache->main_scope;
    const struct sv_node *n = sv_scope_own_last(v->scope, "httpprotocoloptions");
    if (!n && top)
        n = sv_scope_own_last(top, "httpprotocoloptions");
    for (uint32_t i = 0; n && i < n->n_args; i++)
        if (sv_slice_is_nocase(sv_node_arg(n, i), "unsafe"))
            return true;
    return false;
}

struct sv_answer sv_apache_answer(const struct sv_site *site, struct sv_arena *a,
                                  const struct sv_request *req)
{
    unsigned lookups = SV_MAX_APACHE_LOOKUPS;
    struct ap_run r = {.site = site, .a = a, .req = req, .method = req->method,
                       .lookups = &lookups};
    bool good = ap_read_request(&r, false), found = ap_select(&r);
    if (found && !good && sv_slice_chr(req->target, '#') < req->target.n && lets_pass(&r)) {
        r.host = (struct sv_slice){NULL, 0};
        good = ap_read_request(&r, true);
        found = ap_select(&r);
    }
    if (!found) {
        r.ans.outcome = SV_OUT_UNKNOWN;
        r.ans.unknown = "no server listens on this port";
        return r.ans;
    }
    enum ap_step s;
    if (!good || r.tls != req->https) {
        server_levels(&r);
        r.unread = !good;
        s = ap_status(&r, 400);
    } else {
        ap_setenvif(&r, true);
        s = phases(&r);
    }
    run(&r, s);
    r.ans.vhost = r.vhost;
    return r.ans;
}
