// SPDX-License-Identifier: Apache-2.0
// host.backup-of-protected-file, host.world-writable-config, host.web-user-can-write-config: modes
// below /etc.
#include "engine/check.h"

/* ---- copies ---- */

/* The name without what editors, packages and people add to a copy; NULL: it is no copy. */
static const char *original_of(struct sv_arena *a, const char *path)
{
    static const char *const ends[] = {"~", "-", ".bak", ".old", ".orig", ".save", ".backup", ".copy",
                                       ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".ucf-old",
                                       ".ucf-dist", ".rpmsave", ".rpmorig", ".1", "_bak", "_old",
                                       ".swp", ".tmp"};
    struct sv_slice s = sv_slice_of(path);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (!sv_slice_ends(s, ends[i]) || s.n <= n + 1 || s.p[s.n - n - 1] == '/')
            continue;
        struct sv_slice whole = sv_slice_sub(s, 0, s.n - n);
        if (strcmp(ends[i], ".swp") == 0) { /* vim: .name.swp */
            const char *base = sv_path_base(path);
            if (base[0] != '.')
                return NULL;
            return sv_arena_printf(a, "%s/%.*s", sv_path_dir(a, path),
                                   (int)(strlen(base) - 5), base + 1);
        }
        return sv_arena_copy(a, whole).p;
    }
    return NULL;
}

static bool open_to_all(struct sv_ctx *cx, const char *path)
{
    return sv_access_anyone(
        sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), sv_ctx_arena(cx), path));
}

static void run_backup(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *path = s->entry->path;
    struct stat st;
    const struct stat *own = &s->entry->st;
    if (!S_ISREG(own->st_mode) || !(own->st_mode & 0004) || own->st_size == 0)
        return;
    const char *original = original_of(a, path);
    if (!original || sv_fs_stat(sv_ctx_fs(cx), original, &st) < 0 || !S_ISREG(st.st_mode) ||
        (st.st_mode & 0004) || !open_to_all(cx, path))
        return;
    struct sv_finding *f =
        sv_report_file(cx, strstr(path, "shadow") ? SV_CRITICAL : SV_HIGH, path, 0,
                       "every local user can read this copy of %s, which has mode %04o", original,
                       (unsigned)st.st_mode & 07777);
    sv_finding_fix(cx, f, "rm %s\nor: chmod %04o %s\nand treat what was in it as known.",
                   sv_shell_quote(a, path), (unsigned)st.st_mode & 0777, sv_shell_quote(a, path));
}

const struct sv_check sv_check_host_backup_of_protected_file = {
    SV_CHECK_HEADER,
    .id = "host.backup-of-protected-file",
    .title = "A copy of a protected file is readable by everyone",
    .why = "An editor's or an administrator's copy beside a closed file holds the same secrets with the "
           "default mode.",
    .fix = "Delete the copy; change the secrets that are in it.",
    .bad = "-rw-r--r-- root root    /etc/shadow.bak\n-rw-r----- root shadow  /etc/shadow",
    .good = "-rw-r----- root shadow  /etc/shadow-",
    .severity = SV_CRITICAL,
    .on = SV_ON_ENTRY,
    .run = run_backup,
};

/* ---- writable by all ---- */

static void run_writable(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_cred anyone = {.user = "anyone", .uid = 0xfffffff0u, .gid = 0xfffffff0u};
    const struct sv_entry *e = s->entry;
    bool dir = S_ISDIR(e->st.st_mode);
    if ((!dir && !S_ISREG(e->st.st_mode)) || (dir && (e->st.st_mode & S_ISVTX)) ||
        !(e->st.st_mode & 0022) ||
        sv_ctx_file_reported(cx, "systemd.unit-writable", e->path) ||
        sv_ctx_file_reported(cx, "host.writable-cron", e->path) ||
        sv_ctx_file_reported(cx, "host.supervisor-writable", e->path) ||
        sv_access_check(sv_ctx_fs(cx), sv_ctx_arena(cx), &anyone, e->path, SV_RIGHT_WRITE).access !=
            SV_ACCESS_YES)
        return;
    struct sv_finding *f = sv_report_file(cx, SV_HIGH, e->path, 0, "every local user can %s %s",
                                          dir ? "put files into and take files out of" : "change",
                                          e->path);
    sv_finding_fix(cx, f, "chmod o-w %s", sv_shell_quote(sv_ctx_arena(cx), e->path));
}

const struct sv_check sv_check_host_world_writable_config = {
    SV_CHECK_HEADER,
    .id = "host.world-writable-config",
    .title = "Every local user can write a configuration file",
    .why = "Programs that run as root read their configuration from /etc: who can write it decides what they do.",
    .fix = "chmod o-w.",
    .bad = "-rw-rw-rw- root root  /etc/app/app.conf",
    .good = "-rw-r--r-- root root  /etc/app/app.conf",
    .severity = SV_HIGH,
    .on = SV_ON_ENTRY,
    .run = run_writable,
};

/* ---- writable by the web server ---- */

static void run_web(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_entry *e = s->entry;
    struct sv_cred anyone = {.user = "anyone", .uid = 0xfffffff0u, .gid = 0xfffffff0u};
    if (!S_ISREG(e->st.st_mode) && !S_ISDIR(e->st.st_mode))
        return;
    sv_vec_each(user, &sv_ctx_host(cx)->web_users)
    {
        const struct sv_cred *w = &user->cred;
        if ((!(e->st.st_mode & 0022) && e->st.st_uid != w->uid) ||
            sv_access_check(sv_ctx_fs(cx), a, w, e->path, SV_RIGHT_WRITE).access != SV_ACCESS_YES ||
            sv_access_check(sv_ctx_fs(cx), a, &anyone, e->path, SV_RIGHT_WRITE).access ==
                SV_ACCESS_YES)
            continue;
        struct sv_finding *f =
            sv_report_file(cx, SV_MEDIUM, e->path, 0,
                           "%s can change %s: who makes a script write there changes a "
                           "configuration", user->what, e->path);
        sv_finding_fix(cx, f, "chown root %s; chmod g-w %s", sv_shell_quote(a, e->path),
                       sv_shell_quote(a, e->path));
        return;
    }
}

const struct sv_check sv_check_host_web_user_can_write_config = {
    SV_CHECK_HEADER,
    .id = "host.web-user-can-write-config",
    .title = "The web server's user can write configuration",
    .why = "A hole in any script then reaches what is read by other programs, or by root.",
    .fix = "Configuration belongs to root; the web server only reads it, if at all.",
    .bad = "-rw-r--r-- www-data www-data  /etc/app/app.conf",
    .good = "-rw-r----- root www-data  /etc/app/app.conf",
    .severity = SV_MEDIUM,
    .on = SV_ON_ENTRY,
    .run = run_web,
};
