// SPDX-License-Identifier: Apache-2.0
// Compose's .env files and the interpolation of variables.
#include <ctype.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/container.h"

enum { MAX_NESTED = 8 }; /* defaults within defaults */

static const struct sv_dotenv_var *variable(const struct sv_dotenv *vars, struct sv_slice name)
{
    const struct sv_dotenv_var *hit = NULL;
    for (size_t i = 0; vars && i < vars->list.n; i++)
        if (sv_slice_eq(vars->list.v[i].name, name))
            hit = &vars->list.v[i];
    return hit;
}

static const struct sv_slice *value_of(const struct sv_dotenv *vars, struct sv_slice name)
{
    const struct sv_dotenv_var *hit = variable(vars, name);
    return hit ? &hit->value : NULL;
}

static size_t name_length(struct sv_slice s)
{
    size_t n = 0;
    while (n < s.n && (isalpha((unsigned char)s.p[n]) || s.p[n] == '_' ||
                       (n && isdigit((unsigned char)s.p[n]))))
        n++;
    return n;
}

/* The index of the brace that closes the one before `s`, or s.n. */
static size_t closing(struct sv_slice s)
{
    unsigned depth = 1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '{' && i && s.p[i - 1] == '$')
            depth++;
        else if (s.p[i] == '}' && --depth == 0)
            return i;
    }
    return s.n;
}

static void expand(struct sv_buf *out, struct sv_slice text, const struct sv_dotenv *vars,
                   unsigned depth);

/* What stands between the braces: a name, perhaps an operator and a word. */
static bool braces(struct sv_buf *out, struct sv_slice in, const struct sv_dotenv *vars,
                   unsigned depth)
{
    size_t n = name_length(in);
    const struct sv_slice *v = value_of(vars, sv_slice_sub(in, 0, n));
    bool colon = n < in.n && in.p[n] == ':';
    char op = n + colon < in.n ? in.p[n + colon] : 0;
    struct sv_slice word = sv_slice_sub(in, n + colon + 1, in.n);
    bool set = v && (!colon || v->n);
    if (n == 0)
        return false;
    if (op == '-' && !set)
        expand(out, word, vars, depth + 1);
    else if (op == '+' && set)
        expand(out, word, vars, depth + 1);
    else if (op != '+' && v)
        sv_buf_add(out, *v);
    else if (op != '+')
        return false;
    return true;
}

static void expand(struct sv_buf *out, struct sv_slice text, const struct sv_dotenv *vars,
                   unsigned depth)
{
    for (size_t i = 0; i < text.n; i++) {
        struct sv_slice rest = sv_slice_sub(text, i + 1, text.n);
        size_t n = name_length(rest), close;
        const struct sv_slice *v;
        if (text.p[i] != '$' || depth > MAX_NESTED || out->n > SV_MAX_SUBST_BYTES) {
            sv_buf_addc(out, text.p[i]);
        } else if (sv_slice_starts(rest, "$")) {
            sv_buf_addc(out, '$');
            i++;
        } else if (sv_slice_starts(rest, "{") &&
                   (close = closing(sv_slice_sub(rest, 1, rest.n))) + 1 < rest.n &&
                   braces(out, sv_slice_sub(rest, 1, close + 1), vars, depth)) {
            i += close + 2;
        } else if (n && (v = value_of(vars, sv_slice_sub(rest, 0, n)))) {
            sv_buf_add(out, *v);
            i += n;
        } else {
            sv_buf_addc(out, '$');
        }
    }
}

struct sv_slice sv_compose_expand(struct sv_arena *a, struct sv_slice text,
                                  const struct sv_dotenv *vars)
{
    _cleanup_buf_ struct sv_buf out = {0};
    if (sv_slice_chr(text, '$') == text.n)
        return text;
    expand(&out, text, vars, 0);
    return sv_arena_copy(a, sv_buf_slice(&out));
}

/* ---- .env ---- */

/* The value in quotes that begins at *at; false if the quote is not closed. */
static bool quoted(struct sv_slice text, size_t *at, struct sv_buf *out)
{
    char quote = text.p[*at];
    for (size_t i = *at + 1; i < text.n; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
        if (c == quote) {
            *at = i + 1;
            return true;
        }
        if (c == '\\' && quote == '"' && next) {
            const char *hit = strchr("nrt\"\\$", next);
            static const char bytes[] = "\n\r\t\"\\$";
            sv_buf_addc(out, hit ? bytes[hit - "nrt\"\\$"] : next);
            i++;
        } else {
            sv_buf_addc(out, c);
        }
    }
    return false;
}

static struct sv_slice value(struct sv_arena *a, struct sv_slice text, size_t *at,
                             const struct sv_dotenv *before)
{
    _cleanup_buf_ struct sv_buf out = {0};
    size_t from = *at;
    while (from < text.n && (text.p[from] == ' ' || text.p[from] == '\t'))
        from++;
    bool single = from < text.n && text.p[from] == '\'';
    if (single || (from < text.n && text.p[from] == '"')) {
        size_t end = from;
        if (quoted(text, &end, &out)) {
            *at = end + sv_slice_chr(sv_slice_sub(text, end, text.n), '\n');
            struct sv_slice v = sv_arena_copy(a, sv_buf_slice(&out));
            return single ? v : sv_compose_expand(a, v, before);
        }
    }
    size_t end = from + sv_slice_chr(sv_slice_sub(text, from, text.n), '\n');
    struct sv_slice v = sv_slice_sub(text, from, end);
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == '#' && (i == 0 || v.p[i - 1] == ' ' || v.p[i - 1] == '\t'))
            v.n = i;
    *at = end;
    return sv_compose_expand(a, sv_slice_trim(v), before);
}

void sv_dotenv_parse(struct sv_arena *a, struct sv_slice text, struct sv_dotenv *ret)
{
    uint32_t line = 1;
    for (size_t at = 0; at < text.n;) {
        if (ret->list.n >= SV_MAX_ENV_LINES) {
            ret->cut = line;
            return;
        }
        size_t from = at, eol = at + sv_slice_chr(sv_slice_sub(text, at, text.n), '\n');
        struct sv_slice rest = sv_slice_trim(sv_slice_sub(text, at, eol));
        if (sv_slice_starts(rest, "export "))
            rest = sv_slice_trim(sv_slice_sub(rest, 7, rest.n));
        size_t n = name_length(rest);
        while (n < rest.n && (rest.p[n] == '.' || rest.p[n] == '-'))
            n += 1 + name_length(sv_slice_sub(rest, n + 1, rest.n));
        struct sv_slice name = sv_slice_sub(rest, 0, n);
        struct sv_slice behind = sv_slice_trim(sv_slice_sub(rest, n, rest.n));
        at = eol;
        if (n && behind.n && (behind.p[0] == '=' || behind.p[0] == ':')) {
            at = (size_t)(behind.p - text.p) + 1;
            struct sv_slice v = value(a, text, &at, ret);
            sv_vec_push(a, &ret->list, (struct sv_dotenv_var){name, v, line});
        }
        for (size_t i = from; i < at && i < text.n; i++)
            line += text.p[i] == '\n';
        line += at < text.n;
        at++;
    }
}

void sv_dotenv_read(const struct sv_model_env *env, const char *path, struct sv_slice text,
                    struct sv_dotenv *ret)
{
    sv_dotenv_parse(env->arena, text, ret);
    if (ret->cut)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path,
                     "%u:1: more than %d variables; the rest was not looked at", ret->cut,
                     SV_MAX_ENV_LINES);
}

/* ---- what environment: takes ---- */

/* The variable of .env that is the whole value, or the password of the URL in it; or NULL. */
static const struct sv_dotenv_var *taken(const struct sv_container_var *v,
                                         const struct sv_dotenv *vars)
{
    struct sv_slice raw = sv_node_arg(v->node, 0);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] != '$')
            continue;
        bool brace = i + 1 < raw.n && raw.p[i + 1] == '{';
        struct sv_slice name = sv_slice_sub(raw, i + 1 + brace, raw.n);
        name.n = name_length(name);
        const struct sv_dotenv_var *from = name.n ? variable(vars, name) : NULL;
        size_t end = i + 1 + brace + name.n + brace;
        bool password = i && raw.p[i - 1] == ':' && end < raw.n && raw.p[end] == '@';
        if (from && from->value.n && (password || sv_slice_eq(v->value, from->value)))
            return from;
        i += name.n == 0 && i + 1 < raw.n && raw.p[i + 1] == '$';
    }
    return NULL;
}

void sv_container_take_dotenv(struct sv_arena *a, struct sv_container *c, const char *path,
                              const struct sv_dotenv *vars)
{
    const struct sv_node *first = NULL;
    bool known = false;
    sv_vec_each(v, &c->env)
    {
        const struct sv_dotenv_var *from = v->file ? NULL : taken(v, vars);
        if (!from)
            continue;
        v->file = path;
        v->line = from->line;
        v->from = from->name;
        first = first ? first : v->node;
    }
    sv_vec_each(f, &c->env_files)
    {
        known |= strcmp(f->path, path) == 0;
    }
    if (first && !known)
        sv_vec_push(a, &c->env_files,
                    (struct sv_container_file){.path = path, .filled_in = true, .node = first});
}
