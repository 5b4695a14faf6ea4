// SPDX-License-Identifier: Apache-2.0
// The second half of the search: a keyword's rules tried on the text, matches judged and reduced.
#ifndef SV_SECRETS_CONFIRM_H
#define SV_SECRETS_CONFIRM_H

#include "secrets/gate.h"
#include "secrets/search.h"

struct sv_secret_match {
    struct sv_secret_hit hit; /* the offset is the text's */
    size_t at;                /* where the whole match begins */
    uint16_t rule, keyword_n; /* index of the rule; length of the keyword that led to it */
};

/* The patterns of one thread, and the matches in the text at hand. */
struct sv_confirm;
struct sv_confirm *sv_confirm_new(const struct sv_secret_rule *rules, size_t n);
void sv_confirm_free(struct sv_confirm *c);
/* A new text. `base` is its place in the stream; matches that begin outside of [from, to) are left
 * to other texts. */
void sv_confirm_begin(struct sv_confirm *c, struct sv_slice text, size_t base, size_t from,
                      size_t to);
/* Tries rule number `rule` whose keyword of `keyword_n` bytes stands at `at`. False if it begins a
 * URL that holds no password, whatever codes it is written in: the commonest keyword of all. */
bool sv_confirm_try(struct sv_confirm *c, uint16_t rule, size_t at, size_t keyword_n);
/* reduce.c: what remains of the matches that begin before `to`; adds to `out`, offsets plus base.*/
void sv_confirm_reduce(struct sv_confirm *c, struct sv_arena *a, size_t to,
                       struct sv_secret_hits *out);
/* The nearest place at or before `to` that no match's value crosses; `from` if there is none. */
size_t sv_confirm_cut(struct sv_confirm *c, size_t from, size_t to);

/* validate.c: as sv_secret_valid, with the whole match around the value. */
bool sv_secret_valid_in(const struct sv_secret_rule *rule, struct sv_slice match,
                        struct sv_slice value, struct sv_secret_verdict *ret);
/* Rules with a checksum that holds outrank others. */
bool sv_validator_is_checksum(enum sv_validator v);

struct sv_found { /* growing, on the heap: reused from text to text */
    struct sv_secret_match *v;
    size_t n, cap;
};
struct sv_compiled;
struct sv_confirm {
    const struct sv_secret_rule *rules;
    size_t n_rules;
    struct sv_compiled *compiled; /* one a rule */
    struct sv_slice text;
    size_t base, from, to;
    uint32_t generation; /* of the text: older counters are void */
    struct sv_found found;
    size_t limits;
    void *match_data, *match_context, *jit_stack; /* PCRE2's */
    bool built; /* the rules' patterns are those that the build compiled */
};

#endif
