// SPDX-License-Identifier: Apache-2.0
// reverse: which URLs yield a file. Candidates come from the mappings; each is proved forward.
#include <ctype.h>

#include "base/buf.h"
#include "serve/answer.h"
#include "serve/memo.h"
#include "serve/template.h"

enum {
    MAX_OTHERS = 4,
    MAX_ROUTES = 256, /* servers, or mappings of a few: what is shown is a handful */
    MAX_LINKS = 256,  /* to one file, while none of them is handed out */
    SCRATCH = 1 << 18,
    ENOUGH = 16,      /* from here on a server that hands the file out is not asked again */
};

struct search {
    const struct sv_site *site;
    struct sv_arena *a;    /* of the search: candidates, most of which come to nothing */
    struct sv_arena *keep; /* of the caller: the routes */
    const char *file, *real;           /* as the site sees it; `real`: without links, or NULL */
    const char *host_file, *host_real; /* the same outside of the container that the site is in */
    struct sv_slice client;
    const struct sv_reverse_index *index;
    bool unreadable;      /* the worker cannot open it, whatever leads to it */
    bool guess;           /* the location at hand need not have to do with the file */
    struct sv_slice host; /* the name to ask for; empty: the virtual host's own */
    struct sv_routes *ret;
    struct sv_map tried;     /* virtual host, name asked for, target */
    struct sv_arena scratch; /* of the answer that is looked at */
};

/* The same file under two names: a link on the way. */
static bool same_file(struct search *s, const char *path)
{
    const char *real;
    if (!path)
        return false;
    if (strcmp(path, s->host_file) == 0)
        return true;
    return s->host_real &&
           sv_fs_realpath(sv_fs_base(s->site->fs), &s->scratch, path, &real) == 0 &&
           strcmp(real, s->host_real) == 0;
}

static bool known_url(const struct search *s, const char *url)
{
    sv_vec_each(r, &s->ret->list)
    {
        if (strcmp(r->url, url) == 0)
            return true;
    }
    return false;
}

static bool has_route(const struct search *s, const struct sv_vhost *v)
{
    sv_vec_each(r, &s->ret->list)
    {
        if (r->answer.vhost == v)
            return true;
    }
    return false;
}

static bool satisfied(const struct search *s, const struct sv_vhost *v)
{
    if (s->unreadable && s->ret->blocked.n >= MAX_OTHERS)
        return true;
    return s->ret->list.n >= MAX_ROUTES || (s->ret->list.n >= ENOUGH && has_route(s, v));
}

/* An answer that is not known may be the file. */
static bool may_be_it(struct search *s, const struct sv_answer *ans)
{
    if (ans->undecided)
        return same_file(s, ans->if_let_in);
    return !s->guess && !s->unreadable;
}

/* One of the lists of what is no route, if the answer belongs on one that has room. */
static bool is_other(struct search *s, const struct sv_route *r)
{
    switch (r->answer.outcome) {
    case SV_OUT_DENIED:
    case SV_OUT_AUTH:
        return s->ret->blocked.n < MAX_OTHERS;
    case SV_OUT_HANDLER:
    case SV_OUT_PROXIED:
        return s->ret->handed.n < MAX_OTHERS;
    case SV_OUT_UNKNOWN:
        return s->ret->open.n < MAX_OTHERS && may_be_it(s, &r->answer);
    case SV_OUT_FILE:
    case SV_OUT_LISTING:
    case SV_OUT_REDIRECT:
    case SV_OUT_NOT_FOUND:
    case SV_OUT_RETURN:
    case SV_OUT_ERROR:
        break;
    }
    return false;
}

static void keep_other(struct search *s, struct sv_route r)
{
    r.url = sv_arena_strdup(s->keep, r.url);
    r.answer = sv_answer_copy(s->keep, &r.answer, NULL);
    if (r.answer.outcome == SV_OUT_UNKNOWN)
        sv_vec_push(s->keep, &s->ret->open, r);
    else if (r.answer.outcome == SV_OUT_DENIED || r.answer.outcome == SV_OUT_AUTH)
        sv_vec_push(s->keep, &s->ret->blocked, r);
    else
        sv_vec_push(s->keep, &s->ret->handed, r);
}

/* Many servers hand out one file for the same reasons. */
static void keep_route(struct search *s, struct sv_route r)
{
    const struct sv_route *last = s->ret->list.n ? &s->ret->list.v[s->ret->list.n - 1] : NULL;
    r.url = sv_arena_strdup(s->keep, r.url);
    r.answer = sv_answer_copy(s->keep, &r.answer, last ? &last->answer : NULL);
    sv_vec_push(s->a, &s->ret->list, r);
}

static struct sv_route run_route(struct search *s, const struct sv_vhost *v,
                                 const struct sv_listen *l, const char *target)
{
    struct sv_request q = sv_request_to(&s->scratch, v, l, target);
    q.client = s->client;
    if (s->host.n)
        q.host = s->host;
    struct sv_route route = {.url = sv_request_url(&s->scratch, &q)};
    if (!known_url(s, route.url))
        route.answer = sv_serve_answer(s->site, &s->scratch, &q);
    return route;
}

/* Runs one candidate through the vhost; true if it was proved. Most candidates of a large
 * configuration are not, and of an answer little is kept of what it took. */
static bool prove(struct search *s, const struct sv_vhost *v, const struct sv_listen *l,
                  const char *target)
{
    struct sv_route r = run_route(s, v, l, target);
    bool known = r.answer.site == NULL, file = !known && r.answer.vhost == v &&
                                               same_file(s, r.answer.file);
    bool other = !known && !file && r.answer.vhost == v && is_other(s, &r);
    if (file)
        keep_route(s, r);
    else if (other)
        keep_other(s, r);
    if (s->scratch.total > SCRATCH)
        sv_arena_clear(&s->scratch);
    return known || file;
}

/* Locations that repeat their server's root make the same candidate over and over. */
static bool first_try(struct search *s, const struct sv_vhost *v, const char *target)
{
    const char *key = sv_arena_printf(s->a, "%p %.*s %s", (const void *)v, (int)s->host.n,
                                      s->host.p ? s->host.p : "", target);
    uint32_t *at = sv_map_at(s->a, &s->tried, sv_slice_of(key));
    return (*at)++ == 0;
}

/* One URL per vhost and candidate: the TLS socket if there is one that answers with the file. A
 * unix socket has no URL; it is asked last, for what a proxy in front of it lets through. */
static void try_vhost(struct search *s, const struct sv_vhost *v, const char *target)
{
    if (satisfied(s, v) || !first_try(s, v, target))
        return;
    for (int pass = 0; pass < 4; pass++) {
        sv_vec_each(l, &v->listens)
        {
            if (l->ssl != (pass % 2 == 0) || l->is_unix != (pass >= 2))
                continue;
            if (prove(s, v, l, target))
                return;
        }
    }
}

/* The URL path a mapping gives to `path`; NULL if the file is not below it. */
static const char *candidate(struct search *s, const struct sv_mapping *m, const char *path)
{
    size_t n = strlen(m->dir);
    if (m->is_alias && strcmp(m->dir, path) == 0)
        return sv_uri_escape(s->a, m->uri_prefix);
    if (!m->exact || strncmp(path, m->dir, n) != 0)
        return NULL;
    const char *rest = path + n;
    if (!m->is_alias) {
        if (n > 1 && *rest != '/')
            return NULL;
        return sv_uri_escape(s->a, sv_slice_of(n > 1 ? rest : path));
    }
    /* An alias is glued to the rest of the URI; its value keeps the slash the file name needs. */
    struct sv_slice value = m->value;
    bool slash = value.n && value.p[value.n - 1] == '/';
    if (slash && *rest == '/')
        rest++;
    const char *uri = sv_arena_printf(s->a, "%.*s%s", (int)m->uri_prefix.n, m->uri_prefix.p, rest);
    return sv_uri_escape(s->a, sv_slice_of(uri));
}

/* `location /x` with `alias d/` hands out d's siblings through "..". */
static const char *traversal(struct search *s, const struct sv_mapping *m, const char *path)
{
    const struct sv_alias_gap *gap = sv_alias_gap(s->site, m);
    if (!gap || gap->begins[0] || !sv_path_below(path, gap->above) ||
        sv_path_below(path, gap->dir))
        return NULL;
    size_t n = strlen(gap->above);
    const char *rest = path + (n > 1 ? n + 1 : 1);
    if (path[n] == '\0' || *rest == '\0')
        return NULL;
    const char *uri =
        sv_arena_printf(s->a, "%.*s../%s", (int)gap->prefix.n, gap->prefix.p, rest);
    return sv_uri_escape(s->a, sv_slice_of(uri));
}

/* The same path in other words, which a guard on the URL as it was sent does not know: its dots, or
 * the first letter of its first folder, percent-encoded, or two slashes in front. */
static void try_encoded(struct search *s, const struct sv_vhost *v, const char *target)
{
    _cleanup_buf_ struct sv_buf out = {0};
    size_t before = s->ret->list.n;
    if (!s->index->raw_guards || target[0] != '/')
        return;
    for (const char *c = target; *c; c++) {
        if (*c == '.')
            sv_buf_adds(&out, "%2e");
        else
            sv_buf_addc(&out, *c);
    }
    if (strchr(target, '.'))
        try_vhost(s, v, sv_arena_copy(s->a, sv_buf_slice(&out)).p);
    if (s->ret->list.n == before && isalnum((unsigned char)target[1]))
        try_vhost(s, v, sv_arena_printf(s->a, "/%%%02x%s", (unsigned char)target[1], target + 2));
    if (s->ret->list.n == before)
        try_vhost(s, v, sv_arena_printf(s->a, "/%s", target));
}

static void try_either(struct search *s, const struct sv_vhost *v, const char *target)
{
    size_t before = s->ret->list.n;
    try_vhost(s, v, target);
    if (s->ret->list.n == before)
        try_encoded(s, v, target);
}

static void try_mapping(struct search *s, const struct sv_mapping *m, const char *path)
{
    if (m->vhosts.n == 1 && satisfied(s, m->vhosts.v[0]))
        return;
    const char *targets[] = {candidate(s, m, path), traversal(s, m, path)};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (!targets[i] || targets[i][0] != '/')
            continue;
        sv_vec_each(v, &m->vhosts)
        {
            try_either(s, *v, targets[i]);
        }
    }
}

/* The mapping's folder is a link, or lies behind one: `dir` is where that leads. */
static void try_linked(struct search *s, const struct sv_mapping *m, const char *dir)
{
    if (!s->real || !dir || !sv_path_below(s->real, dir))
        return;
    try_mapping(s, m, sv_arena_printf(s->a, "%s%s", strcmp(m->dir, "/") == 0 ? "" : m->dir,
                                      s->real + strlen(dir)));
}

/* A link beside the served files leads to the folder of the file: one level, and only where nothing
 * else led to it. */
static void try_links_inside(struct search *s)
{
    const struct sv_mapping *last = NULL;
    struct sv_places_found found = {0};
    if (!s->real || s->ret->list.n + s->ret->blocked.n + s->ret->handed.n)
        return;
    const struct sv_inner_links *links = sv_inner_links(s->site);
    sv_folder_find(&links->real, s->a, s->real, false, &found);
    sv_folder_sort(&found);
    sv_vec_each(i, &found.list)
    {
        const struct sv_inner_link *link = &links->list.v[*i];
        if (last != link->mapping && s->ret->list.n + s->ret->blocked.n + s->ret->handed.n)
            return;
        last = link->mapping;
        if (!sv_path_below(s->real, last->dir))
            try_mapping(s, last,
                        sv_arena_printf(s->a, "%s%s", link->path, s->real + strlen(link->real)));
    }
}

/* The mappings that can lead to the file, in their own order; what each of the tries looks at. */
static void mappings_of(struct search *s, struct sv_places_found *ret)
{
    const struct sv_reverse_index *x = s->index;
    const char *paths[] = {s->file, s->real && strcmp(s->real, s->file) != 0 ? s->real : NULL};
    for (int i = 0; i < 2 && paths[i]; i++) {
        sv_folder_find(&x->dir, s->a, paths[i], true, ret);
        sv_folder_find(&x->above, s->a, paths[i], false, ret);
    }
    if (s->real)
        sv_folder_find(&x->real, s->a, s->real, false, ret);
    sv_vec_each(i, &x->variables)
    {
        sv_vec_push(s->a, &ret->list, *i);
    }
    sv_folder_sort(ret);
}

/* The name that a regular expression took the values from, or that a variable is. */
static struct sv_slice host_of(struct search *s, const struct sv_vhost *v,
                               const struct sv_bindings *b)
{
    struct sv_slice host = sv_binding(b, SV_LIT("host"));
    if (!host.p)
        host = sv_binding(b, SV_LIT("http_host"));
    sv_vec_each(n, &v->names)
    {
        if (!host.p && n->regex && n->text.n)
            host = sv_pattern_text(s->a, sv_slice_sub(n->text, 1, n->text.n), b);
    }
    return host.p && sv_slice_chr(host, '/') == host.n ? host : (struct sv_slice){"", 0};
}

/* Tries the URL whose parts the file's path fixes: the location's text, the host, or both. */
static void try_bindings(struct search *s, const struct sv_vhost *v, struct sv_slice pattern,
                         const struct sv_bindings *b)
{
    struct sv_slice uri = b->tail;
    if (!uri.p && pattern.n)
        uri = sv_pattern_text(s->a, pattern, b);
    if (!uri.p)
        uri = sv_binding(b, SV_LIT("uri"));
    if (!uri.p || uri.n == 0 || uri.p[0] != '/')
        return;
    const char *target = sv_uri_escape(s->a, uri);
    try_vhost(s, v, target);
    s->host = host_of(s, v, b);
    if (s->host.n)
        try_vhost(s, v, target);
    s->host = (struct sv_slice){"", 0};
}

/* True if every server that the level is in force for has enough routes. */
static bool all_satisfied(const struct search *s, const struct sv_scope *scope)
{
    return s->ret->list.n >= MAX_ROUTES || (scope->vhost && satisfied(s, scope->vhost));
}

/* `pattern` took the values of $1 and so on from the URI; without one, a folder that the URI is
 * added to. */
static void try_template(struct search *s, const struct sv_scope *scope, struct sv_slice text,
                         struct sv_slice pattern, bool is_alias)
{
    for (int greedy = 0; greedy < 2 && !all_satisfied(s, scope); greedy++) {
        struct sv_bindings b;
        if (!sv_template_match(s->site->regexes, s->a, text, !is_alias, greedy,
                               sv_slice_of(s->file), &b))
            continue;
        sv_vec_each(v, &s->site->vhosts)
        {
            if (!scope->vhost || scope->vhost == *v)
                try_bindings(s, *v, pattern, &b);
        }
    }
}

static void try_indexed(struct search *s, uint32_t i)
{
    const struct sv_template *t = &s->index->templates.v[i];
    if (strncmp(s->file, t->text.p, t->fixed) == 0)
        try_template(s, t->scope, t->text, t->pattern, true);
}

/* Those that can lead to the file under either of its names. */
static void templates_of(struct search *s, struct sv_places_found *ret)
{
    sv_folder_find(&s->index->fixed, s->a, s->file, true, ret);
    if (s->real)
        sv_folder_find(&s->index->fixed, s->a, s->real, true, ret);
    sv_folder_sort(ret);
}

/* Roots and aliases with variables: /srv/$host/public, /srv/media/$1 and the like. */
static void try_variable(struct search *s, const struct sv_mapping *m)
{
    if (!sv_path_below(s->file, m->dir))
        return;
    try_template(s, m->scope, sv_slice_of(sv_site_path(s->site, s->a, m->value)), m->pattern,
                 m->is_alias);
    sv_vec_each(v, &m->vhosts)
    {
        for (const char *p = s->file + strlen(m->dir); p && *p; p = strchr(p + 1, '/'))
            if (*p == '/')
                try_vhost(s, *v, sv_uri_escape(s->a, sv_slice_of(p)));
    }
}

/* Exact and regex locations with try_files or a rewrite can yield one fixed file. `found` from
 * `at` on are the templates of levels. */
static void try_fixed(struct search *s, const struct sv_places_found *found, size_t at)
{
    sv_vec_each(level, &s->index->levels)
    {
        const struct sv_scope *loc = level->scope;
        bool enough = satisfied(s, loc->vhost);
        for (; at < found->list.n && found->list.v[at] < level->end; at++)
            if (!enough)
                try_indexed(s, found->list.v[at]);
        if (enough || loc->kind != SV_SCOPE_LOCATION)
            continue;
        s->guess = true;
        if (loc->match == SV_MATCH_EXACT)
            try_vhost(s, loc->vhost, sv_uri_escape(s->a, loc->name));
        s->guess = false;
    }
}

/* RewriteRules of httpd to paths, and what nginx's levels lead to. */
static void try_templates(struct search *s)
{
    const char *file = s->file;
    struct sv_places_found found = {0};
    size_t at = 0;
    templates_of(s, &found);
    for (; at < found.list.n && found.list.v[at] < s->index->n_rules; at++) {
        try_indexed(s, found.list.v[at]);
        if (s->real && strcmp(s->real, file) != 0) {
            s->file = s->real;
            try_indexed(s, found.list.v[at]);
            s->file = file;
        }
    }
    try_fixed(s, &found, at);
}

static void try_front(struct search *s, struct sv_front *f)
{
    f->request.client = s->client;
    const char *url = sv_request_url(s->a, &f->request);
    if (known_url(s, url))
        return;
    struct sv_answer ans = sv_serve_answer(f->site, &s->scratch, &f->request);
    if (ans.behind && same_file(s, ans.file))
        keep_route(s, (struct sv_route){url, ans});
    if (s->scratch.total > SCRATCH)
        sv_arena_clear(&s->scratch);
}

/* The same through other servers of this host: what answers a stranger here, or only this host,
 * may be handed out by a proxy in front. */
static void try_fronts(struct search *s)
{
    SV_VEC(const char *) urls = {0};
    struct sv_fronts fronts = {0};
    if (!s->site->host)
        return;
    sv_vec_each(r, &s->ret->list)
    {
        sv_vec_push(s->a, &urls, r->url);
    }
    sv_vec_each(r, &s->ret->blocked)
    {
        sv_vec_push(s->a, &urls, r->url);
    }
    sv_vec_each(url, &urls)
    {
        sv_serve_fronts(s->site, s->a, sv_slice_of(strchr(strstr(*url, "://") + 3, '/')), &fronts);
    }
    sv_vec_each(f, &fronts.list)
    {
        if (s->ret->list.n >= MAX_ROUTES)
            return;
        try_front(s, f);
    }
}

/* What a stranger can open stands before what only this machine can. The list was the search's. */
static void network_first(struct search *s)
{
    size_t n = s->ret->list.n, to = 0;
    struct sv_route *sorted = sv_new_n(s->keep, struct sv_route, n);
    for (int local = 0; local < 2; local++)
        for (size_t i = 0; i < n; i++)
            if (sv_vhost_on_network(s->ret->list.v[i].answer.vhost) == !local)
                sorted[to++] = s->ret->list.v[i];
    s->ret->list.v = sorted;
    s->ret->list.cap = n;
}

/* The URLs that mappings and rules give to the file under its two names. */
static void try_names(struct search *s)
{
    const struct sv_mappings *maps = sv_site_mappings(s->site);
    struct sv_places_found found = {0};
    const char *file = s->file;
    bool two = s->real && strcmp(s->real, file) != 0;
    mappings_of(s, &found);
    sv_vec_each(i, &found.list)
    {
        const struct sv_mapping *m = &maps->list.v[*i];
        if (!m->exact)
            try_variable(s, m);
        if (!m->exact && !s->index->gaps[*i].above)
            continue;
        try_mapping(s, m, file);
        if (two)
            try_mapping(s, m, s->real);
        try_linked(s, m, s->index->real_dirs[*i]);
    }
    try_templates(s);
}

/* A link that the walk met leads to the file: the file goes by that name too, and by the one that
 * the link has without links on the way to it. */
static void try_file_links(struct search *s)
{
    const char *file = s->file, *real = s->real, *dir;
    const struct sv_file_link *link = real ? sv_site_file_links(s->site, real) : NULL;
    for (int i = 0; link && i < MAX_LINKS && s->ret->list.n == 0; i++, link = link->next) {
        s->file = s->real = link->path;
        if (sv_fs_realpath(s->site->fs, s->a, sv_path_dir(s->a, link->path), &dir) == 0)
            s->real = sv_path_join(s->a, dir, sv_path_base(link->path));
        try_names(s);
    }
    s->file = file;
    s->real = real;
}

/* `file` is the place at which the site sees `host_file`. */
static void routes_of(const struct sv_site *site, struct sv_arena *a, const char *file,
                      const char *host_file, struct sv_slice client, struct sv_routes *ret)
{
    struct sv_arena own = {0};
    struct search s = {.site = site, .a = &own, .keep = a, .file = file, .host_file = host_file,
                       .client = client, .ret = ret, .index = sv_reverse_index(site)};
    if (sv_fs_realpath(site->fs, &own, file, &s.real) < 0)
        s.real = NULL;
    if (sv_fs_realpath(sv_fs_base(site->fs), &own, host_file, &s.host_real) < 0)
        s.host_real = NULL;
    s.unreadable = s.real && site->worker_known &&
                   sv_access_check(site->fs, &own, &site->worker, s.real, SV_RIGHT_READ).access ==
                       SV_ACCESS_NO;
    try_names(&s);
    try_file_links(&s);
    try_links_inside(&s);
    try_fronts(&s);
    network_first(&s);
    sv_arena_clear(&s.scratch);
    sv_arena_clear(&own);
}

void sv_serve_reverse(const struct sv_site *site, struct sv_arena *a, const char *file,
                      struct sv_slice client, struct sv_routes *ret)
{
    struct sv_paths inside = {0};
    sv_fs_inside(site->fs, a, file, &inside);
    sv_vec_each(path, &inside.list)
    {
        routes_of(site, a, *path, file, client, ret);
    }
}
