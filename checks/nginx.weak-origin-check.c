// SPDX-License-Identifier: Apache-2.0
// nginx.weak-origin-check: a pattern on Origin or Referer that foreign sites match too.
#include <ctype.h>

#include "engine/check.h"

enum { MAX_NAMES = 16 };

/* The next run of host name characters with a dot in it, "\." read as "."; false at the end. */
static bool next_name(struct sv_arena *a, struct sv_slice re, size_t *io, struct sv_slice *ret)
{
    char *out = sv_arena_alloc(a, re.n + 1);
    size_t i = *io;
    while (i < re.n) {
        size_t n = 0, dots = 0;
        for (; i < re.n; i++) {
            bool dot = re.p[i] == '.' || (re.p[i] == '\\' && i + 1 < re.n && re.p[i + 1] == '.');
            if (!dot && !isalnum((unsigned char)re.p[i]) && re.p[i] != '-')
                break;
            i += re.p[i] == '\\';
            dots += dot && n > 0;
            if (!dot || n > 0)
                out[n++] = re.p[i];
        }
        i++;
        if (dots && isalpha((unsigned char)out[n - 1])) {
            out[n] = '\0';
            *ret = (struct sv_slice){out, n};
            *io = i;
            return true;
        }
    }
    *io = i;
    return false;
}

/* Origins that nobody but the owner of `name` controls do not look like these. */
static const char *foreign(struct sv_arena *a, struct sv_regex *re, struct sv_slice name,
                           bool referer)
{
    size_t dot = sv_slice_chr(name, '.');
    bool sub = sv_slice_chr(sv_slice_sub(name, dot + 1, name.n), '.') < name.n - dot - 1;
    int n = (int)name.n, d = (int)dot;
    const char *tries[] = {
        sv_arena_printf(a, "https://%.*s.attacker.test%s", n, name.p, referer ? "/" : ""),
        sv_arena_printf(a, "https://attacker-%.*s%s", n, name.p, referer ? "/" : ""),
        sub ? sv_arena_printf(a, "https://%.*sx%.*s%s", d, name.p, n - d - 1, name.p + d + 1,
                              referer ? "/" : "") : NULL,
        referer ? sv_arena_printf(a, "https://attacker.test/?%.*s", n, name.p) : NULL,
        referer ? sv_arena_printf(a, "https://attacker.test/https://%.*s/", n, name.p) : NULL,
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i] && sv_regex_match(re, sv_slice_of(tries[i]), 0, NULL) == SV_MATCH_YES)
            return tries[i];
    return NULL;
}

static void judge(struct sv_ctx *cx, const struct sv_node *at, struct sv_slice pattern,
                  unsigned flags, bool referer)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_regex *re = sv_regex_get(sv_ctx_regexes(cx), pattern, flags, NULL);
    struct sv_slice name;
    size_t i = 0;
    for (int tried = 0; re && tried < MAX_NAMES && next_name(a, pattern, &i, &name); tried++) {
        const char *other = foreign(a, re, name, referer);
        if (!other)
            continue;
        struct sv_finding *f =
            sv_report_at(cx, SV_MEDIUM, at, "this pattern for %s lets %s in as well",
                         referer ? "Referer" : "Origin", other);
        sv_finding_fix(cx, f, "Anchor it at both ends and escape every dot, for example: "
                              "\"^https://([a-z0-9-]+\\.)?example\\.com%s\"",
                       referer ? "/" : "$");
        return;
    }
}

static bool is_origin(struct sv_slice var, bool *ret_referer)
{
    *ret_referer = sv_slice_is_nocase(var, "$http_referer");
    return *ret_referer || sv_slice_is_nocase(var, "$http_origin");
}

static void run_map(struct sv_ctx *cx, const struct sv_node *map)
{
    bool referer;
    if (!is_origin(sv_node_arg(map, 0), &referer))
        return;
    sv_node_each(n, map)
    {
        bool nocase = sv_slice_starts(n->name, "~*");
        struct sv_slice value = sv_node_arg(n, 0);
        if (!sv_slice_starts(n->name, "~") || value.n == 0 || sv_slice_is(value, "0"))
            continue; /* what maps to nothing lets nobody in */
        judge(cx, n, sv_slice_sub(n->name, nocase ? 2 : 1, n->name.n), nocase ? SV_REGEX_NOCASE : 0,
              referer);
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_slice w[3];
    bool referer;
    if (sv_node_is(s->node, "map")) {
        run_map(cx, s->node);
        return;
    }
    if (sv_condition_words(s->node, w) != 3 || !is_origin(w[0], &referer))
        return;
    bool negative = w[1].n && w[1].p[0] == '!';
    if (sv_slice_chr(w[1], '~') == w[1].n)
        return;
    /* `~` with a refusal is a block list, where matching more is no hole. */
    unsigned long long code = 0;
    const struct sv_node *ret = sv_node_find(s->node, "return");
    if (!negative && ret && sv_slice_u64(sv_node_arg(ret, 0), &code) && code >= 400)
        return;
    judge(cx, s->node, w[2], sv_slice_ends(w[1], "*") ? SV_REGEX_NOCASE : 0, referer);
}

static const char *const directives[] = {"if", "map", NULL};
static const char *const refs[] = {"https://www.rfc-editor.org/rfc/rfc6454",
                                   "https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS", NULL};

const struct sv_check sv_check_nginx_weak_origin_check = {
    SV_CHECK_HEADER,
    .id = "nginx.weak-origin-check", .servers = SV_SITE_NGINX,
    .title = "A check of Origin or Referer that foreign sites pass",
    .why = "Without anchors, or with dots that are not escaped, names such as "
           "example.com.attacker.test match too: pages there may read answers meant for the own site.",
    .fix = "Anchor the pattern at both ends and escape the dots.",
    .bad = "if ($http_origin ~ \"https://.*example.com\") { set $cors 1; }",
    .good = "if ($http_origin ~ \"^https://([a-z0-9-]+\\.)?example\\.com$\") { set $cors 1; }",
    .refs = refs,
    .severity = SV_MEDIUM,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
