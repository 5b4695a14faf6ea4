// SPDX-License-Identifier: Apache-2.0
// Libraries that few files need are loaded when one of these comes: tables of their functions.
//
// What a library costs at start (libxml2 brings ICU and libstdc++) every run would pay, also one
// that reads nothing but units. Calls read as they would otherwise, through a table of pointers
// whose types are those of the library's own header:
//
//     #define FUNCTIONS(F) F(magic_open) F(magic_close)
//     SV_LATE(libmagic, SV_LIBMAGIC, FUNCTIONS)
//
//     struct libmagic lib;
//     if (libmagic_load(&lib))
//         lib.magic_close(lib.magic_open(0));
//
// There is no state but the dynamic loader's own, which counts and locks: a table may be filled
// anywhere, by any thread, as often as one likes; after the first time that takes a quarter of a
// microsecond a function. Nothing is ever unloaded. A table that could not be filled is not to be
// used: what needed it says of each file that it was not read.
#ifndef SV_BASE_LATE_H
#define SV_BASE_LATE_H

#include <stdbool.h>
#include <stddef.h>

#define SV_LATE_MEMBER_(name) __typeof__(name) *name;
#define SV_LATE_NAME_(name) #name "\0"
#define SV_LATE_LINKED_(name) .name = name,

#define SV_LATE(table, soname, LIST)                                              \
    struct table {                                                                \
        LIST(SV_LATE_MEMBER_)                                                     \
    };                                                                            \
    static inline bool table##_load(struct table *ret)                            \
    {                                                                             \
        SV_LATE_FILL_(table, soname, LIST, ret)                                   \
    }
#ifdef SV_LATE_LOADING
#define SV_LATE_FILL_(table, soname, LIST, ret)                                   \
    return sv_late_load(soname, LIST(SV_LATE_NAME_), ret, sizeof *ret);
#else /* a static program, or configure --disable-late-loading: they are linked as others are */
#define SV_LATE_FILL_(table, soname, LIST, ret)                                   \
    *ret = (struct table){LIST(SV_LATE_LINKED_)};                                 \
    return true;
#endif

/* For SV_LATE: the library by its soname, which the host's own loader looks up and which is no path
 * into what is audited; names, each with its NUL, in the order of the table of `size` bytes. False
 * if the library or one of the functions is not there; the table is then unusable. */
bool sv_late_load(const char *soname, const char *names, void *table, size_t size);

/* Called once, before the first thread and the first load: no library is loaded from then on if
 * LD_LIBRARY_PATH, which the loader has read at the program's start (ld.so(8)), may lead it into
 * the root: an element that is empty, relative or with a '$', or one that lies below the root, by
 * its text or through links, unless the root is "/". False then; the verdict is kept in the
 * process's environment, which no other program gets. */
bool sv_late_confine(const char *root);
/* "LIBRARY cannot be loaded", and why if sv_late_confine() said no, or else what `otherwise` adds
 * (": ...", " to ..."). A literal each. */
#define SV_LATE_REASON(library, otherwise)                                                         \
    (sv_late_refused() ? library " cannot be loaded: LD_LIBRARY_PATH names a folder of what is "  \
                                 "audited"                                                         \
                       : library " cannot be loaded" otherwise)
bool sv_late_refused(void);

/* Calls `allow` with each place that the loader reads libraries from, once or more often, until it
 * says false, which is returned: its cache, and the folders of the libraries that are loaded. */
bool sv_late_places(bool (*allow)(void *ctx, const char *path), void *ctx);

#endif
