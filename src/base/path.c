// SPDX-License-Identifier: Apache-2.0
// Lexical path arithmetic.
#include "base/fs.h"

/* Adds the parts of `in` to what is there, "." and ".." resolved. */
static size_t add_parts(char *out, size_t n, const char *in)
{
    while (*in) {
        const char *end = strchrnul(in, '/');
        size_t len = (size_t)(end - in);
        if (len == 2 && in[0] == '.' && in[1] == '.') {
            while (n && out[--n] != '/')
                continue;
        } else if (len && !(len == 1 && in[0] == '.')) {
            out[n++] = '/';
            memcpy(out + n, in, len);
            n += len;
        }
        in = end;
        while (*in == '/')
            in++;
    }
    return n;
}

const char *sv_path_join(struct sv_arena *a, const char *base, const char *path)
{
    bool whole = path[0] == '/';
    char *out = sv_arena_alloc(a, (whole ? 0 : strlen(base)) + strlen(path) + 3);
    size_t n = add_parts(out, whole ? 0 : add_parts(out, 0, base), path);
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
