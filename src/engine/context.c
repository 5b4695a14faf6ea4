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
    if (r->findings.n < SV_MAX_FINDINGS)
        sv_vec_push(r->arena, &r->findings, f);
    else if (r->findings.n == SV_MAX_FINDINGS && r->skipped.n == 0)
        sv_result_skip(r, "/", "more than %d findings; the rest is not listed", SV_MAX_FINDINGS);
    return f;
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
    f->file = sv_span_path(s, at->head);
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
    f->file = sv_arena_strdup(cx->d->result->arena,
                              sv_fs_outside(sv_ctx_fs(cx), cx->d->result->arena, path));
    f->line = line;
    f->column = line ? 1 : 0;
    return f;
}

void sv_finding_evidence_file(struct sv_ctx *cx, struct sv_finding *f, const char *path,
                              uint32_t line, const char *text)
{
    struct sv_arena *a = cx->d->result->arena;
    sv_vec_push(a, &f->evidence,
                (struct sv_evidence){sv_fs_outside(sv_ctx_fs(cx), a, path), line,
                                     sv_mask_line(a, sv_slice_of(text)), NULL});
}

void sv_finding_evidence(struct sv_ctx *cx, struct sv_finding *f, const struct sv_node *node)
{
    if (!node)
        return;
    struct sv_sources *s = cx->d->sources;
    sv_finding_evidence_file(cx, f, sv_span_path(s, node->head), sv_span_pos(s, node->head).line,
                             sv_node_head_text(s, cx->d->result->arena, node).p);
}

void sv_finding_route(struct sv_ctx *cx, struct sv_finding *f, const struct sv_site *site,
                      const struct sv_route *route)
{
    struct sv_arena *a = cx->d->result->arena;
    const struct sv_site *answering = route->answer.site ? route->answer.site : site;
    struct sv_exposure e = {.url = route->url, .server = sv_site_kind_name(answering->kind),
                            .status = route->answer.status,
                            .auth = route->answer.auth_needed ? "basic" : "none"};
    sv_vec_each(w, &route->answer.why)
    {
        if (w->span.file == 0)
            continue;
        sv_vec_push(a, &e.why,
                    (struct sv_evidence){sv_span_path(site->sources, w->span),
                                         sv_span_pos(site->sources, w->span).line,
                                         sv_mask_line(a, w->text), NULL});
    }
    sv_vec_push(a, &f->exposure, e);
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
    sv_vec_push(a, &f->secrets,
                (struct sv_secret_ref){rule, sv_redact(a, rule, value), sv_secret_id(a, value),
                                       line, column});
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
    sv_vec_push(a, &f->secrets,
                (struct sv_secret_ref){p->rule->id, sv_arena_strdup(a, p->redacted),
                                       sv_arena_strdup(a, p->id), p->line, p->column});
}

struct sv_finding *sv_ctx_file_finding(struct sv_ctx *cx, const char *prefix, const char *path)
{
    sv_vec_each(f, &cx->d->result->findings)
    {
        if (strncmp((*f)->check->id, prefix, strlen(prefix)) == 0 && (*f)->file &&
            strcmp((*f)->file, path) == 0)
            return *f;
    }
    return NULL;
}

struct sv_finding *sv_ctx_url_finding(struct sv_ctx *cx, const char *checks, const char *url)
{
    sv_vec_each(f, &cx->d->result->findings)
    {
        if (!sv_glob_match(sv_slice_of(checks), sv_slice_of((*f)->check->id)))
            continue;
        sv_vec_each(e, &(*f)->exposure)
        {
            if (strcmp(e->url, url) == 0)
                return *f;
        }
    }
    return NULL;
}

bool sv_ctx_file_reported(struct sv_ctx *cx, const char *prefix, const char *path)
{
    return sv_ctx_file_finding(cx, prefix, path) != NULL;
}

/* Configurations name links (sites-enabled/), the search for secrets the files behind them. */
static bool same_file(struct sv_ctx *cx, const char *a, const char *b)
{
    const char *ra, *rb;
    struct sv_arena *arena = cx->d->result->arena;
    if (strcmp(a, b) == 0)
        return true;
    return strcmp(sv_path_base(a), sv_path_base(b)) == 0 &&
           sv_fs_realpath(cx->d->fs, arena, a, &ra) == 0 &&
           sv_fs_realpath(cx->d->fs, arena, b, &rb) == 0 && strcmp(ra, rb) == 0;
}

/* A file's secrets are asked about one after another. */
static void find_of_file(struct sv_ctx *cx, const char *path)
{
    const struct sv_result *r = cx->d->result;
    if (!cx->of_file.path || strcmp(cx->of_file.path, path) != 0) {
        cx->of_file.path = path;
        cx->of_file.looked_at = 0;
        cx->of_file.list.n = 0;
    }
    while (cx->of_file.looked_at < r->findings.n) {
        const struct sv_finding *f = r->findings.v[cx->of_file.looked_at++];
        if (f->file && same_file(cx, f->file, path))
            sv_vec_push(r->arena, &cx->of_file.list, f);
    }
}

bool sv_ctx_secret_reported(struct sv_ctx *cx, const char *path, uint32_t line, const char *id)
{
    find_of_file(cx, path);
    sv_vec_each(f, &cx->of_file.list)
    {
        if ((*f)->check == cx->check)
            continue;
        sv_vec_each(s, &(*f)->secrets)
        {
            if (s->line == line || strcmp(s->id, id) == 0)
                return true;
        }
    }
    return false;
}

bool sv_ctx_secret_known(struct sv_ctx *cx, const char *id)
{
    sv_vec_each(f, &cx->d->result->findings)
    {
        for (size_t i = 0; (*f)->state == SV_STATE_NEW && i < (*f)->secrets.n; i++)
            if (strcmp((*f)->secrets.v[i].id, id) == 0)
                return true;
    }
    return false;
}

static bool is_about(const struct sv_finding *f, const char *secret_id, const char *path)
{
    bool secret = false, file = false;
    sv_vec_each(s, &f->secrets)
    {
        secret |= strcmp(s->id, secret_id) == 0;
    }
    sv_vec_each(e, &f->evidence)
    {
        file |= e->file && strcmp(e->file, path) == 0;
    }
    return secret && file;
}

bool sv_ctx_secret_explained(struct sv_ctx *cx, const char *check, const char *secret_id,
                             const char *path)
{
    sv_vec_each(f, &cx->d->result->findings)
    {
        if (strcmp((*f)->check->id, check) == 0 && is_about(*f, secret_id, path))
            return true;
    }
    return false;
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
    sv_vec_each(s, &cx->d->result->skipped)
    {
        if (strcmp(s->path, path) == 0 && strcmp(s->reason, text) == 0)
            return; /* another check met it before */
    }
    sv_result_skip(cx->d->result, path, "%s", text);
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

const struct sv_log_family *sv_ctx_log(struct sv_ctx *cx, const char *path)
{
    const struct sv_log_found *all = cx->d->logs;
    for (size_t i = 0; all && i < all->list.n; i++)
        if (strcmp(all->list.v[i]->path, path) == 0)
            return all->list.v[i];
    return NULL;
}
