// SPDX-License-Identifier: Apache-2.0
// Asks the dynamic loader for libraries and their functions, and notes in the program which ones.
#include "base/late.h"

#include "base/slice.h"

#ifdef SV_LATE_LOADING
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/limits.h"

/* What packaging tools read in place of DT_NEEDED (systemd's ELF_DLOPEN_METADATA). */
#define NOTE(variable, feature, what, soname)                                                      \
    static const struct {                                                                          \
        Elf32_Nhdr head;                                                                           \
        char owner[4];                                                                             \
        char text[sizeof JSON(feature, what, soname)];                                             \
    } variable __attribute__((used, aligned(4), section(".note.dlopen"))) = {                      \
        {4, sizeof JSON(feature, what, soname), 0x407c0c0a}, "FDO", JSON(feature, what, soname)}
#define JSON(feature, what, soname)                                                                \
    "[{\"feature\":\"" feature "\",\"description\":\"" what                                        \
    "\",\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]"

NOTE(note_xml, "xml", "Reading configurations whose grammar is XML", SV_LIBXML2);
NOTE(note_magic, "magic", "Telling archives whose first bytes say too little", SV_LIBMAGIC);
#ifdef HAVE_LIBARCHIVE
NOTE(note_archive, "archive", "Looking into archives and compressed files", SV_LIBARCHIVE);
#endif
#ifdef HAVE_LIBLZMA
NOTE(note_lzma, "lzma", "Reading small and damaged xz files", SV_LIBLZMA);
#endif
#ifdef HAVE_SQLITE
NOTE(note_sqlite, "sqlite", "Reading the rows of databases", SV_LIBSQLITE3);
#endif

/* ---- the loader's own search ---- */

#define REFUSED "SRVAUDIT_LOADS_NO_LIBRARY"

/* The element, or of one that is not there the nearest folder above: it may come into being. */
static bool leads_below(const char *element, const char *root)
{
    char path[SV_MAX_PATH];
    int n = snprintf(path, sizeof path, "%s", element);
    if (n < 0 || (size_t)n >= sizeof path)
        return true;
    for (;;) {
        char *real = realpath(path, NULL);
        bool below = real && sv_path_below(real, root);
        bool there = real != NULL;
        free(real);
        char *slash = strrchr(path, '/');
        if (there || slash == path)
            return below;
        *slash = '\0';
    }
}

static bool may_lead_into(const char *list, const char *root)
{
    char element[SV_MAX_PATH];
    char *real = realpath(root, NULL);
    bool whole = real && strcmp(real, "/") == 0, bad = !real;
    for (const char *p = list; !bad; p++) {
        size_t n = strcspn(p, ":;");
        bad = n >= sizeof element || p[0] != '/' || memchr(p, '$', n);
        if (!bad) {
            memcpy(element, p, n);
            element[n] = '\0';
            bad = !whole && (sv_path_below(element, root) || sv_path_below(element, real) ||
                             leads_below(element, real));
        }
        p += n;
        if (!*p)
            break;
    }
    free(real);
    return bad;
}

bool sv_late_confine(const char *root)
{
    const char *list = getenv("LD_LIBRARY_PATH");
    if (!list || !*list || !may_lead_into(list, root))
        return true;
    if (setenv(REFUSED, "1", 1) < 0)
        abort();
    return false;
}

bool sv_late_refused(void)
{
    return getenv(REFUSED) != NULL;
}

bool sv_late_load(const char *soname, const char *names, void *table, size_t size)
{
    if (sv_late_refused())
        return false;
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return false;
    for (char *to = table; to < (char *)table + size; to += sizeof(void *)) {
        void *function = dlsym(library, names);
        if (!function)
            return false;
        memcpy(to, &function, sizeof function);
        names += strlen(names) + 1;
    }
    return true;
}

struct places {
    bool (*allow)(void *ctx, const char *path);
    void *ctx;
    char last[SV_MAX_PATH];
};

static int loaded(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct places *p = ctx;
    const char *end = strrchr(info->dlpi_name, '/');
    size_t n = end ? (size_t)(end - info->dlpi_name) : 0;
    (void)size;
    if (!n || n >= sizeof p->last || (strncmp(p->last, info->dlpi_name, n) == 0 && !p->last[n]))
        return 0;
    memcpy(p->last, info->dlpi_name, n);
    p->last[n] = '\0';
    return !p->allow(p->ctx, p->last);
}

bool sv_late_places(bool (*allow)(void *ctx, const char *path), void *ctx)
{
    /* The last one is where libraries lie that are not the distribution's. */
    static const char *const known[] = {"/etc/ld.so.cache", "/usr/local/lib"};
    struct places p = {allow, ctx, ""};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!allow(ctx, known[i]))
            return false;
    return dl_iterate_phdr(loaded, &p) == 0;
}
#else
bool sv_late_confine(const char *root)
{
    (void)root;
    return true;
}

bool sv_late_refused(void)
{
    return false;
}

bool sv_late_places(bool (*allow)(void *ctx, const char *path), void *ctx)
{
    (void)allow, (void)ctx;
    return true;
}
#endif
