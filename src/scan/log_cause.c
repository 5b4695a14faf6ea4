// SPDX-License-Identifier: Apache-2.0
// From a log back to the setting that fills it.
#include "scan/log_cause.h"

#include <unistd.h>

#include "scan/log_format.h"

/* It stands behind a "=", as in the query of a URL; headers are logged without their name. */
static bool in_query(struct sv_fs *fs, const struct sv_secret_place *p)
{
    struct stat st;
    char before = 0;
    int fd = p->member || p->offset == 0 ? -1 : sv_fs_open(fs, p->path, &st);
    if (fd < 0)
        return false;
    ssize_t n = pread(fd, &before, 1, (off_t)p->offset - 1);
    close(fd);
    return n == 1 && before == '=';
}

static struct sv_log_cause of_access(struct sv_fs *fs, struct sv_arena *a, const struct sv_log *log,
                                     const struct sv_secret_place *p)
{
    bool nginx = log->site->kind == SV_SITE_NGINX, query = in_query(fs, p);
    struct sv_slice item = sv_log_culprit(log, &query);
    struct sv_log_cause c = {.node = log->node,
                             .format = log->format == log->node ? NULL : log->format};
    const char *mark = nginx ? "$" : "";
    if (item.n == 0) {
        c.text = "the format of this log has no item that is known to carry secrets";
        c.fix = "Find the item of the format that brings it, and take it out.";
    } else if (!query) {
        c.text = sv_arena_printf(a, "%s%.*s of the format writes it down", mark, (int)item.n,
                                 item.p);
        c.fix = sv_arena_printf(a, "Take %s%.*s out of the format.", mark, (int)item.n, item.p);
    } else {
        c.text = sv_arena_printf(a, "%s%.*s of the format writes URLs with their query", mark,
                                 (int)item.n, item.p);
        c.fix = sv_arena_printf(a, "Let clients send it in a header or a body, not in the URL; or log %s.",
                                nginx ? "$uri in place of $request" : "\"%m %U %H\" in place of %r");
    }
    return c;
}

static struct sv_log_cause of_server(struct sv_fs *fs, struct sv_arena *a, const struct sv_log *log,
                                     const struct sv_secret_place *p)
{
    if (log->kind == SV_LOG_ACCESS)
        return of_access(fs, a, log, p);
    if (log->kind == SV_LOG_FORENSIC)
        return (struct sv_log_cause){.text = "ForensicLog writes all headers of each request",
                                     .fix = "Remove ForensicLog.", .node = log->node};
    if (log->kind == SV_LOG_OTHER)
        return (struct sv_log_cause){.text = "this log holds whole requests",
                                     .fix = "Switch it off, or let it leave out credentials.",
                                     .node = log->node};
    const struct sv_node *verbose = sv_log_verbose(log);
    if (verbose)
        return (struct sv_log_cause){
            .text = "the error log is verbose enough to hold headers and bodies",
            .fix = "Go back to the level warn.",
            .node = log->node, .format = verbose == log->node ? NULL : verbose};
    return (struct sv_log_cause){
        .text = "error messages quote the request, or what a program printed",
        .fix = "Let the program not print it; keep secrets out of URLs.", .node = log->node};
}

/* What stands there says itself who wrote it, whosever log it is. */
static void of_trace(struct sv_log_cause *io, const struct sv_secret_place *p)
{
    if (strcmp(p->rule->id, "php-trace-argument") != 0)
        return;
    io->text = "PHP quotes the arguments of calls in its stack traces";
    io->fix = "zend.exception_ignore_args = On (php.ini)";
}

static struct sv_log_cause of_log(struct sv_fs *fs, struct sv_arena *a,
                                  const struct sv_log_settings *settings,
                                  const struct sv_log_family *family,
                                  const struct sv_secret_place *p)
{
    const struct sv_log *log = family->log;
    if (log && log->site)
        return of_server(fs, a, log, p);
    const struct sv_log_program *named = log ? log->program : NULL;
    const struct sv_log_setting *set = sv_log_setting_of(settings, log, family->path);
    if (set)
        return (struct sv_log_cause){.text = set->habit->text, .fix = set->habit->fix,
                                     .config = set->path, .line = set->line};
    if (log && log->node)
        return (struct sv_log_cause){.text = "the unit writes there what its program prints",
                                     .fix = "Let the program not print it.", .node = log->node};
    const struct sv_log_program *usual = sv_log_program_at(family->path);
    const struct sv_log_program *program = usual ? usual : named;
    if (!program)
        return (struct sv_log_cause){
            .text = "a program wrote it; no setting that is known names this log",
            .fix = "Let the program that writes these lines leave it out."};
    struct sv_log_cause c = {.text = program->cause, .fix = program->fix};
    if (log && log->config && program == named) {
        c.config = log->config;
        c.line = log->line;
    }
    return c;
}

struct sv_log_cause sv_log_cause(struct sv_fs *fs, struct sv_arena *a,
                                 const struct sv_log_settings *settings,
                                 const struct sv_log_family *family,
                                 const struct sv_secret_place *p)
{
    struct sv_log_cause c = of_log(fs, a, settings, family, p);
    of_trace(&c, p);
    return c;
}
