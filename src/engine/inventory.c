// SPDX-License-Identifier: Apache-2.0
// Groups the places of secrets by their fingerprint and says who can read them.
#include "engine/inventory.h"

#include <stdlib.h>

#include "base/limits.h"
#include "engine/check.h"
#include "engine/closing.h"
#include "scan/bundle.h"
#include "scan/rows.h"

enum { MAX_OPEN_FILES = 4 }; /* named in the advice: as many as fit on a line or two */

static int by_secret(const void *x, const void *y)
{
    const struct sv_secret_place *a = *(const struct sv_secret_place *const *)x;
    const struct sv_secret_place *b = *(const struct sv_secret_place *const *)y;
    int order = strcmp(a->id, b->id);
    if (order == 0)
        order = strcmp(a->path, b->path);
    if (order == 0)
        order = strcmp(a->member ? a->member : "", b->member ? b->member : "");
    return order ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

static bool wanted(const struct sv_inventory *in, const char *id)
{
    struct sv_slice s = sv_slice_of(id);
    return (!in->only || sv_glob_match(sv_slice_of(in->only), s)) &&
           !(in->skip && sv_glob_match(sv_slice_of(in->skip), s));
}

/* NULL: only the structure of its file tells it. */
static const char *first_word(const struct sv_secret_rule *rule)
{
    return rule->keywords ? rule->keywords[0] : NULL;
}

/* How one begins, or the word that it is found by. */
static const char *looks_of(struct sv_arena *a, const struct sv_secret_rule *rule)
{
    const char *word = first_word(rule);
    size_t n = word ? strlen(word) : 0;
    if (n == 0)
        return "...";
    if (rule->prefix && n >= rule->prefix)
        return sv_arena_printf(a, "%.*s...", (int)rule->prefix, word);
    while (n && strchr(" =:\"'<", word[n - 1]))
        n--;
    return sv_arena_printf(a, "%.*s ...", (int)n, word);
}

static const char *why_of(struct sv_arena *a, const struct sv_secret_rule *rule)
{
    const char *by = sv_arena_printf(
        a, "It is known by %s%s.",
        !first_word(rule)
            ? "its place in a file whose structure is known"
            : sv_arena_printf(a, "%s\"%s\"", rule->prefix ? "its beginning, " : "the word ",
                              looks_of(a, rule)),
        rule->validator ? ", and its own structure or check sum is tested" : "");
    const char *what = "Whoever has it has what it opens, from anywhere, until it is changed.";
    if (rule->flags & SV_RULE_PUBLIC)
        what = "It is public by design, and is told from the secrets beside it.";
    else if (rule->flags & SV_RULE_TEST_KEY)
        what = "It opens a sandbox only; where it lies, the real one often lies as well.";
    else if (rule->validator == SV_VALID_KEY)
        what = "Whoever has a private key is the server or the person that it stands for; one without a "
               "passphrase needs nothing else.";
    else if (rule->validator == SV_VALID_HASH)
        what = "Passwords can be tried against a hash, millions a second; the weak ones are found.";
    else if (rule->flags & SV_RULE_BROWSER)
        what = "Front ends show it to everybody by design, where it is restricted to their site; one that is "
               "not lets others use services on your account.";
    return sv_arena_printf(a, "%s %s", what, by);
}

/* The descriptor that findings of a rule belong to; one a rule. */
static const struct sv_check *check_of(struct sv_arena *a, const struct sv_secret_rule *rule)
{
    struct sv_check *c = sv_new(a, struct sv_check);
    const char **refs = rule->revoke ? sv_new_n(a, const char *, 2) : NULL;
    if (refs)
        refs[0] = rule->revoke;
    *c = (struct sv_check){
        SV_CHECK_HEADER,
        .id = sv_arena_printf(a, "secrets.%s", rule->id),
        .title = rule->title,
        .why = why_of(a, rule),
        .fix = rule->revoke
                   ? sv_arena_printf(a, "Revoke it at %s and make a new one; keep that in a file that only "
                                        "the program that needs it can read.", rule->revoke)
                   : "Keep it in a file that only the program that needs it can read, and change it if others "
                     "could.",
        .bad = sv_arena_printf(a, "-rw-r--r-- root root  /etc/app/app.env     # %s, for every local user",
                               looks_of(a, rule)),
        .good = sv_arena_printf(a, "-rw------- app  app   /etc/app/app.env     # %s, for the program alone",
                                looks_of(a, rule)),
        .refs = refs,
        .severity = SV_HIGH,
    };
    return c;
}

const struct sv_check *sv_inventory_check(struct sv_arena *a, const char *id)
{
    if (strncmp(id, "secrets.", 8) != 0)
        return NULL;
    for (size_t i = 0; i < sv_n_secret_rules; i++)
        if (strcmp(sv_secret_rules[i].id, id + 8) == 0)
            return check_of(a, &sv_secret_rules[i]);
    return NULL;
}

bool sv_inventory_any(const char *only, const char *skip)
{
    const struct sv_inventory in = {.only = only, .skip = skip};
    char id[128];
    for (size_t i = 0; i < sv_n_secret_rules; i++) {
        snprintf(id, sizeof id, "secrets.%s", sv_secret_rules[i].id);
        if (wanted(&in, id))
            return true;
    }
    return false;
}

static enum sv_severity by_readers(const struct sv_secret_place *p, const char *readers)
{
    enum sv_severity severity = SV_LOW;
    if (sv_access_anyone(readers))
        severity = SV_HIGH;
    else if (strcmp(readers, "only root") == 0)
        return SV_INFO;
    /* "user alice" reads her own; "user alice and group www-data (...)" lets others in. */
    else if (strstr(readers, " and "))
        severity = SV_MEDIUM;
    if (sv_secret_place_is_hash(p))
        severity = SV_LOW;
    return p->encrypted ? severity - 1 : severity; /* who reads it has to guess a passphrase */
}

/* As the audit has it: what only a name makes a secret weighs less, but in a file whose own name
 * says that it holds secrets. */
static enum sv_severity when_served(const struct sv_secret_place *p)
{
    struct sv_slice name = sv_slice_of(sv_path_base(p->path));
    bool named = sv_row_for(name, &(struct sv_host_names){0}) != NULL;
    bool generic = (p->rule->flags & SV_RULE_GENERIC) && !p->encrypted;
    return named && generic ? SV_CRITICAL : sv_secret_place_served(p);
}

static bool is_example(const struct sv_secret_place *p)
{
    return p->placeholder || p->checksum_bad || p->weak || (p->rule->flags & SV_RULE_TEST_KEY);
}

static bool is_for_browsers(const char *path)
{
    return sv_is_front_end(path) || sv_is_source_map(path);
}

/* The files that are read as easily as the worst place, each once. */
struct open_files {
    SV_VEC(const char *) list; /* whose mode can be closed, the first few */
    const char *last;
    size_t n;
    bool unit;      /* one is a unit, ... */
    bool front_end; /* ... one is sent to browsers: no mode helps these */
    bool history;   /* one is git's, which forgets nothing */
};

static void add_open(struct sv_arena *a, struct open_files *files, const char *path)
{
    const char *objects = strstr(path, "/.git/objects/");
    if (objects) { /* the folder shuts all of them */
        path = sv_arena_copy(a, (struct sv_slice){path, (size_t)(objects - path) + 5}).p;
        files->history = true;
    }
    if (files->n && strcmp(files->last, path) == 0)
        return; /* the places come sorted by path */
    files->last = path;
    struct sv_slice s = sv_slice_of(path);
    bool unit = sv_unit_is_name(sv_slice_of(sv_path_base(path))) ||
                (sv_slice_ends(s, ".conf") && strstr(path, ".service.d/"));
    bool front_end = is_for_browsers(path);
    files->unit |= unit;
    files->front_end |= front_end;
    if (unit || front_end)
        return;
    if (files->n++ < MAX_OPEN_FILES)
        sv_vec_push(a, &files->list, path);
}

/* Notes, each once. */
struct notes {
    const char *text;
};

static void add_note(struct sv_arena *a, struct notes *notes, const char *note)
{
    if (note && !strstr(notes->text, note))
        notes->text = sv_arena_printf(a, "%s%s\n", notes->text, note);
}

static const char not_looked_for[] =
    "First, if a program of another user reads it (it was not looked for): chgrp to that one's group.";

/* What is closed alike is one command; what needs another group or owner has its own. */
static const char *mode_advice(const struct sv_inventory *in, const struct sv_finding *f,
                               const struct open_files *files, bool look)
{
    struct sv_arena *a = in->result->arena;
    const struct sv_machine machine = {
        .fs = in->fs, .ids = in->ids, .arena = a, .host = in->host};
    bool anyone = sv_access_anyone(f->readers);
    struct notes notes = {""}, first = {""};
    const char *same = "", *own = "";
    sv_vec_each(path, &files->list)
    {
        struct sv_closing x = {
            .mode = "g-rwx", .common = true, .first = "If nobody in the group needs it:"};
        if (anyone)
            x = look
                    ? sv_closing_of(&machine, *path)
                    : (struct sv_closing){
                          .mode = "o-rwx", .common = true, .first = not_looked_for};
        if (x.common)
            same = sv_arena_printf(a, "%s %s", same, sv_shell_quote(a, *path));
        else if (x.mode)
            own = sv_arena_printf(a, "%s%s\n", own, sv_closing_commands(a, *path, &x));
        add_note(a, &first, x.first);
        add_note(a, &notes, x.note);
    }
    if (*same)
        same = sv_arena_printf(a, "chmod %s%s\n", anyone ? "o-rwx" : "g-rwx", same);
    if (files->n > MAX_OPEN_FILES)
        add_note(a, &notes, sv_arena_printf(a, "and so for %zu more (-v lists the places).",
                                            files->n - MAX_OPEN_FILES));
    return sv_arena_printf(a, "%s%s%s%s", first.text, same, own, notes.text);
}

/* A finding, and what its advice depends on. */
struct told {
    struct sv_finding *f;
    const struct sv_secret_place *worst;
    struct open_files open;
    const char *url; /* by which strangers get it; or NULL */
};
typedef SV_VEC(struct told) told_vec;

/* With the question for the commits, where the object's name is known. */
static const char *in_history(struct sv_arena *a, const struct sv_secret_place *p)
{
    static const char words[] = "git keeps it in its history, and so does every clone.\n";
    struct sv_slice id = sv_slice_of(p->member ? p->member : "");
    const char *objects = strstr(p->path, "/objects/pack/");
    if (!objects || !sv_slice_starts(id, "git object ") || sv_slice_starts(id, "git object at "))
        return words;
    id = sv_slice_sub(id, strlen("git object "), id.n);
    const char *dir = sv_arena_printf(a, "%.*s", (int)(objects - p->path), p->path);
    return sv_arena_printf(a, "%sIts commits: git --git-dir=%s log --all --find-object=%.*s\n",
                           words, sv_shell_quote(a, dir), (int)sv_slice_chr(id, ','), id.p);
}

/* `look`: whom its files are for. */
static const char *advice(const struct sv_inventory *in, const struct told *t, bool look)
{
    struct sv_arena *a = in->result->arena;
    const struct sv_secret_place *p = t->worst;
    const struct sv_finding *f = t->f;
    const struct open_files *files = &t->open;
    const char *where = p->rule->revoke ? sv_arena_printf(a, " at %s", p->rule->revoke) : "";
    if (p->rule->flags & SV_RULE_BROWSER)
        return sv_arena_printf(a, "Restrict it to its site and its services%s.", where);
    if (f->severity <= SV_LOW)
        return "Nothing, if it belongs there.";
    return sv_arena_printf(
        a, "%s%s%s%sChange the secret%s%s.",
        files->history ? in_history(a, p) : "",
        files->unit ? "Keep it in a file of root's with mode 0600, and name that in the unit: EnvironmentFile= or "
                      "LoadCredential=\n(systemd tells what stands in a unit to every local user, whatever its mode).\n"
                    : "",
        mode_advice(in, f, files, look),
        files->front_end ? "Take it out of the front end: who loads that file has it, whatever its mode.\n"
                         : "",
        where, t->url || files->unit || files->front_end || files->history ? "" : ", if others may have looked");
}

/* Who can read the place, and how it is hidden there: "any local user, base64". */
static const char *way(struct sv_arena *a, const struct sv_secret_place *p, const char *readers,
                       const char *url)
{
    if (url)
        readers = sv_arena_printf(a, "anyone on the network at %s; on this machine %s", url,
                                  readers);
    return p->via ? sv_arena_printf(a, "%s, %s", readers, p->via) : readers;
}

/* Firebase's settings of an app, which everybody has who has the app. */
static bool is_of_app(const char *path)
{
    const char *name = sv_path_base(path);
    return strcmp(name, "google-services.json") == 0 ||
           strcmp(name, "GoogleService-Info.plist") == 0;
}

/* In what browsers load, a key that is made for them, or what only a name calls a secret. */
static unsigned sent_in(const char *path)
{
    return is_for_browsers(path) ? SV_RULE_BROWSER | SV_RULE_GENERIC
           : is_of_app(path)     ? SV_RULE_BROWSER
                                 : 0;
}

static bool is_meant_to_be_sent(const struct sv_secret_place *p)
{
    return is_example(p) || (p->rule->flags & sent_in(p->path));
}

/* The places hold the same secret. */
static void add(const struct sv_inventory *in, struct sv_inventory_urls *urls,
                const struct sv_secret_place *const *places, size_t n,
                const struct sv_check *check, told_vec *ret)
{
    struct sv_arena *a = in->result->arena;
    struct sv_finding *f = sv_new(a, struct sv_finding);
    const struct sv_secret_place *worst = places[0];
    struct open_files open = {0};
    const char *worst_url = NULL;
    bool shown = false;
    f->check = check;
    f->readers = "";
    for (size_t i = 0; i < n; i++) {
        const struct sv_secret_place *p = places[i];
        const char *readers = sv_access_readers(in->fs, in->ids, a, p->path);
        const char *url = is_meant_to_be_sent(p) ? NULL : sv_inventory_url(in, urls, p->path);
        enum sv_severity severity = url ? when_served(p) : by_readers(p, readers);
        if (p->rule->flags & SV_RULE_BROWSER & sent_in(p->path)) {
            severity = SV_INFO; /* that is where it is meant to be: it is no secret elsewhere */
            shown = true;
        }
        sv_vec_push(a, &f->evidence,
                    (struct sv_evidence){.file = p->path, .line = p->line,
                                         .text = sv_slice_of(way(a, p, readers, url)),
                                         .member = p->member});
        /* That it is a comment or an example in one file says nothing about another. */
        bool real = !is_example(p), was_real = !is_example(worst);
        if (i == 0 || real > was_real || (real == was_real && severity > f->severity)) {
            f->severity = severity;
            f->readers = readers;
            worst_url = url;
            worst = p;
            open = (struct open_files){0};
        }
        if (severity == f->severity)
            add_open(a, &open, p->path);
    }
    if ((worst->rule->flags & SV_RULE_BROWSER) && f->severity > (shown ? SV_LOW : SV_MEDIUM))
        f->severity = shown ? SV_LOW : SV_MEDIUM;
    f->file = worst->path;
    f->line = worst->line;
    f->member = worst->member;
    f->column = worst->column;
    f->key = worst->id;
    f->message = sv_arena_printf(a, "%s %s%s; %s can read it",
                                 sv_secret_place_title(a, worst), worst->redacted,
                                 n > 1 ? sv_arena_printf(a, " stands in %zu places", n)
                                 : worst->member ? sv_arena_printf(a, " in %s", worst->member)
                                                 : "",
                                 worst_url ? "anyone on the network" : f->readers);
    if (is_example(worst)) {
        worst_url = NULL;
        f->severity = SV_INFO;
        f->message = worst->package
                         ? sv_arena_printf(a, "%s, as the package %s ships it to everyone: %s",
                                           worst->rule->title, worst->package, worst->redacted)
                         : sv_arena_printf(a, "%s, by its form or place an example: %s",
                                           worst->rule->title, worst->redacted);
    }
    sv_vec_push(a, &f->secrets,
                (struct sv_secret_ref){worst->rule->id, worst->redacted, worst->id, worst->line,
                                       worst->column});
    sv_vec_push(a, ret, ((struct told){f, worst, open, worst_url}));
}

static int most_severe_first(const void *x, const void *y)
{
    const struct sv_finding *a = ((const struct told *)x)->f, *b = ((const struct told *)y)->f;
    return a->severity != b->severity ? (int)b->severity - (int)a->severity
                                      : strcmp(a->key, b->key);
}

/* Whom files are for is looked up for those that matter most. */
static void advise(const struct sv_inventory *in, told_vec *all)
{
    struct sv_arena *a = in->result->arena;
    if (all->n)
        qsort(all->v, all->n, sizeof *all->v, most_severe_first);
    for (size_t i = 0; i < all->n; i++) {
        const struct told *t = &all->v[i];
        struct sv_finding *f = t->f;
        f->fix = advice(in, t, i < SV_MAX_INVENTORY_CLOSED);
        if (t->url) {
            f->fix = sv_arena_printf(a, "It has the URL %s: srvaudit says which lines close it.\n%s",
                                     t->url, f->fix);
            f->readers = sv_access_network(a, f->readers);
        }
        sv_vec_push(a, &in->result->findings, f);
    }
}

/* Places of one secret, and how severe it were if all of them had URLs. */
struct group {
    const struct sv_secret_place *const *places;
    size_t n;
    enum sv_severity served;
};

static int first_to_ask(const void *x, const void *y)
{
    const struct group *a = x, *b = y;
    return a->served != b->served ? (int)b->served - (int)a->served
                                  : strcmp(a->places[0]->id, b->places[0]->id);
}

static enum sv_severity group_served(const struct sv_secret_place *const *places, size_t n)
{
    enum sv_severity worst = SV_INFO;
    for (size_t i = 0; i < n; i++) {
        enum sv_severity s = is_meant_to_be_sent(places[i]) ? SV_INFO : when_served(places[i]);
        worst = s > worst ? s : worst;
    }
    return worst;
}

void sv_inventory_findings(const struct sv_inventory *in)
{
    struct sv_arena *a = in->result->arena;
    size_t n = in->found->list.n, to;
    struct sv_inventory_urls urls = {0};
    SV_VEC(struct group) groups = {0};
    told_vec told = {0};
    const struct sv_secret_place **sorted = sv_new_n(a, const struct sv_secret_place *, n + 1);
    const struct sv_check **checks = sv_new_n(a, const struct sv_check *, sv_n_secret_rules);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &in->found->list.v[i];
    qsort(sorted, n, sizeof *sorted, by_secret);
    for (size_t from = 0; from < n; from = to) {
        struct group g = {.places = sorted + from};
        for (to = from + 1; to < n && strcmp(sorted[to]->id, sorted[from]->id) == 0;)
            to++;
        g.n = to - from;
        if (n > SV_MAX_INVENTORY_ASKED) /* else the servers are asked for all of them */
            g.served = group_served(g.places, g.n);
        sv_vec_push(a, &groups, g);
    }
    if (groups.n)
        qsort(groups.v, groups.n, sizeof *groups.v, first_to_ask);
    sv_vec_each(g, &groups)
    {
        const struct sv_secret_rule *rule = g->places[0]->rule;
        const struct sv_check **check = &checks[rule - sv_secret_rules];
        if (!*check)
            *check = check_of(a, rule);
        if (!(rule->flags & SV_RULE_PUBLIC) && wanted(in, (*check)->id))
            add(in, &urls, g->places, g->n, *check, &told);
    }
    advise(in, &told);
    sv_inventory_urls_left(in, &urls);
    sv_vec_each(s, &in->found->skipped)
    {
        sv_result_skip(in->result, s->path, "%s", s->reason);
    }
    in->result->files += in->found->files;
    in->result->bytes += in->found->bytes;
}
