// SPDX-License-Identifier: Apache-2.0
// Location search: exact, longest literal prefix with its nested ones, then regular expressions.
#include "serve/nginx.h"

enum found { FOUND_NONE, FOUND_PREFIX, FOUND_FINAL, FOUND_SLASH };

static const char *const pass_names[] = {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass",
                                         "grpc_pass", "memcached_pass"};

/* Content handlers that replace the static file code. */
static const char *const handler_names[] = {
    "proxy_pass",    "fastcgi_pass",         "uwsgi_pass",          "scgi_pass",
    "grpc_pass",     "memcached_pass",       "stub_status",         "empty_gif",
    "content_by_lua", "content_by_lua_block", "content_by_lua_file", "js_content",
    "perl",          "api",                  "return_by_lua",       "push_stream_publisher",
    "hls",           "f4f",                  "passenger_enabled",   "vhost_traffic_status_display"};

static const struct sv_node *own_handler(const struct sv_scope *s)
{
    for (size_t i = 0; i < sizeof handler_names / sizeof *handler_names; i++) {
        const struct sv_node *n = sv_scope_own(s, handler_names[i]);
        if (n)
            return n;
    }
    return NULL;
}

/* The hidden location of limit_except takes over the passes of the one around, and no other
 * handler (ngx_http_proxy_merge_loc_conf and its like look at clcf->noname). That of an if leaves
 * the handler that was set before as it is. */
static void enter_limited(struct ngx_run *r, const struct sv_scope *scope)
{
    bool pass = false;
    r->scope = scope;
    for (size_t i = 0; r->handler && i < sizeof pass_names / sizeof *pass_names; i++)
        pass |= sv_node_is(r->handler, pass_names[i]);
    if (!pass)
        r->handler = NULL;
}

void ngx_enter(struct ngx_run *r, const struct sv_scope *scope)
{
    r->scope = scope;
    const struct sv_node *h = own_handler(scope);
    if (h) {
        r->handler = h;
        r->handler_scope = scope;
    }
    /* ngx_http_update_location_config: other methods than the listed get the inner settings. */
    sv_vec_each(it, &scope->ifs)
    {
        if ((*it)->kind != SV_SCOPE_LIMIT_EXCEPT)
            continue;
        bool listed = false;
        for (uint32_t i = 0; i < (*it)->node->n_args; i++) {
            struct sv_slice m = sv_node_arg((*it)->node, i);
            listed |= sv_slice_eq_nocase(m, r->req->method) ||
                      (sv_slice_is_nocase(m, "GET") && sv_slice_is(r->req->method, "HEAD"));
        }
        if (!listed) {
            enter_limited(r, *it);
            ngx_why(r, (*it)->node);
        }
    }
}

static bool auto_redirects(const struct sv_scope *s)
{
    if (s->name.n == 0 || s->name.p[s->name.n - 1] != '/')
        return false;
    for (size_t i = 0; i < sizeof pass_names / sizeof *pass_names; i++)
        if (sv_scope_own(s, pass_names[i]))
            return true;
    return false;
}

/* What the literal locations of one level have for a URI. */
struct literals {
    const struct sv_scope *exact, *best; /* the very name; the longest beginning */
    const struct sv_scope *slash;        /* the first that is the URI with a slash behind it */
};

static bool is_literal(const struct sv_scope *s)
{
    return s->match == SV_MATCH_PREFIX || s->match == SV_MATCH_PREFIX_STOP;
}

static struct literals read_through(const struct sv_scope *level, struct sv_slice uri)
{
    struct literals l = {0};
    sv_vec_each(it, &level->locations)
    {
        const struct sv_scope *s = *it;
        bool literal = is_literal(s), exact = s->match == SV_MATCH_EXACT;
        if (exact && !l.exact && sv_slice_eq(s->name, uri))
            l.exact = s;
        if ((literal || exact) && s->name.n == uri.n + 1 &&
            memcmp(s->name.p, uri.p, uri.n) == 0 && auto_redirects(s) && !l.slash)
            l.slash = s;
        if (literal && uri.n >= s->name.n && memcmp(uri.p, s->name.p, s->name.n) == 0 &&
            (!l.best || s->name.n > l.best->name.n))
            l.best = s;
    }
    return l;
}

static const struct sv_scope *at(const struct sv_scope *level, uint32_t place)
{
    return place ? level->locations.v[place - 1] : NULL;
}

static struct literals look_up(struct sv_arena *a, const struct sv_scope *level,
                               struct sv_slice uri)
{
    const struct sv_location_index *x = level->index;
    struct literals l = {.exact = at(level, sv_map_find(&x->exact, uri))};
    uint64_t hash = sv_map_hash_start(&x->prefix);
    uint32_t hit;
    for (size_t i = 0; i <= uri.n && x->prefix.n; i++) {
        if ((hit = sv_map_find_hashed(&x->prefix, sv_slice_sub(uri, 0, i), hash)))
            l.best = at(level, hit);
        if (i < uri.n)
            hash = sv_map_hash_add(&x->prefix, hash, uri.p[i]);
    }
    struct sv_slice slashed = sv_slice_of(sv_arena_printf(a, "%.*s/", (int)uri.n, uri.p));
    const struct sv_scope *with[] = {at(level, sv_map_find(&x->prefix, slashed)),
                                     at(level, sv_map_find(&x->exact, slashed))};
    for (int i = 0; i < 2; i++)
        if (with[i] && auto_redirects(with[i]) && (!l.slash || with[i]->id < l.slash->id))
            l.slash = with[i];
    return l;
}

/* The literal locations of one level: what ngx_http_core_find_static_location's tree gives. */
static enum found find_literal(const struct ngx_run *r, const struct sv_scope *level,
                               const struct sv_scope **ret)
{
    struct literals l =
        level->index ? look_up(r->a, level, r->uri) : read_through(level, r->uri);
    if (l.exact) {
        *ret = l.exact;
        return FOUND_FINAL;
    }
    if (l.slash && (!l.best || l.best->name.n < r->uri.n)) {
        *ret = l.slash;
        return FOUND_SLASH;
    }
    *ret = l.best;
    return l.best ? FOUND_PREFIX : FOUND_NONE;
}

/* The regular expressions of one level in file order; NULL if none fits. */
static const struct sv_scope *find_regex(struct ngx_run *r, const struct sv_scope *level,
                                         const char **ret_limit)
{
    struct sv_scope *const *v = level->index ? level->index->regexes.v : level->locations.v;
    size_t n = level->index ? level->index->regexes.n : level->locations.n;
    for (size_t i = 0; i < n; i++) {
        if (!v[i]->regex)
            continue;
        enum sv_match_result m = ngx_regex(r, v[i]->regex, r->uri);
        if (m == SV_MATCH_LIMIT)
            *ret_limit = "a location's regular expression hits the match limit";
        if (m == SV_MATCH_YES)
            return v[i];
    }
    return NULL;
}

/* ngx_http_core_find_location; *io_scope is the level searched and becomes the winner. The depth
 * of nesting is bounded by the parser's SV_MAX_BLOCK_DEPTH. */
static enum found find(struct ngx_run *r, const struct sv_scope **io_scope, const char **ret_limit)
{
    const struct sv_scope *level = *io_scope, *hit = NULL;
    bool no_regex = false;
    enum found rc = find_literal(r, level, &hit);
    if (rc == FOUND_FINAL || rc == FOUND_SLASH) {
        *io_scope = hit;
        return rc;
    }
    if (rc == FOUND_PREFIX) {
        no_regex = hit->match == SV_MATCH_PREFIX_STOP;
        *io_scope = hit;
        enum found inner = find(r, io_scope, ret_limit);
        if (inner == FOUND_FINAL || inner == FOUND_SLASH)
            return inner;
    }
    if (no_regex)
        return rc;
    const struct sv_scope *fits = find_regex(r, level, ret_limit);
    if (fits) {
        *io_scope = fits;
        (void)find(r, io_scope, ret_limit);
        return FOUND_FINAL;
    }
    return rc;
}

enum ngx_step ngx_find_location(struct ngx_run *r)
{
    const struct sv_scope *s = r->vhost->scope;
    const char *limit = NULL;
    r->handler = NULL;
    r->handler_scope = NULL;
    enum found rc = find(r, &s, &limit);
    if (limit)
        return ngx_unknown(r, limit);
    if (s->kind == SV_SCOPE_LOCATION)
        ngx_why(r, s->node);
    ngx_enter(r, s);
    const struct sv_node *internal = sv_scope_get(s, "internal", NULL);
    if (!r->internal && internal) {
        ngx_why(r, internal);
        return ngx_finalise(r, 404);
    }
    if (rc == FOUND_SLASH) {
        struct sv_slice to = ngx_escape(r->a, s->name, false);
        if (r->args.n)
            to = sv_slice_of(sv_arena_printf(r->a, "%.*s?%.*s", (int)to.n, to.p, (int)r->args.n,
                                             r->args.p));
        return ngx_redirect(r, 301, to);
    }
    return NGX_NEXT;
}
