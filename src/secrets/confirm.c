// SPDX-License-Identifier: Apache-2.0
// Tries a rule's pattern at its keyword, with bounded work, and judges what matched.
#include "secrets/confirm.h"

#include "base/limits.h"
#include "secrets/pattern.h"
#include "secrets/value.h"

/* What translating a pattern costs, some dozens of tries by the interpreter cost as well: most
 * patterns of a run are tried a few times. */
enum { PAIRS = 32, JIT_STACK_START = 32 << 10, TRIES_BEFORE_JIT = 40 };

struct sv_compiled {
    pcre2_code *code;
    bool ready;
    struct mode {
        bool translated, jit;
        unsigned tries; /* by the interpreter */
    } whole, partial;
    size_t left; /* bytes before the start that the pattern may look at */
    /* Of the text whose generation this is: */
    uint32_t generation;
    size_t tried_from, next; /* the last place or line that was tried ends before `next` */
    size_t far_until;        /* the stretch in which long looks are counted */
    unsigned far_tries, limit_hits;
};

struct sv_confirm *sv_confirm_new(const struct sv_secret_rule *rules, size_t n)
{
    struct sv_confirm *c = calloc(1, sizeof *c);
    if (!c || !(c->compiled = calloc(n + 1, sizeof *c->compiled)))
        abort();
    c->rules = rules;
    c->n_rules = n;
    return c;
}

void sv_confirm_free(struct sv_confirm *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_rules; i++)
        pcre2_code_free(c->compiled[i].code);
    pcre2_match_data_free(c->match_data);
    pcre2_match_context_free(c->match_context);
    pcre2_jit_stack_free(c->jit_stack);
    if (c->found.v) {
        explicit_bzero(c->found.v, c->found.cap * sizeof *c->found.v);
        free(c->found.v);
    }
    free(c->compiled);
    free(c);
}

static void first_use(struct sv_confirm *c)
{
    c->match_data = pcre2_match_data_create(PAIRS, NULL);
    c->match_context = pcre2_match_context_create(NULL);
    c->jit_stack = pcre2_jit_stack_create(JIT_STACK_START, SV_REGEX_JIT_STACK, NULL);
    if (!c->match_data || !c->match_context)
        abort();
    pcre2_set_match_limit(c->match_context, SV_REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(c->match_context, SV_REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(c->match_context, SV_REGEX_HEAP_KIB);
    if (c->jit_stack)
        pcre2_jit_stack_assign(c->match_context, NULL, c->jit_stack);
    c->built = c->rules == sv_secret_rules && sv_patterns_usable(&sv_patterns_built);
}

static void compile(struct sv_confirm *c, struct sv_compiled *k, const struct sv_secret_rule *rule)
{
    uint32_t back = 0;
    if (!c->match_data)
        first_use(c);
    k->ready = true;
    if (c->built)
        k->code = sv_patterns_load(&sv_patterns_built, (size_t)(rule - c->rules));
    if (!k->code)
        k->code = sv_pattern_compile(rule);
    if (!k->code)
        return;
    pcre2_pattern_info(k->code, PCRE2_INFO_MAXLOOKBEHIND, &back);
    k->left = (size_t)back + 1;
}

void sv_confirm_begin(struct sv_confirm *c, struct sv_slice text, size_t base, size_t from,
                      size_t to)
{
    c->text = text;
    c->base = base;
    c->from = from;
    c->to = to;
    c->generation++;
    c->found.n = 0;
    c->limits = 0;
}

/* Whole, or PCRE2_PARTIAL_HARD: a match that reaches the end is none yet. What a pattern is never
 * asked for is not translated. */
static int match(const struct sv_confirm *c, struct sv_compiled *k, size_t from, size_t at,
                 size_t to, uint32_t options)
{
    bool partial = options & PCRE2_PARTIAL_HARD;
    struct mode *m = partial ? &k->partial : &k->whole;
    PCRE2_SPTR subject = (PCRE2_SPTR)c->text.p + from;
    if (!m->translated && m->tries < TRIES_BEFORE_JIT) {
        m->tries++;
        int rc = pcre2_match(k->code, subject, to - from, at - from, options, c->match_data,
                             c->match_context);
        if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH || rc == PCRE2_ERROR_PARTIAL)
            return rc;
        /* The interpreter counts its steps otherwise: what it gives up may still be found. */
    }
    if (!m->translated) {
        m->jit = pcre2_jit_compile(k->code, partial ? PCRE2_JIT_PARTIAL_HARD
                                                    : PCRE2_JIT_COMPLETE) == 0;
        m->translated = true;
    }
    return m->jit ? pcre2_jit_match(k->code, subject, to - from, at - from, options, c->match_data,
                                    c->match_context)
                  : pcre2_match(k->code, subject, to - from, at - from, options, c->match_data,
                                c->match_context);
}

/* A limit was hit: nobody knows whether the pattern would have matched. */
static void limit_hit(struct sv_confirm *c, struct sv_compiled *k)
{
    c->limits++;
    k->limit_hits++;
}

/* Whether one more long look is within the budget of this stretch of text: without a bound, a file
 * of nothing but beginnings of private keys would be read a thousand times. */
static bool may_look_far(struct sv_compiled *k, size_t at)
{
    if (at >= k->far_until) {
        k->far_until = at + SV_SECRET_REACH;
        k->far_tries = 0;
    }
    return k->far_tries++ < SV_SECRET_FAR_TRIES;
}

static double least_entropy(const struct sv_secret_rule *rule, struct sv_slice value)
{
    return rule->min_entropy > 0 ? sv_entropy(value) : 0;
}

static bool known_example(const struct sv_secret_rule *rule, struct sv_slice value)
{
    for (const char *const *p = rule->placeholders; p && *p; p++)
        if (sv_slice_is(value, *p))
            return true;
    /* A password hash begins as a shell variable does. */
    return rule->validator != SV_VALID_HASH && sv_value_is_placeholder(value);
}

static void keep(struct sv_confirm *c, struct sv_secret_match m)
{
    struct sv_found *f = &c->found;
    if (f->n == SV_SECRET_MAX_FOUND) {
        c->limits++;
        return;
    }
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 64;
        f->v = realloc(f->v, f->cap * sizeof *f->v);
        if (!f->v)
            abort();
    }
    f->v[f->n++] = m;
}

/* What the last match found, `from` being where its subject began. */
static void judge(struct sv_confirm *c, uint16_t index, size_t from, size_t keyword_n)
{
    const struct sv_secret_rule *rule = &c->rules[index];
    const PCRE2_SIZE *o = pcre2_get_ovector_pointer(c->match_data);
    unsigned g = rule->group < pcre2_get_ovector_count(c->match_data) ? rule->group : 0;
    if (o[2 * g] == PCRE2_UNSET || o[2 * g + 1] == PCRE2_UNSET)
        g = 0;
    size_t start = from + o[0];
    if (o[2 * g] >= o[2 * g + 1] || o[0] > o[1] || start < c->from || start >= c->to)
        return;
    struct sv_slice whole = sv_slice_sub(c->text, start, from + o[1]);
    struct sv_slice value = sv_slice_sub(c->text, from + o[2 * g], from + o[2 * g + 1]);
    struct sv_secret_verdict verdict;
    if (least_entropy(rule, value) < (double)rule->min_entropy ||
        !sv_secret_valid_in(rule, whole, value, &verdict))
        return;
    keep(c, (struct sv_secret_match){.hit = {.rule = rule,
                                             .value = value,
                                             .offset = from + o[2 * g],
                                             .checksum_bad = verdict.checksum_bad,
                                             .encrypted = verdict.encrypted,
                                             .placeholder = known_example(rule, value)},
                                     .at = start,
                                     .rule = index,
                                     .keyword_n = (uint16_t)keyword_n});
}

static void try_here(struct sv_confirm *c, struct sv_compiled *k, uint16_t index, size_t at,
                     size_t keyword_n)
{
    size_t from = at > k->left ? at - k->left : 0, left = c->text.n - at;
    uint32_t bol = from ? PCRE2_NOTBOL : 0;
    int rc = PCRE2_ERROR_PARTIAL;
    if ((at >= k->tried_from && at < k->next) || at < c->from || at >= c->to)
        return;
    k->tried_from = at; /* tried once, whatever keyword leads there */
    k->next = at + 1;
    if (left > SV_SECRET_NEAR) {
        rc = match(c, k, from, at, at + SV_SECRET_NEAR, bol | PCRE2_PARTIAL_HARD);
        if (rc == PCRE2_ERROR_PARTIAL && !may_look_far(k, at)) {
            c->limits++;
            return;
        }
    }
    size_t to = left > SV_SECRET_REACH ? at + SV_SECRET_REACH : c->text.n;
    if (rc == PCRE2_ERROR_PARTIAL) {
        rc = match(c, k, from, at, to, bol);
        /* What reaches the end of the look may be longer still, so it is no secret of ours. */
        if (rc >= 0 && to < c->text.n && from + pcre2_get_ovector_pointer(c->match_data)[1] == to)
            rc = PCRE2_ERROR_NOMATCH;
    }
    if (rc >= 0)
        judge(c, index, from, keyword_n);
    else if (rc != PCRE2_ERROR_NOMATCH)
        limit_hit(c, k);
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* The line around `at`; of a line longer than its cell, which is a fixed piece of the stream, the
 * cell and one more on either side. So the pieces of a long line do not depend on the buffers. */
static void try_line(struct sv_confirm *c, struct sv_compiled *k, uint16_t index, size_t at,
                     size_t keyword_n)
{
    size_t in_cell = (c->base + at) % SV_SECRET_LINE_CELL, reach = SV_SECRET_LINE_CELL;
    size_t low = at > in_cell + reach ? at - in_cell - reach : 0;
    size_t cell_end = at - in_cell + SV_SECRET_LINE_CELL; /* wraps back to at or more */
    size_t high = cell_end + reach < c->text.n ? cell_end + reach : c->text.n;
    size_t from = at, to = at;
    if (at >= k->tried_from && at < k->next)
        return;
    while (from > low && !ends_line(c->text.p[from - 1]))
        from--;
    while (to < high && !ends_line(c->text.p[to]))
        to++;
    k->tried_from = at - from < in_cell ? from : at - in_cell;
    k->next = to < cell_end ? to : cell_end;
    uint32_t bol = from == low && from > 0 ? PCRE2_NOTBOL : 0;
    for (size_t pos = from; pos < to;) {
        int rc = match(c, k, from, pos, to, bol);
        if (rc == PCRE2_ERROR_NOMATCH)
            return;
        if (rc < 0) {
            limit_hit(c, k);
            return;
        }
        size_t end = from + pcre2_get_ovector_pointer(c->match_data)[1];
        judge(c, index, from, keyword_n);
        pos = end > pos ? end : pos + 1;
    }
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* URLs are the commonest keywords of all, and few hold a password: by <<url-password>> of
 * build-aux/gen-secrets.sh, which all patterns with this validator have and no other, it stands
 * between ':' and '@' before any of these. '&', '%' and '\\' may stand for something else. */
static bool is_plain_url(const struct sv_secret_rule *rule, struct sv_slice text, size_t at,
                         bool *ret_codes)
{
    enum { LONGEST = 64 + 1 + 128 };
    if (rule->validator != SV_VALID_URL_PASSWORD || at < 3 || text.p[at - 1] != '/' ||
        text.p[at - 2] != '/' || text.p[at - 3] != ':')
        return false;
    size_t end = text.n - at > LONGEST ? at + LONGEST + 1 : text.n;
    for (; at < end && (unsigned char)text.p[at] > ' '; at++) {
        switch (text.p[at]) {
        case '@':
            return false;
        case '/': case '"': case '\'': case '<': case '>':
            return true;
        case '\\':
            *ret_codes = true;
            return true;
        case '&': case '%':
            *ret_codes = true;
            break;
        default:
            break;
        }
    }
    return true;
}

/* Most names are not followed by what gives them a value, in prose least of all: by the pieces that
 * <<set>> of build-aux/gen-secrets.sh is made of, behind the rest of the name there are quotes, an
 * operator, blanks and an operator, or something with "value". What this cannot tell, it allows. */
static bool may_assign(struct sv_slice text, size_t at)
{
    enum { LONGEST_NAME = 64 + 80, BLANKS = 40 };
    size_t end = text.n - at > LONGEST_NAME ? at + LONGEST_NAME : text.n, name = at;
    for (; at < end && is_name_byte(text.p[at]); at++)
        if ((text.p[at] | 0x20) == 'v')
            return true;
    if (at == end)
        return at - name == LONGEST_NAME;
    if (!is_blank(text.p[at]))
        return is_one_of(text.p[at], "\"'`\\]=:>,<%");
    end = text.n - at > BLANKS ? at + BLANKS : text.n;
    while (at < end && is_blank(text.p[at]))
        at++;
    return at < text.n && is_one_of(text.p[at], "\"'\\=:>,<vV");
}

bool sv_confirm_try(struct sv_confirm *c, uint16_t index, size_t at, size_t keyword_n)
{
    struct sv_compiled *k = &c->compiled[index];
    const struct sv_secret_rule *rule = &c->rules[index];
    bool codes = false;
    if (is_plain_url(rule, c->text, at + keyword_n, &codes))
        return codes;
    if ((rule->flags & SV_RULE_ASSIGNS) && !may_assign(c->text, at + keyword_n))
        return true;
    if (!k->ready)
        compile(c, k, rule);
    if (k->generation != c->generation) {
        k->generation = c->generation;
        k->tried_from = k->next = k->far_until = 0;
        k->far_tries = k->limit_hits = 0;
    }
    if (!k->code || k->limit_hits >= SV_SECRET_LIMIT_HITS) {
        c->limits++;
        return true;
    }
    if (rule->flags & SV_RULE_LINE)
        try_line(c, k, index, at, keyword_n);
    else
        try_here(c, k, index, at, keyword_n);
    return true;
}
