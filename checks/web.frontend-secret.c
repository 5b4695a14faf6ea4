// SPDX-License-Identifier: Apache-2.0
// web.frontend-secret, web.sourcemap-leaks-secret: keys in what browsers load, and in maps of it.
#include "base/limits.h"
#include "engine/check.h"
#include "scan/bundle.h"
#include "scan/public_env.h"
#include "scan/sourcemap.h"

enum { MAX_SHOWN = 20, MAX_SOFT = 12, MAX_LOCATED = 256 };

struct leak {
    const struct sv_secret_place *place;
    struct sv_source_place source; /* of a source map; source NULL: not known */
};

/* The file at hand; its text is read once something in it needs a second look. */
struct front {
    struct sv_ctx *cx;
    const char *path;
    struct sv_arena own; /* of the text: it is wiped */
    struct sv_slice text;
    bool read, map;
    size_t located;
};

static void front_close(struct front *fr)
{
    sv_arena_wipe(&fr->own);
}

static struct sv_slice text_of(struct front *fr)
{
    if (!fr->read &&
        sv_fs_read(sv_ctx_fs(fr->cx), &fr->own, fr->path, SV_MAX_BUNDLE_BYTES, &fr->text, NULL) < 0)
        fr->text = (struct sv_slice){"", 0};
    fr->read = true;
    return fr->text;
}

static void locate(struct front *fr, struct leak *l)
{
    if (!fr->map || fr->located++ >= MAX_LOCATED)
        return;
    if (!sv_sourcemap_locate(sv_ctx_arena(fr->cx), text_of(fr), l->place->offset, &l->source))
        l->source.source = NULL;
}

static bool is_generic(const struct sv_secret_place *p)
{
    return p->rule->flags & SV_RULE_GENERIC;
}

/* Examples, hashes in manuals, typing errors and keys that are public by design are no leak. */
static bool counts(struct front *fr, const struct sv_secret_place *p)
{
    if (p->placeholder || p->checksum_bad || p->weak || (p->rule->flags & SV_RULE_PUBLIC) ||
        p->rule->validator == SV_VALID_HASH || sv_is_browser_rule(p->rule->id))
        return false;
    if (is_generic(p) && (sv_is_package_file(p->path) || sv_is_browser_key(text_of(fr), p->offset)))
        return false;
    if (strcmp(p->rule->id, "gcp-api-key") == 0 && !sv_text_asks_google_models(text_of(fr)))
        return false;
    /* The .env file that it came from is the cause, and names this file. */
    return !sv_ctx_secret_explained(fr->cx, "web.public-env-prefix-secret", p->id, p->path);
}

static enum sv_severity severity_of(const struct sv_secret_place *p)
{
    if (p->rule->flags & SV_RULE_TEST_KEY)
        return SV_LOW;
    if (is_generic(p))
        return SV_MEDIUM; /* only its name speaks for it */
    return p->encrypted ? SV_HIGH : SV_CRITICAL;
}

/* In a source map: not the list of identifiers, and no package's source. */
static bool is_own_source(const struct leak *l)
{
    return l->source.source && !sv_is_package_file(l->source.source);
}

struct leaks {
    SV_VEC(struct leak) list;
    size_t worst;
};

static void collect(struct sv_ctx *cx, const struct sv_file_secrets *file, struct leaks *ret)
{
    __attribute__((cleanup(front_close))) struct front fr = {
        .cx = cx, .path = file->path, .map = sv_is_source_map(file->path)};
    size_t soft = 0;
    for (size_t i = 0; i < file->n; i++) {
        struct leak l = {.place = &file->places[i]};
        if (!counts(&fr, l.place))
            continue;
        locate(&fr, &l);
        if (is_generic(l.place) && fr.map && !is_own_source(&l))
            continue;
        sv_vec_push(sv_ctx_arena(cx), &ret->list, l);
        soft += is_generic(l.place);
        if (severity_of(l.place) > severity_of(ret->list.v[ret->worst].place))
            ret->worst = ret->list.n - 1;
    }
    if (soft == ret->list.n && soft > MAX_SOFT)
        ret->list.n = 0; /* the words of a translation, a table of codes */
}

static const char *where(struct sv_arena *a, const struct leak *l)
{
    const struct sv_source_place *s = &l->source;
    const char *via = l->place->via ? sv_arena_printf(a, ", in %s", l->place->via) : "";
    const char *source = s->source ? sv_arena_printf(a, ": %s, line %u", s->source, s->line) : "";
    return sv_arena_printf(a, "line %u, column %u%s%s", l->place->line, l->place->column, via,
                           source);
}

static const char *advice(struct sv_arena *a, const struct sv_secret_place *p)
{
    const char *what =
        sv_is_source_map(p->path)
            ? "Build without source maps for production, or do not deploy them."
            : "Take the key out of the front end: ask a server of your own, which keeps it.";
    return sv_arena_printf(a, "%s\nChange the secret%s%s: who loaded the file has it.", what,
                           p->rule->revoke ? " at " : "", p->rule->revoke ? p->rule->revoke : "");
}

static void report(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_routes *routes,
                   const struct leaks *leaks)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *path = s->secrets->path;
    const struct leak *l = &leaks->list.v[leaks->worst];
    const struct sv_secret_place *worst = l->place;
    const char *more =
        leaks->list.n > 1 ? sv_arena_printf(a, " and %zu more", leaks->list.n - 1) : "";
    struct sv_finding *f = sv_report_file(
        cx, severity_of(worst), path, worst->line, "%s %s%s can be read at %s (%s)",
        sv_secret_place_title(a, worst), worst->redacted, more, routes->list.v[0].url, where(a, l));
    f->key = path;
    f->column = worst->column;
    f->readers = sv_access_network(
        a, sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path));
    for (size_t i = 0; i < leaks->list.n && i < MAX_SHOWN; i++) {
        const struct leak *each = &leaks->list.v[i];
        sv_finding_secret_place(cx, f, each->place);
        if (leaks->list.n > 1)
            sv_finding_evidence_file(
                cx, f, path, each->place->line,
                sv_arena_printf(a, "%s, %s", sv_secret_place_title(a, each->place),
                                where(a, each)));
    }
    sv_vec_each (r, &routes->list) {
        sv_finding_route(cx, f, s->site, r);
    }
    sv_finding_fix(cx, f, "%s", advice(a, worst));
    sv_finding_suppress_routes(cx, f, routes);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_file_secrets *file = s->secrets;
    struct leaks leaks = {0};
    const struct sv_finding *known = sv_ctx_file_finding(cx, "", file->path);
    if (known && known->secrets.n)
        return; /* its name gave it away already, and what is in it */
    if (sv_is_packed_copy(sv_ctx_fs(cx), file->path))
        return;
    collect(cx, file, &leaks);
    if (leaks.list.n == 0)
        return;
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, file->path);
    sv_ctx_skip_undecided(cx, file->path, routes);
    if (routes->list.n && !sv_ctx_way_out_fix(cx, routes)) /* else web.served-secret */
        report(cx, s, routes, &leaks);
}

static void run_front(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (sv_is_front_end(s->secrets->path))
        run(cx, s);
}

const struct sv_check sv_check_web_frontend_secret = {
    SV_CHECK_HEADER,
    .id = "web.frontend-secret",
    .title = "A secret is compiled into the front end",
    .why = "Scripts and pages run in the visitor's browser: a key in them is a key in everyone's "
           "hands. "
           "Build tools put it there when its variable has a public prefix (VITE_, NEXT_PUBLIC_, "
           "REACT_APP_), however well the .env file itself is kept.",
    .fix = "Give the front end no secret: let a server of your own hold it and make the call.",
    .bad = "VITE_OPENAI_API_KEY=...        # in .env; the bundle holds it after the build",
    .good = "OPENAI_API_KEY=...             # read by the server alone",
    .severity = SV_CRITICAL,
    .on = SV_ON_SECRETS,
    .run = run_front,
};

static void run_map(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (sv_is_source_map(s->secrets->path))
        run(cx, s);
}

const struct sv_check sv_check_web_sourcemap_leaks_secret = {
    SV_CHECK_HEADER,
    .id = "web.sourcemap-leaks-secret",
    .title = "A source map holds a secret",
    .why =
        "sourcesContent is the source as it was before the build, with comments, keys and the code "
        "that was left out of the bundle.",
    .fix = "Do not deploy source maps, or keep them from strangers.",
    .bad = "/srv/app/public/main.js.map    # served beside the bundle",
    .good = "location ~ \\.map$ { return 404; }",
    .severity = SV_CRITICAL,
    .on = SV_ON_SECRETS,
    .run = run_map,
};
