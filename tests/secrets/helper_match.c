// SPDX-License-Identifier: Apache-2.0
// Applies one secret rule to one text with PCRE2 alone: what every engine must agree with.
//
// Standard input holds "ID LENGTH\n" and LENGTH bytes for each text; each is answered by one line:
// the values that the rule takes there, in hexadecimal, or "-".
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "secrets/rule.h"

#define MAX_TEXT (1 << 20)

static double entropy(const char *s, size_t n)
{
    size_t seen[256] = {0};
    for (size_t i = 0; i < n; i++)
        seen[(unsigned char)s[i]]++;
    double sum = 0;
    for (int c = 0; c < 256; c++) {
        double p = (double)seen[c] / (double)n;
        if (seen[c])
            sum -= p * log2(p);
    }
    return sum;
}

static bool is_placeholder(const struct sv_secret_rule *rule, const char *s, size_t n)
{
    for (size_t i = 0; rule->placeholders && rule->placeholders[i]; i++)
        if (strlen(rule->placeholders[i]) == n && memcmp(rule->placeholders[i], s, n) == 0)
            return true;
    return false;
}

static pcre2_code *compile(const struct sv_secret_rule *rule)
{
    uint32_t options = rule->flags & SV_RULE_NOCASE ? PCRE2_CASELESS : 0;
    if (!(rule->flags & SV_RULE_LINE))
        options |= PCRE2_ANCHORED;
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)rule->pattern, PCRE2_ZERO_TERMINATED, options,
                                     &error, &at, NULL);
    if (!code) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(error, text, sizeof(text));
        fprintf(stderr, "%s: %s at %zu of %s\n", rule->id, (char *)text, at, rule->pattern);
        exit(1);
    }
    uint32_t groups = 0;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (rule->group > groups) {
        fprintf(stderr, "%s: the pattern has no group %d\n", rule->id, rule->group);
        exit(1);
    }
    return code;
}

static bool keyword_at(const struct sv_secret_rule *rule, const char *s, size_t n)
{
    for (size_t k = 0; rule->keywords[k]; k++) {
        const char *word = rule->keywords[k];
        size_t len = strlen(word);
        if (len <= n && (rule->flags & SV_RULE_NOCASE ? strncasecmp(word, s, len) == 0
                                                      : memcmp(word, s, len) == 0))
            return true;
    }
    return false;
}

/* Prints the value of a match; the end of it, or `from` if it does not count. */
static size_t print_match(const struct sv_secret_rule *rule, const char *text,
                          const PCRE2_SIZE *groups, size_t from)
{
    size_t start = groups[2 * rule->group], end = groups[2 * rule->group + 1];
    if (start == PCRE2_UNSET || end <= start || is_placeholder(rule, text + start, end - start) ||
        entropy(text + start, end - start) < (double)rule->min_entropy)
        return from;
    for (size_t i = start; i < end; i++)
        printf("%02x", (unsigned char)text[i]);
    putchar(' ');
    return end;
}

static void search(const struct sv_secret_rule *rule, const char *text, size_t n)
{
    pcre2_code *code = compile(rule);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    size_t from = 0; /* behind the value found last */
    for (size_t i = 0; i < n; i++) {
        if (i < from || !keyword_at(rule, text + i, n - i))
            continue;
        size_t start = i, end = n;
        if (rule->flags & SV_RULE_LINE) {
            while (start > from && text[start - 1] != '\n')
                start--;
            const char *newline = memchr(text + i, '\n', n - i);
            end = newline ? (size_t)(newline - text) : n;
        }
        if (pcre2_match(code, (PCRE2_SPTR)text, end, start, 0, data, NULL) > 0)
            from = print_match(rule, text, pcre2_get_ovector_pointer(data), from);
    }
    puts("-");
    pcre2_match_data_free(data);
    pcre2_code_free(code);
}

int main(void)
{
    for (size_t i = 0; i < sv_n_secret_rules; i++)
        pcre2_code_free(compile(&sv_secret_rules[i]));
    static char text[MAX_TEXT];
    char id[64];
    size_t n;
    while (scanf("%63s %zu", id, &n) == 2 && n < sizeof(text)) {
        getchar();
        if (fread(text, 1, n, stdin) != n)
            return 1;
        const struct sv_secret_rule *rule = NULL;
        for (size_t i = 0; i < sv_n_secret_rules && !rule; i++)
            rule = strcmp(sv_secret_rules[i].id, id) == 0 ? &sv_secret_rules[i] : NULL;
        if (!rule) {
            fprintf(stderr, "no rule %s\n", id);
            return 1;
        }
        search(rule, text, n);
    }
    return 0;
}
