// SPDX-License-Identifier: Apache-2.0
// Findings: names of severities, fingerprints, order.
#include "engine/finding.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "base/shell.h"
#include "engine/check.h"
#include "secrets/redact.h"

static const char *const names[] = {"info", "low", "medium", "high", "critical"};

const char *sv_severity_name(enum sv_severity s)
{
    return names[s];
}

bool sv_severity_parse(struct sv_slice s, enum sv_severity *ret)
{
    for (int i = SV_INFO; i <= SV_CRITICAL; i++) {
        if (sv_slice_is(s, names[i])) {
            *ret = (enum sv_severity)i;
            return true;
        }
    }
    return false;
}

void sv_result_skip(struct sv_result *r, const char *path, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *reason = sv_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    const char *key = sv_arena_printf(r->arena, "%s\n%s", path, reason);
    if ((*sv_map_at(r->arena, &r->told, sv_slice_of(key)))++)
        return; /* two readers of one file */
    sv_vec_push(r->arena, &r->skipped, (struct sv_skip){sv_arena_strdup(r->arena, path), reason});
}

/* Numbers of processes change: the key says which program it is. */
static const char *stable_path(const struct sv_finding *f)
{
    bool process = f->file && f->key && strncmp(f->file, "/proc/", 6) == 0;
    return process ? "/proc" : f->file ? f->file : "";
}

static void fingerprint(struct sv_result *r, struct sv_finding *f)
{
    const char *text = sv_arena_printf(r->arena, "%s\n%s\n%s", f->check->id, stable_path(f),
                                       f->key ? f->key : "");
    sv_sha256_hex(sv_slice_of(text), f->fingerprint, 16);
}

/* Two secrets of a line are redacted alike: what they are told apart by is their fingerprint. */
static int by_secret(const struct sv_finding *a, const struct sv_finding *b)
{
    if (a->secrets.n == 0 || b->secrets.n == 0)
        return (a->secrets.n > 0) - (b->secrets.n > 0);
    const struct sv_secret_ref *x = &a->secrets.v[0], *y = &b->secrets.v[0];
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return strcmp(x->id, y->id);
}

static int by_rank(const void *pa, const void *pb)
{
    const struct sv_finding *a = *(struct sv_finding *const *)pa;
    const struct sv_finding *b = *(struct sv_finding *const *)pb;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int rc = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    if (rc == 0 && a->line != b->line)
        rc = a->line < b->line ? -1 : 1;
    if (rc == 0)
        rc = strcmp(a->check->id, b->check->id);
    if (rc == 0)
        rc = strcmp(a->message, b->message);
    return rc ? rc : by_secret(a, b);
}

/* The same check at the same line with the same words was reached by two ways. */
static bool same(const struct sv_finding *a, const struct sv_finding *b)
{
    return by_rank(&a, &b) == 0;
}

static void mask_evidence(struct sv_arena *a, struct sv_evidence *e)
{
    e->file = sv_mask_tokens(a, e->file);
    e->member = sv_mask_tokens(a, e->member);
    e->text = sv_slice_of(sv_mask_tokens(a, sv_arena_copy(a, e->text).p));
}

/* A folder's name may hold a line feed and what root is to paste: where the advice speaks of a path
 * as it is, what is odd in it is shown. */
static void show_path(struct sv_arena *a, struct sv_finding *f, const char *path)
{
    const char *end = NULL, *hit;
    for (const char *odd = path; odd && *(odd = sv_control(odd)); odd++)
        end = odd;
    if (!end || !f->fix)
        return;
    size_t n = (size_t)(end - path) + strcspn(end, "/");
    const char *raw = sv_arena_copy(a, (struct sv_slice){path, n}).p;
    _cleanup_buf_ struct sv_buf out = {0};
    const char *rest = f->fix;
    for (; (hit = strstr(rest, raw)); rest = hit + n) {
        sv_buf_add(&out, (struct sv_slice){rest, (size_t)(hit - rest)});
        sv_buf_adds(&out, sv_visible(a, raw));
    }
    if (rest == f->fix)
        return;
    sv_buf_adds(&out, rest);
    f->fix = sv_arena_copy(a, sv_buf_slice(&out)).p;
}

static void show_paths(struct sv_arena *a, struct sv_finding *f)
{
    show_path(a, f, f->file);
    sv_vec_each(e, &f->evidence)
    {
        show_path(a, f, e->file);
    }
    sv_vec_each(x, &f->exposure)
    {
        sv_vec_each(w, &x->why)
        {
            show_path(a, f, w->file);
        }
    }
}

/* Names of files and locations hold tokens too. Last, so that findings stay told apart. */
static void mask(struct sv_arena *a, struct sv_finding *f)
{
    show_paths(a, f);
    f->message = sv_mask_tokens(a, f->message);
    f->file = sv_mask_tokens(a, f->file);
    f->member = sv_mask_tokens(a, f->member);
    f->key = sv_mask_tokens(a, f->key);
    f->readers = sv_mask_tokens(a, f->readers);
    f->fix = sv_mask_tokens(a, f->fix);
    f->reason = sv_mask_tokens(a, f->reason);
    sv_vec_each(e, &f->evidence)
    {
        mask_evidence(a, e);
    }
    sv_vec_each(x, &f->exposure)
    {
        x->url = sv_mask_tokens(a, x->url);
        sv_vec_each(w, &x->why)
        {
            mask_evidence(a, w);
        }
    }
}

void sv_result_finish(struct sv_result *r)
{
    sv_vec_each(s, &r->skipped)
    {
        s->path = sv_mask_tokens(r->arena, s->path);
        s->reason = sv_mask_values(r->arena, sv_slice_of(sv_mask_tokens(r->arena, s->reason))).p;
    }
    sv_vec_each(f, &r->findings)
    {
        fingerprint(r, *f);
    }
    if (r->findings.n == 0)
        return;
    qsort(r->findings.v, r->findings.n, sizeof *r->findings.v, by_rank);
    size_t n = 1;
    for (size_t i = 1; i < r->findings.n; i++)
        if (!same(r->findings.v[n - 1], r->findings.v[i]))
            r->findings.v[n++] = r->findings.v[i];
    r->findings.n = n;
    sv_join_findings(r);
    sv_vec_each(f, &r->findings)
    {
        mask(r->arena, *f);
        if ((*f)->state == SV_STATE_NEW)
            r->count[(*f)->severity]++;
    }
}
