// SPDX-License-Identifier: Apache-2.0
// host.logrotate-loosens-mode: the next rotation opens a log that is closed today.
#include "engine/check.h"
#include "model/logrotate.h"

enum { MAX_FILES = 64 };

static void judge(struct sv_ctx *cx, const char *config, const struct sv_logrotate_block *block)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(p, &block->patterns)
    {
        struct sv_paths files = {0};
        if (sv_fs_glob(sv_ctx_fs(cx), a, sv_arena_copy(a, *p).p, &files) < 0)
            continue;
        for (size_t i = 0; i < files.list.n && i < MAX_FILES; i++) {
            struct stat st;
            const char *path = files.list.v[i];
            if (sv_fs_stat(sv_ctx_fs(cx), path, &st) < 0 || !S_ISREG(st.st_mode) ||
                (st.st_mode & 0004) || !(block->mode & 0004))
                continue;
            struct sv_finding *f = sv_report_file(
                cx, SV_LOW, config, block->line, "the next rotation makes %s readable for everyone (mode %04o, "
                "now %04o)", path, block->mode, (unsigned)st.st_mode & 07777);
            f->key = path;
            sv_finding_fix(cx, f, "create %04o %s %s", (unsigned)st.st_mode & 0777,
                           sv_identity_user(sv_ctx_ids(cx), a, st.st_uid),
                           sv_identity_group(sv_ctx_ids(cx), a, st.st_gid));
            return; /* one finding a block */
        }
    }
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_logrotate found = {0};
    if (s->host_file->kind != SV_HOST_LOGROTATE)
        return;
    sv_logrotate_parse(sv_ctx_arena(cx), s->text, &found);
    sv_vec_each(block, &found.blocks)
    {
        judge(cx, s->host_file->path, block);
    }
}

const struct sv_check sv_check_host_logrotate_loosens_mode = {
    SV_CHECK_HEADER,
    .id = "host.logrotate-loosens-mode",
    .title = "logrotate makes a closed log readable for everyone",
    .why = "create gives the fresh file its own mode: a log that somebody closed with chmod is open again "
           "after the next rotation.",
    .fix = "Write the mode that the log has today into the create line.",
    .bad = "create 0644 root root      # the log is 0640 today",
    .good = "create 0640 root adm",
    .severity = SV_LOW,
    .on = SV_ON_HOST_FILE,
    .run = run,
};
