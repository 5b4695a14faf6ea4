// SPDX-License-Identifier: Apache-2.0
// nginx variables, evaluated as far as the request and the files decide them.
#include <ctype.h>
#include <unistd.h>

#include "base/buf.h"
#include "serve/nginx.h"

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool ngx_has_vars(struct sv_slice text)
{
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == '$' && (name_char(text.p[i + 1]) || text.p[i + 1] == '{'))
            return true;
    return false;
}

enum ngx_step ngx_unknown(struct ngx_run *r, const char *why)
{
    r->ans.outcome = SV_OUT_UNKNOWN;
    r->ans.status = 0;
    r->ans.file = NULL;
    r->ans.unknown = why;
    r->ans.scope = r->scope;
    return NGX_DONE;
}

void ngx_var_set(struct ngx_run *r, struct sv_slice name, struct sv_value v)
{
    sv_vec_each(it, &r->vars)
    {
        if (sv_slice_eq_nocase(it->name, name)) {
            it->value = v;
            return;
        }
    }
    sv_vec_push(r->a, &r->vars, (struct ngx_var){name, v});
}

enum sv_match_result ngx_regex(struct ngx_run *r, struct sv_regex *re, struct sv_slice text)
{
    struct sv_match m;
    enum sv_match_result rc = sv_regex_match(re, text, 0, &m);
    r->ans.beyond_limits |= rc == SV_MATCH_LIMIT;
    if (rc != SV_MATCH_YES)
        return rc;
    r->caps = m;
    for (unsigned i = 1; i < m.n && i < SV_REGEX_GROUPS; i++) {
        struct sv_slice name = sv_regex_group_name(re, i);
        if (name.n)
            ngx_var_set(r, name,
                        SV_KNOWN(m.group[i].p ? m.group[i] : (struct sv_slice){"", 0}));
    }
    return rc;
}

/* The raw value of ?name=value, names compared without case (ngx_http_arg). */
static struct sv_slice arg_value(struct ngx_run *r, struct sv_slice name)
{
    struct sv_slice rest = r->args;
    while (rest.n) {
        size_t end = sv_slice_chr(rest, '&');
        struct sv_slice pair = sv_slice_sub(rest, 0, end);
        size_t eq = sv_slice_chr(pair, '=');
        if (eq < pair.n && sv_slice_eq_nocase(sv_slice_sub(pair, 0, eq), name))
            return sv_slice_sub(pair, eq + 1, pair.n);
        rest = sv_slice_sub(rest, end + 1, rest.n);
    }
    return (struct sv_slice){"", 0};
}

static struct sv_value from_path(struct ngx_path p)
{
    if (!p.path)
        return (struct sv_value){.s = {"", 0}, .why = p.why ? p.why : "an alias after rewrite"};
    return SV_KNOWN(sv_slice_of(p.path));
}

static struct sv_value realpath_root(struct ngx_run *r)
{
    struct ngx_path p = ngx_root_path(r);
    const char *real;
    if (!p.path)
        return from_path(p);
    if (sv_fs_realpath(r->site->fs, r->a, p.path, &real) < 0)
        return SV_KNOWN(SV_LIT(""));
    return SV_KNOWN(sv_slice_of(real));
}

static struct sv_value text_of(struct ngx_run *r, const char *fmt, unsigned v)
{
    return SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, fmt, v)));
}

struct sv_slice ngx_server_name(const struct ngx_run *r)
{
    struct sv_slice s = r->vhost->names.n ? r->vhost->names.v[0].text : SV_LIT("");
    return s.n > 1 && s.p[0] == '.' ? sv_slice_sub(s, 1, s.n) : s;
}

static struct sv_value var_host(struct ngx_run *r)
{
    if (r->host.n)
        return SV_KNOWN(r->host);
    return SV_KNOWN(ngx_server_name(r));
}

static struct sv_value var_http_host(struct ngx_run *r)
{
    return SV_KNOWN(sv_request_host(r->a, r->req));
}

static struct sv_value server_addr(const struct ngx_run *r)
{
    struct sv_slice addr = r->group->wildcard ? r->local : r->group->addr;
    return addr.n ? SV_KNOWN(addr) : (struct sv_value){.s = {"", 0}, .why = "$server_addr"};
}

/* $fastcgi_script_name, or $fastcgi_path_info (ngx_http_fastcgi_split). */
static struct sv_value script_name(struct ngx_run *r, bool info)
{
    const struct sv_node *split = sv_scope_get(r->scope, "fastcgi_split_path_info", NULL);
    const struct sv_node *index = sv_scope_get(r->scope, "fastcgi_index", NULL);
    struct sv_slice script = r->uri, path_info = {"", 0};
    struct sv_match m;
    struct sv_regex *re =
        split ? sv_regex_get(r->site->regexes, sv_node_arg(split, 0), 0, NULL) : NULL;
    if (re && sv_regex_match(re, r->uri, 0, &m) == SV_MATCH_YES && m.n > 2) {
        script = m.group[1];
        path_info = m.group[2];
    }
    if (info)
        return SV_KNOWN(path_info.p ? path_info : SV_LIT(""));
    if (index && script.n && script.p[script.n - 1] == '/') {
        struct sv_slice name = sv_node_arg(index, 0);
        script = sv_slice_of(sv_arena_printf(r->a, "%.*s%.*s", (int)script.n, script.p,
                                             (int)name.n, name.p));
    }
    return SV_KNOWN(script.p ? script : SV_LIT(""));
}

/* Headers and cookies that a plain request does not carry: empty, and the answer says so. */
static struct sv_value absent(struct ngx_run *r, struct sv_slice name)
{
    if (!r->ans.condition)
        r->ans.condition = sv_arena_printf(r->a, "the request does not set $%.*s", (int)name.n,
                                           name.p);
    return SV_KNOWN(SV_LIT(""));
}

/* The request has no Referer: "1" where valid_referers does not list "none". */
static struct sv_value invalid_referer(struct ngx_run *r)
{
    static const char *const names[] = {"valid_referers", NULL};
    const struct sv_scope *level = sv_scope_list(r->scope, names);
    if (!level)
        return SV_KNOWN(SV_LIT(""));
    (void)absent(r, SV_LIT("http_referer"));
    sv_node_each(n, level->node)
    {
        for (uint32_t i = 0; sv_node_is(n, names[0]) && i < n->n_args; i++)
            if (sv_slice_is(sv_node_arg(n, i), "none"))
                return SV_KNOWN(SV_LIT(""));
    }
    return SV_KNOWN(SV_LIT("1"));
}

static bool fixed_var(struct ngx_run *r, struct sv_slice name, struct sv_value *ret)
{
    static const struct {
        const char *name;
        enum { URI, ARGS, IS_ARGS, REQUEST_URI, METHOD, SCHEME, HTTPS, PORT, PROTOCOL, HOST,
               HTTP_HOST, SERVER_NAME, CLIENT, ROOT, FILENAME, REALROOT, EMPTY, VERSION, REFERER,
               REQUEST, LOCAL, SCRIPT, PATH_INFO } what;
    } table[] = {
        {"uri", URI},
        {"document_uri", URI},
        {"args", ARGS},
        {"query_string", ARGS},
        {"is_args", IS_ARGS},
        {"request_uri", REQUEST_URI},
        {"request_method", METHOD},
        {"scheme", SCHEME},
        {"https", HTTPS},
        {"server_port", PORT},
        {"server_protocol", PROTOCOL},
        {"host", HOST},
        {"http_host", HTTP_HOST},
        {"server_name", SERVER_NAME},
        {"remote_addr", CLIENT},
        {"realip_remote_addr", CLIENT},
        {"document_root", ROOT},
        {"request_filename", FILENAME},
        {"realpath_root", REALROOT},
        {"remote_user", EMPTY},
        {"content_length", EMPTY},
        {"content_type", EMPTY},
        {"invalid_referer", REFERER},
        {"request", REQUEST},
        {"server_addr", LOCAL},
        {"fastcgi_script_name", SCRIPT},
        {"fastcgi_path_info", PATH_INFO},
        {"proxy_add_x_forwarded_for", CLIENT},
        {"ssl_client_verify", EMPTY},
        {"nginx_version", VERSION},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!sv_slice_is_nocase(name, table[i].name))
            continue;
        switch (table[i].what) {
        case URI: *ret = SV_KNOWN(r->uri); return true;
        case ARGS: *ret = SV_KNOWN(r->args); return true;
        case IS_ARGS: *ret = r->args.n ? SV_KNOWN(SV_LIT("?")) : SV_KNOWN(SV_LIT("")); return true;
        case REQUEST_URI: *ret = SV_KNOWN(r->req->target); return true;
        case METHOD: *ret = SV_KNOWN(r->req->method); return true;
        case SCHEME: *ret = r->req->https ? SV_KNOWN(SV_LIT("https")) : SV_KNOWN(SV_LIT("http"));
            return true;
        case HTTPS: *ret = r->req->https ? SV_KNOWN(SV_LIT("on")) : SV_KNOWN(SV_LIT(""));
            return true;
        case PORT: *ret = text_of(r, "%u", r->req->port); return true;
        case PROTOCOL: *ret = SV_KNOWN(SV_LIT("HTTP/1.1")); return true;
        case HOST: *ret = var_host(r); return true;
        case HTTP_HOST: *ret = var_http_host(r); return true;
        case SERVER_NAME:
            *ret = SV_KNOWN(ngx_server_name(r));
            return true;
        case CLIENT:
            *ret = SV_KNOWN(sv_client_addr(r->req));
            return true;
        case ROOT: *ret = from_path(ngx_root_path(r)); return true;
        case FILENAME: *ret = from_path(ngx_map_path(r)); return true;
        case REALROOT: *ret = realpath_root(r); return true;
        case REFERER: *ret = invalid_referer(r); return true;
        case REQUEST:
            *ret = SV_KNOWN(sv_slice_of(sv_arena_printf(r->a, "%.*s %.*s HTTP/1.1",
                                                     (int)r->req->method.n, r->req->method.p,
                                                     (int)r->req->target.n, r->req->target.p)));
            return true;
        case LOCAL: *ret = server_addr(r); return true;
        case SCRIPT: *ret = script_name(r, false); return true;
        case PATH_INFO: *ret = script_name(r, true); return true;
        case EMPTY: *ret = SV_KNOWN(SV_LIT("")); return true;
        case VERSION: *ret = (struct sv_value){.s = {"", 0}, .why = "$nginx_version"}; return true;
        }
    }
    return false;
}

static bool has_group(const struct sv_node *n, const char *group)
{
    for (uint32_t i = 0; i < n->n_args; i++)
        if (sv_slice_find(sv_node_arg(n, i), group) < sv_node_arg(n, i).n)
            return true;
    return false;
}

/* A variable of `set` or a named group that this request never assigned is empty. */
static bool assigned_somewhere(const struct ngx_run *r, struct sv_slice name)
{
    const char *group = sv_arena_printf(r->a, "<%.*s>", (int)name.n, name.p);
    sv_vec_each(it, &r->site->scopes)
    {
        const struct sv_scope *s = *it;
        if (s->regex && sv_regex_name(s->regex, name))
            return true;
        if (!s->rewrites)
            continue;
        sv_node_each(n, s->node)
        {
            struct sv_slice var = sv_node_arg(n, 0);
            if (sv_node_is(n, "set") && sv_slice_eq_nocase(sv_slice_sub(var, 1, var.n), name))
                return true;
            if ((sv_node_is(n, "rewrite") || sv_node_is(n, "if")) && has_group(n, group))
                return true;
        }
    }
    sv_vec_each(v, &r->site->vhosts)
    {
        sv_vec_each(n, &(*v)->names)
        {
            if (n->regex && sv_regex_name(n->regex, name))
                return true;
        }
    }
    sv_node_each(table, r->site->http->node)
    {
        if (sv_node_is(table, "map"))
            sv_node_each(n, table)
            {
                if (sv_slice_find(n->name, group) < n->name.n)
                    return true;
            }
    }
    return false;
}

struct sv_value ngx_var_get(struct ngx_run *r, struct sv_slice name)
{
    struct sv_value v;
    if (name.n == 1 && isdigit((unsigned char)name.p[0])) {
        unsigned i = (unsigned)(name.p[0] - '0');
        bool set = i < r->caps.n && i < SV_REGEX_GROUPS && r->caps.group[i].p;
        return SV_KNOWN(set ? r->caps.group[i] : SV_LIT(""));
    }
    if (fixed_var(r, name, &v))
        return v;
    sv_vec_each(it, &r->vars)
    {
        if (sv_slice_eq_nocase(it->name, name))
            return it->value;
    }
    if (r->var_depth < 32) {
        r->var_depth++;
        bool mapped = ngx_map_value(r, name, &v);
        r->var_depth--;
        if (mapped)
            return v;
    }
    if (name.n > 4 && sv_slice_is_nocase(sv_slice_sub(name, 0, 4), "arg_"))
        return SV_KNOWN(arg_value(r, sv_slice_sub(name, 4, name.n)));
    if (sv_slice_starts(name, "http_") || sv_slice_starts(name, "cookie_"))
        return absent(r, name);
    if (assigned_somewhere(r, name))
        return SV_KNOWN(SV_LIT(""));
    return (struct sv_value){
        .s = {"", 0},
        .why = sv_arena_printf(r->a, "the value of $%.*s", (int)name.n, name.p)};
}

/* The name behind a '$' at text.p[i]; *ret_end is past it. Empty: a plain dollar sign. */
static struct sv_slice var_name(struct sv_slice text, size_t i, size_t *ret_end)
{
    size_t from = i + 1, to;
    if (from < text.n && text.p[from] == '{') {
        to = ++from;
        while (to < text.n && text.p[to] != '}')
            to++;
        *ret_end = to < text.n ? to + 1 : to;
        return sv_slice_sub(text, from, to);
    }
    if (from < text.n && isdigit((unsigned char)text.p[from])) {
        *ret_end = from + 1;
        return sv_slice_sub(text, from, from + 1);
    }
    for (to = from; to < text.n && name_char(text.p[to]);)
        to++;
    *ret_end = to;
    return sv_slice_sub(text, from, to);
}

struct sv_value ngx_expand(struct ngx_run *r, struct sv_slice text)
{
    if (!ngx_has_vars(text))
        return SV_KNOWN(text);
    _cleanup_buf_ struct sv_buf out = {0};
    const char *why = NULL;
    for (size_t i = 0; i < text.n;) {
        size_t end;
        struct sv_slice name = {"", 0};
        if (text.p[i] == '$')
            name = var_name(text, i, &end);
        if (name.n == 0) {
            sv_buf_addc(&out, text.p[i++]);
            continue;
        }
        struct sv_value v = ngx_var_get(r, name);
        if (v.why && !why)
            why = v.why;
        sv_buf_add(&out, v.s);
        i = end;
        r->ans.beyond_limits |= out.n > SV_MAX_SUBST_BYTES;
        if (out.n > SV_MAX_SUBST_BYTES)
            return (struct sv_value){.s = {"", 0}, .why = "a text longer than 64 KiB"};
    }
    return (struct sv_value){.s = sv_arena_copy(r->a, sv_buf_slice(&out)), .why = why};
}
