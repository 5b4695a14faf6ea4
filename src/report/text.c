// SPDX-License-Identifier: Apache-2.0
// The report for people: worst first, short, what to do last.
#include "engine/check.h"
#include "report/escape.h"
#include "report/writer.h"
#include "secrets/rule.h"

enum { MIN_FIX = 60, MAX_ROUTES = 3, MAX_WHY = 8, MAX_SKIPPED = 10, MAX_ALIKE = 10,
       MAX_COMPARED = 50 };

static const char *const colors[] = {"\033[2m", "\033[36m", "\033[33m", "\033[31m", "\033[1;31m"};

/* What was shown and need not be shown again. */
struct told {
    SV_VEC(const struct sv_finding *) why; /* whose lines are there */
    SV_VEC(const struct sv_finding *) fix; /* the same of its first lines */
};

/* Text broken at blanks to the terminal's width, from `column` on; the lines after the first are
 * indented. A word that is wider than the terminal stays whole, so that it can be copied. */
static void wrapped(const struct sv_report *r, struct sv_buf *out, size_t column, size_t indent,
                    struct sv_slice s)
{
    _cleanup_buf_ struct sv_buf safe = {0};
    sv_escape_text(&safe, s);
    s = sv_buf_slice(&safe);
    while (s.n) {
        size_t blanks = 0, word, columns;
        while (blanks < s.n && s.p[blanks] == ' ')
            blanks++;
        s = sv_slice_sub(s, blanks, s.n);
        word = sv_slice_chr(s, ' ');
        columns = sv_columns(sv_slice_sub(s, 0, word));
        if (r->width && column + blanks + columns > r->width && column > indent) {
            sv_buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
            blanks = 0;
        }
        sv_buf_printf(out, "%*s", (int)blanks, "");
        sv_buf_add(out, sv_slice_sub(s, 0, word));
        column += blanks + columns;
        s = sv_slice_sub(s, word, s.n);
    }
}

/* The text, not yet escaped, as a paragraph of its own; empties the buffer. */
static void paragraph(const struct sv_report *r, struct sv_buf *out, size_t column, size_t indent,
                      struct sv_buf *text)
{
    sv_buf_printf(out, "%*s", (int)column, "");
    wrapped(r, out, column, indent, sv_buf_slice(text));
    sv_buf_addc(out, '\n');
    sv_buf_reset(text);
}

static void paint(const struct sv_report *r, struct sv_buf *out, const char *code)
{
    if (r->color)
        sv_buf_adds(out, code);
}

static void put(struct sv_buf *out, const char *s)
{
    sv_escape_text(out, sv_slice_of(s));
}

static void place(struct sv_buf *out, const char *file, const char *member, uint32_t line)
{
    put(out, file);
    if (member) {
        sv_buf_adds(out, ", in ");
        put(out, member);
    }
    if (line && member)
        sv_buf_printf(out, ", line %u", line);
    else if (line)
        sv_buf_printf(out, ":%u", line);
}

/* Only what is meant to be read is broken; lines to be copied stay whole. */
static bool is_prose(struct sv_slice line)
{
    return sv_slice_ends(line, ".") || sv_slice_ends(line, ":");
}

/* A label and the lines of a text under it. */
static void lines(const struct sv_report *r, struct sv_buf *out, const char *label, const char *s)
{
    bool first = true;
    while (*s) {
        size_t n = strcspn(s, "\n");
        sv_buf_printf(out, "    %-5s ", first ? label : "");
        struct sv_slice line = {s, n};
        if (is_prose(line))
            wrapped(r, out, 10, 10, line);
        else
            sv_escape_text(out, line);
        sv_buf_addc(out, '\n');
        s += n + (s[n] == '\n');
        first = false;
    }
}

/* A line of a file stays whole; what another check says of it is read. */
static void evidence(const struct sv_report *r, struct sv_buf *out, const char *label,
                     const struct sv_evidence *e)
{
    _cleanup_buf_ struct sv_buf at = {0};
    place(&at, e->file, e->member, e->line);
    sv_buf_printf(out, "    %-5s ", label);
    sv_buf_add(out, sv_buf_slice(&at));
    if (e->text.n)
        sv_buf_adds(out, "  ");
    if (e->message)
        wrapped(r, out, 12 + sv_columns(sv_buf_slice(&at)), 10, e->text);
    else
        sv_escape_text(out, e->text);
    sv_buf_addc(out, '\n');
}

static bool same_why(const struct sv_exposure *a, const struct sv_exposure *b)
{
    if (a->why.n != b->why.n)
        return false;
    for (size_t i = 0; i < a->why.n; i++) {
        const struct sv_evidence *x = &a->why.v[i], *y = &b->why.v[i];
        if (x->line != y->line || strcmp(x->file, y->file) != 0 || !sv_slice_eq(x->text, y->text))
            return false;
    }
    return true;
}

/* The lines that hand one file out hand out its neighbours: they are shown once. */
static bool shown_why(const struct told *told, const struct sv_finding *f)
{
    size_t n = told->why.n, from = n > MAX_COMPARED ? n - MAX_COMPARED : 0;
    for (size_t i = from; i < n; i++)
        if (same_why(&told->why.v[i]->exposure.v[0], &f->exposure.v[0]))
            return true;
    return false;
}

/* What climbs out of an alias has a finding of its own; it is shown where it is the only way. */
static bool is_beside(const struct sv_finding *f, size_t i)
{
    return i && strstr(f->exposure.v[i].url, "../") && !strstr(f->exposure.v[0].url, "../");
}

/* The message names the only URL that is shown, with its end behind it. */
static bool url_said(const struct sv_finding *f)
{
    const char *at = f->exposure.n ? strstr(f->message, f->exposure.v[0].url) : NULL;
    bool said = at && strchr(" ;,:", at[strlen(f->exposure.v[0].url)]);
    for (size_t i = 1; i < f->exposure.n && said; i++)
        said = is_beside(f, i);
    return said;
}

/* "FILE:7  location / {  (and :8, :4 as above)": what decided was shown, all of it. */
static void why_again(struct sv_buf *out, const struct sv_exposure *e)
{
    const struct sv_evidence *first = &e->why.v[0], *last = first;
    bool more = false;
    sv_buf_adds(out, "    why   ");
    place(out, first->file, NULL, first->line);
    sv_buf_adds(out, "  ");
    sv_escape_text(out, first->text);
    sv_vec_each(w, &e->why)
    {
        bool there = strcmp(w->file, first->file) == 0;
        if (w->line == last->line && strcmp(w->file, last->file) == 0)
            continue; /* one line can be a block with all that is in it */
        sv_buf_adds(out, more ? ", " : "  (and ");
        place(out, there ? "" : w->file, NULL, w->line);
        last = w;
        more = true;
    }
    sv_buf_adds(out, more ? " as above)\n" : "\n");
}

static void routes(const struct sv_report *r, struct sv_buf *out, const struct sv_finding *f,
                   struct told *told)
{
    size_t shown = 0, more = 0;
    size_t n = !r->verbose && url_said(f) ? 0 : f->exposure.n;
    for (size_t i = 0; i < n; i++) {
        if (!r->verbose && (is_beside(f, i) || shown == MAX_ROUTES)) {
            more += !is_beside(f, i);
            continue;
        }
        sv_buf_printf(out, "    %-5s ", shown++ ? "" : "url");
        put(out, f->exposure.v[i].url);
        sv_buf_addc(out, '\n');
    }
    if (more)
        sv_buf_printf(out, "          and %zu more\n", more);
    if (f->exposure.n == 0)
        return;
    const struct sv_exposure *e = &f->exposure.v[0];
    bool as = e->why.n > 1 && !r->verbose && shown_why(told, f);
    if (as) {
        why_again(out, e);
        return;
    }
    for (size_t i = 0; i < e->why.n && (r->verbose || i < MAX_WHY); i++)
        evidence(r, out, i ? "" : "why", &e->why.v[i]);
    sv_vec_push(r->result->arena, &told->why, f);
}

/* The message says it as well: who is on the network may be on the machine. */
static bool readers_said(const struct sv_report *r, const struct sv_finding *f)
{
    if (f->exposure.n && !r->verbose && sv_access_everyone(f->readers))
        return true;
    return sv_access_anyone(f->readers) && (strstr(f->message, "every local user") ||
                                            strstr(f->message, "any local user"));
}

/* Bytes of what ends it: up to the line of what helps meanwhile, or of the secret's change. */
static size_t fix_head(const char *fix)
{
    const char *line = fix;
    while (*line && strncmp(line, "Until then:", 11) != 0 && strncmp(line, "Change ", 7) != 0) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    size_t n = (size_t)(line - fix);
    return n && fix[n - 1] == '\n' ? n - 1 : n;
}

/* What ends it for one file of a folder often ends it for the next one: said once. */
static const struct sv_finding *shown_fix(const struct told *told, const struct sv_finding *f)
{
    size_t n = told->fix.n, from = n > MAX_COMPARED ? n - MAX_COMPARED : 0, head = fix_head(f->fix);
    for (size_t i = from; i < n && head >= MIN_FIX; i++)
        if (fix_head(told->fix.v[i]->fix) == head &&
            strncmp(told->fix.v[i]->fix, f->fix, head) == 0)
            return told->fix.v[i];
    return NULL;
}

static void fix_lines(const struct sv_report *r, struct sv_buf *out, const struct sv_finding *f,
                      struct told *told)
{
    const struct sv_finding *as = f->fix && !r->verbose ? shown_fix(told, f) : NULL;
    if (!as || !as->file) {
        lines(r, out, "fix", f->fix ? f->fix : f->check->fix);
        if (f->fix)
            sv_vec_push(r->result->arena, &told->fix, f);
        return;
    }
    size_t n = strcspn(f->fix, "\n"); /* what to do, without the lines for it */
    while (n && strchr(" :.", f->fix[n - 1]))
        n--;
    sv_buf_adds(out, "    fix   ");
    sv_escape_text(out, (struct sv_slice){f->fix, n});
    sv_buf_adds(out, ", as for ");
    place(out, as->file, as->member, as->line);
    sv_buf_addc(out, '\n');
    const char *rest = f->fix + fix_head(f->fix);
    lines(r, out, "", rest + (*rest == '\n'));
}

/* In an inventory the lines of a file are one row: a log has thousands. */
static void places(const struct sv_report *r, struct sv_buf *out, const struct sv_finding *f)
{
    size_t same;
    const struct sv_evidence *only = f->evidence.n == 1 ? &f->evidence.v[0] : NULL;
    if (r->inventory && only && only->line == f->line && f->readers &&
        sv_slice_is(only->text, f->readers))
        return; /* "at" and "reads" have said it */
    for (size_t i = 0; i < f->evidence.n; i += same) {
        const struct sv_evidence *e = &f->evidence.v[i];
        same = 1;
        while (r->inventory && !r->verbose && i + same < f->evidence.n &&
               strcmp(f->evidence.v[i + same].file, e->file) == 0)
            same++;
        struct sv_evidence row = *e;
        if (same > 1)
            row.text = sv_slice_of(sv_arena_printf(r->result->arena, "%.*s; and %zu more there",
                                                   (int)e->text.n, e->text.p, same - 1));
        evidence(r, out, i ? "" : "see", &row);
    }
}

static void level(const struct sv_report *r, struct sv_buf *out, enum sv_severity severity)
{
    paint(r, out, colors[severity]);
    sv_buf_printf(out, "%-8s", sv_severity_name(severity));
    paint(r, out, "\033[0m");
    sv_buf_adds(out, "  ");
}

static void finding(const struct sv_report *r, struct sv_buf *out, const struct sv_finding *f,
                    struct told *told)
{
    level(r, out, f->severity);
    const char *text = sv_arena_printf(r->result->arena, "%s  [%s]", f->message, f->check->id);
    wrapped(r, out, 10, 10, sv_slice_of(text));
    sv_buf_addc(out, '\n');
    sv_buf_adds(out, "    at    ");
    place(out, f->file ? f->file : "", f->member, f->line);
    sv_buf_addc(out, '\n');
    routes(r, out, f, told);
    places(r, out, f);
    if (f->readers && !readers_said(r, f)) {
        sv_buf_printf(out, "    %-5s ", "reads");
        wrapped(r, out, 10, 10, sv_slice_of(f->readers));
        sv_buf_addc(out, '\n');
    }
    fix_lines(r, out, f, told);
    sv_buf_addc(out, '\n');
}

static void no_server(const struct sv_report *r, struct sv_buf *out)
{
    _cleanup_buf_ struct sv_buf text = {0};
    sv_buf_adds(&text, "Looked in ");
    for (size_t i = 0; i < r->n_paths; i++)
        sv_buf_printf(&text, "%s%s", i ? ", " : "", r->paths[i]);
    sv_buf_adds(&text, r->n_paths ? "" : "/etc");
    sv_buf_adds(&text, " for web server configurations (nginx, Apache httpd)");
    if (r->n_units)
        sv_buf_printf(&text, ", and at %u systemd unit%s", r->n_units, r->n_units == 1 ? "" : "s");
    if (r->n_containers)
        sv_buf_printf(&text, "%s%u container%s", r->n_units ? " and " : ", and at ",
                      r->n_containers, r->n_containers == 1 ? "" : "s");
    sv_buf_addc(&text, '.');
    paragraph(r, out, 0, 0, &text);
    sv_buf_adds(&text, "No web server configuration is there, so no URL and no served file was "
                       "looked at.");
    paragraph(r, out, 0, 0, &text);
}

static void looked_at(const struct sv_report *r, struct sv_buf *out)
{
    const struct sv_result *res = r->result;
    _cleanup_buf_ struct sv_buf text = {0};
    if (r->inventory) {
        sv_buf_printf(&text, "Searched %llu file%s, %llu %s, for %zu kinds of secrets.",
                      (unsigned long long)res->files, res->files == 1 ? "" : "s",
                      (unsigned long long)(res->bytes >> (res->bytes >> 20 ? 20 : 10)),
                      res->bytes >> 20 ? "MB" : "KB", sv_n_secret_rules);
        paragraph(r, out, 0, 0, &text);
        return;
    }
    unsigned servers = 0;
    for (size_t i = 0; i < res->configs.n; i++) {
        if (strcmp(res->configs.v[i].kind, "systemd") == 0 ||
            strcmp(res->configs.v[i].kind, "compose") == 0)
            continue;
        if (servers < 3)
            sv_buf_printf(&text, "%s%s", servers ? ", " : "Looked at ", res->configs.v[i].path);
        servers++;
    }
    if (servers == 0) {
        no_server(r, out);
        return;
    }
    if (servers > 3)
        sv_buf_printf(&text, " and %u more", servers - 3);
    sv_buf_printf(&text, ": %u virtual host%s", r->n_vhosts, r->n_vhosts == 1 ? "" : "s");
    if (r->n_units)
        sv_buf_printf(&text, "; and at %u systemd unit%s", r->n_units, r->n_units == 1 ? "" : "s");
    if (r->n_containers)
        sv_buf_printf(&text, "%s%u container%s", r->n_units ? " and " : "; and at ",
                      r->n_containers, r->n_containers == 1 ? "" : "s");
    sv_buf_addc(&text, '.');
    paragraph(r, out, 0, 0, &text);
    sv_buf_printf(&text, "Looked at %llu file%s in and below the configuration and the served "
                         "folders.", (unsigned long long)res->files, res->files == 1 ? "" : "s");
    paragraph(r, out, 0, 0, &text);
}

static void skipped(const struct sv_report *r, struct sv_buf *out)
{
    size_t n = r->result->skipped.n, max = r->verbose ? n : MAX_SKIPPED;
    _cleanup_buf_ struct sv_buf text = {0};
    if (n == 0)
        return;
    sv_buf_printf(out, "Not read or not understood (%zu):\n", n);
    for (size_t i = 0; i < n && i < max; i++) {
        const struct sv_skip *s = &r->result->skipped.v[i];
        bool position = s->reason[0] >= '0' && s->reason[0] <= '9';
        sv_buf_printf(&text, "%s%s%s", s->path, position ? ":" : ": ", s->reason);
        paragraph(r, out, 4, 8, &text);
    }
    if (n > max)
        sv_buf_printf(out, "    and %zu more (-v lists them)\n", n - max);
}

static void totals(const struct sv_report *r, struct sv_buf *out, unsigned hidden)
{
    unsigned total = 0, below = 0, infos = r->result->count[SV_INFO];
    for (int i = SV_INFO; i <= SV_CRITICAL; i++)
        *(i < (int)r->min_severity ? &below : &total) += r->result->count[i];
    if (total == infos && infos == hidden && infos && !r->result->skipped.n) {
        sv_buf_printf(out, "Nothing was found above info; %u of that (-v shows %s).\n", infos,
                      infos == 1 ? "it" : "them");
        return;
    }
    if (total == 0 && below) {
        sv_buf_printf(out, "Nothing was found from %s on; %u below (--min-severity leaves %s out).\n",
                      sv_severity_name(r->min_severity), below, below == 1 ? "it" : "them");
        return;
    }
    if (total == 0) {
        sv_buf_adds(out, r->result->skipped.n
                             ? "Nothing was found in what could be read and understood.\n"
                             : "Nothing was found.\n");
        return;
    }
    sv_buf_printf(out, "%u finding%s:", total, total == 1 ? "" : "s");
    bool first = true;
    for (int i = SV_CRITICAL; i >= (int)r->min_severity; i--) {
        if (r->result->count[i] == 0)
            continue;
        sv_buf_printf(out, "%s %u %s", first ? "" : ",", r->result->count[i],
                      sv_severity_name((enum sv_severity)i));
        first = false;
    }
    sv_buf_adds(out, hidden ? " (-v shows the info ones).\n" : ".\n");
}

/* Findings of one check and severity; beyond MAX_ALIKE only where they are is told. */
struct alike {
    const struct sv_check *check;
    unsigned seen;
    SV_VEC(const struct sv_finding *) hidden;
};

struct tally {
    enum sv_severity severity;
    SV_VEC(struct alike) list;
};

static bool one_more(const struct sv_report *r, struct tally *t, const struct sv_finding *f)
{
    struct alike *entry = NULL;
    sv_vec_each(it, &t->list)
    {
        if (it->check == f->check)
            entry = it;
    }
    if (!entry) {
        sv_vec_push(r->result->arena, &t->list, (struct alike){.check = f->check});
        entry = &t->list.v[t->list.n - 1];
    }
    if (++entry->seen <= MAX_ALIKE || r->verbose)
        return true;
    sv_vec_push(r->result->arena, &entry->hidden, f);
    return false;
}

/* What is not shown of this severity, behind its findings. */
static void not_shown(const struct sv_report *r, struct sv_buf *out, struct tally *t)
{
    sv_vec_each(it, &t->list)
    {
        if (it->hidden.n == 0)
            continue;
        level(r, out, t->severity);
        sv_buf_printf(out, "%zu more of %s (-v shows them)\n", it->hidden.n, it->check->id);
        bool all = t->severity == SV_CRITICAL; /* what each of them is has to be known */
        for (size_t i = 0; i < it->hidden.n && (all || i < MAX_ALIKE); i++) {
            const struct sv_finding *f = it->hidden.v[i];
            sv_buf_printf(out, "    %-5s ", i ? "" : "at");
            if (all) {
                wrapped(r, out, 10, 10, sv_slice_of(f->message));
                sv_buf_addc(out, '\n');
                continue;
            }
            place(out, f->file ? f->file : "", f->member, f->line);
            sv_buf_addc(out, '\n');
        }
        if (it->hidden.n > MAX_ALIKE && !all)
            sv_buf_printf(out, "          and %zu more\n", it->hidden.n - MAX_ALIKE);
        sv_buf_addc(out, '\n');
    }
    t->list.n = 0;
}

void sv_report_text(const struct sv_report *r, struct sv_buf *out)
{
    unsigned hidden = 0;
    struct tally shown = {0};
    struct told told = {0};
    sv_vec_each(f, &r->result->findings)
    {
        bool quiet = (*f)->severity == SV_INFO && !r->verbose;
        if ((*f)->severity < r->min_severity || (*f)->state != SV_STATE_NEW || quiet) {
            hidden += quiet && (*f)->state == SV_STATE_NEW;
            continue;
        }
        if (shown.severity != (*f)->severity)
            not_shown(r, out, &shown);
        shown.severity = (*f)->severity;
        if (one_more(r, &shown, *f))
            finding(r, out, *f, &told);
    }
    not_shown(r, out, &shown);
    looked_at(r, out);
    skipped(r, out);
    if (r->verbose && *r->not_confined)
        sv_buf_printf(out, "Not confined by %s: this kernel does not offer it.\n", r->not_confined);
    totals(r, out, hidden);
}
