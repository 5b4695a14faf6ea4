// SPDX-License-Identifier: Apache-2.0
// Finds the secrets in a text: a literal gate over all rules' keywords, then the rules' patterns.
#ifndef SV_SECRETS_SEARCH_H
#define SV_SECRETS_SEARCH_H

#include "base/arena.h"
#include "base/vec.h"
#include "secrets/rule.h"

/* One secret in one text. The value is a slice of the text: it lives as long as that does. */
struct sv_secret_hit {
    const struct sv_secret_rule *rule;
    struct sv_slice value;
    size_t offset;      /* of the value in the text */
    bool checksum_bad;  /* the shape is right, the checksum is not: an example or a typing error */
    bool encrypted;     /* a key that needs a passphrase */
    bool placeholder;   /* a known example or a template's filling */
};
struct sv_secret_hits {
    SV_VEC(struct sv_secret_hit) list;
    size_t limits; /* patterns that gave up at their work limit: never taken for "no match" */
};

/* The engine of one thread: patterns are compiled on a keyword's first hit and kept. They, match
 * data and JIT stack are its own; the rules are shared and constant. */
struct sv_search;
struct sv_search *sv_search_new(void);
/* The same over rules of the caller's, which outlive it. */
struct sv_search *sv_search_new_rules(const struct sv_secret_rule *rules, size_t n);
void sv_search_free(struct sv_search *s);

/* All secrets of the text, by offset, overlapping matches reduced to the most specific rule; `out`
 * is cleared first, its memory comes from `a`. The text need not be followed by a NUL. Hits of
 * rules that are SV_RULE_PUBLIC and placeholders are among them: what they mean is the caller's.
 * A secret with what its pattern sees of its surroundings is at most SV_SECRET_REACH long. */
void sv_search_text(struct sv_search *s, struct sv_arena *a, struct sv_slice text,
                    struct sv_secret_hits *out);

/* Where a keyword of any rule begins in the text searched last, in order and without regard to
 * whether a secret followed, but for URLs that hold no password; valid until the next search.
 * Places beyond SV_SECRET_MAX_MARKS are left out. */
struct sv_secret_marks {
    const uint32_t *v;
    size_t n;
};
struct sv_secret_marks sv_search_marks(const struct sv_search *s);

/* A stream, buffer by buffer; zero-initialised at its start. */
struct sv_search_at {
    size_t base;    /* where in the stream the next text begins */
    size_t decided; /* so many bytes of that text are context: what begins there was reported */
};
/* Searches one buffer of the stream. Unless it is the last, the caller puts the returned number of
 * bytes, from the text's end, in front of what it reads next: a secret across the edge is found
 * whole and once. Hits' offsets count from the stream's start. Buffers of less than
 * SV_SEARCH_CHUNK bytes are allowed but may be kept whole. */
size_t sv_search_chunk(struct sv_search *s, struct sv_arena *a, struct sv_slice text,
                       struct sv_search_at *at, bool last, struct sv_secret_hits *out);
enum { SV_SEARCH_CHUNK = 256 << 10 };

/* True if the text holds any keyword at all (the gate alone). */
bool sv_search_gate(struct sv_search *s, struct sv_slice text);
/* How many keywords stand in the text, of each rule and place one: what the patterns then see. */
size_t sv_search_gate_count(struct sv_search *s, struct sv_slice text);

struct sv_secret_verdict {
    bool checksum_bad, encrypted; /* as above */
};
/* validate.c: false if the structure speaks against it. */
bool sv_secret_valid(const struct sv_secret_rule *rule, struct sv_slice value,
                     struct sv_secret_verdict *ret);
/* Looks random: character-pair statistics and word-likeness, quiet on hashes' neighbours, UUIDs,
 * camelCase, paths and translations. */
bool sv_looks_random(struct sv_slice value);
double sv_entropy(struct sv_slice value);

#endif
