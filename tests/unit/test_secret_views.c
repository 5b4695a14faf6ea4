// SPDX-License-Identifier: Apache-2.0
// Unit tests of the decoders: what each reads, what it leaves alone, where decoded bytes come from.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>

#include "base/limits.h"
#include "secrets/views.h"
#include "secrets/views_part.h"

static struct sv_arena arena;

/* The views of a text in which keywords stand at `mark` (none if negative). */
static struct sv_views views_of(struct sv_slice text, int mark)
{
    uint32_t at = (uint32_t)mark;
    struct sv_views views = {0};
    sv_views_find(&arena, text, NULL, (struct sv_secret_marks){&at, mark >= 0}, &views);
    return views;
}

/* The text has a view that says `want`; where in the text that begins. */
static size_t says(const char *text, int mark, const char *via, const char *want)
{
    struct sv_views views = views_of(sv_slice_of(text), mark);
    sv_vec_each(v, &views.list)
    {
        size_t at = sv_slice_find((*v)->text, want);
        if (at < (*v)->text.n && strcmp((*v)->via, via) == 0)
            return sv_view_origin(*v, at);
    }
    print_error("no %s view of %s says %s\n", via, text, want);
    fail();
    return 0;
}

static void silent(const char *text, int mark)
{
    struct sv_views views = views_of(sv_slice_of(text), mark);
    if (views.list.n)
        print_error("%s says %.*s\n", text, (int)views.list.v[0]->text.n,
                    views.list.v[0]->text.p);
    assert_int_equal(views.list.n, 0);
}

static void one(sv_unescape *read, const char *escape, size_t took, const char *want)
{
    char out[SV_UNESCAPE_ROOM];
    size_t n = 0, got = read(escape, escape + strlen(escape), out, &n);
    if (got != took || (took && (n != strlen(want) || memcmp(out, want, n) != 0)))
        print_error("%s took %zu\n", escape, got);
    assert_int_equal(got, took);
    if (took) {
        assert_int_equal(n, strlen(want));
        assert_memory_equal(out, want, n);
    }
}

static void test_single(void **state)
{
    (void)state;
    one(sv_unescape_percent, "%2Fx", 3, "/");
    one(sv_unescape_percent, "%2g", 0, "");
    one(sv_unescape_percent, "%2", 0, "");
    one(sv_unescape_backslash, "\\n", 2, "\n");
    one(sv_unescape_backslash, "\\\"", 2, "\"");
    one(sv_unescape_backslash, "\\x7eq", 4, "~");
    one(sv_unescape_backslash, "\\u00e4", 6, "\xc3\xa4");
    one(sv_unescape_backslash, "\\u{1F600}", 9, "\xf0\x9f\x98\x80");
    one(sv_unescape_backslash, "\\u{}", 0, "");
    one(sv_unescape_backslash, "\\u{41", 0, "");
    one(sv_unescape_backslash, "\\U00000041", 10, "A");
    one(sv_unescape_backslash, "\\101", 4, "A");
    one(sv_unescape_backslash, "\\401", 0, "");
    one(sv_unescape_backslash, "\\d", 0, "");
    one(sv_unescape_backslash, "\\", 0, "");
    one(sv_unescape_backslash, "\\u00", 0, "");
    one(sv_unescape_entity, "&#65;", 5, "A");
    one(sv_unescape_entity, "&#x41;", 6, "A");
    one(sv_unescape_entity, "&#X41;", 6, "A");
    one(sv_unescape_entity, "&#65", 0, "");
    one(sv_unescape_entity, "&#x110000;", 0, "");
    one(sv_unescape_entity, "&quot;", 6, "\"");
    one(sv_unescape_entity, "&quot", 0, "");
    one(sv_unescape_mail, "=3D", 3, "=");
    one(sv_unescape_mail, "=\r\n", 3, "");
    one(sv_unescape_mail, "=\n", 2, "");
    one(sv_unescape_mail, "=\r", 0, "");
    one(sv_unescape_mail, "=", 0, "");
}

static void test_runs(void **state)
{
    (void)state;
    /* "the quick brown fox jumps" */
    assert_int_equal(says("x='dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw=='", -1, "base64", "quick"),
                     3 + 5);
    /* Behind other characters of the alphabet: no alignment is taken for granted. */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(says(&"///dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw"[i], -1, "base64", "brown"),
                         3 - i + 13);
    /* Over lines, as they stand and as "\n" in a string. */
    assert_int_equal(says("dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVy\r\n  IHRoZSBsYXp5IGRvZw==", -1,
                          "base64", "lazy"), 44 + 6);
    says("dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVy\\\\r\\\\nIHRoZSBsYXp5IGRvZw==", -1, "base64",
         "over the lazy");
    assert_int_equal(says("0x74686520717569636b2062726f776e20666f78", -1, "hex", "quick"), 2 + 8);
    says("74686520717569636B2062726F776E20666F78", -1, "hex", "quick brown fox");
    silent("dGhlIHF1aWNrIGJyb3du", -1);                            /* too short */
    silent("theQuickBrownFoxJumpsOverTheLazyDogAndOn", -1);        /* a name */
    silent("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", -1);
    silent("sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", -1);
    silent("x.eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2ln", -1);
}

static void test_escapes(void **state)
{
    (void)state;
    assert_int_equal(says("a%74oken", -1, "percent-encoded", "token"), 1);
    assert_int_equal(says("a\\u0074oken", -1, "escaped", "token"), 1);
    assert_int_equal(says("a\\x74oken", -1, "escaped", "oken"), 5);
    assert_int_equal(says("a&#116;oken", -1, "HTML entities", "oken"), 7);
    says("postgres%3A%2F%2Fu%3Ap%40h", -1, "percent-encoded", "postgres://u:p@h");
    says("postgres:\\/\\/u:p@h", -1, "escaped", "://u");
    says("token\\\": \\\"abcdefgh1\\\"", 0, "escaped", "token\": \"abcdefgh1\"");
    says("token=3Dabc", 0, "quoted-printable", "token=abc");
    says("a line of mail that an encoder has cut where it got too long for it, sec=\nret", -1,
         "quoted-printable", "it, secret");
    silent("50% of 100%, 20%2", -1);
    silent("a%20b%2Fc%3D", -1);
    silent("a \\n b \\\" c \\d", -1);
    silent("token \\n words only", 0); /* nothing there is a value */
    silent("x &amp; y &lt; &#8217;", -1);
    silent("x=\ny=3D", -1);
    silent("https:\\/\\/example.com\\/", -1); /* no password in it */
}

static void test_utf16(void **state)
{
    (void)state;
    static const char text[] = "t\0h\0e\0 \0q\0u\0i\0c\0k\0 \0f\0o\0x\0";
    struct sv_views views = views_of((struct sv_slice){text, sizeof text - 1}, -1);
    assert_int_equal(views.list.n, 1);
    assert_true(sv_slice_is(views.list.v[0]->text, "the quick fox"));
    assert_int_equal(sv_view_origin(views.list.v[0], 4), 8);
}

/* Escapes and runs at every place of a block's and of a word's edges. */
static void test_blocks(void **state)
{
    (void)state;
    enum { N = SV_VIEW_BLOCK + 400 };
    static char text[N];
    for (size_t at = SV_VIEW_BLOCK - 140; at < SV_VIEW_BLOCK + 140; at++) {
        for (size_t i = 0; i < N; i++)
            text[i] = ' ';
        memcpy(text + at, "dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw", 34);
        memcpy(text + at + 60, "\\u0074oken", 10);
        struct sv_views views = views_of((struct sv_slice){text, at % 2 ? N : at + 70}, -1);
        assert_int_equal(views.list.n, 2);
        size_t run = views.list.v[0]->blob ? 0 : 1;
        assert_true(sv_slice_is(views.list.v[run]->text, "the quick brown fox jumps"));
        assert_int_equal(sv_view_origin(views.list.v[run], 0), at);
        const struct sv_view *escaped = views.list.v[1 - run];
        size_t token = sv_slice_find(escaped->text, "token");
        assert_true(token < escaped->text.n);
        assert_int_equal(sv_view_origin(escaped, token + 1), at + 66);
        sv_arena_clear(&arena);
    }
}

static bool is_marked(const struct sv_view_block *b, size_t i)
{
    size_t w = i / 64;
    return b->some[w / 64] >> w % 64 & 1 && b->strong[w] >> i % 64 & 1;
}

/* The run at this place may be passed over. */
static bool is_name_at(struct sv_slice s, size_t at)
{
    size_t from = at, to = at;
    bool digit = false;
    while (from > 0 && s.p[from - 1] && (isalnum((unsigned char)s.p[from - 1]) ||
                                         strchr("+-/_", s.p[from - 1])))
        from--;
    for (to = from; to < s.n && s.p[to] && (isalnum((unsigned char)s.p[to]) ||
                                            strchr("+-/_", s.p[to])); to++)
        digit |= isdigit((unsigned char)s.p[to]) != 0;
    return !digit && to - from < SV_VIEW_FULL_LINE &&
           !sv_slice_starts(sv_slice_sub(s, from, to), SV_VIEW_JWT);
}

/* The scan against what its header says of each byte, by bytes. */
static void check_scan(struct sv_slice s, bool portable)
{
    struct sv_view_block bits;
    struct sv_view_find f = {.a = &arena, .text = s, .bits = &bits, .portable = portable};
    for (; f.block < s.n; f.block = f.block_end) {
        sv_views_scan(&f);
        struct sv_view_block leads = bits;
        f.bits = &leads;
        sv_views_scan_leads(&f, 0, s.n);
        f.bits = &bits;
        for (size_t at = f.block, run = 0, k = 0; at < f.block_end; at++, run -= run != 0) {
            size_t i = at - f.block;
            char c = s.p[at], next = at + 1 < s.n ? s.p[at + 1] : ' ';
            for (; run < SV_VIEW_RUN && at + run < s.n && isalnum((unsigned char)s.p[at + run]);)
                run++;
            bool lead = c && strchr("%\\&=", c), strong = is_marked(&bits, i);
            bool must = lead && ((c == '%' && next >= '2' && next <= '7') ||
                                 (c == '&' && next && strchr("#ac", next)) ||
                                 (c == '=' && (next == '\n' || next == '\r')) ||
                                 (c == '\\' && next && strchr("xuU/0123", next)));
            bool in_run = at > 0 && isalnum((unsigned char)s.p[at - 1]);
            while (k < bits.n_runs && f.block + bits.runs[k] < at)
                k++;
            bool listed = k < bits.n_runs && f.block + bits.runs[k] < at + 4;
            if (run == SV_VIEW_RUN && !in_run)
                assert_true(listed || is_name_at(s, at));
            if (run < SV_VIEW_RUN && !in_run)
                assert_false(listed && f.block + bits.runs[k] < at + run);
            assert_int_equal(is_marked(&leads, i), lead);
            assert_int_equal(strong, must);
        }
    }
    assert_int_equal(f.nul, memchr(s.p, 0, s.n) != NULL);
}

static void test_scan(void **state)
{
    (void)state;
    static const char common[] = "abcxyzABCXYZ0123789%\\&=\n\r#/uU :[{@`_";
    static char text[2 * SV_VIEW_BLOCK + 200];
    uint32_t lot = 7;
    for (size_t round = 0; round < 400; round++) {
        size_t n = round < 300 ? round : sizeof text - round;
        for (size_t i = 0; i < n; i++) {
            lot = lot * 1664525 + 1013904223;
            text[i] = common[(lot >> 16) % (sizeof common - 1)];
            if (round % 4 == 0)
                text[i] = (char)(lot >> 24);
            if (round % 4 == 1)
                text[i] = "Az09"[lot >> 30];
            if (round % 4 == 1 && lot >> 8 & 31 && i % 29 == 0)
                text[i] = '-';
            if (round % 8 == 2)
                text[i] = "aZeyJ-_ "[(lot >> 16) % (i % 37 ? 5 : 8)];
        }
        check_scan((struct sv_slice){text, n}, false);
        check_scan((struct sv_slice){text, n}, true);
    }
}

/* The bracket in front of a keyword is found at any distance, and another one stops it. */
static void test_html_brackets(void **state)
{
    (void)state;
    for (int gap = 0; gap < 80; gap++) {
        char text[256];
        int n = snprintf(text, sizeof text, "a <meta %*sname=\"api-key\" content=\"%s\">", gap, "",
                         "8sK2pQz9vL4m");
        int mark = (int)(strstr(text, "api") - text);
        assert_int_equal(says(text, mark, "HTML attributes", "8sK2pQz9vL4m"), n - 14);
        text[8 + gap / 2] = '>';
        silent(text, mark);
    }
}

/* A name in one attribute, its value in another: bytes come from the value. */
static void test_html(void **state)
{
    (void)state;
    static const char *const tags[] = {
        "<p><input type=hidden name=api_secret value=abc123def456>",
        "<META content='abc123def456' Name = \"api_secret\">",
        "<x-config id='a' key=\"api_secret\" class=b value=\"abc123def456\"/>",
        "<input value=abc123def456 id=api_secret disabled >",
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        const char *value = strstr(tags[i], "abc123"), *mark = strstr(tags[i], "secret");
        const char *want = "api_secret=\"abc123def456\"";
        size_t at = says(tags[i], (int)(mark - tags[i]), "HTML attributes", want);
        assert_int_equal(at, value - tags[i]);
        at = says(tags[i], (int)(mark - tags[i]), "HTML attributes", "def456\"");
        assert_int_equal(at, value + 6 - tags[i]);
    }
    silent("<input name=csrf_secret value=abc123def456>", 14);
    silent("<input name=api_secret value=short>", 14);
    silent("<a>name=api_secret value=abc123def456</a>", 12);
    silent("<input name=api_secret value=abc123def456", 14); /* cut off */
    silent("< input name=api_secret value=abc123def456>", 15);
    silent("api_secret", 4);
}

/* A tag full of attributes, keywords without a tag: no byte is looked at again and again. */
static void test_html_bombs(void **state)
{
    (void)state;
    enum { N = 1 << 20, STEP = 6 };
    char *text = sv_arena_alloc(&arena, N);
    uint32_t *marks = sv_arena_alloc(&arena, N / STEP * sizeof *marks);
    static const char *const fills[] = {"token ", "<token", "token=", "<a t='"};
    for (size_t k = 0; k < sizeof fills / sizeof *fills; k++) {
        struct sv_views views = {0};
        for (size_t i = 0; i < N / STEP; i++) {
            memcpy(text + i * STEP, fills[k], STEP);
            marks[i] = (uint32_t)(i * STEP);
        }
        sv_views_find(&arena, (struct sv_slice){text, N / STEP * STEP}, NULL,
                      (struct sv_secret_marks){marks, N / STEP}, &views);
        assert_int_equal(views.list.n, 0);
    }
}

/* What is decoded of one text is bounded, and it is said. */
static void test_bounds(void **state)
{
    (void)state;
    enum { N = 2 * SV_SECRET_VIEW_BYTES };
    char *text = sv_arena_alloc(&arena, N);
    for (size_t i = 0; i + 3 < N; i += 3)
        memcpy(text + i, "%41", 3);
    struct sv_views views = views_of((struct sv_slice){text, N}, -1);
    assert_true(views.incomplete);
    assert_true(views.bytes <= SV_SECRET_VIEW_BYTES);
}

static int clear(void **state)
{
    (void)state;
    sv_arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_single, clear),
        cmocka_unit_test_teardown(test_runs, clear),
        cmocka_unit_test_teardown(test_escapes, clear),
        cmocka_unit_test_teardown(test_utf16, clear),
        cmocka_unit_test_teardown(test_blocks, clear),
        cmocka_unit_test_teardown(test_scan, clear),
        cmocka_unit_test_teardown(test_html, clear),
        cmocka_unit_test_teardown(test_html_brackets, clear),
        cmocka_unit_test_teardown(test_html_bombs, clear),
        cmocka_unit_test_teardown(test_bounds, clear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
