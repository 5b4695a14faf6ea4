// SPDX-License-Identifier: Apache-2.0
// YAML rules to check descriptors: every key is known and checked, or the file is refused.
#include "engine/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "engine/rule_run.h"
#include "syntax/yaml.h"

struct loader {
    struct sv_rule_set *set;
    struct sv_sources *sources;
    const char *name, *origin;
    struct sv_err *err;
};

static int refuse(struct loader *l, const struct sv_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int refuse(struct loader *l, const struct sv_node *at, const char *fmt, ...)
{
    struct sv_pos pos = sv_span_pos(l->sources, at->head);
    va_list ap;
    va_start(ap, fmt);
    const char *text = sv_arena_vprintf(l->set->arena, fmt, ap);
    va_end(ap);
    return sv_err_set(l->err, EINVAL, "%s:%u:%u: %s", l->name, pos.line, pos.column, text);
}

/* ---- values ---- */

static int pattern(struct loader *l, const struct sv_node *n, struct sv_regex **ret)
{
    struct sv_err err = {{0}};
    *ret = sv_regex_get(l->set->regexes, sv_node_arg(n, 0), 0, &err);
    return *ret ? 0 : refuse(l, n, "not a regular expression: %s", err.text);
}

static int severity(struct loader *l, const struct sv_node *n, enum sv_severity *ret)
{
    if (sv_severity_parse(sv_node_arg(n, 0), ret))
        return 0;
    return refuse(l, n, "a severity is critical, high, medium, low or info");
}

static int server(struct loader *l, const struct sv_node *n, unsigned *ret)
{
    static const enum sv_site_kind kinds[] = {SV_SITE_NGINX, SV_SITE_APACHE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!sv_slice_is(sv_node_arg(n, 0), sv_site_kind_name(kinds[i])))
            continue;
        *ret = kinds[i];
        return 0;
    }
    return refuse(l, n, "a server is nginx or apache");
}

/* `area.what-is-wrong` in lower case. */
static bool is_id(struct sv_slice s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool edge = i == 0 || i + 1 == s.n;
        dots += c == '.';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (!edge && (c == '-' || c == '.'))))
            return false;
    }
    return dots == 1;
}

static const char *text_of(const struct sv_node *n)
{
    return sv_slice_trim(sv_node_arg(n, 0)).n ? sv_node_arg(n, 0).p : NULL;
}

/* Block scalars end in a newline that a report does not want. */
static const char *trimmed(struct loader *l, const struct sv_node *n)
{
    return sv_arena_copy(l->set->arena, sv_slice_trim(sv_node_arg(n, 0))).p;
}

/* ---- one case: a directive and what is wrong with it ---- */

static int case_key(struct loader *l, struct sv_rule_case *c, const struct sv_node *n)
{
    if (n->kind != SV_NODE_VALUE || (!text_of(n) && !sv_node_is(n, "unset")))
        return refuse(l, n, "\"%s\" needs a text", n->name.p);
    if (sv_node_is(n, "directive"))
        c->directive = text_of(n);
    else if (sv_node_is(n, "unset"))
        c->unset = sv_node_arg(n, 0).p;
    else if (sv_node_is(n, "match"))
        return pattern(l, n, &c->match);
    else if (sv_node_is(n, "not"))
        return pattern(l, n, &c->not);
    else if (sv_node_is(n, "in"))
        return pattern(l, n, &c->in);
    else if (sv_node_is(n, "not-in"))
        return pattern(l, n, &c->not_in);
    else if (sv_node_is(n, "severity"))
        return severity(l, n, &c->severity);
    else if (sv_node_is(n, "message"))
        c->message = trimmed(l, n);
    else if (sv_node_is(n, "fix"))
        c->fix = trimmed(l, n);
    else if (sv_node_is(n, "when")) {
        c->only_tls = sv_slice_is(sv_node_arg(n, 0), "tls");
        return c->only_tls ? 0 : refuse(l, n, "\"when\" is: tls");
    } else
        return refuse(l, n, "a case has no key \"%s\"", n->name.p);
    return 0;
}

static int cases(struct loader *l, struct sv_rule *rule, const struct sv_node *list)
{
    if (list->kind != SV_NODE_LIST || !list->first)
        return refuse(l, list, "\"cases\" is a list with at least one entry");
    sv_node_each(item, list)
    {
        struct sv_rule_case c = {.severity = rule->check.severity};
        if (item->kind != SV_NODE_MAP)
            return refuse(l, item, "a case is a map");
        sv_node_each(n, item)
        {
            int rc = case_key(l, &c, n);
            if (rc < 0)
                return rc;
        }
        if (!c.directive || !c.message)
            return refuse(l, item, "a case needs \"directive\" and \"message\"");
        sv_vec_push(l->set->arena, &rule->cases, c);
    }
    return 0;
}

/* ---- one rule ---- */

static int references(struct loader *l, struct sv_rule *rule, const struct sv_node *list)
{
    SV_VEC(const char *) refs = {0};
    if (list->kind != SV_NODE_LIST)
        return refuse(l, list, "\"references\" is a list");
    sv_node_each(n, list)
    {
        if (n->kind != SV_NODE_VALUE)
            return refuse(l, n, "a reference is a text");
        sv_vec_push(l->set->arena, &refs, sv_node_arg(n, 0).p);
    }
    sv_vec_push(l->set->arena, &refs, NULL);
    rule->check.refs = refs.v;
    return 0;
}

static int rule_key(struct loader *l, struct sv_rule *rule, const struct sv_node *n)
{
    const struct {
        const char *key;
        const char **text;
    } texts[] = {
        {"id", &rule->check.id},   {"title", &rule->check.title}, {"why", &rule->check.why},
        {"fix", &rule->check.fix}, {"bad", &rule->check.bad},     {"good", &rule->check.good},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!sv_node_is(n, texts[i].key))
            continue;
        if (n->kind != SV_NODE_VALUE || !text_of(n))
            return refuse(l, n, "\"%s\" needs a text", n->name.p);
        *texts[i].text = trimmed(l, n);
        return 0;
    }
    if (sv_node_is(n, "severity"))
        return severity(l, n, &rule->check.severity);
    if (sv_node_is(n, "server"))
        return server(l, n, &rule->check.servers);
    if (sv_node_is(n, "references"))
        return references(l, rule, n);
    if (sv_node_is(n, "cases"))
        return 0; /* read last: they take the rule's severity */
    return refuse(l, n, "a rule has no key \"%s\"", n->name.p);
}

static const char *missing(const struct sv_check *c)
{
    return !c->id      ? "id"
           : !c->title ? "title"
           : !c->why   ? "why"
           : !c->fix   ? "fix"
           : !c->bad   ? "bad"
           : !c->good  ? "good"
                       : NULL;
}

static void descriptor(struct loader *l, struct sv_rule *rule)
{
    struct sv_arena *a = l->set->arena;
    SV_VEC(const char *) names = {0};
    rule->check.on = SV_ON_DIRECTIVE;
    sv_vec_each(c, &rule->cases)
    {
        sv_vec_push(a, &names, c->directive);
        if (c->unset)
            rule->check.on |= SV_ON_SITE;
    }
    sv_vec_push(a, &names, NULL);
    rule->check.abi = SV_CHECK_ABI;
    rule->check.size = sizeof rule->check;
    rule->check.directives = names.v;
    rule->check.run = sv_rule_run;
    rule->check.data = rule;
    rule->check.origin = l->origin;
    sv_vec_push(a, &l->set->checks, &rule->check);
}

static int one(struct loader *l, const struct sv_node *map)
{
    struct sv_rule *rule = sv_new(l->set->arena, struct sv_rule);
    rule->check.severity = SV_LOW;
    rule->check.servers = SV_SITE_NGINX;
    if (map->kind != SV_NODE_MAP)
        return refuse(l, map, "a rule is a map");
    sv_node_each(n, map)
    {
        int rc = rule_key(l, rule, n);
        if (rc < 0)
            return rc;
    }
    const struct sv_node *list = sv_node_find(map, "cases");
    if (missing(&rule->check) || !list)
        return refuse(l, map, "the rule lacks \"%s\"", list ? missing(&rule->check) : "cases");
    if (!is_id(sv_slice_of(rule->check.id)))
        return refuse(l, map, "\"%s\" is no check name: area.what-is-wrong, in lower case",
                      rule->check.id);
    int rc = cases(l, rule, list);
    if (rc == 0)
        descriptor(l, rule);
    return rc;
}

/* ---- files ---- */

static int parse(struct sv_rule_set *set, const char *name, const char *origin,
                 struct sv_slice text, struct sv_err *err)
{
    struct sv_sources sources = {.arena = set->arena};
    struct sv_diags diags = {.arena = set->arena};
    struct sv_syntax sx = {.arena = set->arena, .sources = &sources, .diags = &diags};
    struct loader l = {set, &sources, name, origin, err};
    struct sv_node *root = sv_yaml_parse(&sx, sv_source_add(&sources, name, text));
    size_t before = set->checks.n;
    if (!root) {
        struct sv_pos pos = sv_span_pos(&sources, diags.list.v[0].span);
        return sv_err_set(err, EINVAL, "%s:%u:%u: %s", name, pos.line, pos.column,
                          diags.list.v[0].text);
    }
    const struct sv_node *top = root->first;
    const struct sv_node *list = top && top->kind == SV_NODE_MAP ? top->first : NULL;
    if (!list || list->next || !sv_node_is(list, "rules") || list->kind != SV_NODE_LIST)
        return refuse(&l, top ? top : root, "a rule file holds one list, under the key \"rules\"");
    sv_node_each(n, list)
    {
        int rc = one(&l, n);
        if (rc < 0) {
            set->checks.n = before;
            return rc;
        }
    }
    return 0;
}

int sv_rules_parse(struct sv_rule_set *set, const char *name, struct sv_slice text,
                   struct sv_err *err)
{
    const char *kept = sv_arena_strdup(set->arena, name);
    return parse(set, kept, kept, text, err);
}

bool sv_id_selected(struct sv_slice id, const char *only, const char *skip)
{
    return (!only || sv_glob_match(sv_slice_of(only), id)) &&
           !(skip && sv_glob_match(sv_slice_of(skip), id));
}

/* One of the names, each with a blank behind it. */
static bool any_selected(const char *names, const char *only, const char *skip)
{
    for (size_t n; *names; names += n + 1) {
        n = strcspn(names, " ");
        if (sv_id_selected((struct sv_slice){names, n}, only, skip))
            return true;
    }
    return false;
}

int sv_rules_builtin(struct sv_rule_set *set, const char *only, const char *skip,
                     struct sv_err *err)
{
    static const struct {
        const char *name, *ids, *text;
    } files[] = {
#include "rules_data.h"
        {NULL, NULL, NULL},
    };
    for (size_t i = 0; files[i].name; i++) {
        if (!any_selected(files[i].ids, only, skip))
            continue;
        int rc = parse(set, files[i].name, NULL, sv_slice_of(files[i].text), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void fs_free(struct sv_fs **fs)
{
    sv_fs_free(*fs);
}

static int load_file(struct sv_rule_set *set, struct sv_fs *fs, const char *path,
                     struct sv_err *err)
{
    struct sv_slice text;
    bool truncated = false;
    int rc = sv_fs_read(fs, set->arena, path, SV_MAX_RULES_BYTES, &text, &truncated);
    if (rc < 0)
        return sv_err_set(err, -rc, "%s: %s", path, strerror(-rc));
    if (truncated)
        return sv_err_set(err, EFBIG, "%s: more than 1 MiB of rules", path);
    return sv_rules_parse(set, path, text, err);
}

int sv_rules_load(struct sv_rule_set *set, const char *path, struct sv_err *err)
{
    __attribute__((cleanup(fs_free))) struct sv_fs *fs = sv_fs_new("/", err);
    struct sv_dirents entries = {0};
    struct stat st;
    char *real = realpath(path, NULL);
    const char *full = sv_arena_strdup(set->arena, real ? real : path);
    free(real);
    if (!fs)
        return -ENOENT;
    int rc = sv_fs_stat(fs, full, &st);
    if (rc == 0 && !S_ISDIR(st.st_mode))
        return load_file(set, fs, full, err);
    if (rc == 0)
        rc = sv_fs_list(fs, set->arena, full, &entries);
    if (rc < 0)
        return sv_err_set(err, -rc, "%s: %s", path, strerror(-rc));
    sv_vec_each(e, &entries.list)
    {
        struct sv_slice name = sv_slice_of(e->name);
        if (!sv_slice_ends(name, ".yaml") && !sv_slice_ends(name, ".yml"))
            continue;
        rc = load_file(set, fs, sv_path_join(set->arena, full, e->name), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
