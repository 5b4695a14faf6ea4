// SPDX-License-Identifier: Apache-2.0
// Runs a directive rule: the first case that fits speaks, also for a value that nobody set.
#include "engine/rule_run.h"

#include "base/buf.h"
#include "engine/context.h"

static bool has(struct sv_regex *re, struct sv_slice text, bool if_absent)
{
    return re ? sv_regex_match(re, text, 0, NULL) == SV_MATCH_YES : if_absent;
}

static bool speaks_tls(const struct sv_vhost *v)
{
    sv_vec_each(l, &v->listens)
    {
        if (l->ssl)
            return true;
    }
    return false;
}

static bool tls_here(const struct sv_subject *s)
{
    if (s->scope && s->scope->vhost)
        return speaks_tls(s->scope->vhost);
    sv_vec_each(v, &s->site->vhosts)
    {
        if (speaks_tls(*v))
            return true;
    }
    return false;
}

static bool fits(const struct sv_rule_case *c, const struct sv_subject *s, struct sv_slice value,
                 struct sv_slice place)
{
    return has(c->match, value, true) && !has(c->not, value, false) && has(c->in, place, true) &&
           !has(c->not_in, place, false) && (!c->only_tls || tls_here(s));
}

/* {value}, {directive} and {scope} of a message. */
static const char *filled(struct sv_arena *a, const char *text, const char *directive,
                          struct sv_slice value, struct sv_slice place)
{
    const struct {
        const char *name;
        struct sv_slice text;
    } fields[] = {{"{value}", value}, {"{directive}", sv_slice_of(directive)}, {"{scope}", place}};
    _cleanup_buf_ struct sv_buf out = {0};
    while (*text) {
        size_t i = 0, n = sizeof fields / sizeof *fields;
        while (i < n && strncmp(text, fields[i].name, strlen(fields[i].name)) != 0)
            i++;
        if (i == n) {
            sv_buf_addc(&out, *text++);
            continue;
        }
        sv_buf_add(&out, fields[i].text);
        text += strlen(fields[i].name);
    }
    return sv_arena_copy(a, sv_buf_slice(&out)).p;
}

static void report(struct sv_ctx *cx, const struct sv_rule_case *c, const char *config,
                   const struct sv_node *at, struct sv_slice value, struct sv_slice place)
{
    const char *message = filled(sv_ctx_arena(cx), c->message, c->directive, value, place);
    /* httpd's main server is no section: what is left unset there has no line. */
    struct sv_finding *f =
        at->kind == SV_NODE_ROOT ? sv_report_file(cx, c->severity, config, 0, "%s", message)
                                 : sv_report_at(cx, c->severity, at, "%s", message);
    if (c->fix)
        sv_finding_fix(cx, f, "%s", c->fix);
}

/* Some virtual host runs with the server's default. */
static bool left_unset(const struct sv_site *site, const char *directive)
{
    /* What httpd's main server says holds for its virtual hosts too. */
    if (site->kind == SV_SITE_APACHE)
        return !sv_scope_get(sv_site_top(site), directive, NULL);
    sv_vec_each(v, &site->vhosts)
    {
        if (!sv_scope_get((*v)->scope, directive, NULL))
            return true;
    }
    return false;
}

static void defaults(struct sv_ctx *cx, const struct sv_rule *rule, const struct sv_subject *s)
{
    if (!s->scope)
        return;
    struct sv_slice place = sv_slice_of(sv_scope_text(sv_ctx_arena(cx), s->scope));
    sv_vec_each(c, &rule->cases)
    {
        struct sv_slice value = sv_slice_of(c->unset);
        if (!c->unset || !left_unset(s->site, c->directive) || !fits(c, s, value, place))
            continue;
        report(cx, c, s->site->config, s->scope->node, value, place);
        return;
    }
}

void sv_rule_run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_rule *rule = cx->check->data;
    if (s->kind == SV_ON_SITE) {
        defaults(cx, rule, s);
        return;
    }
    struct sv_arena *a = sv_ctx_arena(cx);
    _cleanup_buf_ struct sv_buf value = {0};
    for (uint32_t i = 0; i < s->node->n_args; i++) {
        if (i)
            sv_buf_addc(&value, ' ');
        sv_buf_add(&value, sv_node_arg(s->node, i));
    }
    struct sv_slice place = sv_slice_of(sv_scope_text(a, s->scope));
    sv_vec_each(c, &rule->cases)
    {
        if (c->unset || !sv_node_is(s->node, c->directive) ||
            !fits(c, s, sv_buf_slice(&value), place))
            continue;
        report(cx, c, s->site->config, s->node, sv_buf_slice(&value), place);
        return;
    }
}
