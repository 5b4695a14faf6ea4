// SPDX-License-Identifier: Apache-2.0
// The search of one thread: blocks through the gate, keywords to their rules, streams by chunks.
#include "secrets/search.h"

#include "base/limits.h"
#include "secrets/confirm.h"
#include "secrets/gate.h"

/* A pattern on a line sees a cell and its neighbours, and is led there by a keyword in it. */
enum { CONTEXT = 4 * SV_SECRET_LINE_CELL };

struct sv_search {
    struct sv_gate_tables gate;
    struct sv_confirm *confirm;
    struct sv_gate_hits hits;
    uint32_t *marks; /* SV_SECRET_MAX_MARKS */
    size_t n_marks;
};

struct sv_search *sv_search_new_tables(const struct sv_gate_tables *t,
                                       const struct sv_secret_rule *rules, size_t n)
{
    struct sv_search *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->gate = *t;
    s->confirm = sv_confirm_new(rules, n);
    s->marks = calloc(SV_SECRET_MAX_MARKS, sizeof *s->marks);
    if (!s->marks)
        abort();
    return s;
}

struct sv_search *sv_search_new_rules(const struct sv_secret_rule *rules, size_t n)
{
    struct sv_gate_tables t = {0};
    sv_gate_build(&t, rules, n, false);
    return sv_search_new_tables(&t, rules, n);
}

void sv_search_free(struct sv_search *s)
{
    if (!s)
        return;
    sv_confirm_free(s->confirm);
    free(s->marks);
    free(s->hits.v);
    sv_arena_clear(&s->gate.arena);
    free(s);
}

static void try_rules(struct sv_search *s, uint16_t key, size_t at)
{
    const struct sv_gate_key *k = &s->gate.keys[key];
    bool tried = false;
    for (size_t i = 0; i < k->n_refs; i++)
        tried |= sv_confirm_try(s->confirm, s->gate.refs[k->refs + i], at, k->n);
    if (tried && s->n_marks < SV_SECRET_MAX_MARKS &&
        (!s->n_marks || s->marks[s->n_marks - 1] < at))
        s->marks[s->n_marks++] = (uint32_t)at;
}

struct sv_secret_marks sv_search_marks(const struct sv_search *s)
{
    return (struct sv_secret_marks){s->marks, s->n_marks};
}

static void run(struct sv_search *s, struct sv_slice text, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += SV_GATE_BLOCK) {
        size_t n = to - at < SV_GATE_BLOCK ? to - at : SV_GATE_BLOCK;
        sv_gate_run(&s->gate, text, at, n, &s->hits);
        for (size_t i = 0; i < s->hits.n; i++)
            try_rules(s, s->hits.v[i].key, at + s->hits.v[i].at);
    }
}

size_t sv_search_chunk(struct sv_search *s, struct sv_arena *a, struct sv_slice text,
                       struct sv_search_at *at, bool last, struct sv_secret_hits *out)
{
    size_t from = at->decided < text.n ? at->decided : text.n;
    size_t edge = text.n > SV_SECRET_REACH ? text.n - SV_SECRET_REACH : 0;
    size_t to = last ? text.n : edge;
    *out = (struct sv_secret_hits){0};
    s->n_marks = 0;
    if (!last && to <= from)
        return text.n;
    sv_confirm_begin(s->confirm, text, at->base, from, to);
    /* Keywords behind `to` can lead to lines, and so to matches, before it. */
    size_t first = from > CONTEXT ? from - CONTEXT : 0;
    run(s, text, first, last || text.n - to < CONTEXT ? text.n : to + CONTEXT);
    if (last) {
        sv_confirm_reduce(s->confirm, a, text.n, out);
        return 0;
    }
    size_t cut = sv_confirm_cut(s->confirm, from, to);
    if (cut == from)
        cut = to; /* matches overlap without end: nothing of them may be held back for ever */
    sv_confirm_reduce(s->confirm, a, cut, out);
    size_t context = cut < CONTEXT ? cut : CONTEXT;
    at->base += cut - context;
    at->decided = context;
    return text.n - (cut - context);
}

void sv_search_text(struct sv_search *s, struct sv_arena *a, struct sv_slice text,
                    struct sv_secret_hits *out)
{
    struct sv_search_at at = {0};
    sv_search_chunk(s, a, text, &at, true, out);
}

bool sv_search_gate(struct sv_search *s, struct sv_slice text)
{
    for (size_t at = 0; at < text.n; at += SV_GATE_BLOCK) {
        size_t n = text.n - at < SV_GATE_BLOCK ? text.n - at : SV_GATE_BLOCK;
        sv_gate_run(&s->gate, text, at, n, &s->hits);
        if (s->hits.n)
            return true;
    }
    return false;
}

size_t sv_search_gate_count(struct sv_search *s, struct sv_slice text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.n; at += SV_GATE_BLOCK) {
        size_t n = text.n - at < SV_GATE_BLOCK ? text.n - at : SV_GATE_BLOCK;
        sv_gate_run(&s->gate, text, at, n, &s->hits);
        for (size_t i = 0; i < s->hits.n; i++)
            count += s->gate.keys[s->hits.v[i].key].n_refs;
    }
    return count;
}
