// SPDX-License-Identifier: Apache-2.0
// The web.served-* family: a file that name and content call sensitive leaves by a URL.
#include "base/buf.h"
#include "engine/relay.h"
#include "secrets/redact.h"
#include "secrets/value.h"
#include "serve/memo.h"

enum { MAX_NAMES = 4 };

/* "DB_PASSWORD, STRIPE_SECRET and 3 more": names only, never values. Of more than are named, those
 * whose values are known keys come first. */
static const char *secret_names(struct sv_arena *a, const struct sv_file *f)
{
    _cleanup_buf_ struct sv_buf out = {0};
    size_t shown = 0;
    bool choose = f->secrets.n > MAX_NAMES;
    for (int known = choose; known >= 0; known--) {
        sv_vec_each(s, &f->secrets)
        {
            if (s->name.n == 0 || shown == MAX_NAMES ||
                (choose && (sv_value_rule(s->value) != NULL) != known))
                continue;
            sv_buf_printf(&out, "%s%.*s", shown++ ? ", " : "", (int)s->name.n, s->name.p);
        }
    }
    if (shown && f->secrets.n > shown)
        sv_buf_printf(&out, " and %zu more", f->secrets.n - shown);
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}

static const char *description(struct sv_arena *a, const struct sv_file *f)
{
    const char *names = secret_names(a, f);
    const char *what = f->what;
    if (f->confirm == SV_CONFIRM_EMPTY)
        what = "empty file";
    else if (f->row->is_dir)
        what = sv_arena_printf(a, "one of the files of %s/", f->row->pattern);
    const char *git = strstr(f->path, "/.git/"), *name = git ? git + 1 : sv_path_base(f->path);
    if (f->secrets.n == 0 || (f->secrets.n == 1 && !*names)) /* a key is its file */
        return sv_arena_printf(a, "%s (%s)", name, what);
    return sv_arena_printf(a, "%s (%s) with %zu secret%s%s%s", name, what,
                           f->secrets.n, f->secrets.n == 1 ? "" : "s", *names ? ": " : "", names);
}

/* "; in it Linear API key lin_api_...xLyZ": what one secret is that has no name there. Of a key's
 * file its own name says it. */
static const char *in_it(struct sv_arena *a, const struct sv_file *f)
{
    const struct sv_file_secret *s = f->secrets.v;
    if (f->secrets.n != 1 || s->name.n || f->row->category == SV_CAT_KEY)
        return "";
    const struct sv_secret_rule *rule = sv_value_rule(s->value);
    return rule ? sv_arena_printf(a, "; in it %s %s", rule->title, sv_redact(a, rule->id, s->value))
                : "";
}

/* Keys that still need a passphrase, and nothing else. */
static bool only_encrypted(const struct sv_file *f)
{
    sv_vec_each(s, &f->secrets)
    {
        if (!s->encrypted)
            return false;
    }
    return f->secrets.n > 0;
}

/* The severity when the file is served: content first, the table's second. */
static enum sv_severity served_severity(const struct sv_file *f)
{
    if (f->confirm == SV_CONFIRM_EMPTY || f->confirm == SV_CONFIRM_TEMPLATE)
        return f->row->severity > SV_MEDIUM && f->row->category == SV_CAT_ENV ? SV_LOW : SV_INFO;
    if (f->secrets.n && !only_encrypted(f))
        return SV_CRITICAL;
    return f->secrets.n && f->severity > SV_HIGH ? SV_HIGH : f->severity;
}

/* Beside an alias that requests can leave, nothing was meant to be served: no word about that. */
static const struct sv_route *first_meant(const struct sv_routes *routes)
{
    sv_vec_each(r, &routes->blocked)
    {
        if (!sv_route_is_way_out(r))
            return r;
    }
    return NULL;
}

static void blocked(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_routes *routes)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_route *r = first_meant(routes);
    if (s->file->secrets.n == 0 || !r)
        return;
    const char *why = r->answer.worker_denied ? "only its mode keeps the server from handing it out"
                      : r->answer.auth_needed ? "only a password prompt protects it"
                                              : "one rule protects it";
    enum sv_severity sev = r->answer.worker_denied ? SV_MEDIUM : SV_INFO;
    struct sv_finding *f = sv_report_file(cx, sev, s->file->path, 0, "%s lies below a served folder; %s",
                                          description(a, s->file), why);
    sv_finding_fix(cx, f, SV_MOVE_FILE);
    sv_vec_each(w, &r->answer.why)
    {
        if (w->span.file)
            sv_finding_evidence_file(cx, f, sv_span_path(sv_ctx_sources(cx), w->span),
                                     sv_span_pos(sv_ctx_sources(cx), w->span).line, w->text.p);
    }
}

static bool on_network(const struct sv_routes *routes)
{
    sv_vec_each(r, &routes->list)
    {
        if (sv_vhost_on_network(r->answer.vhost))
            return true;
    }
    return false;
}

/* A name of the network's or a socket in the file system is there for a proxy that was not seen. */
static bool is_for_proxy(const struct sv_routes *routes)
{
    sv_vec_each(r, &routes->list)
    {
        bool named = sv_relay_is_foreign(sv_slice_of(r->url));
        sv_vec_each(l, &r->answer.vhost->listens)
        {
            if (named || l->is_unix)
                return true;
        }
    }
    return false;
}

/* A socket of this machine alone answers its users, and what an unseen proxy passes on. */
static const char near[] =
    "every user of this machine by the URL, and whoever a proxy in front lets through";

/* What a stranger can ask for, else what this machine can. What this server only hands on to
 * another audited one is the finding of that one. */
static struct sv_routes own_routes(struct sv_ctx *cx, const struct sv_site *site,
                                   const struct sv_routes *all)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_routes near = *all, far = *all;
    size_t kept = 0;
    sv_vec_each(r, &all->list)
    {
        kept += sv_vhost_on_network(r->answer.vhost) &&
                !(r->answer.behind && r->answer.behind != site);
    }
    if (kept == all->list.n)
        return *all;
    near.list = far.list = (__typeof__(all->list)){0};
    sv_vec_each(r, &all->list)
    {
        if (r->answer.behind && r->answer.behind != site)
            continue;
        if (sv_vhost_on_network(r->answer.vhost))
            sv_vec_push(a, &far.list, *r);
        else
            sv_vec_push(a, &near.list, *r);
    }
    return far.list.n ? far : near;
}

/* Its HEAD stands for a repository, or without one what weighs most. */
static bool stands_before(const struct sv_file *f, const struct sv_file *other)
{
    bool head = sv_slice_ends(sv_slice_of(f->path), "/.git/HEAD");
    bool other_head = other && sv_slice_ends(sv_slice_of(other->path), "/.git/HEAD");
    return !other || (head != other_head ? head : f->severity > other->severity);
}

/* One repository is one finding: of its files that have URLs those with secrets speak for it, else
 * one does. Only where none has a URL it is told what keeps them from strangers. */
static void choose_speakers(struct sv_ctx *cx, const struct sv_site *site, struct sv_repository *r)
{
    const struct sv_file *first = NULL;
    bool served = false, secrets = false;
    sv_vec_each(f, &r->files)
    {
        bool has_url = own_routes(cx, site, sv_ctx_routes(cx, site, (*f)->path)).list.n > 0;
        (*f)->spoken_for = !has_url;
        served |= has_url;
    }
    sv_vec_each(f, &r->files)
    {
        (*f)->spoken_for = served && (*f)->spoken_for;
        if ((*f)->spoken_for)
            continue;
        secrets |= (*f)->secrets.n > 0;
        if (stands_before(*f, first))
            first = *f;
    }
    sv_vec_each(f, &r->files)
    {
        (*f)->spoken_for |= !(*f)->secrets.n && (secrets || *f != first);
    }
    r->decided = true;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s, enum sv_file_category category)
{
    const struct sv_file *file = s->file;
    struct sv_arena *a = sv_ctx_arena(cx);
    if (file->row->category != category)
        return;
    if (file->repository && !file->repository->decided)
        choose_speakers(cx, s->site, file->repository);
    if (file->spoken_for)
        return;
    const struct sv_routes *all = sv_ctx_routes(cx, s->site, file->path);
    struct sv_routes own = own_routes(cx, s->site, all), *routes = &own;
    if (all->list.n && own.list.n == 0)
        return;
    if (routes->list.n == 0) {
        /* Without secrets only what an own limit hides is told. */
        if (routes->open.n && (file->secrets.n || routes->open.v[0].answer.beyond_limits))
            sv_ctx_skip_undecided(cx, file->path, routes);
        else if (routes->blocked.n)
            blocked(cx, s, routes);
        return;
    }
    enum sv_severity severity = served_severity(file);
    bool far = on_network(routes), outside = far || is_for_proxy(routes);
    struct sv_finding *f =
        sv_report_file(cx, outside || severity < SV_HIGH ? severity : SV_HIGH, file->path,
                       file->secrets.n ? file->secrets.v[0].line : 0, "%s is downloadable at %s%s",
                       description(a, file), routes->list.v[0].url, in_it(a, file));
    f->key = file->path;
    const char *users = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, file->path);
    f->readers = far ? sv_access_network(a, users)
                     : sv_arena_printf(a, "%s; as a file %s", near, users);
    sv_vec_each(secret, &file->secrets)
    {
        sv_finding_secret(cx, f, secret->rule, secret->value, secret->line, secret->column);
    }
    sv_vec_each(r, &routes->list)
    {
        sv_finding_route(cx, f, s->site, r);
    }
    sv_finding_fix(cx, f, "%s", sv_ctx_deny_fix(cx, file, routes));
    sv_finding_suppress_routes(cx, f, routes);
}

static const char bad[] = "server {\n    root /srv/app;              # .env, .git, backups lie here\n}";
static const char good[] =
    "server {\n    root /srv/app/public;       # only what is meant to be public\n"
    "    location ~ /\\.(?!well-known/) { return 404; }\n}";
static const char fix[] = "Serve a folder that holds only public files, and move this one out of it.";
static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
                                   NULL};

static const char bad_copy[] = "cp config.php config.php.bak     # below the served folder";
static const char good_copy[] =
    "cp config.php /root/backup/      # or, against what is forgotten:\n"
    "location ~* \\.(?:bak|old|orig|save|sql|log|swp)$|~$ { return 404; }";

static const char bad_dump[] = "mysqldump shop > /srv/app/public/dump.sql";
static const char good_dump[] = "mysqldump shop > /var/backups/shop.sql    # mode 0600, not below a root";

static const char bad_log[] = "error_log = /srv/app/public/error.log     ; php.ini";
static const char good_log[] = "error_log = /var/log/php/error.log        ; php.ini";

#define COMMON .fix = fix, .refs = refs, .on = SV_ON_FILE
#define FAMILY COMMON, .bad = bad, .good = good

static void run_env(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_ENV);
}

const struct sv_check sv_check_web_served_env = {
    SV_CHECK_HEADER, .id = "web.served-env", .title = "An environment file is downloadable",
    .why = "Environment files hold an application's passwords and keys; whoever has the URL has them.",
    .severity = SV_CRITICAL, FAMILY, .run = run_env};

static void run_vcs(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_VCS);
}

const struct sv_check sv_check_web_served_vcs = {
    SV_CHECK_HEADER, .id = "web.served-vcs", .title = "A version control folder is downloadable",
    .why = "From .git and its like the whole source and its history can be rebuilt, deleted secrets too.",
    .severity = SV_CRITICAL, FAMILY, .run = run_vcs};

static void run_backup(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_BACKUP);
}

const struct sv_check sv_check_web_served_backup = {
    SV_CHECK_HEADER, .id = "web.served-backup", .title = "A backup or left-over copy is downloadable",
    .why = "A changed suffix changes the handler: the copy of a script is sent as text, an archive "
           "holds everything.",
    .severity = SV_CRITICAL, COMMON, .bad = bad_copy, .good = good_copy, .run = run_backup};

static void run_dump(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_DUMP);
}

const struct sv_check sv_check_web_served_dump = {
    SV_CHECK_HEADER, .id = "web.served-dump", .title = "A database, memory or session dump is downloadable",
    .why = "Dumps hold the data itself: users, password hashes, orders, keys in memory.",
    .severity = SV_CRITICAL, COMMON, .bad = bad_dump, .good = good_dump, .run = run_dump};

static void run_key(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_KEY);
}

const struct sv_check sv_check_web_served_key = {
    SV_CHECK_HEADER, .id = "web.served-key", .title = "A private key or credentials file is downloadable",
    .why = "A private key or a credentials file gives its reader the access that it was made for.",
    .severity = SV_CRITICAL, FAMILY, .run = run_key};

static void run_config(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_CONFIG);
}

const struct sv_check sv_check_web_served_config = {
    SV_CHECK_HEADER, .id = "web.served-config", .title = "A configuration file is downloadable",
    .why = "Configuration files name hosts, users and passwords.",
    .severity = SV_CRITICAL, FAMILY, .run = run_config};

static void run_log(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_LOG);
}

const struct sv_check sv_check_web_served_log = {
    SV_CHECK_HEADER, .id = "web.served-log", .title = "A log file is downloadable",
    .why = "Logs hold addresses, paths, query strings with tokens, and stack traces with arguments.",
    .severity = SV_CRITICAL, COMMON, .bad = bad_log, .good = good_log, .run = run_log};

static void run_history(struct sv_ctx *cx, const struct sv_subject *s)
{
    run(cx, s, SV_CAT_HISTORY);
}

const struct sv_check sv_check_web_served_history = {
    SV_CHECK_HEADER, .id = "web.served-history", .title = "A shell history or start-up file is downloadable",
    .why = "Histories hold commands with passwords on them and show that a home folder is served.",
    .severity = SV_CRITICAL, FAMILY, .run = run_history};
