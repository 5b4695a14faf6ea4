// SPDX-License-Identifier: Apache-2.0
// supervisord: secrets in its files, logs of programs with secrets, interfaces without a password.
#include "engine/check.h"
#include "secrets/command.h"
#include "secrets/value.h"
#include "syntax/ini.h"

static const char *file_of(struct sv_ctx *cx, const struct sv_supervised *s)
{
    return sv_span_path(sv_ctx_sources(cx), s->node->head);
}

static const char *readers_of(struct sv_ctx *cx, const char *path)
{
    return sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), sv_ctx_arena(cx), path);
}

/* What a section holds: of one setting, under this name. */
struct held {
    const struct sv_node *node;
    struct sv_slice name, value;
    bool command; /* every local user sees it in ps */
};
struct held_list {
    SV_VEC(struct held) list;
};

static void of_environment(struct sv_arena *a, const struct sv_node *n, struct held_list *ret)
{
    struct sv_slice rest = sv_node_arg(n, 0), name, value;
    while (sv_ini_pair(&rest, &name, &value))
        if (sv_value_is_secret(name, value))
            sv_vec_push(a, &ret->list, (struct held){n, name, value, false});
}

static void of_command(struct sv_ctx *cx, const struct sv_node *n, struct held_list *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_sources *src = sv_ctx_sources(cx);
    struct sv_command_secrets found = {0};
    sv_ctx_line_secrets(cx, sv_span_path(src, n->head), sv_span_pos(src, n->head).line,
                        sv_node_arg(n, 0), &found);
    sv_vec_each(x, &found.list)
    {
        sv_vec_push(a, &ret->list, (struct held){n, x->name, x->value, true});
    }
}

/* Also short ones: that this is a password, its place says. "{SHA}..." is one's hash. */
static void of_password(struct sv_arena *a, const struct sv_node *n, struct held_list *ret)
{
    struct sv_slice v = sv_node_arg(n, 0);
    if (v.n && !sv_slice_starts(v, "{SHA}") && !sv_value_is_placeholder(v))
        sv_vec_push(a, &ret->list, (struct held){n, SV_LIT("password"), v, false});
}

static void all_of(struct sv_ctx *cx, const struct sv_supervised *s, struct held_list *ret)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_node *n;
    if ((n = sv_node_find_last(s->node, "environment")))
        of_environment(a, n, ret);
    if (s->program && (n = sv_node_find_last(s->node, "command")))
        of_command(cx, n, ret);
    if (!s->program && (n = sv_node_find_last(s->node, "password")))
        of_password(a, n, ret);
}

/* ---- secrets ---- */

static const char *who_reads(struct sv_ctx *cx, const struct sv_supervised *s,
                             const struct held *h, const char *readers)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    if (h->command)
        return sv_arena_printf(a, "%s; any local user while it runs: ps", readers);
    if (s->program && strcmp(s->user, "root") != 0)
        return sv_arena_printf(a, "%s; every process of user %s: /proc/PID/environ", readers,
                               s->user);
    return readers;
}

static void run_secret(struct sv_ctx *cx, const struct sv_subject *subject)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_supervised *s = subject->supervised;
    const char *path = file_of(cx, s), *quoted = sv_shell_quote(a, path);
    struct held_list held = {0};
    all_of(cx, s, &held);
    const char *readers = held.list.n ? readers_of(cx, path) : "";
    bool anyone = sv_access_anyone(readers);
    sv_vec_each(h, &held.list)
    {
        struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), h->node->head);
        struct sv_finding *f = sv_report_at(
            cx, anyone || h->command ? SV_HIGH : SV_INFO, h->node,
            "%.*s of [%s] stands in supervisord's configuration%s", (int)h->name.n, h->name.p,
            s->name,
            h->command ? ", in a command line: every local user sees it in ps"
            : anyone   ? ", which every local user can read"
                       : "");
        f->key = sv_arena_printf(a, "%s %.*s", s->name, (int)h->name.n, h->name.p);
        f->readers = who_reads(cx, s, h, readers);
        sv_finding_secret(cx, f, "secret-assignment", h->value, pos.line, pos.column);
        if (h->command)
            sv_finding_fix(cx, f, "Let the program read it from its environment or a file of mode "
                                  "0600, and change the secret.%s%s",
                           anyone ? "\nchmod o-rwx " : "", anyone ? quoted : "");
        else if (anyone)
            sv_finding_fix(cx, f, "chmod o-rwx %s\nsupervisord reads it as root. Change the secret "
                                  "if others may have looked.", quoted);
    }
}

static const char *const refs[] = {"https://supervisord.org/configuration.html", NULL};

const struct sv_check sv_check_host_secret_in_supervisor = {
    SV_CHECK_HEADER,
    .id = "host.secret-in-supervisor",
    .title = "supervisord's configuration holds a secret",
    .why = "/etc/supervisor/conf.d is readable by everyone as packages set it up, and what stands in command= is "
           "shown by ps while the program runs.",
    .fix = "Files of root's with mode 0600: supervisord reads them before it starts the programs.",
    .bad = "# -rw-r--r-- root root  /etc/supervisor/conf.d/app.conf\n[program:app]\nenvironment=API_KEY=\"...\"",
    .good = "# -rw------- root root  /etc/supervisor/conf.d/app.conf\n[program:app]\nenvironment=API_KEY=\"...\"",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_SUPERVISED,
    .joins = true,
    .run = run_secret,
};

/* ---- logs ---- */

static void run_log(struct sv_ctx *cx, const struct sv_subject *subject)
{
    static const char *const keys[] = {"stdout_logfile", "stderr_logfile"};
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_supervised *s = subject->supervised;
    struct held_list held = {0};
    if (s->program)
        all_of(cx, s, &held);
    for (size_t i = 0; held.list.n && i < sizeof keys / sizeof *keys; i++) {
        struct sv_slice value = sv_supervised_get(s, keys[i]);
        bool file = value.n && !sv_slice_is_nocase(value, "none") &&
                    !sv_slice_is_nocase(value, "auto") && !sv_slice_is_nocase(value, "syslog") &&
                    !sv_slice_starts(value, "/dev/");
        const char *path = file ? sv_supervised_path(s, a, value) : NULL;
        if (!path || !sv_access_anyone(readers_of(cx, path)) ||
            sv_ctx_file_reported(cx, "host.supervisor-log-readable", path))
            continue;
        struct sv_finding *f = sv_report_file(
            cx, SV_LOW, path, 0, "every local user can read what [%s], which has %.*s, writes to "
            "its log", s->name, (int)held.list.v[0].name.n, held.list.v[0].name.p);
        f->readers = readers_of(cx, path);
        f->key = s->name;
        sv_finding_evidence(cx, f, sv_node_find_last(s->node, keys[i]));
        sv_finding_fix(cx, f, "chmod 0640 %s\nand in [supervisord]: umask=027",
                       sv_shell_quote(a, path));
    }
}

const struct sv_check sv_check_host_supervisor_log_readable = {
    SV_CHECK_HEADER,
    .id = "host.supervisor-log-readable",
    .title = "The log of a supervised program with secrets is readable by everyone",
    .why = "supervisord makes logs with its umask, 022 by default; programs print their settings and failed "
           "requests, keys included.",
    .fix = "Mode 0640, and umask=027 in [supervisord] so that it stays that way.",
    .bad = "stdout_logfile=/var/log/app.log      # 0644",
    .good = "[supervisord]\numask=027",
    .refs = refs,
    .severity = SV_LOW,
    .on = SV_ON_SUPERVISED,
    .yields = true,
    .run = run_log,
};

/* ---- interfaces ---- */

static bool has_password(const struct sv_supervised *s)
{
    return sv_supervised_get(s, "username").n && sv_supervised_get(s, "password").n;
}

static bool is_loopback(struct sv_slice port)
{
    return sv_slice_starts(port, "127.") || sv_slice_starts(port, "localhost:") ||
           sv_slice_starts(port, "[::1]") || sv_slice_starts(port, "::1");
}

static void run_open(struct sv_ctx *cx, const struct sv_subject *subject)
{
    const struct sv_supervised *s = subject->supervised;
    bool inet = strcmp(s->name, "inet_http_server") == 0;
    const char *key = inet ? "port" : "chmod";
    const struct sv_node *at = sv_node_find_last(s->node, key);
    struct sv_slice value = sv_supervised_get(s, key);
    if ((!inet && strcmp(s->name, "unix_http_server") != 0) || has_password(s) || value.n == 0)
        return;
    unsigned mode = 0; /* "0766": others connect if they may write */
    for (size_t i = 0; !inet && i < value.n && i < 5 && value.p[i] >= '0' && value.p[i] <= '7'; i++)
        mode = mode * 8 + (unsigned)(value.p[i] - '0');
    if (!inet && !(mode & 0002))
        return;
    bool network = inet && !is_loopback(value);
    struct sv_finding *f = sv_report_at(
        cx, network ? SV_CRITICAL : SV_MEDIUM, at,
        "%s can start and stop all programs and read their logs: %.*s asks for no password",
        network ? "everyone who reaches this port" : "every local user", (int)value.n, value.p);
    f->key = s->name;
    if (inet)
        sv_finding_fix(cx, f, "Take [inet_http_server] out: supervisorctl works over the socket.\n"
                              "Or: port=127.0.0.1:9001, with username= and password=");
    else
        sv_finding_fix(cx, f, "chmod=0700");
}

const struct sv_check sv_check_host_supervisor_control_open = {
    SV_CHECK_HEADER,
    .id = "host.supervisor-control-open",
    .title = "supervisord takes commands without a password",
    .why = "Who reaches the interface stops and starts programs, reads the ends of their logs and writes to their "
           "input; holes in it ran any command as root.",
    .fix = "Only the socket of [unix_http_server] with chmod=0700.",
    .bad = "[inet_http_server]\nport=*:9001",
    .good = "[unix_http_server]\nfile=/run/supervisor.sock\nchmod=0700",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_SUPERVISED,
    .run = run_open,
};

/* ---- who can change it ---- */

static void run_writable(struct sv_ctx *cx, const struct sv_subject *subject)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_supervised *s = subject->supervised;
    const char *path = file_of(cx, s);
    const char *who = sv_access_writers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
    if (!who || sv_ctx_file_reported(cx, "host.supervisor-writable", path))
        return;
    struct sv_finding *f = sv_report_file(
        cx, sv_access_anyone(who) ? SV_CRITICAL : SV_HIGH, path, 0,
        "%s can change %s and so have supervisord run any program, as root too", who, path);
    f->key = path;
    sv_finding_fix(cx, f, "%s", sv_ctx_take_back(cx, path, "/etc/supervisor/conf.d"));
}

const struct sv_check sv_check_host_supervisor_writable = {
    SV_CHECK_HEADER,
    .id = "host.supervisor-writable",
    .title = "Somebody but root can change what supervisord runs",
    .why = "A section without user= runs as root: who can write the file, or replace it in its folder, is root at "
           "the next supervisorctl update.",
    .fix = "supervisord's files and their folders belong to root and nobody else may write them.",
    .bad = "-rw-r--r-- deploy deploy  /etc/supervisor/conf.d/app.conf",
    .good = "-rw-r--r-- root root  /etc/supervisor/conf.d/app.conf",
    .refs = refs,
    .severity = SV_CRITICAL,
    .on = SV_ON_SUPERVISED,
    .run = run_writable,
};
