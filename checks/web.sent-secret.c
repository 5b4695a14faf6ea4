// SPDX-License-Identifier: Apache-2.0
// web.sent-secret: a key that the configuration itself puts into answers to strangers.
#include "base/limits.h"
#include "engine/ask_paths.h"
#include "engine/check.h"
#include "engine/set_values.h"
#include "model/apache.h"
#include "secrets/redact.h"
#include "secrets/search.h"
#include "secrets/value.h"
#include "serve/template.h"

enum {
    LEAST = 12, /* a shorter text holds no key of a known kind */
    SAMPLE = 3, /* files of a folder that are asked for */
    MATCHED = 1024, /* names of files that are compared with expressions */
    LOOKED = 50, /* ... or looked at for a section about some names */
};

struct sender {
    struct sv_ctx *cx;
    const struct sv_site *site;
    struct sv_search *search; /* made when a first text is long enough */
    struct sv_arena own;      /* of what was found: it is wiped */
    size_t asked, matched; /* requests, and names of files with expressions */
    bool full; /* the most of either is reached, and that is told */
};

struct sent {
    const char *rule, *title;
    struct sv_slice value;
    enum sv_severity severity;
};

/* ---- what is in a line ---- */

static bool is_any(const struct sv_node *n, const char *const *names)
{
    while (*names && !sv_node_is(n, *names))
        names++;
    return *names != NULL;
}

static bool counts(const struct sv_secret_hit *h)
{
    return !h->placeholder && !h->checksum_bad && h->rule->validator != SV_VALID_HASH &&
           !(h->rule->flags & (SV_RULE_PUBLIC | SV_RULE_BROWSER));
}

static bool in_text(struct sender *se, struct sv_slice text, struct sent *ret)
{
    struct sv_secret_hits hits = {0};
    if (text.n < LEAST)
        return false;
    if (!se->search)
        se->search = sv_search_new();
    sv_search_text(se->search, &se->own, text, &hits);
    sv_vec_each(h, &hits.list)
    {
        if (!counts(h))
            continue;
        *ret = (struct sent){h->rule->id, h->rule->title, h->value,
                             h->rule->flags & SV_RULE_TEST_KEY  ? SV_LOW
                             : h->rule->flags & SV_RULE_GENERIC ? SV_HIGH
                                                                : SV_CRITICAL};
        return true;
    }
    return false;
}

/* A header's value: a key of a known kind, or one under a secret's name. */
static bool in_header(struct sender *se, struct sv_slice name, struct sv_slice value,
                      struct sent *ret)
{
    if (in_text(se, value, ret))
        return true;
    if (sv_slice_chr(value, '$') < value.n || sv_slice_chr(value, '%') < value.n ||
        !sv_value_is_secret(name, value))
        return false;
    const char *title = sv_arena_printf(&se->own, "the header %.*s", (int)name.n, name.p);
    *ret = (struct sent){"secret-assignment", title, value, SV_HIGH};
    return true;
}

static void report(struct sender *se, const struct sv_vhost *v, const struct sv_node *n,
                   const struct sent *sent, const char *target, const struct sv_answer *ans)
{
    struct sv_ctx *cx = se->cx;
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *path = sv_span_path(sv_ctx_sources(cx), n->head);
    const char *readers =
        sv_access_readers(sv_fs_base(sv_ctx_fs(cx)), sv_ctx_ids(cx), a, path);
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), n->head);
    const char *url = sv_arena_printf(a, "%s%s", sv_ctx_origin(cx, v), target);
    struct sv_finding *f =
        sv_report_at(cx, sent->severity, n, "%s %s is sent to everyone who asks for %s",
                     sent->title, sv_redact(a, sent->rule, sent->value), url);
    f->readers = sv_access_network(a, readers);
    sv_finding_secret(cx, f, sent->rule, sent->value, pos.line, pos.column);
    sv_finding_route(cx, f, se->site, &(struct sv_route){url, *ans});
    struct sv_slice name = sv_span_text(sv_ctx_sources(cx), n->head);
    name.n = n->name.n; /* httpd's, as it was written */
    sv_finding_fix(cx, f, "Take it out of this %.*s: a program on the server keeps the key and makes "
                          "the call itself.\n%s",
                   (int)name.n, name.p, sv_secret_change(a, sent->value));
}

/* One more of `what` for this line. */
static bool may(struct sender *se, const struct sv_node *n, size_t *count, size_t most,
                const char *what)
{
    if (!se->full && (*count)++ == most) {
        se->full = true;
        sv_ctx_skip(se->cx, sv_span_path(sv_ctx_sources(se->cx), n->head),
                    "%u:1: more than %zu %s for lines with secrets; whether this one and those "
                    "behind it are sent is not known",
                    sv_span_pos(sv_ctx_sources(se->cx), n->head).line, most, what);
    }
    return !se->full;
}
static bool may_ask(struct sender *se, const struct sv_node *n)
{
    return may(se, n, &se->asked, SV_MAX_RELAYS_ASKED, "requests");
}

/* A .htaccess file that was read twice is two sources. */
static bool because_of(struct sender *se, const struct sv_answer *ans, const struct sv_node *n)
{
    struct sv_sources *src = sv_ctx_sources(se->cx);
    sv_vec_each(w, &ans->why)
    {
        if (w->span.start == n->head.start &&
            strcmp(sv_span_path(src, w->span), sv_span_path(src, n->head)) == 0)
            return true;
    }
    return false;
}

/* nginx without "always"; the status of a program is not known. */
static bool carries_headers(const struct sv_answer *ans, bool always)
{
    static const int some[] = {200, 201, 204, 206, 301, 302, 303, 304, 307, 308};
    if (ans->outcome == SV_OUT_UNKNOWN)
        return false;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        if (ans->status == some[i])
            return true;
    return always || ans->status == 0;
}

/* The visitor is sent to an address that holds the value. */
static bool redirects_with(const struct sv_answer *ans, struct sv_slice value)
{
    struct sv_slice to = sv_slice_of(ans->location ? ans->location : "");
    size_t i = 0;
    while (i + value.n <= to.n && memcmp(to.p + i, value.p, value.n) != 0)
        i++;
    return ans->outcome == SV_OUT_REDIRECT && value.n && i + value.n <= to.n;
}

/* ---- nginx ---- */

static void nginx_paths(struct sender *se, const struct sv_scope *at, const struct sv_node *n,
                        struct sv_ask_paths *ret)
{
    const struct sv_scope *loc = sv_scope_location(at);
    struct sv_slice base = SV_LIT("/");
    if (loc && loc->kind == SV_SCOPE_LOCATION && loc->match <= SV_MATCH_EXACT)
        base = loc->name;
    sv_ask_level(&se->own, ret, at);
    if (sv_node_is(n, "rewrite"))
        sv_ask_pattern(&se->own, ret, base, sv_node_arg(n, 0));
    if (sv_node_is(n, "error_page"))
        sv_ask_missing(&se->own, ret, base);
}

/* The text is put into pages: files of that type, what programs answer, nginx's own errors. */
static bool substitutes(const struct sv_answer *ans, const struct sv_node *n)
{
    struct sv_slice file = sv_slice_of(ans->file ? ans->file : "");
    struct sv_slice what = sv_node_arg(n, 0);
    bool in_every_page = sv_slice_find(what, "head>") < what.n ||
                         sv_slice_find(what, "body>") < what.n;
    switch (ans->outcome) {
    case SV_OUT_FILE:
        return sv_slice_ends(file, ".html") || sv_slice_ends(file, ".htm");
    case SV_OUT_PROXIED:
    case SV_OUT_HANDLER:
    case SV_OUT_LISTING:
        return true;
    case SV_OUT_NOT_FOUND:
    case SV_OUT_DENIED:
        return in_every_page && !ans->file;
    case SV_OUT_REDIRECT:
    case SV_OUT_AUTH:
    case SV_OUT_RETURN:
    case SV_OUT_ERROR:
    case SV_OUT_UNKNOWN:
        break;
    }
    return false;
}

static bool nginx_sends(struct sender *se, const struct sv_scope *at, const struct sv_node *n,
                        const struct sent *sent, const struct sv_answer *ans)
{
    static const char *const headers[] = {"add_header", NULL};
    static const char *const filters[] = {"sub_filter", NULL};
    if (sv_node_is(n, "rewrite") || sv_node_is(n, "error_page") ||
        (sv_node_is(n, "return") && ans->outcome == SV_OUT_REDIRECT))
        return redirects_with(ans, sent->value);
    if (sv_node_is(n, "return"))
        return ans->outcome == SV_OUT_RETURN && because_of(se, ans, n);
    if (at->kind == SV_SCOPE_IF || !ans->scope)
        return false;
    if (sv_node_is(n, "add_header"))
        return sv_scope_list(ans->scope, headers) == at &&
               carries_headers(ans, sv_slice_is(sv_node_arg(n, 2), "always"));
    return sv_scope_list(ans->scope, filters) == at && substitutes(ans, n);
}

static bool nginx_secret(struct sender *se, const struct sv_scope *at, const struct sv_node *n,
                         struct sent *ret)
{
    static const char *const names[] = {"add_header", "sub_filter", "rewrite",
                                        "return",     "error_page", NULL};
    if (n->n_args == 0 || !is_any(n, names))
        return false;
    bool last = sv_node_is(n, "return") || sv_node_is(n, "error_page");
    struct sv_slice text = sv_node_arg(n, last ? n->n_args - 1 : 1);
    if (sv_slice_chr(text, '$') < text.n)
        text = sv_set_filled_in(&se->own, at, text);
    return sv_node_is(n, "add_header") ? in_header(se, sv_node_arg(n, 0), text, ret)
                                       : in_text(se, text, ret);
}

static bool is_below(const struct sv_scope *s, const struct sv_scope *top)
{
    while (s && s != top)
        s = s->parent;
    return s != NULL;
}

/* Asks the virtual host for the level that holds the line and then for those in it. */
static bool nginx_asked(struct sender *se, const struct sv_vhost *v, const struct sv_scope *at,
                        const struct sv_node *n, const struct sent *sent)
{
    struct sv_scopes all = sv_vhost_scopes(v);
    for (size_t i = 0; i < all.n && !se->full; i++) {
        struct sv_ask_paths paths = {0};
        if (!is_below(all.v[i], at))
            continue;
        nginx_paths(se, all.v[i], n, &paths);
        sv_vec_each(t, &paths.list)
        {
            if (!may_ask(se, n))
                return false;
            struct sv_answer ans = sv_ctx_ask(se->cx, v, *t);
            if (!nginx_sends(se, at, n, sent, &ans))
                continue;
            report(se, v, n, sent, *t, &ans);
            return true;
        }
    }
    return false;
}

/* What http has goes for all servers, but for those that have their own. */
static void nginx(struct sender *se)
{
    sv_vec_each(at, &se->site->scopes)
    {
        sv_node_each(n, (*at)->node)
        {
            struct sent sent;
            if (se->full)
                return;
            if (!nginx_secret(se, *at, n, &sent) || sv_ctx_reported(se->cx, n))
                continue;
            sv_vec_each(v, &se->site->vhosts)
            {
                bool holds = !(*at)->vhost || (*at)->vhost == *v;
                if (holds && sv_vhost_on_network(*v) && nginx_asked(se, *v, *at, n, &sent))
                    break;
            }
        }
    }
}

/* ---- httpd ---- */

static const char *const redirects[] = {"redirect", "redirectpermanent", "redirecttemp",
                                        "redirectmatch", NULL};

static bool sets_header(struct sv_slice verb)
{
    static const char *const verbs[] = {"set", "add", "append", "merge", "setifempty"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (sv_slice_is_nocase(verb, verbs[i]))
            return true;
    return false;
}

/* Where the name of the header stands: "always" and "onsuccess" may be the first word. */
static uint32_t header_name(const struct sv_node *n)
{
    struct sv_slice first = sv_node_arg(n, 0);
    return sv_slice_is_nocase(first, "always") || sv_slice_is_nocase(first, "onsuccess") ? 2 : 1;
}

/* A line behind it takes the header away again. */
static bool is_unset(const struct sv_node *n)
{
    struct sv_slice name = sv_node_arg(n, header_name(n));
    for (const struct sv_node *m = n->next; m; m = m->next)
        if (sv_node_is(m, "header") && m->n_args == header_name(m) + 1 &&
            sv_slice_is_nocase(sv_node_arg(m, header_name(m) - 1), "unset") &&
            sv_slice_eq_nocase(sv_node_arg(m, header_name(m)), name))
            return true;
    return false;
}

static bool apache_secret(struct sender *se, const struct sv_node *n, struct sent *ret)
{
    if (n->n_args && is_any(n, redirects))
        return in_text(se, sv_node_arg(n, n->n_args - 1), ret);
    if (sv_node_is(n, "errordocument") || sv_node_is(n, "rewriterule"))
        return in_text(se, sv_node_arg(n, 1), ret);
    if (sv_node_is(n, "substitute"))
        return in_text(se, n->body, ret);
    if (!sv_node_is(n, "header"))
        return false;
    uint32_t at = header_name(n);
    return sets_header(sv_node_arg(n, at - 1)) && n->n_args == at + 2 &&
           in_header(se, sv_node_arg(n, at), sv_node_arg(n, at + 1), ret) && !is_unset(n);
}

/* What to ask for below a path that the line holds for; an error is asked for by what gives it. */
static void apache_paths(struct sender *se, const struct sv_node *n, struct sv_slice base,
                         struct sv_ask_paths *ret)
{
    struct sv_slice first = sv_node_arg(n, 0);
    if (sv_node_is(n, "rewriterule"))
        sv_ask_pattern(&se->own, ret, base, first);
    else if (sv_node_is(n, "redirectmatch"))
        sv_ask_pattern(&se->own, ret, base, sv_node_arg(n, n->n_args > 2));
    else if (sv_node_is(n, "errordocument") && sv_slice_is(first, "403"))
        sv_ask_below(&se->own, ret, base, SV_LIT(".htaccess"));
    else if (sv_node_is(n, "errordocument"))
        sv_ask_missing(&se->own, ret, base);
    for (uint32_t i = 0; is_any(n, redirects) && i + 1 < n->n_args; i++)
        sv_ask_path(&se->own, ret, sv_node_arg(n, i));
    sv_ask_path(&se->own, ret, base);
    sv_ask_below(&se->own, ret, base, SV_LIT(""));
}

/* Without "always" only what went well carries them. */
static bool apache_carries(const struct sv_node *n, const struct sv_answer *ans)
{
    bool always = sv_slice_is_nocase(sv_node_arg(n, 0), "always");
    return ans->outcome != SV_OUT_UNKNOWN &&
           (always || ans->status == 0 || (ans->status >= 200 && ans->status < 300));
}

static bool has_filter(const struct sv_site *site, const char *name)
{
    static const char *const adds[] = {"setoutputfilter", "addoutputfilter",
                                       "addoutputfilterbytype", "filterprovider", NULL};
    sv_vec_each(at, &site->scopes)
    {
        sv_node_each(n, (*at)->node)
        {
            if (is_any(n, adds) && sv_slice_find(n->body, name) < n->body.n)
                return true;
        }
    }
    return false;
}

static bool apache_sends(struct sender *se, const struct sv_node *n, const struct sent *sent,
                         const struct sv_answer *ans)
{
    if (sv_node_is(n, "errordocument") && because_of(se, ans, n))
        return ans->outcome != SV_OUT_REDIRECT ? sv_node_arg(n, 1).p[0] != '/'
                                               : redirects_with(ans, sent->value);
    if (sv_node_is(n, "substitute"))
        return substitutes(ans, n) && ans->status != 404 && ans->status != 403 &&
               has_filter(se->site, "SUBSTITUTE");
    return sv_node_is(n, "header")
               ? apache_carries(n, ans)
               : redirects_with(ans, sent->value);
}

/* `htaccess`: the file that the line stands in, which httpd has to read, or NULL. */
static bool apache_asked(struct sender *se, const struct sv_vhost *v, const struct sv_node *n,
                         const struct sent *sent, struct sv_slice base, const char *htaccess)
{
    struct sv_ask_paths paths = {0};
    if (se->full || !sv_vhost_on_network(v))
        return false;
    apache_paths(se, n, base, &paths);
    sv_vec_each(t, &paths.list)
    {
        if (!may_ask(se, n))
            return false;
        struct sv_answer ans = sv_ctx_ask(se->cx, v, *t);
        bool read = !htaccess;
        sv_vec_each(path, &ans.htaccess)
        {
            read = read || strcmp(*path, htaccess) == 0;
        }
        if (!read || (htaccess && ans.status == 500) || !apache_sends(se, n, sent, &ans))
            continue;
        report(se, v, n, sent, *t, &ans);
        return true;
    }
    return false;
}

/* <Files> or <FilesMatch> is about the name; without a section every name counts. */
static bool is_about(struct sender *se, const struct sv_node *files, struct sv_slice name)
{
    if (!files)
        return true;
    struct sv_slice pattern = files->n_args ? sv_node_arg(files, files->n_args - 1) : name;
    if (sv_node_is(files, "files") && files->n_args == 1)
        return sv_glob_match(pattern, name);
    if (!may(se, files, &se->matched, MATCHED, "names compared with <FilesMatch>"))
        return false;
    struct sv_regex *re = sv_regex_get(sv_ctx_regexes(se->cx), pattern, 0, NULL);
    return re && sv_regex_match(re, name, 0, NULL) == SV_MATCH_YES;
}

struct folder {
    const char *dir, *htaccess; /* the file that the line stands in, or NULL */
    const struct sv_vhost *own; /* whose section it is; NULL: of all */
    const struct sv_node *files; /* the section about names, or NULL */
};

/* A folder's section or file: where the folder has URLs, and then for files in it. */
static void in_folder(struct sender *se, const struct sv_node *n, const struct sent *sent,
                      const struct folder *at)
{
    struct sv_places places = {0};
    struct sv_paths files = {0};
    sv_ctx_places(se->cx, se->site, at->dir, &places);
    sv_ctx_sample(se->cx, at->dir, at->files ? LOOKED : SAMPLE, &files);
    sv_vec_each(p, &places.list)
    {
        size_t asked = 0;
        if (at->own && at->own != p->vhost && !at->own->apache->is_main)
            continue;
        if (!at->files && apache_asked(se, p->vhost, n, sent, sv_slice_of(p->target), at->htaccess))
            return;
        for (size_t i = 0; i < files.list.n && asked < SAMPLE; i++) {
            const char *name = files.list.v[i] + strlen(at->dir);
            if (is_any(n, redirects) || sv_node_is(n, "rewriterule") ||
                !is_about(se, at->files, sv_slice_of(sv_path_base(name))))
                continue;
            asked++;
            if (apache_asked(se, p->vhost, n, sent,
                             sv_slice_of(sv_arena_printf(&se->own, "%s%s", p->target, name)),
                             at->htaccess))
                return;
        }
    }
}

/* The folder that <Files> is about: that of the section around it, or what the server serves. */
static const char *folder_around(struct sender *se, const struct sv_scope *files)
{
    const struct sv_scope *around = files->parent;
    if (around && around->kind == SV_SCOPE_DIRECTORY)
        return around->match == SV_MATCH_PREFIX ? sv_arena_copy(&se->own, around->name).p : NULL;
    const struct sv_node *root =
        files->vhost && files->vhost->apache ? files->vhost->apache->document_root : NULL;
    return root ? sv_site_path(se->site, &se->own, sv_node_arg(root, 0)) : NULL;
}

/* What the main server sets holds for every virtual host. */
static void apache_line(struct sender *se, const struct sv_scope *at, const struct sv_node *n)
{
    struct sent sent;
    struct sv_slice base = SV_LIT("/");
    if (se->full || !apache_secret(se, n, &sent) || sv_ctx_reported(se->cx, n))
        return;
    bool files = at->kind == SV_SCOPE_FILES;
    if (files || (at->kind == SV_SCOPE_DIRECTORY && at->match == SV_MATCH_PREFIX)) {
        struct folder of = {.own = at->vhost, .files = files ? at->node : NULL};
        of.dir = files ? folder_around(se, at) : sv_arena_copy(&se->own, at->name).p;
        if (of.dir)
            in_folder(se, n, &sent, &of);
        return;
    }
    if (at->kind == SV_SCOPE_LOCATION && at->match == SV_MATCH_REGEX)
        base = sv_pattern_text(&se->own, at->name, &(struct sv_bindings){0});
    else if (at->kind == SV_SCOPE_LOCATION && at->match == SV_MATCH_PREFIX)
        base = at->name;
    else if (at->kind != SV_SCOPE_SERVER)
        return;
    sv_vec_each(v, &se->site->vhosts)
    {
        bool holds = !at->vhost || *v == at->vhost || at->vhost->apache->is_main;
        if (holds && apache_asked(se, *v, n, &sent, base, NULL))
            return;
        /* An error is often that of one section. */
        for (size_t i = 0; holds && i < se->site->scopes.n && at->kind == SV_SCOPE_SERVER; i++) {
            const struct sv_scope *s = se->site->scopes.v[i];
            bool other = s->kind == SV_SCOPE_LOCATION && s->match == SV_MATCH_PREFIX &&
                         (s->vhost == *v || s->vhost->apache->is_main);
            if (other && sv_node_is(n, "errordocument") &&
                apache_asked(se, *v, n, &sent, s->name, NULL))
                return;
        }
    }
}

static void apache(struct sender *se)
{
    sv_vec_each(at, &se->site->scopes)
    {
        sv_node_each(n, (*at)->node)
        {
            apache_line(se, *at, n);
        }
    }
}

static void htaccess_lines(struct sender *se, const struct sv_node *block, struct folder *at)
{
    sv_node_each(n, block)
    {
        struct sent sent;
        bool files = n->kind == SV_NODE_BLOCK &&
                     (sv_node_is(n, "files") || sv_node_is(n, "filesmatch"));
        if (files && !at->files) {
            struct folder inner = *at;
            inner.files = n;
            htaccess_lines(se, n, &inner);
        } else if (!se->full && apache_secret(se, n, &sent) && !sv_ctx_reported(se->cx, n)) {
            in_folder(se, n, &sent, at);
        }
    }
}

static void htaccess(struct sender *se, const char *path)
{
    const struct sv_node *root = sv_ctx_htaccess(se->cx, se->site, path);
    struct folder at = {.dir = sv_path_dir(sv_ctx_arena(se->cx), path), .htaccess = path};
    if (root)
        htaccess_lines(se, root, &at);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sender se = {.cx = cx, .site = s->site};
    if (s->kind == SV_ON_SITE && s->site->kind == SV_SITE_NGINX)
        nginx(&se);
    else if (s->kind == SV_ON_SITE)
        apache(&se);
    else if (s->site->kind == SV_SITE_APACHE &&
             strcmp(sv_path_base(s->file->path), ".htaccess") == 0)
        htaccess(&se, s->file->path);
    if (se.search)
        sv_search_free(se.search);
    sv_arena_wipe(&se.own);
}

static const char *const refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return",
    "https://httpd.apache.org/docs/2.4/mod/mod_headers.html#header", NULL};

const struct sv_check sv_check_web_sent_secret = {
    SV_CHECK_HEADER,
    .id = "web.sent-secret",
    .title = "The server's own answers hold a secret",
    .why = "What return and ErrorDocument answer, where rewrite, error_page and Redirect lead, what add_header "
           "and Header add, and what sub_filter puts into pages goes to every visitor, however well the "
           "configuration is kept.",
    .fix = "Send no key: let a program on the server keep it and make the call.",
    .bad = "location = /config { return 200 '{\"apiKey\": \"...\"}'; }",
    .good = "location = /api/ { proxy_pass http://127.0.0.1:3000; }   # which holds the key",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_SITE | SV_ON_FILE,
    .run = run,
};
