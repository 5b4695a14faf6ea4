// SPDX-License-Identifier: Apache-2.0
// A pool of compiled PCRE2 patterns with bounded matching.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include <ctype.h>
#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"

/* What translating a pattern costs, the interpreter needs for a page of text, and most patterns are
 * tried on less. */
enum { MAX_PATTERN = 64 << 10, BYTES_BEFORE_JIT = 2048, BYTES_OF_A_TRY = 64 };

struct sv_regex {
    struct sv_regex *next; /* with the same text and other flags */
    struct sv_slice pattern;
    unsigned flags;
    size_t literal; /* bytes behind "^" that every text it fits begins with */
    pcre2_code *code;
    pcre2_match_data *data;
    size_t bytes; /* that the interpreter was given */
    bool translated;
    struct sv_regex_pool *pool;
    char error[160]; /* why code is NULL */
};

struct sv_regex_pool {
    struct sv_arena arena;
    pcre2_match_context *match;
    struct sv_map patterns; /* text: the place in `list` plus one */
    SV_VEC(struct sv_regex *) list;
};

struct sv_regex_pool *sv_regex_pool_new(void)
{
    struct sv_regex_pool *p = calloc(1, sizeof *p);
    if (!p || !(p->match = pcre2_match_context_create(NULL)))
        abort();
    pcre2_set_match_limit(p->match, SV_REGEX_MATCH_LIMIT);
    pcre2_set_heap_limit(p->match, SV_REGEX_HEAP_KIB);
    return p;
}

void sv_regex_pool_free(struct sv_regex_pool *p)
{
    if (!p)
        return;
    sv_vec_each(re, &p->list)
    {
        pcre2_match_data_free((*re)->data);
        pcre2_code_free((*re)->code);
    }
    pcre2_match_context_free(p->match);
    sv_arena_clear(&p->arena);
    free(p);
}

/* Servers may have locations by the thousand that differ in their first folder. */
static size_t literal_of(struct sv_slice p, unsigned flags)
{
    size_t n = 0;
    if (p.n < 2 || p.p[0] != '^' || (flags & (SV_REGEX_NOCASE | SV_REGEX_MULTILINE)) ||
        memchr(p.p, '|', p.n))
        return 0;
    while (n + 1 < p.n && (isalnum((unsigned char)p.p[n + 1]) || memchr("/_-", p.p[n + 1], 3)))
        n++;
    /* The last one may be missing; what counts it may follow a comment, or \\E. */
    bool counted = n && n + 1 < p.n && memchr("*+?{(\\", p.p[n + 1], 6);
    return n - counted;
}

static bool begins_otherwise(const struct sv_regex *re, struct sv_slice text, size_t from)
{
    return from == 0 && re->literal &&
           (text.n < re->literal || memcmp(text.p, re->pattern.p + 1, re->literal) != 0);
}

static void compile(struct sv_regex *re)
{
    int code;
    PCRE2_SIZE at;
    uint32_t options = re->flags & SV_REGEX_NOCASE ? PCRE2_CASELESS : 0;
    if (re->flags & SV_REGEX_MULTILINE)
        options |= PCRE2_MULTILINE;
    if (re->flags & SV_REGEX_DOTALL)
        options |= PCRE2_DOTALL;
    if (re->flags & SV_REGEX_DOLLAR_END)
        options |= PCRE2_DOLLAR_ENDONLY;
    if (re->pattern.n > MAX_PATTERN) {
        snprintf(re->error, sizeof re->error, "the pattern is longer than %d bytes", MAX_PATTERN);
        return;
    }
    re->code = pcre2_compile((PCRE2_SPTR)re->pattern.p, re->pattern.n, options, &code, &at, NULL);
    if (!re->code) {
        PCRE2_UCHAR text[128];
        pcre2_get_error_message(code, text, sizeof text);
        snprintf(re->error, sizeof re->error, "%s at offset %zu", (char *)text, (size_t)at);
        return;
    }
    re->data = pcre2_match_data_create_from_pattern(re->code, NULL);
    if (!re->data)
        abort();
    re->literal = literal_of(re->pattern, re->flags);
}

struct sv_regex *sv_regex_get(struct sv_regex_pool *p, struct sv_slice pattern, unsigned flags,
                              struct sv_err *err)
{
    uint32_t at = sv_map_find(&p->patterns, pattern);
    struct sv_regex *first = at ? p->list.v[at - 1] : NULL, *re = first;
    while (re && re->flags != flags)
        re = re->next;
    if (!re) {
        re = sv_new(&p->arena, struct sv_regex);
        re->pattern = sv_arena_copy(&p->arena, pattern);
        re->flags = flags;
        re->pool = p;
        re->next = first;
        sv_vec_push(&p->arena, &p->list, re);
        *sv_map_at(&p->arena, &p->patterns, re->pattern) = (uint32_t)p->list.n;
        compile(re);
    }
    if (re->code)
        return re;
    sv_err_set(err, EINVAL, "%s", re->error);
    return NULL;
}

static int match(struct sv_regex *re, struct sv_slice text, size_t from)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.p ? text.p : "");
    if (begins_otherwise(re, text, from))
        return PCRE2_ERROR_NOMATCH;
    re->bytes += text.n > from ? text.n - from + BYTES_OF_A_TRY : BYTES_OF_A_TRY;
    if (!re->translated && re->bytes < BYTES_BEFORE_JIT) {
        int rc = pcre2_match(re->code, subject, text.n, from, 0, re->data, re->pool->match);
        if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
            return rc;
        /* The interpreter counts its steps otherwise: what it gives up may still be found. */
    }
    if (!re->translated)
        (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); /* else the interpreter serves */
    re->translated = true;
    int rc = pcre2_match(re->code, subject, text.n, from, 0, re->data, re->pool->match);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) /* the same answer as before it was translated */
        rc = pcre2_match(re->code, subject, text.n, from, PCRE2_NO_JIT, re->data, re->pool->match);
    return rc;
}

enum sv_match_result sv_regex_match(struct sv_regex *re, struct sv_slice text, size_t from,
                                    struct sv_match *ret)
{
    int rc = match(re, text, from);
    if (rc == PCRE2_ERROR_NOMATCH)
        return SV_MATCH_NO;
    if (rc < 0)
        return SV_MATCH_LIMIT;
    if (!ret)
        return SV_MATCH_YES;
    const PCRE2_SIZE *o = pcre2_get_ovector_pointer(re->data);
    unsigned groups = pcre2_get_ovector_count(re->data);
    *ret = (struct sv_match){.n = groups < SV_REGEX_GROUPS ? groups : SV_REGEX_GROUPS,
                             .start = o[0],
                             .end = o[1]};
    for (unsigned i = 0; i < ret->n; i++)
        if (o[2 * i] != PCRE2_UNSET && o[2 * i] <= o[2 * i + 1])
            ret->group[i] = sv_slice_sub(text, o[2 * i], o[2 * i + 1]);
    return SV_MATCH_YES;
}

struct names {
    uint32_t count, size;
    PCRE2_SPTR table;
};

static struct names names_of(struct sv_regex *re)
{
    struct names n = {0};
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &n.count);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &n.size);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &n.table);
    return n;
}

unsigned sv_regex_name(struct sv_regex *re, struct sv_slice name)
{
    for (unsigned i = 1; i < SV_REGEX_GROUPS; i++)
        if (sv_slice_eq(sv_regex_group_name(re, i), name))
            return i;
    return 0;
}

struct sv_slice sv_regex_group_name(struct sv_regex *re, unsigned i)
{
    struct names n = names_of(re);
    for (uint32_t k = 0; k < n.count; k++) {
        PCRE2_SPTR e = n.table + (size_t)k * n.size;
        if ((unsigned)(e[0] << 8 | e[1]) == i)
            return sv_slice_of((const char *)e + 2);
    }
    return (struct sv_slice){"", 0};
}

unsigned sv_regex_n_groups(struct sv_regex *re)
{
    uint32_t n = 0;
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &n);
    return n;
}
