// SPDX-License-Identifier: Apache-2.0
// Lines of words where one says that the next is a password, and files that are one line.
#include "secrets/readers.h"

#include <ctype.h>

#include "base/arena.h"

/* A quoted part keeps its blanks, wherever in the word it begins. */
static size_t word_length(struct sv_slice s, bool comma)
{
    char quote = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if ((c == '"' || c == '\'') && (i == 0 || s.p[i - 1] == '='))
            quote = c;
        else if (c == ' ' || c == '\t' || (comma && c == ','))
            return i;
    }
    return s.n;
}

static struct sv_slice next_word(struct sv_slice *line, bool comma)
{
    size_t at = 0;
    while (at < line->n && (strchr(" \t", line->p[at]) || (comma && line->p[at] == ',')))
        at++;
    struct sv_slice rest = sv_slice_sub(*line, at, line->n);
    size_t n = word_length(rest, comma);
    *line = sv_slice_sub(rest, n, rest.n);
    return sv_slice_sub(rest, 0, n);
}

static bool is_operator(struct sv_slice w)
{
    for (size_t i = 0; i < w.n; i++)
        if (!strchr(":=+>", w.p[i]))
            return false;
    return w.n > 0;
}

static void note_word(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice v)
{
    while (v.n && !(g->flags & SV_READ_RAW) && strchr(";,", v.p[v.n - 1]))
        v.n--;
    if (sv_slice_starts(v, "--"))
        return;
    struct sv_slice bare = sv_reading_value(r, v);
    size_t quoted = v.n && (v.p[0] == '"' || v.p[0] == '\'') && bare.n < v.n;
    sv_reading_note(r, g->rule, bare, (size_t)(v.p - r->text.p) + quoted);
}

/* "password x", "password = x", "password=x", "password: x"; `first` begins the line. */
static void read_line(struct sv_reading *r, const struct sv_line_grammar *g, struct sv_slice line)
{
    bool comma = g->flags & SV_READ_COMMA, wanted = false, begin = true;
    unsigned skip = 0;
    while (line.n) {
        struct sv_slice w = next_word(&line, comma);
        if (w.n == 0 || (!wanted && w.p[0] == '#') || sv_slice_is(w, "//"))
            return;
        if (begin && g->first && !sv_slice_is_nocase(w, g->first))
            return;
        begin = false;
        if (wanted && (is_operator(w) || skip++ < g->words))
            continue;
        if (wanted) {
            note_word(r, g, w);
            wanted = false;
            skip = 0;
            continue;
        }
        size_t eq = sv_slice_chr(w, '=');
        if (eq + 1 < w.n && sv_reading_is_key(g, sv_slice_sub(w, 0, eq)))
            note_word(r, g, sv_slice_sub(w, eq + 1, w.n));
        else
            wanted = sv_reading_is_key(
                g, w.p[w.n - 1] == ':' || eq + 1 == w.n ? sv_slice_sub(w, 0, w.n - 1) : w);
    }
}

void sv_read_words(struct sv_reading *r, const struct sv_line_grammar *g)
{
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = sv_reading_line(r, &at), trimmed = sv_slice_trim(line);
        if (trimmed.n && !strchr("#;*", trimmed.p[0]))
            read_line(r, g, line);
    }
}

/* "user app on >password >another ~key* +@all". */
void sv_read_redis_users(struct sv_reading *r, const struct sv_line_grammar *g)
{
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = sv_reading_line(r, &at), w = next_word(&line, false);
        if (!sv_slice_is_nocase(w, "user"))
            continue;
        while ((w = next_word(&line, false)).n)
            if (w.p[0] == '>')
                sv_reading_note(r, g->rule, sv_slice_sub(w, 1, w.n), (size_t)(w.p + 1 - r->text.p));
    }
}

/* A short file of so many lines, the last of which is the secret. */
static bool is_hex(struct sv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isxdigit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

/* Rails' key is 32 hexadecimal digits; what is cut or longer is none. */
void sv_read_hex32(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice key = sv_slice_trim(r->text);
    if (key.n == 32 && is_hex(key))
        sv_reading_note(r, g->rule, key, (size_t)(key.p - r->text.p));
}

void sv_read_whole(struct sv_reading *r, const struct sv_line_grammar *g)
{
    struct sv_slice line = {"", 0};
    size_t at = 0;
    for (unsigned i = 0; i <= g->words; i++)
        line = at < r->text.n ? sv_reading_line(r, &at) : SV_LIT("");
    if (sv_slice_trim(sv_slice_sub(r->text, at, r->text.n)).n == 0 &&
        sv_slice_chr(line, ' ') == line.n)
        sv_reading_note(r, g->rule, line, (size_t)(line.p - r->text.p));
}

/* Addresses with a password: scheme://user:password@host. */
void sv_read_urls(struct sv_reading *r, const struct sv_line_grammar *g)
{
    for (size_t at = 0; at < r->text.n;) {
        struct sv_slice line = sv_reading_line(r, &at);
        size_t scheme = sv_slice_find(line, g->keys);
        if (scheme == line.n || sv_slice_trim(line).p[0] == '#' || sv_slice_trim(line).p[0] == ';')
            continue;
        struct sv_slice rest = sv_slice_sub(line, scheme + strlen(g->keys), line.n);
        size_t host = sv_slice_chr(sv_slice_sub(rest, 0, word_length(rest, false)), '/');
        rest = sv_slice_sub(rest, 0, host);
        size_t colon = sv_slice_chr(rest, ':'), end = rest.n;
        while (end > 0 && rest.p[end - 1] != '@')
            end--;
        if (end > 0 && colon + 1 < end)
            sv_reading_note(r, g->rule, sv_slice_sub(rest, colon + 1, end - 1),
                            (size_t)(rest.p + colon + 1 - r->text.p));
    }
}
