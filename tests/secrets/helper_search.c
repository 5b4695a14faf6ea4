// SPDX-License-Identifier: Apache-2.0
// Searches texts with the engine: what the corpus and the rules' templates are measured with.
//
// Standard input holds "LENGTH\n" and LENGTH bytes for each text; each is answered by one line of
// RULE:OFFSET:LENGTH:MARKS, where a mark is p (placeholder), c (bad checksum), u (public) or t
// (test key), and "-" at the end.
#include <stdio.h>
#include <string.h>

#include "secrets/search.h"

#define MAX_TEXT (1 << 22)

static void print_hit(const struct sv_secret_hit *hit)
{
    printf("%s:%zu:%zu:%s%s%s%s ", hit->rule->id, hit->offset, hit->value.n,
           hit->placeholder ? "p" : "", hit->checksum_bad ? "c" : "",
           hit->rule->flags & SV_RULE_PUBLIC ? "u" : "",
           hit->rule->flags & SV_RULE_TEST_KEY ? "t" : "");
}

int main(void)
{
    static char text[MAX_TEXT];
    struct sv_search *search = sv_search_new();
    struct sv_secret_hits hits = {0};
    struct sv_arena arena = {0};
    size_t n;
    while (search && scanf("%zu", &n) == 1 && n < sizeof(text)) {
        getchar();
        if (fread(text, 1, n, stdin) != n)
            return 1;
        sv_search_text(search, &arena, (struct sv_slice){text, n}, &hits);
        for (size_t i = 0; i < hits.list.n; i++)
            print_hit(&hits.list.v[i]);
        puts(hits.limits ? "limit -" : "-");
        sv_arena_clear(&arena);
        hits = (struct sv_secret_hits){0};
    }
    sv_search_free(search);
    return 0;
}
