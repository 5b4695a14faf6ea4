// SPDX-License-Identifier: Apache-2.0
// host.logrotate-loosens-mode: the next rotation opens a log that is closed today.
#include "engine/check.h"

enum { MAX_FILES = 64 };

static struct sv_slice next_word(struct sv_slice *rest)
{
    size_t from = 0, to;
    while (from < rest->n && strchr(" \t\"'", rest->p[from]) && rest->p[from])
        from++;
    for (to = from; to < rest->n && !(strchr(" \t\"'", rest->p[to]) && rest->p[to]); to++)
        ;
    struct sv_slice w = sv_slice_sub(*rest, from, to);
    *rest = sv_slice_sub(*rest, to, rest->n);
    return w;
}

static bool octal(struct sv_slice s, unsigned *ret)
{
    unsigned v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7')
            return false;
        v = v * 8 + (unsigned)(s.p[i] - '0');
    }
    *ret = v;
    return s.n >= 3 && s.n <= 5;
}

typedef SV_VEC(struct sv_slice) word_vec;

static void judge(struct sv_ctx *cx, const char *config, const word_vec *patterns, unsigned mode,
                  uint32_t line)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(p, patterns)
    {
        struct sv_paths files = {0};
        if (sv_fs_glob(sv_ctx_fs(cx), a, sv_arena_copy(a, *p).p, &files) < 0)
            continue;
        for (size_t i = 0; i < files.list.n && i < MAX_FILES; i++) {
            struct stat st;
            const char *path = files.list.v[i];
            if (sv_fs_stat(sv_ctx_fs(cx), path, &st) < 0 || !S_ISREG(st.st_mode) ||
                (st.st_mode & 0004) || !(mode & 0004))
                continue;
            struct sv_finding *f = sv_report_file(
                cx, SV_LOW, config, line, "the next rotation makes %s readable for everyone (mode %04o, "
                "now %04o)", path, mode, (unsigned)st.st_mode & 07777);
            f->key = path;
            sv_finding_fix(cx, f, "create %04o %s %s", (unsigned)st.st_mode & 0777,
                           sv_identity_user(sv_ctx_ids(cx), a, st.st_uid),
                           sv_identity_group(sv_ctx_ids(cx), a, st.st_gid));
            return; /* one finding a block */
        }
    }
}

/* Names, "{", settings, "}"; a create outside of all blocks is the default of those behind it. */
static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    word_vec patterns = {0};
    bool inside = false;
    unsigned mode = 0, dflt = 0;
    uint32_t number = 1, at = 0;
    if (s->host_file->kind != SV_HOST_LOGROTATE)
        return;
    for (struct sv_slice rest = s->text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n')), words;
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        words = line = sv_slice_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct sv_slice first = next_word(&words);
        if (sv_slice_is(first, "}")) {
            judge(cx, s->host_file->path, &patterns, mode, at);
            patterns.n = 0;
            inside = false;
        } else if (sv_slice_is(first, "create")) {
            unsigned m = 0;
            if (octal(next_word(&words), &m)) {
                *(inside ? &mode : &dflt) = m;
                at = inside ? number : at;
            }
        } else if (!inside) {
            for (struct sv_slice w = first; w.n; w = next_word(&words)) {
                bool opens = w.p[w.n - 1] == '{';
                w.n -= opens;
                if (w.n && w.p[0] == '/')
                    sv_vec_push(a, &patterns, w);
                if (opens) {
                    inside = true;
                    mode = dflt;
                    at = number;
                }
            }
        }
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
