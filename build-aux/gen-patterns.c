// SPDX-License-Identifier: Apache-2.0
// Prints the compiled patterns of all rules as C.
#include <stdio.h>
#include <stdlib.h>

#include "secrets/pattern.h"

/* The bytes of one; how many. A pattern that cannot be kept is compiled by each run. */
static size_t print(const struct sv_secret_rule *rule)
{
    enum { A_LINE = 24 };
    uint8_t *bytes;
    PCRE2_SIZE n = 0;
    const pcre2_code *code = rule->pattern ? sv_pattern_compile(rule) : NULL;
    if (!code || pcre2_serialize_encode(&code, 1, &bytes, &n, NULL) != 1)
        return 0;
    for (size_t i = 0; i < n; i++)
        printf("%u,%s", bytes[i], i % A_LINE == A_LINE - 1 || i + 1 == n ? "\n" : "");
    pcre2_serialize_free(bytes);
    pcre2_code_free((pcre2_code *)(uintptr_t)code);
    return n;
}

int main(void)
{
    char version[64];
    uint32_t link_size = 0;
    uint32_t *ends = calloc(sv_n_secret_rules + 1, sizeof *ends), end = 0;
    int length = pcre2_config(PCRE2_CONFIG_VERSION, NULL);
    if (!ends || length < 0 || (size_t)length > sizeof version ||
        pcre2_config(PCRE2_CONFIG_VERSION, version) < 0 ||
        pcre2_config(PCRE2_CONFIG_LINKSIZE, &link_size) < 0)
        return 1;
    printf("static const uint8_t bytes[] = {\n");
    for (size_t i = 0; i < sv_n_secret_rules; i++)
        ends[i] = end += (uint32_t)print(&sv_secret_rules[i]);
    printf("0};\nstatic const uint32_t ends[] = {\n");
    for (size_t i = 0; i < sv_n_secret_rules; i++)
        printf("%u,\n", (unsigned)ends[i]);
    printf("0};\nconst struct sv_patterns sv_patterns_built = {\"%s\", %u, bytes, ends};\n",
           version, (unsigned)link_size);
    free(ends);
    return fflush(stdout) != 0 || ferror(stdout);
}
