// SPDX-License-Identifier: Apache-2.0
// Tells the test keys and examples that packages ship from what people put on a server.
#include "scan/samples.h"

#include <string.h>

#include "base/fs.h"
#include "base/slice.h"

/* Where a package's own path begins; NULL if it is none's. /usr/local and the web root below
 * /usr/share are people's. */
static const char *package_part(const char *path)
{
    static const char *const trees[] = {"/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
                                        "/usr/share", "/usr/include", "/usr/src"};
    static const char *const folders[] = {"/node_modules/", "/site-packages/", "/dist-packages/",
                                          "/vendor/", "/gems/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *at = strstr(path, folders[i]);
        if (at)
            return at + strlen(folders[i]) - 1;
    }
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        if (sv_path_below(path, trees[i]) && !sv_path_below(path, "/usr/share/nginx"))
            return path + strlen(trees[i]);
    return NULL;
}

bool sv_is_package_sample(const char *path)
{
    static const char *const words[] = {"test", "tests", "testing", "testdata", "test_data",
                                        "test-data", "testfiles", "__tests__", "spec", "fixtures",
                                        "example", "examples", "samples", "doc", "docs",
                                        "dummyserver"};
    const char *part = package_part(path);
    while (part && (part = strchr(part, '/'))) {
        struct sv_slice name = sv_slice_of(++part);
        size_t end = sv_slice_chr(name, '/');
        if (end == name.n)
            return false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (sv_slice_is(sv_slice_sub(name, 0, end), words[i]))
                return true;
    }
    return false;
}
