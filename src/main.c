// SPDX-License-Identifier: Apache-2.0
// argv to command to exit status.
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"

static const struct command {
    const char *name;
    int (*run)(const struct sv_options *o);
} commands[] = {
    {"secrets", sv_cmd_secrets},
    {"url", sv_cmd_url},
    {"checks", sv_cmd_checks},
    {"explain", sv_cmd_explain},
};

static const char *const planned[] = {"trace", "report"};

/* Without TZ the C library looks for a new /etc/localtime each time that a date is asked for, which
 * libarchive does for each member of an archive. The same file by name is read once. */
static void fix_time_zone(void)
{
    if (!getenv("TZ"))
        setenv("TZ", ":/etc/localtime", 0);
}

int main(int argc, char **argv)
{
    struct command cmd = {"audit", sv_cmd_audit};
    struct sv_options o;
    int skip = 1;
    fix_time_zone();
    for (size_t i = 0; argc > 1 && i < sizeof planned / sizeof *planned; i++) {
        if (strcmp(argv[1], planned[i]) != 0)
            continue;
        fprintf(stderr, "srvaudit: the command \"%s\" is not available in this version\n", argv[1]);
        return 2;
    }
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            cmd = commands[i];
            skip = 2;
        }
    }
    int status = sv_options_parse(cmd.name, argc - skip, argv + skip, &o);
    if (status)
        return status;
    if (o.help)
        sv_options_help(cmd.name);
    else if (o.version)
        puts("srvaudit " SRVAUDIT_VERSION);
    else
        status = cmd.run(&o);
    free(o.paths);
    return status;
}
