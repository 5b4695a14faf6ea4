// SPDX-License-Identifier: Apache-2.0
// Reads every file below some folders and finds the secrets in them, on several threads.
#ifndef SV_SCAN_SECRETS_H
#define SV_SCAN_SECRETS_H

#include <sys/stat.h>

#include "base/diag.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/severity.h"
#include "base/vec.h"
#include "base/watch.h"
#include "secrets/rule.h"

/* One secret in one place. The value itself is gone: it was redacted and fingerprinted where it
 * was found. */
struct sv_secret_place {
    const char *path;
    const char *member; /* what of that file: "config/.env" of an archive; NULL: the file itself */
    const char *via;    /* how it is hidden: "base64", "UTF-16"; NULL: it stands as it is */
    const struct sv_secret_rule *rule;
    const char *redacted, *id;
    const char *name;      /* what the file calls it, where its rule knows no more; or NULL */
    uint64_t offset;       /* in the file or its member */
    uint32_t line, column; /* of the same, from 1; columns count bytes */
    bool checksum_bad;     /* of the right shape: an example or a typing error */
    bool encrypted;    /* a private key that needs a passphrase */
    bool placeholder;
    bool weak; /* only a name speaks for it: the value is words, the line a comment; or the file is
                  a sample of a package, or all as a package ships it */
    const char *package; /* that package, or NULL */
};

/* "RSA private key, encrypted:"; "DB_PASSWORD", where only its name makes it a secret. */
const char *sv_secret_place_title(struct sv_arena *a, const struct sv_secret_place *p);
/* A password's hash is worth something to who can try many passwords; false for shadow's, which are
 * worth a password each. */
bool sv_secret_place_is_hash(const struct sv_secret_place *p);
/* How bad it is that strangers can fetch it. */
enum sv_severity sv_secret_place_served(const struct sv_secret_place *p);

struct sv_secret_skip {
    const char *path, *reason;
};

/* A program with the set-user-ID or set-group-ID bit that somebody may run. The kernel heeds them
 * for no script (execve(2)): only what begins as an ELF file counts. */
struct sv_setid_file {
    const char *path;
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

/* The threads' readers, patterns and buffers, kept from one search to the next: to make them takes
 * as long as to search a small folder. */
struct sv_searchers;
/* `fs` is the reader of whoever begins a search, whose thread takes part in it; `root` is that of
 * the audited system. Both outlive them. `jobs` threads; 0: one at first, and one
 * for each processor (at most SV_MAX_JOBS) once a search has turned out to be large. */
struct sv_searchers *sv_searchers_new(struct sv_fs *fs, const char *root, unsigned jobs);
void sv_searchers_free(struct sv_searchers *s);

/* Begins to search a folder on a thread of its own, where there is more than one: the one search
 * with `ahead` set, and without credentials, goes on with it, as if it had begun it itself. Other
 * searches have one thread less for as long as it is at work. */
void sv_scan_ahead(struct sv_searchers *s, const char *path);

enum sv_credential_kind { SV_CREDENTIAL_PLAIN = 1, SV_CREDENTIAL_ENCRYPTED };

struct sv_secret_scan {
    struct sv_searchers *searchers; /* in use meanwhile */
    const char *const *paths;  /* files and folders as seen inside the root */
    size_t n_paths;
    const struct sv_map *credentials; /* enum sv_credential_kind by real path: files that are a
                                         secret as a whole; NULL: none is known */
    struct sv_watch *watch;    /* told of each folder, by one thread; may be NULL */
    bool ahead;                /* goes on with what sv_scan_ahead() began: one of `paths` */
};

struct sv_secret_found {
    SV_VEC(struct sv_secret_place) list;   /* by path, then offset, however many threads */
    SV_VEC(struct sv_secret_skip) skipped; /* by path */
    SV_VEC(struct sv_setid_file) setid;    /* by path */
    uint64_t files, bytes;
    uint64_t irrelevant; /* images, fonts, media, programs and caches of packages: not read */
};

/* Links are not followed, what is no regular file is not opened, and a folder that is met twice is
 * searched once. Memory of the result comes from `a`. 0, or a negative errno with err if not even
 * a thread can be started. */
int sv_scan_secrets(const struct sv_secret_scan *in, struct sv_arena *a,
                    struct sv_secret_found *ret, struct sv_err *err);

#endif
