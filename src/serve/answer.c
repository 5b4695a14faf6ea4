// SPDX-License-Identifier: Apache-2.0
// serve_answer: the one door to every server's model.
#include "serve/answer.h"

#include "model/container.h"
#include "serve/apache_answer.h"
#include "serve/nginx_answer.h"

const char *sv_outcome_name(enum sv_outcome o)
{
    switch (o) {
    case SV_OUT_FILE:
        return "file";
    case SV_OUT_LISTING:
        return "listing";
    case SV_OUT_REDIRECT:
        return "redirect";
    case SV_OUT_DENIED:
        return "denied";
    case SV_OUT_AUTH:
        return "auth";
    case SV_OUT_NOT_FOUND:
        return "not-found";
    case SV_OUT_RETURN:
        return "return";
    case SV_OUT_PROXIED:
        return "proxied";
    case SV_OUT_HANDLER:
        return "handler";
    case SV_OUT_ERROR:
        return "error";
    case SV_OUT_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

/* ---- containers ---- */

static const struct sv_container_port *port_of(const struct sv_site *site, unsigned outer,
                                               bool any, unsigned inner)
{
    sv_vec_each(p, &site->container->ports)
    {
        if (!p->udp && p->host_port == outer && (any || p->port == inner))
            return p;
    }
    return NULL;
}

void sv_request_enter(const struct sv_site *site, struct sv_request *io)
{
    if (!site->container || io->outer_port || sv_slice_is(site->container->network.text, "host"))
        return;
    const struct sv_container_port *p = port_of(site, io->port, true, 0);
    io->outer_port = p ? io->port : 0;
    io->port = p ? p->port : 0;
}

/* In front of what the server in the container does: how the request came to it. */
static void why_entered(struct sv_arena *a, const struct sv_site *site,
                        const struct sv_request *req, struct sv_answer *ans)
{
    const struct sv_container *c = site->container;
    const struct sv_container_port *p = req->outer_port
                                            ? port_of(site, req->outer_port, false, req->port)
                                            : NULL;
    struct sv_why why = {c->node->head, sv_slice_of(sv_arena_printf(a, "container %s", c->name))};
    if (p) {
        why.span = p->node->head;
        why.text = sv_slice_of(sv_arena_printf(
            a, "container %s publishes its port %u as %.*s%s%u", c->name, p->port,
            (int)p->host.n, p->host.p, p->host.n ? ":" : "", p->host_port));
    }
    struct sv_answer old = *ans;
    ans->why.v = NULL;
    ans->why.n = ans->why.cap = 0;
    sv_vec_push(a, &ans->why, why);
    sv_vec_each(w, &old.why)
    {
        sv_vec_push(a, &ans->why, *w);
    }
}

/* Lines of the image's own configuration stand where the folder that they serve is mounted. */
static void tell_stock(struct sv_arena *a, const struct sv_site *site, struct sv_answer *io)
{
    const struct sv_container *c = site->container;
    sv_vec_each(w, &io->why)
    {
        if (w->span.file == site->stock->head.file && w->span.start == site->stock->head.start)
            w->text = sv_slice_of(sv_arena_printf(
                a, "the stock configuration of the image %.*s: none is mounted over it",
                (int)c->image.text.n, c->image.text.p));
    }
}

/* The answer as it is outside: the file's own path, and the mount that brings it. */
static void leave_container(struct sv_arena *a, const struct sv_site *site,
                            const struct sv_request *req, struct sv_answer *ans)
{
    const char *unseen = sv_fs_unseen(site->fs);
    if (unseen && !ans->behind && ans->outcome != SV_OUT_UNKNOWN) {
        ans->outcome = SV_OUT_UNKNOWN;
        ans->status = 0;
        ans->file = NULL;
        ans->unknown = sv_arena_printf(a, "what the image of %s holds at %s", site->container->name,
                                       unseen);
    }
    if (site->container->kind == SV_CONTAINER_DOCKER && !site->container->running &&
        !ans->condition)
        ans->condition = sv_arena_printf(a, "the container %s is started again",
                                         site->container->name);
    if (ans->if_let_in)
        ans->if_let_in = sv_fs_outside(site->fs, a, ans->if_let_in);
    if (site->stock)
        tell_stock(a, site, ans);
    why_entered(a, site, req, ans);
    const struct sv_container_mount *m =
        ans->file && !ans->behind ? sv_container_mount_of(site->container, ans->file) : NULL;
    if (!m)
        return;
    ans->file = sv_fs_outside(site->fs, a, ans->file);
    sv_vec_push(a, &ans->why,
                (struct sv_why){m->node->head,
                                sv_slice_of(sv_arena_printf(a, "container %s has %s at %s",
                                                            site->container->name,
                                                            m->source ? m->source : m->volume,
                                                            m->target))});
}

struct sv_answer sv_serve_answer(const struct sv_site *site, struct sv_arena *a,
                                 const struct sv_request *req)
{
    struct sv_answer ans = {.outcome = SV_OUT_UNKNOWN};
    sv_fs_unseen_forget(site->fs);
    switch (site->kind) {
    case SV_SITE_NGINX:
        ans = sv_nginx_answer(site, a, req);
        break;
    case SV_SITE_APACHE:
        ans = sv_apache_answer(site, a, req);
        break;
    }
    ans.site = site;
    ans.auth_needed = ans.outcome == SV_OUT_AUTH;
    if (site->container)
        leave_container(a, site, req, &ans);
    return ans;
}

const struct sv_site *sv_serve_pick(struct sv_site *const *sites, size_t n,
                                    const struct sv_request *req)
{
    const struct sv_site *best = NULL;
    struct sv_arena a = {0};
    int best_fit = 0;
    for (size_t i = 0; i < n; i++) {
        int fit = 0;
        struct sv_request q = *req;
        sv_request_enter(sites[i], &q);
        if (q.port == 0)
            continue;
        switch (sites[i]->kind) {
        case SV_SITE_NGINX:
            fit = sv_nginx_fit(sites[i], &q);
            break;
        case SV_SITE_APACHE:
            fit = sv_apache_fit(sites[i], &a, &q);
            break;
        }
        if (fit > best_fit) {
            best = sites[i];
            best_fit = fit;
        }
    }
    sv_arena_clear(&a);
    return best;
}

void sv_answer_hidden(struct sv_arena *a, struct sv_answer *ans, const struct sv_hidden *h)
{
    sv_vec_each(w, &ans->why) /* it is met at each step */
    {
        if (w->span.file == h->span.file && w->span.start == h->span.start)
            return;
    }
    const char *text = sv_arena_printf(a, "%s keeps %s from the server", h->setting, h->path);
    sv_vec_push(a, &ans->why, (struct sv_why){h->span, sv_slice_of(text)});
}
