// SPDX-License-Identifier: Apache-2.0
// Variables of the environment that make programs of any kind write secrets down.
#include "model/log_tables.h"

/* In a shell, a unit, an environment file, and in YAML. */
#define SET BEGIN "(?:(?:export|declare[ \\t]+-x)[ \\t]+)?"
#define IS "[ \\t]*[=:][ \\t]*['\"]?"

const struct sv_log_habit sv_log_variables[] = {
    {SET "NODE_DEBUG" IS "([\\w,*]*)", "(^|,)(https?\\d?|tls|net|fetch|undici|request|\\*)(,|$)", SV_MEDIUM,
     "NODE_DEBUG writes the headers of requests, Authorization included", "Take NODE_DEBUG out."},
    {SET "DEBUG" IS "([\\w,*:.@/-]*)",
     "(^|,)(\\*|knex(:\\*|:query|:bindings)?|sequelize(:\\*|:sql.*)?)(,|$)", SV_MEDIUM,
     "DEBUG writes what packages say of requests and queries, with the values in them", "Take DEBUG out."},
    {SET "TF_LOG(?:_CORE|_PROVIDER\\w*)?" IS "(\\w*)", "^(trace|debug|json)$", SV_MEDIUM,
     "TF_LOG writes calls to providers, with credentials and the values of resources", "Take TF_LOG out."},
    {SET "GODEBUG" IS "[^\\s'\"]*\\bhttp2debug=(\\d)", "^2$", SV_MEDIUM,
     "http2debug=2 writes the headers of requests, Authorization included", "Take http2debug out of GODEBUG."},
    {SET "GIT_TRACE_REDACT" IS "(\\w*)", "^(0|false|no|off)$", SV_MEDIUM,
     "GIT_TRACE_REDACT=0 lets traces of git write Authorization headers", "Take GIT_TRACE_REDACT out."},
    {SET "(?:GIT_TRACE_CURL|GIT_CURL_VERBOSE)" IS "([^\\s'\"]*)", "^([1-9]|true|/.*)", SV_INFO,
     "git writes the headers of its requests", "Take GIT_TRACE_CURL and GIT_CURL_VERBOSE out."},
    {SET "CI_DEBUG_TRACE" IS "(\\w*)", YES, SV_HIGH,
     "CI_DEBUG_TRACE writes all variables of each job into its log, secrets included", "Take CI_DEBUG_TRACE out."},
    {SET "SENTRY_SEND_DEFAULT_PII" IS "(\\w*)", YES, SV_LOW,
     "SENTRY_SEND_DEFAULT_PII sends cookies and headers of requests to Sentry", "SENTRY_SEND_DEFAULT_PII=false"},
    {SET "ELASTIC_APM_CAPTURE_BODY" IS "(\\w*)", "^(all|errors|transactions)$", SV_LOW,
     "ELASTIC_APM_CAPTURE_BODY sends bodies of requests to the APM server", "ELASTIC_APM_CAPTURE_BODY=off"},
    {SET "GUNICORN_CMD_ARGS" IS "[^\\n]*(%\\(\\{" CREDENTIAL "\\}[io]\\)s)", NULL, SV_MEDIUM,
     "the access log's format writes the credentials of each request", "Take the item out of the format."},
    {.set = NULL},
};
