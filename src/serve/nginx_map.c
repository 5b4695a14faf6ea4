// SPDX-License-Identifier: Apache-2.0
// map, geo and split_clients: variables that a table decides.
#include <stdio.h>

#include "serve/nginx.h"

static bool is_option(const struct sv_node *n, const char *option)
{
    return n->n_args == 0 && sv_node_is(n, option);
}

/* "*.x", ".x" and "x.*" keys under `hostnames`; the length ranks them, 0 is no match. */
static size_t host_key(struct sv_slice key, struct sv_slice text)
{
    if (key.n > 1 && key.p[0] == '.' && sv_slice_eq_nocase(sv_slice_sub(key, 1, key.n), text))
        return key.n + 2000;
    struct sv_slice tail = key;
    if (key.n > 2 && key.p[0] == '*')
        tail = sv_slice_sub(key, 1, key.n);
    if (tail.n > 1 && tail.p[0] == '.' && text.n >= tail.n)
        return sv_slice_eq_nocase(sv_slice_sub(text, text.n - tail.n, text.n), tail)
                   ? tail.n + 1000
                   : 0;
    if (key.n > 2 && key.p[key.n - 1] == '*' && key.p[key.n - 2] == '.' && text.n >= key.n)
        return sv_slice_eq_nocase(sv_slice_sub(text, 0, key.n - 1),
                                  sv_slice_sub(key, 0, key.n - 1))
                   ? key.n
                   : 0;
    return 0;
}

struct choice {
    const struct sv_node *exact, *host, *dflt;
    size_t host_len;
};

static struct choice literal_choice(const struct sv_node *map, struct sv_slice text)
{
    struct choice c = {0};
    bool hostnames = false;
    sv_node_each(n, map)
    {
        hostnames |= is_option(n, "hostnames");
        if (n->n_args == 0 || sv_node_is(n, "include"))
            continue;
        struct sv_slice key = n->name;
        if (sv_slice_is(key, "default")) {
            c.dflt = n;
            continue;
        }
        if (key.n > 1 && key.p[0] == '\\')
            key = sv_slice_sub(key, 1, key.n);
        if (!c.exact && sv_slice_eq_nocase(key, text))
            c.exact = n;
        size_t len = hostnames ? host_key(key, text) : 0;
        if (len > c.host_len) {
            c.host = n;
            c.host_len = len;
        }
    }
    return c;
}

static const struct sv_node *regex_choice(struct ngx_run *r, const struct sv_node *map,
                                          struct sv_slice text, const char **ret_why)
{
    sv_node_each(n, map)
    {
        if (n->n_args == 0 || n->name.n < 2 || n->name.p[0] != '~')
            continue;
        bool nocase = n->name.p[1] == '*';
        struct sv_slice pattern = sv_slice_sub(n->name, nocase ? 2 : 1, n->name.n);
        struct sv_regex *re =
            sv_regex_get(r->site->regexes, pattern, nocase ? SV_REGEX_NOCASE : 0, NULL);
        enum sv_match_result m = re ? ngx_regex(r, re, text) : SV_MATCH_LIMIT;
        if (m == SV_MATCH_YES)
            return n;
        if (m == SV_MATCH_LIMIT) {
            *ret_why = "a map whose regular expression cannot be evaluated";
            return NULL;
        }
    }
    return NULL;
}

static struct sv_value map_value(struct ngx_run *r, const struct sv_node *map)
{
    struct sv_value src = ngx_expand(r, sv_node_arg(map, 0));
    if (src.why)
        return src;
    struct choice c = literal_choice(map, src.s);
    const char *why = NULL;
    const struct sv_node *hit = c.exact ? c.exact : c.host;
    if (!hit)
        hit = regex_choice(r, map, src.s, &why);
    if (why)
        return (struct sv_value){.s = {"", 0}, .why = why};
    if (!hit)
        hit = c.dflt;
    if (!hit)
        return (struct sv_value){.s = {"", 0}};
    ngx_why(r, hit);
    return ngx_expand(r, sv_node_arg(hit, 0));
}

static bool range_holds(struct sv_arena *a, struct sv_slice range, struct sv_slice addr)
{
    size_t dash = sv_slice_chr(range, '-');
    if (dash == range.n)
        return false;
    /* Addresses compare as numbers once each octet has three digits. */
    struct sv_slice part[3] = {sv_slice_sub(range, 0, dash), addr,
                               sv_slice_sub(range, dash + 1, range.n)};
    unsigned long v[3];
    for (int i = 0; i < 3; i++) {
        unsigned o[4];
        char end;
        if (sscanf(sv_arena_copy(a, part[i]).p, "%3u.%3u.%3u.%3u%c", &o[0], &o[1], &o[2], &o[3],
                   &end) != 4)
            return false;
        v[i] = (unsigned long)o[0] << 24 | o[1] << 16 | o[2] << 8 | o[3];
    }
    return v[0] <= v[1] && v[1] <= v[2];
}

/* A `delete` behind it takes the network out again. */
static bool deleted(const struct sv_node *entry)
{
    for (const struct sv_node *n = entry->next; n; n = n->next)
        if (sv_node_is(n, "delete") && sv_slice_eq(sv_node_arg(n, 0), entry->name))
            return true;
    return false;
}

static struct sv_value geo_value(struct ngx_run *r, const struct sv_node *geo)
{
    struct sv_slice addr = sv_client_addr(r->req);
    bool stranger = r->req->client.n == 0;
    if (geo->n_args > 1 && !sv_slice_is(sv_node_arg(geo, 0), "$remote_addr")) {
        struct sv_value v = ngx_expand(r, sv_node_arg(geo, 0));
        if (v.why)
            return v;
        addr = v.s;
        stranger = false;
    }
    const struct sv_node *best = NULL;
    unsigned best_bits = 0;
    bool ranges = false;
    sv_node_each(n, geo)
    {
        unsigned bits = 0;
        ranges |= is_option(n, "ranges");
        if (n->n_args == 0 || sv_node_is(n, "include") || sv_node_is(n, "proxy") ||
            sv_node_is(n, "delete"))
            continue;
        bool dflt = sv_node_is(n, "default");
        bool hit = dflt || (ranges ? !stranger && range_holds(r->a, n->name, addr)
                                   : sv_addr_in(n->name, addr, stranger, &bits));
        if (hit && !deleted(n) && (!best || (!dflt && bits >= best_bits))) {
            best = n;
            best_bits = bits;
        }
    }
    if (!best)
        return (struct sv_value){.s = {"", 0}};
    ngx_why(r, best);
    return (struct sv_value){.s = sv_node_arg(best, 0)};
}

static bool is_volatile(const struct sv_node *table)
{
    sv_node_each(n, table)
    {
        if (is_option(n, "volatile"))
            return true;
    }
    return false;
}

bool ngx_map_value(struct ngx_run *r, struct sv_slice name, struct sv_value *ret)
{
    const struct sv_node *n = sv_site_table(r->site, name);
    if (!n)
        return false;
    ngx_why(r, n);
    if (sv_node_is(n, "map"))
        *ret = map_value(r, n);
    else if (sv_node_is(n, "geo"))
        *ret = geo_value(r, n);
    else
        *ret = (struct sv_value){.s = {"", 0}, .why = "a split_clients block"};
    if (!is_volatile(n))
        ngx_var_set(r, name, *ret); /* nginx caches the value for the request */
    return true;
}
