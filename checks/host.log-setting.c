// SPDX-License-Identifier: Apache-2.0
// host.log-setting: a program that is no web server is told to write secrets into its log.
#include "engine/check.h"

static const char *readers_of(struct sv_ctx *cx, const struct sv_log_setting *set)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *any = NULL;
    for (const char *const *log = set->program->logs; *log; log++) {
        struct sv_paths files = {0};
        (void)sv_fs_glob(sv_ctx_fs(cx), a,
                         set->project ? sv_path_join(a, set->project, *log) : *log, &files);
        sv_vec_each(path, &files.list)
        {
            struct stat st;
            if (sv_fs_stat(sv_ctx_fs(cx), *path, &st) < 0 || !S_ISREG(st.st_mode))
                continue;
            any = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, *path);
            if (sv_access_anyone(any))
                return any;
        }
    }
    return any;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_log_setting *set = s->log_setting;
    if (set->habit->severity == SV_INFO) /* named where a secret is found in the log */
        return;
    struct sv_finding *f = sv_report_file(cx, set->habit->severity, set->path, set->line, "%s: %s",
                                          set->program->name, set->habit->text);
    f->key = set->habit->text;
    f->readers = readers_of(cx, set);
    sv_finding_fix(cx, f, "%s\nChange what was written down, and delete the old logs.",
                   set->habit->fix);
}

const struct sv_check sv_check_host_log_setting = {
    SV_CHECK_HEADER,
    .id = "host.log-setting",
    .title = "A setting writes secrets into a log",
    .why = "Databases, mail, directory and VPN servers have settings for the search for faults that write "
           "passwords, tokens or whole requests down. They are switched on for an afternoon and stay for years, and "
           "logs are rotated, backed up, sent to other machines and read by more people than the secret.",
    .fix = "Switch it off, change what was written down, and delete the old logs.",
    .bad = "auth_debug_passwords = yes      # dovecot",
    .good = "auth_debug = yes                # no passwords",
    .severity = SV_HIGH,
    .on = SV_ON_LOG_SETTING,
    .yields = true,
    .run = run,
};
