// SPDX-License-Identifier: Apache-2.0
// Which parts of a path others own or can change: for advice that names these and no more.
#include "engine/check.h"

/* A sticky folder does not let others replace what is in it. */
static bool others_write(struct sv_ctx *cx, const char *path)
{
    struct stat st;
    return sv_fs_stat(sv_ctx_fs(cx), path, &st) == 0 && (st.st_mode & 022) &&
           !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX));
}

static const char *with(struct sv_arena *a, const char *list, const char *path)
{
    return sv_arena_printf(a, "%s%s%s", list ? list : "", list ? " " : "", sv_shell_quote(a, path));
}

const char *sv_ctx_open_paths(struct sv_ctx *cx, const char *path)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *out = NULL, *at = path;
    for (;;) {
        if (others_write(cx, at))
            out = with(a, out, at);
        if (strcmp(at, "/") == 0)
            break;
        at = sv_path_dir(a, at);
    }
    return out;
}

/* A folder of the system's that nobody is locked out of if root has it: whatever else somebody owns
 * is a home or the state of a service. */
static bool may_take(struct sv_ctx *cx, const char *dir, const struct stat *st)
{
    static const char *const tops[] = {"/etc", "/usr", "/var/spool/cron"};
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *owner = sv_identity_user(sv_ctx_ids(cx), a, st->st_uid);
    const char *home = sv_identity_home(sv_ctx_ids(cx), a, sv_slice_of(owner));
    if ((st->st_mode & 05) != 05 || (home && sv_path_below(sv_path_join(a, "/", home), dir)))
        return false;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (sv_path_below(dir, tops[i]))
            return true;
    return false;
}

const char *sv_ctx_take_back(struct sv_ctx *cx, const char *path, const char *place)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *real = path, *foreign = NULL, *open;
    struct stat st, dir;
    (void)sv_fs_realpath(sv_ctx_fs(cx), a, path, &real);
    bool there = sv_fs_stat(sv_ctx_fs(cx), real, &st) == 0;
    if (there && st.st_uid != 0)
        foreign = with(a, foreign, real);
    for (const char *at = sv_path_dir(a, real); strcmp(at, "/") != 0; at = sv_path_dir(a, at)) {
        if (sv_fs_stat(sv_ctx_fs(cx), at, &dir) < 0 || dir.st_uid == 0)
            continue;
        if (may_take(cx, at, &dir))
            foreign = with(a, foreign, at);
        else
            return sv_arena_printf(
                a, "install -o root -g root -m %04o %s %s/\nand use that one: %s is %s's, who can replace "
                   "what lies below it.", there ? (unsigned)st.st_mode & 0755u : 0755u,
                sv_shell_quote(a, real), place, sv_shell_quote(a, at),
                sv_identity_user(sv_ctx_ids(cx), a, dir.st_uid));
    }
    open = sv_ctx_open_paths(cx, real);
    if (!foreign && !open)
        foreign = sv_shell_quote(a, real); /* an access list */
    return sv_arena_printf(a, "%s%s%s%s%s", foreign ? "chown root:root " : "", foreign ? foreign : "",
                           foreign && open ? "; " : "", open ? "chmod go-w " : "",
                           open ? open : "");
}
