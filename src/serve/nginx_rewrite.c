// SPDX-License-Identifier: Apache-2.0
// The rewrite module: set, if, rewrite, return and break, in the order of the configuration.
#include "serve/nginx.h"
#include "serve/percent.h"

/* Outcome of running a list of directives. */
enum flow { FLOW_GO, FLOW_EXIT, FLOW_STEP };

struct rewriter {
    struct ngx_run *r;
    bool changed;        /* nginx: r->uri_changed */
    enum ngx_step step;  /* for FLOW_STEP */
};

static enum flow stop(struct rewriter *w, enum ngx_step step)
{
    w->step = step;
    return FLOW_STEP;
}

static bool is_url(struct sv_slice s)
{
    return sv_slice_starts(s, "http://") || sv_slice_starts(s, "https://") ||
           sv_slice_starts(s, "$scheme");
}

/* ---- return ---- */

static enum flow do_return(struct rewriter *w, const struct sv_node *n)
{
    struct ngx_run *r = w->r;
    struct sv_slice first = sv_node_arg(n, 0);
    unsigned long long code;
    ngx_why(r, n);
    if (!sv_slice_u64(first, &code)) {
        struct sv_value v = ngx_expand(r, first);
        return stop(w, v.why ? ngx_unknown(r, v.why) : ngx_redirect(r, 302, v.s));
    }
    int status = code > 999 ? 500 : (int)code;
    bool redirect = status == 301 || status == 302 || status == 303 || status == 307 ||
                    status == 308;
    if (n->n_args > 1 && redirect) {
        struct sv_value v = ngx_expand(r, sv_node_arg(n, 1));
        return stop(w, v.why ? ngx_unknown(r, v.why) : ngx_redirect(r, status, v.s));
    }
    if (status < 400 || n->n_args > 1)
        return stop(w, status >= 300 && status < 400 && n->n_args == 1
                           ? ngx_finalise(r, status)
                           : ngx_send(r, SV_OUT_RETURN, status));
    if (status == 444)
        return stop(w, ngx_send(r, SV_OUT_RETURN, 444));
    return stop(w, ngx_finalise(r, status));
}

/* ---- rewrite ---- */

/* Captures go into arguments and redirects percent-encoded if the URI was (ngx_http_script). */
static struct sv_value substitute(struct ngx_run *r, struct sv_slice text, bool quote)
{
    if (!quote || !r->quoted)
        return ngx_expand(r, text);
    struct sv_match plain = r->caps;
    for (unsigned i = 0; i < r->caps.n && i < SV_REGEX_GROUPS; i++)
        if (r->caps.group[i].p)
            r->caps.group[i] = ngx_escape(r->a, r->caps.group[i], true);
    struct sv_value v = ngx_expand(r, text);
    r->caps = plain;
    return v;
}

static struct sv_slice join_args(struct ngx_run *r, struct sv_slice a, const char *sep,
                                 struct sv_slice b)
{
    return sv_slice_of(sv_arena_printf(r->a, "%.*s%s%.*s", (int)a.n, a.p, sep, (int)b.n, b.p));
}

/* Up to the query, %XX of a printable character above '%' is decoded (NGX_UNESCAPE_REDIRECT). */
static struct sv_slice unescape_redirect(struct ngx_run *r, struct sv_slice s)
{
    char *out = sv_arena_alloc(r->a, s.n + 1);
    size_t n = 0, i = 0;
    while (i < s.n && s.p[i] != '?') {
        int c = sv_percent_byte(s, i);
        if (c > '%' && c < 0x7f) {
            out[n++] = (char)c;
            i += 3;
            if (c == '?')
                break;
            continue;
        }
        out[n++] = s.p[i++];
    }
    memcpy(out + n, s.p + i, s.n - i);
    return (struct sv_slice){out, n + s.n - i};
}

static enum flow redirect_to(struct rewriter *w, struct sv_slice repl, bool add_args, int status)
{
    struct ngx_run *r = w->r;
    struct sv_value v = substitute(r, repl, true);
    if (v.why)
        return stop(w, ngx_unknown(r, v.why));
    struct sv_slice to = unescape_redirect(r, v.s);
    if (add_args && r->args.n)
        to = join_args(r, to, sv_slice_chr(repl, '?') < repl.n ? "&" : "?", r->args);
    return stop(w, ngx_redirect(r, status, to));
}

static enum flow new_uri(struct rewriter *w, struct sv_slice repl, bool add_args)
{
    struct ngx_run *r = w->r;
    size_t q = sv_slice_chr(repl, '?');
    struct sv_value uri = substitute(r, sv_slice_sub(repl, 0, q), false);
    if (uri.why)
        return stop(w, ngx_unknown(r, uri.why));
    if (q < repl.n) {
        struct sv_value args = substitute(r, sv_slice_sub(repl, q + 1, repl.n), true);
        if (args.why)
            return stop(w, ngx_unknown(r, args.why));
        r->args = add_args && r->args.n ? join_args(r, args.s, "&", r->args) : args.s;
    } else if (!add_args) {
        r->args = SV_LIT("");
    }
    if (uri.s.n == 0)
        return stop(w, ngx_finalise(r, 500));
    r->uri = uri.s;
    return FLOW_GO;
}

static enum flow do_rewrite(struct rewriter *w, const struct sv_node *n)
{
    struct ngx_run *r = w->r;
    struct sv_regex *re = sv_regex_get(r->site->regexes, sv_node_arg(n, 0), 0, NULL);
    if (!re)
        return stop(w, ngx_unknown(r, "a rewrite with an invalid regular expression"));
    switch (ngx_regex(r, re, r->uri)) {
    case SV_MATCH_NO:
        r->caps.n = 0; /* a failed match empties $1 and the rest */
        return FLOW_GO;
    case SV_MATCH_LIMIT:
        return stop(w, ngx_unknown(r, "a rewrite's regular expression hits the match limit"));
    case SV_MATCH_YES:
        break;
    }
    ngx_why(r, n);
    struct sv_slice repl = sv_node_arg(n, 1), flag = sv_node_arg(n, 2);
    bool add_args = repl.n == 0 || repl.p[repl.n - 1] != '?';
    if (!add_args)
        repl.n--;
    if (sv_slice_is(flag, "permanent"))
        return redirect_to(w, repl, add_args, 301);
    if (sv_slice_is(flag, "redirect") || is_url(repl))
        return redirect_to(w, repl, add_args, 302);
    enum flow f = new_uri(w, repl, add_args);
    if (f != FLOW_GO)
        return f;
    r->internal = true;
    if (sv_slice_is(flag, "break")) {
        r->valid_location = false;
        w->changed = false;
        return FLOW_EXIT;
    }
    w->changed = true;
    return sv_slice_is(flag, "last") ? FLOW_EXIT : FLOW_GO;
}

/* ---- if ---- */

static enum sv_truth file_test(struct ngx_run *r, struct sv_slice op, struct sv_slice arg,
                               const char **ret_why)
{
    struct sv_value v = ngx_expand(r, arg);
    if (v.why) {
        *ret_why = v.why;
        return SV_MAYBE;
    }
    bool negate = op.p[0] == '!';
    char test = op.p[op.n - 1];
    struct ngx_file f = ngx_stat(r, sv_site_path(r->site, r->a, v.s), false);
    bool yes = f.error == 0 && ((test == 'f' && f.is_file) || (test == 'd' && f.is_dir) ||
                                test == 'e' || (test == 'x' && f.is_exec));
    return sv_truth_of(yes != negate);
}

static enum sv_truth compare(struct ngx_run *r, struct sv_slice var, struct sv_slice op,
                             struct sv_slice arg, const char **ret_why)
{
    bool negate = op.p[0] == '!';
    struct sv_value left = ngx_expand(r, var);
    if (left.why) {
        *ret_why = left.why;
        return SV_MAYBE;
    }
    if (sv_slice_ends(op, "=")) {
        struct sv_value right = ngx_expand(r, arg);
        if (right.why) {
            *ret_why = right.why;
            return SV_MAYBE;
        }
        return sv_truth_of(sv_slice_eq(left.s, right.s) != negate);
    }
    unsigned flags = sv_slice_ends(op, "*") ? SV_REGEX_NOCASE : 0;
    struct sv_regex *re = sv_regex_get(r->site->regexes, arg, flags, NULL);
    enum sv_match_result m = re ? ngx_regex(r, re, left.s) : SV_MATCH_LIMIT;
    if (m == SV_MATCH_LIMIT) {
        *ret_why = "an if whose regular expression cannot be evaluated";
        return SV_MAYBE;
    }
    if (m == SV_MATCH_NO)
        r->caps.n = 0;
    return sv_truth_of((m == SV_MATCH_YES) != negate);
}

static enum sv_truth condition(struct ngx_run *r, const struct sv_node *n, const char **ret_why)
{
    struct sv_slice w[3];
    unsigned count = sv_condition_words(n, w);
    if (count == 1) {
        struct sv_value v = ngx_expand(r, w[0]);
        *ret_why = v.why;
        if (v.why)
            return SV_MAYBE;
        return sv_truth_of(v.s.n && !sv_slice_is(v.s, "0"));
    }
    if (count == 2)
        return file_test(r, w[0], w[1], ret_why);
    if (count == 3 && w[1].n)
        return compare(r, w[0], w[1], w[2], ret_why);
    *ret_why = "an if condition that is not understood";
    return SV_MAYBE;
}

static enum flow run_list(struct rewriter *w, const struct sv_scope *level);

static enum flow do_if(struct rewriter *w, const struct sv_scope *level, const struct sv_node *n)
{
    struct ngx_run *r = w->r;
    const char *why = NULL;
    enum sv_truth t = condition(r, n, &why);
    if (t == SV_FALSE)
        return FLOW_GO;
    ngx_why(r, n);
    if (t == SV_MAYBE)
        return stop(w, ngx_unknown(r, why));
    sv_vec_each(it, &level->ifs)
    {
        if ((*it)->node != n)
            continue;
        /* A server's if does not switch the configuration, a location's does. */
        if (sv_scope_location(level)->kind == SV_SCOPE_LOCATION)
            ngx_enter(r, *it);
        return run_list(w, *it);
    }
    return FLOW_GO;
}

static enum flow run_directive(struct rewriter *w, const struct sv_scope *level,
                               const struct sv_node *n)
{
    if (sv_node_is(n, "if"))
        return do_if(w, level, n);
    if (sv_node_is(n, "rewrite"))
        return do_rewrite(w, n);
    if (sv_node_is(n, "return"))
        return do_return(w, n);
    if (sv_node_is(n, "break")) {
        w->changed = false;
        return FLOW_EXIT;
    }
    if (sv_node_is(n, "set")) {
        struct sv_slice name = sv_node_arg(n, 0);
        struct sv_value v = ngx_expand(w->r, sv_node_arg(n, 1));
        if (sv_slice_is_nocase(name, "$args")) {
            if (v.why)
                return stop(w, ngx_unknown(w->r, v.why));
            w->r->args = v.s;
        } else if (name.n > 1) {
            ngx_var_set(w->r, sv_slice_sub(name, 1, name.n), v);
        }
    } else if (sv_slice_starts(n->name, "rewrite_by_lua") ||
               sv_slice_starts(n->name, "server_rewrite_by_lua")) {
        ngx_why(w->r, n);
        return stop(w, ngx_unknown(w->r, "a Lua handler"));
    } else if (sv_slice_starts(n->name, "set_by_lua") && n->n_args) {
        struct sv_slice name = sv_node_arg(n, 0);
        ngx_var_set(w->r, sv_slice_sub(name, 1, name.n),
                    (struct sv_value){.s = {"", 0}, .why = "a variable set by Lua"});
    }
    return FLOW_GO;
}

static enum flow run_list(struct rewriter *w, const struct sv_scope *level)
{
    sv_node_each(n, level->node)
    {
        enum flow f = run_directive(w, level, n);
        if (f != FLOW_GO)
            return f;
    }
    return FLOW_GO;
}

enum ngx_step ngx_rewrite_phase(struct ngx_run *r, const struct sv_scope *level)
{
    struct rewriter w = {.r = r};
    if (!level->rewrites)
        return NGX_NEXT;
    if (run_list(&w, level) == FLOW_STEP)
        return w.step;
    if (!w.changed)
        return NGX_NEXT;
    if (level->kind == SV_SCOPE_SERVER)
        return NGX_NEXT; /* the location is looked up next in any case */
    if (--r->uri_changes == 0)
        return ngx_finalise(r, 500);
    return NGX_FIND;
}
