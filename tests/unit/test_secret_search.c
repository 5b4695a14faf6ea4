// SPDX-License-Identifier: Apache-2.0
// The search against plain PCRE2 tried one rule and one place at a time, the gate against each
// keyword at each place, and streams against whole texts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first.
#include <cmocka.h>
#include <ctype.h>
#include <errno.h>

#include "scan/secrets_again.h"
#include "scan/secrets_stream.h"
#include "secrets/confirm.h"
#include "secrets/pattern.h"
#include "secrets/redact.h"
#include "secrets/value.h"

#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}
static const struct sv_secret_rule rules[] = {
    {.id = "tok", .keywords = WORDS("tok_"), .pattern = "(?<![A-Za-z0-9])tok_[A-Za-z0-9]{8,40}\\b"},
    {.id = "tok-long", .keywords = WORDS("tok_live_"), .pattern = "tok_live_[A-Za-z0-9]{8,}"},
    {.id = "pwd", .keywords = WORDS("pwd", "passwd"), .flags = SV_RULE_NOCASE | SV_RULE_GENERIC,
     .pattern = "(?:pwd|passwd)\\s*[=:]\\s*[\"']?([^\\s\"']{4,60})", .group = 1},
    {.id = "infix", .keywords = WORDS("T3Bl"), .flags = SV_RULE_LINE,
     .pattern = "[a-z0-9]{4}T3Bl[a-z0-9]{4}"},
    {.id = "line", .keywords = WORDS("account"), .flags = SV_RULE_LINE | SV_RULE_NOCASE,
     .pattern = "^key\\s+(\\w{6,})\\b.*account", .group = 1},
    {.id = "block", .keywords = WORDS("-BEGIN"), .pattern = "-BEGIN\\s[^-]{3,}-END"},
    {.id = "cased", .keywords = WORDS("AbC"), .pattern = "AbC[0-9]{3}"},
    {.id = "entropy", .keywords = WORDS("ent:"), .pattern = "ent:\\w{8}", .min_entropy = 2.5f},
};
static const struct sv_secret_rule hostile[] = {
    {.id = "redos", .keywords = WORDS("evil"), .pattern = "evil(a+)+\\d"},
    {.id = "block", .keywords = WORDS("-BEGIN"), .pattern = "-BEGIN[^-]*-END"},
};
enum { N_RULES = sizeof rules / sizeof *rules };

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Pieces of keywords and values, delimiters, any bytes: what is most likely to mislead a gate. */
static struct sv_slice make_text(struct sv_arena *a, uint32_t *seed, size_t n)
{
    static const char *const pieces[] = {
        "tok_", "tok_live_", "abcdefgh12", "pwd", "PWD", "PwD=", "passwd: ", "\"hunter2x\"", "T3Bl",
        "ab12T3Blcd34", "key abc123x y ACCOUNT\n", "account", "-BEGIN ", "-END", "AbC123", "abc123",
        "ABC123", "ent:aaaaaaaa", "ent:abcdefgh", "\n", "\r\n", " ", "=", "\0", "pw", "to", "acco",
        "pass", "-BEG", "tok-", "Tok_Abcdefgh1", "\xff\xfe", "\xc3\xa4", "xtok_abcdefgh",
        "ToK_live_"};
    char *p = sv_arena_alloc(a, n + 1);
    size_t i = 0;
    while (i < n) {
        const char *piece = pieces[next(seed) % (sizeof pieces / sizeof *pieces)];
        size_t length = strlen(piece) ? strlen(piece) : 1;
        if (next(seed) % 8 == 0) {
            p[i++] = (char)next(seed);
            continue;
        }
        length = length < n - i ? length : n - i;
        memcpy(p + i, piece, length);
        i += length;
    }
    return (struct sv_slice){p, n};
}

/* On the heap, of exactly its size, so that the sanitizer sees each byte read beside it. */
static struct sv_slice exact(struct sv_slice s)
{
    char *p = malloc(s.n ? s.n : 1);
    memcpy(p, s.p, s.n);
    return (struct sv_slice){p, s.n};
}

// ---- the oracle ----

static bool keyword_at(const struct sv_secret_rule *rule, struct sv_slice text, size_t at,
                       size_t *ret_n)
{
    bool found = false;
    *ret_n = 0;
    for (const char *const *k = rule->keywords; *k; k++) {
        struct sv_slice here = sv_slice_sub(text, at, at + strlen(*k));
        if (rule->flags & SV_RULE_NOCASE ? sv_slice_is_nocase(here, *k) : sv_slice_is(here, *k)) {
            found = true;
            *ret_n = here.n > *ret_n ? here.n : *ret_n;
        }
    }
    return found;
}

static void oracle_add(struct sv_confirm *c, uint16_t r, struct sv_slice text, const PCRE2_SIZE *o,
                       size_t from, size_t keyword)
{
    unsigned g = rules[r].group;
    struct sv_slice value = sv_slice_sub(text, from + o[2 * g], from + o[2 * g + 1]);
    if (sv_entropy(value) < (double)rules[r].min_entropy)
        return;
    c->found.v = realloc(c->found.v, (c->found.n + 1) * sizeof *c->found.v);
    c->found.v[c->found.n++] = (struct sv_secret_match){
        .hit = {.rule = &rules[r], .value = value, .offset = from + o[2 * g]},
        .at = from + o[0], .rule = r, .keyword_n = (uint16_t)keyword};
    c->found.cap = c->found.n;
}

static void oracle_rule(struct sv_confirm *c, uint16_t r, struct sv_slice text)
{
    const struct sv_secret_rule *rule = &rules[r];
    bool line = rule->flags & SV_RULE_LINE;
    int error;
    size_t where, n;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)rule->pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_MULTILINE | (line ? 0 : PCRE2_ANCHORED) |
                                         (rule->flags & SV_RULE_NOCASE ? PCRE2_CASELESS : 0),
                                     &error, &where, context);
    assert_non_null(code);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    const PCRE2_SIZE *o = pcre2_get_ovector_pointer(data);
    for (size_t i = 0; i < text.n; i++) {
        if (!keyword_at(rule, text, i, &n))
            continue;
        if (!line) {
            if (pcre2_match(code, (PCRE2_SPTR)text.p, text.n, i, 0, data, NULL) >= 0)
                oracle_add(c, r, text, o, 0, n);
            continue;
        }
        size_t from = i, to = i;
        while (from && !memchr("\n\r", text.p[from - 1], 3))
            from--;
        while (to < text.n && !memchr("\n\r", text.p[to], 3))
            to++;
        for (size_t at = from; at < to; at = from + o[1])
            if (pcre2_match(code, (PCRE2_SPTR)text.p + from, to - from, at - from, 0, data,
                            NULL) < 0)
                break;
            else
                oracle_add(c, r, text, o, from, n);
        i = to;
    }
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    pcre2_compile_context_free(context);
}

static void oracle(struct sv_arena *a, struct sv_slice text, struct sv_secret_hits *out)
{
    struct sv_confirm c = {.rules = rules, .n_rules = N_RULES};
    *out = (struct sv_secret_hits){0};
    for (uint16_t r = 0; r < N_RULES; r++)
        oracle_rule(&c, r, text);
    sv_confirm_reduce(&c, a, text.n, out);
    free(c.found.v);
}

static void assert_same(const struct sv_secret_hits *x, const struct sv_secret_hits *y)
{
    for (size_t i = 0; i < x->list.n && i < y->list.n; i++) {
        assert_string_equal(x->list.v[i].rule->id, y->list.v[i].rule->id);
        assert_int_equal(x->list.v[i].offset, y->list.v[i].offset);
        assert_int_equal(x->list.v[i].value.n, y->list.v[i].value.n);
    }
    assert_int_equal(x->list.n, y->list.n);
}

// ---- tests ----

static void test_oracle(void **state)
{
    uint32_t seed = 7;
    size_t total = 0;
    (void)state;
    struct sv_search *s = sv_search_new_rules(rules, N_RULES);
    for (unsigned round = 0; round < 1000; round++) {
        struct sv_arena a = {0};
        struct sv_secret_hits want, got;
        struct sv_slice text = exact(make_text(&a, &seed, next(&seed) % 1500));
        oracle(&a, text, &want);
        sv_search_text(s, &a, text, &got);
        assert_same(&got, &want);
        total += want.list.n;
        assert_int_equal(got.limits, 0);
        assert_int_equal(sv_search_gate(s, text), sv_search_gate(s, text) || want.list.n);
        free((void *)text.p);
        sv_arena_clear(&a);
    }
    sv_search_free(s);
    assert_true(total > 5000);
}

static bool stands(const struct sv_gate_key *k, struct sv_slice text, size_t at)
{
    struct sv_slice key = {k->text, k->n}, here = sv_slice_sub(text, at, at + k->n);
    return at + k->n <= text.n &&
           (k->nocase ? sv_slice_eq_nocase(here, key) : sv_slice_eq(here, key));
}

/* What a gate must find: each place of each keyword, in order and once. */
static void check_gate(const struct sv_gate_tables *t, struct sv_slice text)
{
    struct sv_gate_hits hits = {0};
    size_t found = 0, expected = 0;
    for (size_t at = 0; at < text.n; at += SV_GATE_BLOCK) {
        size_t n = text.n - at < SV_GATE_BLOCK ? text.n - at : SV_GATE_BLOCK;
        sv_gate_run(t, text, at, n, &hits);
        for (size_t i = 0; i < hits.n; i++) {
            const struct sv_gate_hit *h = &hits.v[i];
            assert_true(h->at < n && (i == 0 || h->at >= h[-1].at) && h->key < t->n_keys);
            assert_true(stands(&t->keys[h->key], text, at + h->at));
            for (size_t k = i; k > 0 && hits.v[k - 1].at == h->at; k--)
                assert_true(hits.v[k - 1].key != h->key);
        }
        found += hits.n;
    }
    for (size_t k = 0; k < t->n_keys; k++)
        for (size_t i = 0; i < text.n; i++)
            expected += stands(&t->keys[k], text, i);
    assert_int_equal(found, expected);
    free(hits.v);
}

static void test_gate(void **state)
{
    uint32_t seed = 11;
    struct sv_gate_tables t = {0};
    (void)state;
    sv_gate_build(&t, rules, N_RULES, false);
    for (unsigned round = 0; round < 600; round++) {
        struct sv_arena a = {0};
        size_t n = round % 3 ? next(&seed) % 300 : next(&seed) % (3 * SV_GATE_BLOCK);
        struct sv_slice text = exact(make_text(&a, &seed, n));
        check_gate(&t, text);
        free((void *)text.p);
        sv_arena_clear(&a);
    }
    sv_arena_clear(&t.arena);
}

#ifdef SV_GATE_TABLES
/* Every keyword, its letters in whatever case counts, at each distance from the beginning and the
 * end of texts that end where the memory does, and across the edges of blocks. */
static void test_gate_edges(void **state)
{
    (void)state;
    for (size_t k = 0; k < sv_gate_built.n_keys; k++) {
        const struct sv_gate_key *key = &sv_gate_built.keys[k];
        for (size_t before = 0; before < 9; before++) {
            for (size_t behind = 0; behind < 4; behind++) {
                char text[400];
                int n = snprintf(text, sizeof text, "%.*s%s%.*s", (int)before, "xxxxxxxxx",
                                 key->text, (int)behind, "\xff~~");
                if (key->nocase && (before & 1))
                    text[before] = (char)toupper((unsigned char)text[before]);
                struct sv_slice exactly = exact((struct sv_slice){text, (size_t)n});
                check_gate(&sv_gate_built, exactly);
                free((void *)exactly.p);
            }
        }
    }
    static char large[3 * SV_GATE_BLOCK];
    uint32_t seed = 5;
    for (unsigned round = 0; round < 4; round++) {
        memset(large, 'x', sizeof large);
        for (size_t at = next(&seed) % 30; at + 300 < sizeof large; at += next(&seed) % 60) {
            const struct sv_gate_key *key =
                &sv_gate_built.keys[next(&seed) % sv_gate_built.n_keys];
            memcpy(large + at, key->text, key->n);
        }
        check_gate(&sv_gate_built, (struct sv_slice){large, sizeof large});
    }
}
#endif

/* The stream in buffers of odd sizes finds what the whole text holds, each secret once. */
static void test_stream(void **state)
{
    uint32_t seed = 13;
    struct sv_search *s = sv_search_new_rules(rules, N_RULES);
    (void)state;
    for (unsigned round = 0; round < 12; round++) {
        struct sv_arena a = {0};
        struct sv_secret_hits whole, got = {0};
        struct sv_slice text = make_text(&a, &seed, 200000 + next(&seed) % 100000);
        if (round % 3 == 0) /* one line without an end */
            for (size_t i = 0; i < text.n; i++)
                if (memchr("\n\r", text.p[i], 3))
                    ((char *)text.p)[i] = ' ';
        sv_search_text(s, &a, text, &whole);
        struct sv_search_at at = {0};
        size_t keep = 0, read = 0, size = 40000 + next(&seed) % 50000;
        for (bool last = false; !last;) {
            size_t start = read - keep, more = text.n - read < size ? text.n - read : size;
            struct sv_secret_hits part;
            struct sv_slice buffer = exact(sv_slice_sub(text, start, read + more));
            last = (read += more) == text.n;
            assert_int_equal(at.base, start);
            keep = sv_search_chunk(s, &a, buffer, &at, last, &part);
            assert_true(keep <= buffer.n);
            sv_vec_each(h, &part.list)
            {
                assert_memory_equal(h->value.p, text.p + h->offset, h->value.n);
                sv_vec_push(&a, &got.list, *h);
            }
            free((void *)buffer.p);
        }
        assert_same(&got, &whole);
        sv_arena_clear(&a);
    }
    sv_search_free(s);
}

static void test_overlap(void **state)
{
    struct sv_arena a = {0};
    struct sv_secret_hits hits;
    struct sv_search *s = sv_search_new_rules(rules, N_RULES);
    (void)state;
    sv_search_text(s, &a, SV_LIT("passwd=tok_live_abcdefgh1"), &hits);
    assert_int_equal(hits.list.n, 1);
    assert_string_equal(hits.list.v[0].rule->id, "tok-long");
    assert_int_equal(hits.list.v[0].offset, 7);
    sv_search_text(s, &a, SV_LIT("passwd=changeme"), &hits);
    assert_true(hits.list.n == 1 && hits.list.v[0].placeholder);
    sv_search_text(s, &a, (struct sv_slice){NULL, 0}, &hits);
    assert_int_equal(hits.list.n, 0);
    sv_search_free(s);
    sv_arena_clear(&a);
}

/* Hostile texts: work limits are counted, and the time stays bounded. */
static void test_limits(void **state)
{
    struct sv_arena a = {0};
    struct sv_secret_hits hits;
    struct sv_search *s = sv_search_new_rules(hostile, 2);
    char *text = sv_arena_alloc(&a, 4 << 20);
    (void)state;
    memset(text, 'a', 4 << 20);
    for (size_t i = 0; i + 80 < 4 << 20; i += 80)
        memcpy(text + i, "evil", 4);
    for (size_t i = 50; i < 4 << 20; i += 80)
        text[i] = '!';
    sv_search_text(s, &a, (struct sv_slice){text, 4 << 20}, &hits);
    assert_int_equal(hits.list.n, 0);
    assert_true(hits.limits > 1000);
    for (size_t i = 0; i + 8 < 4 << 20; i += 8)
        memcpy(text + i, "-BEGINaa", 8);
    sv_search_text(s, &a, (struct sv_slice){text, 1 << 20}, &hits);
    assert_int_equal(hits.list.n, 0);
    memset(text, '\n', 4 << 20);
    for (size_t i = 0; i + 6 < 4 << 20; i += 6)
        memcpy(text + i, "-BEGIN", 6);
    for (size_t i = 5; i < 4 << 20; i += 6)
        text[i] = 'N', text[i - 5] = (i % 60 == 5) ? '-' : 'x';
    sv_search_text(s, &a, (struct sv_slice){text, 1 << 20}, &hits);
    assert_int_equal(hits.list.n, 0);
    /* A value whose end is beyond the reach is none; the one before it is. */
    memset(text, 'x', 40000);
    memcpy(text, "-BEGIN", 6);
    memcpy(text + 39000, "-END", 4);
    sv_search_text(s, &a, (struct sv_slice){text, 40000}, &hits);
    assert_int_equal(hits.list.n, 0);
    memcpy(text + 9000, "-END", 4);
    sv_search_text(s, &a, (struct sv_slice){text, 40000}, &hits);
    assert_int_equal(hits.list.n, 1);
    sv_search_free(s);
    sv_arena_clear(&a);
}


/* ---- bytes that are searched in other words ---- */

struct failing {
    size_t left;
    int end; /* what the source says behind its bytes */
};

static ssize_t read_failing(void *ctx, char *p, size_t n)
{
    struct failing *f = ctx;
    if (!f->left)
        return f->end;
    n = n < f->left ? n : f->left;
    n = n < 3 ? n : 3;
    memset(p, 'x', n);
    f->left -= n;
    return (ssize_t)n;
}

/* What was read before an error is there to be searched, and to be wiped. */
static void test_fill(void **state)
{
    char p[8];
    struct failing f = {5, -EIO};
    struct sv_bytes_from from = {read_failing, &f};
    (void)state;
    assert_int_equal(sv_bytes_fill(from, p, sizeof p), 5);
    assert_int_equal(sv_bytes_fill(from, p, sizeof p), -EIO);
    f = (struct failing){5, 0};
    assert_int_equal(sv_bytes_fill(from, p, sizeof p), 5);
    assert_int_equal(sv_bytes_fill(from, p, sizeof p), 0);
    f = (struct failing){20, -EIO};
    assert_int_equal(sv_bytes_fill(from, p, sizeof p), sizeof p);
}

/* An archive of many zips asks for the list once for each: it costs nothing until a value comes. */
static void test_again(void **state)
{
    struct sv_arena a = {0}, list = {0};
    struct sv_secret_found found = {0};
    static const char *const values[] = {"other-file", "value-two", "value-one", "value-six"};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        sv_vec_push(&a, &found.list,
                    (struct sv_secret_place){.id = sv_secret_id(&a, sv_slice_of(values[i]))});
    struct sv_again again = sv_again_of(&list, &found, 1, false);
    assert_int_equal(list.total, 0);
    sv_vec_push(&a, &found.list,
                (struct sv_secret_place){.id = sv_secret_id(&a, sv_slice_of("came-later"))});
    for (size_t i = 1; i < 4; i++)
        assert_true(sv_again_known(&again, &a, sv_slice_of(values[i])));
    assert_false(sv_again_known(&again, &a, sv_slice_of("other-file")));
    assert_false(sv_again_known(&again, &a, sv_slice_of("came-later")));
    assert_false(sv_again_known(&again, &a, sv_slice_of("value-one-and-more")));
    again = sv_again_of(&list, &found, 1, true);
    assert_true(sv_again_known(&again, &a, sv_slice_of("value-one-and-more")));
    again = sv_again_of(&list, &found, found.list.n, false);
    assert_false(sv_again_known(&again, &a, sv_slice_of("value-one")));
    sv_arena_clear(&list);
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate),
#ifdef SV_GATE_TABLES
        cmocka_unit_test(test_gate_edges),
#endif
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
