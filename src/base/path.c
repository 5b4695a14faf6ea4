// SPDX-License-Identifier: Apache-2.0
// Lexical path arithmetic.
#include "base/fs.h"

const char *sv_path_join(struct sv_arena *a, const char *base, const char *path)
{
    const char *in = path[0] == '/' ? path : sv_arena_printf(a, "%s/%s", base, path);
    char *out = sv_arena_alloc(a, strlen(in) + 2);
    size_t n = 0;
    while (*in) {
        size_t len = strcspn(in, "/");
        if (len == 2 && in[0] == '.' && in[1] == '.') {
            while (n && out[--n] != '/')
                continue;
        } else if (len && !(len == 1 && in[0] == '.')) {
            out[n++] = '/';
            memcpy(out + n, in, len);
            n += len;
        }
        in += len;
        while (*in == '/')
            in++;
    }
    if (n == 0)
        out[n++] = '/';
    out[n] = '\0';
    return out;
}

const char *sv_path_dir(struct sv_arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return "/";
    return sv_arena_copy(a, (struct sv_slice){path, (size_t)(slash - path)}).p;
}

const char *sv_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool sv_path_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    if (n == 1 && dir[0] == '/')
        return path[0] == '/';
    return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}
