// SPDX-License-Identifier: Apache-2.0
// Tells the test keys and examples that packages ship from what people put on a server.
#include "scan/samples.h"

#include <string.h>

#include "base/slice.h"

/* Where the path below the folder begins; NULL if it lies in none. The system's own folders count
 * wherever they are: a container's layers and a chroot have them below their tops. */
static const char *below_folder(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    for (const char *at = strstr(path, folder); at; at = strstr(at + 1, folder))
        if (at[n] == '/')
            return at + n;
    return NULL;
}

/* Where a package's own path begins; NULL if it is none's. /usr/local and the web root below
 * /usr/share are people's. */
static const char *package_part(const char *path)
{
    static const char *const folders[] = {"/node_modules", "/site-packages", "/dist-packages",
                                          "/vendor",       "/gems",          "/usr/lib",
                                          "/usr/lib32",    "/usr/lib64",     "/usr/libexec",
                                          "/usr/share",    "/usr/include",   "/usr/src"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *part = below_folder(path, folders[i]);
        if (part && !below_folder(path, "/usr/share/nginx"))
            return part;
    }
    return NULL;
}

/* One of the words that the name is made of: "cryptography_vectors", "jws_test.go". */
static bool has_word(struct sv_slice name, bool folder)
{
    static const char *const words[] = {"test", "tests", "testing", "testdata", "testfiles",
                                        "testsuite", "spec", "fixtures", "benches", "example",
                                        "examples", "sample", "samples"};
    static const char *const folders[] = {"doc", "docs", "man", "vectors", "dummyserver", "molecule",
                                          "playbooks"};
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

/* A page for people to read, by its format or by what such pages are called. */
static bool is_page(struct sv_slice name)
{
    static const char *const ends[] = {".md", ".markdown", ".rst", ".pod", ".adoc", ".asciidoc",
                                       ".texi", ".info"};
    static const char *const words[] = {"readme", "changelog", "changes", "news", "history",
                                        "pkg-info", "metadata"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_slice_ends(name, ends[i]))
            return true;
    struct sv_slice stem = sv_slice_sub(name, 0, sv_slice_chr(name, '.'));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_slice_is_nocase(stem, words[i]))
            return true;
    return false;
}

bool sv_is_packaged(const char *path)
{
    return package_part(path) != NULL;
}

bool sv_is_package_sample(const char *path)
{
    const char *part = package_part(path);
    while (part && (part = strchr(part, '/'))) {
        struct sv_slice rest = sv_slice_of(++part);
        size_t end = sv_slice_chr(rest, '/');
        struct sv_slice name = sv_slice_sub(rest, 0, end);
        if (has_word(name, end < rest.n) || (end == rest.n && is_page(name)))
            return true;
    }
    return false;
}
