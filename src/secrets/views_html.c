// SPDX-License-Identifier: Apache-2.0
// Elements that give a name in one attribute and its value in another: <meta name content>.
#include <ctype.h>

#include "base/limits.h"
#include "secrets/views_part.h"

/* Tags are read one by one where a keyword stands in them. libxml2's parser compares each attribute
 * with all before it, so that 128 KB of one tag take it 2 s and 1 MB over a minute, and reads
 * ordinary pages at 14 MB/s, a fiftieth of what the search does; decoding is the other views' part
 * anyway. tests/secrets/test_html.py compares with a parser. */

struct attribute {
    struct sv_slice name, value;
};

/* Spaces as isspace() says in C's own locale; most bytes of a tag are asked. */
enum { SPACE = 1, BLANK = 2, EQUALS = 4, END = 8 };
static const unsigned char kinds[256] = {
    ['\t' ... '\r'] = SPACE | BLANK, [' '] = SPACE | BLANK, ['/'] = BLANK,
    ['='] = EQUALS, ['>'] = END,
};

/* Behind the bytes of these kinds, from `i` on, and behind those of others. */
static size_t pass(struct sv_slice t, size_t i, unsigned these)
{
    while (i < t.n && (kinds[(unsigned char)t.p[i]] & these))
        i++;
    return i;
}

static size_t pass_others(struct sv_slice t, size_t i, unsigned these)
{
    while (i < t.n && !(kinds[(unsigned char)t.p[i]] & these))
        i++;
    return i;
}

/* Behind the last '<' before `at`, or `low` if none stands between them. */
static size_t behind_bracket(struct sv_slice t, size_t low, size_t at)
{
    const char *bracket = memrchr(t.p + low, '<', at - low);
    return bracket ? (size_t)(bracket - t.p) + 1 : low;
}

/* Where a tag may begin that `at` stands in, not before `low`; or SIZE_MAX. A '>' on the way may
 * stand in quotes: only reading the tag tells. */
static size_t tag_start(struct sv_slice t, size_t at, size_t low)
{
    if (at > SV_MAX_HTML_TAG && low < at - SV_MAX_HTML_TAG)
        low = at - SV_MAX_HTML_TAG;
    for (size_t i = at; (i = behind_bracket(t, low, i)) > low; i--) {
        if (i < t.n && isalpha((unsigned char)t.p[i]))
            return i - 1;
        if (i < t.n && t.p[i] == '/')
            break;
    }
    return SIZE_MAX;
}

/* As HTML reads it: the value in either quotes, or up to a blank; false at the tag's end. */
static bool next_attribute(struct sv_slice t, size_t *at, struct attribute *ret)
{
    size_t from = pass(t, *at, BLANK), i = pass_others(t, from, BLANK | EQUALS | END);
    *ret = (struct attribute){.name = sv_slice_sub(t, from, i)};
    i = pass(t, i, SPACE);
    if (i < t.n && t.p[i] == '=') {
        i = pass(t, i + 1, SPACE);
        char quote = i < t.n && (t.p[i] == '"' || t.p[i] == '\'') ? t.p[i] : 0;
        from = i + (quote != 0);
        i = quote ? from + sv_slice_chr(sv_slice_sub(t, from, t.n), quote)
                  : pass_others(t, from, SPACE | END);
        ret->value = sv_slice_sub(t, from, i);
        i += quote && i < t.n;
    }
    bool more = i > *at && i < t.n;
    *at = i;
    return more && (ret->name.n || t.p[i] != '>');
}

static bool one_of(struct sv_slice s, const struct sv_slice *words)
{
    for (; words->n; words++)
        if (s.n == words->n && sv_slice_eq_nocase(s, *words))
            return true;
    return false;
}

static bool holds(struct sv_slice s, const char *const *words)
{
    for (; *words; words++)
        for (size_t i = 0; i + strlen(*words) <= s.n; i++)
            if (sv_slice_is_nocase(sv_slice_sub(s, i, i + strlen(*words)), *words))
                return true;
    return false;
}

/* Every page has other ones of these, or they are to be seen: they keep forms from being forged and
 * prove who owns a site. */
static bool is_public(struct sv_slice label)
{
    static const char *const words[] = {"csrf",    "xsrf",     "authenticity", "verif",
                                        "nonce",   "captcha",  "forgery",      "public",
                                        "sitekey", "site-key", "origin-trial", NULL};
    return holds(label, words);
}

/* 'label="value"', whose bytes come from the value: the label may stand behind it. */
static void add(struct sv_view_find *f, struct sv_slice label, struct sv_slice value)
{
    size_t room = label.n + value.n + 3, at = (size_t)(value.p - f->text.p);
    struct sv_view *v = sv_view_new(f, "HTML attributes", room);
    if (!v)
        return;
    char *out = (char *)(uintptr_t)v->text.p, *p = mempcpy(out, label.p, label.n);
    p = mempcpy(p, "=\"", 2);
    p = mempcpy(p, value.p, value.n);
    *p++ = '"';
    v->text.n = (size_t)(p - out);
    uint32_t lead = (uint32_t)label.n + 2, in = (uint32_t)at & SV_VIEW_PLACE;
    sv_view_step(f, v, (struct sv_view_step){.out = 0, .per_out = 1, .in = in, .per_in = 0});
    sv_view_step(
        f, v,
        (struct sv_view_step){.out = lead & SV_VIEW_PLACE, .per_out = 1, .in = in, .per_in = 1});
    /* The closing quote comes from the value's last byte: behind it the text may end. */
    sv_view_step(f, v,
                 (struct sv_view_step){.out = (uint32_t)(v->text.n - 1) & SV_VIEW_PLACE,
                                       .per_out = 1,
                                       .in = (uint32_t)(at + value.n - 1) & SV_VIEW_PLACE,
                                       .per_in = 0});
    sv_view_done(f, v, room);
}

/* The tag from its '<' on; where it ends. */
static size_t tag(struct sv_view_find *f, size_t start)
{
    static const struct sv_slice labels[] = {{"name", 4},        {"property", 8}, {"itemprop", 8},
                                             {"http-equiv", 10}, {"key", 3},      {"id", 2},
                                             {NULL, 0}};
    static const struct sv_slice values[] = {
        {"value", 5}, {"content", 7}, {"data-value", 10}, {NULL, 0}};
    struct sv_slice t = sv_slice_sub(f->text, 0, start + SV_MAX_HTML_TAG);
    struct attribute a, label = {0}, value = {0};
    size_t at = pass_others(t, start + 1, BLANK | END);
    while (next_attribute(t, &at, &a)) {
        if (a.value.n == 0)
            continue;
        bool better = label.value.n == 0 || sv_slice_is_nocase(label.name, "id");
        if (better && a.value.n <= SV_MAX_HTML_LABEL && one_of(a.name, labels))
            label = a;
        if (value.value.n == 0 && one_of(a.name, values))
            value = a;
    }
    if (label.value.n && value.value.n >= 8 && !is_public(label.value))
        add(f, label.value, value.value);
    return at;
}

void sv_views_html(struct sv_view_find *f)
{
    struct sv_slice t = f->text;
    size_t behind = 0;  /* what lies before it was looked at: no byte is twice */
    size_t bracket = 0; /* the first behind that */
    for (size_t i = 0; i < f->marks.n; i++) {
        size_t at = f->marks.v[i], start = SIZE_MAX;
        if (at < behind || at >= t.n)
            continue;
        if (bracket < behind || i == 0)
            bracket = behind + sv_slice_chr(sv_slice_sub(t, behind, t.n), '<');
        if (bracket < at)
            start = tag_start(t, at, behind);
        behind = start == SIZE_MAX ? at : tag(f, start);
        if (behind < at)
            behind = at;
    }
}
