// SPDX-License-Identifier: Apache-2.0
// srvaudit checks and srvaudit explain: what is looked for, and why.
#include <stdio.h>

#include "cmd/cmd.h"
#include "engine/registry.h"
#include "report/escape.h"

int sv_cmd_checks(const struct sv_options *o)
{
    _cleanup_buf_ struct sv_buf out = {0};
    for (const struct sv_check *const *c = sv_checks; *c; c++) {
        if (!o->json) {
            printf("%-32s %-9s %s\n", (*c)->id, sv_severity_name((*c)->severity), (*c)->title);
            continue;
        }
        sv_buf_adds(&out, c == sv_checks ? "[" : ",\n ");
        sv_buf_printf(&out, "{\"id\":\"%s\",\"severity\":\"%s\",\"origin\":\"built-in\",\"title\":",
                      (*c)->id, sv_severity_name((*c)->severity));
        sv_escape_json(&out, sv_slice_of((*c)->title));
        sv_buf_addc(&out, '}');
    }
    if (o->json)
        printf("%s]\n", out.p ? out.p : "[");
    return 0;
}

static void block(const char *label, const char *text)
{
    printf("\n%s\n", label);
    while (*text) {
        size_t n = strcspn(text, "\n");
        printf("    %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

int sv_cmd_explain(const struct sv_options *o)
{
    const struct sv_check *c = o->n_paths == 1 ? sv_check_find(o->paths[0]) : NULL;
    if (!c) {
        fprintf(stderr, o->n_paths == 1 ? "srvaudit: there is no such check; see srvaudit checks\n"
                                        : "srvaudit: explain takes the name of one check\n");
        return 2;
    }
    printf("%s (%s): %s\n", c->id, sv_severity_name(c->severity), c->title);
    block("Why", c->why);
    block("Fix", c->fix);
    block("Bad", c->bad);
    block("Good", c->good);
    for (const char *const *r = c->refs; r && *r; r++)
        printf("%s    %s\n", r == c->refs ? "\nSee\n" : "", *r);
    return 0;
}
