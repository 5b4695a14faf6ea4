// SPDX-License-Identifier: Apache-2.0
// web.sent-secret: a key that the configuration itself puts into answers to strangers.
#include "base/limits.h"
#include "engine/check.h"
#include "model/apache.h"
#include "secrets/redact.h"
#include "secrets/search.h"
#include "secrets/value.h"
#include "serve/template.h"

enum { LEAST = 12 }; /* a shorter text holds no key of a known kind */

struct sender {
    struct sv_ctx *cx;
    const struct sv_site *site;
    struct sv_search *search; /* made when a first text is long enough */
    struct sv_arena own;      /* of what was found: it is wiped */
    size_t asked;
};

struct sent {
    const char *rule, *title;
    struct sv_slice value;
    enum sv_severity severity;
};

/* ---- what is in a line ---- */

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
        se->search = sv_search_new(SV_GATE_BEST);
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
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), n->head);
    const char *url = sv_arena_printf(a, "%s%s", sv_ctx_origin(cx, v), target);
    struct sv_finding *f =
        sv_report_at(cx, sent->severity, n, "%s %s is sent to everyone who asks for %s",
                     sent->title, sv_redact(a, sent->rule, sent->value), url);
    f->readers = sv_arena_printf(a, "anyone on the network; on this machine %s",
                                 sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path));
    sv_finding_secret(cx, f, sent->rule, sent->value, pos.line, pos.column);
    sv_finding_route(cx, f, se->site, &(struct sv_route){url, *ans});
    sv_finding_fix(cx, f, "Take it out of %.*s: a program on the server keeps the key and makes "
                          "the call itself.\n%s",
                   (int)n->name.n, n->name.p, sv_secret_change(a, sent->value));
}

static bool because_of(const struct sv_answer *ans, const struct sv_node *n)
{
    sv_vec_each(w, &ans->why)
    {
        if (w->span.file == n->head.file && w->span.start == n->head.start)
            return true;
    }
    return false;
}

/* Without "always" only these carry headers; the status of a program is not known. */
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

static bool shows(const struct sv_answer *ans, struct sv_slice value)
{
    struct sv_slice to = sv_slice_of(ans->location ? ans->location : "");
    size_t i = 0;
    while (i + value.n <= to.n && memcmp(to.p + i, value.p, value.n) != 0)
        i++;
    return value.n && i + value.n <= to.n;
}

/* ---- nginx ---- */

/* The path that leads to a location; NULL if none is known. */
static const char *target_of(struct sender *se, const struct sv_scope *at)
{
    at = sv_scope_location(at);
    if (!at || at->kind == SV_SCOPE_SERVER)
        return at ? "/" : NULL;
    struct sv_slice text = at->name;
    if (at->match == SV_MATCH_NAMED)
        return NULL;
    if (at->match == SV_MATCH_REGEX)
        text = sv_pattern_text(&se->own, at->name, &(struct sv_bindings){0});
    return text.n && text.p[0] == '/' ? sv_uri_escape(sv_ctx_arena(se->cx), text) : NULL;
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

static bool nginx_sends(const struct sv_scope *at, const struct sv_node *n,
                        const struct sent *sent, const struct sv_answer *ans)
{
    static const char *const headers[] = {"add_header", NULL};
    static const char *const filters[] = {"sub_filter", NULL};
    if (sv_node_is(n, "return"))
        return ans->outcome == SV_OUT_REDIRECT
                   ? shows(ans, sent->value)
                   : ans->outcome == SV_OUT_RETURN && because_of(ans, n);
    if (at->kind == SV_SCOPE_IF || !ans->scope)
        return false;
    if (sv_node_is(n, "add_header"))
        return sv_scope_list(ans->scope, headers) == at &&
               carries_headers(ans, sv_slice_is(sv_node_arg(n, 2), "always"));
    return sv_scope_list(ans->scope, filters) == at && substitutes(ans, n);
}

static bool nginx_secret(struct sender *se, const struct sv_node *n, struct sent *ret)
{
    if (sv_node_is(n, "add_header"))
        return in_header(se, sv_node_arg(n, 0), sv_node_arg(n, 1), ret);
    if (sv_node_is(n, "sub_filter"))
        return in_text(se, sv_node_arg(n, 1), ret);
    return sv_node_is(n, "return") && in_text(se, sv_node_arg(n, n->n_args - 1), ret);
}

/* Asks for the level that holds the line and then for those in it. */
static void nginx_line(struct sender *se, const struct sv_vhost *v, size_t level,
                       const struct sv_node *n)
{
    struct sv_scopes all = sv_vhost_scopes(v);
    const struct sv_scope *at = all.v[level];
    struct sent sent;
    if (sv_ctx_reported(se->cx, n) || !nginx_secret(se, n, &sent))
        return;
    for (size_t i = level; i < all.n && se->asked < SV_MAX_RELAYS_ASKED; i++) {
        const struct sv_scope *in = all.v[i];
        while (in && in != at)
            in = in->parent;
        const char *target = in ? target_of(se, all.v[i]) : NULL;
        if (!in)
            return;
        if (!target)
            continue;
        se->asked++;
        struct sv_answer ans = sv_ctx_ask(se->cx, v, target);
        if (!nginx_sends(at, n, &sent, &ans))
            continue;
        report(se, v, n, &sent, target, &ans);
        return;
    }
}

static void nginx(struct sender *se)
{
    sv_vec_each(v, &se->site->vhosts)
    {
        struct sv_scopes all = sv_vhost_scopes(*v);
        for (size_t i = 0; i < all.n && sv_vhost_on_network(*v); i++) {
            sv_node_each(n, all.v[i]->node)
            {
                nginx_line(se, *v, i, n);
            }
        }
    }
}

/* ---- httpd ---- */

static bool apache_secret(struct sender *se, const struct sv_node *n, struct sent *ret)
{
    if (sv_node_is(n, "redirect"))
        return in_text(se, sv_node_arg(n, n->n_args - 1), ret);
    if (sv_node_is(n, "errordocument"))
        return in_text(se, sv_node_arg(n, 1), ret);
    uint32_t at = sv_slice_is_nocase(sv_node_arg(n, 0), "always") ? 2 : 1;
    struct sv_slice verb = sv_node_arg(n, at - 1);
    bool sets = sv_slice_is_nocase(verb, "set") || sv_slice_is_nocase(verb, "add") ||
                sv_slice_is_nocase(verb, "append") || sv_slice_is_nocase(verb, "merge") ||
                sv_slice_is_nocase(verb, "setifempty");
    return sv_node_is(n, "header") && sets && n->n_args == at + 2 &&
           in_header(se, sv_node_arg(n, at), sv_node_arg(n, at + 1), ret);
}

/* The path to ask for; an error is asked for by what gives it. */
static const char *apache_target(struct sender *se, const struct sv_scope *at,
                                 const struct sv_node *n)
{
    struct sv_slice path = at->kind == SV_SCOPE_LOCATION ? at->name : SV_LIT("/");
    if (at->kind == SV_SCOPE_LOCATION && at->match != SV_MATCH_PREFIX)
        return NULL;
    if (at->kind == SV_SCOPE_DIRECTORY && !sv_node_is(n, "redirect")) {
        struct sv_places places = {0};
        if (at->match == SV_MATCH_PREFIX)
            sv_ctx_places(se->cx, se->site, sv_arena_copy(&se->own, at->name).p, &places);
        return places.list.n ? sv_arena_printf(sv_ctx_arena(se->cx), "%s/", places.list.v[0].target)
                             : NULL;
    }
    if (at->kind != SV_SCOPE_SERVER && at->kind != SV_SCOPE_LOCATION)
        return NULL;
    for (uint32_t i = 0; sv_node_is(n, "redirect") && i + 1 < n->n_args; i++)
        if (sv_node_arg(n, i).n && sv_node_arg(n, i).p[0] == '/')
            path = sv_node_arg(n, i);
    if (at->kind == SV_SCOPE_SERVER && sv_node_is(n, "errordocument"))
        path = sv_slice_is(sv_node_arg(n, 0), "404")   ? SV_LIT("/no-such-page")
               : sv_slice_is(sv_node_arg(n, 0), "403") ? SV_LIT("/.htaccess")
                                                       : path;
    return sv_uri_escape(sv_ctx_arena(se->cx), path);
}

static bool apache_sends(const struct sv_node *n, const struct sent *sent,
                         const struct sv_answer *ans)
{
    unsigned long long code;
    if (sv_node_is(n, "redirect"))
        return ans->outcome == SV_OUT_REDIRECT && shows(ans, sent->value);
    if (sv_node_is(n, "errordocument"))
        return sv_slice_u64(sv_node_arg(n, 0), &code) && ans->status == (int)code &&
               sv_node_arg(n, 1).p[0] != '/';
    return carries_headers(ans, sv_slice_is_nocase(sv_node_arg(n, 0), "always"));
}

/* What the main server sets holds for every virtual host. */
static void apache_line(struct sender *se, const struct sv_scope *at, const struct sv_node *n)
{
    struct sent sent;
    if (sv_ctx_reported(se->cx, n) || !apache_secret(se, n, &sent))
        return;
    const char *target = apache_target(se, at, n);
    sv_vec_each(v, &se->site->vhosts)
    {
        bool holds = *v == at->vhost || !at->vhost ||
                     (at->vhost->apache && at->vhost->apache->is_main);
        if (!target || !holds || !sv_vhost_on_network(*v) || se->asked++ >= SV_MAX_RELAYS_ASKED)
            continue;
        struct sv_answer ans = sv_ctx_ask(se->cx, *v, target);
        if (!apache_sends(n, &sent, &ans))
            continue;
        report(se, *v, n, &sent, target, &ans);
        return;
    }
}

static void apache(struct sender *se)
{
    sv_vec_each(at, &se->site->scopes)
    {
        sv_node_each(n, (*at)->node)
        {
            if (sv_node_is(n, "redirect") || sv_node_is(n, "errordocument") ||
                sv_node_is(n, "header"))
                apache_line(se, *at, n);
        }
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sender se = {.cx = cx, .site = s->site};
    if (s->site->kind == SV_SITE_NGINX)
        nginx(&se);
    else
        apache(&se);
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
    .why = "What return, Redirect and ErrorDocument answer, what add_header and Header add, and what "
           "sub_filter puts into pages goes to every visitor, however well the configuration is kept.",
    .fix = "Send no key: let a program on the server keep it and make the call.",
    .bad = "location = /config { return 200 '{\"apiKey\": \"...\"}'; }",
    .good = "location = /api/ { proxy_pass http://127.0.0.1:3000; }   # which holds the key",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_SITE,
    .run = run,
};
