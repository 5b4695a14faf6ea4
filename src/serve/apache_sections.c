// SPDX-License-Identifier: Apache-2.0
// The location, file and if walks, and the order in which all sections are merged (request.c).
#include "serve/apache_sections.h"

#include <ctype.h>

bool ap_section_regex(struct ap_run *r, const struct sv_scope *s, struct sv_slice text)
{
    struct sv_match m = {.n = 0};
    if (!s->regex || sv_regex_match(s->regex, text, 0, &m) != SV_MATCH_YES)
        return false;
    for (unsigned i = 1; i < m.n; i++) {
        struct sv_slice name = sv_regex_group_name(s->regex, i);
        if (name.n == 0 || !m.group[i].p)
            continue;
        char *key = sv_arena_printf(r->a, "MATCH_%.*s", (int)name.n, name.p);
        for (char *c = key; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        ap_env_set(r, sv_slice_of(key),
                   (struct sv_value){.s = sv_arena_copy(r->a, m.group[i])}, NULL);
    }
    return true;
}

/* ---- <Location> ---- */

struct sv_slice ap_merge_slashes(struct sv_arena *a, struct sv_slice s)
{
    char *out = sv_arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '/' || i == 0 || s.p[i - 1] != '/')
            out[n++] = s.p[i];
    return (struct sv_slice){out, n};
}

/* A plain name takes whole segments, unless it ends with a slash itself. */
static bool location_matches(struct ap_run *r, const struct sv_scope *s, struct sv_slice merged)
{
    struct sv_slice name = s->name;
    if (s->match == SV_MATCH_REGEX)
        return ap_section_regex(r, s, r->uri);
    if (s->match == SV_MATCH_GLOB)
        return sv_glob_match_path(name, merged);
    if (!sv_slice_eq(sv_slice_sub(merged, 0, name.n), name))
        return false;
    return name.n == 0 || name.p[name.n - 1] == '/' || merged.n == name.n ||
           merged.p[name.n] == '/';
}

static void merge_locations(struct ap_run *r)
{
    struct sv_slice merged = r->uri;
    if (r->uri.n && r->uri.p[0] == '/')
        merged = ap_merge_slashes(r->a, r->uri);
    sv_vec_each(s, &r->server->locations)
    {
        if (location_matches(r, *s, merged))
            ap_push_level(r, *s, NULL, false);
    }
}

static void server_levels(struct ap_run *r)
{
    r->levels.n = 0;
    ap_push_level(r, r->server->main_scope, NULL, false);
    if (!r->server->is_main)
        ap_push_level(r, r->vhost->scope, NULL, false);
}

enum ap_step ap_location_walk(struct ap_run *r)
{
    server_levels(r);
    merge_locations(r);
    return AP_OK;
}

/* ---- <Files> ---- */

static bool file_matches(struct ap_run *r, const struct sv_scope *s, struct sv_slice base)
{
    if (s->match == SV_MATCH_REGEX)
        return ap_section_regex(r, s, base);
    if (s->match == SV_MATCH_GLOB)
        return sv_glob_match_path(s->name, base);
    return sv_slice_eq(s->name, base);
}

static enum ap_step file_walk(struct ap_run *r)
{
    struct sv_slice base = r->filename;
    for (size_t i = base.n; i-- > 0;) {
        if (base.p[i] == '/') {
            base = sv_slice_sub(base, i + 1, base.n);
            break;
        }
    }
    /* Sections of the levels so far, in their order: those of <Files> itself are not looked at. */
    size_t n = r->levels.n;
    for (size_t i = 0; i < n && r->filename.n; i++) {
        const struct ap_level level = r->levels.v[i];
        sv_vec_each(s, &level.scope->locations)
        {
            if ((*s)->kind == SV_SCOPE_FILES && file_matches(r, *s, base))
                ap_push_level(r, *s, level.dir, level.in_htaccess);
        }
    }
    return AP_OK;
}

/* ---- <If> ---- */

struct sv_slice ap_condition_of(struct sv_arena *a, const struct sv_node *n)
{
    struct sv_slice text = sv_slice_trim(n->body);
    if (n->n_args == 1 && n->args[0].quote)
        return n->args[0].value;
    return sv_arena_copy(a, text);
}

/* One round over the sections of some levels: those that hold become levels. */
static enum ap_step if_round(struct ap_run *r, size_t from, size_t to)
{
    bool taken = false; /* a branch of the current chain held */
    for (size_t i = from; i < to; i++) {
        const struct ap_level level = r->levels.v[i];
        sv_vec_each(it, &level.scope->ifs)
        {
            const struct sv_scope *s = *it;
            const char *why = NULL;
            if (s->kind != SV_SCOPE_IF || (taken && !sv_node_is(s->node, "if")))
                continue;
            taken = sv_node_is(s->node, "else");
            if (!taken) {
                switch (ap_expr_true(r, ap_condition_of(r->a, s->node), &why)) {
                case SV_MAYBE:
                    ap_why(r, s->node);
                    return ap_unknown(r, why);
                case SV_TRUE:
                    taken = true;
                    break;
                case SV_FALSE:
                    break;
                }
            }
            if (taken)
                ap_push_level(r, s, level.dir, level.in_htaccess);
        }
    }
    return AP_OK;
}

/* Nested sections are looked at when all of the level above are merged. */
enum ap_step ap_if_walk(struct ap_run *r)
{
    for (size_t from = 0, to = r->levels.n; from < to; from = to, to = r->levels.n) {
        enum ap_step s = if_round(r, from, to);
        if (s != AP_OK)
            return s;
    }
    return AP_OK;
}

/* ---- all ---- */

enum ap_step ap_walk_all(struct ap_run *r)
{
    server_levels(r);
    enum ap_step s = ap_directory_walk(r);
    if (s == AP_OK)
        s = file_walk(r);
    if (s != AP_OK)
        return s;
    merge_locations(r);
    return ap_if_walk(r);
}
