// SPDX-License-Identifier: Apache-2.0
// Walks sites, vhosts, scopes, directives, mappings and files once and calls the checks.
#include <errno.h>

#include "base/limits.h"
#include "engine/context.h"
#include "serve/memo.h"

/* Nobody wrote the lines of an image's own configuration: only what they serve counts. */
static bool wants(const struct sv_check *c, const struct sv_subject *s)
{
    if (s->site && s->site->stock && strncmp(c->id, "web.", 4) != 0)
        return false;
    return (c->on & s->kind) && (!c->servers || (s->site && (c->servers & s->site->kind)));
}

enum { SCRATCH = 1 << 20 }; /* an answer takes a few kilobytes: most checks leave less than that */

static void call(struct sv_ctx *cx, const struct sv_check *check, const struct sv_subject *s)
{
    cx->check = check;
    check->run(cx, s);
    if (cx->scratch.total > SCRATCH)
        sv_arena_clear(&cx->scratch);
}

/* What is of a container's configuration speaks of the paths there; files are the host's. */
static struct sv_fs *fs_of(const struct sv_subject *s)
{
    const unsigned files = SV_ON_FILE | SV_ON_SECRETS | SV_ON_LOG;
    return s->site && !(s->kind & files) ? s->site->fs : NULL;
}

/* Nine in ten checks want another kind, and there are subjects by the thousand. */
static const struct sv_check *const *checks_of(struct sv_ctx *cx, enum sv_subject_kind kind)
{
    const struct sv_check *const **of = &cx->by_kind[__builtin_ctz(kind)];
    SV_VEC(const struct sv_check *) list = {0};
    if (*of)
        return *of;
    for (const struct sv_check *const *c = cx->d->checks; *c; c++)
        if ((*c)->on & kind)
            sv_vec_push(cx->d->arena, &list, *c);
    sv_vec_push(cx->d->arena, &list, NULL);
    return *of = list.v;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    cx->fs = fs_of(s);
    for (const struct sv_check *const *c = checks_of(cx, s->kind); *c; c++)
        if (wants(*c, s))
            call(cx, *c, s);
}

/* ---- which checks want which directive ---- */

enum { NAME_SLOTS = 1024 }; /* a power of two, several times the names that checks ask for */

struct name_entry {
    struct name_entry *next;
    const char *name;
    const struct sv_check *check;
};

struct by_name {
    struct name_entry *slot[NAME_SLOTS]; /* each in the order of the checks */
    SV_VEC(const struct sv_check *) any; /* those that want every directive */
};

static size_t slot_of(struct sv_slice name)
{
    size_t h = 5381;
    for (size_t i = 0; i < name.n; i++)
        h = h * 33 + (unsigned char)name.p[i];
    return h % NAME_SLOTS;
}

static void index_checks(struct sv_ctx *cx, struct by_name *ret)
{
    for (const struct sv_check *const *c = cx->d->checks; *c; c++) {
        if (!((*c)->on & (SV_ON_DIRECTIVE | SV_ON_MAIN)))
            continue;
        if (!(*c)->directives)
            sv_vec_push(cx->d->arena, &ret->any, *c);
        for (const char *const *name = (*c)->directives; name && *name; name++) {
            struct name_entry **at = &ret->slot[slot_of(sv_slice_of(*name))];
            while (*at && !((*at)->check == *c && strcmp((*at)->name, *name) == 0))
                at = &(*at)->next;
            if (*at)
                continue; /* a rule with two cases about one directive */
            *at = sv_new(cx->d->arena, struct name_entry);
            **at = (struct name_entry){.name = *name, .check = *c};
        }
    }
}

/* The children of `block`: `like` says which level they stand in. */
static void directives(struct sv_ctx *cx, const struct by_name *names, const struct sv_node *block,
                       const struct sv_subject *like)
{
    sv_node_each(n, block)
    {
        struct sv_subject s = *like;
        s.node = n;
        cx->fs = fs_of(&s);
        sv_vec_each(c, &names->any)
        {
            if (wants(*c, &s))
                call(cx, *c, &s);
        }
        for (struct name_entry *e = names->slot[slot_of(n->name)]; e; e = e->next) {
            if (wants(e->check, &s) && sv_node_is(n, e->name))
                call(cx, e->check, &s);
        }
    }
}

/* ---- the walk ---- */

/* The places are in the order of their files: each file once, with all of its own. */
static void secrets(struct sv_ctx *cx, const struct sv_secret_found *found,
                    enum sv_subject_kind kind, const struct sv_site *site)
{
    const struct sv_secret_place *p = found->list.v;
    size_t n = found->list.n, to;
    for (size_t from = 0; from < n; from = to) {
        for (to = from + 1; to < n && p[to].path == p[from].path;)
            to++;
        sv_watch_at(cx->d->watch, p[from].path);
        struct sv_file_secrets file = {p[from].path, p + from, to - from};
        run(cx, &(struct sv_subject){.kind = kind, .site = site, .secrets = &file});
    }
}

static void site(struct sv_ctx *cx, const struct by_name *names, const struct sv_site_files *sf)
{
    const struct sv_site *st = sf->site;
    run(cx, &(struct sv_subject){.kind = SV_ON_SITE, .site = st, .scope = sv_site_top(st)});
    if (st->kind == SV_SITE_NGINX && st->root != (st->http ? st->http->node : NULL))
        directives(cx, names, st->root, &(struct sv_subject){.kind = SV_ON_MAIN, .site = st});
    sv_vec_each(v, &st->vhosts)
    {
        run(cx, &(struct sv_subject){
                    .kind = SV_ON_VHOST, .site = st, .vhost = *v, .scope = (*v)->scope});
    }
    sv_vec_each(sc, &st->scopes)
    {
        struct sv_subject s = {.kind = SV_ON_SCOPE, .site = st, .vhost = (*sc)->vhost,
                               .scope = *sc, .node = (*sc)->node};
        if ((*sc)->node)
            sv_watch_at(cx->d->watch, sv_span_path(cx->d->sources, (*sc)->node->span));
        run(cx, &s);
        s.kind = SV_ON_DIRECTIVE;
        directives(cx, names, (*sc)->node, &s);
    }
    sv_vec_each(m, &sv_site_mappings(st)->list)
    {
        /* The main server's folder may be in force for one virtual host and not for itself. */
        const struct sv_vhost *vhost =
            m->scope->vhost && m->vhosts.n == 1 ? m->vhosts.v[0] : m->scope->vhost;
        run(cx, &(struct sv_subject){.kind = SV_ON_MAPPING, .site = st, .vhost = vhost,
                                     .scope = m->scope, .node = m->node, .mapping = m});
    }
    sv_vec_each(f, &sf->files.list)
    {
        sv_watch_at(cx->d->watch, (*f)->path);
        run(cx, &(struct sv_subject){.kind = SV_ON_FILE, .site = st, .file = *f});
    }
    secrets(cx, &sf->secrets, SV_ON_SECRETS, st);
    sv_vec_each(f, &sf->secrets.setid)
    {
        run(cx, &(struct sv_subject){.kind = SV_ON_SETID, .site = st, .setid = f});
    }
}

/* Environment files of more variables than are looked at. */
static void tell_cut(struct sv_ctx *cx, const struct sv_unit *u)
{
    struct sv_arena scratch = {0};
    struct sv_unit_environment env = {0};
    if (sv_unit_get(u, "Service", "EnvironmentFile") || sv_unit_get(u, "Service", "Environment"))
        sv_unit_environment(u, cx->d->fs, &scratch, &env);
    if (env.cut)
        sv_ctx_skip(cx, sv_span_path(cx->d->sources, env.cut->node->head),
                    "%u:1: more variables than are looked at",
                    sv_span_pos(cx->d->sources, env.cut->node->head).line);
    sv_vec_each(f, &env.files)
    {
        if (f->error == E2BIG)
            sv_ctx_skip(cx, f->path, "more files and folders match than are looked at");
        if (f->cut)
            sv_ctx_skip(cx, f->path, "%u:1: more than %d variables; the rest was not looked at",
                        f->cut, SV_MAX_ENV_LINES);
    }
    sv_arena_wipe(&scratch);
}

static void units(struct sv_ctx *cx)
{
    const struct sv_units *all = cx->d->host->units;
    for (size_t i = 0; all && i < all->list.n; i++) {
        if (all->list.v[i]->masked)
            continue;
        sv_watch_at(cx->d->watch, all->list.v[i]->fragment);
        tell_cut(cx, all->list.v[i]);
        run(cx, &(struct sv_subject){.kind = SV_ON_UNIT, .unit = all->list.v[i]});
    }
}

static void managers(struct sv_ctx *cx)
{
    const struct sv_host *h = cx->d->host;
    for (size_t i = 0; h->php && i < h->php->pools.n; i++)
        run(cx, &(struct sv_subject){.kind = SV_ON_POOL, .pool = h->php->pools.v[i]});
    for (size_t i = 0; h->supervisor && i < h->supervisor->list.n; i++)
        run(cx, &(struct sv_subject){.kind = SV_ON_SUPERVISED,
                                     .supervised = &h->supervisor->list.v[i]});
}

/* Each is read once for all checks. What a history or a job's script holds may be secret. */
static void host_files(struct sv_ctx *cx)
{
    const struct sv_host_files *all = cx->d->host->files;
    struct sv_arena text = {0};
    for (size_t i = 0; all && i < all->list.n; i++) {
        const struct sv_host_file *f = &all->list.v[i];
        struct sv_subject s = {.kind = SV_ON_HOST_FILE, .host_file = f};
        bool cut = false;
        sv_watch_at(cx->d->watch, f->path);
        int rc = sv_fs_read(cx->d->fs, &text, f->path, SV_MAX_HOST_FILE_BYTES, &s.text, &cut);
        if (rc < 0 && rc != -ENOENT)
            sv_result_skip(cx->d->result, f->path, "%s", strerror(-rc));
        if (cut)
            sv_result_skip(cx->d->result, f->path, "too long; the rest was not read");
        if (rc == 0) {
            cx->d->result->files++;
            cx->d->result->bytes += s.text.n;
            run(cx, &s);
        }
        sv_arena_wipe(&text);
    }
}

static void processes(struct sv_ctx *cx)
{
    const struct sv_live *live = cx->d->host->live;
    for (size_t i = 0; live && i < live->list.n; i++)
        run(cx, &(struct sv_subject){.kind = SV_ON_PROCESS, .process = &live->list.v[i]});
}

/* A container of an engine: what its compose file says too is one finding with both places; the
 * rest says that the engine's own files are not what one edits. */
static void engine_findings(struct sv_ctx *cx, const struct sv_container *c, size_t from)
{
    struct sv_result *r = cx->d->result;
    size_t kept = from;
    for (size_t i = from; i < r->findings.n; i++) {
        struct sv_finding *f = r->findings.v[i];
        struct sv_finding *same = c->twin ? sv_index_same(&cx->index, r, from, f) : NULL;
        if (same) {
            sv_finding_evidence_file(cx, same, f->file, f->line,
                                     sv_arena_printf(r->arena, "so it is in the container %s",
                                                     c->own_name ? c->own_name : c->id));
            f->order = 0;
            continue;
        }
        if (f->fix && f->span.file && sv_path_below(f->file, sv_path_dir(r->arena, c->config)))
            sv_finding_fix(cx, f, "%s\n%s", f->fix,
                           !c->twin ? "A container keeps what it was made with: remove it and run it again "
                                      "that way."
                           : c->twin->kind == SV_CONTAINER_QUADLET
                               ? "The unit does not say so any more: restart it, which makes the container anew."
                               : "The compose file does not say so any more: docker compose up -d makes "
                                 "the container anew.");
        r->findings.v[kept++] = f;
    }
    r->findings.n = kept;
}

/* The advice is in Compose's words, but for what names the unit's settings. */
static void quadlet_findings(struct sv_ctx *cx, size_t from)
{
    for (size_t i = from; i < cx->d->result->findings.n; i++) {
        struct sv_finding *f = cx->d->result->findings.v[i];
        if (!f->fix || !f->span.file)
            continue;
        if (strstr(f->fix, "PublishPort=") || strstr(f->fix, "Secret="))
            sv_finding_fix(cx, f, "%s\nThen systemctl daemon-reload, and restart it.", f->fix);
        else
            sv_finding_fix(cx, f, "%s\nIn the unit these are Volume=, PublishPort=, AddCapability=, EnvironmentFile=, "
                           "Secret= and PodmanArgs=; then systemctl daemon-reload, and restart it.", f->fix);
    }
}

static void containers(struct sv_ctx *cx)
{
    const struct sv_containers *all = cx->d->host->containers;
    if (all && all->engine)
        run(cx, &(struct sv_subject){.kind = SV_ON_ENGINE, .engine = all->engine});
    for (int engine = 0; engine < 2; engine++)
        for (size_t i = 0; all && i < all->list.n; i++) {
            const struct sv_container *c = all->list.v[i];
            bool made = sv_container_is_made(c);
            size_t from = cx->d->result->findings.n;
            if (made != (engine == 1))
                continue;
            sv_watch_at(cx->d->watch, c->config);
            run(cx, &(struct sv_subject){.kind = SV_ON_CONTAINER, .container = c});
            if (made)
                engine_findings(cx, c, from);
            else if (c->kind == SV_CONTAINER_QUADLET)
                quadlet_findings(cx, from);
        }
}

static void images(struct sv_ctx *cx)
{
    const struct sv_contexts *all = cx->d->contexts;
    for (size_t i = 0; all && i < all->list.n; i++) {
        sv_watch_at(cx->d->watch, all->list.v[i].image->dockerfile);
        run(cx, &(struct sv_subject){.kind = SV_ON_IMAGE, .context = &all->list.v[i]});
    }
}

static void entries(struct sv_ctx *cx)
{
    for (size_t i = 0; cx->d->etc && i < cx->d->etc->list.n; i++)
        run(cx, &(struct sv_subject){.kind = SV_ON_ENTRY, .entry = &cx->d->etc->list.v[i]});
}

static void logs(struct sv_ctx *cx)
{
    const struct sv_log_found *all = cx->d->logs;
    for (size_t i = 0; all && i < all->list.n; i++) {
        const struct sv_log_family *family = all->list.v[i];
        sv_watch_at(cx->d->watch, family->path);
        run(cx, &(struct sv_subject){.kind = SV_ON_LOG,
                                     .site = family->log ? family->log->site : NULL,
                                     .log = family});
    }
}

static void log_settings(struct sv_ctx *cx)
{
    const struct sv_log_settings *all = cx->d->host->log_settings;
    for (size_t i = 0; all && i < all->list.n; i++)
        run(cx, &(struct sv_subject){.kind = SV_ON_LOG_SETTING, .log_setting = &all->list.v[i]});
}

void sv_dispatch(const struct sv_dispatch *d)
{
    struct sv_ctx cx = {.d = d, .index = {.arena = d->result->arena}};
    struct by_name *names = sv_new(d->arena, struct by_name);
    index_checks(&cx, names);
    for (size_t i = 0; i < d->n_sites; i++)
        site(&cx, names, &d->sites[i]);
    units(&cx);
    managers(&cx);
    containers(&cx);
    images(&cx);
    host_files(&cx);
    log_settings(&cx);
    processes(&cx);
    entries(&cx);
    if (d->host_secrets)
        secrets(&cx, d->host_secrets, SV_ON_HOST_SECRETS, NULL);
    logs(&cx); /* behind the sites: what has a URL was reported then */
    sv_arena_clear(&cx.scratch);
}
