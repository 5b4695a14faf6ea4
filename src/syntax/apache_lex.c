// SPDX-License-Identifier: Apache-2.0
// httpd's lines and words: ap_cfg_getline() and ap_getword_conf().
#include "syntax/apache_lex.h"

#include "base/buf.h"
#include "base/limits.h"
#include "syntax/apache.h"

bool ap_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- lines ---- */

/* The next physical line without its end; *ret_joins if a backslash joins the next one to it. */
static struct sv_slice physical(struct sv_slice text, size_t *at, bool *ret_joins, bool *ret_nul)
{
    size_t n = sv_slice_chr(sv_slice_sub(text, *at, text.n), '\n');
    bool ended = *at + n < text.n;
    struct sv_slice s = sv_slice_sub(text, *at, *at + n);
    *at += n + ended;
    *ret_joins = false;
    size_t nul = sv_slice_chr(s, '\0');
    *ret_nul = nul < s.n;
    if (*ret_nul)
        return sv_slice_sub(s, 0, nul);
    size_t end = s.n;
    if (ended && end && s.p[end - 1] == '\r')
        end--;
    if (!ended || !end || s.p[end - 1] != '\\')
        return s;
    *ret_joins = true;
    return sv_slice_sub(s, 0, end - 1);
}

static void trim(struct ap_line *l)
{
    size_t from = 0, to = l->text.n;
    while (to > from && ap_blank(l->text.p[to - 1]))
        to--;
    while (from < to && ap_blank(l->text.p[from]))
        from++;
    if (l->n_pieces)
        l->span = ap_line_span(l, from, to);
    l->text = sv_slice_sub(l->text, from, to);
    for (size_t i = 0; i < l->n_pieces; i++) {
        struct ap_piece *p = l->pieces + i;
        p->source += p->at < from ? (uint32_t)(from - p->at) : 0;
        p->at = p->at < from ? 0 : p->at - from;
    }
    /* Pieces that were trimmed away whole stand at 0 too; the last of those at 0 is the right one,
     * and ap_line_span() takes the last. */
}

static void join(struct sv_arena *a, struct sv_slice text, uint32_t file, size_t from, size_t to,
                 struct ap_line *ret)
{
    SV_VEC(struct ap_piece) pieces = {0};
    char *out = sv_arena_alloc(a, to - from + 1);
    size_t n = 0;
    for (size_t at = from; at < to;) {
        bool joins;
        uint32_t source = (uint32_t)at;
        struct sv_slice s = physical(text, &at, &joins, &ret->nul);
        if (pieces.n <= SV_APACHE_LINE_PIECES)
            sv_vec_push(a, &pieces, (struct ap_piece){n, source});
        memcpy(out + n, s.p, s.n);
        n += s.n;
    }
    ret->text = (struct sv_slice){out, n};
    ret->span = (struct sv_span){file, (uint32_t)from, (uint32_t)to};
    ret->pieces = pieces.v;
    ret->n_pieces = pieces.n > SV_APACHE_LINE_PIECES ? 0 : pieces.n;
}

bool ap_read_line(struct sv_arena *a, struct sv_slice text, uint32_t file, size_t *at,
                  struct ap_line *ret)
{
    size_t from = *at;
    bool joins;
    if (from >= text.n)
        return false;
    struct ap_piece *first = ret->pieces;
    *ret = (struct ap_line){.span.file = file};
    struct sv_slice s = physical(text, at, &joins, &ret->nul);
    if (!joins) {
        ret->text = s;
        ret->pieces = first ? first : sv_new(a, struct ap_piece);
        ret->pieces[0] = (struct ap_piece){0, (uint32_t)from};
        ret->n_pieces = 1;
    } else {
        while (joins && *at < text.n)
            physical(text, at, &joins, &ret->nul);
        join(a, text, file, from, *at, ret);
    }
    trim(ret);
    return true;
}

static uint32_t source_of(const struct ap_line *l, size_t i)
{
    size_t lo = 0, hi = l->n_pieces;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->pieces[mid].at <= i)
            lo = mid;
        else
            hi = mid;
    }
    return l->pieces[lo].source + (uint32_t)(i - l->pieces[lo].at);
}

struct sv_span ap_line_span(const struct ap_line *l, size_t from, size_t to)
{
    if (l->n_pieces == 0)
        return l->span;
    uint32_t start = source_of(l, from);
    return (struct sv_span){l->span.file, start, to > from ? source_of(l, to - 1) + 1 : start};
}

/* ---- words ---- */

/* \\ is one backslash everywhere, \" and \' only inside their own quotes. */
static struct sv_slice unescape(struct sv_arena *a, struct sv_slice raw, char quote)
{
    if (sv_slice_chr(raw, '\\') == raw.n)
        return raw;
    char *out = sv_arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n &&
            (raw.p[i + 1] == '\\' || (quote && raw.p[i + 1] == quote)))
            i++;
        out[n++] = raw.p[i];
    }
    return (struct sv_slice){out, n};
}

bool ap_cut_word(struct sv_arena *a, struct sv_slice t, size_t *at, struct sv_arg *ret)
{
    size_t i = *at;
    while (i < t.n && ap_blank(t.p[i]))
        i++;
    if (i >= t.n) {
        *at = t.n;
        return false;
    }
    size_t from = i, end;
    char quote = t.p[i] == '"' || t.p[i] == '\'' ? t.p[i] : 0;
    if (quote) {
        for (i++; i < t.n && t.p[i] != quote; i++)
            if (t.p[i] == '\\' && i + 1 < t.n && (t.p[i + 1] == '\\' || t.p[i + 1] == quote))
                i++;
        end = i;
        i += i < t.n;
    } else {
        while (i < t.n && !ap_blank(t.p[i]))
            i++;
        end = i;
    }
    ret->value = unescape(a, sv_slice_sub(t, from + (quote != 0), end), quote);
    ret->span = (struct sv_span){0, (uint32_t)from, (uint32_t)i};
    ret->quote = quote;
    while (i < t.n && ap_blank(t.p[i]))
        i++;
    *at = i;
    return true;
}

struct sv_slice sv_apache_word(struct sv_arena *a, struct sv_slice *rest)
{
    size_t at = 0;
    struct sv_arg word = {.value = {"", 0}};
    ap_cut_word(a, *rest, &at, &word);
    *rest = sv_slice_sub(*rest, at, rest->n);
    return word.value.n ? sv_arena_copy(a, word.value) : (struct sv_slice){"", 0};
}

const char *sv_apache_quoted(struct sv_arena *a, struct sv_slice word)
{
    _cleanup_buf_ struct sv_buf out = {0};
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '"' || word.p[i] == '\\')
            sv_buf_addc(&out, '\\');
        sv_buf_addc(&out, word.p[i]);
    }
    return sv_arena_printf(a, "\"%s\"", out.p ? out.p : "");
}
