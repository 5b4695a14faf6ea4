// SPDX-License-Identifier: Apache-2.0
// Findings: what a check says, with evidence, routes and secrets (redacted before they get here).
#ifndef SV_ENGINE_FINDING_H
#define SV_ENGINE_FINDING_H

#include "base/severity.h"
#include "serve/answer.h"

const char *sv_severity_name(enum sv_severity s);
bool sv_severity_parse(struct sv_slice s, enum sv_severity *ret);

struct sv_evidence {
    const char *file;
    uint32_t line;        /* 0: whole file */
    struct sv_slice text; /* may be empty; secrets already redacted */
    const char *member;   /* what of the file the line is of: a member of an archive; or NULL */
    bool message;         /* the text is what another check says, no line of the file */
};
struct sv_secret_ref {
    const char *rule;
    const char *redacted;
    const char *id; /* fingerprint, hex */
    uint32_t line, column;
};
struct sv_exposure {
    const char *url;
    const char *server; /* "nginx", "apache" */
    int status;
    const char *auth;   /* "none", "basic", ... */
    bool on_network;    /* strangers reach the server that is asked */
    SV_VEC(struct sv_evidence) why;
};
enum sv_finding_state { SV_STATE_NEW, SV_STATE_KNOWN, SV_STATE_SUPPRESSED };

struct sv_finding {
    const struct sv_check *check;
    enum sv_severity severity;
    const char *message;
    const char *file;
    uint32_t line, column;
    const char *member;       /* the line is of this member of the file, an archive; or NULL */
    uint32_t order;           /* in which checks made them, from 1; 0: not in the result */
    struct sv_span span;      /* file 0: a file that is no parsed configuration */
    const char *key;          /* what makes it the same finding again (never a line number) */
    char fingerprint[33];
    const char *readers;      /* who can read it on the machine, or NULL */
    const char *fix;          /* for this very place; NULL: the check's general one */
    bool fix_of_line;         /* the fix says "this line", which beside another has to be named */
    bool apart;               /* lets its secret be used: no part of another finding about it */
    const char *reason;       /* of the suppression */
    enum sv_finding_state state;
    SV_VEC(struct sv_secret_ref) secrets;
    SV_VEC(struct sv_exposure) exposure;
    SV_VEC(struct sv_evidence) evidence;
};

struct sv_skip {
    const char *path; /* may carry ":line:column" parts in `reason`, not here */
    const char *reason;
};
struct sv_config_seen {
    const char *path, *kind; /* "nginx", "apache" */
};

/* The result of a run. Findings are sorted by sv_result_finish. */
struct sv_result {
    struct sv_arena *arena;
    SV_VEC(struct sv_finding *) findings;
    SV_VEC(struct sv_skip) skipped;
    struct sv_map told; /* "path\nreason" of these */
    SV_VEC(struct sv_config_seen) configs;
    uint64_t files, bytes;
    unsigned count[SV_CRITICAL + 1]; /* new findings by severity */
};
void sv_result_skip(struct sv_result *r, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* join.c: a finding of a check that joins, all of whose secrets a worse finding has too, becomes
 * evidence of that; so does one of a check that yields, of a log or a URL that another is about.
 * The findings are in their order. */
void sv_join_findings(struct sv_result *r);
/* Fingerprints, one finding a cause, order: severity (worst first), file, line, check. */
void sv_result_finish(struct sv_result *r);

#endif
