// SPDX-License-Identifier: Apache-2.0
// One request through nginx's phases, in their real order (ngx_http_core_module.c).
#include <ctype.h>

#include "serve/nginx.h"
#include "serve/nginx_answer.h"
#include "serve/percent.h"

void ngx_why(struct ngx_run *r, const struct sv_node *node)
{
    if (!node)
        return;
    sv_vec_each(it, &r->ans.why)
    {
        if (it->span.file == node->span.file && it->span.start == node->span.start)
            return;
    }
    sv_vec_push(r->a, &r->ans.why,
                (struct sv_why){node->head, sv_node_head_text(r->site->sources, r->a, node)});
}

struct sv_slice ngx_escape(struct sv_arena *a, struct sv_slice s, bool args)
{
    /* All printable characters but those of ngx_escape_uri()'s NGX_ESCAPE_ARGS or _URI. */
    const char *keep = args ? "!$'()*,-./:=@[]_~" : "!$&'()*+,-./:;=@[]_~";
    return sv_percent_encode(a, s, keep, false);
}

/* From the rewrite phase of the location in force to the answer, or to another location. */
static enum ngx_step location_phases(struct ngx_run *r)
{
    enum ngx_step s = NGX_NEXT;
    if (r->scope != r->vhost->scope)
        s = ngx_rewrite_phase(r, r->scope);
    if (s == NGX_NEXT)
        s = ngx_access_phase(r);
    if (s == NGX_NEXT)
        s = ngx_try_files(r);
    if (s == NGX_NEXT)
        s = ngx_content_phase(r);
    return s;
}

static void run_phases(struct ngx_run *r, enum ngx_step s)
{
    /* uri_changes bounds the honest loops; the count is for what it does not see. */
    for (int guard = 0; s != NGX_DONE && guard < 64; guard++) {
        if (s == NGX_SERVER_REWRITE) {
            s = ngx_rewrite_phase(r, r->vhost->scope);
            if (s == NGX_NEXT)
                s = NGX_FIND;
            continue;
        }
        if (s == NGX_FIND)
            s = ngx_find_location(r);
        else
            s = NGX_NEXT;
        if (s == NGX_NEXT)
            s = location_phases(r);
    }
    if (s != NGX_DONE)
        (void)ngx_unknown(r, "a chain of internal redirects that does not end");
}

/* What was answered is what those get whom a program lets in; the rest get what is not known. */
static void leave_undecided(struct ngx_run *r)
{
    const char *file = r->ans.outcome == SV_OUT_FILE ? r->ans.file : NULL;
    if (!r->undecided)
        return;
    (void)ngx_unknown(r, r->undecided);
    r->ans.undecided = true;
    r->ans.if_let_in = file;
    r->ans.location = r->ans.condition = NULL;
    r->ans.upstream = NULL;
    r->ans.auth_needed = r->ans.worker_denied = false;
}

static bool bad_host(struct sv_slice host)
{
    for (size_t i = 0; i < host.n; i++)
        if ((unsigned char)host.p[i] <= 0x20 || host.p[i] == '/' || host.p[i] == 0x7f)
            return true;
    return sv_slice_find(host, "..") < host.n || sv_slice_is(host, ".");
}

/* Refused before the Host header counts: the default server answers, without host and URI. */
static enum ngx_step refuse(struct ngx_run *r, int status)
{
    r->vhost = r->group->default_vhost;
    r->scope = r->vhost->scope;
    r->host = r->uri = r->args = SV_LIT("");
    return ngx_finalise(r, status);
}

/* A size such as 8k; 0 if it is none. */
static unsigned long long size_of(struct sv_slice s)
{
    unsigned long long v;
    char unit = s.n ? (char)tolower((unsigned char)s.p[s.n - 1]) : '\0';
    unsigned shift = unit == 'k' ? 10 : unit == 'm' ? 20 : 0;
    bool number = sv_slice_u64(sv_slice_sub(s, 0, s.n - (shift > 0)), &v);
    return number && v < 1ull << 40 ? v << shift : 0;
}

/* The request line must fit into one buffer (ngx_http_alloc_large_header_buffer). */
static bool too_long(const struct ngx_run *r, const struct sv_scope *level)
{
    const struct sv_node *large = sv_scope_get(level, "large_client_header_buffers", NULL);
    const struct sv_node *first = sv_scope_get(level, "client_header_buffer_size", NULL);
    unsigned long long limit = large ? size_of(sv_node_arg(large, 1)) : 8192;
    unsigned long long small = first ? size_of(sv_node_arg(first, 0)) : 1024;
    size_t line = r->req->method.n + r->req->target.n + sizeof "  HTTP/1.1\r\n" - 1;
    return line > (limit > small ? limit : small);
}

static enum ngx_step start(struct ngx_run *r)
{
    /* The socket's default server decides before the Host header is known (SERVING: 35). */
    const struct sv_scope *socket_scope = r->group->default_vhost->scope;
    bool merge = sv_scope_flag(socket_scope, "merge_slashes", true);
    if (too_long(r, socket_scope))
        return refuse(r, 414);
    /* Without a name, or without Host at all, HTTP/1.1 is refused; a proxy may speak HTTP/1.0. */
    if (bad_host(r->req->host) || (r->req->host.n == 0 && r->req->hops == 0))
        return refuse(r, 400);
    if (sv_uri_normalise(r->a, r->req->target, merge, &r->uri, &r->args) != 0)
        return refuse(r, 400);
    r->quoted = sv_slice_chr(r->req->target, '%') < sv_slice_chr(r->req->target, '?') ||
                sv_slice_chr(r->req->target, '+') < sv_slice_chr(r->req->target, '?');
    if (r->group->ssl != r->req->https)
        return ngx_finalise(r, r->group->ssl ? 497 : 400);
    return NGX_SERVER_REWRITE;
}

struct sv_answer sv_nginx_answer(const struct sv_site *site, struct sv_arena *a,
                                 const struct sv_request *req)
{
    struct ngx_run r = {
        .site = site,
        .a = a,
        .req = req,
        .valid_location = true,
        .uri_changes = SV_MAX_REWRITE_LOOPS + 1,
    };
    if (!ngx_select(&r)) {
        r.ans.outcome = SV_OUT_UNKNOWN;
        r.ans.unknown = "no server listens on this port";
        return r.ans;
    }
    run_phases(&r, start(&r));
    leave_undecided(&r);
    r.ans.vhost = r.vhost;
    return r.ans;
}
