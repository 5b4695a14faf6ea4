// SPDX-License-Identifier: Apache-2.0
// Finds known values in the files of a front end, whatever stands around them.
#ifndef SV_SCAN_BUNDLE_H
#define SV_SCAN_BUNDLE_H

#include "base/fs.h"

struct sv_bundle_hit {
    size_t needle; /* which of the values */
    const char *path;
    uint32_t line, column; /* from 1; a bundle's line may be all of it */
};
struct sv_bundle_search {
    struct sv_fs *fs;
    struct sv_arena *a;             /* of the paths */
    const struct sv_slice *needles; /* of 8 bytes or more */
    size_t n;
    SV_VEC(struct sv_bundle_hit) hits; /* each value once a file, SV_MAX_BUNDLE_HITS files */
    const char *stopped;               /* where a limit was met: the rest was not searched */
    size_t files;
    uint64_t bytes;
};

/* Searches scripts, pages, data and source maps below a folder; links are not followed, and
 * packages that only the build uses are left out. May be called for several folders. */
void sv_bundle_find(struct sv_bundle_search *b, const char *dir);

/* Scripts, pages, styles, packed or not: what browsers load, so that a key in it was compiled in.
 */
bool sv_is_front_end(const char *path);
bool sv_is_source_map(const char *path);
/* "main.js.gz" beside "main.js": the same once more, for servers that send it as it is. */
bool sv_is_packed_copy(struct sv_fs *fs, const char *path);

/* A rule whose keys are made to be sent by browsers, though a server may have them, too. */
bool sv_is_browser_rule(const char *id);
/* Of a package that somebody else wrote and published: what only a name calls a secret in it is an
 * example, a default or a word. */
bool sv_is_package_file(const char *path);

/* Google's keys are made for browsers where they draw maps or sign visitors in, and cost money
 * where they ask a model. What the text around the key speaks of decides. */
bool sv_text_asks_google_models(struct sv_slice text);
bool sv_text_is_browser_config(struct sv_slice text);

#endif
