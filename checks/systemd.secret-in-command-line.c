// SPDX-License-Identifier: Apache-2.0
// systemd.secret-in-command-line: what ps and systemctl show to everyone.
#include "engine/check.h"
#include "secrets/command.h"

static void report(struct sv_ctx *cx, const struct sv_unit *u, const struct sv_unit_command *c,
                   const struct sv_command_secret *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), c->setting->node->head);
    struct sv_finding *f =
        sv_report_at(cx, u->user ? SV_MEDIUM : SV_HIGH, c->setting->node,
                     "%s has the secret behind %.*s in its command line, which every local user sees "
                     "in ps", u->name, (int)s->name.n, s->name.p);
    f->key = sv_arena_printf(a, "%s %s %.*s", u->name, c->key, (int)s->name.n, s->name.p);
    f->readers = "any local user: ps, /proc/PID/cmdline, systemctl show";
    sv_finding_secret(cx, f, "secret-assignment", s->value, pos.line, pos.column);
    sv_finding_fix(cx, f, "Let the program read it from a file, or from its environment:\n%s\n"
                          "${NAME} in %s= does not help: systemd puts the value there.\n%s\n%s",
                   sv_unit_file_fix(a, u), c->key, sv_unit_restart(a, u),
                   sv_secret_change(a, s->value));
}

static void run(struct sv_ctx *cx, const struct sv_subject *subject)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_commands commands = {0};
    struct sv_unit_environment env = {0};
    sv_unit_environment(subject->unit, sv_ctx_fs(cx), a, &env);
    sv_unit_commands(subject->unit, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        struct sv_unit_arguments words = {0};
        struct sv_command_secrets secrets = {0};
        sv_unit_words(c, &env, a, &words);
        sv_command_secrets(a, words.list.v, words.list.n, &secrets);
        sv_vec_each(s, &secrets.list)
        {
            report(cx, subject->unit, c, s);
        }
    }
}

const struct sv_check sv_check_systemd_secret_in_command_line = {
    SV_CHECK_HEADER,
    .id = "systemd.secret-in-command-line",
    .title = "A unit starts its program with a secret in the command line",
    .why = "A process's command line is readable by every local user, and systemd shows it as well, "
           "whatever the unit file's mode is.",
    .fix = "Give the program a file (mode 0600, LoadCredential=) or an environment file to read it from.",
    .bad = "ExecStart=/usr/bin/app --password=...",
    .good = "ExecStart=/usr/bin/app --password-file=${CREDENTIALS_DIRECTORY}/password",
    .severity = SV_HIGH,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run,
};
