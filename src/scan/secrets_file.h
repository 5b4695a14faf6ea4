// SPDX-License-Identifier: Apache-2.0
// One thread's part of the search for secrets; private to scan.
#ifndef SV_SCAN_SECRETS_FILE_H
#define SV_SCAN_SECRETS_FILE_H

#include <pthread.h>

#include "base/limits.h"
#include "scan/secrets.h"
#include "secrets/readers.h"
#include "secrets/search.h"

enum {
    /* Bytes before a piece, for patterns that look behind and for names in encoded text. */
    SV_SEARCHER_CONTEXT = 1024,
    SV_SEARCHER_BUFFER = SV_SECRET_CHUNK + SV_SECRET_OVERLAP + SV_SEARCHER_CONTEXT, /* a piece */
};

/* What a thread owns: nothing of it is shared. */
struct sv_searcher {
    struct sv_search *search;
    struct sv_reader_index readers;
    struct sv_arena results; /* places, skips, paths: lives until they are merged */
    struct sv_arena scratch; /* hits of one piece; wiped, for they point to secrets */
    char *buffer;            /* SV_SEARCHER_BUFFER bytes ... */
    size_t used;             /* ... of which so many were ever filled */
    pthread_mutex_t *memory; /* held by the one thread that unpacks what needs much; may be NULL */
    const struct sv_map *credentials; /* sv_secret_scan's */
    struct sv_libarchive *archives;   /* the library, once a file needed it; or NULL */
    struct sv_secret_found found;
};

int sv_searcher_open(struct sv_searcher *s); /* 0 or a negative errno */
/* Forgets what was found, for the next search. */
void sv_searcher_reset(struct sv_searcher *s);
void sv_searcher_close(struct sv_searcher *s);

/* Searches an entry of the opened folder; `path` is its name for people. `listed`: all entries of
 * the folder are searched, so that a database's log or journal is read with the database. */
void sv_search_entry(struct sv_searcher *s, int dir, const char *name, const char *path,
                     bool listed);

#endif
