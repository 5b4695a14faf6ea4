// SPDX-License-Identifier: Apache-2.0
// nginx.response-splitting: a decoded newline of the URL gets into a header or a request line.
#include "engine/check.h"
#include "model/taint.h"

static bool is_url(struct sv_slice s)
{
    return sv_slice_starts(s, "http://") || sv_slice_starts(s, "https://") ||
           sv_slice_starts(s, "$scheme");
}

/* The part of the directive that ends up in a header line or a request line. */
static struct sv_slice sink(const struct sv_node *n, const char **ret_where)
{
    struct sv_slice first = sv_node_arg(n, 0), second = sv_node_arg(n, 1);
    unsigned long long code;
    *ret_where = "answer";
    if (sv_node_is(n, "return")) {
        if (n->n_args == 1)
            return is_url(first) ? first : SV_LIT("");
        return sv_slice_u64(first, &code) && code >= 301 && code <= 308 ? second : SV_LIT("");
    }
    if (sv_node_is(n, "rewrite")) {
        struct sv_slice flag = sv_node_arg(n, 2);
        bool leaves = is_url(second) || sv_slice_is(flag, "redirect") || sv_slice_is(flag, "permanent");
        return leaves ? second : SV_LIT("");
    }
    if (sv_node_is(n, "add_header"))
        return second;
    *ret_where = "request to the upstream server";
    return sv_node_is(n, "proxy_pass") ? first : second;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const char *where;
    struct sv_slice text = sink(s->node, &where);
    unsigned bits = SV_TAINT_URI | SV_TAINT_NEWLINE;
    /* The groups of a rewrite are escaped again before they are sent; $uri is not. */
    unsigned taint = sv_node_is(s->node, "rewrite")
                         ? sv_taint_of_rewrite(s->scope, SV_LIT("^"), text)
                         : sv_taint_of(s->scope, text);
    if (!(taint & bits))
        return;
    struct sv_slice var = sv_taint_culprit(s->scope, text, bits);
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, s->node,
        "%.*s is the decoded path: a URL with %%0d%%0a in it writes header lines of its own into the %s",
        (int)var.n, var.p, where);
    if ((taint & SV_TAINT_URI) && sv_node_is(s->node, "rewrite"))
        sv_finding_fix(cx, f, "Use $request_uri, which stays as it was sent, and end with \"?\": the "
                              "query is in it already.");
    else if (taint & SV_TAINT_URI)
        sv_finding_fix(cx, f, "Use $request_uri, which stays as it was sent.");
    else
        sv_finding_fix(cx, f, "Keep newlines out of the group, for example [^/\\n\\r] for [^/].");
}

static const char *const directives[] = {"return",           "rewrite",    "add_header",
                                         "proxy_set_header", "proxy_pass", NULL};
static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_core_module.html#var_uri",
                                   "https://owasp.org/www-community/attacks/HTTP_Response_Splitting",
                                   NULL};

const struct sv_check sv_check_nginx_response_splitting = {
    SV_CHECK_HEADER,
    .id = "nginx.response-splitting", .servers = SV_SITE_NGINX,
    .title = "A newline in the URL ends up in a header",
    .why = "$uri and groups of the decoded path can hold CR and LF. In a redirect, an added header or "
           "an upstream request these start new lines: cookies, caches and other users' answers can "
           "be forged.",
    .fix = "Use $request_uri, or a pattern that newlines do not match.",
    .bad = "return 301 https://$host$uri;",
    .good = "return 301 https://$host$request_uri;",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_DIRECTIVE,
    .directives = directives,
    .run = run,
};
