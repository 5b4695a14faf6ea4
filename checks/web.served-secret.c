// SPDX-License-Identifier: Apache-2.0
// web.served-secret: keys in files that have URLs and are no part of a front end.
#include "base/limits.h"
#include "engine/check.h"
#include "scan/bundle.h"
#include "serve/memo.h"

enum { MAX_SHOWN = 20, MAX_SOFT = 12 };

/* What only a name makes a secret, and hashes of passwords: signs that documentation and compiled
 * code are full of. */
static bool is_soft(const struct sv_secret_place *p)
{
    return (p->rule->flags & SV_RULE_GENERIC) || p->rule->validator == SV_VALID_HASH;
}

/* What a page fetches to sign visitors in or to draw a map: short, and no secret. */
static bool is_browser_config(struct sv_ctx *cx, const char *path)
{
    struct sv_arena own = {0};
    struct sv_slice text;
    bool is = sv_fs_read(sv_ctx_fs(cx), &own, path, SV_MAX_CONTENT_HEAD, &text, NULL) == 0 &&
              sv_text_is_browser_config(text);
    sv_arena_wipe(&own);
    return is;
}

/* Examples, typing errors and keys that are public by design are no leak. */
static bool counts(struct sv_ctx *cx, const struct sv_secret_place *p)
{
    if (p->placeholder || p->checksum_bad || p->weak || (p->rule->flags & SV_RULE_PUBLIC))
        return false;
    if (is_soft(p) && (sv_is_package_file(p->path) || (p->member && sv_is_front_end(p->member))))
        return false;
    if (strcmp(p->rule->id, "gcp-api-key") == 0 && p->offset < SV_MAX_CONTENT_HEAD &&
        is_browser_config(cx, p->path))
        return false;
    return !sv_ctx_secret_explained(cx, "web.public-env-prefix-secret", p->id, p->path);
}

/* Of the places [from, to) the worst that counts, and how many do. */
static const struct sv_secret_place *worst_in(struct sv_ctx *cx,
                                              const struct sv_secret_place *from,
                                              const struct sv_secret_place *to, size_t *ret_n)
{
    const struct sv_secret_place *worst = NULL;
    size_t soft = 0;
    *ret_n = 0;
    for (const struct sv_secret_place *p = from; p < to; p++) {
        if (!counts(cx, p))
            continue;
        ++*ret_n;
        soft += is_soft(p);
        if (!worst || sv_secret_place_served(p) > sv_secret_place_served(worst))
            worst = p;
    }
    /* A list of common passwords, the words of a translation. */
    return soft == *ret_n && soft > MAX_SOFT ? NULL : worst;
}

/* "OpenAI API key sk-proj-...3f9A and 2 more" of the worst place; an archive's members are judged
 * one by one. */
static const struct sv_secret_place *worst_of(struct sv_ctx *cx,
                                              const struct sv_file_secrets *file, size_t *ret_n)
{
    const struct sv_secret_place *worst = NULL, *p = file->places, *end = p + file->n, *to;
    *ret_n = 0;
    for (; p < end; p = to) {
        size_t n;
        for (to = p + 1; to < end && to->member == p->member;)
            to++;
        const struct sv_secret_place *w = worst_in(cx, p, to, &n);
        if (!w)
            continue;
        *ret_n += n;
        if (!worst || sv_secret_place_served(w) > sv_secret_place_served(worst))
            worst = w;
    }
    return worst;
}

static bool is_script(const char *path)
{
    struct sv_slice s = sv_slice_of(path);
    return sv_slice_ends(s, ".php") || sv_slice_ends(s, ".phtml");
}

/* "Change every secret that was in it (https://...): who loaded the file has them." */
static const char *change(struct sv_arena *a, const struct sv_secret_place *p, size_t n)
{
    const char *at = p->rule->revoke ? sv_arena_printf(a, " (%s)", p->rule->revoke) : "";
    return sv_arena_printf(a, "Change %s%s: who loaded the file has %s.",
                           n > 1 ? "every secret that was in it" : "the secret", at,
                           n > 1 ? "them" : "it");
}

static const char *advice(struct sv_ctx *cx, const struct sv_secret_place *p, size_t n,
                          const struct sv_routes *routes)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    bool script = is_script(p->path) && !sv_ctx_way_out_fix(cx, routes);
    const char *what = script ? "The script is sent as text: hand it to PHP."
                              : sv_ctx_deny_fix(cx, NULL, routes);
    return sv_arena_printf(a, "%s\n%s", what, change(a, p, n));
}

static const char *where(struct sv_arena *a, const struct sv_secret_place *p)
{
    return p->member ? sv_arena_printf(a, " in %s", p->member) : "";
}

static void add_places(struct sv_ctx *cx, struct sv_finding *f, const struct sv_file_secrets *file)
{
    size_t shown = 0;
    for (size_t i = 0; i < file->n && shown < MAX_SHOWN; i++) {
        if (!counts(cx, &file->places[i]))
            continue;
        sv_finding_secret_place(cx, f, &file->places[i]);
        shown++;
    }
}

static bool has(const struct sv_finding *f, const struct sv_secret_place *p)
{
    sv_vec_each(s, &f->secrets)
    {
        if (strcmp(s->id, p->id) == 0 || (s->line == p->line && s->column == p->column))
            return true;
    }
    return false;
}

/* A script's own test knew the one and not the other. */
static void add_missing(struct sv_ctx *cx, struct sv_finding *known,
                        const struct sv_file_secrets *file)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_secret_place *first = NULL;
    for (size_t i = 0; i < file->n && known->secrets.n < MAX_SHOWN; i++) {
        const struct sv_secret_place *p = &file->places[i];
        if (!counts(cx, p) || has(known, p))
            continue;
        sv_finding_secret_place(cx, known, p);
        sv_finding_evidence_file(cx, known, file->path, p->line,
                                 sv_secret_place_title(a, p));
        first = first ? first : p;
    }
    if (!first)
        return;
    known->message = sv_arena_printf(a, "%s, and %s %s", known->message,
                                     sv_secret_place_title(a, first), first->redacted);
    sv_finding_fix(cx, known, "%s\n%s", known->fix, change(a, first, 1));
}

/* A file that its name gave away already, or a script that stands for all whose source is sent: its
 * finding takes the secrets that its own test, which knows names and not all kinds of keys, did not
 * see. */
static void add_to(struct sv_ctx *cx, struct sv_finding *known, const struct sv_file_secrets *file,
                   const struct sv_secret_place *worst, size_t n)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    bool source = sv_slice_ends(sv_slice_of(known->check->id), ".source-as-text");
    bool served = strncmp(known->check->id, "web.served-", 11) == 0 && known->exposure.n;
    if (source && known->secrets.n) {
        add_missing(cx, known, file);
        return;
    }
    if ((!served && !source) || known->secrets.n)
        return; /* of another kind, denied, or complete */
    if (known->severity < sv_secret_place_served(worst))
        known->severity = sv_secret_place_served(worst);
    known->message = sv_arena_printf(a, "%s; in it %s %s%s", known->message,
                                     sv_secret_place_title(a, worst), worst->redacted,
                                     where(a, worst));
    if (served) {
        known->member = worst->member;
        known->line = worst->line;
        known->column = worst->column;
    } else {
        sv_finding_evidence_file(cx, known, file->path, worst->line,
                                 sv_secret_place_title(a, worst));
    }
    add_places(cx, known, file);
    sv_finding_fix(cx, known, "%s\n%s", known->fix ? known->fix : known->check->fix,
                   change(a, worst, n));
}

/* The finding of the repository that the file is a part of, if it has URLs; or NULL. */
static struct sv_finding *repository_of(struct sv_ctx *cx, const char *path)
{
    static const char *const files[] = {"HEAD",        "config",    "index",
                                        "packed-refs", "logs/HEAD", "COMMIT_EDITMSG"};
    size_t n = strlen(path), git = sv_slice_find(sv_slice_of(path), "/.git/");
    for (size_t i = 0; git < n && i < sizeof files / sizeof *files; i++) {
        const char *one = sv_arena_printf(sv_ctx_arena(cx), "%.*s/.git/%s", (int)git, path,
                                          files[i]);
        struct sv_finding *f = sv_ctx_file_finding(cx, "web.served-vcs", one);
        if (f && f->exposure.n && f->state == SV_STATE_NEW)
            return f;
    }
    return NULL;
}

/* What keeps strangers from the repository keeps them from its files. */
static void add_to_repository(struct sv_ctx *cx, struct sv_finding *known,
                              const struct sv_file_secrets *file,
                              const struct sv_secret_place *worst, size_t n)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *text = sv_arena_printf(a, "%s %s", sv_secret_place_title(a, worst),
                                       worst->redacted);
    if (known->secrets.n == 0) { /* of more files the first one is named */
        known->message = sv_arena_printf(a, "%s; in its %s %s", known->message,
                                         sv_path_base(file->path), text);
        sv_finding_fix(cx, known, "%s\n%s", known->fix ? known->fix : known->check->fix,
                       change(a, worst, n));
    }
    if (known->severity < sv_secret_place_served(worst))
        known->severity = sv_secret_place_served(worst);
    /* In this order, for behind "token" a word is taken for its value. */
    sv_finding_evidence_file(cx, known, file->path, worst->line,
                             sv_arena_printf(a, "%s  %s%s", worst->redacted,
                                             sv_secret_place_title(a, worst), where(a, worst)));
    add_places(cx, known, file);
}

/* A script that only a way out of an alias leads to is a server's own. */
static bool is_of_front_end(struct sv_ctx *cx, const struct sv_site *site, const char *path)
{
    return (sv_is_front_end(path) || sv_is_source_map(path)) &&
           !(sv_may_be_beside_alias(site, path) &&
             sv_ctx_way_out_fix(cx, sv_ctx_routes(cx, site, path)));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_file_secrets *file = s->secrets;
    size_t n;
    if (is_of_front_end(cx, s->site, file->path))
        return; /* web.frontend-secret and web.sourcemap-leaks-secret */
    const struct sv_secret_place *worst = worst_of(cx, file, &n);
    if (!worst)
        return;
    struct sv_finding *known = sv_ctx_file_finding(cx, "", file->path);
    if (known) {
        add_to(cx, known, file, worst, n);
        return;
    }
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, file->path);
    if (routes->list.n == 0) {
        sv_ctx_skip_undecided(cx, file->path, routes);
        return;
    }
    known = is_script(file->path)
                ? sv_ctx_url_finding(cx, "*.source-as-text", routes->list.v[0].url)
                : NULL;
    if (known) {
        add_to(cx, known, file, worst, n);
        return;
    }
    known = sv_ctx_url_finding(cx, "web.served-*", routes->list.v[0].url);
    if (known && strcmp(known->file, file->path) != 0) { /* its name was looked at behind a link */
        add_to(cx, known, file, worst, n);
        return;
    }
    struct sv_finding *repository = repository_of(cx, file->path);
    if (repository) {
        add_to_repository(cx, repository, file, worst, n);
        return;
    }
    const char *more = n > 1 ? sv_arena_printf(a, " and %zu more", n - 1) : "";
    struct sv_finding *f =
        sv_report_file(cx, sv_secret_place_served(worst), file->path, worst->line,
                       "%s %s%s%s can be read at %s", sv_secret_place_title(a, worst),
                       worst->redacted, where(a, worst), more, routes->list.v[0].url);
    f->key = file->path;
    f->member = worst->member;
    f->column = worst->column;
    f->readers = sv_access_network(
        a, sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path));
    add_places(cx, f, file);
    sv_vec_each(r, &routes->list)
    {
        sv_finding_route(cx, f, s->site, r);
    }
    sv_finding_fix(cx, f, "%s", advice(cx, worst, n, routes));
    sv_finding_suppress_routes(cx, f, routes);
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
    .run = run,
};
