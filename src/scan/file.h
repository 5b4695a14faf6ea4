// SPDX-License-Identifier: Apache-2.0
// A file of a served tree: its name class from the tables, and what its content confirms.
#ifndef SV_SCAN_FILE_H
#define SV_SCAN_FILE_H

#include <sys/stat.h>

#include "base/severity.h"
#include "serve/answer.h"

/* Categories of the sensitive file table (checks/rules/sensitive-files.tsv). */
enum sv_file_category {
    SV_CAT_ENV,
    SV_CAT_VCS,
    SV_CAT_BACKUP,
    SV_CAT_DUMP,    /* database dumps, core dumps, sessions */
    SV_CAT_KEY,     /* private keys, credentials, cloud, container */
    SV_CAT_CONFIG,  /* config, ci, ide, package-manager */
    SV_CAT_LOG,
    SV_CAT_HISTORY,
    SV_CAT_PHPINFO,
    SV_CAT_SCRIPT,  /* a script without a row of its own: the first of each folder stands for all */
};

/* One row: a name pattern and the content signature that must agree. */
struct sv_file_row {
    const char *pattern, *signature;
    enum sv_file_category category;
    enum sv_severity severity; /* when served with agreeing content */
    bool root_only;    /* only at the top of a served folder */
    bool is_dir;       /* a folder, for which its first file stands */
};

struct sv_file_secret {
    const char *rule;      /* rule name, e.g. "secret-assignment", "private-key" */
    struct sv_slice value; /* in the run's content arena: wiped after the checks ran */
    struct sv_slice name;  /* variable or key name, may be empty */
    uint32_t line, column;
    bool encrypted; /* a private key that needs a passphrase */
};

enum sv_confirm {
    SV_CONFIRM_NO,      /* content speaks against the name */
    SV_CONFIRM_EMPTY,   /* nothing in it */
    SV_CONFIRM_YES,
    SV_CONFIRM_TEMPLATE,   /* right kind of file, but only placeholders or templates */
};

struct sv_file {
    const char *path; /* below the mapping's folder, as walked */
    struct stat st;
    const struct sv_file_row *row;
    enum sv_confirm confirm;
    const char *unread; /* why its content could not be asked, or NULL; static */
    const char *what; /* "Git repository", "SQL dump with rows", ... for the message */
    enum sv_severity severity; /* after content */
    bool spoken_for;           /* another file of the same repository says it all */
    struct sv_repository *repository; /* that it is a part of, or NULL */
    SV_VEC(struct sv_file_secret) secrets;
};

/* The files of one .git folder: one finding tells of them. Which one depends on which have URLs. */
struct sv_repository {
    SV_VEC(struct sv_file *) files;
    bool decided; /* spoken_for is set */
};

#endif
