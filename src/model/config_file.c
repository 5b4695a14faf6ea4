// SPDX-License-Identifier: Apache-2.0
// Tells what stands where a configuration is expected.
#include "model/config_file.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "base/limits.h"

bool sv_config_there(const struct sv_model_env *env, const char *path, const char **ret_real)
{
    struct stat st;
    if (sv_fs_stat(env->fs, path, &st) < 0 ||
        (ret_real && sv_fs_realpath(env->fs, env->arena, path, ret_real) < 0))
        return false;
    bool null = S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !null)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path, "no regular file, not read");
    return S_ISREG(st.st_mode);
}

bool sv_config_read(const struct sv_model_env *env, struct sv_arena *a, const char *path,
                    struct sv_slice *ret)
{
    bool cut = false;
    int rc = sv_fs_read(env->fs, a, path, SV_MAX_HOST_FILE_BYTES, ret, &cut);
    if (rc < 0 || cut)
        sv_diag_path(env->diags, SV_DIAG_ERROR, path, "%s",
                     rc < 0 ? strerror(-rc) : "too long; the rest was not read");
    return rc == 0;
}

void sv_config_glob(const struct sv_model_env *env, const char *pattern, struct sv_paths *ret)
{
    int rc = sv_fs_glob(env->fs, env->arena, pattern, ret);
    if (rc == -E2BIG)
        sv_diag_path(env->diags, SV_DIAG_ERROR, pattern,
                     "the pattern leads through too many files and folders: none of these were read");
    else if (rc < 0)
        sv_diag_path(env->diags, SV_DIAG_ERROR, pattern, "%s", strerror(-rc));
}
