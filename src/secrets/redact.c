// SPDX-License-Identifier: Apache-2.0
// Redaction: nothing of a secret but its kind's public prefix and four characters.
#include "secrets/redact.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "secrets/gate.h"
#include "secrets/value.h"

enum { SHORT = 16, TAIL = 4, HIDDEN = 8 };

/* The beginning that says who issued a token and nothing else. */
static struct sv_slice public_part(const char *id, struct sv_slice value)
{
    static const char *const others[] = {"base64:", "sk-"};
    const struct sv_secret_rule *rule = sv_value_rule(value);
    for (size_t i = 0; i < sv_n_secret_rules && !rule; i++)
        if (strcmp(sv_secret_rules[i].id, id) == 0)
            rule = &sv_secret_rules[i];
    if (rule && rule->prefix)
        return sv_slice_sub(value, 0, rule->prefix);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (sv_slice_starts(value, others[i]))
            return sv_slice_of(others[i]);
    return SV_LIT("");
}

/* Of a key in PEM what stands in its frame, whatever ends its lines ("\\n" in JSON): so it looks
 * the same wherever it was found. */
static struct sv_slice without_frame(struct sv_slice value)
{
    if (!sv_slice_starts(value, "-----BEGIN "))
        return value;
    struct sv_slice key = sv_slice_sub(value, 11, value.n);
    key = sv_slice_sub(key, sv_slice_find(key, "-----") + 5, key.n);
    key = sv_slice_sub(key, 0, sv_slice_find(key, "-----"));
    for (size_t before = key.n + 1; before > key.n;) {
        before = key.n;
        if (sv_slice_ends(key, "\\n") || sv_slice_ends(key, "\\r"))
            key.n -= 2;
        key = sv_slice_trim(key);
    }
    return key.n ? key : value;
}

const char *sv_redact(struct sv_arena *a, const char *rule, struct sv_slice value)
{
    value = without_frame(sv_slice_trim(value)); /* keys end with a line */
    if (value.n < SHORT)
        return sv_arena_printf(a, "(%s)", rule);
    struct sv_slice prefix = public_part(rule, value);
    if (prefix.n + TAIL + HIDDEN > value.n)
        prefix.n = 0; /* so little would stay hidden that the rest could be guessed */
    for (size_t i = 0; i < prefix.n; i++)
        if (!isgraph((unsigned char)prefix.p[i]) && prefix.p[i] != ' ')
            prefix.n = 0;
    char tail[TAIL + 1] = "";
    for (size_t i = 0; i < TAIL; i++) {
        tail[i] = value.p[value.n - TAIL + i];
        if (!isgraph((unsigned char)tail[i]))
            return sv_arena_printf(a, "(%s)", rule); /* the bytes of a key store */
    }
    return sv_arena_printf(a, "%.*s\xe2\x80\xa6%s", (int)prefix.n, prefix.p, tail);
}

const char *sv_secret_id(struct sv_arena *a, struct sv_slice value)
{
    char *hex = sv_arena_alloc(a, 33);
    sv_sha256_hex(value, hex, 16);
    return hex;
}

static bool separates(char c)
{
    return strchr(" \t\"'=;(){},", c) != NULL;
}

/* The bytes of the password in scheme://user:password@host, or nothing. */
static struct sv_slice url_password(struct sv_slice word)
{
    size_t scheme = sv_slice_find(word, "://");
    struct sv_slice rest = sv_slice_sub(word, scheme < word.n ? scheme + 3 : word.n, word.n);
    rest = sv_slice_sub(rest, 0, sv_slice_chr(rest, '/'));
    size_t at = sv_slice_chr(rest, '@'), colon = sv_slice_chr(rest, ':');
    return at < rest.n && colon < at ? sv_slice_sub(rest, colon + 1, at) : SV_LIT("");
}

static bool is_scheme(struct sv_slice word)
{
    return sv_slice_is_nocase(word, "bearer") || sv_slice_is_nocase(word, "basic") ||
           sv_slice_is_nocase(word, "token");
}

/* Whether any keyword of a rule stands there. */
static bool has_keyword(struct sv_slice text)
{
#ifdef SV_GATE_TABLES
    struct sv_gate_hits hits = {0};
    for (size_t at = 0; at < text.n && !hits.n; at += SV_GATE_BLOCK)
        sv_gate_run(&sv_gate_built, text, at,
                    text.n - at < SV_GATE_BLOCK ? text.n - at : SV_GATE_BLOCK, &hits);
    bool has = hits.n != 0;
    free(hits.v);
    return has;
#else
    return text.n != 0;
#endif
}

struct sv_slice sv_mask_values(struct sv_arena *a, struct sv_slice text)
{
    _cleanup_buf_ struct sv_buf out = {0};
    struct sv_secret_hits hits;
    size_t kept = 0;
    if (!has_keyword(text))
        return text;
    struct sv_search *s = sv_search_new();
    sv_search_text(s, a, text, &hits);
    sv_search_free(s);
    sv_vec_each(h, &hits.list)
    {
        if (h->placeholder || (h->rule->flags & SV_RULE_PUBLIC) || h->offset < kept)
            continue;
        sv_buf_add(&out, sv_slice_sub(text, kept, h->offset));
        sv_buf_adds(&out, "(secret)");
        kept = h->offset + h->value.n;
    }
    if (!kept)
        return text;
    sv_buf_add(&out, sv_slice_sub(text, kept, text.n));
    return sv_arena_copy(a, sv_buf_slice(&out));
}

struct sv_slice sv_mask_line(struct sv_arena *a, struct sv_slice line)
{
    _cleanup_buf_ struct sv_buf out = {0};
    struct sv_slice name = {"", 0}, before = {"", 0};
    unsigned words = 0;
    for (size_t i = 0; i < line.n;) {
        if (separates(line.p[i])) {
            sv_buf_addc(&out, line.p[i++]);
            continue;
        }
        size_t from = i;
        while (i < line.n && !separates(line.p[i]))
            i++;
        struct sv_slice word = sv_slice_sub(line, from, i), password = url_password(word);
        bool path = word.p[0] == '/' || word.p[0] == '$' || word.p[0] == '~';
        bool secret = words && !path &&
                      (sv_value_is_secret(name, word) || (is_scheme(before) && word.n >= 8));
        if (secret) {
            sv_buf_adds(&out, "(secret)");
        } else if (password.n) {
            sv_buf_add(&out, sv_slice_sub(word, 0, (size_t)(password.p - word.p)));
            sv_buf_adds(&out, "(secret)");
            sv_buf_add(&out,
                       sv_slice_sub(word, (size_t)(password.p - word.p) + password.n, word.n));
        } else {
            sv_buf_add(&out, word);
        }
        /* The directive's own name (fastcgi_pass) says nothing about what follows. */
        if (words++ && sv_name_is_secret(word))
            name = word;
        before = word;
    }
    return sv_mask_values(a, sv_arena_copy(a, sv_buf_slice(&out)));
}

/* Beginnings that no word of people has. */
static const char *const token_starts[] = {"ghp_",     "gho_",     "ghs_",  "github_pat_", "glpat-",
                                           "sk-proj-", "sk-ant-",  "xoxb-", "xoxp-",       "AKIA",
                                           "sk_live_", "rk_live_", "whsec_"};

/* Two bytes say that none of them begins here, as nearly everywhere. */
static bool may_begin(const char *p)
{
    switch (p[0]) {
    case 'g':
        return p[1] == 'h' || p[1] == 'i' || p[1] == 'l';
    case 's':
    case 'r':
        return p[1] == 'k';
    case 'w':
        return p[1] == 'h';
    case 'x':
        return p[1] == 'o';
    case 'A':
        return p[1] == 'K';
    }
    return false;
}

/* The length of the token that begins here, 0 if none does. */
static size_t token_at(const char *p)
{
    enum { LEAST = 16 };
    for (size_t i = 0; may_begin(p) && i < sizeof token_starts / sizeof *token_starts; i++) {
        size_t n = strlen(token_starts[i]), from = n;
        bool digit = false;
        if (strncmp(p, token_starts[i], n) != 0)
            continue;
        for (; isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-'; n++)
            digit |= isdigit((unsigned char)p[n]) != 0;
        if (digit && n - from >= LEAST)
            return n;
    }
    return 0;
}

const char *sv_mask_tokens(struct sv_arena *a, const char *text)
{
    _cleanup_buf_ struct sv_buf out = {0};
    const char *kept = text; /* what follows stands in the text as it is */
    for (const char *p = text; p && *p;) {
        size_t n = token_at(p);
        if (n) {
            sv_buf_add(&out, (struct sv_slice){kept, (size_t)(p - kept)});
            sv_buf_adds(&out, "(secret)");
            kept = p + n;
        }
        p += n ? n : 1;
    }
    if (kept == text)
        return text;
    sv_buf_adds(&out, kept);
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}
