// SPDX-License-Identifier: Apache-2.0
// systemd.unit-writable, systemd.exec-writable: who can change what systemd runs.
#include "engine/check.h"

/* "user app" where the unit runs as app: its own program is its own affair. */
static bool is_own(const char *writers, const char *user)
{
    return strncmp(writers, "user ", 5) == 0 && strcmp(writers + 5, user) == 0;
}

static void run_unit(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_unit *u = s->unit;
    struct sv_arena *a = sv_ctx_arena(cx);
    sv_vec_each(file, &u->files)
    {
        const char *who = u->owner ? NULL
                                   : sv_access_writers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, *file);
        if (!who || sv_ctx_file_reported(cx, "systemd.unit-writable", *file))
            continue;
        bool anyone = sv_access_anyone(who);
        struct sv_finding *f =
            sv_report_file(cx, anyone ? SV_CRITICAL : SV_HIGH, *file, 0,
                           "%s can change %s and so run any program as %s", who, u->name,
                           u->user ? "the users whose manager reads it" : "root");
        sv_finding_fix(cx, f, "%s", sv_ctx_take_back(cx, *file, "/etc/systemd/system"));
    }
}

const struct sv_check sv_check_systemd_unit_writable = {
    SV_CHECK_HEADER,
    .id = "systemd.unit-writable",
    .title = "Somebody but root can write a unit file",
    .why = "A unit says which program runs as which user: who can write it, or replace it in its folder, is root.",
    .fix = "Unit files and their folders belong to root and nobody else may write them.",
    .bad = "-rw-rw-rw- root root  /etc/systemd/system/app.service",
    .good = "-rw-r--r-- root root  /etc/systemd/system/app.service",
    .severity = SV_CRITICAL,
    .on = SV_ON_UNIT,
    .run = run_unit,
};

/* `user`: as whom the unit's commands run, but for those with full rights. */
static void judge(struct sv_ctx *cx, const struct sv_unit *u, const char *user,
                  const struct sv_unit_command *c, struct sv_slice file, struct sv_map *seen)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    uint32_t *known = sv_map_at(a, seen, file); /* with full rights, and without */
    if (*known & (c->full ? 2u : 1u))
        return;
    *known |= c->full ? 2u : 1u;
    const char *path = sv_arena_copy(a, file).p;
    user = c->full ? "root" : user;
    const char *who = sv_access_writers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
    bool anyone = sv_access_anyone(who), root = strcmp(user, "root") == 0;
    if (!who || (u->user && !anyone) || (!anyone && (!root || is_own(who, user))) ||
        sv_ctx_file_reported(cx, "systemd.exec-writable", path))
        return;
    struct sv_finding *f = sv_report_file(cx, anyone && root ? SV_CRITICAL : SV_HIGH, path, 0,
                                          "%s can change %s, which %s runs as %s", who, path,
                                          u->name, user);
    sv_finding_evidence(cx, f, c->setting->node);
    const char *open = root ? NULL : sv_ctx_open_paths(cx, path);
    if (open) /* whose it is may stay: the user's, who runs it */
        sv_finding_fix(cx, f, "chmod go-w %s", open);
    else
        sv_finding_fix(cx, f, "%s%s", sv_ctx_take_back(cx, path, "/usr/local/sbin"),
                       root ? "\nor let it run as its own user: User= in the unit" : "");
}

static bool is_script_name(struct sv_slice s)
{
    static const char *const ends[] = {".sh", ".py", ".pl", ".rb", ".js", ".php", ".jar", ".lua"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(s, ends[i]))
            return true;
    return false;
}

/* The program, and the script that an interpreter gets as an argument. */
static void run_exec(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_map seen = {0};
    struct sv_unit_commands commands = {0};
    if (sv_unit_get(s->unit, "Service", "RootDirectory") ||
        sv_unit_get(s->unit, "Service", "RootImage"))
        return; /* its paths are of another tree */
    const char *user = sv_unit_user(s->unit, a, NULL);
    sv_unit_commands(s->unit, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        if (c->program.p[0] == '/')
            judge(cx, s->unit, user, c, c->program, &seen);
        sv_vec_each(arg, &c->args)
        {
            if (arg->n && arg->p[0] == '/' && is_script_name(*arg))
                judge(cx, s->unit, user, c, *arg, &seen);
        }
    }
}

const struct sv_check sv_check_systemd_exec_writable = {
    SV_CHECK_HEADER,
    .id = "systemd.exec-writable",
    .title = "Others can write the program that a unit runs",
    .why = "Who can change the program, or replace it in its folder, runs what he likes as the service's user, "
           "with everything that the service may read.",
    .fix = "Programs belong to root; a service that deploys itself runs as its own user, not as root.",
    .bad = "-rwxrwxrwx deploy deploy  /opt/app/run.sh     # ExecStart of a unit without User=",
    .good = "-rwxr-xr-x root root  /opt/app/run.sh",
    .severity = SV_CRITICAL,
    .on = SV_ON_UNIT,
    .run = run_exec,
};
