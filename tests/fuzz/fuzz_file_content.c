// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as JSON, as a rule file, and as the content of a sensitive file.
// The first byte chooses; for contents it is also the name.
#include <stdlib.h>

#include "engine/rules.h"
#include "scan/rows.h"
#include "secrets/redact.h"
#include "syntax/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One name for each test of contents. */
static const char *const names[] = {
    ".env",      "config.json", "web.config",         "sitemanager.xml", "site.key",
    "a.p12",     "a.gpg",       "docker-compose.yml", "Dockerfile",      "a.bson",
    "a.ibd",     "dump.sql",    ".git/config",        ".git/HEAD",       ".git/logs/HEAD",
    "error.log", ".htpasswd",   "a.ldif",             ".mcp.json",       "appendonly.aof",
    "id_rsa",    ".npmrc",      ".kube/config",       "index.php.bak",   ".bash_history",
    ".netrc",    ".pgpass",     "passwd",             "sess_a",          ".git-credentials",
};

static void json(struct sv_arena *a, struct sv_slice text)
{
    struct sv_sources sources = {.arena = a};
    struct sv_diags diags = {.arena = a};
    struct sv_syntax sx = {.arena = a, .sources = &sources, .diags = &diags};
    struct sv_node *root = sv_json_parse(&sx, sv_source_add(&sources, "/fuzz", text));
    if (!root != (diags.list.n == 1))
        abort(); /* a refusal says why, once */
}

static void rules(struct sv_arena *a, struct sv_slice text)
{
    struct sv_rule_set set = {.arena = a, .regexes = sv_regex_pool_new()};
    struct sv_err err = {{0}};
    if (sv_rules_parse(&set, "/fuzz", text, &err) < 0 && !err.text[0])
        abort();
    sv_regex_pool_free(set.regexes);
}

static void content(struct sv_arena *a, const char *name, struct sv_slice text)
{
    struct sv_file f = {.path = name, .row = sv_row_for(sv_slice_of(name), NULL)};
    if (!f.row)
        abort(); /* every name above stands in the table */
    sv_confirm_content(a, &f, text, text.n % 2);
    sv_vec_each(s, &f.secrets)
    {
        (void)sv_redact(a, s->rule, s->value);
    }
    (void)sv_mask_line(a, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_arena a = {0};
    if (size == 0)
        return 0;
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data + 1, size - 1});
    size_t n = sizeof names / sizeof *names, choice = data[0] % (n + 2);
    if (choice == n)
        json(&a, text);
    else if (choice == n + 1)
        rules(&a, text);
    else
        content(&a, names[choice], text);
    sv_arena_clear(&a);
    return 0;
}
