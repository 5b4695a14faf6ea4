// SPDX-License-Identifier: Apache-2.0
// Command-line options, for all commands from one table.
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/net.h"

enum { AUDIT = 1, URL = 2, CHECKS = 4, EXPLAIN = 8, SECRETS = 16, ALL = 31,
       REPORTS = AUDIT | SECRETS };
enum id { FORMAT, OUTPUT, FAIL_ON, MIN_SEVERITY, ONLY, SKIP, RULES, ROOT, CLIENT, JOBS, NO_LIVE,
          BATCH, REVERSE, COLOR, PROGRESS, NO_PROGRESS, QUIET, VERBOSE, VERSION, HELP };

static const struct option_row {
    enum id id;
    char letter;
    const char *name, *argument;
    unsigned commands;
    const char *help;
} table[] = {
    {FORMAT, 'f', "format", "FORMAT", REPORTS | CHECKS, "text (default) or json"},
    {OUTPUT, 'o', "output", "FILE", REPORTS,
     "write the report to FILE (mode 0600, replaced at once)"},
    {FAIL_ON, 0, "fail-on", "LEVEL", REPORTS,
     "exit 1 from this severity on: critical, high, medium, low (default), info, never"},
    {MIN_SEVERITY, 0, "min-severity", "LEVEL", REPORTS, "show findings from this severity on"},
    {ONLY, 0, "only", "GLOB", REPORTS, "run only these checks, for example 'nginx.*' or 'secrets.aws-*'"},
    {SKIP, 0, "skip", "GLOB", REPORTS, "do not run these checks"},
    {RULES, 0, "rules", "PATH", AUDIT | CHECKS | EXPLAIN,
     "more checks, from a rule file or a folder of them (YAML)"},
    {ROOT, 0, "root", "DIR", REPORTS | URL, "audit the system whose / is DIR"},
    {CLIENT, 0, "client", "ADDR", AUDIT | URL,
     "requests come from ADDR (default: a stranger that no rule names)"},
    {JOBS, 0, "jobs", "N", REPORTS, "search with N threads (default: one for each processor)"},
    {NO_LIVE, 0, "no-live", NULL, AUDIT,
     "do not look at running processes (default: root does, for its own machine's /etc)"},
    {BATCH, 0, "batch", "FILE", URL,
     "one URL a line from FILE (- is standard input), JSON lines out"},
    {REVERSE, 0, "reverse", "FILE", URL, "print every URL that yields FILE"},
    {COLOR, 0, "color", "WHEN", REPORTS, "auto (default), always or never"},
    {PROGRESS, 0, "progress", NULL, REPORTS,
     "show what is looked at from the start, on any output"},
    {NO_PROGRESS, 0, "no-progress", NULL, REPORTS,
     "never show it (default: on a terminal, if it takes time)"},
    {QUIET, 'q', "quiet", NULL, REPORTS, "print nothing; the exit status tells"},
    {VERBOSE, 'v', "verbose", NULL, REPORTS, "more: every route, info findings, notes"},
    {VERSION, 0, "version", NULL, ALL, "print the version"},
    {HELP, 'h', "help", NULL, ALL, "print this"},
};

static const struct {
    const char *name, *usage;
    unsigned bit;
} commands[] = {
    {"audit", "srvaudit [OPTION]... [PATH]...\n"
              "       srvaudit url|secrets|checks|explain ...", AUDIT},
    {"secrets", "srvaudit secrets [OPTION]... [PATH]...", SECRETS},
    {"url", "srvaudit url [OPTION]... URL [PATH]...\n"
            "       srvaudit url --batch FILE [PATH]...\n"
            "       srvaudit url --reverse FILE [PATH]...", URL},
    {"checks", "srvaudit checks [--format json]", CHECKS},
    {"explain", "srvaudit explain ID", EXPLAIN},
};

static unsigned bit_of(const char *command)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, command) == 0)
            return commands[i].bit;
    return AUDIT;
}

void sv_options_help(const char *command)
{
    unsigned bit = bit_of(command);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].bit == bit)
            printf("usage: %s\n\n", commands[i].usage);
    if (bit == AUDIT)
        puts("What can a stranger read from this server, and which configuration lines let it out?\n"
             "PATH is a folder or a configuration file; without PATH, /etc.\n");
    if (bit == SECRETS)
        puts("Every secret in the files below PATH, exposed or not, with who can read it.\n"
             "PATH is a folder or a file; without PATH, /etc. No secret is printed.\n");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char left[64];
        if (!(table[i].commands & bit))
            continue;
        snprintf(left, sizeof left, "%s%c%s--%s%s%s", table[i].letter ? "-" : " ",
                 table[i].letter ? table[i].letter : ' ', table[i].letter ? ", " : "  ",
                 table[i].name, table[i].argument ? " " : "",
                 table[i].argument ? table[i].argument : "");
        printf("  %-26s %s\n", left, table[i].help);
    }
    if (bit & REPORTS)
        puts("\nExit status: 0 nothing found, 1 something from --fail-on on, 2 usage error,\n"
             "3 nothing found but part could not be read or understood.");
}

static int refuse(const char *fmt, const char *what)
{
    fputs("srvaudit: ", stderr);
    fprintf(stderr, fmt, what);
    fputs("\n", stderr);
    return 2;
}

static bool level(const char *text, enum sv_severity *ret)
{
    return sv_severity_parse(sv_slice_of(text), ret);
}

static int jobs(const char *text, unsigned *ret)
{
    unsigned long long n;
    if (!sv_slice_u64(sv_slice_of(text), &n) || n < 1 || n > SV_MAX_JOBS)
        return refuse("--jobs: \"%s\" is no number of threads (1 to 64)", text);
    *ret = (unsigned)n;
    return 0;
}

static int set(struct sv_options *o, enum id id, const char *v)
{
    switch (id) {
    case FORMAT:
        o->json = strcmp(v, "json") == 0;
        if (!o->json && strcmp(v, "text") != 0)
            return refuse("report format \"%s\" is not available; text and json are", v);
        return 0;
    case OUTPUT:
        o->output = v;
        return 0;
    case FAIL_ON:
        o->never_fail = strcmp(v, "never") == 0;
        if (!o->never_fail && !level(v, &o->fail_on))
            return refuse("--fail-on: \"%s\" is no severity", v);
        return 0;
    case MIN_SEVERITY:
        return level(v, &o->min_severity) ? 0
                                          : refuse("--min-severity: \"%s\" is no severity", v);
    case ONLY:
        o->only = v;
        return 0;
    case SKIP:
        o->skip = v;
        return 0;
    case RULES:
        o->rules = v;
        return 0;
    case ROOT:
        o->root = v;
        return 0;
    case CLIENT:
        o->client = v;
        return sv_net_holds(sv_slice_of(v), sv_slice_of(v), NULL)
                   ? 0
                   : refuse("--client: \"%s\" is no IP address", v);
    case JOBS:
        return jobs(v, &o->jobs);
    case NO_LIVE:
        o->no_live = true;
        return 0;
    case BATCH:
        o->batch = v;
        return 0;
    case REVERSE:
        o->reverse = v;
        return 0;
    case COLOR:
        o->color = strcmp(v, "always") == 0  ? SV_COLOR_ALWAYS
                   : strcmp(v, "never") == 0 ? SV_COLOR_NEVER
                                             : SV_COLOR_AUTO;
        if (o->color == SV_COLOR_AUTO && strcmp(v, "auto") != 0)
            return refuse("--color: \"%s\" is not auto, always or never", v);
        return 0;
    case PROGRESS:
        o->progress = SV_PROGRESS_ALWAYS;
        return 0;
    case NO_PROGRESS:
        o->progress = SV_PROGRESS_NEVER;
        return 0;
    case QUIET:
        o->quiet = true;
        return 0;
    case VERBOSE:
        o->verbose = true;
        return 0;
    case VERSION:
        o->version = true;
        return 0;
    case HELP:
        o->help = true;
        return 0;
    }
    return 2;
}

static const struct option_row *find(unsigned bit, const char *name, size_t n, char letter)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct option_row *row = &table[i];
        if (!(row->commands & bit))
            continue;
        if (letter ? row->letter == letter
                   : strlen(row->name) == n && memcmp(row->name, name, n) == 0)
            return row;
    }
    return NULL;
}

/* An option of another command: most likely the command does not come first. */
static int unknown(const char *arg, size_t n, char letter)
{
    const struct option_row *row = find(ALL, arg + 2, n, letter);
    for (size_t i = 0; row && i < sizeof commands / sizeof *commands; i++) {
        if (!(row->commands & commands[i].bit))
            continue;
        fprintf(stderr, "srvaudit: option %s belongs to:\n       %s\n", arg, commands[i].usage);
        return 2;
    }
    return refuse("option %s is not known here; see --help", arg);
}

/* "srvaudit --root / url ..." would look for a folder of that name. */
static int misplaced(unsigned bit, const struct sv_options *o)
{
    for (size_t i = 0; i < o->n_paths && bit == AUDIT; i++)
        for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
            if (strcmp(o->paths[i], commands[k].name) == 0)
                return refuse("the command comes first: srvaudit %s ...", o->paths[i]);
    return 0;
}

int sv_options_parse(const char *command, int argc, char **argv, struct sv_options *ret)
{
    struct sv_options o = {.fail_on = SV_LOW, .min_severity = SV_INFO, .root = "/"};
    unsigned bit = bit_of(command);
    o.inventory = bit == SECRETS;
    o.paths = calloc((size_t)argc + 1, sizeof *o.paths);
    if (!o.paths)
        abort();
    bool only_paths = false;
    for (int i = 0; i < argc; i++) {
        const char *arg = argv[i], *value = NULL;
        if (only_paths || arg[0] != '-' || arg[1] == '\0') {
            o.paths[o.n_paths++] = arg;
            continue;
        }
        if (strcmp(arg, "--") == 0) {
            only_paths = true;
            continue;
        }
        bool is_long = arg[1] == '-';
        size_t n = is_long ? strcspn(arg + 2, "=") : 1;
        const struct option_row *row = find(bit, arg + 2, n, is_long ? 0 : arg[1]);
        if (!row) {
            free(o.paths);
            return unknown(arg, n, is_long ? 0 : arg[1]);
        }
        if (is_long && arg[2 + n] == '=')
            value = arg + 3 + n;
        else if (!is_long && arg[2])
            value = arg + 2;
        if (row->argument && !value && i + 1 < argc)
            value = argv[++i];
        int rc = (row->argument != NULL) != (value != NULL)
                     ? refuse(row->argument ? "option %s needs a value"
                                            : "option %s takes no value", arg)
                     : set(&o, row->id, value);
        if (rc) {
            free(o.paths);
            return rc;
        }
    }
    int rc = o.help ? 0 : misplaced(bit, &o);
    if (rc)
        free(o.paths);
    else
        *ret = o;
    return rc;
}
