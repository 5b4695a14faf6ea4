// SPDX-License-Identifier: Apache-2.0
// httpd's sections: what they match, and the order in which a server merges them.
#include <stdlib.h>

#include "model/scope.h"

static const struct {
    const char *name;
    enum sv_scope_kind kind;
    bool regex; /* <...Match> */
} sections[] = {
    {"directory", SV_SCOPE_DIRECTORY, false}, {"directorymatch", SV_SCOPE_DIRECTORY, true},
    {"location", SV_SCOPE_LOCATION, false},   {"locationmatch", SV_SCOPE_LOCATION, true},
    {"files", SV_SCOPE_FILES, false},         {"filesmatch", SV_SCOPE_FILES, true},
    {"proxy", SV_SCOPE_PROXY, false},         {"proxymatch", SV_SCOPE_PROXY, true},
    {"limit", SV_SCOPE_LIMIT, false},         {"limitexcept", SV_SCOPE_LIMIT_EXCEPT, false},
    {"if", SV_SCOPE_IF, false},               {"elseif", SV_SCOPE_IF, false},
    {"else", SV_SCOPE_IF, false},
};

bool sv_apache_has_wildcard(struct sv_slice s)
{
    bool open = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '*' || s.p[i] == '?' || (s.p[i] == ']' && open))
            return true;
        else if (s.p[i] == '[')
            open = true;
    }
    return false;
}

static void compile(struct sv_site *site, struct sv_scope *s)
{
    struct sv_err err;
    s->match = SV_MATCH_REGEX;
    s->regex = sv_regex_get(site->regexes, s->name, SV_REGEX_HTTPD, &err);
    if (!s->regex)
        sv_diag_at(site->diags, SV_DIAG_ERROR, s->node->head,
                   "this regular expression is not valid: %s", err.text);
}

static void set_name(struct sv_site *site, struct sv_scope *s, bool regex)
{
    static const enum sv_location_match plain[] = {
        [SV_SCOPE_LOCATION] = SV_MATCH_PREFIX, [SV_SCOPE_DIRECTORY] = SV_MATCH_PREFIX,
        [SV_SCOPE_PROXY] = SV_MATCH_PREFIX,    [SV_SCOPE_FILES] = SV_MATCH_EXACT};
    s->name = sv_node_arg(s->node, 0);
    if (sv_slice_is(s->name, "~")) {
        s->name = sv_node_arg(s->node, 1);
        regex = true;
    }
    if (regex) {
        compile(site, s);
        return;
    }
    s->match = sv_apache_has_wildcard(s->name) ? SV_MATCH_GLOB : plain[s->kind];
    if (s->kind == SV_SCOPE_DIRECTORY && s->name.n && s->name.p[0] == '/')
        s->name = sv_slice_of(
            sv_path_join(site->arena, "/", sv_arena_copy(site->arena, s->name).p));
}

/* The parser's limit on open blocks bounds the depth. */
void sv_apache_sections(struct sv_site *site, struct sv_scope *level, bool listed)
{
    sv_node_each(n, level->node)
    {
        size_t i = 0, count = sizeof sections / sizeof *sections;
        if (n->kind != SV_NODE_BLOCK)
            continue;
        while (i < count && !sv_node_is(n, sections[i].name))
            i++;
        if (i == count)
            continue;
        struct sv_scope *s = sv_scope_new(site, sections[i].kind, n, level, level->vhost);
        if (listed)
            sv_vec_push(site->arena, &site->scopes, s);
        if (s->kind == SV_SCOPE_IF || s->kind == SV_SCOPE_LIMIT ||
            s->kind == SV_SCOPE_LIMIT_EXCEPT) {
            sv_vec_push(site->arena, &level->ifs, s);
        } else {
            set_name(site, s, sections[i].regex);
            sv_vec_push(site->arena, &level->locations, s);
        }
        sv_apache_sections(site, s, listed);
    }
}

/* ---- order ---- */

struct entry {
    struct sv_scope *scope;
    size_t parts, index;
    bool regex;
};

/* ap_count_dirs(): a section's name counts with its closing slash, an expression as it is. */
static size_t count_parts(struct sv_slice name, bool regex)
{
    size_t n = !regex && (name.n == 0 || name.p[name.n - 1] != '/');
    for (size_t i = 0; i < name.n; i++)
        n += name.p[i] == '/';
    return n;
}

static int by_order(const void *va, const void *vb)
{
    const struct entry *a = va, *b = vb;
    if (a->regex != b->regex)
        return a->regex ? 1 : -1;
    if (a->parts != b->parts)
        return a->parts < b->parts ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

/* ap_core_reorder_directories() */
static void order_directories(struct sv_arena *a, sv_scope_vec *list)
{
    struct entry *e = sv_new_n(a, struct entry, list->n);
    for (size_t i = 0; i < list->n; i++) {
        bool regex = list->v[i]->match == SV_MATCH_REGEX;
        e[i] = (struct entry){list->v[i], count_parts(list->v[i]->name, regex), i, regex};
    }
    if (list->n)
        qsort(e, list->n, sizeof *e, by_order);
    for (size_t i = 0; i < list->n; i++)
        list->v[i] = e[i].scope;
}

/* The main server's sections of one kind, then the level's own. Without own ones the main server's
 * list itself serves: thousands of virtual hosts share it. */
static sv_scope_vec list_of(struct sv_arena *a, const sv_scope_vec *main_list,
                            const struct sv_scope *level, enum sv_scope_kind kind, bool is_main)
{
    const struct sv_scope *const *v = (const struct sv_scope *const *)level->locations.v;
    size_t n = level->locations.n, own = 0;
    sv_scope_vec out = {0};
    if (kind == SV_SCOPE_IF) {
        v = (const struct sv_scope *const *)level->ifs.v;
        n = level->ifs.n;
    }
    for (size_t i = 0; i < n; i++)
        own += v[i]->kind == kind;
    if (!is_main && own == 0)
        return *main_list;
    if (!is_main) {
        sv_vec_each(s, main_list)
        {
            sv_vec_push(a, &out, *s);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (v[i]->kind == kind)
            sv_vec_push(a, &out, (struct sv_scope *)v[i]);
    if (kind == SV_SCOPE_DIRECTORY)
        order_directories(a, &out);
    return out;
}

void sv_apache_order(struct sv_site *site, struct sv_apache_server *server)
{
    const struct sv_apache_server *main_server = site->apache->main;
    const struct sv_scope *level = server->vhost->scope;
    struct sv_arena *a = site->arena;
    bool m = server->is_main;
    server->directories = list_of(a, &main_server->directories, level, SV_SCOPE_DIRECTORY, m);
    server->locations = list_of(a, &main_server->locations, level, SV_SCOPE_LOCATION, m);
    server->files = list_of(a, &main_server->files, level, SV_SCOPE_FILES, m);
    server->proxies = list_of(a, &main_server->proxies, level, SV_SCOPE_PROXY, m);
    server->ifs = list_of(a, &main_server->ifs, level, SV_SCOPE_IF, m);
}
