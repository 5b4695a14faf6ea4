// SPDX-License-Identifier: Apache-2.0
// Conditions: guards on the raw URL, and directives that an if in a location does not carry.
#include <ctype.h>

#include "engine/check.h"
#include "serve/template.h"
#include "syntax/nginx.h"

/* The status that a block returns, 0 if it returns none. */
static unsigned returns(const struct sv_node *block)
{
    const struct sv_node *ret = sv_node_find(block, "return");
    unsigned long long code;
    return ret && sv_slice_u64(sv_node_arg(ret, 0), &code) && code < 1000 ? (unsigned)code : 0;
}

/* A map on $request_uri with regular expressions stands behind this variable. */
static const struct sv_node *raw_map(const struct sv_site *site, struct sv_slice var)
{
    if (var.n < 2 || var.p[0] != '$')
        return NULL;
    const struct sv_node *map = sv_site_table(site, sv_slice_sub(var, 1, var.n));
    bool raw = map && sv_node_is(map, "map") && sv_slice_is(sv_node_arg(map, 0), "$request_uri");
    return raw ? map : NULL;
}

/* What the guard is to refuse, and the same with an escaped letter: "/private" and "/%70rivate". */
static bool example(struct sv_ctx *cx, struct sv_slice op, struct sv_slice what,
                    const char **ret_plain, const char **ret_escaped)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    size_t at = 0;
    if (sv_slice_chr(op, '~') < op.n)
        what = sv_pattern_text(a, what, &(struct sv_bindings){0});
    while (at < what.n && !isalpha((unsigned char)what.p[at]))
        at++;
    if (at >= what.n || *sv_control(sv_arena_copy(a, what).p))
        return false;
    const char *slash = what.p[0] == '/' ? "" : "/";
    *ret_plain = sv_arena_printf(a, "%s%.*s", slash, (int)what.n, what.p);
    *ret_escaped = sv_arena_printf(a, "%s%.*s%%%02x%.*s", slash, (int)at, what.p,
                                   (unsigned)what.p[at], (int)(what.n - at - 1), what.p + at + 1);
    return true;
}

/* The same of the first row of a map that gives something. */
static bool map_example(struct sv_ctx *cx, const struct sv_node *map, const char **ret_plain,
                        const char **ret_escaped)
{
    for (const struct sv_node *n = map->first; n; n = n->next) {
        bool pattern = sv_slice_starts(n->name, "~"), nocase = sv_slice_starts(n->name, "~*");
        if (pattern && !sv_slice_is(sv_node_arg(n, 0), "0") &&
            example(cx, SV_LIT("~"), sv_slice_sub(n->name, 1 + nocase, n->name.n), ret_plain,
                    ret_escaped))
            return true;
    }
    return false;
}

static void run_raw(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice w[3];
    unsigned n = sv_condition_words(s->node, w), code = returns(s->node);
    bool refuses = code == 401 || code == 403 || code == 404 || code == 410 || code == 444;
    if (!refuses || n == 0 || n == 2 || n > 3)
        return;
    const struct sv_node *map = raw_map(s->site, w[0]);
    bool direct = n == 3 && sv_slice_is(w[0], "$request_uri") && w[1].n && w[1].p[0] != '!';
    if (!direct && !map)
        return;
    const char *plain = NULL, *escaped = NULL;
    bool shown = map ? map_example(cx, map, &plain, &escaped)
                     : example(cx, w[1], w[2], &plain, &escaped);
    struct sv_finding *f = sv_report_at(
        cx, SV_MEDIUM, s->node, "this guard looks at the URL as it was sent: %s%s%s and is not refused",
        shown ? escaped : "a path with one letter escaped",
        shown ? " asks for the same file as " : " asks for the same file", shown ? plain : "");
    sv_finding_evidence(cx, f, map);
    if (map)
        sv_finding_fix(cx, f, "map $uri %.*s {\nin place of $request_uri: $uri is decoded and cleaned.",
                       (int)w[0].n, w[0].p);
    else
        sv_finding_fix(cx, f, "if ($uri %.*s %s) {\nin place of $request_uri: $uri is decoded and cleaned.",
                       (int)w[1].n, w[1].p, sv_nginx_word(sv_ctx_arena(cx), w[2]));
}

static const char *const if_directive[] = {"if", NULL};
static const char *const uri_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_request_uri", NULL};

const struct sv_check sv_check_nginx_guard_on_raw_uri = {
    SV_CHECK_HEADER,
    .id = "nginx.guard-on-raw-uri", .servers = SV_SITE_NGINX,
    .title = "A guard that looks at the URL before it is decoded",
    .why = "$request_uri is the text as sent. nginx looks for the file with the decoded path, so one "
           "escaped letter gets around the guard.",
    .fix = "Guard with a location, or with $uri.",
    .bad = "if ($request_uri ~ \"/\\.env\") { return 403; }",
    .good = "location ~ /\\.env { return 403; }",
    .refs = uri_refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = if_directive,
    .run = run_raw,
};

/* What an if in a location does well: the rewrite module's own, and a few plain settings. */
static bool safe_in_if(const struct sv_node *n)
{
    static const char *const names[] = {"return", "rewrite", "set", "break", "if", "access_log",
                                        "include", "limit_rate", "rewrite_log", "more_set_headers"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_node_is(n, names[i]))
            return true;
    return false;
}

static const struct sv_node *unsafe(const struct sv_scope *condition)
{
    sv_node_each(n, condition->node)
    {
        if (!safe_in_if(n))
            return n;
    }
    return NULL;
}

static void run_unsafe(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_scope *own = s->scope, *loc = own->parent;
    if (own->kind != SV_SCOPE_IF || loc->kind != SV_SCOPE_LOCATION || returns(own->node))
        return;
    const struct sv_node *bad = unsafe(own), *try_files = sv_scope_own(loc, "try_files");
    const struct sv_scope *later = NULL;
    for (size_t i = bad ? loc->ifs.n : 0; i > 0 && !later && loc->ifs.v[i - 1]->id > own->id; i--)
        if (loc->ifs.v[i - 1]->kind == SV_SCOPE_IF && unsafe(loc->ifs.v[i - 1]))
            later = loc->ifs.v[i - 1];
    if (!bad || (!try_files && !later))
        return;
    struct sv_finding *f = sv_report_at(
        cx, SV_LOW, bad,
        try_files ? "when this condition holds, try_files of the location is not run: files that it keeps "
                    "from being served may be sent"
                  : "only the last condition that holds counts: \"%.*s\" here is lost when a later if holds",
        (int)bad->name.n, bad->name.p);
    sv_finding_evidence(cx, f, try_files ? try_files : later->node);
    sv_finding_fix(cx, f, "Choose the value with a map and use it outside of the if.");
}

static const char *const if_refs[] = {
    "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if", NULL};

const struct sv_check sv_check_nginx_unsafe_if = {
    SV_CHECK_HEADER,
    .id = "nginx.unsafe-if", .servers = SV_SITE_NGINX,
    .title = "An if in a location that switches other directives off",
    .why = "An if in a location is a hidden location of its own: when it holds, try_files of the outer "
           "one is gone, and of several ifs only the last one's settings stay.",
    .fix = "Inside if, only return, rewrite, set and break; values through map.",
    .bad = "location / {\n    try_files $uri /index.php;\n    if ($arg_x) { add_header X-A 1; }\n}",
    .good = "map $arg_x $x_a { default \"\"; ~. 1; }\nlocation / {\n    try_files $uri /index.php;\n"
            "    add_header X-A $x_a;\n}",
    .refs = if_refs,
    .severity = SV_LOW,
    .on = SV_ON_SCOPE,
    .run = run_unsafe,
};
