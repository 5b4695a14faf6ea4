// SPDX-License-Identifier: Apache-2.0
// Files of one setting or one login a line, and .netrc, whose words may stand on any line.
#include "base/arena.h"
#include "secrets/readers.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct sv_slice skip_blanks(struct sv_slice s)
{
    size_t i = 0;
    while (i < s.n && is_blank(s.p[i]))
        i++;
    return sv_slice_sub(s, i, s.n);
}

static size_t word_end(struct sv_slice s)
{
    size_t i = 0;
    while (i < s.n && !is_blank(s.p[i]))
        i++;
    return i;
}

/* Without the backslashes that escape; `ret_end` is where an unescaped `stop` stands, or s.n. */
static struct sv_slice unescaped(struct sv_arena *a, struct sv_slice s, char stop, size_t *ret_end)
{
    size_t i = 0, n = 0;
    for (i = 0; i < s.n && s.p[i] != stop; i++)
        i += s.p[i] == '\\' && i + 1 < s.n;
    *ret_end = i < s.n ? i : s.n;
    if (!memchr(s.p, '\\', *ret_end))
        return sv_slice_sub(s, 0, *ret_end);
    char *out = sv_arena_alloc(a, *ret_end + 1);
    for (i = 0; i < *ret_end; i++) {
        i += s.p[i] == '\\' && i + 1 < *ret_end;
        out[n++] = s.p[i];
    }
    return (struct sv_slice){out, n};
}

struct sv_slice sv_reading_value(struct sv_reading *r, struct sv_slice from)
{
    size_t end;
    if (sv_slice_starts(from, "\"\"\"")) { /* Grafana's, Python's */
        struct sv_slice rest = sv_slice_sub(from, 3, from.n);
        if ((end = sv_slice_find(rest, "\"\"\"")) < rest.n)
            return sv_slice_sub(rest, 0, end);
    }
    if (from.n && from.p[0] == '"') {
        struct sv_slice v = unescaped(r->a, sv_slice_sub(from, 1, from.n), '"', &end);
        if (end + 1 < from.n)
            return v;
    } else if (from.n && from.p[0] == '\'') {
        struct sv_slice rest = sv_slice_sub(from, 1, from.n);
        end = sv_slice_chr(rest, '\'');
        if (end < rest.n)
            return sv_slice_sub(rest, 0, end);
    }
    for (end = 1; end < from.n; end++)
        if ((from.p[end] == '#' || from.p[end] == ';') && is_blank(from.p[end - 1]))
            break;
    return sv_slice_trim(sv_slice_sub(from, 0, end));
}

/* A '*' at a key's start stands for anything. */
bool sv_reading_is_key(const struct sv_line_grammar *g, struct sv_slice name)
{
    for (struct sv_slice rest = sv_slice_of(g->keys ? g->keys + 1 : ""); rest.n;) {
        size_t n = sv_slice_chr(rest, ' ');
        struct sv_slice key = sv_slice_sub(rest, 0, n), whole = name;
        if (key.n && key.p[0] == '*') {
            key = sv_slice_sub(key, 1, key.n);
            whole = sv_slice_sub(name, name.n < key.n ? 0 : name.n - key.n, name.n);
        }
        if ((g->flags & SV_READ_NOCASE) ? sv_slice_eq_nocase(key, whole) : sv_slice_eq(key, whole))
            return true;
        rest = sv_slice_sub(rest, n + 1, rest.n);
    }
    return false;
}

/* Neither a word nor a path; "Ung\u00fcltig" is a word of a language with more letters. */
static bool looks_drawn(struct sv_slice v)
{
    size_t digits = 0;
    for (size_t i = 0; i < v.n; i++)
        digits += v.p[i] >= '0' && v.p[i] <= '9';
    return digits && v.n > 4 && v.p[0] != '/' && sv_slice_chr(v, ' ') == v.n &&
           sv_slice_chr(v, '/') == v.n && sv_slice_chr(v, '.') == v.n &&
           sv_slice_find(v, "\\u") == v.n;
}

/* The rest of a line as a value. */
static void note_rest(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice name,
                      struct sv_slice rest)
{
    bool raw = g->flags & SV_READ_RAW;
    struct sv_slice v = raw ? sv_slice_trim(rest) : sv_reading_value(r, rest);
    bool quoted = !raw && rest.n && (rest.p[0] == '"' || rest.p[0] == '\'') &&
                  (v.p != rest.p || v.n != sv_slice_trim(rest).n);
    size_t skip = quoted ? (sv_slice_starts(rest, "\"\"\"") ? 3 : 1) : 0;
    if (!quoted && (g->flags & SV_READ_WORD))
        v = sv_slice_sub(v, 0, word_end(v));
    if (g->flags & SV_READ_LOGIN) {
        size_t user = sv_slice_chr(v, ':') + 1;
        v = sv_slice_sub(v, user, v.n);
        skip += user;
    }
    if ((g->flags & SV_READ_DRAWN) && !looks_drawn(v))
        return;
    if (sv_slice_starts(v, "--") ||
        (!sv_reading_is_key(g, name) && !sv_reading_names_secret(name, v)))
        return;
    sv_reading_note(r, g->rule, v, (size_t)(rest.p - r->text.p) + skip);
}

static bool is_wanted(const struct sv_line_grammar *g, struct sv_slice name)
{
    return (g->flags & SV_READ_NAMES) || sv_reading_is_key(g, name);
}

static bool is_comment(struct sv_slice line)
{
    return line.n == 0 || line.p[0] == '#' || line.p[0] == ';';
}

/* Where the name ends: '=', or what else separates. */
static size_t name_end(const struct sv_line_grammar *g, struct sv_slice line)
{
    size_t eq = sv_slice_chr(line, '=');
    if (!(g->flags & SV_READ_COLON))
        return eq;
    size_t colon = sv_slice_chr(line, ':'), end = eq < colon ? eq : colon;
    return end < line.n ? end : word_end(line);
}

/* The section's "[name]" is in the list. */
static bool in_sections(const struct sv_line_grammar *g, struct sv_slice section)
{
    if (!g->first)
        return true;
    for (struct sv_slice rest = sv_slice_of(g->first); rest.n;) {
        size_t n = sv_slice_chr(rest, ' ');
        if (n && sv_slice_eq(sv_slice_sub(rest, 0, n), section))
            return true;
        rest = sv_slice_sub(rest, n + 1, rest.n);
    }
    return false;
}

void sv_read_assignments(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice section = {"", 0};
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = skip_blanks(sv_reading_line(r, &at));
        if (sv_slice_starts(line, "["))
            section = sv_slice_sub(line, 0, sv_slice_chr(line, ']') + 1);
        size_t eq = name_end(g, line);
        struct sv_slice name = sv_slice_trim(sv_slice_sub(line, 0, eq));
        if (is_comment(line) || eq >= line.n || !is_wanted(g, name) || !in_sections(g, section))
            continue;
        struct sv_slice value = sv_slice_sub(line, eq + 1, line.n);
        value = sv_slice_sub(value, sv_slice_starts(value, ">"), value.n); /* "=>" of asterisk */
        note_rest(r, g, name, skip_blanks(value));
    }
}

void sv_read_directives(struct sv_reading *r, const struct sv_line_grammar *g)
{
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = skip_blanks(sv_reading_line(r, &at));
        size_t n = word_end(line);
        struct sv_slice name = sv_slice_sub(line, 0, n);
        if (is_comment(line) || !is_wanted(g, name))
            continue;
        line = skip_blanks(sv_slice_sub(line, n, line.n));
        for (unsigned i = 0; i < g->words; i++)
            line = skip_blanks(sv_slice_sub(line, word_end(line), line.n));
        if (line.n)
            note_rest(r, g, name, line);
    }
}

/* A word, or what stands in quotes and they. */
static size_t quoted_end(struct sv_reading *r, struct sv_slice s)
{
    size_t end;
    if (!sv_slice_starts(s, "\""))
        return word_end(s);
    unescaped(r->a, sv_slice_sub(s, 1, s.n), '"', &end);
    return end + 2 <= s.n ? end + 2 : word_end(s);
}

void sv_read_fields(struct sv_reading *r, const struct sv_line_grammar *g)
{
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = sv_reading_line(r, &at);
        bool raw = g->flags & SV_READ_RAW, whole = true;
        if (is_comment(line) || (g->first && !sv_slice_starts(skip_blanks(line), g->first)))
            continue;
        for (unsigned i = 0; i < g->words; i++) {
            line = skip_blanks(line);
            line =
                skip_blanks(sv_slice_sub(line, raw ? word_end(line) : quoted_end(r, line), line.n));
        }
        for (unsigned i = 0; i < g->colons && whole; i++) {
            size_t end = sv_slice_chr(line, ':');
            if (!raw)
                unescaped(r->a, line, ':', &end);
            whole = end < line.n;
            line = sv_slice_sub(line, end + 1, line.n);
        }
        if (!whole)
            continue;
        size_t offset = (size_t)(line.p - r->text.p), end;
        if (raw)
            line = sv_slice_sub(sv_slice_trim(line), 0,
                                (g->flags & SV_READ_WORD) ? word_end(line) : line.n);
        else if (g->colons)
            line = unescaped(r->a, line, ':', &end);
        else if (sv_slice_starts(line, "\"")) {
            line = sv_reading_value(r, line);
            offset++;
        } else
            line = sv_slice_sub(line, 0, word_end(line));
        if (raw && (g->flags & SV_READ_WORD) && sv_slice_ends(line, "\""))
            line.n--; /* the quotes are around the name too */
        sv_reading_note(r, g->rule, line, offset);
    }
}

/* A password's line without what stands before the word's end; macros end at an empty line. */
static void read_netrc_line(struct sv_reading *r, const char *rule, struct sv_slice line,
                            bool *password, bool *macro)
{
    while ((line = skip_blanks(line)).n) {
        size_t n = word_end(line);
        struct sv_slice word = sv_slice_sub(line, 0, n);
        bool quoted = line.p[0] == '"';
        if (!*password && word.p[0] == '#')
            return;
        if (quoted) {
            word = unescaped(r->a, sv_slice_sub(line, 1, line.n), '"', &n);
            n += 2;
        }
        if (*password)
            sv_reading_note(r, rule, word, (size_t)(line.p - r->text.p) + quoted);
        *password = !*password && sv_slice_is(word, "password");
        *macro = sv_slice_is(word, "macdef");
        if (*macro)
            return;
        line = sv_slice_sub(line, n, line.n);
    }
}

void sv_read_netrc(struct sv_reading *r, const struct sv_line_grammar *g)
{
    bool password = false, macro = false;
    if (sv_slice_find(r->text, "machine") == r->text.n &&
        sv_slice_find(r->text, "default") == r->text.n)
        return; /* an entry begins with one of them */
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = sv_reading_line(r, &at);
        if (macro)
            macro = line.n > 0;
        else
            read_netrc_line(r, g->rule, line, &password, &macro);
    }
}
