// SPDX-License-Identifier: Apache-2.0
// One secret, one finding: what says of a secret where else it lies becomes part of the worst one.
#include "base/buf.h"
#include "engine/check.h"

enum { MAX_FIXES = 4, MAX_PLACES = 100 };

static bool holds(const struct sv_finding *f, const char *id)
{
    sv_vec_each(s, &f->secrets)
    {
        if (strcmp(s->id, id) == 0)
            return true;
    }
    return false;
}

static bool holds_all(const struct sv_finding *f, const struct sv_finding *part)
{
    sv_vec_each(s, &part->secrets)
    {
        if (!holds(f, s->id))
            return false;
    }
    return true;
}

/* The lines of an advice that say to change the secret, or the others. */
static struct sv_slice lines_of(struct sv_arena *a, const char *fix, bool change)
{
    _cleanup_buf_ struct sv_buf out = {0};
    for (struct sv_slice rest = sv_slice_of(fix); rest.n;) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        if (sv_slice_starts(line, "Change ") != change)
            continue;
        if (out.n)
            sv_buf_addc(&out, '\n');
        sv_buf_add(&out, line);
    }
    return sv_arena_copy(a, sv_buf_slice(&out));
}

/* The fix of the one is needed beside that of the other, unless it is for the same file; that the
 * secret has to be changed is said once, at the end. */
static void add_fix(struct sv_arena *a, struct sv_finding *into, const struct sv_finding *part,
                    size_t n)
{
    const char *fix = part->fix ? part->fix : part->check->fix;
    const char *own = into->fix ? into->fix : into->check->fix;
    bool same = part->file && into->file && strcmp(part->file, into->file) == 0;
    struct sv_slice more = lines_of(a, fix, false), head = lines_of(a, own, false);
    struct sv_slice change = lines_of(a, own, true);
    if (change.n == 0)
        change = lines_of(a, fix, true);
    if (n > MAX_FIXES || same || more.n == 0 || sv_slice_find(head, more.p) < head.n)
        more.n = 0;
    into->fix = sv_arena_printf(a, "%.*s%s%s%s%.*s%s%.*s", (int)head.n, head.p,
                                more.n ? "\nAlso " : "",
                                more.n ? part->file ? part->file : "the rest" : "",
                                more.n ? ": " : "", (int)more.n, more.p, change.n ? "\n" : "",
                                (int)change.n, change.p);
}

static void absorb(struct sv_arena *a, struct sv_finding *into, const struct sv_finding *part,
                   size_t n)
{
    sv_vec_push(a, &into->evidence,
                (struct sv_evidence){part->file, part->line,
                                     sv_slice_of(sv_arena_printf(a, "%s  [%s]", part->message,
                                                                 part->check->id)),
                                     part->member});
    sv_vec_each(e, &part->evidence)
    {
        sv_vec_push(a, &into->evidence, *e);
    }
    sv_vec_each(x, &part->exposure)
    {
        sv_vec_push(a, &into->exposure, *x);
    }
    add_fix(a, into, part, n);
}

/* A table of 10,000 lines with one password is not 10,000 pieces of evidence. */
static void tell_more(struct sv_arena *a, struct sv_finding *f, size_t n)
{
    const char *text = sv_arena_printf(a, "%zu more places, which are not listed here", n);
    sv_vec_push(a, &f->evidence, (struct sv_evidence){f->file, 0, sv_slice_of(text), NULL});
}

/* Of two findings with one secret the one that others become part of. */
static bool leads(const struct sv_finding *a, const struct sv_finding *b)
{
    if (a->severity != b->severity)
        return a->severity > b->severity;
    return !a->check->joins && b->check->joins; /* else the one that comes first */
}

/* A file that strangers can fetch is a finding of its own: another fix does not close it. */
static bool leaves_elsewhere(const struct sv_finding *leader, const struct sv_finding *f)
{
    return f->exposure.n && (!leader->file || !f->file || strcmp(leader->file, f->file) != 0);
}

/* By a secret's fingerprint the finding that leads, as its index plus one. */
static void find_leaders(struct sv_result *r, struct sv_map *ret)
{
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct sv_finding *f = r->findings.v[i];
        for (size_t s = 0; s < f->secrets.n && f->state == SV_STATE_NEW; s++) {
            uint32_t *at = sv_map_at(r->arena, ret, sv_slice_of(f->secrets.v[s].id));
            if (*at == 0 || leads(f, r->findings.v[*at - 1]))
                *at = (uint32_t)i + 1;
        }
    }
}

void sv_join_findings(struct sv_result *r)
{
    struct sv_map leaders = {0};
    size_t n = 0, *taken = sv_new_n(r->arena, size_t, r->findings.n);
    bool *gone = sv_new_n(r->arena, bool, r->findings.n);
    find_leaders(r, &leaders);
    for (size_t i = 0; i < r->findings.n; i++) {
        struct sv_finding *f = r->findings.v[i];
        if (!f->check->joins || f->secrets.n == 0 || f->state != SV_STATE_NEW)
            continue;
        size_t k = sv_map_find(&leaders, sv_slice_of(f->secrets.v[0].id)) - 1;
        if (k == i || !holds_all(r->findings.v[k], f) || leaves_elsewhere(r->findings.v[k], f))
            continue;
        if (++taken[k] <= MAX_PLACES)
            absorb(r->arena, r->findings.v[k], f, taken[k]);
        gone[i] = true;
    }
    for (size_t i = 0; i < r->findings.n; i++)
        if (taken[i] > MAX_PLACES)
            tell_more(r->arena, r->findings.v[i], taken[i] - MAX_PLACES);
    for (size_t i = 0; i < r->findings.n; i++)
        if (!gone[i])
            r->findings.v[n++] = r->findings.v[i];
    r->findings.n = n;
}
