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

/* One of the words that the name is made of: "cryptography_vectors", "jws_test.go". */
static bool has_word(struct sv_slice name, bool folder)
{
    static const char *const words[] = {"test", "tests", "testing", "testdata", "testfiles", "spec",
                                        "fixtures", "example", "examples", "sample", "samples"};
    static const char *const folders[] = {"doc", "docs", "man", "vectors", "dummyserver"};
    for (size_t from = 0, to; from < name.n; from = to + 1) {
        for (to = from; to < name.n && !strchr("-_.", name.p[to]);)
            to++;
        struct sv_slice word = sv_slice_sub(name, from, to);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (sv_slice_is_nocase(word, words[i]))
                return true;
        for (size_t i = 0; folder && i < sizeof folders / sizeof *folders; i++)
            if (sv_slice_is(word, folders[i]))
                return true;
    }
    return false;
}

bool sv_is_package_sample(const char *path)
{
    const char *part = package_part(path);
    while (part && (part = strchr(part, '/'))) {
        struct sv_slice rest = sv_slice_of(++part);
        size_t end = sv_slice_chr(rest, '/');
        if (has_word(sv_slice_sub(rest, 0, end), end < rest.n))
            return true;
    }
    return false;
}
