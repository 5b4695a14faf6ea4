// SPDX-License-Identifier: Apache-2.0
// How a request ends: statuses, error_page, internal redirects, Location headers.
#include <stdio.h>

#include "serve/nginx.h"

static bool redirect_status(int s)
{
    return s == 301 || s == 302 || s == 303 || s == 307 || s == 308;
}

enum sv_outcome ngx_outcome_of(int status)
{
    if (redirect_status(status))
        return SV_OUT_REDIRECT;
    switch (status) {
    case 401:
        return SV_OUT_AUTH;
    case 403:
        return SV_OUT_DENIED;
    case 404:
        return SV_OUT_NOT_FOUND;
    default:
        return status < 400 ? SV_OUT_RETURN : SV_OUT_ERROR;
    }
}

enum ngx_step ngx_send(struct ngx_run *r, enum sv_outcome outcome, int status)
{
    /* What an error_page set outweighs even the status of a program, which is unknown here. */
    r->ans.outcome = outcome;
    r->ans.status = r->err_status ? r->err_status : status;
    r->ans.scope = r->scope;
    r->ans.vhost = r->vhost;
    /* A 204 has no body, whatever was to be its body; a program runs all the same. */
    if (r->ans.status == 204 && outcome != SV_OUT_PROXIED && outcome != SV_OUT_HANDLER)
        r->ans.outcome = SV_OUT_RETURN;
    if (r->ans.outcome != SV_OUT_FILE)
        r->ans.file = NULL;
    /* A redirect whose error_page gave it a body is still one. */
    if (redirect_status(r->ans.status) && r->ans.location)
        r->ans.location = ngx_absolute(r, sv_slice_of(r->ans.location));
    return NGX_DONE;
}

/* The server's own page for a status. */
static enum ngx_step plain(struct ngx_run *r, int status)
{
    r->err_status = 0;
    return ngx_send(r, ngx_outcome_of(status), status);
}

/* ---- Location ---- */

const char *ngx_absolute(struct ngx_run *r, struct sv_slice to)
{
    bool absolute = sv_scope_flag(r->scope, "absolute_redirect", true);
    if (to.n == 0 || to.p[0] != '/' || !absolute)
        return sv_arena_copy(r->a, to).p;
    bool port_in = sv_scope_flag(r->scope, "port_in_redirect", true);
    bool name_in = sv_scope_flag(r->scope, "server_name_in_redirect", false);
    struct sv_slice host = r->host;
    if (host.n == 0) /* nginx takes the address that the connection came to */
        host = r->group->wildcard ? r->local : r->group->addr;
    if (name_in && r->vhost->names.n)
        host = ngx_server_name(r);
    unsigned port = r->req->port;
    char number[16] = "";
    if (port_in && port != (r->group->ssl ? 443u : 80u))
        snprintf(number, sizeof number, ":%u", port);
    return sv_arena_printf(r->a, "%s://%.*s%s%.*s", r->group->ssl ? "https" : "http", (int)host.n,
                           host.p, number, (int)to.n, to.p);
}

enum ngx_step ngx_redirect(struct ngx_run *r, int status, struct sv_slice to)
{
    r->ans.location = sv_arena_copy(r->a, to).p;
    return ngx_finalise(r, status);
}

/* ---- internal redirects ---- */

enum ngx_step ngx_internal_redirect(struct ngx_run *r, struct sv_slice uri, struct sv_slice args)
{
    if (--r->uri_changes == 0)
        return ngx_finalise(r, 500);
    r->uri = uri;
    r->args = args;
    r->internal = true;
    r->valid_location = true;
    r->add_uri_to_alias = false;
    r->scope = r->vhost->scope;
    return NGX_SERVER_REWRITE;
}

enum ngx_step ngx_named_location(struct ngx_run *r, struct sv_slice name)
{
    if (--r->uri_changes == 0)
        return ngx_finalise(r, 500);
    if (r->uri.n == 0)
        return ngx_finalise(r, 500);
    sv_vec_each(it, &r->vhost->scope->locations)
    {
        if ((*it)->match != SV_MATCH_NAMED || !sv_slice_eq((*it)->name, name))
            continue;
        r->internal = true;
        r->handler = NULL;
        r->handler_scope = NULL;
        ngx_why(r, (*it)->node);
        ngx_enter(r, *it);
        return NGX_LOCATION;
    }
    return ngx_finalise(r, 500);
}

/* ---- error_page ---- */

/* nginx's own codes have pages of their own, and are sent as 400. */
static int own_status(int status)
{
    return status >= 494 && status <= 497 ? 400 : status;
}

struct error_page {
    struct sv_slice target;
    int overwrite; /* -1: keep the status; 0: the target's; else this one */
};

static bool page_of(const struct sv_node *n, int status, struct error_page *ret)
{
    uint32_t codes = n->n_args ? n->n_args - 1 : 0;
    unsigned long long v;
    struct error_page page = {.target = sv_node_arg(n, codes), .overwrite = -1};
    struct sv_slice last = codes ? sv_node_arg(n, codes - 1) : (struct sv_slice){"", 0};
    if (last.n && last.p[0] == '=') {
        page.overwrite = 0;
        if (sv_slice_u64(sv_slice_sub(last, 1, last.n), &v) && v < 1000)
            page.overwrite = (int)v;
        codes--;
    }
    for (uint32_t i = 0; i < codes; i++) {
        if (sv_slice_u64(sv_node_arg(n, i), &v) && v == (unsigned long long)status) {
            if (page.overwrite < 0 && own_status(status) != status)
                page.overwrite = own_status(status);
            *ret = page;
            return true;
        }
    }
    return false;
}

static const struct sv_node *find_page(const struct ngx_run *r, int status,
                                       struct error_page *ret)
{
    static const char *const names[] = {"error_page", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    if (!level)
        return NULL;
    sv_node_each(n, level->node)
    {
        if (sv_node_is(n, "error_page") && page_of(n, status, ret))
            return n;
    }
    return NULL;
}

bool ngx_has_page(struct ngx_run *r, int status)
{
    struct error_page page;
    return find_page(r, status, &page) != NULL;
}

static enum ngx_step send_page(struct ngx_run *r, const struct error_page *page)
{
    if (page->overwrite >= 0)
        r->err_status = page->overwrite;
    struct sv_value v = ngx_expand(r, page->target);
    if (v.why)
        return ngx_unknown(r, v.why);
    if (v.s.n && v.s.p[0] == '/') {
        size_t q = sv_slice_chr(v.s, '?');
        return ngx_internal_redirect(r, sv_slice_sub(v.s, 0, q),
                                     sv_slice_sub(v.s, q + 1, v.s.n));
    }
    if (v.s.n && v.s.p[0] == '@')
        return ngx_named_location(r, v.s);
    int status = redirect_status(page->overwrite) ? page->overwrite : 302;
    r->ans.location = sv_arena_copy(r->a, v.s).p;
    return plain(r, status);
}

enum ngx_step ngx_finalise(struct ngx_run *r, int status)
{
    struct error_page page;
    r->err_status = status;
    r->ans.file = NULL;
    const struct sv_node *n = NULL;
    if (!r->error_page && r->uri_changes > 0 && (n = find_page(r, status, &page))) {
        ngx_why(r, n);
        if (!sv_scope_flag(r->scope, "recursive_error_pages", false))
            r->error_page = true;
        return send_page(r, &page);
    }
    status = own_status(status);
    if (redirect_status(status) && r->ans.location)
        r->ans.location = ngx_absolute(r, sv_slice_of(r->ans.location));
    else if (!redirect_status(status))
        r->ans.location = NULL;
    return plain(r, status);
}
