// SPDX-License-Identifier: Apache-2.0
// srvaudit checks and srvaudit explain: what is looked for, and why.
#include <stdio.h>

#include "cmd/cmd.h"
#include "engine/inventory.h"
#include "engine/registry.h"
#include "report/escape.h"

/* What both commands need to look at the table; cleared by its owner. */
struct table {
    struct sv_arena arena;
    struct sv_regex_pool *regexes;
    struct sv_registry registry;
};

static void table_clear(struct table *t)
{
    sv_regex_pool_free(t->regexes);
    sv_arena_clear(&t->arena);
}

static bool table_open(struct table *t, const struct sv_options *o)
{
    struct sv_err err = {{0}};
    t->regexes = sv_regex_pool_new();
    if (sv_registry_open(&t->registry, &t->arena, t->regexes, o->rules, NULL, NULL, &err) == 0)
        return true;
    fprintf(stderr, "srvaudit: %s\n", err.text);
    return false;
}

int sv_cmd_checks(const struct sv_options *o)
{
    __attribute__((cleanup(table_clear))) struct table t = {0};
    _cleanup_buf_ struct sv_buf out = {0};
    if (o->n_paths) {
        fprintf(stderr, "srvaudit: checks lists all checks and takes no name; see explain\n");
        return 2;
    }
    if (!table_open(&t, o))
        return 2;
    sv_vec_each(it, &t.registry.list)
    {
        const struct sv_check *c = *it;
        if (!o->json) {
            printf("%-32s %-9s %s\n", c->id, sv_severity_name(c->severity), c->title);
            continue;
        }
        sv_buf_adds(&out, out.n ? ",\n " : "[");
        sv_buf_printf(&out, "{\"id\":\"%s\",\"severity\":\"%s\",\"origin\":", c->id,
                      sv_severity_name(c->severity));
        sv_escape_json(&out, sv_slice_of(c->origin ? c->origin : "built-in"));
        sv_buf_adds(&out, ",\"title\":");
        sv_escape_json(&out, sv_slice_of(c->title));
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
    __attribute__((cleanup(table_clear))) struct table t = {0};
    if (!table_open(&t, o))
        return 2;
    const struct sv_check *c =
        o->n_paths == 1 ? sv_registry_find(&t.registry, o->paths[0]) : NULL;
    if (!c && o->n_paths == 1)
        c = sv_inventory_check(&t.arena, o->paths[0]);
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
