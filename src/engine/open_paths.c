// SPDX-License-Identifier: Apache-2.0
// Which of a path's parts it is that others can change: for advice that names these and no more.
#include "engine/check.h"

/* A sticky folder does not let others replace what is in it. */
static bool others_write(struct sv_ctx *cx, const char *path)
{
    struct stat st;
    return sv_fs_stat(sv_ctx_fs(cx), path, &st) == 0 && (st.st_mode & 022) &&
           !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX));
}

const char *sv_ctx_open_paths(struct sv_ctx *cx, const char *path)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const char *out = NULL, *at = path;
    for (;;) {
        if (others_write(cx, at))
            out = sv_arena_printf(a, "%s%s%s", out ? out : "", out ? " " : "",
                                  sv_shell_quote(a, at));
        if (strcmp(at, "/") == 0)
            break;
        at = sv_path_dir(a, at);
    }
    return out;
}
