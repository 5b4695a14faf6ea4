// SPDX-License-Identifier: Apache-2.0
// apache.default-vhost-leaks: the server for unknown names serves what another one protects.
#include "engine/check.h"
#include "model/apache.h"

enum { SAMPLE = 12 };

static const char *root_of(struct sv_ctx *cx, const struct sv_vhost *v)
{
    const struct sv_node *n = v->apache->document_root;
    return n && n->n_args ? sv_arena_copy(sv_ctx_arena(cx), sv_node_arg(n, 0)).p : NULL;
}

static bool shares_socket(const struct sv_vhost *a, const struct sv_vhost *b)
{
    sv_vec_each(x, &a->listens)
    {
        sv_vec_each(y, &b->listens)
        {
            if (x->port == y->port && sv_slice_eq(x->addr, y->addr))
                return true;
        }
    }
    return false;
}

/* The first virtual host of the socket, which answers for every name that none has. */
static bool is_default_for(const struct sv_site *site, const struct sv_vhost *first,
                           const struct sv_vhost *other)
{
    sv_vec_each(v, &site->vhosts)
    {
        if (!(*v)->apache->is_main && shares_socket(*v, other))
            return *v == first;
    }
    return false;
}

/* A route of the default server to a file that `other` keeps from strangers. */
static bool leaks(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *other,
                  const char *file)
{
    const struct sv_routes *routes = sv_ctx_routes(cx, s->site, file);
    const struct sv_route *open = NULL, *closed = NULL;
    sv_vec_each(r, &routes->list)
    {
        if (r->answer.vhost == other)
            return false;
        if (r->answer.vhost == s->vhost)
            open = r;
    }
    sv_vec_each(r, &routes->blocked)
    {
        if (r->answer.vhost == other && !r->answer.worker_denied)
            closed = r;
    }
    if (!open || !closed)
        return false;
    struct sv_finding *f = sv_report_at(
        cx, SV_HIGH, s->scope->node, "this virtual host answers every unknown name and serves what %s protects: %s",
        other->label, open->url);
    sv_finding_route(cx, f, s->site, open);
    sv_vec_each(w, &closed->answer.why)
    {
        if (w->span.file)
            sv_finding_evidence_file(cx, f, sv_span_path(sv_ctx_sources(cx), w->span),
                                     sv_span_pos(sv_ctx_sources(cx), w->span).line, w->text.p);
    }
    sv_finding_fix(cx, f, "Give the first virtual host an empty DocumentRoot of its own, and write guards for "
                          "folders with <Directory>, outside of any virtual host.");
    return true;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!s->vhost->apache || s->vhost->apache->is_main || !sv_vhost_on_network(s->vhost))
        return;
    const char *mine = root_of(cx, s->vhost);
    const char *sampled = NULL; /* many virtual hosts may share one folder */
    struct sv_paths files = {0};
    sv_vec_each(v, &s->site->vhosts)
    {
        const char *root = *v != s->vhost ? root_of(cx, *v) : NULL;
        if (!root || !mine || !sv_path_below(root, mine) ||
            !is_default_for(s->site, s->vhost, *v))
            continue;
        if (!sampled || strcmp(sampled, root) != 0) {
            files.list.n = 0;
            sv_ctx_sample(cx, sampled = root, SAMPLE, &files);
        }
        sv_vec_each(path, &files.list)
        {
            if (leaks(cx, s, *v, *path))
                return;
        }
    }
}

static const char *const refs[] = {"https://httpd.apache.org/docs/2.4/vhosts/details.html", NULL};

const struct sv_check sv_check_apache_default_vhost_leaks = {
    SV_CHECK_HEADER,
    .id = "apache.default-vhost-leaks",
    .servers = SV_SITE_APACHE,
    .title = "The default virtual host serves what another one protects",
    .why = "The first virtual host of an address answers for every name that no other one has. If its "
           "DocumentRoot holds the folders of the others, their guards can be walked around by the "
           "bare address or an invented name.",
    .fix = "A default virtual host with a folder of its own.",
    .bad = "<VirtualHost *:80>\n    DocumentRoot /var/www\n</VirtualHost>\n"
           "<VirtualHost *:80>\n    ServerName intern.example.com\n    DocumentRoot /var/www/intern\n"
           "    <Location />\n        Require ip 10.0.0.0/8\n    </Location>\n</VirtualHost>",
    .good = "<VirtualHost *:80>\n    DocumentRoot /var/www/empty\n</VirtualHost>",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_VHOST,
    .run = run,
};
