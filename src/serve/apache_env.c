// SPDX-License-Identifier: Apache-2.0
// Environment variables of a request, and mod_setenvif which sets them from what was asked.
#include "base/buf.h"
#include "serve/apache_rewrite.h"

static struct ap_var *find(const struct ap_run *r, struct sv_slice name)
{
    sv_vec_each(it, &r->env)
        if (sv_slice_eq_nocase(it->name, name))
            return it;
    return NULL;
}

/* The variable itself, or as REDIRECT_name the one of the request before the redirect. */
static const struct ap_var *find_any(const struct ap_run *r, struct sv_slice name)
{
    for (int i = 0; r && i < SV_MAX_SYMLINKS; i++) {
        const struct ap_var *v = find(r, name);
        if (v || name.n < 9 || !sv_slice_is_nocase(sv_slice_sub(name, 0, 9), "REDIRECT_"))
            return v;
        name = sv_slice_sub(name, 9, name.n);
        r = r->prev;
    }
    return NULL;
}

bool ap_env_get(struct ap_run *r, struct sv_slice name, struct sv_value *ret)
{
    const struct ap_var *v = find_any(r, name);
    if (v) {
        if (v->condition && !r->ans.condition)
            r->ans.condition = v->condition;
        if (!v->unset)
            *ret = v->value;
        return !v->unset;
    }
    if (sv_slice_is_nocase(name, "REDIRECT_STATUS") && (r->prev || r->redirects)) {
        *ret = SV_KNOWN(sv_slice_of(
            sv_arena_printf(r->a, "%d", r->error_status ? r->error_status : 200)));
        return true;
    }
    if (sv_slice_is_nocase(name, "UNIQUE_ID") && ap_module(r, "mod_unique_id.c")) {
        *ret = (struct sv_value){.s = {"", 0}, .why = "the variable UNIQUE_ID"};
        return true;
    }
    return false;
}

static void set(struct ap_run *r, const struct ap_var *value)
{
    struct ap_var *v = find(r, value->name);
    if (v)
        *v = *value;
    else
        sv_vec_push(r->a, &r->env, *value);
}

void ap_env_set(struct ap_run *r, struct sv_slice name, struct sv_value v, const char *condition)
{
    set(r, &(struct ap_var){.name = name, .value = v, .condition = condition});
}

void ap_env_unset(struct ap_run *r, struct sv_slice name)
{
    if (find(r, name))
        set(r, &(struct ap_var){.name = name, .unset = true});
}

struct sv_value ap_os_env(struct ap_run *r, struct sv_slice name)
{
    static const char *const usual[] = {"PATH", "LANG",    "HOME", "PWD",           "SHELL",
                                        "USER", "LOGNAME", "TERM", "INVOCATION_ID", "OLDPWD"};
    sv_vec_each(it, &r->site->apache->tree.environment)
        if (sv_slice_eq(it->name, name))
            return SV_KNOWN(it->value);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (sv_slice_is(name, usual[i]))
            return (struct sv_value){
                .s = {"", 0},
                .why = sv_arena_printf(r->a, "the variable %s of the service", usual[i])};
    return SV_KNOWN(SV_LIT(""));
}

struct sv_value ap_env_value(struct ap_run *r, struct sv_slice name)
{
    struct sv_value v = SV_KNOWN(SV_LIT(""));
    return ap_env_get(r, name, &v) ? v : ap_os_env(r, name);
}

/* ---- mod_setenvif ---- */

/* What a line looks at, and on which condition. */
struct attribute {
    struct sv_value v;
    const char *condition;
};

static struct attribute no_header(struct ap_run *r, struct sv_slice name)
{
    return (struct attribute){
        .v = SV_KNOWN(SV_LIT("")),
        .condition = sv_arena_printf(r->a, "the request does not send the header %.*s",
                                     (int)name.n, name.p)};
}

/* A name with other bytes than these is a regular expression over the names of headers. */
static bool is_pattern(struct sv_slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return true;
    }
    return false;
}

static struct attribute attribute(struct ap_run *r, struct sv_slice name)
{
    static const struct {
        const char *name, *variable;
    } table[] = {
        {"remote_host", "REMOTE_HOST"},       {"remote_addr", "REMOTE_ADDR"},
        {"server_addr", "SERVER_ADDR"},       {"request_method", "REQUEST_METHOD"},
        {"request_protocol", "SERVER_PROTOCOL"}, {"request_uri", "REQUEST_URI"},
    };
    struct attribute at = {.v = SV_KNOWN(SV_LIT(""))};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (sv_slice_is_nocase(name, table[i].name)) {
            (void)ap_var_plain(r, sv_slice_of(table[i].variable), &at.v);
            return at;
        }
    }
    bool host = sv_slice_is_nocase(name, "Host");
    if (is_pattern(name)) {
        struct sv_regex *re =
            sv_regex_get(r->site->regexes, name, SV_REGEX_NOCASE | SV_REGEX_HTTPD, NULL);
        host = re && sv_regex_match(re, SV_LIT("Host"), 0, NULL) == SV_MATCH_YES;
    }
    if (host) {
        at.v = ap_header(r, SV_LIT("Host"));
        return at;
    }
    const struct ap_var *v = find_any(r, name);
    if (!v)
        return no_header(r, name);
    at.condition = v->condition;
    if (!v->unset)
        at.v = v->value;
    return at;
}

static struct sv_slice substitute(struct ap_run *r, struct sv_slice text, const struct sv_match *m)
{
    _cleanup_buf_ struct sv_buf out = {0};
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '$' && i + 1 < text.n && text.p[i + 1] >= '0' && text.p[i + 1] <= '9') {
            unsigned n = (unsigned)(text.p[++i] - '0');
            if (n < m->n && m->group[n].p)
                sv_buf_add(&out, sv_slice_sub(m->group[n], 0, SV_MAX_SUBST_BYTES));
            if (out.n > SV_MAX_SUBST_BYTES)
                break;
            continue;
        }
        if (c == '\\' && i + 1 < text.n)
            c = text.p[++i];
        sv_buf_addc(&out, c);
        if (out.n > SV_MAX_SUBST_BYTES)
            break;
    }
    return sv_arena_copy(r->a, sv_buf_slice(&out));
}

/* One word behind the pattern: NAME, NAME=value or !NAME. */
static void assign(struct ap_run *r, struct sv_slice word, const struct sv_match *m,
                   const char *condition, const char *why)
{
    size_t eq = sv_slice_chr(word, '=');
    bool unset = word.n && word.p[0] == '!';
    struct ap_var v = {.name = sv_slice_sub(word, unset ? 1 : 0, eq),
                       .unset = unset && !why,
                       .condition = condition};
    v.value = SV_KNOWN(eq < word.n ? sv_slice_sub(word, eq + 1, word.n) : SV_LIT("1"));
    if (why)
        v.value = (struct sv_value){.s = {"", 0}, .why = why};
    else if (m)
        v.value.s = substitute(r, v.value.s, m);
    r->env_bytes += v.value.s.n;
    if (v.value.s.n > SV_MAX_SUBST_BYTES || r->env_bytes > SV_MAX_APACHE_ENV)
        v.value = (struct sv_value){.s = {"", 0}, .why = "a variable that grows beyond all measure"};
    set(r, &v);
}

/* No match: what was set stays, but now depends on what the request does not send. */
static void keep(struct ap_run *r, struct sv_slice word, const char *condition)
{
    if (!condition)
        return;
    bool unset = word.n && word.p[0] == '!';
    struct sv_slice name = sv_slice_sub(word, unset ? 1 : 0, sv_slice_chr(word, '='));
    struct ap_var *v = find(r, name);
    if (!v)
        sv_vec_push(r->a, &r->env,
                    (struct ap_var){.name = name, .unset = true, .condition = condition});
    else if (!v->condition)
        v->condition = condition;
}

static void run_line(struct ap_run *r, const struct sv_node *n)
{
    struct sv_match m = {0};
    struct attribute at = {.v = SV_KNOWN(SV_LIT(""))};
    bool browser = sv_slice_starts(n->name, "browsermatch");
    uint32_t first = browser ? 1 : 2;
    enum sv_truth t;
    if (sv_node_is(n, "setenvifexpr")) {
        const char *old = r->ans.condition;
        r->ans.condition = NULL;
        t = ap_expr_match(r, sv_node_arg(n, 0), &m, &at.v.why);
        at.condition = r->ans.condition;
        r->ans.condition = old;
        first = 1;
    } else {
        unsigned flags = SV_REGEX_HTTPD;
        if (sv_slice_ends(n->name, "nocase"))
            flags |= SV_REGEX_NOCASE;
        struct sv_regex *re =
            sv_regex_get(r->site->regexes, sv_node_arg(n, browser ? 0 : 1), flags, NULL);
        at = attribute(r, browser ? SV_LIT("User-Agent") : sv_node_arg(n, 0));
        enum sv_match_result x =
            re && !at.v.why ? sv_regex_match(re, at.v.s, 0, &m) : SV_MATCH_LIMIT;
        t = x == SV_MATCH_YES ? SV_TRUE : x == SV_MATCH_NO ? SV_FALSE : SV_MAYBE;
        if (t == SV_MAYBE && !at.v.why)
            at.v.why = "a SetEnvIf whose regular expression cannot be evaluated";
    }
    for (uint32_t i = first; i < n->n_args; i++) {
        if (t == SV_FALSE)
            keep(r, sv_node_arg(n, i), at.condition);
        else
            assign(r, sv_node_arg(n, i), &m, at.condition, t == SV_MAYBE ? at.v.why : NULL);
    }
}

static bool is_line(const struct sv_node *n)
{
    return n->kind == SV_NODE_DIRECTIVE && n->n_args > 1 &&
           (sv_slice_starts(n->name, "setenvif") || sv_slice_starts(n->name, "browsermatch"));
}

static void run_scope(struct ap_run *r, const struct sv_scope *s)
{
    sv_node_each(n, s->node)
        if (is_line(n))
            run_line(r, n);
}

void ap_setenvif(struct ap_run *r, bool server_level)
{
    const struct sv_scope *main_scope = r->server->main_scope, *own = r->vhost->scope;
    if (!ap_module(r, "mod_setenvif.c"))
        return;
    if (server_level) {
        if (main_scope)
            run_scope(r, main_scope);
        if (own != main_scope)
            run_scope(r, own);
        return;
    }
    sv_vec_each(l, &r->levels)
        if (l->scope != main_scope && l->scope != own)
            run_scope(r, l->scope);
}

/* mod_env runs among the fixups: what it sets is there for sub-requests and redirects from then on.
 * SetEnvIf outweighs it, and UnsetEnv only takes away what it set itself. */
void ap_mod_env(struct ap_run *r)
{
    SV_VEC(struct ap_var) vars = {0};
    sv_vec_each(l, &r->levels)
    {
        for (const struct sv_node *n = l->scope->node->first; n; n = n->next) {
            bool set = sv_node_is(n, "setenv"), pass = sv_node_is(n, "passenv");
            if (!set && !pass && !sv_node_is(n, "unsetenv"))
                continue;
            for (uint32_t i = 0; i < (set ? 1 : n->n_args); i++) {
                struct ap_var var = {.name = sv_node_arg(n, i), .unset = !set && !pass};
                if (!var.unset)
                    var.value = set ? SV_KNOWN(sv_node_arg(n, 1)) : ap_os_env(r, var.name);
                sv_vec_push(r->a, &vars, var);
            }
        }
    }
    for (size_t i = vars.n; i-- > 0;) { /* the last line about a name counts */
        struct sv_value v;
        bool later = false;
        for (size_t k = i + 1; k < vars.n && !later; k++)
            later = sv_slice_eq(vars.v[k].name, vars.v[i].name);
        if (!later && !vars.v[i].unset && !ap_env_get(r, vars.v[i].name, &v))
            ap_env_set(r, vars.v[i].name, vars.v[i].value, NULL);
    }
}
