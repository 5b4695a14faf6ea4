// SPDX-License-Identifier: Apache-2.0
// Compiles a rule's pattern, or takes what the build made of it.
#include "secrets/pattern.h"

#include <stdlib.h>
#include <string.h>

pcre2_code *sv_pattern_compile(const struct sv_secret_rule *rule)
{
    int error;
    PCRE2_SIZE where;
    uint32_t options = PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    if (rule->flags & SV_RULE_NOCASE)
        options |= PCRE2_CASELESS;
    if (!(rule->flags & SV_RULE_LINE))
        options |= PCRE2_ANCHORED; /* at compile time: at match time it would exclude the JIT */
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        abort();
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)rule->pattern, PCRE2_ZERO_TERMINATED, options,
                                     &error, &where, context);
    pcre2_compile_context_free(context);
    return code;
}

bool sv_patterns_usable(const struct sv_patterns *p)
{
    char version[64];
    uint32_t link_size = 0;
    int n = pcre2_config(PCRE2_CONFIG_VERSION, NULL);
    return p->version && n > 0 && (size_t)n <= sizeof version &&
           pcre2_config(PCRE2_CONFIG_VERSION, version) >= 0 && strcmp(version, p->version) == 0 &&
           pcre2_config(PCRE2_CONFIG_LINKSIZE, &link_size) >= 0 && link_size == p->link_size;
}

pcre2_code *sv_patterns_load(const struct sv_patterns *p, size_t index)
{
    pcre2_code *code = NULL;
    size_t from = index ? p->ends[index - 1] : 0;
    if (p->ends[index] == from || pcre2_serialize_decode(&code, 1, p->bytes + from, NULL) != 1)
        return NULL;
    return code;
}
