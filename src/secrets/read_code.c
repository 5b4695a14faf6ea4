// SPDX-License-Identifier: Apache-2.0
// Settings written as a program's literals: PHP, Python, Ruby, Lua, HCL. A name, what assigns, a
// quoted text; and the third argument of the calls that open a database.
#include <ctype.h>

#include "base/arena.h"
#include "secrets/readers.h"

struct code {
    struct sv_reading *r;
    const struct sv_line_grammar *g;
    size_t at;
    struct sv_slice name;    /* the last word or text */
    char before, between[4]; /* what stands before the name; what came behind it */
    size_t n_between;
    unsigned depth, call, arg; /* brackets open; those of a call that opens a database */
};

/* Behind the comment that begins at `at`, or `at`. */
static size_t comment_end(const struct code *c)
{
    struct sv_slice rest = sv_slice_sub(c->r->text, c->at, c->r->text.n);
    bool line = ((c->g->flags & SV_READ_HASH) && rest.p[0] == '#') ||
                ((c->g->flags & SV_READ_SLASH) && sv_slice_starts(rest, "//")) ||
                ((c->g->flags & SV_READ_SEMI) && rest.p[0] == ';') ||
                ((c->g->flags & SV_READ_DASH) && sv_slice_starts(rest, "--"));
    if (line)
        return c->at + sv_slice_chr(rest, '\n');
    if ((c->g->flags & SV_READ_SLASH) && sv_slice_starts(rest, "/*")) {
        size_t end = sv_slice_find(sv_slice_sub(rest, 2, rest.n), "*/");
        return c->at + 2 + (end + 4 > rest.n ? rest.n - 2 : end + 2);
    }
    return c->at;
}

/* The text between quotes; moves behind them. A text of three quotes is a comment. */
static struct sv_slice quoted(struct code *c, bool *ret_open)
{
    struct sv_slice t = c->r->text;
    char quote = t.p[c->at];
    size_t from = c->at + 1, end = from, n = 0;
    bool escapes = false;
    const char *three = quote == '"' ? "\"\"\"" : "'''";
    *ret_open = false;
    if (sv_slice_starts(sv_slice_sub(t, c->at, t.n), three)) {
        struct sv_slice rest = sv_slice_sub(t, c->at + 3, t.n);
        size_t close = sv_slice_find(rest, three);
        c->at = close < rest.n ? c->at + close + 6 : t.n;
        return SV_LIT("");
    }
    for (; end < t.n && t.p[end] != quote; end++)
        if (t.p[end] == '\\') {
            escapes = true;
            end++;
        }
    if (end >= t.n) {
        *ret_open = true;
        c->at = from;
        return SV_LIT("");
    }
    c->at = end + 1;
    struct sv_slice raw = sv_slice_sub(t, from, end);
    if (!escapes)
        return raw;
    char *out = sv_arena_alloc(c->r->a, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        bool escaped = raw.p[i] == '\\' && i + 1 < raw.n && strchr("\\\"'$", raw.p[i + 1]);
        i += escaped;
        out[n++] = raw.p[i];
    }
    return (struct sv_slice){out, n};
}

/* "=", "=>", ":", ":=" and "] =" assign; so does the comma of define("NAME", "value"). */
static bool assigns(const struct code *c)
{
    bool sign = false, comma = false;
    if (c->n_between == 0 || c->n_between > sizeof c->between)
        return false;
    for (size_t i = 0; i < c->n_between; i++) {
        sign |= c->between[i] == '=' || c->between[i] == ':';
        comma |= c->between[i] == ',';
        if (!strchr("=:>],?", c->between[i]))
            return false;
    }
    return sign ? !comma : comma && c->before == '(';
}

/* Lists of names: array('AUTH_KEY', 'AUTH_SALT'). */
static bool is_constant(struct sv_slice v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!isupper((unsigned char)v.p[i]) && v.p[i] != '_')
            return false;
    return true;
}

static void take_text(struct code *c)
{
    size_t offset = c->at + 1;
    bool open;
    struct sv_slice v = quoted(c, &open);
    if (open)
        return;
    bool argument = c->call && c->depth == c->call && c->arg == 2 && c->n_between &&
                    c->between[c->n_between - 1 < 3 ? c->n_between - 1 : 3] == ',';
    if (argument) {
        sv_reading_note(c->r, c->g->rule, v, offset);
        c->call = 0;
    } else if (assigns(c) && !is_constant(v) &&
               ((c->g->keys && sv_reading_is_key(c->g, c->name)) ||
                ((c->g->flags & SV_READ_NAMES) && sv_reading_names_secret(c->name, v)))) {
        sv_reading_note(c->r, c->g->rule, v, offset);
    }
    c->before = c->n_between ? c->between[(c->n_between < 4 ? c->n_between : 4) - 1] : '\0';
    c->name = v;
    c->n_between = 0;
}

static void take_word(struct code *c)
{
    struct sv_slice t = c->r->text;
    size_t from = c->at;
    while (c->at < t.n && (isalnum((unsigned char)t.p[c->at]) || strchr("_$.-", t.p[c->at])) &&
           t.p[c->at])
        c->at++;
    struct sv_slice w = sv_slice_sub(t, from, c->at);
    if (w.n <= 2 && c->at < t.n && (t.p[c->at] == '"' || t.p[c->at] == '\''))
        return; /* r'', b'' */
    c->before = '\0';
    c->name = w;
    c->n_between = 0;
}

static void take_sign(struct code *c)
{
    static const char *const calls[] = {"PDO", "mysqli", "mysqli_connect", "mysql_connect",
                                        "mysql_pconnect"};
    char s = c->r->text.p[c->at++];
    if (s == '(' || s == '[' || s == '{')
        c->depth++;
    for (size_t i = 0; s == '(' && i < sizeof calls / sizeof *calls; i++)
        if (sv_slice_is(c->name, calls[i]) && c->n_between == 0) {
            c->call = c->depth;
            c->arg = 0;
        }
    if (s == ',' && c->call == c->depth)
        c->arg++;
    if ((s == ')' || s == ']' || s == '}') && c->depth > 0) {
        if (c->depth == c->call)
            c->call = 0;
        c->depth--;
    }
    if (s == ';' || s == '{' || s == '}')
        c->name = SV_LIT("");
    if (!isspace((unsigned char)s)) {
        if (c->n_between < sizeof c->between)
            c->between[c->n_between] = s;
        c->n_between++;
    }
}

void sv_read_code(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct code c = {.r = r, .g = g, .name = {"", 0}};
    while (c.at < r->text.n) {
        char s = r->text.p[c.at];
        size_t end = comment_end(&c);
        if (end > c.at)
            c.at = end;
        else if (s == '"' || s == '\'')
            take_text(&c);
        else if (isalpha((unsigned char)s) || s == '_' || s == '$')
            take_word(&c);
        else
            take_sign(&c);
    }
}
