// SPDX-License-Identifier: Apache-2.0
// host.secret-in-log: secrets in log files, with the setting that put them there.
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "engine/check.h"
#include "scan/log_cause.h"

enum {
    MAX_SINGLE = 4,   /* so many secrets of one log are told where else they lie; more are one */
    MAX_SHOWN = 20,
    MAX_ALIKE = 5,    /* of these, of one kind */
    MAX_KINDS = 3,
    MAX_ROUTED = 64,  /* files of one log that the servers are asked about */
    LINE_START = 256, /* where a line's time stands */
};

/* One secret in all files of one log. */
struct one {
    const struct sv_secret_place *worst;
    const char *readers;
    enum sv_severity severity;
    size_t lines, files;
    const char *last_file;
    bool current; /* in the log itself, not only in rotated files */
};

struct tally {
    SV_VEC(struct one) list;
    size_t lines;
};

/* ---- what counts, and how much ---- */

/* Sessions and tokens of users come in great numbers and expire; a name alone may mislead. */
static bool is_soft(const struct sv_secret_place *p)
{
    return (p->rule->flags & SV_RULE_GENERIC) || p->rule->validator == SV_VALID_JWT ||
           p->rule->validator == SV_VALID_HASH || p->encrypted;
}

static bool is_example(const struct sv_secret_place *p)
{
    return p->placeholder || p->checksum_bad || (p->rule->flags & SV_RULE_TEST_KEY);
}

static bool counts(const struct sv_secret_place *p)
{
    return !p->weak && !(p->rule->flags & SV_RULE_PUBLIC);
}

static enum sv_severity severity_of(const struct sv_secret_place *p, const char *readers)
{
    if (is_example(p))
        return SV_INFO;
    if (p->rule->flags & SV_RULE_BROWSER)
        return SV_LOW; /* visitors send what a page gave them */
    if (sv_access_anyone(readers))
        return SV_HIGH;
    bool group = strstr(readers, " and ") != NULL;
    return group && !is_soft(p) ? SV_MEDIUM : group || !is_soft(p) ? SV_LOW : SV_INFO;
}

static void count(struct sv_ctx *cx, struct tally *t, struct sv_map *by_id,
                  const struct sv_log_family *log, const struct sv_secret_place *p,
                  const char *readers)
{
    uint32_t *at = sv_map_at(sv_ctx_arena(cx), by_id, sv_slice_of(p->id));
    enum sv_severity severity = severity_of(p, readers);
    t->lines++;
    if (*at == 0) {
        sv_vec_push(sv_ctx_arena(cx), &t->list,
                    (struct one){.worst = p, .readers = readers, .severity = severity});
        *at = (uint32_t)t->list.n;
    }
    struct one *o = &t->list.v[*at - 1];
    o->lines++;
    o->files += o->last_file != p->path;
    o->last_file = p->path;
    o->current |= strcmp(p->path, log->path) == 0;
    if (severity > o->severity) {
        o->severity = severity;
        o->readers = readers;
        o->worst = p;
    }
}

static int worst_first(const void *x, const void *y)
{
    const struct one *a = x, *b = y;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    if (is_soft(a->worst) != is_soft(b->worst))
        return is_soft(a->worst) ? 1 : -1;
    if (!a->worst->rule->revoke != !b->worst->rule->revoke)
        return a->worst->rule->revoke ? -1 : 1; /* a key of a provider's before what a name says */
    if (a->worst->rule != b->worst->rule)
        return strcmp(a->worst->rule->id, b->worst->rule->id);
    if (a->lines != b->lines)
        return a->lines > b->lines ? -1 : 1;
    return strcmp(a->worst->id, b->worst->id);
}

/* ---- the time of a line ---- */

/* '0' is a digit, 'A' a letter; the day of syslog's lines may be " 1". */
static bool fits(const char *shape, size_t i, char c)
{
    if (shape[i] == '0')
        return (c >= '0' && c <= '9') || (shape[0] == 'A' && i == 4 && c == ' ');
    return shape[i] == 'A' ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z' : c == shape[i];
}

/* The first of the shapes that the text holds. */
static const char *time_in(struct sv_arena *a, struct sv_slice line)
{
    static const char *const shapes[] = {"00/AAA/0000:00:00:00", "0000-00-00T00:00:00",
                                         "0000-00-00 00:00:00", "0000/00/00 00:00:00",
                                         "AAA 00 00:00:00"};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t n = strlen(shapes[s]);
        for (size_t at = 0; at + n <= line.n; at++) {
            size_t i = 0;
            while (i < n && fits(shapes[s], i, line.p[at + i]))
                i++;
            if (i == n)
                return sv_arena_copy(a, sv_slice_sub(line, at, at + n)).p;
        }
    }
    return NULL;
}

static const char *time_of(struct sv_ctx *cx, const struct sv_secret_place *p)
{
    char text[LINE_START];
    struct stat st;
    if (p->member || p->offset + 1 < p->column)
        return NULL;
    int fd = sv_fs_open(sv_ctx_fs(cx), p->path, &st);
    if (fd < 0)
        return NULL;
    ssize_t n = pread(fd, text, sizeof text, (off_t)(p->offset + 1 - p->column));
    close(fd);
    struct sv_slice line = {text, n < 0 ? 0 : (size_t)n};
    const char *found =
        time_in(sv_ctx_arena(cx), sv_slice_sub(line, 0, sv_slice_chr(line, '\n')));
    explicit_bzero(text, sizeof text);
    return found;
}

/* ", first and last seen ..." of the first place in the oldest file, the last in the newest. */
static const char *seen_text(struct sv_ctx *cx, const struct sv_log_family *log, const char *id)
{
    const struct sv_secret_place *first = NULL, *last = NULL;
    struct stat st, oldest = {0}, newest = {0};
    sv_vec_each(at, &log->places)
    {
        const struct sv_secret_place *p = *at;
        if ((id && strcmp(p->id, id) != 0) || p->member || !counts(p) ||
            sv_fs_stat(sv_ctx_fs(cx), p->path, &st) < 0)
            continue;
        if (!first || st.st_mtime < oldest.st_mtime) {
            first = p;
            oldest = st;
        }
        if (!last || st.st_mtime >= newest.st_mtime) {
            last = p;
            newest = st;
        }
    }
    const char *from = first ? time_of(cx, first) : NULL, *to = last ? time_of(cx, last) : NULL;
    if (!from || !to)
        return "";
    if (strcmp(from, to) == 0)
        return sv_arena_printf(sv_ctx_arena(cx), ", seen %s,", from);
    return sv_arena_printf(sv_ctx_arena(cx), ", from %s to %s,", from, to);
}

/* ---- the finding ---- */

/* The engine's names are of 64 digits, twice: "the log of the container 44f68ea7b1df". */
static const char *log_name(struct sv_arena *a, const char *path)
{
    static const char folder[] = "/var/lib/docker/containers/";
    if (strncmp(path, folder, sizeof folder - 1) != 0)
        return path;
    return sv_arena_printf(a, "the log of the container %.12s", path + sizeof folder - 1);
}

/* "1234 lines of /var/log/nginx/access.log and 3 rotated files" */
static const char *extent(struct sv_arena *a, const struct sv_log_family *log, const char *path,
                          size_t lines, size_t files, bool current)
{
    size_t rotated = files - current;
    const char *more = "";
    if (current && rotated)
        more = sv_arena_printf(a, " and %zu rotated file%s", rotated, rotated == 1 ? "" : "s");
    else if (rotated > 1)
        more = sv_arena_printf(a, " and %zu more file%s of that log", rotated - 1,
                               rotated == 2 ? "" : "s");
    return sv_arena_printf(a, "%zu line%s of %s%s", lines, lines == 1 ? "" : "s",
                           log_name(a, current ? log->path : path), more);
}

static struct sv_log_cause cause_of(struct sv_ctx *cx, const struct sv_log_family *log,
                                    const struct sv_secret_place *p)
{
    return sv_log_cause(sv_ctx_fs(cx), sv_ctx_arena(cx), sv_ctx_host(cx)->log_settings, log, p);
}

static void add_cause(struct sv_ctx *cx, struct sv_finding *f, const struct sv_log_cause *cause)
{
    sv_finding_evidence(cx, f, cause->node);
    sv_finding_evidence(cx, f, cause->format);
    if (cause->config)
        sv_finding_evidence_file(cx, f, cause->config, cause->line, "");
}

/* The URLs of its files: true if there are any. */
static bool add_routes(struct sv_ctx *cx, struct sv_finding *f, const struct sv_log_family *log)
{
    const char *last = NULL;
    size_t asked = 0;
    sv_vec_each(at, &log->places)
    {
        const char *path = (*at)->path;
        if (path == last || ++asked > MAX_ROUTED)
            continue;
        last = path;
        sv_vec_each(site, &sv_ctx_host(cx)->sites)
        {
            const struct sv_routes *routes = sv_ctx_routes(cx, *site, path);
            sv_vec_each(r, &routes->list)
            {
                sv_finding_route(cx, f, *site, r);
            }
        }
    }
    return f->exposure.n > 0;
}

/* The place of the finding itself says it all. */
static bool is_said(const struct sv_finding *f, const struct one *list, size_t n)
{
    const struct sv_secret_place *p = list[0].worst;
    return n == 1 && !p->member && f->line == p->line && strcmp(f->file, p->path) == 0;
}

/* The worst ones; of thousands of sessions a few. What is shown was redacted before. */
static void show(struct sv_ctx *cx, struct sv_finding *f, const struct one *list, size_t n)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    size_t shown = 0, alike = 0;
    for (size_t i = 0; i < n && shown < MAX_SHOWN; i++) {
        const struct sv_secret_place *p = list[i].worst;
        alike = i && p->rule == list[i - 1].worst->rule ? alike + 1 : 1;
        if (alike > MAX_ALIKE)
            continue;
        shown++;
        sv_finding_secret_place(cx, f, p);
        if (is_said(f, list, n))
            return;
        const char *text = sv_arena_printf(a, "%s %s, %zu time%s%s%s", sv_secret_place_title(a, p),
                                           p->redacted, list[i].lines,
                                           list[i].lines == 1 ? "" : "s", p->member ? " in " : "",
                                           p->member ? p->member : "");
        sv_vec_push(a, &f->evidence, (struct sv_evidence){.file = p->path, .line = p->line,
                                                          .text = sv_slice_of(text)});
    }
}

/* "12 OpenAI API key, 2990 JSON Web Token": worst first */
static const char *kinds_of(struct sv_arena *a, const struct tally *t)
{
    struct {
        const struct sv_secret_rule *rule;
        size_t n;
    } kinds[MAX_KINDS] = {0};
    const char *text = "";
    sv_vec_each(o, &t->list)
    {
        for (size_t k = 0; k < MAX_KINDS; k++) {
            if (kinds[k].rule && kinds[k].rule != o->worst->rule)
                continue;
            kinds[k].rule = o->worst->rule;
            kinds[k].n++;
            break;
        }
    }
    for (size_t k = 0; k < MAX_KINDS && kinds[k].rule; k++)
        text = sv_arena_printf(a, "%s%s%zu %s", text, k ? ", " : "", kinds[k].n,
                               kinds[k].rule->title);
    return text;
}

/* What those who know who makes the log said of its mode; NULL: nothing. */
static const char *told_closing(struct sv_ctx *cx, const char *path)
{
    static const char *const ids[] = {"docker.container-log-readable", "systemd.log-file-readable",
                                      "host.supervisor-log-readable"};
    const char *out = NULL;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct sv_finding *f = sv_ctx_file_finding(cx, ids[i], path);
        const char *fix = f && f->fix ? f->fix : NULL, *rest = fix ? strchr(fix, '\n') : NULL;
        if (fix) /* the second one begins with the same chmod */
            out = sv_arena_printf(sv_ctx_arena(cx), "%s%s", out ? out : "\n",
                                  out && rest ? rest : out ? "" : fix);
    }
    return out;
}

/* Closing the log, and keeping it closed; its owner stays: who else would write it? New logs are
 * made as "create" says, and each keeps its mode when it is rotated: where the one that is written
 * now is closed, only old ones are open. */
static const char *closing(struct sv_ctx *cx, const char *path, const char *current)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct stat st;
    const char *told = told_closing(cx, path);
    if (told)
        return told;
    const char *shut = sv_arena_printf(a, "\nchmod o-rwx %s", sv_shell_quote(a, path));
    if (sv_fs_stat(sv_ctx_fs(cx), path, &st) < 0)
        return "";
    if (sv_fs_stat(sv_ctx_fs(cx), current, &st) == 0 && !(st.st_mode & S_IROTH))
        return shut;
    return sv_arena_printf(a, "%s\nand in its logrotate file: create 0640 %s %s", shut,
                           sv_identity_user(sv_ctx_ids(cx), a, st.st_uid),
                           sv_identity_group(sv_ctx_ids(cx), a, st.st_gid));
}

static void finish(struct sv_ctx *cx, struct sv_finding *f, const struct sv_log_family *log,
                   const struct one *list, size_t n)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_secret_place *worst = list[0].worst;
    struct sv_log_cause cause = cause_of(cx, log, worst);
    f->readers = list[0].readers;
    show(cx, f, list, n);
    add_cause(cx, f, &cause);
    if (add_routes(cx, f, log) && f->severity > SV_INFO) {
        f->severity = SV_HIGH;
        f->message = sv_arena_printf(a, "%s; the log is downloadable at %s", f->message,
                                     f->exposure.v[0].url);
        f->readers = sv_access_network(a, f->readers);
    }
    if (f->severity == SV_INFO)
        sv_finding_fix(cx, f, "%s", cause.fix);
    else if (worst->rule->flags & SV_RULE_BROWSER)
        sv_finding_fix(cx, f, "A key that pages use is sent like this by every visitor: restrict it to its site "
                              "and its services at %s.\nOne that a server of yours sends belongs in a header.",
                       worst->rule->revoke ? worst->rule->revoke : "its provider's page");
    else
        sv_finding_fix(cx, f, "%s%s\nChange what was logged%s%s, then delete the old files of the log.",
                       cause.fix, f->severity >= SV_HIGH ? closing(cx, worst->path, log->path) : "",
                       worst->rule->revoke ? ", at " : "",
                       worst->rule->revoke ? worst->rule->revoke : "");
}

static struct sv_finding *start(struct sv_ctx *cx, const struct sv_log_family *log,
                                const struct one *o, const char *message)
{
    struct stat st;
    const struct sv_secret_place *p = o->worst;
    bool there = sv_fs_stat(sv_ctx_fs(cx), log->path, &st) == 0;
    uint32_t line = !there || strcmp(p->path, log->path) == 0 ? p->line : 0;
    return sv_report_file(cx, o->severity, there ? log->path : p->path, line, "%s", message);
}

static void report_one(struct sv_ctx *cx, const struct sv_log_family *log, const struct one *o)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_secret_place *p = o->worst;
    struct sv_finding *f = start(
        cx, log, o,
        sv_arena_printf(a, "%s%s %s stands in %s%s and %s can read it; %s",
                        is_example(p) ? "by its form an example or a test key: " : "",
                        sv_secret_place_title(a, p), p->redacted,
                        extent(a, log, p->path, o->lines, o->files, o->current),
                        seen_text(cx, log, p->id), o->readers, cause_of(cx, log, p).text));
    f->key = p->id;
    finish(cx, f, log, o, 1);
}

static void report_many(struct sv_ctx *cx, const struct sv_log_family *log, const struct tally *t)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct one *o = &t->list.v[0];
    struct sv_map files = {0};
    size_t n_files = 0;
    bool current = false;
    sv_vec_each(p, &log->places)
    {
        n_files += (*sv_map_at(a, &files, sv_slice_of((*p)->path)))++ == 0;
        current |= strcmp((*p)->path, log->path) == 0;
    }
    struct sv_finding *f = start(
        cx, log, o,
        sv_arena_printf(a, "%zu different secrets (%s) stand in %s%s and %s can read them, first of all %s %s; %s",
                        t->list.n, kinds_of(a, t),
                        extent(a, log, o->worst->path, t->lines, n_files, current),
                        seen_text(cx, log, NULL), o->readers, sv_secret_place_title(a, o->worst),
                        o->worst->redacted, cause_of(cx, log, o->worst).text));
    f->key = "many";
    finish(cx, f, log, t->list.v, t->list.n);
}

/* What is told of elsewhere becomes part of that; the rest of one log is one finding. */
static void report_few(struct sv_ctx *cx, const struct sv_log_family *log, const struct tally *all)
{
    struct tally rest = {0};
    sv_vec_each(o, &all->list)
    {
        if (o->severity > SV_INFO && !sv_ctx_secret_known(cx, o->worst->id)) {
            sv_vec_push(sv_ctx_arena(cx), &rest.list, *o);
            rest.lines += o->lines;
        } else {
            report_one(cx, log, o);
        }
    }
    if (rest.list.n > 1)
        report_many(cx, log, &rest);
    else if (rest.list.n)
        report_one(cx, log, &rest.list.v[0]);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_log_family *log = s->log;
    struct sv_map by_id = {0};
    struct tally t = {0};
    const char *path = NULL, *readers = NULL;
    struct sv_finding *known = NULL;
    sv_vec_each(p, &log->places)
    {
        if ((*p)->path != path) {
            path = (*p)->path;
            readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
            known = sv_ctx_file_finding(cx, "web.", path);
            if (known && (!known->exposure.n || !known->secrets.n))
                known = NULL;
            if (known)
                sv_finding_evidence(cx, known, cause_of(cx, log, *p).node);
        }
        if (!known && counts(*p)) /* else the finding that names its URL tells of its secrets */
            count(cx, &t, &by_id, log, *p, readers);
    }
    if (t.list.n == 0)
        return;
    qsort(t.list.v, t.list.n, sizeof *t.list.v, worst_first);
    if (t.list.n > MAX_SINGLE) {
        report_many(cx, log, &t);
        return;
    }
    report_few(cx, log, &t);
}

static const char *const refs[] = {"https://nginx.org/en/docs/http/ngx_http_log_module.html",
                                   "https://httpd.apache.org/docs/2.4/logs.html", NULL};

const struct sv_check sv_check_host_secret_in_log = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-log",
    .title = "A secret stands in a log",
    .why = "Logs are kept, rotated, backed up and sent to other machines, and more people and programs read "
           "them than the file that the key was meant to stay in. A key in a URL is in the access log of "
           "every server on its way.",
    .fix = "Stop what writes it, change the secret, and delete the old files of the log.",
    .bad = "GET /v1/items?api_key=...        # $request of the access log, with the key",
    .good = "Authorization: Bearer ...        # a header, which the usual formats do not log",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_LOG,
    .joins = true,
    .run = run,
};
