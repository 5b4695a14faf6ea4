// SPDX-License-Identifier: Apache-2.0
// apache.default-vhost-leaks: the server for unknown names serves what another one protects.
#include "engine/check.h"
#include "model/apache.h"

enum { SAMPLE = 12 };

/* Some files of a folder; hundreds of virtual hosts may share it. */
struct sampled {
    SV_VEC(const struct sv_routes *) files;
};
struct samples {
    struct sv_map dirs; /* place in the list plus one */
    SV_VEC(struct sampled) list;
};

static const char *root_of(struct sv_ctx *cx, const struct sv_vhost *v)
{
    const struct sv_node *n = v->apache->document_root;
    return n && n->n_args ? sv_arena_copy(sv_ctx_arena(cx), sv_node_arg(n, 0)).p : NULL;
}

static const struct sampled *sample(struct sv_ctx *cx, const struct sv_site *site,
                                    struct samples *io, const char *dir)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_paths files = {0};
    struct sampled x = {0};
    uint32_t *at = sv_map_at(a, &io->dirs, sv_slice_of(dir));
    if (*at)
        return &io->list.v[*at - 1];
    *at = (uint32_t)io->list.n + 1;
    sv_ctx_sample(cx, dir, SAMPLE, &files);
    sv_vec_each(path, &files.list)
    {
        sv_vec_push(a, &x.files, sv_ctx_routes(cx, site, *path));
    }
    sv_vec_push(a, &io->list, x);
    return &io->list.v[io->list.n - 1];
}

static void report(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *other,
                   const struct sv_route *open, const struct sv_route *closed)
{
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
}

/* The default server has a route to a file that `other` keeps from strangers. */
static bool leaks(struct sv_ctx *cx, const struct sv_subject *s, const struct sv_vhost *other,
                  const struct sv_routes *routes)
{
    const struct sv_route *open = NULL, *closed = NULL;
    sv_vec_each(r, &routes->blocked) /* a handful */
    {
        if (r->answer.vhost == other && !r->answer.worker_denied)
            closed = r;
    }
    if (!closed)
        return false;
    sv_vec_each(r, &routes->list)
    {
        if (r->answer.vhost == other)
            return false;
        if (r->answer.vhost == s->vhost)
            open = r;
    }
    if (open)
        report(cx, s, other, open, closed);
    return open != NULL;
}

/* `g` is a socket's servers, of which the subject answers for every name that none has. */
static bool group_leaks(struct sv_ctx *cx, const struct sv_subject *s,
                        const struct sv_listen_group *g, const char *mine, struct samples *io)
{
    sv_vec_each(v, &g->vhosts)
    {
        const char *root = *v != s->vhost ? root_of(cx, *v) : NULL;
        if (!root || !sv_path_below(root, mine))
            continue;
        sv_vec_each(routes, &sample(cx, s->site, io, root)->files)
        {
            if (leaks(cx, s, *v, *routes))
                return true;
        }
    }
    return false;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    if (!s->vhost->apache || s->vhost->apache->is_main || !sv_vhost_on_network(s->vhost))
        return;
    const char *mine = root_of(cx, s->vhost);
    struct samples samples = {0};
    sv_vec_each(l, &s->vhost->listens)
    {
        const struct sv_listen_group *g = sv_listen_group(s->site, l);
        if (g && g->default_vhost == s->vhost && mine &&
            group_leaks(cx, s, g, mine, &samples))
            return;
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
