// SPDX-License-Identifier: Apache-2.0
// host.logrotate-loosens-mode: the next rotation opens a log that is closed today.
#include "base/limits.h"
#include "engine/check.h"
#include "model/logrotate.h"

/* False: its patterns lead through too much. */
static bool judge(struct sv_ctx *cx, const char *config, const struct sv_logrotate_block *block,
                  size_t *io_work)
{
    struct sv_arena *a = sv_ctx_arena(cx), scratch = {0};
    bool told = false;
    for (size_t k = 0; !told && k < block->patterns.n; k++) {
        struct sv_paths files = {0};
        const char *pattern = sv_arena_copy(&scratch, block->patterns.v[k]).p;
        if (sv_fs_glob_within(sv_ctx_fs(cx), &scratch, pattern, io_work, &files) < 0) {
            sv_arena_clear(&scratch);
            return false;
        }
        for (size_t i = 0; !told && i < files.list.n && i < SV_MAX_ROTATED_SHOWN; i++) {
            struct stat st;
            const char *path = sv_arena_copy(a, sv_slice_of(files.list.v[i])).p;
            if (sv_fs_stat(sv_ctx_fs(cx), path, &st) < 0 || !S_ISREG(st.st_mode) ||
                (st.st_mode & 0004))
                continue;
            struct sv_finding *f = sv_report_file(
                cx, SV_LOW, config, block->line, "the next rotation makes %s readable for everyone (mode %04o, "
                "now %04o)", path, block->mode, (unsigned)st.st_mode & 07777);
            f->key = path;
            sv_finding_fix(cx, f, "create %04o %s %s", (unsigned)st.st_mode & 0777,
                           sv_identity_user(sv_ctx_ids(cx), a, st.st_uid),
                           sv_identity_group(sv_ctx_ids(cx), a, st.st_gid));
            told = true; /* one finding a block */
        }
        sv_arena_clear(&scratch);
    }
    sv_arena_clear(&scratch);
    return true;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_logrotate found = {0};
    if (s->host_file->kind != SV_HOST_LOGROTATE)
        return;
    sv_logrotate_parse(sv_ctx_arena(cx), s->text, &found);
    size_t work = 0;
    sv_vec_each(block, &found.blocks)
    {
        if (!(block->mode & 0004) || judge(cx, s->host_file->path, block, &work))
            continue;
        sv_ctx_skip(cx, s->host_file->path, "line %u: the names of logs lead through too many "
                    "folders; what follows was not looked at", block->line);
        break;
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
