// SPDX-License-Identifier: Apache-2.0
// How a request to httpd ends: statuses, ErrorDocument, redirects, what cannot be known.
#include "serve/apache.h"

static bool redirect_status(int s)
{
    return s == 301 || s == 302 || s == 303 || s == 307 || s == 308;
}

static enum sv_outcome outcome_of(int status)
{
    if (redirect_status(status))
        return SV_OUT_REDIRECT;
    switch (status) {
    case 401:
        return SV_OUT_AUTH;
    case 403:
        return SV_OUT_DENIED;
    case 404:
        return SV_OUT_NOT_FOUND;
    default:
        return status < 400 || status == 410 ? SV_OUT_RETURN : SV_OUT_ERROR;
    }
}

static const struct sv_scope *top_scope(const struct ap_run *r)
{
    return r->levels.n ? r->levels.v[r->levels.n - 1].scope : r->vhost ? r->vhost->scope : NULL;
}

enum ap_step ap_send(struct ap_run *r, enum sv_outcome outcome, int status)
{
    r->ans.outcome = outcome;
    /* A program says its status itself. */
    int kept = r->kept_status ? r->kept_status : r->error_status;
    r->ans.status = status && kept ? kept : status;
    r->ans.scope = top_scope(r);
    r->ans.vhost = r->vhost;
    if (outcome != SV_OUT_FILE)
        r->ans.file = NULL;
    if (!redirect_status(r->ans.status))
        r->ans.location = NULL;
    return AP_DONE;
}

enum ap_step ap_unknown(struct ap_run *r, const char *why)
{
    r->ans.outcome = SV_OUT_UNKNOWN;
    r->ans.status = 0;
    r->ans.file = r->ans.location = NULL;
    r->ans.unknown = why ? why : "a value that is set at run time";
    r->ans.scope = top_scope(r);
    r->ans.vhost = r->vhost;
    return AP_DONE;
}

/* The server's own page. */
static enum ap_step plain(struct ap_run *r, int status)
{
    bool nowhere = redirect_status(status) && !r->ans.location;
    r->error_status = r->kept_status = 0;
    return ap_send(r, nowhere ? SV_OUT_RETURN : outcome_of(status), status);
}

/* ap_index_of_response(): the statuses that httpd has a line for; others count as 500. */
static unsigned known_status(unsigned long long s)
{
    bool known = (s >= 100 && s <= 103) || (s >= 200 && s <= 208) || s == 226 ||
                 (s >= 300 && s <= 308) || (s >= 400 && s <= 418) || (s >= 421 && s <= 431) ||
                 s == 451 || (s >= 500 && s <= 511);
    return known ? (unsigned)s : 500;
}

/* The ErrorDocument in force for the status: each status has its own inheritance. */
static const struct sv_node *document_for(const struct ap_run *r, int status)
{
    for (size_t i = r->levels.n; i-- > 0;) {
        const struct sv_scope *s = r->levels.v[i].scope;
        const struct sv_node *found = NULL;
        for (const struct sv_node *n = NULL; (n = ap_own_next(s, "errordocument", n));) {
            unsigned long long code;
            if (n->n_args < 2 || !sv_slice_u64(sv_node_arg(n, 0), &code))
                continue;
            if (known_status(code) == known_status((unsigned)status))
                found = n;
        }
        if (found)
            return found;
    }
    return NULL;
}

bool ap_is_url(struct sv_slice s)
{
    size_t colon = sv_slice_find(s, "://");
    for (size_t i = 0; i < colon; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.", s.p[i]))
            return false;
    return colon > 0 && colon + 3 < s.n;
}

static enum ap_step send_document(struct ap_run *r, const struct sv_node *n, int status)
{
    struct sv_slice text = sv_node_arg(n, 1);
    bool message = sv_slice_chr(text, ' ') < text.n || (text.p[0] != '/' && !ap_is_url(text));
    if (text.n == 0 || sv_slice_is_nocase(text, "default"))
        return plain(r, status);
    if (message) {
        ap_why(r, n); /* the body */
        return plain(r, status);
    }
    if (text.p[0] != '/' && status == 401)
        return plain(r, status); /* httpd ignores a remote document for a challenge */
    ap_why(r, n);
    struct sv_value v = ap_expr_string(r, text);
    if (v.why)
        return ap_unknown(r, v.why);
    if (v.s.n && v.s.p[0] == '/') {
        r->error_status = status;
        r->kept_status = 0;
        if (!r->first_error)
            r->first_error = status;
        return ap_redirect_internally(r, v.s);
    }
    r->ans.location = sv_arena_copy(r->a, v.s).p;
    return plain(r, 302);
}

enum ap_step ap_status(struct ap_run *r, int status)
{
    r->ans.file = NULL;
    if (status < 100 || status > 599)
        status = 500;
    if (r->in_subrequest) {
        r->ans.outcome = outcome_of(status);
        r->ans.status = status;
        return AP_DONE;
    }
    bool looped = r->redirects > SV_MAX_APACHE_REDIRECTS;
    if (looped && r->first_error)
        return plain(r, r->first_error);
    /* A failure while an ErrorDocument is looked for: the first status, with httpd's own page. */
    if (r->error_status) {
        if (!redirect_status(r->error_status))
            r->ans.location = NULL;
        return plain(r, r->error_status);
    }
    const struct sv_node *n = document_for(r, status);
    if (n && looped && sv_slice_starts(sv_node_arg(n, 1), "/"))
        n = NULL;
    return n ? send_document(r, n, status) : plain(r, status);
}

enum ap_step ap_redirect_to(struct ap_run *r, int status, struct sv_slice location)
{
    if (!r->error_status || !redirect_status(r->error_status))
        r->ans.location = sv_arena_copy(r->a, location).p;
    return ap_status(r, status);
}
