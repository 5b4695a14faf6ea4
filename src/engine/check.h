// SPDX-License-Identifier: Apache-2.0
// The one header a check includes: descriptor, subjects, and what a check may ask and report.
#ifndef SV_ENGINE_CHECK_H
#define SV_ENGINE_CHECK_H

#include "base/shell.h"
#include "engine/advice.h"
#include "engine/finding.h"
#include "model/container.h"
#include "model/engine_config.h"
#include "model/host.h"
#include "model/host_files.h"
#include "model/log_programs.h"
#include "model/process.h"
#include "model/supervisor.h"
#include "model/web_user.h"
#include "scan/build_context.h"
#include "scan/file.h"
#include "scan/host_walk.h"
#include "scan/logs.h"
#include "scan/secrets.h"
#include "secrets/command.h"

#define SV_CHECK_ABI 1u

/* What a check wants to see; the dispatcher does the walking and calls run once a subject. */
enum sv_subject_kind {
    SV_ON_SITE = 1 << 0,      /* one server program's whole configuration */
    SV_ON_VHOST = 1 << 1,
    SV_ON_SCOPE = 1 << 2,     /* http, server, location, if, limit_except: each once */
    SV_ON_DIRECTIVE = 1 << 3, /* each directive, with its scope; see `directives` */
    SV_ON_MAPPING = 1 << 4,   /* each root or alias with its folder */
    SV_ON_MAIN = 1 << 6,      /* each directive outside of http; scope is NULL; see `directives` */
    SV_ON_SECRETS = 1 << 7,   /* each file of a served folder in which secrets were found */
    SV_ON_UNIT = 1 << 8,      /* each systemd unit that is not masked; site is NULL */
    SV_ON_CONTAINER = 1 << 16,    /* each service of a compose project; site is NULL */
    SV_ON_IMAGE = 1 << 25,        /* each image that a Dockerfile builds; site is NULL */
    SV_ON_PROCESS = 1 << 13,      /* each process of the running machine; site is NULL */
    SV_ON_ENTRY = 1 << 11,        /* each file and folder below /etc; site is NULL */
    SV_ON_HOST_SECRETS = 1 << 12, /* each file with secrets below /etc and among those of homes */
    SV_ON_HOST_FILE = 1 << 10, /* each file of cron, shells, sudo, logrotate; site is NULL */
    SV_ON_POOL = 1 << 18,       /* each pool of php-fpm; site is NULL */
    SV_ON_SUPERVISED = 1 << 19, /* each section of supervisord's configuration; site is NULL */
    SV_ON_ENGINE = 1 << 22,       /* Docker's and Podman's own configuration; site is NULL */
    SV_ON_SETID = 1 << 17, /* each set-ID program below a served folder */
    SV_ON_LOG = 1 << 9,       /* each log, with its rotated files, in which secrets were found */
    SV_ON_LOG_SETTING = 1 << 20, /* each setting of a program that writes secrets into a log */
    SV_ON_FILE = 1 << 5,      /* each file below a mapping that the name tables call sensitive */
};

/* What the search for secrets found in one file. */
struct sv_file_secrets {
    const char *path;
    const struct sv_secret_place *places; /* by offset */
    size_t n;
};

struct sv_subject {
    enum sv_subject_kind kind;
    const struct sv_site *site;
    const struct sv_vhost *vhost;     /* NULL at http level */
    const struct sv_scope *scope;     /* DIRECTIVE, SCOPE, VHOST (server), SITE (http or NULL) */
    struct sv_node *node;             /* DIRECTIVE, SCOPE; MAPPING: root or alias, may be NULL */
    const struct sv_mapping *mapping; /* MAPPING */
    const struct sv_file *file;       /* FILE */
    const struct sv_file_secrets *secrets; /* SECRETS, HOST_SECRETS */
    const struct sv_entry *entry;          /* ENTRY */
    const struct sv_setid_file *setid;     /* SETID */
    const struct sv_php_pool *pool;        /* POOL */
    const struct sv_supervised *supervised; /* SUPERVISED */
    const struct sv_container *container;  /* CONTAINER */
    const struct sv_engine_config *engine; /* ENGINE */
    const struct sv_context *context;      /* IMAGE */
    const struct sv_process *process;      /* PROCESS */
    const struct sv_unit *unit;            /* UNIT */
    const struct sv_host_file *host_file;  /* HOST_FILE */
    struct sv_slice text;                  /* HOST_FILE: what stands in it */
    const struct sv_log_setting *log_setting; /* LOG_SETTING */
    const struct sv_log_family *log;       /* LOG; site: whose setting names it, or NULL */
};

struct sv_ctx;

struct sv_check {
    uint32_t abi, size; /* SV_CHECK_ABI, sizeof(struct sv_check) */
    const char *id, *title, *why, *fix, *bad, *good;
    const char *const *refs;       /* NULL-terminated, or NULL */
    enum sv_severity severity;     /* the worst it reports */
    unsigned on;                   /* sv_subject_kind bits */
    unsigned servers;              /* sv_site_kind bits; 0: every server */
    bool joins;                    /* says where else a secret lies: see sv_join_findings() */
    bool yields;                   /* says of a log or URL what one about its secrets says better */
    const char *const *directives; /* for SV_ON_DIRECTIVE: NULL-terminated names, NULL: all */
    void (*run)(struct sv_ctx *cx, const struct sv_subject *s);
    const void *data;              /* the compiled rule of a YAML check */
    const char *origin;            /* the rule file it came from; NULL: built in */
    unsigned needs;                /* sv_subject_kind bits: what it asks the context for besides */
};
#define SV_CHECK_HEADER .abi = SV_CHECK_ABI, .size = sizeof(struct sv_check)

/* Reports at a directive. The message is one sentence that names the consequence. The finding
 * lives in the result; add evidence, exposure and a concrete fix to it. */
struct sv_finding *sv_report_at(struct sv_ctx *cx, enum sv_severity sev, const struct sv_node *at,
                                const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Reports at a file (line 0: the whole file). */
struct sv_finding *sv_report_file(struct sv_ctx *cx, enum sv_severity sev, const char *path,
                                  uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void sv_finding_evidence(struct sv_ctx *cx, struct sv_finding *f, const struct sv_node *node);
void sv_finding_evidence_file(struct sv_ctx *cx, struct sv_finding *f, const char *path,
                              uint32_t line, const char *text);
void sv_finding_route(struct sv_ctx *cx, struct sv_finding *f, const struct sv_site *site,
                      const struct sv_route *route);
/* A file cannot hold a comment of its own: switched off if each of the locations that hand it out
 * (or the servers around them) has one. */
void sv_finding_suppress_routes(struct sv_ctx *cx, struct sv_finding *f,
                                const struct sv_routes *routes);
void sv_finding_fix(struct sv_ctx *cx, struct sv_finding *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* `value` is redacted and fingerprinted here and not kept. */
void sv_finding_secret(struct sv_ctx *cx, struct sv_finding *f, const char *rule,
                       struct sv_slice value, uint32_t line, uint32_t column);

/* secret_words.c: "the secret behind DB_PASSWORD"; of a kind that the value tells, "the Stripe
 * secret key sk_live_...3f9A behind STRIPE_KEY". And "Change the secret at https://...", where that
 * is known. */
const char *sv_secret_words(struct sv_arena *a, struct sv_slice name, struct sv_slice value);
const char *sv_secret_change(struct sv_arena *a, struct sv_slice value);

/* A secret that this line of `server`'s configuration gives: as bad as the file is readable. */
struct sv_finding *sv_report_config_secret(struct sv_ctx *cx, const char *server,
                                           const struct sv_node *at, struct sv_slice name,
                                           struct sv_slice value);
/* The same for a secret that was redacted where it was found. */
void sv_finding_secret_place(struct sv_ctx *cx, struct sv_finding *f,
                             const struct sv_secret_place *place);

/* The first finding for this file of a check whose name begins so, or NULL; and if there is one. */
bool sv_ctx_file_reported(struct sv_ctx *cx, const char *prefix, const char *path);
struct sv_finding *sv_ctx_file_finding(struct sv_ctx *cx, const char *prefix, const char *path);
/* The first finding with this URL of a check whose name fits the pattern, or NULL. */
struct sv_finding *sv_ctx_url_finding(struct sv_ctx *cx, const char *checks, const char *url);
/* True if another check has a finding at this file that is about this secret, or about one in the
 * same line. */
bool sv_ctx_secret_reported(struct sv_ctx *cx, const char *path, uint32_t line, const char *id);
/* The secrets that the finding has by now come from its file: this one need not tell of them. */
void sv_finding_explains(struct sv_ctx *cx, struct sv_finding *f, const char *path);
/* True if a finding of that check explains this secret in this file. */
bool sv_ctx_secret_explained(struct sv_ctx *cx, const char *check, const char *secret_id,
                             const char *path);
bool sv_ctx_secret_known(struct sv_ctx *cx, const char *id); /* a finding is about this secret */
/* True if this check reported at this very directive before: one finding a cause. */
bool sv_ctx_reported(struct sv_ctx *cx, const struct sv_node *at);

/* What the search found in this log, whoever names it; NULL: nothing, or it was not searched. */
const struct sv_log_family *sv_ctx_log(struct sv_ctx *cx, const char *path);
struct sv_file_secrets sv_ctx_host_secrets(struct sv_ctx *cx, const char *path); /* or n == 0 */
struct sv_arena *sv_ctx_arena(struct sv_ctx *cx); /* lives as long as the findings */
struct sv_sources *sv_ctx_sources(struct sv_ctx *cx);
struct sv_fs *sv_ctx_fs(struct sv_ctx *cx);
struct sv_regex_pool *sv_ctx_regexes(struct sv_ctx *cx);
struct sv_identity_db *sv_ctx_ids(struct sv_ctx *cx);
const struct sv_host *sv_ctx_host(struct sv_ctx *cx);
/* What the site answers to a GET for this path (raw target) at this vhost, as a stranger. The
 * answer's texts are valid until the check returns. */
struct sv_answer sv_ctx_ask(struct sv_ctx *cx, const struct sv_vhost *vhost, const char *target);
/* "http://name[:port]" of a vhost, for URLs shown to people. */
const char *sv_ctx_origin(struct sv_ctx *cx, const struct sv_vhost *vhost);
/* The secrets of a command line that stands in this line of a file; more words than are looked at
 * are told. */
void sv_ctx_line_secrets(struct sv_ctx *cx, const char *path, uint32_t line, struct sv_slice text,
                         struct sv_command_secrets *ret);
/* Lists `path` under what could not be read or understood, so that silence is not taken for a
 * clean verdict. */
void sv_ctx_skip(struct sv_ctx *cx, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a file of which no URL is proved, but some whose answer is not known: silence would
 * read as "not served". */
void sv_ctx_skip_undecided(struct sv_ctx *cx, const char *path, const struct sv_routes *routes);
/* Routes to a file at one site; kept until another file is asked for. */
const struct sv_routes *sv_ctx_routes(struct sv_ctx *cx, const struct sv_site *site,
                                      const char *file);

/* What a check advises is in engine/advice.h.
 * places.c: where a site's mappings put a folder, as URL paths that are not proved yet. */
struct sv_place {
    const struct sv_vhost *vhost;
    const char *target; /* escaped, without a slash at the end, "" for the top */
};
struct sv_places {
    SV_VEC(struct sv_place) list;
};
void sv_ctx_places(struct sv_ctx *cx, const struct sv_site *site, const char *dir,
                   struct sv_places *ret);
void sv_ctx_sample(struct sv_ctx *cx, const char *dir, size_t max, struct sv_paths *ret);
/* A .htaccess file as httpd would read it, whatever server it lies under; NULL if unreadable. */
const struct sv_node *sv_ctx_htaccess(struct sv_ctx *cx, const struct sv_site *site,
                                      const char *path);

#endif
