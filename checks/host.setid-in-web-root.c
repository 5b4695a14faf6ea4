// SPDX-License-Identifier: Apache-2.0
// host.setid-in-web-root: programs below a served folder that run with another one's rights.
#include "engine/check.h"

static bool runs(struct sv_ctx *cx, const struct sv_cred *who, const char *path)
{
    return sv_access_check(sv_ctx_fs(cx), sv_ctx_arena(cx), who, path, SV_RIGHT_SEARCH).access ==
           SV_ACCESS_YES;
}

static bool has_group(const struct sv_cred *who, gid_t gid)
{
    bool has = who->gid == gid;
    for (size_t i = 0; i < who->n_groups; i++)
        has |= who->groups[i] == gid;
    return has;
}

/* What the worker, and everybody, lacks before running it. */
static bool gains(const struct sv_setid_file *f, const struct sv_cred *who)
{
    bool user = (f->mode & S_ISUID) && f->uid != who->uid;
    bool group = (f->mode & S_ISGID) && (f->mode & S_IXGRP) && !has_group(who, f->gid);
    return user || group;
}

/* Who answers requests and gets more rights by running it, or NULL. */
static const char *web_starter(struct sv_ctx *cx, const struct sv_setid_file *f)
{
    sv_vec_each(w, &sv_ctx_host(cx)->web_users)
    {
        if (gains(f, &w->cred) && runs(cx, &w->cred, f->path))
            return w->what;
    }
    return NULL;
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_setid_file *file = s->setid;
    const struct sv_cred anyone = {.user = "anyone", .uid = 0xfffffff0u, .gid = 0xfffffff0u};
    bool user = file->mode & S_ISUID;
    const char *worker = web_starter(cx, file);
    bool everyone = runs(cx, &anyone, file->path);
    if (!worker && !everyone)
        return;
    bool root = user ? file->uid == 0 : file->gid == 0;
    const char *rights =
        user ? sv_arena_printf(a, "user %s", sv_identity_user(sv_ctx_ids(cx), a, file->uid))
             : sv_arena_printf(a, "group %s", sv_identity_group(sv_ctx_ids(cx), a, file->gid));
    enum sv_severity sev = user && root ? SV_HIGH : worker ? SV_MEDIUM : SV_LOW;
    struct sv_finding *f = sv_report_file(
        cx, sev, file->path, 0, "%s can run this program in a served folder with the rights of %s%s",
        worker && everyone ? sv_arena_printf(a, "%s, as every local user,", worker)
        : worker           ? worker
                           : "every local user",
        rights, worker ? ": a hole in any script of the site is then one in it" : "");
    f->key = file->path;
    const char *quoted = sv_shell_quote(a, file->path);
    sv_finding_fix(cx, f,
                   "chmod %s %s\nA program that needs those rights lies elsewhere "
                   "(/usr/local/sbin), and may be run by one group alone.",
                   user && (file->mode & S_ISGID) ? "ug-s" : user ? "u-s" : "g-s", quoted);
}

static const char *const refs[] = {"https://man7.org/linux/man-pages/man2/execve.2.html", NULL};

const struct sv_check sv_check_host_setid_in_web_root = {
    SV_CHECK_HEADER,
    .id = "host.setid-in-web-root",
    .title = "A set-user-ID or set-group-ID program lies in a served folder",
    .why = "Such a program runs with the rights of its owner or group, whoever starts it. In a web root the one "
           "who starts it may be a stranger who found a hole in a script; with the owner root the machine is his. "
           "Copies of a shell with this bit are also what intruders leave behind.",
    .fix = "chmod u-s (or g-s); what needs those rights belongs outside of every served folder.",
    .bad = "-rwsr-xr-x root root  /srv/shop/public/tools/convert",
    .good = "-rwxr-xr-x root root  /srv/shop/public/tools/convert",
    .refs = refs,
    .severity = SV_HIGH,
    .on = SV_ON_SETID,
    .run = run,
};
