// SPDX-License-Identifier: Apache-2.0
// Asks the dynamic loader for libraries and their functions, and notes in the program which ones.
#include "base/late.h"

#include "base/slice.h"

#ifdef SV_LATE_LOADING
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

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
#ifdef HAVE_SQLITE
NOTE(note_sqlite, "sqlite", "Reading the rows of databases", SV_LIBSQLITE3);
#endif

bool sv_late_load(const char *soname, const char *names, void *table, size_t size)
{
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
bool sv_late_places(bool (*allow)(void *ctx, const char *path), void *ctx)
{
    (void)allow, (void)ctx;
    return true;
}
#endif
