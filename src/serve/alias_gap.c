// SPDX-License-Identifier: Apache-2.0
// What an alias of nginx hands out beside its own folder, where its slashes do not match; or a root
// that ends in what the location's expression took.
#include <ctype.h>

#include "serve/memo.h"

static bool ends_in_slash(struct sv_slice s)
{
    return s.n && s.p[s.n - 1] == '/';
}

/* ".*" or "[^x]*": what takes "../" and more. */
static bool takes_dots(struct sv_slice s)
{
    if (s.n < 2 || !memchr("*+", s.p[s.n - 1], 2))
        return false;
    s.n--;
    if (sv_slice_is(s, "."))
        return true;
    if (!sv_slice_starts(s, "[^") || sv_slice_chr(s, ']') != s.n - 1)
        return false;
    for (size_t i = 2; i + 1 < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && !memchr("_ ,;:", s.p[i], 5))
            return false;
    return s.n > 3;
}

/* "^/static(.*)$", "^/static(?<name>.*)$": the text before the group, all that the expression
 * fixes, and the group's name, "1" if it has none; else empty. */
static struct sv_slice text_before_group(struct sv_slice pattern, struct sv_slice *ret_name)
{
    struct sv_slice none = {"", 0};
    size_t n = sv_slice_chr(pattern, '('), end = sv_slice_chr(pattern, ')');
    if (n < 2 || end >= pattern.n || pattern.p[0] != '^' || pattern.p[1] != '/' ||
        !(end + 1 == pattern.n || sv_slice_is(sv_slice_sub(pattern, end + 1, pattern.n), "$")))
        return none;
    struct sv_slice body = sv_slice_sub(pattern, n + 1, end);
    *ret_name = SV_LIT("1");
    if (sv_slice_starts(body, "?<")) {
        size_t close = sv_slice_chr(body, '>');
        *ret_name = sv_slice_sub(body, 2, close);
        body = sv_slice_sub(body, close < body.n ? close + 1 : close, body.n);
    }
    if (!takes_dots(body) || ret_name->n == 0)
        return none;
    struct sv_slice text = sv_slice_sub(pattern, 1, n);
    for (size_t i = 0; i < text.n; i++)
        if (!isalnum((unsigned char)text.p[i]) && !memchr("/_-", text.p[i], 3))
            return none;
    return text;
}

/* "d/$1", where the expression's group takes what follows the text: that, and *ret_n bytes for
 * "d/"; else empty. */
static struct sv_slice text_before_tail(struct sv_slice pattern, struct sv_slice value,
                                        size_t *ret_n)
{
    struct sv_slice name = {"", 0}, text = text_before_group(pattern, &name);
    size_t n = value.n - name.n;
    bool last = text.n && value.n > name.n + 1 &&
                sv_slice_eq(sv_slice_sub(value, n, value.n), name) &&
                value.p[n - 1] == '$' && value.p[n - 2] == '/' && sv_slice_chr(value, '$') == n - 1;
    *ret_n = last ? n - 1 : 0;
    return last ? text : (struct sv_slice){"", 0};
}

/* try_files "" =404: the root, which the expression has made, is the file. Else what follows it
 * begins with a slash and with the location's text, and climbs out of nothing. */
static bool is_whole_path(const struct sv_mapping *m)
{
    const struct sv_node *files = sv_scope_own(m->scope, "try_files");
    for (size_t i = 0; files && i + 1 < files->n_args; i++)
        if (sv_node_arg(files, i).n == 0)
            return true;
    return false;
}

/* The text of the URL that the folder stands for; empty where it is none. */
static struct sv_slice prefix_of(const struct sv_mapping *m)
{
    const struct sv_scope *loc = sv_scope_location(m->scope);
    size_t n;
    if (m->exact)
        return loc->match == SV_MATCH_PREFIX || loc->match == SV_MATCH_PREFIX_STOP
                   ? m->uri_prefix
                   : (struct sv_slice){"", 0};
    return text_before_tail(m->pattern, m->value, &n);
}

/* The system resolves "..", and behind a link it leads elsewhere. */
static bool climbs_out_of(const struct sv_site *site, const char *dir, struct sv_alias_gap *ret)
{
    const char *real = dir;
    (void)sv_fs_realpath(site->fs, site->arena, dir, &real);
    ret->dir = real;
    ret->above = sv_path_dir(site->arena, real);
    return strcmp(real, "/") != 0;
}

/* Below a root of the location's own: try_files /f/$1 =404, or rewrite ^/x(.*)$ /f/$1 break. */
static bool gap_below_root(const struct sv_site *site, const struct sv_mapping *m,
                           struct sv_alias_gap *ret)
{
    const struct sv_node *files = sv_scope_own(m->scope, "try_files"),
                         *rewrite = sv_scope_own(m->scope, "rewrite");
    struct sv_slice value, prefix = {"", 0};
    size_t n = 0;
    for (uint32_t i = 0; files && i + 1 < files->n_args && prefix.n == 0; i++) {
        value = sv_node_arg(files, i);
        prefix = text_before_tail(m->pattern, value, &n);
    }
    const struct sv_node *by = files;
    if (prefix.n == 0 && rewrite && sv_slice_is(sv_node_arg(rewrite, 2), "break")) {
        value = sv_node_arg(rewrite, 1);
        prefix = text_before_tail(sv_node_arg(rewrite, 0), value, &n);
        by = rewrite;
    }
    if (prefix.n == 0 || ends_in_slash(prefix) || value.p[0] != '/')
        return false;
    *ret = (struct sv_alias_gap){.prefix = prefix, .begins = "", .by = by};
    const char *dir = sv_arena_printf(site->arena, "%s%.*s", m->dir, (int)n, value.p);
    return climbs_out_of(site, sv_path_join(site->arena, "/", dir), ret);
}

bool sv_alias_gap_of(const struct sv_site *site, const struct sv_mapping *m,
                     struct sv_alias_gap *ret)
{
    if (site->kind != SV_SITE_NGINX || m->value.n == 0)
        return false;
    if (!m->is_alias && m->exact)
        return m->scope->kind == SV_SCOPE_LOCATION && gap_below_root(site, m, ret);
    if (!m->is_alias && !is_whole_path(m))
        return false;
    struct sv_slice prefix = prefix_of(m);
    bool glued = m->exact && !ends_in_slash(m->value);
    if (prefix.n == 0 || (ends_in_slash(prefix) && !glued) || strcmp(m->dir, "/") == 0)
        return false;
    *ret = (struct sv_alias_gap){.prefix = prefix, .begins = ""};
    if (!glued)
        return climbs_out_of(site, m->dir, ret);
    ret->begins = sv_path_base(m->dir);
    ret->above = sv_path_dir(site->arena, m->dir);
    return true;
}

const struct sv_alias_gap *sv_alias_gap(const struct sv_site *site, const struct sv_mapping *m)
{
    const struct sv_mappings *maps = sv_site_mappings(site);
    if (m < maps->list.v || m >= maps->list.v + maps->list.n)
        return NULL; /* a rule, or somebody's copy */
    const struct sv_alias_gap *gap = &sv_reverse_index(site)->gaps[m - maps->list.v];
    return gap->above ? gap : NULL;
}

bool sv_may_be_beside_alias(const struct sv_site *site, const char *path)
{
    const struct sv_mappings *maps = sv_site_mappings(site);
    const struct sv_alias_gap *gaps = sv_reverse_index(site)->gaps;
    for (size_t i = 0; i < maps->list.n; i++)
        if (gaps[i].above &&
            (sv_fs_is_view(site->fs) || sv_path_below(path, gaps[i].above)))
            return true;
    return false;
}

/* The mapping whose folder is in force there: nginx's mappings are in the order of their levels. */
static const struct sv_mapping *mapping_at(const struct sv_site *site, const struct sv_scope *scope)
{
    const struct sv_mappings *maps = sv_site_mappings(site);
    size_t from = 0, to = maps->list.n;
    while (scope && !sv_scope_own(scope, "alias") && !sv_scope_own(scope, "root"))
        scope = scope->parent;
    while (scope && from < to) {
        size_t mid = from + (to - from) / 2;
        const struct sv_mapping *m = &maps->list.v[mid];
        if (m->scope == scope)
            return m;
        if (m->node && m->scope->id < scope->id)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

const struct sv_mapping *sv_route_leaves_alias(const struct sv_route *r)
{
    struct sv_arena own = {0};
    const struct sv_site *site = r->answer.site;
    if (!site || site->kind != SV_SITE_NGINX || r->answer.behind || !r->answer.scope)
        return NULL;
    const struct sv_mapping *m = mapping_at(site, r->answer.scope);
    const struct sv_alias_gap *gap = m ? sv_alias_gap(site, m) : NULL;
    const char *asked = strchr(r->url + strcspn(r->url, ":") + 3, '/');
    struct sv_slice path, args;
    bool leaves = false;
    if (gap && asked && sv_uri_normalise(&own, sv_slice_of(asked), true, &path, &args) == 0 &&
        path.n > gap->prefix.n &&
        sv_slice_eq(sv_slice_sub(path, 0, gap->prefix.n), gap->prefix)) {
        struct sv_slice rest = sv_slice_sub(path, gap->prefix.n, path.n);
        leaves = gap->begins[0] ? ends_in_slash(gap->prefix) || rest.p[0] != '/'
                                : sv_slice_starts(rest, "../");
    }
    sv_arena_clear(&own);
    return leaves ? m : NULL;
}

bool sv_route_is_way_out(const struct sv_route *r)
{
    return strstr(r->url, "../") || sv_route_leaves_alias(r);
}
