// SPDX-License-Identifier: Apache-2.0
// srvaudit url: one answer for people, batches as JSON lines, files to URLs.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cmd/cmd.h"
#include "report/escape.h"
#include "run.h"
#include "secrets/redact.h"

/* As it is sent; but a secret that the configuration puts there is not shown, while a query that
 * the URL has brought is known to who asked. */
static const char *shown_location(struct sv_arena *a, const char *location, struct sv_slice target)
{
    static const char header[] = "Location: ";
    struct sv_slice there = sv_slice_of(location ? location : ""), asked;
    asked = sv_slice_sub(target, sv_slice_chr(target, '?'), target.n);
    there = sv_slice_sub(there, sv_slice_chr(there, '?'), there.n);
    if (!location || (there.n && sv_slice_eq(there, asked)))
        return location;
    /* As the line of a header, whose first word is no value. */
    const char *line = sv_arena_printf(a, "%s%s", header, location);
    return sv_mask_line(a, sv_slice_of(line)).p + sizeof header - 1;
}

static struct sv_answer answer(struct sv_run *run, struct sv_arena *a, struct sv_request *q,
                               const char **ret_server)
{
    const struct sv_site *site = sv_serve_pick(run->host.sites.v, run->host.sites.n, q);
    const struct sv_site *first = run->host.sites.n ? run->host.sites.v[0] : NULL;
    *ret_server = site ? sv_site_kind_name(site->kind)
                  : first ? sv_site_kind_name(first->kind)
                          : "";
    q->client = sv_slice_of(run->options->client);
    if (site) {
        sv_request_enter(site, q);
        struct sv_answer ans = sv_serve_answer(site, a, q);
        ans.location = shown_location(a, ans.location, q->target);
        return ans;
    }
    return (struct sv_answer){.outcome = SV_OUT_UNKNOWN,
                              .unknown = run->host.sites.n ? "no audited server listens on this port"
                                                      : "there is no web server configuration"};
}

static void member(struct sv_buf *out, const char *name, const char *s)
{
    if (!s)
        return;
    sv_buf_printf(out, ",\"%s\":", name);
    sv_escape_json(out, sv_slice_of(s));
}

static void why_list(struct sv_run *run, struct sv_buf *out, const struct sv_answer *ans)
{
    bool first = true;
    struct sv_arena a = {0};
    sv_buf_adds(out, ",\"why\":[");
    sv_vec_each(w, &ans->why)
    {
        sv_buf_adds(out, first ? "{" : ",{");
        first = false;
        if (w->span.file) {
            sv_buf_adds(out, "\"file\":");
            sv_escape_json(out, sv_slice_of(sv_span_path(&run->sources, w->span)));
            sv_buf_printf(out, ",\"line\":%u,", sv_span_pos(&run->sources, w->span).line);
        }
        sv_buf_adds(out, "\"text\":");
        sv_escape_json(out, sv_mask_line(&a, w->text));
        sv_buf_addc(out, '}');
    }
    if (ans->unknown) {
        sv_buf_adds(out, first ? "{\"text\":" : ",{\"text\":");
        sv_escape_json(out, sv_slice_of(ans->unknown));
        sv_buf_addc(out, '}');
    }
    sv_buf_addc(out, ']');
    sv_arena_clear(&a);
}

static void json_line(struct sv_run *run, struct sv_buf *out, struct sv_slice url,
                      const struct sv_answer *ans, const char *server)
{
    sv_buf_adds(out, "{\"url\":");
    sv_escape_json(out, url);
    sv_buf_printf(out, ",\"server\":\"%s\",\"outcome\":\"%s\",\"status\":", server,
                  sv_outcome_name(ans->outcome));
    if (ans->status)
        sv_buf_printf(out, "%d", ans->status);
    else
        sv_buf_adds(out, "null");
    member(out, "file", ans->file);
    member(out, "location", ans->location);
    member(out, "condition", ans->condition);
    why_list(run, out, ans);
    sv_buf_adds(out, "}\n");
}

static int batch(struct sv_run *run)
{
    const char *path = run->options->batch;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    _cleanup_buf_ struct sv_buf out = {0};
    struct sv_arena a = {0};
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (!in) {
        fprintf(stderr, "srvaudit: cannot open %s: %s\n", path, strerror(errno));
        return 2;
    }
    while ((n = getline(&line, &cap, in)) > 0) {
        struct sv_slice url = {line, (size_t)n - (line[n - 1] == '\n')};
        struct sv_request q;
        struct sv_err err;
        struct sv_answer ans = {.outcome = SV_OUT_ERROR, .status = 400};
        const char *server = run->host.sites.n ? sv_site_kind_name(run->host.sites.v[0]->kind) : "";
        if (sv_request_from_url(&a, url, &q, &err) == 0)
            ans = answer(run, &a, &q, &server);
        else
            ans.unknown = err.text;
        json_line(run, &out, url, &ans, server);
        fwrite(out.p, 1, out.n, stdout);
        sv_buf_reset(&out);
        sv_arena_clear(&a);
    }
    free(line);
    if (in != stdin)
        fclose(in);
    return ferror(stdout) ? 2 : 0;
}

static void print(const char *label, const char *s)
{
    _cleanup_buf_ struct sv_buf out = {0};
    if (!s)
        return;
    sv_escape_text(&out, sv_slice_of(s));
    printf("  %-9s %s\n", label, out.p ? out.p : "");
}

static void print_answer(struct sv_run *run, const struct sv_answer *ans)
{
    if (ans->status)
        printf("%s, status %d\n", sv_outcome_name(ans->outcome), ans->status);
    else
        printf("%s\n", sv_outcome_name(ans->outcome));
    print("file", ans->file);
    print("location", ans->location);
    print("host", ans->vhost ? ans->vhost->label : NULL);
    print("if", ans->condition);
    print("unknown", ans->unknown);
    const char *label = "why";
    sv_vec_each(w, &ans->why)
    {
        struct sv_arena a = {0};
        const char *text = sv_mask_line(&a, w->text).p;
        if (w->span.file)
            text = sv_arena_printf(&a, "%s:%u  %s", sv_span_path(&run->sources, w->span),
                                   sv_span_pos(&run->sources, w->span).line, text);
        print(label, text);
        label = "";
        sv_arena_clear(&a);
    }
}

/* What is answered instead; once for each URL, however many sockets have it. */
static void others(struct sv_run *run, const struct sv_route *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= strcmp(r[k].url, r[i].url) == 0;
        if (seen)
            continue;
        printf("%s: ", r[i].url);
        print_answer(run, &r[i].answer);
    }
}

static int reverse(struct sv_run *run)
{
    struct sv_arena a = {0};
    struct sv_routes routes = {0};
    struct stat st;
    int rc = sv_fs_stat(run->fs, run->options->reverse, &st);
    if (rc < 0) {
        fprintf(stderr, "srvaudit: %s: %s\n", run->options->reverse, strerror(-rc));
        return 2;
    }
    sv_vec_each(s, &run->host.sites)
    {
        sv_serve_reverse(*s, &a, run->options->reverse, sv_slice_of(run->options->client), &routes);
    }
    sv_vec_each(r, &routes.list)
    {
        printf("%s\n", r->url);
    }
    const char *text = routes.open.n ? "whether a URL yields this file is not known"
                                     : "no URL yields this file";
    if (routes.list.n == 0) {
        puts(run->host.sites.n ? text : "there is no web server configuration");
        others(run, routes.open.v, routes.open.n);
        others(run, routes.blocked.v, routes.blocked.n);
        others(run, routes.handed.v, routes.handed.n);
    }
    sv_arena_clear(&a);
    return 0;
}

/* An answer from half a configuration is no good answer without a word about the other half. */
static void tell_skipped(const struct sv_run *run)
{
    sv_vec_each(s, &run->result.skipped)
    {
        _cleanup_buf_ struct sv_buf text = {0}, out = {0};
        struct sv_arena a = {0};
        bool position = s->reason[0] >= '0' && s->reason[0] <= '9';
        sv_buf_printf(&text, "%s%s%s", s->path, position ? ":" : ": ", s->reason);
        sv_escape_text(&out, sv_mask_values(&a, sv_buf_slice(&text)));
        fprintf(stderr, "srvaudit: %s\n", out.p);
        sv_arena_clear(&a);
    }
}

int sv_cmd_url(const struct sv_options *given)
{
    struct sv_options own = *given, *o = &own;
    struct sv_run run = {0};
    struct sv_err err = {{0}};
    bool one = !o->batch && !o->reverse;
    int status = 0;
    own.sites_only = true;
    if (one && o->n_paths == 0) {
        fprintf(stderr, "srvaudit: url needs a URL; see srvaudit url --help\n");
        return 2;
    }
    if (o->batch && o->reverse) {
        fprintf(stderr, "srvaudit: --batch and --reverse do not go together\n");
        return 2;
    }
    if (sv_run_open(&run, o, &err) < 0 ||
        sv_run_discover(&run, o->paths + one, o->n_paths - one, &err) < 0) {
        fprintf(stderr, "srvaudit: %s\n", err.text);
        sv_run_free(&run);
        return 2;
    }
    tell_skipped(&run);
    if (o->batch) {
        status = batch(&run);
    } else if (o->reverse) {
        status = reverse(&run);
    } else {
        struct sv_arena a = {0};
        struct sv_request q;
        if (sv_request_from_url(&a, sv_slice_of(o->paths[0]), &q, &err) < 0) {
            fprintf(stderr, "srvaudit: %s\n", err.text);
            status = 2;
        } else {
            const char *server;
            struct sv_answer ans = answer(&run, &a, &q, &server);
            print_answer(&run, &ans);
        }
        sv_arena_clear(&a);
    }
    sv_run_free(&run);
    return status;
}
