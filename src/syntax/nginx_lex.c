// SPDX-License-Identifier: Apache-2.0
// nginx's tokens: words, quotes, escapes, and Lua blocks as opaque text.
#include "syntax/nginx_lex.h"

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/nginx.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct sv_span span(const struct ngx_lexer *lx, size_t from, size_t to)
{
    return (struct sv_span){lx->file, (uint32_t)from, (uint32_t)to};
}

static void refuse(struct ngx_lexer *lx, struct sv_span at, const char *error)
{
    if (lx->error)
        return;
    lx->error = error;
    lx->error_at = at;
}

static const char TOO_LONG[] = "too long for nginx's buffer of 4096 bytes; nginx refuses this file";

/* nginx refuses when its buffer is full and the token began at the buffer's start. After a word it
 * forgets where that began only with the character behind the blank, hence one more for blanks. */
static void measure_word(struct ngx_lexer *lx, size_t from)
{
    bool more = lx->at < lx->text.n && blank(lx->text.p[lx->at]);
    if (lx->at - from + more >= SV_NGINX_BUFFER)
        refuse(lx, span(lx, from, lx->at), TOO_LONG);
}

/* The same buffer holds comments, but a file may end with it. */
static void measure_comment(struct ngx_lexer *lx, size_t from)
{
    size_t n = lx->at - from;
    if (n > SV_NGINX_BUFFER || (n == SV_NGINX_BUFFER && lx->at < lx->text.n))
        refuse(lx, span(lx, from, lx->at), TOO_LONG);
}

static void skip_blanks(struct ngx_lexer *lx)
{
    while (lx->at < lx->text.n) {
        if (blank(lx->text.p[lx->at])) {
            lx->at++;
        } else if (lx->text.p[lx->at] == '#') {
            size_t from = lx->at;
            lx->at += sv_slice_chr(sv_slice_sub(lx->text, from, lx->text.n), '\n');
            measure_comment(lx, from);
        } else {
            return;
        }
    }
}

/* nginx turns \" \' \\ \t \r \n into one character and leaves every other backslash. */
static struct sv_slice unescape(struct sv_arena *a, struct sv_slice raw)
{
    if (sv_slice_chr(raw, '\\') == raw.n)
        return raw;
    char *out = sv_arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '\\' && i + 1 < raw.n) {
            switch (raw.p[i + 1]) {
            case '"':
            case '\'':
            case '\\':
                c = raw.p[++i];
                break;
            case 't':
                c = '\t';
                i++;
                break;
            case 'r':
                c = '\r';
                i++;
                break;
            case 'n':
                c = '\n';
                i++;
                break;
            }
        }
        out[n++] = c;
    }
    return (struct sv_slice){out, n};
}

/* Gives up the line on which the string at `from` begins: what follows is not one string. */
static enum ngx_token give_up_line(struct ngx_lexer *lx, size_t from, const char *error)
{
    refuse(lx, span(lx, from, from + 1), error);
    lx->span = span(lx, from, from + 1);
    lx->at = from + sv_slice_chr(sv_slice_sub(lx->text, from, lx->text.n), '\n');
    return TOK_BAD;
}

static enum ngx_token quoted(struct ngx_lexer *lx, char quote)
{
    size_t from = lx->at++;
    while (lx->at < lx->text.n && lx->text.p[lx->at] != quote)
        lx->at += lx->text.p[lx->at] == '\\' ? 2 : 1;
    if (lx->at >= lx->text.n)
        return give_up_line(lx, from,
                            "this quote is never closed; the matching quote was expected");
    struct sv_slice raw = sv_slice_sub(lx->text, from + 1, lx->at);
    lx->at++;
    char c = lx->at < lx->text.n ? lx->text.p[lx->at] : ' ';
    /* Of '}' the parser says that a semicolon is missing. */
    if (!blank(c) && c != ';' && c != '{' && c != ')' && c != '}') {
        if (sv_slice_chr(raw, '\n') < raw.n)
            return give_up_line(lx, from,
                                "this quote is not closed on its line, and what follows the next "
                                "one shows that it should be");
        refuse(lx, span(lx, from, lx->at),
               "a blank, \";\" or \"{\" was expected after the closing quote");
    }
    lx->span = span(lx, from, lx->at);
    lx->word = (struct sv_arg){unescape(lx->sx->arena, raw), lx->span, quote};
    measure_word(lx, from + 1);
    return TOK_WORD;
}

static enum ngx_token word(struct ngx_lexer *lx)
{
    size_t from = lx->at;
    bool variable = false;
    while (lx->at < lx->text.n) {
        char c = lx->text.p[lx->at];
        if (c == '\\') {
            lx->at += lx->at + 1 < lx->text.n ? 2 : 1;
            variable = false;
            continue;
        }
        if (blank(c) || c == ';' || (c == '{' && !variable))
            break;
        /* nginx: "${" and even "${{" belong to the word, other braces open a block. */
        variable = c == '$' || c == '{';
        lx->at++;
    }
    lx->span = span(lx, from, lx->at);
    lx->word = (struct sv_arg){unescape(lx->sx->arena, sv_slice_sub(lx->text, from, lx->at)),
                               lx->span, 0};
    measure_word(lx, from);
    return TOK_WORD;
}

enum ngx_token ngx_lex(struct ngx_lexer *lx)
{
    lx->error = NULL;
    skip_blanks(lx);
    lx->span = span(lx, lx->at, lx->at);
    if (lx->at >= lx->text.n)
        return TOK_END;
    char c = lx->text.p[lx->at];
    if (c == '"' || c == '\'')
        return quoted(lx, c);
    if (c != ';' && c != '{' && c != '}')
        return word(lx);
    lx->at++;
    lx->span.end++;
    return c == ';' ? TOK_SEMICOLON : c == '{' ? TOK_OPEN : TOK_CLOSE;
}

/* ---- Lua ---- */

/* Length of "[", "=" signs and "[" at i, 0 if there is no long bracket; *ret_level its level. */
static size_t long_bracket(struct sv_slice t, size_t i, char c, size_t *ret_level)
{
    size_t j = i + 1;
    while (j < t.n && t.p[j] == '=')
        j++;
    if (i >= t.n || t.p[i] != c || j >= t.n || t.p[j] != c)
        return 0;
    *ret_level = j - i - 1;
    return j - i + 1;
}

static size_t skip_long(struct sv_slice t, size_t i, size_t level)
{
    for (; i < t.n; i++) {
        size_t l, n = t.p[i] == ']' ? long_bracket(t, i, ']', &l) : 0;
        if (n && l == level)
            return i + n;
    }
    return i;
}

static size_t skip_string(struct sv_slice t, size_t i)
{
    char quote = t.p[i++];
    while (i < t.n && t.p[i] != quote && t.p[i] != '\n')
        i += t.p[i] == '\\' ? 2 : 1;
    return i + 1;
}

bool ngx_lex_lua(struct ngx_lexer *lx, struct sv_slice *ret_body)
{
    struct sv_slice t = lx->text;
    size_t from = lx->at, i = from, depth = 1, level;
    while (i < t.n) {
        size_t n;
        if (t.p[i] == '"' || t.p[i] == '\'') {
            i = skip_string(t, i);
        } else if (t.p[i] == '-' && i + 1 < t.n && t.p[i + 1] == '-') {
            n = i + 2 < t.n ? long_bracket(t, i + 2, '[', &level) : 0;
            i = n ? skip_long(t, i + 2 + n, level)
                  : i + sv_slice_chr(sv_slice_sub(t, i, t.n), '\n');
        } else if (t.p[i] == '[' && (n = long_bracket(t, i, '[', &level)) != 0) {
            i = skip_long(t, i + n, level);
        } else {
            depth += t.p[i] == '{';
            if (t.p[i] == '}' && --depth == 0)
                break;
            i++;
        }
    }
    bool closed = i < t.n;
    i = closed ? i : t.n;
    *ret_body = sv_slice_sub(t, from, i);
    lx->at = closed ? i + 1 : i;
    lx->span = span(lx, i, lx->at);
    return closed;
}

const char *sv_nginx_word(struct sv_arena *a, struct sv_slice text)
{
    _cleanup_buf_ struct sv_buf out = {0};
    bool quote = text.n == 0;
    for (size_t i = 0; i < text.n; i++) {
        /* nginx reads \n and \r in quotes; raw ones would break the line that people copy. */
        const char *line = text.p[i] == '\n' ? "n" : text.p[i] == '\r' ? "r" : NULL;
        bool escape = line || text.p[i] == '"' || text.p[i] == '\\';
        quote |= escape || strchr(" \t\r\n{};'#$", text.p[i]) != NULL;
        if (escape)
            sv_buf_addc(&out, '\\');
        sv_buf_addc(&out, line ? *line : text.p[i]);
    }
    struct sv_slice word = sv_buf_slice(&out);
    return sv_arena_printf(a, "%s%.*s%s", quote ? "\"" : "", (int)word.n, word.n ? word.p : "",
                           quote ? "\"" : "");
}
