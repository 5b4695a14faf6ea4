// SPDX-License-Identifier: Apache-2.0
// web.public-env-prefix-secret: a .env variable whose prefix makes the build publish its value.
#include "engine/check.h"
#include "scan/bundle.h"
#include "scan/public_env.h"

/* A front end: one folder with .env files, and the served folders that it was built into. */
struct project {
    const char *env_dir;
    SV_VEC(const char *) served;
};
struct projects {
    SV_VEC(struct project) list;
};

static void add(struct sv_arena *a, struct projects *ps, const char *env_dir, const char *served)
{
    struct project *at = NULL;
    sv_vec_each (p, &ps->list) {
        if (strcmp(p->env_dir, env_dir) == 0)
            at = p;
    }
    if (!at) {
        sv_vec_push(a, &ps->list, (struct project){.env_dir = env_dir});
        at = &ps->list.v[ps->list.n - 1];
    }
    sv_vec_each (dir, &at->served) {
        if (strcmp(*dir, served) == 0)
            return;
    }
    sv_vec_push(a, &at->served, served);
}

static void find_projects(struct sv_ctx *cx, const struct sv_site *site, struct sv_arena *a,
                          struct projects *ret)
{
    struct sv_mappings mappings = {0};
    const char *last = NULL;
    sv_serve_mappings(site, a, &mappings);
    sv_vec_each (m, &mappings.list) {
        struct sv_paths folders = {0};
        const char *real;
        if (!m->exact || m->repeats || (last && strcmp(last, m->dir) == 0))
            continue;
        last = m->dir;
        if (sv_fs_realpath(sv_ctx_fs(cx), a, m->dir, &real) < 0 || strcmp(real, "/") == 0)
            continue;
        sv_public_env_folders(sv_ctx_fs(cx), a, real, &folders);
        sv_vec_each (dir, &folders.list) {
            add(a, ret, *dir, real);
        }
    }
}

/* ---- one variable ---- */

struct seen {                                  /* where its value stands */
    bool incomplete;                           /* a limit was met: it may stand elsewhere */
    const struct sv_bundle_hit *open;          /* the first of which it is not known */
    const struct sv_bundle_hit *served, *kept; /* the first with a URL, the first without */
    const struct sv_routes *routes;            /* of the first */
    SV_VEC(const struct sv_bundle_hit *) hits; /* all that have one */
};

static void look(struct sv_ctx *cx, const struct sv_site *site, const struct sv_bundle_search *b,
                 size_t needle, struct seen *ret)
{
    sv_vec_each (h, &b->hits) {
        if (h->needle != needle)
            continue;
        const struct sv_routes *routes = sv_ctx_routes(cx, site, h->path);
        if (routes->list.n == 0) {
            sv_ctx_skip_undecided(cx, h->path, routes);
            ret->kept = ret->kept ? ret->kept : h;
            ret->open = !ret->open && routes->open.n ? h : ret->open;
            continue;
        }
        /* What the browser runs says more than the map of it. */
        bool better =
            !ret->served || (!sv_is_front_end(ret->served->path) && sv_is_front_end(h->path));
        if (better) {
            ret->served = h;
            ret->routes = routes;
        }
        sv_vec_push(sv_ctx_arena(cx), &ret->hits, h);
    }
}

static enum sv_severity severity_of(const struct sv_public_var *v, const struct seen *seen)
{
    if (v->kind == SV_ENV_TEST)
        return SV_LOW;
    if (seen->served)
        return v->kind == SV_ENV_SECRET ? SV_CRITICAL : SV_MEDIUM;
    return v->kind == SV_ENV_SECRET ? SV_MEDIUM : SV_LOW;
}

static const char *advice(struct sv_ctx *cx, const struct sv_public_var *v, bool built)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *page = v->rule && v->rule->revoke ? v->rule->revoke : NULL;
    const char *change = !built ? ""
                         : page
                             ? sv_arena_printf(a, "\nChange the key at %s: visitors have it.", page)
                             : "\nChange the key where it was made: visitors have it.";
    return sv_arena_printf(a,
                           "Rename it to %s, without %s, so that no build takes it along.\n"
                           "Read it on your own server, which makes the call for the browser.\n"
                           "Build again and deploy, old files and source maps deleted.%s",
                           v->name + strlen(v->prefix), v->prefix, change);
}

static const char *where(struct sv_arena *a, const struct seen *seen, const char *prefix)
{
    if (seen->served)
        return sv_arena_printf(a, "was built into %s (line %u, column %u)",
                               seen->routes->list.v[0].url, seen->served->line,
                               seen->served->column);
    if (seen->open)
        return sv_arena_printf(a, "was built into %s; whether that is served is not known",
                               seen->open->path);
    if (seen->kept)
        return sv_arena_printf(a, "was built into %s, which no URL leads to", seen->kept->path);
    return sv_arena_printf(
        a, "goes to every visitor with the next build, as all that begins with %s; %s", prefix,
        seen->incomplete ? "not all served files could be searched for it"
                         : "no served file holds it yet");
}

static void report(struct sv_ctx *cx, const struct sv_site *site, const struct sv_public_var *v,
                   const struct seen *seen)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *title = v->rule ? v->rule->title : "secret";
    const char *rule = v->rule ? v->rule->id : "public-prefix-secret";
    const char *path = sv_arena_strdup(a, v->path);
    struct sv_finding *f = sv_report_file(cx, severity_of(v, seen), path, v->line, "%s (%s) %s",
                                          v->name, title, where(a, seen, v->prefix));
    f->key = sv_arena_strdup(a, v->name);
    f->column = v->column;
    sv_finding_secret(cx, f, rule, v->value, v->line, v->column);
    sv_vec_each (h, &seen->hits) {
        sv_finding_evidence_file(cx, f, (*h)->path, (*h)->line,
                                 sv_arena_printf(a, "column %u: the same value", (*h)->column));
        sv_finding_explains(cx, f, (*h)->path);
    }
    sv_finding_fix(cx, f, "%s", advice(cx, v, seen->served || seen->kept));
    if (!seen->served)
        return;
    f->readers = "anyone on the network, out of the bundle";
    sv_vec_each (r, &seen->routes->list) {
        sv_finding_route(cx, f, site, r);
    }
    sv_finding_suppress_routes(cx, f, seen->routes);
}

/* ---- one project ---- */

/* A later file says the same again: .env.production what .env says. */
static bool is_repeated(const struct sv_public_vars *vars, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(vars->list.v[k].name, vars->list.v[i].name) == 0 &&
            sv_slice_eq(vars->list.v[k].value, vars->list.v[i].value))
            return true;
    return false;
}

static void judge(struct sv_ctx *cx, const struct sv_site *site, const struct project *p,
                  const struct sv_public_vars *vars, struct sv_arena *own)
{
    struct sv_slice *needles = sv_new_n(own, struct sv_slice, vars->list.n);
    struct sv_bundle_search b = {
        .fs = sv_ctx_fs(cx), .a = sv_ctx_arena(cx), .needles = needles, .n = vars->list.n};
    for (size_t i = 0; i < vars->list.n; i++)
        needles[i] = vars->list.v[i].value;
    sv_vec_each (dir, &p->served) {
        sv_bundle_find(&b, *dir);
    }
    if (b.stopped)
        sv_ctx_skip(cx, b.stopped, "too large or too many to search for the values of %s/.env",
                    p->env_dir);
    for (size_t i = 0; i < vars->list.n; i++) {
        const struct sv_public_var *v = &vars->list.v[i];
        struct seen seen = {.incomplete = b.stopped != NULL};
        look(cx, site, &b, i, &seen);
        if (is_repeated(vars, i) || (v->development && !seen.served))
            continue;
        report(cx, site, v, &seen);
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena own = {0}; /* values of secrets: wiped in the end */
    struct projects projects = {0};
    struct sv_search *search = NULL;
    find_projects(cx, s->site, &own, &projects);
    if (projects.list.n)
        search = sv_search_new();
    sv_vec_each (p, &projects.list) {
        struct sv_public_vars vars = {0};
        sv_public_env_read(sv_ctx_fs(cx), search, &own, p->env_dir, &vars);
        sv_vec_each (path, &vars.unread) {
            sv_ctx_skip(cx, *path, "it could not be read, or is too large for a .env file");
        }
        if (vars.list.n)
            judge(cx, s->site, p, &vars, &own);
    }
    sv_search_free(search);
    sv_arena_wipe(&own);
}

const struct sv_check sv_check_web_public_env_prefix_secret = {
    SV_CHECK_HEADER,
    .id = "web.public-env-prefix-secret",
    .title = "A build-time prefix makes a secret public",
    .why =
        "Vite, Next.js, Create React App and their like copy each variable with their prefix into "
        "the "
        "files that browsers load. The .env file may be kept as well as can be: the value leaves "
        "with "
        "the bundle. Keys that are made for browsers (pk_live, a Firebase key, a Sentry DSN) may.",
    .fix = "Drop the prefix, read the variable on the server alone, let the browser ask that "
           "server; then "
           "build again and change the key.",
    .bad = "VITE_OPENAI_API_KEY=...        # the bundle holds it after the build",
    .good = "OPENAI_API_KEY=...             # read by the server alone",
    .severity = SV_CRITICAL,
    .on = SV_ON_SITE,
    .run = run,
};
