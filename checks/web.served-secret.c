// SPDX-License-Identifier: Apache-2.0
// web.served-secret, web.frontend-secret, web.sourcemap-leaks-secret: keys in files that have URLs.
#include "engine/check.h"

enum { MAX_SHOWN = 20, MAX_SOFT = 12 };

enum kind { ANY_FILE, FRONT_END, SOURCE_MAP };

/* What browsers load is made of these; a key in them was compiled in. */
static enum kind kind_of(const char *path)
{
    static const char *const ends[] = {".js", ".mjs", ".cjs", ".html", ".htm", ".css", ".svg",
                                       ".xhtml", ".webmanifest"};
    struct sv_slice s = sv_slice_of(path);
    if (sv_slice_ends(s, ".map"))
        return SOURCE_MAP;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(s, ends[i]))
            return FRONT_END;
    return ANY_FILE;
}

/* What only a name makes a secret, and hashes of passwords: signs that documentation and compiled
 * code are full of. */
static bool is_soft(const struct sv_secret_place *p)
{
    return (p->rule->flags & SV_RULE_GENERIC) || p->rule->validator == SV_VALID_HASH;
}

/* Examples, typing errors and keys that are public by design are no leak. */
static bool counts(const struct sv_secret_place *p, enum kind kind)
{
    if (p->member)
        kind = kind_of(p->member);
    return !p->placeholder && !p->checksum_bad && !p->weak &&
           !(p->rule->flags & SV_RULE_PUBLIC) && !(is_soft(p) && kind != ANY_FILE);
}

static enum sv_severity severity_of(const struct sv_secret_place *p)
{
    if (p->rule->flags & SV_RULE_TEST_KEY)
        return SV_LOW;
    return is_soft(p) || p->encrypted ? SV_HIGH : SV_CRITICAL;
}

/* Of the places [from, to) the worst that counts, and how many do. */
static const struct sv_secret_place *worst_in(const struct sv_secret_place *from,
                                              const struct sv_secret_place *to, enum kind kind,
                                              size_t *ret_n)
{
    const struct sv_secret_place *worst = NULL;
    size_t soft = 0;
    *ret_n = 0;
    for (const struct sv_secret_place *p = from; p < to; p++) {
        if (!counts(p, kind))
            continue;
        ++*ret_n;
        soft += is_soft(p);
        if (!worst || severity_of(p) > severity_of(worst))
            worst = p;
    }
    /* A list of common passwords, the words of a translation. */
    return soft == *ret_n && soft > MAX_SOFT ? NULL : worst;
}

/* "OpenAI API key sk-proj-...3f9A and 2 more" of the worst place; an archive's members are judged
 * one by one. */
static const struct sv_secret_place *worst_of(const struct sv_file_secrets *file, enum kind kind,
                                              size_t *ret_n)
{
    const struct sv_secret_place *worst = NULL, *p = file->places, *end = p + file->n, *to;
    *ret_n = 0;
    for (; p < end; p = to) {
        size_t n;
        for (to = p + 1; to < end && to->member == p->member;)
            to++;
        const struct sv_secret_place *w = worst_in(p, to, kind, &n);
        if (!w)
            continue;
        *ret_n += n;
        if (!worst || severity_of(w) > severity_of(worst))
            worst = w;
    }
    return worst;
}

static bool is_script(const char *path)
{
    struct sv_slice s = sv_slice_of(path);
    return sv_slice_ends(s, ".php") || sv_slice_ends(s, ".phtml");
}

static const char *advice(struct sv_arena *a, const struct sv_secret_place *p, enum kind kind)
{
    static const char *const first[] = {
        [ANY_FILE] = "Move the file out of the served folder.",
        [FRONT_END] = "Take the key out of the front end: ask a server of your own, which keeps it.",
        [SOURCE_MAP] = "Build without source maps for production, or do not deploy them.",
    };
    const char *what =
        is_script(p->path) ? "The script is sent as text: hand it to PHP." : first[kind];
    return sv_arena_printf(a, "%s\nChange the secret%s%s: who loaded the file has it.", what,
                           p->rule->revoke ? " at " : "", p->rule->revoke ? p->rule->revoke : "");
}

static const char *where(struct sv_arena *a, const struct sv_secret_place *p)
{
    return p->member ? sv_arena_printf(a, " in %s", p->member) : "";
}

static void add_places(struct sv_ctx *cx, struct sv_finding *f, const struct sv_file_secrets *file,
                       enum kind kind)
{
    size_t shown = 0;
    for (size_t i = 0; i < file->n && shown < MAX_SHOWN; i++) {
        if (!counts(&file->places[i], kind))
            continue;
        sv_finding_secret_place(cx, f, &file->places[i]);
        shown++;
    }
}

/* A file that its name gave away already: its finding takes the secrets that its own test, which
 * knows names and not all kinds of keys, did not see. */
static void add_to(struct sv_ctx *cx, struct sv_finding *known, const struct sv_file_secrets *file,
                   const struct sv_secret_place *worst, enum kind kind)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    bool served = strncmp(known->check->id, "web.served-", 11) == 0 && known->exposure.n;
    if (!served || known->secrets.n)
        return; /* of another kind, denied, or complete */
    if (known->severity < severity_of(worst))
        known->severity = severity_of(worst);
    known->message = sv_arena_printf(a, "%s; in it %s %s%s", known->message,
                                     sv_secret_place_title(a, worst), worst->redacted,
                                     where(a, worst));
    known->member = worst->member;
    known->line = worst->line;
    known->column = worst->column;
    add_places(cx, known, file, kind);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s, enum kind kind)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_file_secrets *file = s->secrets;
    size_t n;
    const struct sv_secret_place *worst = worst_of(file, kind, &n);
    if (!worst || kind_of(file->path) != kind)
        return;
    struct sv_finding *known = sv_ctx_file_finding(cx, "", file->path);
    if (known) {
        add_to(cx, known, file, worst, kind);
        return;
    }
    if (s->site->kind == SV_SITE_NGINX && is_script(file->path))
        return; /* nginx.source-as-text says which location sends it */
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, file->path);
    if (routes->list.n == 0)
        return;
    const char *more = n > 1 ? sv_arena_printf(a, " and %zu more", n - 1) : "";
    struct sv_finding *f = sv_report_file(cx, severity_of(worst), file->path, worst->line,
                                          "%s %s%s%s can be read at %s",
                                          sv_secret_place_title(a, worst), worst->redacted,
                                          where(a, worst), more,
                                          routes->list.v[0].url);
    f->key = file->path;
    f->member = worst->member;
    f->column = worst->column;
    f->readers = sv_arena_printf(a, "anyone on the network; on this machine %s",
                                 sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path));
    add_places(cx, f, file, kind);
    sv_vec_each(r, &routes->list)
    {
        sv_finding_route(cx, f, s->site, r);
    }
    sv_finding_fix(cx, f, "%s", advice(a, worst, kind));
    sv_finding_suppress_routes(cx, f, routes);
}

static void run_any(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, ANY_FILE);
}

const struct sv_check sv_check_web_served_secret = {
    SV_CHECK_HEADER,
    .id = "web.served-secret",
    .title = "A served file holds a secret",
    .why = "Whatever the file is called and was meant for: who has its URL has the key in it.",
    .fix = "Keep secrets out of every served folder, and change the ones that were there.",
    .bad = "/srv/app/public/notes.txt     # with an API key in it",
    .good = "/etc/app/credentials          # mode 0600, outside of every root",
    .severity = SV_CRITICAL,
    .on = SV_ON_SECRETS,
    .run = run_any,
};

static void run_front(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, FRONT_END);
}

const struct sv_check sv_check_web_frontend_secret = {
    SV_CHECK_HEADER,
    .id = "web.frontend-secret",
    .title = "A secret is compiled into the front end",
    .why = "Scripts and pages run in the visitor's browser: a key in them is a key in everyone's hands. "
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
    run(cx, s, SOURCE_MAP);
}

const struct sv_check sv_check_web_sourcemap_leaks_secret = {
    SV_CHECK_HEADER,
    .id = "web.sourcemap-leaks-secret",
    .title = "A source map holds a secret",
    .why = "sourcesContent is the source as it was before the build, with comments, keys and the code "
           "that was left out of the bundle.",
    .fix = "Do not deploy source maps, or keep them from strangers.",
    .bad = "/srv/app/public/main.js.map    # served beside the bundle",
    .good = "location ~ \\.map$ { return 404; }",
    .severity = SV_CRITICAL,
    .on = SV_ON_SECRETS,
    .run = run_map,
};
