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

const char *sv_ctx_take_back(struct sv_ctx *cx, const char *path)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *real = path, *foreign = NULL, *open;
    struct stat st;
    (void)sv_fs_realpath(sv_ctx_fs(cx), a, path, &real);
    const char *both[] = {real, sv_path_dir(a, real)};
    for (size_t i = 0; i < 2; i++)
        if (sv_fs_stat(sv_ctx_fs(cx), both[i], &st) == 0 && st.st_uid != 0)
            foreign = with(a, foreign, both[i]);
    open = sv_ctx_open_paths(cx, real);
    if (!foreign && !open)
        foreign = sv_shell_quote(a, real); /* an access list */
    return sv_arena_printf(a, "%s%s%s%s%s", foreign ? "chown root:root " : "", foreign ? foreign : "",
                           foreign && open ? "; " : "", open ? "chmod go-w " : "",
                           open ? open : "");
}
