// SPDX-License-Identifier: Apache-2.0
// What a check may do: report, add to a finding, ask the server model.
#include "engine/context.h"

#include "base/limits.h"
#include "secrets/redact.h"

static struct sv_finding *add(struct sv_ctx *cx, enum sv_severity sev, const char *fmt, va_list ap)
{
    struct sv_result *r = cx->d->result;
    struct sv_finding *f = sv_new(r->arena, struct sv_finding);
    f->check = cx->check;
    f->severity = sev;
    f->message = sv_arena_vprintf(r->arena, fmt, ap);
    if (r->findings.n < SV_MAX_FINDINGS) {
        sv_vec_push(r->arena, &r->findings, f);
        f->order = ++cx->made;
    } else if (r->findings.n == SV_MAX_FINDINGS && r->skipped.n == 0)
        sv_result_skip(r, "/", "more than %d findings; the rest is not listed", SV_MAX_FINDINGS);
    return f;
}

static void set_file(struct sv_ctx *cx, struct sv_finding *f, const char *path)
{
    f->file = path;
    if (f->order)
        sv_index_put(&cx->index, &cx->index.file, path, f);
}

static void add_secret(struct sv_ctx *cx, struct sv_finding *f, struct sv_secret_ref s)
{
    sv_vec_push(cx->d->result->arena, &f->secrets, s);
    if (f->order)
        sv_index_put(&cx->index, &cx->index.secret, s.id, f);
}

/* A directive that a check spoke about, as a key. */
struct place_key {
    const struct sv_check *check;
    struct sv_span span;
    uint32_t no_padding;
};

static struct sv_slice place_key(struct sv_ctx *cx, struct place_key *k, const struct sv_node *at)
{
    *k = (struct place_key){.check = cx->check, .span = at->head};
    return (struct sv_slice){(const char *)k, sizeof *k};
}

/* The blocks that a comment speaks for: locations, and httpd's sections. */
static bool is_section(const struct sv_node *n)
{
    static const char *const names[] = {"location", "locationmatch", "directory", "directorymatch",
                                        "files",    "filesmatch",    "proxy",     "proxymatch"};
    bool is = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is |= sv_node_is(n, names[i]);
    return is;
}

struct sv_finding *sv_report_at(struct sv_ctx *cx, enum sv_severity sev, const struct sv_node *at,
                                const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct sv_finding *f = add(cx, sev, fmt, ap);
    va_end(ap);
    struct sv_sources *s = cx->d->sources;
    struct sv_pos pos = sv_span_pos(s, at->head);
    f->span = at->head;
    set_file(cx, f, sv_span_path(s, at->head));
    f->line = pos.line;
    f->column = pos.column;
    f->key = sv_node_head_text(s, cx->d->result->arena, at).p;
    sv_suppress(cx, f, at->head);
    struct place_key *k = sv_new(cx->d->arena, struct place_key);
    *sv_map_at(cx->d->arena, &cx->reported, place_key(cx, k, at)) = 1;
    const struct sv_node *block = at->parent;
    if (f->state == SV_STATE_NEW && block && is_section(block))
        sv_suppress(cx, f, block->head);
    return f;
}

struct sv_finding *sv_report_file(struct sv_ctx *cx, enum sv_severity sev, const char *path,
                                  uint32_t line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct sv_finding *f = add(cx, sev, fmt, ap);
    va_end(ap);
    set_file(cx, f,
             sv_arena_strdup(cx->d->result->arena,
                             sv_fs_outside(sv_ctx_fs(cx), cx->d->result->arena, path)));
    f->line = line;
    f->column = line ? 1 : 0;
    return f;
}

void sv_finding_evidence_file(struct sv_ctx *cx, struct sv_finding *f, const char *path,
                              uint32_t line, const char *text)
{
    struct sv_arena *a = cx->d->result->arena;
    sv_vec_push(a, &f->evidence,
                (struct sv_evidence){.file = sv_fs_outside(sv_ctx_fs(cx), a, path), .line = line,
                                     .text = sv_mask_line(a, sv_slice_of(text))});
}

void sv_finding_evidence(struct sv_ctx *cx, struct sv_finding *f, const struct sv_node *node)
{
    if (!node)
        return;
    struct sv_sources *s = cx->d->sources;
    sv_finding_evidence_file(cx, f, sv_span_path(s, node->head), sv_span_pos(s, node->head).line,
                             sv_node_head_text(s, cx->d->result->arena, node).p);
}

static bool same_evidence(const struct sv_exposure *x, const struct sv_exposure *y)
{
    bool same = x->why.n == y->why.n;
    for (size_t i = 0; same && i < x->why.n; i++)
        same = x->why.v[i].line == y->why.v[i].line &&
               strcmp(x->why.v[i].file, y->why.v[i].file) == 0 &&
               sv_slice_eq(x->why.v[i].text, y->why.v[i].text);
    return same;
}

/* Hundreds of servers may hand a file out by the same lines: these are kept once. */
static void add_why(struct sv_ctx *cx, const struct sv_finding *f, const struct sv_site *site,
                    const struct sv_route *route, struct sv_exposure *io)
{
    struct sv_arena *a = cx->d->result->arena;
    const struct sv_exposure *last = f->exposure.n ? &f->exposure.v[f->exposure.n - 1] : NULL;
    struct sv_exposure e = {0};
    sv_vec_each(w, &route->answer.why)
    {
        if (w->span.file == 0)
            continue;
        sv_vec_push(&cx->scratch, &e.why,
                    (struct sv_evidence){.file = sv_span_path(site->sources, w->span),
                                         .line = sv_span_pos(site->sources, w->span).line,
                                         .text = sv_mask_line(&cx->scratch, w->text)});
    }
    if (last && same_evidence(last, &e)) {
        io->why.v = last->why.v;
        io->why.n = io->why.cap = last->why.n;
        return;
    }
    sv_vec_each(w, &e.why)
    {
        w->text = sv_arena_copy(a, w->text);
        sv_vec_push(a, &io->why, *w);
    }
}

void sv_finding_route(struct sv_ctx *cx, struct sv_finding *f, const struct sv_site *site,
                      const struct sv_route *route)
{
    struct sv_arena *a = cx->d->result->arena;
    const struct sv_site *answering = route->answer.site ? route->answer.site : site;
    struct sv_exposure e = {.url = route->url, .server = sv_site_kind_name(answering->kind),
                            .status = route->answer.status,
                            .auth = route->answer.auth_needed ? "basic" : "none",
                            .on_network = sv_vhost_on_network(route->answer.vhost)};
    sv_vec_each(old, &f->exposure)
    {
        if (old->on_network && !e.on_network)
            return;
    }
    add_why(cx, f, site, route, &e);
    sv_vec_push(a, &f->exposure, e);
    if (f->order)
        sv_index_put(&cx->index, &cx->index.url, e.url, f);
}

/* The comment at one of the locations that answered, up to the outermost. */
static bool route_suppressed(struct sv_ctx *cx, const struct sv_route *r, struct sv_finding *ret)
{
    const struct sv_scope *scope = r->answer.scope;
    for (; scope && scope->node && ret->state == SV_STATE_NEW; scope = scope->parent) {
        sv_suppress(cx, ret, scope->node->head);
        if (scope->kind == SV_SCOPE_SERVER)
            break;
    }
    return ret->state != SV_STATE_NEW;
}

void sv_finding_suppress_routes(struct sv_ctx *cx, struct sv_finding *f,
                                const struct sv_routes *routes)
{
    struct sv_finding last = {.check = f->check};
    sv_vec_each(r, &routes->list)
    {
        last = (struct sv_finding){.check = f->check};
        if (!route_suppressed(cx, r, &last))
            return;
    }
    f->state = last.state;
    f->reason = last.reason;
}

void sv_finding_fix(struct sv_ctx *cx, struct sv_finding *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    f->fix = sv_arena_vprintf(cx->d->result->arena, fmt, ap);
    va_end(ap);
}

void sv_finding_secret(struct sv_ctx *cx, struct sv_finding *f, const char *rule,
                       struct sv_slice value, uint32_t line, uint32_t column)
{
    struct sv_arena *a = cx->d->result->arena;
    add_secret(cx, f,
               (struct sv_secret_ref){rule, sv_redact(a, rule, value), sv_secret_id(a, value), line,
                                      column});
}

struct sv_finding *sv_report_config_secret(struct sv_ctx *cx, const char *server,
                                           const struct sv_node *at, struct sv_slice name,
                                           struct sv_slice value)
{
    struct sv_sources *src = cx->d->sources;
    const char *readers = sv_access_readers(cx->d->fs, cx->d->ids, cx->d->result->arena,
                                            sv_span_path(src, at->head));
    bool open = sv_access_anyone(readers);
    struct sv_pos pos = sv_span_pos(src, at->head);
    struct sv_finding *f =
        sv_report_at(cx, open ? SV_MEDIUM : SV_INFO, at,
                     "%s stands in the configuration; %s can read it there",
                     sv_secret_words(cx->d->result->arena, name, value), readers);
    f->readers = readers;
    sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    f->fix_of_line = open;
    if (open)
        sv_finding_fix(cx, f,
                       "Keep this line in a file of its own with mode 0600 and include it: %s reads "
                       "its configuration as root.\n%s",
                       server, sv_secret_change(cx->d->result->arena, value));
    return f;
}

void sv_finding_secret_place(struct sv_ctx *cx, struct sv_finding *f,
                             const struct sv_secret_place *p)
{
    struct sv_arena *a = cx->d->result->arena;
    add_secret(cx, f,
               (struct sv_secret_ref){p->rule->id, sv_arena_strdup(a, p->redacted),
                                      sv_arena_strdup(a, p->id), p->line, p->column});
}

struct sv_finding *sv_ctx_file_finding(struct sv_ctx *cx, const char *prefix, const char *path)
{
    const struct sv_finding_chains *in = &cx->index.file;
    const struct sv_finding_link *l = sv_index_first(in, path);
    while (l && strncmp(l->f->check->id, prefix, strlen(prefix)) != 0)
        l = sv_index_next(in, l);
    return l ? l->f : NULL;
}

struct sv_finding *sv_ctx_url_finding(struct sv_ctx *cx, const char *checks, const char *url)
{
    const struct sv_finding_chains *in = &cx->index.url;
    struct sv_finding *first = NULL;
    for (const struct sv_finding_link *l = sv_index_first(in, url); l; l = sv_index_next(in, l))
        if ((!first || l->f->order < first->order) &&
            sv_glob_match(sv_slice_of(checks), sv_slice_of(l->f->check->id)))
            first = l->f;
    return first;
}

bool sv_ctx_file_reported(struct sv_ctx *cx, const char *prefix, const char *path)
{
    return sv_ctx_file_finding(cx, prefix, path) != NULL;
}

static bool has_secret(const struct sv_ctx *cx, const struct sv_finding *f, uint32_t line,
                       const char *id)
{
    if (f->check == cx->check)
        return false;
    sv_vec_each(s, &f->secrets)
    {
        if (s->line == line || strcmp(s->id, id) == 0)
            return true;
    }
    return false;
}

bool sv_ctx_secret_reported(struct sv_ctx *cx, const char *path, uint32_t line, const char *id)
{
    struct sv_finding_index *x = &cx->index;
    const struct sv_finding_link *l = sv_index_first(&x->file, path);
    for (; l; l = sv_index_next(&x->file, l))
        if (has_secret(cx, l->f, line, id))
            return true;
    l = sv_index_real(x, cx->d->fs, cx->d->result, path);
    for (; l; l = sv_index_next(&x->real, l))
        if (has_secret(cx, l->f, line, id))
            return true;
    return false;
}

bool sv_ctx_secret_known(struct sv_ctx *cx, const char *id)
{
    const struct sv_finding_chains *in = &cx->index.secret;
    const struct sv_finding_link *l = sv_index_first(in, id);
    while (l && l->f->state != SV_STATE_NEW)
        l = sv_index_next(in, l);
    return l != NULL;
}

void sv_finding_explains(struct sv_ctx *cx, struct sv_finding *f, const char *path)
{
    sv_vec_each(s, &f->secrets)
    {
        sv_index_explain(&cx->index, f, s->id, path);
    }
}

bool sv_ctx_secret_explained(struct sv_ctx *cx, const char *check, const char *secret_id,
                             const char *path)
{
    return sv_index_explained(&cx->index, check, secret_id, path);
}

bool sv_ctx_reported(struct sv_ctx *cx, const struct sv_node *at)
{
    struct place_key k;
    return sv_map_find(&cx->reported, place_key(cx, &k, at)) != 0;
}

struct sv_arena *sv_ctx_arena(struct sv_ctx *cx)
{
    return cx->d->result->arena;
}

struct sv_sources *sv_ctx_sources(struct sv_ctx *cx)
{
    return cx->d->sources;
}

struct sv_fs *sv_ctx_fs(struct sv_ctx *cx)
{
    return cx->fs ? cx->fs : cx->d->fs;
}

struct sv_regex_pool *sv_ctx_regexes(struct sv_ctx *cx)
{
    return cx->d->regexes;
}

struct sv_identity_db *sv_ctx_ids(struct sv_ctx *cx)
{
    return cx->d->ids;
}

const struct sv_host *sv_ctx_host(struct sv_ctx *cx)
{
    return cx->d->host;
}

/* Of the sockets the one that strangers reach, and of these one with TLS. */
static unsigned reach_of(const struct sv_listen *l)
{
    return (l->is_unix ? 0 : sv_listen_is_local(l) ? 2u : 4u) + l->ssl;
}

static const struct sv_listen *shown_listen(const struct sv_vhost *v)
{
    const struct sv_listen *best = NULL;
    sv_vec_each(l, &v->listens)
    {
        if (!best || reach_of(l) > reach_of(best))
            best = l;
    }
    return best;
}

static struct sv_slice shown_host(const struct sv_vhost *v, const struct sv_listen *l)
{
    sv_vec_each(n, &v->names)
    {
        if (!n->regex && n->text.n && !sv_slice_is(n->text, "_") && n->text.p[0] != '*')
            return n->text.p[0] == '.' ? sv_slice_sub(n->text, 1, n->text.n) : n->text;
    }
    if (l->inside && !l->published)
        return sv_slice_of(v->site->container->name);
    return l->wildcard || l->is_unix ? SV_LIT("localhost") : l->addr;
}

static unsigned shown_port(const struct sv_listen *l)
{
    if (l->inside && l->published && l->published->host_port)
        return l->published->host_port;
    return !l->is_unix ? l->port : l->ssl ? 443 : 80;
}

const char *sv_ctx_origin(struct sv_ctx *cx, const struct sv_vhost *vhost)
{
    const struct sv_listen *l = shown_listen(vhost);
    if (!l)
        return "http://localhost";
    struct sv_slice host = shown_host(vhost, l);
    const char *scheme = l->ssl ? "https" : "http";
    if (shown_port(l) == (l->ssl ? 443u : 80u))
        return sv_arena_printf(sv_ctx_arena(cx), "%s://%.*s", scheme, (int)host.n, host.p);
    return sv_arena_printf(sv_ctx_arena(cx), "%s://%.*s:%u", scheme, (int)host.n, host.p,
                           shown_port(l));
}

struct sv_answer sv_ctx_ask(struct sv_ctx *cx, const struct sv_vhost *vhost, const char *target)
{
    const struct sv_listen *l = shown_listen(vhost);
    struct sv_answer none = {.outcome = SV_OUT_UNKNOWN, .unknown = "no socket"};
    if (!l)
        return none;
    struct sv_request q = {
        .method = SV_LIT("GET"),
        .host = shown_host(vhost, l),
        .https = l->ssl,
        .port = l->is_unix ? shown_port(l) : l->port,
        .outer_port = l->inside && l->published ? l->published->host_port : 0,
        .target = sv_slice_of(target),
        .client = cx->d->client,
        .local = l->wildcard ? (struct sv_slice){"", 0} : l->addr,
    };
    return sv_serve_answer(vhost->site, &cx->scratch, &q);
}

void sv_ctx_line_secrets(struct sv_ctx *cx, const char *path, uint32_t line, struct sv_slice text,
                         struct sv_command_secrets *ret)
{
    sv_command_line_secrets(sv_ctx_arena(cx), text, ret);
    if (ret->cut)
        sv_ctx_skip(cx, path, "%u:1: more than %d words in one command; the rest was not looked at",
                    line, SV_MAX_COMMAND_WORDS);
}

void sv_ctx_skip(struct sv_ctx *cx, const char *path, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = sv_arena_vprintf(sv_ctx_arena(cx), fmt, args);
    va_end(args);
    sv_result_skip(cx->d->result, path, "%s", text); /* once, if another check met it before */
}

void sv_ctx_skip_undecided(struct sv_ctx *cx, const char *path, const struct sv_routes *routes)
{
    if (routes->list.n == 0 && routes->open.n)
        sv_ctx_skip(cx, path, "whether it is served is not known: %s",
                    routes->open.v[0].answer.unknown);
}

const struct sv_routes *sv_ctx_routes(struct sv_ctx *cx, const struct sv_site *site,
                                      const char *file)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    file = sv_fs_outside(sv_ctx_fs(cx), a, file);
    if (cx->routes && cx->routes->site == site && strcmp(cx->routes->file, file) == 0)
        return &cx->routes->routes;
    struct sv_route_cache *c = sv_new(a, struct sv_route_cache);
    c->site = site;
    c->file = file;
    sv_serve_reverse(site, a, file, cx->d->client, &c->routes);
    cx->routes = c;
    return &c->routes;
}

struct sv_file_secrets sv_ctx_host_secrets(struct sv_ctx *cx, const char *path)
{
    const struct sv_secret_found *all = cx->d->host_secrets; /* by path */
    size_t from = 0, end = all ? all->list.n : 0, n = 0;
    while (from < end) {
        size_t mid = from + (end - from) / 2;
        if (strcmp(all->list.v[mid].path, path) < 0)
            from = mid + 1;
        else
            end = mid;
    }
    while (all && from + n < all->list.n && strcmp(all->list.v[from + n].path, path) == 0)
        n++;
    return (struct sv_file_secrets){path, n ? all->list.v + from : NULL, n};
}

const struct sv_log_family *sv_ctx_log(struct sv_ctx *cx, const char *path)
{
    const struct sv_log_found *all = cx->d->logs;
    for (size_t i = 0; all && i < all->list.n; i++)
        if (strcmp(all->list.v[i]->path, path) == 0)
            return all->list.v[i];
    return NULL;
}
