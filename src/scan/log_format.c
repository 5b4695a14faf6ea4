// SPDX-License-Identifier: Apache-2.0
// Which item of a log format writes credentials down.
#include "scan/log_format.h"

#include "model/taint.h"
#include "secrets/value.h"

/* ---- nginx ---- */

static bool variable_names_credentials(struct sv_slice var)
{
    static const char *const fixed[] = {"http_authorization", "http_proxy_authorization",
                                        "http_cookie",        "request_body",
                                        "sent_http_set_cookie", "upstream_http_set_cookie",
                                        "http_x_api_key",     "http_x_auth_token"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (sv_slice_is_nocase(var, fixed[i]))
            return true;
    bool cookie = sv_slice_starts(var, "cookie_") || sv_slice_starts(var, "upstream_cookie_");
    bool header = sv_slice_starts(var, "http_") || sv_slice_starts(var, "sent_http_") ||
                  sv_slice_starts(var, "upstream_http_");
    bool session = sv_slice_find(var, "sess") < var.n || sv_slice_find(var, "sid") < var.n;
    return (cookie && session) ||
           ((cookie || header || sv_slice_starts(var, "arg_")) && sv_name_is_secret(var));
}

static bool variable_names_query(struct sv_slice var)
{
    return sv_slice_is(var, "request") || sv_slice_is(var, "request_uri") ||
           sv_slice_is(var, "args") || sv_slice_is(var, "query_string") ||
           sv_slice_is(var, "http_referer");
}

static struct sv_slice first_variable(const struct sv_node *format, bool (*test)(struct sv_slice))
{
    struct sv_slice var;
    for (uint32_t i = 1; i < format->n_args; i++) {
        struct sv_slice text = sv_node_arg(format, i);
        for (size_t at = 0; sv_next_variable(text, &at, &var);)
            if (test(var))
                return var;
    }
    return (struct sv_slice){"", 0};
}

struct sv_slice sv_nginx_format_culprit(const struct sv_node *log_format)
{
    return first_variable(log_format, variable_names_credentials);
}

/* ---- httpd ---- */

/* %{NAME}i (request header), o (response header), C (cookie), e (environment), n (note). */
static bool item_names_credentials(struct sv_slice name, char kind)
{
    static const char *const headers[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                          "Set-Cookie", "X-Api-Key", "X-Auth-Token"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (sv_slice_is_nocase(name, headers[i]))
            return kind == 'i' || kind == 'o';
    if (kind == 'C')
        return sv_slice_find(name, "sess") < name.n || sv_slice_find(name, "SESS") < name.n ||
               sv_slice_find(name, "sid") < name.n || sv_name_is_secret(name);
    return kind && strchr("ioen", kind) && sv_name_is_secret(name);
}

static bool item_names_query(struct sv_slice name, char kind)
{
    return name.n == 0 ? kind == 'r' || kind == 'q'
                       : kind == 'i' && sv_slice_is_nocase(name, "Referer");
}

static struct sv_slice first_item(struct sv_slice format, bool (*test)(struct sv_slice, char))
{
    for (size_t i = 0; i + 1 < format.n; i++) {
        size_t at = i + 1;
        struct sv_slice name = {"", 0};
        if (format.p[i] != '%')
            continue;
        while (at < format.n && format.p[at] && strchr("!<>,0123456789", format.p[at]))
            at++;
        if (at < format.n && format.p[at] == '{') {
            name = sv_slice_sub(format, at + 1, format.n);
            name = sv_slice_sub(name, 0, sv_slice_chr(name, '}'));
            at += name.n + 2;
        }
        if (at < format.n && test(name, format.p[at]))
            return sv_slice_sub(format, i, at + 1);
        i += format.p[i + 1] == '%'; /* "%%" is a percent sign */
    }
    return (struct sv_slice){"", 0};
}

struct sv_slice sv_apache_format_culprit(struct sv_slice format)
{
    return first_item(format, item_names_credentials);
}

/* ---- both ---- */

/* CustomLog FILE "text"; LogFormat "text" [NICK]. */
static struct sv_slice format_text(const struct sv_log *log)
{
    return sv_node_arg(log->format, sv_node_is(log->format, "logformat") ? 0 : 1);
}

static struct sv_slice credential_item(const struct sv_log *log)
{
    if (!log->format)
        return (struct sv_slice){"", 0};
    return log->site->kind == SV_SITE_NGINX ? sv_nginx_format_culprit(log->format)
                                            : sv_apache_format_culprit(format_text(log));
}

static struct sv_slice query_item(const struct sv_log *log)
{
    bool nginx = log->site->kind == SV_SITE_NGINX;
    if (!log->format)
        return nginx ? SV_LIT("request") : SV_LIT("%r");
    return nginx ? first_variable(log->format, variable_names_query)
                 : first_item(format_text(log), item_names_query);
}

struct sv_slice sv_log_culprit(const struct sv_log *log, bool *io_query)
{
    if (log->kind != SV_LOG_ACCESS)
        return (struct sv_slice){"", 0};
    struct sv_slice found = *io_query ? query_item(log) : credential_item(log);
    if (found.n == 0) {
        *io_query = !*io_query;
        found = *io_query ? query_item(log) : credential_item(log);
    }
    return found;
}

static bool is_verbose(const struct sv_node *n)
{
    if (sv_node_is(n, "error_log"))
        return sv_slice_starts(sv_node_arg(n, 1), "debug");
    if (sv_node_is(n, "dumpioinput") || sv_node_is(n, "dumpiooutput"))
        return sv_slice_is_nocase(sv_node_arg(n, 0), "on");
    for (uint32_t i = 0; sv_node_is(n, "loglevel") && i < n->n_args; i++) {
        struct sv_slice level = sv_node_arg(n, i);
        if (sv_slice_find(level, "trace") < level.n || sv_slice_find(level, "debug") < level.n)
            return true;
    }
    return false;
}

const struct sv_node *sv_log_verbose(const struct sv_log *log)
{
    if (log->kind != SV_LOG_ERROR)
        return NULL;
    if (log->site->kind == SV_SITE_NGINX)
        return is_verbose(log->node) ? log->node : NULL;
    for (const struct sv_node *level = log->node->parent; level; level = level->parent) {
        sv_node_each(n, level)
        {
            if (is_verbose(n))
                return n;
        }
    }
    return NULL;
}
