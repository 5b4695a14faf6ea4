// SPDX-License-Identifier: Apache-2.0
// The table of debug switches, and where each of them listens.
#include "model/debug_switch.h"

#include <ctype.h>

/* How a switch is written. */
enum form {
    WORD,     /* the word itself: --reload */
    OPTION,   /* --inspect, or --inspect=VALUE */
    NEXT,     /* --listen VALUE, or --listen=VALUE */
    PREFIX,   /* -agentlib:jdwp=VALUE: the rest of the word */
    VARIABLE, /* NAME=VALUE of the environment */
};

struct row {
    enum form form;
    const char *programs; /* between blanks, one of them must be among the words; NULL: any */
    const char *name;
    const char *values;   /* between blanks, in lower case; NULL: any */
    const char *host;     /* where it listens if the value names none; NULL: it has no port */
    unsigned port;
    enum sv_severity network, local; /* `local` also for those without a port */
    const char *what, *gives, *fix;
};

#define RUNS "runs any code as this program's user"
#define TELLS "shows settings, variables and the source of errors"
#define YES " 1 true yes on "
#define NODES " node nodejs npm npx yarn pnpm tsx ts-node nodemon deno bun "
#define JAVAS " java "
#define PYTHONS " python python3 python2 debugpy uv "

static const struct row rows[] = {
    {OPTION, NODES, "--inspect", NULL, "127.0.0.1", 9229, SV_CRITICAL, SV_MEDIUM,
     "the Node.js inspector", RUNS, "leave --inspect out"},
    {OPTION, NODES, "--inspect-brk", NULL, "127.0.0.1", 9229, SV_CRITICAL, SV_MEDIUM,
     "the Node.js inspector", RUNS, "leave --inspect-brk out"},
    {OPTION, NODES, "--inspect-wait", NULL, "127.0.0.1", 9229, SV_CRITICAL, SV_MEDIUM,
     "the Node.js inspector", RUNS, "leave --inspect-wait out"},
    {PREFIX, NULL, "-agentlib:jdwp=", NULL, "127.0.0.1", 5005, SV_CRITICAL, SV_MEDIUM,
     "the Java debugger (JDWP)", RUNS, "leave -agentlib:jdwp out"},
    {PREFIX, NULL, "-Xrunjdwp:", NULL, "0.0.0.0", 5005, SV_CRITICAL, SV_MEDIUM,
     "the Java debugger (JDWP)", RUNS, "leave -Xrunjdwp out"},
    {NEXT, PYTHONS, "--listen", NULL, "127.0.0.1", 5678, SV_CRITICAL, SV_MEDIUM,
     "the Python debugger (debugpy)", RUNS, "start the program without debugpy"},
    {NEXT, " dlv ", "--listen", NULL, "127.0.0.1", 2345, SV_CRITICAL, SV_MEDIUM,
     "the Go debugger (delve)", RUNS, "start the program without dlv"},
    {NEXT, " dlv ", "-l", NULL, "127.0.0.1", 2345, SV_CRITICAL, SV_MEDIUM,
     "the Go debugger (delve)", RUNS, "start the program without dlv"},
    {PREFIX, " gdbserver ", ":", NULL, "0.0.0.0", 0, SV_CRITICAL, SV_MEDIUM, "gdbserver", RUNS,
     "start the program without gdbserver"},
    {WORD, " flask ", "--debug", NULL, NULL, 0, SV_HIGH, SV_HIGH, "Flask's debugger",
     RUNS " through its error pages", "leave --debug out; serve it with a WSGI server"},
    {VARIABLE, NULL, "FLASK_DEBUG", YES, NULL, 0, SV_HIGH, SV_HIGH, "Flask's debugger",
     RUNS " through its error pages", "FLASK_DEBUG=0"},
    {VARIABLE, NULL, "FLASK_ENV", " development ", NULL, 0, SV_HIGH, SV_HIGH, "Flask's debugger",
     RUNS " through its error pages", "FLASK_ENV=production"},
    {VARIABLE, NULL, "WERKZEUG_DEBUG_PIN", " off ", NULL, 0, SV_CRITICAL, SV_CRITICAL,
     "Werkzeug's debugger without its PIN", RUNS " through its error pages",
     "leave WERKZEUG_DEBUG_PIN out"},
    {NEXT, " manage.py ", "runserver", NULL, "127.0.0.1", 8000, SV_MEDIUM, SV_LOW,
     "Django's development server", TELLS, "serve it with a WSGI server, DEBUG = False"},
    {VARIABLE, NULL, "DJANGO_DEBUG", YES, NULL, 0, SV_MEDIUM, SV_MEDIUM, "Django's debug mode",
     TELLS, "DJANGO_DEBUG=False"},
    {WORD, " uvicorn gunicorn hypercorn daphne ", "--reload", NULL, NULL, 0, SV_LOW, SV_LOW,
     "reloading on every changed file", "runs what whoever may write to the source puts there",
     "leave --reload out"},
    {VARIABLE, NULL, "RAILS_ENV", " development ", NULL, 0, SV_MEDIUM, SV_MEDIUM,
     "Rails' development mode", TELLS, "RAILS_ENV=production"},
    {VARIABLE, NULL, "APP_DEBUG", YES, NULL, 0, SV_MEDIUM, SV_MEDIUM,
     "the framework's debug mode (Laravel, Symfony)", TELLS, "APP_DEBUG=false"},
    {VARIABLE, NULL, "APP_ENV", " dev ", NULL, 0, SV_MEDIUM, SV_MEDIUM,
     "Symfony's development mode with its profiler", TELLS, "APP_ENV=prod"},
    {VARIABLE, NULL, "ASPNETCORE_ENVIRONMENT", " development ", NULL, 0, SV_MEDIUM, SV_MEDIUM,
     "ASP.NET Core's developer pages", TELLS, "ASPNETCORE_ENVIRONMENT=Production"},
    {VARIABLE, NULL, "XDEBUG_MODE", NULL, NULL, 0, SV_MEDIUM, SV_MEDIUM, "Xdebug",
     "connects to the caller's debugger, which runs any code", "XDEBUG_MODE=off"},
    {NEXT, " php ", "-S", NULL, "127.0.0.1", 8000, SV_MEDIUM, SV_LOW,
     "PHP's development server", "serves every file of its folder", "serve it with PHP-FPM"},
    {NEXT, NULL, "--management.endpoints.web.exposure.include", " * ", NULL, 0, SV_HIGH, SV_HIGH,
     "every actuator endpoint of Spring Boot", "shows the environment and the heap",
     "--management.endpoints.web.exposure.include=health"},
    {PREFIX, NULL, "-Dmanagement.endpoints.web.exposure.include=", " * ", NULL, 0, SV_HIGH, SV_HIGH,
     "every actuator endpoint of Spring Boot", "shows the environment and the heap",
     "-Dmanagement.endpoints.web.exposure.include=health"},
    {VARIABLE, NULL, "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE", " * ", NULL, 0, SV_HIGH, SV_HIGH,
     "every actuator endpoint of Spring Boot", "shows the environment and the heap",
     "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE=health"},
    {PREFIX, JAVAS, "-Dcom.sun.management.jmxremote.authenticate=", " false ", NULL, 0, SV_HIGH,
     SV_HIGH, "JMX without a password", RUNS, "-Dcom.sun.management.jmxremote.authenticate=true"},
    {OPTION, " traefik ", "--api.insecure", " 1 true yes on  ", "0.0.0.0", 8080, SV_MEDIUM, SV_LOW,
     "Traefik's dashboard without a password", "shows every route and backend",
     "--api.insecure=false, and a router with authentication for api@internal"},
    {PREFIX, NULL, "--NotebookApp.token=", "  '' \"\" ", NULL, 0, SV_CRITICAL, SV_CRITICAL,
     "a Jupyter notebook without a token", RUNS, "leave the empty token out"},
    {PREFIX, NULL, "--ServerApp.token=", "  '' \"\" ", NULL, 0, SV_CRITICAL, SV_CRITICAL,
     "a Jupyter server without a token", RUNS, "leave the empty token out"},
    {PREFIX, NULL, "--IdentityProvider.token=", "  '' \"\" ", NULL, 0, SV_CRITICAL, SV_CRITICAL,
     "a Jupyter server without a token", RUNS, "leave the empty token out"},
};

/* ---- words ---- */

static bool lists(const char *words, struct sv_slice word)
{
    for (const char *at = words; *at; at++)
        if (*at == ' ' && sv_slice_is_nocase(word, "") == (at[1] == ' ') &&
            strlen(at + 1) > word.n && at[1 + word.n] == ' ' &&
            sv_slice_eq_nocase((struct sv_slice){at + 1, word.n}, word))
            return true;
    return false;
}

/* "python3.11" counts as python3. */
static bool runs(const struct sv_debug_input *in, const char *programs)
{
    for (size_t i = 0; programs && i < in->n_words; i++) {
        struct sv_slice name = sv_slice_base(in->words[i]), bare = name;
        while (bare.n && (isdigit((unsigned char)bare.p[bare.n - 1]) || bare.p[bare.n - 1] == '.'))
            bare.n--;
        if (name.n && (lists(programs, name) || (bare.n && lists(programs, bare))))
            return true;
    }
    return !programs;
}

static bool has_word(const struct sv_debug_input *in, const char *word)
{
    for (size_t i = 0; i < in->n_words; i++)
        if (sv_slice_find(in->words[i], word) < in->words[i].n)
            return true;
    return false;
}

/* ---- addresses ---- */

static bool is_number(struct sv_slice s, unsigned *ret)
{
    unsigned long long v;
    if (!sv_slice_u64(s, &v) || v > 65535)
        return false;
    *ret = (unsigned)v;
    return true;
}

/* "host:port", "host", "port", ":port", "*:port", "[::]:port"; what is missing stays. */
static void parse_address(struct sv_slice text, struct sv_slice *host, unsigned *port)
{
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':' && text.p[colon - 1] != ']')
        colon--;
    if (text.n == 0 || is_number(text, port))
        return;
    bool has_port = colon > 0 && text.p[colon - 1] == ':' &&
                    is_number(sv_slice_sub(text, colon, text.n), port);
    struct sv_slice name = has_port ? sv_slice_sub(text, 0, colon - 1) : text;
    *host = name.n == 0 || sv_slice_is(name, "*") ? SV_LIT("0.0.0.0") : name;
}

static bool is_loopback(struct sv_slice host)
{
    return sv_slice_starts(host, "127.") || sv_slice_is(host, "localhost") ||
           sv_slice_is(host, "::1") || sv_slice_is(host, "[::1]");
}

/* The value of "address=" among JDWP's options; server=n calls out instead of listening. */
static bool jdwp_address(struct sv_slice options, struct sv_slice *ret)
{
    *ret = (struct sv_slice){"", 0};
    bool listens = false;
    while (options.n) {
        struct sv_slice part = sv_slice_sub(options, 0, sv_slice_chr(options, ','));
        if (sv_slice_starts(part, "address="))
            *ret = sv_slice_sub(part, 8, part.n);
        listens |= sv_slice_is(part, "server=y");
        options = sv_slice_sub(options, part.n + 1, options.n);
    }
    return listens;
}

/* ---- one row ---- */

/* The value that the switch has in words[i]; false if it is not the switch. */
static bool value_in_word(const struct row *row, const struct sv_debug_input *in, size_t i,
                          struct sv_slice *ret)
{
    struct sv_slice word = in->words[i];
    if (!sv_slice_starts(word, row->name))
        return false;
    size_t n = strlen(row->name);
    bool ends = word.n == n;
    *ret = sv_slice_sub(word, n, word.n);
    switch (row->form) {
    case WORD:
        return ends;
    case PREFIX:
        return true;
    case OPTION:
    case NEXT:
        if (!ends && word.p[n] == '=') {
            *ret = sv_slice_sub(word, n + 1, word.n);
            return true;
        }
        if (ends && row->form == NEXT && i + 1 < in->n_words &&
            in->words[i + 1].n && in->words[i + 1].p[0] != '-')
            *ret = in->words[i + 1];
        return ends;
    case VARIABLE:
        return false;
    }
    return false;
}

static void found(struct sv_arena *a, const struct row *row, struct sv_slice value,
                  struct sv_slice text, struct sv_debug_list *ret)
{
    struct sv_slice host = sv_slice_of(row->host);
    unsigned port = row->port;
    if (strstr(row->name, "jdwp") && !jdwp_address(value, &value))
        return;
    if (row->values && !lists(row->values, value))
        return;
    if (row->host && !row->values)
        parse_address(value, &host, &port);
    sv_vec_each(f, &ret->list)
    {
        if (strcmp(f->what, row->what) == 0)
            return;
    }
    enum sv_debug_reach reach = !row->host          ? SV_DEBUG_PAGES
                                : is_loopback(host) ? SV_DEBUG_LOCAL
                                                    : SV_DEBUG_NETWORK;
    struct sv_debug_found f = {.what = row->what, .gives = row->gives, .fix = row->fix,
                               .port = port, .reach = reach, .text = text,
                               .severity = reach == SV_DEBUG_NETWORK ? row->network : row->local};
    if (row->host)
        f.address = sv_arena_printf(a, "%.*s:%u", (int)host.n, host.p, port);
    sv_vec_push(a, &ret->list, f);
}

/* Xdebug's modes that call a debugger; "develop" and "coverage" do not. */
static bool harmless(const struct row *row, struct sv_slice value)
{
    return strcmp(row->name, "XDEBUG_MODE") == 0 && sv_slice_find(value, "debug") == value.n;
}

/* Options for java and node that come through the environment. */
static bool holds_options(struct sv_slice name)
{
    return sv_slice_is(name, "NODE_OPTIONS") || sv_slice_is(name, "JAVA_TOOL_OPTIONS") ||
           sv_slice_is(name, "JAVA_OPTS") || sv_slice_is(name, "JDK_JAVA_OPTIONS") ||
           sv_slice_is(name, "CATALINA_OPTS");
}

static void by_options(struct sv_arena *a, const struct sv_debug_env *env,
                       struct sv_debug_list *ret)
{
    SV_VEC(struct sv_slice) words = {0};
    sv_vec_push(a, &words, sv_slice_is(env->name, "NODE_OPTIONS") ? SV_LIT("node") : SV_LIT("java"));
    for (struct sv_slice rest = env->value; rest.n;) {
        struct sv_slice word = sv_slice_sub(rest, 0, sv_slice_chr(rest, ' '));
        if (word.n)
            sv_vec_push(a, &words, word);
        rest = sv_slice_sub(rest, word.n + 1, rest.n);
    }
    sv_debug_switches(a, &(struct sv_debug_input){.words = words.v, .n_words = words.n}, ret);
}

void sv_debug_switches(struct sv_arena *a, const struct sv_debug_input *in,
                       struct sv_debug_list *ret)
{
    struct sv_slice value;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct row *row = &rows[r];
        /* debugpy's --listen is an option of many other programs. */
        bool other = row->programs && strcmp(row->programs, PYTHONS) == 0 && !has_word(in, "debugpy");
        for (size_t i = 0; i < in->n_words && !other && row->form != VARIABLE; i++)
            if (value_in_word(row, in, i, &value) && runs(in, row->programs))
                found(a, row, value, in->words[i], ret);
        for (size_t i = 0; i < in->n_env && row->form == VARIABLE; i++)
            if (sv_slice_is(in->env[i].name, row->name) && !harmless(row, in->env[i].value))
                found(a, row, in->env[i].value, in->env[i].name, ret);
    }
    for (size_t i = 0; i < in->n_env; i++)
        if (holds_options(in->env[i].name))
            by_options(a, &in->env[i], ret);
}
