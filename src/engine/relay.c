// SPDX-License-Identifier: Apache-2.0
// Tells who pays for requests that a proxy sends on with a key in them.
#include "engine/relay.h"

#include "base/limits.h"

bool sv_relay_is_foreign(struct sv_slice target)
{
    static const char *const own[] = {".local", ".internal", ".lan", ".home.arpa", ".localhost"};
    size_t scheme = sv_slice_find(target, "://"), dot;
    struct sv_slice host = sv_slice_sub(target, scheme + 3, target.n);
    size_t end = 0;
    while (end < host.n && host.p[end] != '/' && host.p[end] != ':' && host.p[end] != '$')
        end++;
    if (scheme == target.n || (end < host.n && host.p[end] == '$'))
        return false;
    host.n = end;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (sv_slice_ends(host, own[i]))
            return false;
    dot = host.n;
    while (dot && host.p[dot - 1] != '.')
        dot--;
    return dot && dot < host.n && ((host.p[dot] | 0x20) >= 'a' && (host.p[dot] | 0x20) <= 'z');
}

/* "https://api.example.com" of where it is passed to: what follows may hold secrets of its own. */
static struct sv_slice host_of(struct sv_slice url)
{
    size_t scheme = sv_slice_find(url, "://");
    size_t from = scheme < url.n ? scheme + 3 : 0, end = from;
    while (end < url.n && !strchr("/?#$", url.p[end]))
        end++;
    size_t at = sv_slice_chr(sv_slice_sub(url, from, end), '@');
    return from + at < end ? sv_slice_sub(url, from + at + 1, end) : sv_slice_sub(url, 0, end);
}

void sv_finding_relay(struct sv_ctx *cx, struct sv_finding *f, const struct sv_relay *r,
                      struct sv_slice name, struct sv_slice value)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_slice to = host_of(r->target);
    f->severity = SV_HIGH;
    f->apart = true;
    f->message = sv_arena_printf(a, "everyone who asks for %s sends requests to %.*s with %s, at your cost: nothing "
                                 "there asks who it is%s%s",
                                 r->where, (int)to.n, to.p, sv_secret_words(a, name, value),
                                 f->fix ? "; and in the configuration it can be read by " : "",
                                 f->fix ? f->readers : "");
    sv_finding_evidence_file(cx, f, sv_span_path(sv_ctx_sources(cx), r->pass->head),
                             sv_span_pos(sv_ctx_sources(cx), r->pass->head).line,
                             sv_arena_printf(a, "%.*s %.*s", (int)r->pass->name.n, r->pass->name.p,
                                             (int)to.n, to.p));
    sv_finding_fix(cx, f, "Let %s ask who it is: %s%s%s", r->section, r->advice, f->fix ? "\n" : "",
                   f->fix ? f->fix : "");
}

void sv_relay_skip(struct sv_ctx *cx, const struct sv_node *header)
{
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), header->head);
    sv_ctx_skip(cx, sv_span_path(sv_ctx_sources(cx), header->head),
                "%u:1: more than %d places that may send this header to another's host, or %d looked "
                "through; whether strangers use it is not known",
                pos.line, SV_MAX_RELAYS_ASKED, SV_MAX_RELAYS_LOOKED);
}
