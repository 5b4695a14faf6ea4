// SPDX-License-Identifier: Apache-2.0
// host.sudo-keeps-secret: variables with secrets that sudo hands on to every command.
#include "engine/check.h"
#include "secrets/command.h"
#include "secrets/value.h"

/* "NAME" and "NAME*", without the value that sudoers(5) allows behind "=". */
static struct sv_slice first_secret(struct sv_arena *a, struct sv_slice line)
{
    struct sv_words words = {0};
    sv_shell_words(a, line, &words); /* quotes round a list: one word, cut again below */
    sv_vec_each(w, &words.list)
    {
        for (struct sv_slice rest = *w; rest.n;) {
            struct sv_slice name = sv_slice_sub(rest, 0, sv_slice_chr(rest, ' '));
            rest = sv_slice_sub(rest, name.n + 1, rest.n);
            name = sv_slice_sub(name, 0, sv_slice_chr(name, '='));
            if (sv_name_is_secret(name) && sv_slice_find(name, "passw") == name.n)
                return name;
        }
    }
    return (struct sv_slice){"", 0};
}

static void line_of(struct sv_ctx *cx, const char *path, struct sv_slice line, uint32_t number)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    size_t keep = sv_slice_find(line, "env_keep");
    struct sv_finding *f;
    if (!sv_slice_starts(line, "Defaults"))
        return;
    if (sv_slice_find(line, "!env_reset") < line.n) {
        f = sv_report_file(cx, SV_LOW, path, number,
                           "sudo hands the caller's whole environment, with whatever secrets are in it, to "
                           "every command");
        sv_finding_fix(cx, f, "Defaults env_reset\nDefaults env_keep += \"...\"   # only what commands need");
        return;
    }
    struct sv_slice name = keep < line.n ? first_secret(a, sv_slice_sub(line, keep + 8, line.n))
                                         : (struct sv_slice){"", 0};
    if (name.n == 0)
        return;
    f = sv_report_file(cx, SV_LOW, path, number,
                       "sudo hands %.*s on to every command that it runs", (int)name.n, name.p);
    f->key = sv_arena_copy(a, name).p;
    sv_finding_fix(cx, f, "Take %.*s out of env_keep; a command that needs it can read it from a file.",
                   (int)name.n, name.p);
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    uint32_t number = 1;
    if (s->host_file->kind != SV_HOST_SUDOERS)
        return;
    for (struct sv_slice rest = s->text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        line_of(cx, s->host_file->path, sv_slice_trim(line), number);
    }
}

const struct sv_check sv_check_host_sudo_keeps_secret = {
    SV_CHECK_HEADER,
    .id = "host.sudo-keeps-secret",
    .title = "sudo hands secrets of the environment on",
    .why = "env_keep and !env_reset give a caller's keys to every command run as root, and with it to their "
           "logs, crash reports and children.",
    .fix = "Keep env_reset, and no variable with a secret in env_keep.",
    .bad = "Defaults env_keep += \"AWS_SECRET_ACCESS_KEY\"",
    .good = "Defaults env_reset",
    .severity = SV_LOW,
    .on = SV_ON_HOST_FILE,
    .run = run,
};
