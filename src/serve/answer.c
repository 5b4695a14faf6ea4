// SPDX-License-Identifier: Apache-2.0
// serve_answer: the one door to every server's model.
#include "serve/answer.h"

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

struct sv_answer sv_serve_answer(const struct sv_site *site, struct sv_arena *a,
                                 const struct sv_request *req)
{
    struct sv_answer ans = {.outcome = SV_OUT_UNKNOWN};
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
        switch (sites[i]->kind) {
        case SV_SITE_NGINX:
            fit = sv_nginx_fit(sites[i], req);
            break;
        case SV_SITE_APACHE:
            fit = sv_apache_fit(sites[i], &a, req);
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
