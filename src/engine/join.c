// SPDX-License-Identifier: Apache-2.0
// One secret, one finding: what says of a secret where else it lies becomes part of the worst one.
#include <ctype.h>

#include "base/buf.h"
#include "engine/advice.h"
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

/* How many findings became part of one, and how many brought advice along. */
struct taken {
    size_t parts, fixes;
};

static bool same_file(const struct sv_finding *a, const struct sv_finding *b)
{
    return a->file && b->file && strcmp(a->file, b->file) == 0;
}

static bool has_line(struct sv_slice text, struct sv_slice line)
{
    for (; text.n; text = sv_slice_sub(text, sv_slice_chr(text, '\n') + 1, text.n))
        if (sv_slice_eq(sv_slice_sub(text, 0, sv_slice_chr(text, '\n')), line))
            return true;
    return false;
}

static bool sets_mode(struct sv_slice fix)
{
    return sv_slice_find(fix, "chmod ") < fix.n;
}

/* The first line says what to do; of one file neither a second mode nor a second way to close its
 * URL is needed. */
static bool is_said(const struct sv_finding *into, struct sv_slice head,
                    const struct sv_finding *part, struct sv_slice more)
{
    if (more.n == 0 || has_line(head, sv_slice_sub(more, 0, sv_slice_chr(more, '\n'))))
        return true;
    return same_file(into, part) && ((into->exposure.n && part->exposure.n) ||
                                     (sets_mode(head) && sets_mode(more)));
}

/* The fix of the one is needed beside that of the other; that the secret has to be changed is said
 * once, at the end. */
static void add_fix(struct sv_arena *a, struct sv_finding *into, const struct sv_finding *part,
                    struct taken *n)
{
    bool closed = part->severity == SV_INFO && !part->fix; /* well kept where it is */
    const char *fix = part->fix ? part->fix : closed ? "" : part->check->fix;
    const char *own = into->fix ? into->fix : into->check->fix;
    struct sv_slice more = lines_of(a, fix, false), head = lines_of(a, own, false);
    struct sv_slice change = lines_of(a, own, true);
    if (change.n == 0)
        change = lines_of(a, fix, true);
    if (n->fixes >= MAX_FIXES || is_said(into, head, part, more))
        more.n = 0;
    n->fixes += more.n > 0;
    const char *of = same_file(into, part) ? "" : part->file ? part->file : "the rest";
    const char *also = "";
    if (*of && part->line && part->fix_of_line)
        of = sv_arena_printf(a, "%s:%u", of, part->line);
    if (more.n) /* "Also: first, if ..." */
        also = sv_arena_printf(a, "\nAlso%s%s: %c%.*s", *of ? " " : "", of,
                               tolower((unsigned char)more.p[0]), (int)more.n - 1, more.p + 1);
    into->fix = sv_arena_printf(a, "%.*s%s%s%.*s", (int)head.n, head.p, also,
                                change.n ? "\n" : "", (int)change.n, change.p);
}

/* A line that is named already is not named again; without a text of its own it gets this one. */
static void add_evidence(struct sv_arena *a, struct sv_finding *into, struct sv_evidence e)
{
    sv_vec_each(old, &into->evidence)
    {
        if (old->line != e.line || !old->file || !e.file || strcmp(old->file, e.file) != 0)
            continue;
        if (old->text.n == 0) {
            old->text = e.text;
            old->message = e.message;
        }
        if (e.text.n == 0 || sv_slice_eq(old->text, e.text))
            return;
    }
    sv_vec_push(a, &into->evidence, e);
}

static void add_exposure(struct sv_arena *a, struct sv_finding *into, const struct sv_exposure *x)
{
    sv_vec_each(old, &into->exposure)
    {
        if (strcmp(old->url, x->url) == 0)
            return;
    }
    sv_vec_push(a, &into->exposure, *x);
}

/* The place and the route were told: what the part says of them is nothing new. */
static bool says_nothing_new(const struct sv_finding *into, const struct sv_finding *part)
{
    if (!same_file(into, part))
        return false;
    if (part->check->yields)
        return true;
    return into->line == part->line &&
           (part->check->on == SV_ON_HOST_SECRETS || (into->exposure.n && part->exposure.n));
}

static void absorb(struct sv_arena *a, struct sv_finding *into, const struct sv_finding *part,
                   struct taken *n)
{
    const char *text = sv_arena_printf(a, "%s  [%s]", part->message, part->check->id);
    if (!says_nothing_new(into, part))
        add_evidence(a, into, (struct sv_evidence){.file = part->file, .line = part->line,
                                                   .text = sv_slice_of(text),
                                                   .member = part->member, .message = true});
    sv_vec_each(e, &part->evidence)
    {
        add_evidence(a, into, *e);
    }
    sv_vec_each(x, &part->exposure)
    {
        add_exposure(a, into, x);
    }
    add_fix(a, into, part, n);
}

/* A table of 10,000 lines with one password is not 10,000 pieces of evidence. */
static void tell_more(struct sv_arena *a, struct sv_finding *f, size_t n)
{
    const char *text = sv_arena_printf(a, "%zu more places, which are not listed here", n);
    sv_vec_push(a, &f->evidence, (struct sv_evidence){.file = f->file, .text = sv_slice_of(text)});
}

/* Also who reads more than the file: "any local user: ps". */
static bool any_local_user(const struct sv_finding *f)
{
    static const char who[] = "any local user";
    return f->readers && strncmp(f->readers, who, sizeof who - 1) == 0;
}

/* What takes it out of the machine before what shows it to those who are on it, and what knows
 * what the file is before the search that finds secrets in any. */
static unsigned weight(const struct sv_finding *f)
{
    return (f->exposure.n ? 4u : 0) + (any_local_user(f) ? 2u : 0) +
           (f->check->on != SV_ON_HOST_SECRETS);
}

/* Of two findings with one secret the one that others become part of. */
static bool leads(const struct sv_finding *a, const struct sv_finding *b)
{
    if (a->severity != b->severity)
        return a->severity > b->severity;
    if (a->check->joins != b->check->joins)
        return !a->check->joins;
    return weight(a) > weight(b); /* else the one that comes first */
}

/* A file that strangers can fetch is a finding of its own: another fix does not close it. */
static bool leaves_elsewhere(const struct sv_finding *leader, const struct sv_finding *f)
{
    return f->exposure.n && !same_file(leader, f);
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

/* The findings about logs, by the places that they name. */
static void find_logs(struct sv_result *r, struct sv_map *ret)
{
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct sv_finding *f = r->findings.v[i];
        if (!(f->check->on & SV_ON_LOG) || f->state != SV_STATE_NEW || f->severity == SV_INFO)
            continue;
        for (size_t e = 0; e <= f->evidence.n; e++) {
            const struct sv_evidence *at = e ? &f->evidence.v[e - 1] : NULL;
            const char *key = sv_arena_printf(r->arena, "%u %s", at ? at->line : 0,
                                              at ? at->file : f->file);
            uint32_t *first = sv_map_at(r->arena, ret, sv_slice_of(key));
            if (*first == 0)
                *first = (uint32_t)i + 1;
        }
    }
}

/* What is said of a log or of its setting is part of what is said of the secrets in it; of two
 * that name one log, the second of the first. */
static void join_places(struct sv_result *r, bool *gone)
{
    struct sv_map logs = {0};
    struct taken *taken = sv_new_n(r->arena, struct taken, r->findings.n);
    find_logs(r, &logs);
    for (size_t i = 0; i < r->findings.n; i++) {
        struct sv_finding *f = r->findings.v[i];
        if (!f->check->yields || f->secrets.n || f->state != SV_STATE_NEW)
            continue;
        const char *key = sv_arena_printf(r->arena, "%u %s", f->line, f->file);
        uint32_t *at = sv_map_at(r->arena, &logs, sv_slice_of(key));
        struct sv_finding *into = *at ? r->findings.v[*at - 1] : NULL;
        if (!into && f->line == 0)
            *at = (uint32_t)i + 1;
        if (!into || into->severity < f->severity)
            continue;
        absorb(r->arena, into, f, &taken[*at - 1]);
        gone[i] = true;
    }
}

/* The URL, or for a finding about a whole folder that of the folder. */
static struct sv_slice url_key(const struct sv_exposure *x, bool folder)
{
    struct sv_slice url = sv_slice_of(x->url);
    return folder ? sv_slice_dir(url) : url;
}

/* Where to move it says more than that it has to go. */
static void take_fix(struct sv_arena *a, struct sv_finding *into, const struct sv_finding *part)
{
    const char *own = into->fix ? into->fix : into->check->fix;
    struct sv_slice better = lines_of(a, part->fix ? part->fix : part->check->fix, false);
    struct sv_slice change = lines_of(a, own, true);
    if (sv_slice_is(lines_of(a, own, false), SV_MOVE_FILE))
        into->fix = sv_arena_printf(a, "%.*s%s%.*s", (int)better.n, better.p, change.n ? "\n" : "",
                                    (int)change.n, change.p);
}

/* What the configuration does so that a file has a URL is part of what is said of that file. */
static void join_urls(struct sv_result *r, struct taken *taken, bool *gone)
{
    struct sv_map urls = {0};
    for (size_t i = 0; i < 2 * r->findings.n; i++) {
        const struct sv_finding *f = r->findings.v[i / 2];
        bool served = f->secrets.n || strncmp(f->check->id, "web.served-", 11) == 0;
        if (f->check->yields || f->exposure.n == 0 || !served || f->state != SV_STATE_NEW)
            continue;
        uint32_t *first = sv_map_at(r->arena, &urls, url_key(&f->exposure.v[0], i % 2));
        if (*first == 0)
            *first = (uint32_t)(i / 2) + 1;
    }
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct sv_finding *f = r->findings.v[i];
        if (!f->check->yields || f->exposure.n == 0 || f->secrets.n || f->state != SV_STATE_NEW)
            continue;
        struct sv_slice key = url_key(&f->exposure.v[0], f->check->on & SV_ON_MAPPING);
        size_t into = sv_map_find(&urls, key);
        if (into == 0 || r->findings.v[into - 1]->severity < f->severity)
            continue;
        struct sv_finding part = *f;
        part.exposure.n = 0; /* as the other has it */
        take_fix(r->arena, r->findings.v[into - 1], f);
        absorb(r->arena, r->findings.v[into - 1], &part, &taken[into - 1]);
        gone[i] = true;
    }
}

void sv_join_findings(struct sv_result *r)
{
    struct sv_map leaders = {0};
    size_t n = 0;
    struct taken *taken = sv_new_n(r->arena, struct taken, r->findings.n);
    bool *gone = sv_new_n(r->arena, bool, r->findings.n);
    join_places(r, gone);
    join_urls(r, taken, gone);
    find_leaders(r, &leaders);
    for (size_t i = 0; i < r->findings.n; i++) {
        struct sv_finding *f = r->findings.v[i];
        if (!f->check->joins || f->secrets.n == 0 || f->state != SV_STATE_NEW)
            continue;
        size_t k = sv_map_find(&leaders, sv_slice_of(f->secrets.v[0].id)) - 1;
        if (k == i || f->apart || !holds_all(r->findings.v[k], f) ||
            leaves_elsewhere(r->findings.v[k], f))
            continue;
        if (++taken[k].parts <= MAX_PLACES)
            absorb(r->arena, r->findings.v[k], f, &taken[k]);
        gone[i] = true;
    }
    for (size_t i = 0; i < r->findings.n; i++)
        if (taken[i].parts > MAX_PLACES)
            tell_more(r->arena, r->findings.v[i], taken[i].parts - MAX_PLACES);
    for (size_t i = 0; i < r->findings.n; i++)
        if (!gone[i])
            r->findings.v[n++] = r->findings.v[i];
    r->findings.n = n;
}
