// SPDX-License-Identifier: Apache-2.0
// Which files have a structure to read, told by their first bytes and a few words in them.
#include "secrets/structures.h"

#include <ctype.h>

#include "base/lanes.h"
#include "base/limits.h"
#include "secrets/doc.h"
#include "secrets/keys.h"
#include "secrets/value.h"

void sv_structure_note(struct sv_structure *s, const char *rule, struct sv_slice value,
                       size_t offset)
{
    struct sv_secret_hit hit = {.rule = sv_secret_rule_of(rule), .value = value, .offset = offset};
    for (const char *const *p = hit.rule->placeholders; p && *p; p++)
        hit.placeholder |= sv_slice_is(value, *p);
    sv_vec_push(s->a, &s->out->list, hit);
}

/* ---- keys ---- */

static void find_key(struct sv_structure *s)
{
    struct sv_key key = sv_key_of_bytes(s->text, s->truncated);
    if (key.state == SV_KEY_NONE)
        return;
    sv_structure_note(s, key.rule, s->text, 0);
    struct sv_secret_hit *hit = &s->out->list.v[s->out->list.n - 1];
    hit->encrypted = key.state == SV_KEY_ENCRYPTED;
    hit->checksum_bad = key.malformed;
}

/* ---- documents ---- */

enum { MOST_WORDS = 16 }; /* that end with a quote and tell a document's kind */
/* A word and its quote, two bytes at least before it; too short ones stop the build. */
#define QUOTED(word) (&(word "\"")[0 * sizeof(char[sizeof(word) > 2 ? 1 : -1])])

static bool holds(struct sv_slice text, const char *word)
{
    return sv_slice_find(text, word) < text.n;
}

static bool any_of(struct sv_slice text, const char *const *words)
{
    for (; *words; words++)
        if (holds(text, *words))
            return true;
    return false;
}

/* For up to MOST_WORDS words: a bit for each that has this byte last before its quote, and one
 * before that. */
struct ends {
    uint16_t last[256], before[256];
    const char *const *words;
};

/* The words that may end with the quote at p. */
static inline unsigned words_at(const struct ends *e, const char *p)
{
    return e->last[(unsigned char)p[-1]] & e->before[(unsigned char)p[-2]];
}

static bool ends_with_any(struct sv_slice text, const struct ends *e, unsigned few)
{
    for (; few; few &= few - 1)
        if (sv_slice_ends(text, e->words[__builtin_ctz(few)]))
            return true;
    return false;
}

/* any_of for words that are QUOTED(), in one pass: large documents are common, and most hold none
 * of them. Where there are quotes, the two bytes before one tell. */
static bool any_quoted(struct sv_slice text, const char *const *words)
{
    enum { LANES = sizeof(sv_lanes) };
    struct ends e = {.words = words};
    for (size_t i = 0; words[i]; i++) {
        const unsigned char *end = (const unsigned char *)words[i] + strlen(words[i]) - 1;
        e.last[end[-1]] |= (uint16_t)(1 << i);
        e.before[end[-2]] |= (uint16_t)(1 << i);
    }
    size_t i = 2;
    for (; i + LANES <= text.n; i += LANES) {
        unsigned quotes = sv_lanes_bits((sv_lanes)(sv_lanes_load(text.p + i) == '"'));
        for (; quotes; quotes &= quotes - 1) {
            size_t at = i + (size_t)__builtin_ctz(quotes);
            unsigned few = words_at(&e, text.p + at);
            if (few && ends_with_any(sv_slice_sub(text, 0, at + 1), &e, few))
                return true;
        }
    }
    for (; i < text.n; i++)
        if (text.p[i] == '"' && ends_with_any(sv_slice_sub(text, 0, i + 1), &e,
                                              words_at(&e, text.p + i)))
            return true;
    return false;
}

/* The entries are programs to start or addresses to call. */
static bool are_servers(const struct sv_doc *map)
{
    static const char *const how[] = {"command", "cmd", "url", "serverUrl", "httpUrl", "uri"};
    sv_doc_each(server, map)
    {
        for (size_t i = 0; i < sizeof how / sizeof *how; i++)
            if (sv_doc_get(server, how[i]))
                return true;
    }
    return false;
}

static bool is_server_list(const struct sv_doc *n)
{
    static const char *const names[] = {"mcpServers", "servers", "mcp_servers", "mcp",
                                        "context_servers", "amp.mcpServers", "extensions"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is(n->name, names[i]))
            return n->kind != SV_DOC_TEXT && are_servers(n);
    return false;
}

/* The first thing behind comments opens a map or a list: most of what begins with a comment is a
 * program, and need not be looked through for words. */
static bool begins_as_json(struct sv_slice text)
{
    for (;;) {
        while (text.n && isspace((unsigned char)*text.p))
            text = sv_slice_sub(text, 1, text.n);
        bool block = sv_slice_starts(text, "/*");
        if (!block && !sv_slice_starts(text, "//"))
            return text.n && (*text.p == '{' || *text.p == '[');
        size_t end = sv_slice_find(text, block ? "*/" : "\n");
        text = sv_slice_sub(text, block ? end + 2 : end, text.n);
    }
}

static void find_in(struct sv_structure *s, const struct sv_doc *root)
{
    for (struct sv_doc *n = root->first; n; n = sv_doc_after(root, n)) {
        if (n->kind == SV_DOC_LIST && sv_slice_is(n->name, "api-key"))
            sv_structure_provider_keys(s, n);
        if (is_server_list(n))
            sv_structure_mcp(s, n);
        if (n->kind != SV_DOC_MAP)
            continue;
        sv_structure_provider(s, n);
        if (sv_slice_is(sv_doc_text(n, "kind"), "Secret"))
            sv_structure_kubernetes(s, n);
        if (sv_doc_get(n, "terraform_version"))
            sv_structure_tfstate(s, n);
    }
}

void sv_documents_find(struct sv_structure *s)
{
    static const char *const json_words[] = {
        QUOTED("mcpServers"), QUOTED("\"servers"), QUOTED("\"mcp_servers"), QUOTED("\"mcp"),
        QUOTED("\"context_servers"), QUOTED("\"Secret"), QUOTED("\"terraform_version"),
        QUOTED("\"oauth"), QUOTED("\"api"), NULL};
    _Static_assert(sizeof json_words / sizeof *json_words <= MOST_WORDS + 1, "too many words");
    static const char *const yaml_words[] = {"kind: Secret", "kind: \"Secret\"", "mcpServers:",
                                             "mcp_servers:", "extensions:", "api-key:",
                                             NULL};
    static const char *const toml_words[] = {"mcp_servers", NULL};
    static const char *const yaml_ends[] = {".yaml", ".yml"};
    size_t mark = sv_slice_starts(s->text, "\xef\xbb\xbf") ? 3 : 0;
    struct sv_slice start = sv_slice_trim(sv_slice_sub(s->text, mark, mark + 256));
    bool yaml = false;
    for (size_t i = 0; i < sizeof yaml_ends / sizeof *yaml_ends; i++)
        yaml |= sv_slice_ends(s->name, yaml_ends[i]);
    if (start.n == 0)
        return;
    if (yaml && any_of(s->text, yaml_words))
        find_in(s, sv_doc_yaml(s->a, s->text));
    else if (sv_slice_ends(s->name, ".toml") && any_of(s->text, toml_words))
        find_in(s, sv_doc_toml(s->a, s->text));
    else if (begins_as_json(sv_slice_sub(s->text, mark, s->text.n)) &&
             any_quoted(s->text, json_words))
        find_in(s, sv_doc_json(s->a, s->text));
}

void sv_structures_find(struct sv_structure *s)
{
    find_key(s);
    sv_documents_find(s);
}
