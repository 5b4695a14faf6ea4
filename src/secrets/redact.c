// SPDX-License-Identifier: Apache-2.0
// Redaction: nothing of a secret but its kind's public prefix and four characters.
#include "secrets/redact.h"

#include <ctype.h>

#include "base/sha256.h"

enum { SHORT = 16, TAIL = 4 };

/* Prefixes that say who issued a token and nothing else. */
static const char *const public_prefixes[] = {
    "sk-proj-", "sk-ant-api03-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-", "ghp_", "gho_",
    "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "AIza", "sk_live_",
    "rk_live_", "sk_test_", "whsec_", "npm_", "hf_", "gsk_", "SG.", "base64:", "-----BEGIN "};

const char *sv_redact(struct sv_arena *a, const char *rule, struct sv_slice value)
{
    const char *prefix = "";
    if (value.n < SHORT)
        return sv_arena_printf(a, "(%s)", rule);
    for (size_t i = 0; i < sizeof public_prefixes / sizeof *public_prefixes; i++) {
        if (sv_slice_starts(value, public_prefixes[i])) {
            prefix = public_prefixes[i];
            break;
        }
    }
    char tail[TAIL + 1] = "";
    for (size_t i = 0; i < TAIL; i++) {
        char c = value.p[value.n - TAIL + i];
        tail[i] = isgraph((unsigned char)c) ? c : '?';
    }
    return sv_arena_printf(a, "%s\xe2\x80\xa6%s", prefix, tail);
}

const char *sv_secret_id(struct sv_arena *a, struct sv_slice value)
{
    char *hex = sv_arena_alloc(a, 33);
    sv_sha256_hex(value, hex, 16);
    return hex;
}
