// SPDX-License-Identifier: Apache-2.0
// The variables of a front end's .env files that a build puts into what browsers load.
#ifndef SV_SCAN_PUBLIC_ENV_H
#define SV_SCAN_PUBLIC_ENV_H

#include "base/fs.h"
#include "secrets/search.h"

enum sv_env_kind {
    SV_ENV_NAMED,  /* a random value that the name calls a key or a token, of whatever service */
    SV_ENV_TEST,   /* a key of a sandbox */
    SV_ENV_SECRET, /* a secret by its form, or by a name that leaves no doubt */
};

/* One variable whose prefix makes it public and whose value is a secret. */
struct sv_public_var {
    const char *path; /* of the .env file */
    uint32_t line, column;
    const char *name, *prefix;         /* "VITE_OPENAI_API_KEY", "VITE_" */
    struct sv_slice value;             /* in the caller's arena, which is to be wiped */
    const struct sv_secret_rule *rule; /* NULL: its name speaks for it */
    enum sv_env_kind kind;
    bool development; /* of a file that a build for production does not read */
};
struct sv_public_vars {
    SV_VEC(struct sv_public_var) list;
    SV_VEC(const char *) unread; /* files that could not be read, or not to their end */
};

/* The prefix of the variable's name that makes it public, or NULL. */
const char *sv_public_env_prefix(struct sv_slice name);

/* The .env files of one folder; with values that a browser is meant to have left out. */
void sv_public_env_read(struct sv_fs *fs, struct sv_search *search, struct sv_arena *a,
                        const char *dir, struct sv_public_vars *ret);

/* The value at `offset` stands behind a name of that kind: "mixpanelToken:", "siteKey=". */
bool sv_is_browser_key(struct sv_slice text, size_t offset);

/* The folders that a build which ended in `dir` took its .env files from: `dir` and those above it
 * up to the one with the package.json. */
void sv_public_env_folders(struct sv_fs *fs, struct sv_arena *a, const char *dir,
                           struct sv_paths *ret);

#endif
