// SPDX-License-Identifier: Apache-2.0
// The log files that configurations name.
#ifndef SV_MODEL_LOGS_H
#define SV_MODEL_LOGS_H

#include "model/server.h"

struct sv_log_program; /* model/log_programs.h */

enum sv_log_kind {
    SV_LOG_ACCESS,   /* access_log, CustomLog, TransferLog, GlobalLog */
    SV_LOG_ERROR,    /* error_log, ErrorLog */
    SV_LOG_FORENSIC, /* ForensicLog: all headers of each request */
    SV_LOG_OTHER,    /* SecAuditLog, SecDebugLog, ScriptLog: whole requests */
    SV_LOG_PROGRAM,  /* of a program that is no web server */
};

struct sv_log {
    const char *path; /* as the server opens it; what only a request or the date decides is "*" */
    bool pattern;     /* it holds such a "*" */
    enum sv_log_kind kind;
    const struct sv_site *site;   /* NULL: SV_LOG_PROGRAM */
    const struct sv_node *node;   /* the first directive that names the file; of a PROGRAM the
                                     unit's setting, or NULL */
    const struct sv_node *format; /* log_format, LogFormat; the node itself if the text is in it;
                                     NULL: the built-in one */
    const struct sv_log_program *program; /* PROGRAM: whose setting it is, or NULL */
    const char *project;          /* PROGRAM: the folder of the application's, or NULL */
    const char *config;           /* PROGRAM without node: where that setting stands, or NULL */
    uint32_t line;
};

struct sv_logs {
    SV_VEC(struct sv_log) list; /* each path once, in the order of the configuration */
};

/* Logs that go to syslog, standard error, memory or a program are left out; a program that is known
 * to write files (rotatelogs, cronolog) is not. */
void sv_site_logs(const struct sv_site *site, struct sv_arena *a, struct sv_logs *ret);

#endif
