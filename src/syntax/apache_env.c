// SPDX-License-Identifier: Apache-2.0
// The shell file `envvars`, read as data: assignments, export, unset and simple ifs.
#include "base/buf.h"
#include "base/limits.h"
#include "syntax/apache_internal.h"

/* What a line of shell can do to this reader: set a variable or change which branch counts. */
struct shell {
    struct ap_load *load;
    struct sv_slice text;
    size_t at;
    struct ap_map vars; /* name: struct sv_apache_var */
    struct branch {
        bool outer, taken, now; /* outer: the surrounding code runs; taken: a branch ran already */
    } ifs[16];
    unsigned depth, lost; /* lost: ifs deeper than that */
};

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct sv_slice value_of(const struct shell *s, struct sv_slice name)
{
    const struct sv_apache_var *v = ap_map_get(&s->vars, name);
    return v ? v->value : (struct sv_slice){0};
}

static void set(struct shell *s, struct sv_slice name, struct sv_slice value, bool exported)
{
    struct sv_arena *a = s->load->sx->arena;
    struct sv_apache_var *v = sv_new(a, struct sv_apache_var);
    *v = (struct sv_apache_var){sv_arena_copy(a, name), value};
    if (s->vars.places.n >= SV_APACHE_DEFINES)
        return;
    ap_map_put(a, &s->vars, v->name, v);
    if (exported || ap_map_get(&s->load->env, name))
        ap_map_put(a, &s->load->env, v->name, v);
}

/* ---- words ---- */

/* ${NAME##pattern} and ${NAME#pattern}: only a literal prefix is understood. */
static struct sv_slice without_prefix(struct sv_slice v, struct sv_slice prefix)
{
    return v.n >= prefix.n && sv_slice_eq(sv_slice_sub(v, 0, prefix.n), prefix)
               ? sv_slice_sub(v, prefix.n, v.n)
               : v;
}

static void braced(const struct shell *s, struct sv_slice inner, struct sv_buf *out)
{
    size_t n = 0;
    while (n < inner.n && is_name(inner.p[n]))
        n++;
    struct sv_slice v = value_of(s, sv_slice_sub(inner, 0, n));
    struct sv_slice op = sv_slice_sub(inner, n, inner.n);
    bool colon = op.n && op.p[0] == ':';
    bool use_default = colon ? v.n == 0 : v.p == NULL;
    if (sv_slice_starts(op, "##"))
        sv_buf_add(out, without_prefix(v, sv_slice_sub(op, 2, op.n)));
    else if (sv_slice_starts(op, "#"))
        sv_buf_add(out, without_prefix(v, sv_slice_sub(op, 1, op.n)));
    else if (op.n > colon && (op.p[colon] == '-' || op.p[colon] == '=') && use_default)
        sv_buf_add(out, sv_slice_sub(op, colon + 1u, op.n));
    else if (op.n > colon && op.p[colon] == '+')
        sv_buf_add(out,
                   use_default ? (struct sv_slice){"", 0} : sv_slice_sub(op, colon + 1u, op.n));
    else
        sv_buf_add(out, v.p ? v : (struct sv_slice){"", 0});
}

static void dollar(struct shell *s, struct sv_buf *out)
{
    struct sv_slice t = s->text;
    size_t i = s->at + 1;
    if (i < t.n && t.p[i] == '{') {
        size_t end = i + sv_slice_chr(sv_slice_sub(t, i, t.n), '}');
        braced(s, sv_slice_sub(t, i + 1, end), out);
        s->at = end < t.n ? end + 1 : t.n;
        return;
    }
    size_t from = i;
    while (i < t.n && is_name(t.p[i]))
        i++;
    struct sv_slice v = value_of(s, sv_slice_sub(t, from, i));
    if (i == from)
        sv_buf_addc(out, '$');
    else
        sv_buf_add(out, v.p ? v : (struct sv_slice){"", 0});
    s->at = i;
}

/* One word, quotes undone and variables filled in; false at the end of the command. */
static bool word(struct shell *s, struct sv_slice *ret)
{
    struct sv_slice t = s->text;
    _cleanup_buf_ struct sv_buf out = {0};
    char quote = 0;
    while (s->at < t.n && (t.p[s->at] == ' ' || t.p[s->at] == '\t'))
        s->at++;
    size_t from = s->at;
    while (s->at < t.n && out.n < SV_MAX_SUBST_BYTES) {
        char c = t.p[s->at];
        if (!quote &&
            (ap_blank(c) || c == ';' || c == '&' || c == '|' || (c == '#' && s->at == from)))
            break;
        if (c == '\\' && quote != '\'' && s->at + 1 < t.n) {
            s->at++;
            if (t.p[s->at] != '\n')
                sv_buf_addc(&out, t.p[s->at]);
            s->at++;
        } else if (quote ? c == quote : (c == '"' || c == '\'')) {
            quote = quote ? 0 : c;
            s->at++;
        } else if (c == '$' && quote != '\'') {
            dollar(s, &out);
        } else {
            sv_buf_addc(&out, c);
            s->at++;
        }
    }
    *ret = sv_arena_copy(s->load->sx->arena, sv_buf_slice(&out));
    s->load->expanded += out.n;
    return s->at > from;
}

static void next_command(struct shell *s)
{
    struct sv_slice t = s->text;
    while (s->at < t.n) {
        char c = t.p[s->at];
        if (c == '#')
            s->at += sv_slice_chr(sv_slice_sub(t, s->at, t.n), '\n');
        else if (ap_blank(c) || c == ';' || c == '&' || c == '|')
            s->at++;
        else
            return;
    }
}

/* ---- commands ---- */

enum { WORDS = 16 };

static bool file_test(struct shell *s, struct sv_slice op, struct sv_slice path)
{
    struct stat st;
    if (!s->load->sx->fs || path.n == 0 || path.p[0] != '/' || path.n >= SV_MAX_PATH ||
        sv_fs_stat(s->load->sx->fs, path.p, &st) < 0)
        return false;
    return sv_slice_is(op, "-d")   ? S_ISDIR(st.st_mode)
           : sv_slice_is(op, "-f") ? S_ISREG(st.st_mode)
                                   : sv_slice_is(op, "-e") || sv_slice_is(op, "-r");
}

/* [ ... ]; what is not understood is false. */
static bool test(struct shell *s, struct sv_slice *w, unsigned n)
{
    if (n == 0 || !(sv_slice_is(w[0], "[") || sv_slice_is(w[0], "test")))
        return false;
    if (sv_slice_is(w[0], "[") && sv_slice_is(w[n - 1], "]"))
        n--;
    w++;
    n--;
    bool negated = n > 0 && sv_slice_is(w[0], "!");
    w += negated;
    n -= negated;
    bool holds = n == 1 && w[0].n > 0;
    if (n == 2)
        holds = sv_slice_is(w[0], "-n")   ? w[1].n > 0
                : sv_slice_is(w[0], "-z") ? w[1].n == 0
                                          : file_test(s, w[0], w[1]);
    else if (n == 3)
        holds = sv_slice_is(w[1], "=") || sv_slice_is(w[1], "==") ? sv_slice_eq(w[0], w[2])
                : sv_slice_is(w[1], "!=")                         ? !sv_slice_eq(w[0], w[2])
                                                                  : false;
    return holds != negated;
}

static bool running(const struct shell *s)
{
    return !s->lost && (s->depth == 0 || (s->ifs[s->depth - 1].outer && s->ifs[s->depth - 1].now));
}

static bool branch(struct shell *s, struct sv_slice *w, unsigned n)
{
    struct branch *b = s->depth ? s->ifs + s->depth - 1 : NULL;
    if (sv_slice_is(w[0], "if")) {
        if (s->depth == sizeof s->ifs / sizeof *s->ifs) {
            s->lost++;
        } else {
            bool now = test(s, w + 1, n - 1);
            s->ifs[s->depth] = (struct branch){running(s), now, now};
            s->depth++;
        }
    } else if (sv_slice_is(w[0], "fi")) {
        if (s->lost)
            s->lost--;
        else
            s->depth -= s->depth > 0;
    } else if (s->lost || !b) {
        return false;
    } else if (sv_slice_is(w[0], "elif")) {
        b->now = !b->taken && test(s, w + 1, n - 1);
        b->taken |= b->now;
    } else if (sv_slice_is(w[0], "else")) {
        b->now = !b->taken;
        b->taken = true;
    } else {
        return false;
    }
    return true;
}

static void assign(struct shell *s, struct sv_slice w, bool exported)
{
    size_t eq = sv_slice_chr(w, '=');
    struct sv_slice name = sv_slice_sub(w, 0, eq);
    for (size_t i = 0; i < name.n; i++)
        if (!is_name(name.p[i]))
            return;
    if (name.n == 0)
        return;
    if (eq < w.n)
        set(s, name, sv_slice_sub(w, eq + 1, w.n), exported);
    else if (exported && value_of(s, name).p)
        set(s, name, value_of(s, name), true);
}

static void run(struct shell *s, struct sv_slice *w, unsigned n)
{
    while (n && (sv_slice_is(w[0], "then") || sv_slice_is(w[0], ":"))) {
        w++;
        n--;
    }
    if (n == 0 || branch(s, w, n) || !running(s))
        return;
    if (sv_slice_is(w[0], "export") || sv_slice_is(w[0], "readonly")) {
        for (unsigned i = 1; i < n; i++)
            assign(s, w[i], sv_slice_is(w[0], "export"));
    } else if (sv_slice_is(w[0], "unset")) {
        for (unsigned i = 1; i < n; i++) {
            ap_map_put(s->load->sx->arena, &s->vars, w[i], NULL);
            ap_map_put(s->load->sx->arena, &s->load->env, w[i], NULL);
        }
    } else if (n == 1) {
        assign(s, w[0], false);
    }
}

static void run_all(struct shell *s)
{
    next_command(s);
    while (s->at < s->text.n && s->load->expanded < SV_APACHE_EXPANDED) {
        struct sv_slice words[WORDS], one;
        unsigned n = 0;
        size_t from = s->at;
        while (word(s, &one))
            if (n < WORDS)
                words[n++] = one;
        /* "else X" and "then X" put a command behind the keyword. */
        if (n > 1 && sv_slice_is(words[0], "else")) {
            run(s, words, 1);
            run(s, words + 1, n - 1);
        } else {
            run(s, words, n);
        }
        next_command(s);
        s->at += s->at == from;
    }
}

void ap_environment(struct ap_load *load, uint32_t file)
{
    const struct sv_source *src = sv_source_get(load->sx->sources, file);
    struct shell s = {.load = load, .text = src->text};
    set(&s, SV_LIT("APACHE_CONFDIR"), sv_slice_of(sv_path_dir(load->sx->arena, src->path)), false);
    run_all(&s);
}
