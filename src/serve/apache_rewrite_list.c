// SPDX-License-Identifier: Apache-2.0
// Which RewriteRules are in force: mod_rewrite's merging of servers and of directory levels.
#include "serve/apache_rewrite.h"
#include "serve/memo.h"

static unsigned option(struct sv_slice word)
{
    static const struct {
        const char *name;
        unsigned bit;
    } table[] = {
        {"inherit", AP_RO_INHERIT},
        {"inheritbefore", AP_RO_INHERIT_BEFORE},
        {"inheritdown", AP_RO_DOWN},
        {"inheritdownbefore", AP_RO_DOWN_BEFORE},
        {"ignoreinherit", AP_RO_IGNORE},
        {"allownoslash", AP_RO_NO_SLASH},
        {"allowanyuri", AP_RO_ANY_URI},
        {"mergebase", AP_RO_MERGE_BASE},
        {"ignorecontextinfo", AP_RO_NO_CONTEXT},
        {"legacyprefixdocroot", AP_RO_LEGACY_PREFIX},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (sv_slice_is_nocase(word, table[i].name))
            return table[i].bit;
    return 0;
}

static bool is_rewrite(const struct sv_node *n)
{
    return n->kind == SV_NODE_DIRECTIVE && sv_slice_starts(n->name, "rewrite");
}

static void read_line(struct sv_arena *a, struct ap_rewrite_conf *c, const struct sv_node *n)
{
    if (sv_node_is(n, "rewriterule") || sv_node_is(n, "rewritecond")) {
        sv_vec_push(a, &c->lines, n);
    } else if (sv_node_is(n, "rewriteengine")) {
        c->enabled = sv_slice_is_nocase(sv_node_arg(n, 0), "on");
        c->enabled_set = true;
    } else if (sv_node_is(n, "rewriteoptions")) {
        for (uint32_t i = 0; i < n->n_args; i++)
            c->options |= option(sv_node_arg(n, i));
        c->options_set = true;
    } else if (sv_node_is(n, "rewritebase")) {
        c->base = sv_node_arg(n, 0);
    } else if (sv_node_is(n, "rewritemap")) {
        sv_vec_push(a, &c->maps, n);
    }
}

/* What a level says, read once: thousands of rules may run for each request. */
struct sv_rewrite_level {
    const struct sv_scope *scope;
    struct ap_rewrite_conf conf;
};

static const struct ap_rewrite_conf *level_conf(const struct sv_site *site,
                                                const struct sv_scope *s)
{
    struct sv_site_memo *memo = sv_site_memo(site);
    struct sv_slice key = {(const char *)&s, sizeof s};
    struct sv_arena *a = site->arena;
    uint32_t at = sv_map_find(&memo->rewrite_at, key);
    if (at)
        return &memo->rewrites.v[at - 1]->conf;
    struct sv_rewrite_level *level = sv_new(a, struct sv_rewrite_level);
    struct ap_rewrite_conf *c = &level->conf;
    level->scope = s;
    for (const struct sv_node **n = s->of_rewrite; *n; n++)
        read_line(a, c, *n);
    /* Conditions that no rule follows stay without one, even if a merged rule comes behind. */
    while (c->lines.n && sv_node_is(c->lines.v[c->lines.n - 1], "rewritecond"))
        c->lines.n--;
    c->list = sv_new(a, struct ap_rule_list);
    sv_vec_push(a, &memo->rewrites, level);
    key.p = (const char *)&level->scope;
    *sv_map_at(a, &memo->rewrite_at, key) = (uint32_t)memo->rewrites.n;
    return c;
}

/* False if the level holds nothing of mod_rewrite's, so that it is no link of the chain. */
static bool read_scope(struct ap_run *r, const struct sv_scope *s, struct ap_rewrite_conf *ret)
{
    *ret = (struct ap_rewrite_conf){0};
    if (!s->of_rewrite)
        return false;
    *ret = *level_conf(r->site, s);
    return true;
}

static void make_list(const struct sv_site *site, struct sv_arena *a, const ap_rule_nodes *lines,
                      struct ap_rule_list *ret)
{
    size_t cond = 0;
    ret->made = true;
    for (size_t i = 0; i < lines->n && !ret->bad; i++) {
        const struct sv_node *n = lines->v[i];
        struct ap_rule rule;
        if (!sv_node_is(n, "rewriterule"))
            continue;
        if (!ap_rule_parse(a, n, &rule)) {
            ret->bad = n;
            return;
        }
        unsigned flags = SV_REGEX_HTTPD | (rule.flags & AP_R_NOCASE ? SV_REGEX_NOCASE : 0u);
        rule.re = sv_regex_get(site->regexes, rule.pattern, flags, NULL);
        sv_vec_push(a, &ret->rules, rule);
        sv_vec_push(a, &ret->conds, cond);
        sv_vec_push(a, &ret->lines, i);
        cond = i + 1;
    }
}

const struct ap_rule_list *ap_rewrite_rules(struct ap_run *r, const struct ap_rewrite_conf *conf)
{
    struct ap_rule_list *list = conf->list ? conf->list : sv_new(r->a, struct ap_rule_list);
    if (!list->made)
        make_list(r->site, conf->list ? r->site->arena : r->a, &conf->lines, list);
    return list;
}

static void join(struct ap_run *r, ap_rule_nodes *ret, const ap_rule_nodes *first,
                 const ap_rule_nodes *then)
{
    ap_rule_nodes list = {0};
    sv_vec_each(it, first)
        sv_vec_push(r->a, &list, *it);
    sv_vec_each(it, then)
        sv_vec_push(r->a, &list, *it);
    *ret = list;
}

/* config_server_merge() and config_perdir_merge(): `over` becomes the merged one. */
static void merge(struct ap_run *r, const struct ap_rewrite_conf *base,
                  struct ap_rewrite_conf *over)
{
    if (!over->enabled_set)
        over->enabled = base->enabled;
    over->enabled_set |= base->enabled_set;
    if (!over->options_set)
        over->options = base->options;
    over->options_set |= base->options_set;
    if (over->options & AP_RO_MERGE_BASE && over->base.n == 0)
        over->base = base->base;
    bool ignore = over->options & AP_RO_IGNORE;
    const struct sv_node **own = over->lines.v;
    if (over->options & AP_RO_INHERIT || (base->options & AP_RO_DOWN && !ignore)) {
        join(r, &over->lines, &over->lines, &base->lines);
        join(r, &over->maps, &base->maps, &over->maps);
    } else if (over->options & AP_RO_INHERIT_BEFORE ||
               (base->options & AP_RO_DOWN_BEFORE && !ignore)) {
        join(r, &over->lines, &base->lines, &over->lines);
        join(r, &over->maps, &over->maps, &base->maps);
    }
    if (over->lines.v != own)
        over->list = NULL;
}

/* True if any directive of mod_rewrite's stands in the section or below it. */
static bool uses_rewrite(const struct sv_node *top)
{
    const struct sv_node *n = top->first;
    while (n) {
        if (is_rewrite(n))
            return true;
        if (n->kind == SV_NODE_BLOCK && n->first) {
            n = n->first;
            continue;
        }
        while (n != top && !n->next)
            n = n->parent;
        if (n == top)
            return false;
        n = n->next;
    }
    return false;
}

void ap_rewrite_server_conf(struct ap_run *r, struct ap_rewrite_conf *ret)
{
    const struct sv_scope *main_scope = r->server->main_scope, *own = r->vhost->scope;
    struct ap_rewrite_conf base = {0};
    (void)read_scope(r, main_scope ? main_scope : own, &base);
    base.own = true;
    *ret = base;
    if (r->server->is_main || !main_scope || main_scope == own)
        return;
    ret->own = false;
    if (!uses_rewrite(own->node))
        return;
    (void)read_scope(r, own, ret);
    merge(r, &base, ret);
    ret->own = true;
}

/* What is stripped from file names: the section's own words where it is no plain folder. */
static struct sv_slice level_directory(struct ap_run *r, const struct ap_level *l)
{
    const struct sv_scope *s = l->scope;
    bool plain = s->kind == SV_SCOPE_HTACCESS ||
                 (s->kind == SV_SCOPE_DIRECTORY && s->match != SV_MATCH_REGEX &&
                  s->match != SV_MATCH_REGEX_NOCASE && s->match != SV_MATCH_GLOB);
    struct sv_slice dir = s->name;
    if (plain && l->dir)
        dir = sv_slice_of(l->dir);
    else if (s->kind == SV_SCOPE_IF)
        dir = SV_LIT("*If");
    if (dir.n && dir.p[dir.n - 1] == '/')
        return dir;
    return ap_concat(r->a, dir, SV_LIT("/"));
}

static struct ap_rewrite_conf without_lines(struct ap_rewrite_conf c)
{
    c.lines = (ap_rule_nodes){0};
    c.list = NULL;
    return c;
}

void ap_rewrite_dir_conf(struct ap_run *r, struct ap_rewrite_conf *ret)
{
    struct ap_rewrite_conf conf = {0};
    bool first = true;
    sv_vec_each(l, &r->levels)
    {
        struct ap_rewrite_conf c;
        if (!read_scope(r, l->scope, &c))
            continue;
        bool server = l->scope == r->server->main_scope || l->scope == r->vhost->scope;
        if (server) /* rules at server level run when the URI is translated */
            c = without_lines(c);
        else
            c.directory = level_directory(r, l);
        if (!first)
            merge(r, &conf, &c);
        first = false;
        conf = c;
    }
    *ret = conf;
}
